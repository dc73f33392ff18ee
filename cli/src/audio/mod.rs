//! Decodes audio files to the samples that the engine processes: one channel, 16 bits, 8, 16, 32 or 48 kHz.

mod adpcm_reader;
mod riff;
mod source;

use std::io::{Cursor, ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;
use std::str::FromStr;

use clap::ValueEnum;
use symphonia::core::codecs::CodecParameters;
use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error;
use symphonia::core::formats::{FormatOptions, FormatReader, TrackType};
use symphonia::core::io::{MediaSource, MediaSourceStream, ReadOnlySource};
use symphonia::default::formats::{FlacReader, WavReader};

use adpcm_reader::AdpcmReader;
use earwig_core::codec::cipher::Cipher;
use earwig_core::dsp::resample::Resampler;
use riff::{Encoding, Layout};
use source::Source;

/// Sample rates of the engine, in Hz: no conversion.
const ENGINE_RATES_HZ: [u32; 4] = [8000, 16000, 32000, 48000];
/// Every other rate is converted to this one, in Hz. Default rate of headerless audio.
const TELEPHONE_RATE_HZ: u32 = 8000;
/// Rates in Hz that can be read: 4000 Hz is the lowest that holds DTMF (up to 1633 Hz) and fax tones, 384 kHz the highest of PCM
/// files.
const RATES_HZ: std::ops::RangeInclusive<u32> = 4000..=384_000;

/// Encoding of headerless audio.
#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub enum Raw {
    /// Signed 16 bits, little endian.
    S16,
    /// G.711 A-law.
    Alaw,
    /// G.711 u-law.
    Ulaw,
}

/// The channel of a file that is analyzed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Channel {
    /// One channel, counted from 0.
    Index(usize),
    /// The mean of all channels.
    Mix,
}

impl FromStr for Channel {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "mix" {
            return Ok(Self::Mix);
        }
        text.parse()
            .map(Self::Index)
            .map_err(|_| "a number from 0, or mix".to_owned())
    }
}

/// Options of the command line for reading files.
#[derive(Clone, Debug)]
pub struct Options {
    /// Treat every file as headerless audio of this encoding.
    pub raw: Option<Raw>,
    /// Rate of headerless files in Hz; `None`: from the extension, or 8000.
    pub rate_hz: Option<u32>,
    /// The channel that is analyzed.
    pub channel: Channel,
    /// Decrypts encrypted recordings.
    pub cipher: Option<Cipher>,
}

/// Whether a file in a folder has the extension of an audio file.
pub fn has_known_extension(path: &Path) -> bool {
    matches!(extension(path).as_str(), "wav" | "wave" | "flac") || raw_by_extension(path).is_some()
}

/// Encoding and rate in Hz of headerless audio, from the extensions that Asterisk and SoX use.
fn raw_by_extension(path: &Path) -> Option<(Raw, u32)> {
    Some(match extension(path).as_str() {
        "ul" | "ulaw" => (Raw::Ulaw, TELEPHONE_RATE_HZ),
        "al" | "alaw" => (Raw::Alaw, TELEPHONE_RATE_HZ),
        "raw" | "sln" => (Raw::S16, TELEPHONE_RATE_HZ),
        "sln12" => (Raw::S16, 12_000),
        "sln16" => (Raw::S16, 16_000),
        "sln24" => (Raw::S16, 24_000),
        "sln32" => (Raw::S16, 32_000),
        "sln44" => (Raw::S16, 44_100),
        "sln48" => (Raw::S16, 48_000),
        "sln96" => (Raw::S16, 96_000),
        "sln192" => (Raw::S16, 192_000),
        _ => return None,
    })
}

fn extension(path: &Path) -> String {
    path.extension()
        .map(|text| text.to_string_lossy().to_ascii_lowercase())
        .unwrap_or_default()
}

/// An open audio file. Decodes one packet at a time: memory does not grow with the file.
pub struct Audio {
    format: Box<dyn FormatReader>,
    decoder: Box<dyn AudioDecoder>,
    track: u32,
    channel: Channel,
    channels: usize,
    rate_hz: u32,
    resampler: Option<Resampler>,
    interleaved: Vec<f32>,
    mono: Vec<f32>,
    /// The resampler's input.
    pcm: Vec<i16>,
    block: Vec<i16>,
    ended: bool,
    warning: Option<String>,
}

impl Audio {
    /// Opens a WAV, FLAC or headerless file. The error is a sentence for the user, without the path.
    pub fn open(path: &Path, options: &Options) -> Result<Self, String> {
        // Checked before opening: opening a FIFO blocks until a writer opens it.
        let metadata = std::fs::metadata(path).map_err(|error| error.to_string())?;
        if !metadata.is_file() {
            return Err("not a regular file".to_owned());
        }
        if metadata.len() == 0 {
            return Err("the file is empty".to_owned());
        }
        let mut file = Source::open(path, options.cipher.as_ref())?;
        let length = file.length();
        let mut warning = None;
        let format: Box<dyn FormatReader> = match container(&mut file, path, options)? {
            Container::Flac => {
                let source = MediaSourceStream::new(Box::new(file), Default::default());
                Box::new(FlacReader::try_new(source, FormatOptions::default()).map_err(unreadable)?)
            }
            Container::Wave => {
                let audio = riff::find_audio(&mut file, length)?;
                warning = audio.warning;
                wave_reader(file, &audio.layout, audio.start, audio.len)?
            }
            Container::Raw(raw, rate_hz) => {
                let encoding = match raw {
                    Raw::S16 => Encoding::Pcm { bits: 16 },
                    Raw::Alaw => Encoding::Alaw,
                    Raw::Ulaw => Encoding::Ulaw,
                };
                wave_reader(
                    file,
                    &Layout {
                        encoding,
                        channels: 1,
                        rate_hz,
                    },
                    0,
                    length,
                )?
            }
        };
        Self::start(format, options.channel, warning)
    }

    fn start(
        format: Box<dyn FormatReader>,
        channel: Channel,
        warning: Option<String>,
    ) -> Result<Self, String> {
        let track = format
            .default_track(TrackType::Audio)
            .ok_or("no audio in this file")?;
        let Some(CodecParameters::Audio(parameters)) = &track.codec_params else {
            return Err("no audio in this file".to_owned());
        };
        let track_id = track.id;
        let decoder = symphonia::default::get_codecs()
            .make_audio_decoder(parameters, &AudioDecoderOptions::default())
            .map_err(unreadable)?;
        let channels = parameters
            .channels
            .as_ref()
            .map_or(1, |channels| channels.count());
        if let Channel::Index(index) = channel
            && index >= channels
        {
            return Err(format!(
                "no channel {index}: the file has {channels}, counted from 0"
            ));
        }
        let rate_hz = parameters.sample_rate.unwrap_or(0);
        if !RATES_HZ.contains(&rate_hz) {
            return Err(format!(
                "a rate of {rate_hz} Hz; {} to {} Hz can be read",
                RATES_HZ.start(),
                RATES_HZ.end()
            ));
        }
        let (rate_hz, resampler) = if ENGINE_RATES_HZ.contains(&rate_hz) {
            (rate_hz, None)
        } else {
            let resampler = Resampler::new(rate_hz, TELEPHONE_RATE_HZ);
            let resampler = resampler.ok_or("a rate that cannot be converted")?;
            (TELEPHONE_RATE_HZ, Some(resampler))
        };
        Ok(Self {
            format,
            decoder,
            track: track_id,
            channel,
            channels,
            rate_hz,
            resampler,
            interleaved: Vec::new(),
            mono: Vec::new(),
            pcm: Vec::new(),
            block: Vec::new(),
            ended: false,
            warning,
        })
    }

    /// Rate of the decoded samples in Hz.
    pub fn rate_hz(&self) -> u32 {
        self.rate_hz
    }

    /// The first defect of the file that did not make it unreadable.
    pub fn warning(&self) -> Option<&str> {
        self.warning.as_deref()
    }

    /// The next samples, never an empty block; `None` at the end of the file.
    pub fn next_block(&mut self) -> Result<Option<&[i16]>, String> {
        while !self.ended {
            self.mono.clear();
            self.ended = !self.read_packet()?;
            self.block.clear();
            let pcm = self.mono.iter().map(|&sample| to_i16(sample));
            match &mut self.resampler {
                None => self.block.extend(pcm),
                Some(resampler) => {
                    self.pcm.clear();
                    self.pcm.extend(pcm);
                    resampler.process(&self.pcm, &mut self.block);
                    if self.ended {
                        resampler.finish(&mut self.block);
                    }
                }
            }
            if !self.block.is_empty() {
                return Ok(Some(&self.block));
            }
        }
        Ok(None)
    }

    /// Decodes one packet and appends it to `mono`; false at the end of the file.
    fn read_packet(&mut self) -> Result<bool, String> {
        let packet = match self.format.next_packet() {
            Ok(Some(packet)) => packet,
            Ok(None) => return Ok(false),
            // A truncated file ends where its bytes end.
            Err(Error::IoError(error)) if error.kind() == ErrorKind::UnexpectedEof => {
                return Ok(false);
            }
            Err(error) => return Err(unreadable(error)),
        };
        if packet.track_id != self.track {
            return Ok(true);
        }
        match self.decoder.decode(&packet) {
            Ok(audio) => audio.copy_to_vec_interleaved(&mut self.interleaved),
            // Silence of the same length, so that the audio behind it keeps its time.
            Err(Error::DecodeError(reason)) => {
                let frames = usize::try_from(packet.dur.get())
                    .unwrap_or(0)
                    .min(*RATES_HZ.end() as usize);
                self.interleaved.clear();
                self.interleaved.resize(frames * self.channels, 0.0);
                self.warning.get_or_insert_with(|| {
                    format!("damaged audio was replaced with silence ({reason})")
                });
            }
            Err(error) => return Err(unreadable(error)),
        }
        let frames = self.interleaved.chunks_exact(self.channels);
        match self.channel {
            Channel::Index(index) => self.mono.extend(frames.map(|frame| finite(frame[index]))),
            Channel::Mix => {
                let share = 1.0 / self.channels as f32;
                self.mono.extend(
                    frames.map(|frame| frame.iter().copied().map(finite).sum::<f32>() * share),
                );
            }
        }
        Ok(true)
    }
}

/// The container format of a file.
enum Container {
    Wave,
    Flac,
    Raw(Raw, u32),
}

/// Detects the container by its first 4 bytes, or else by the extension. Leaves the file at its start.
fn container(file: &mut Source, path: &Path, options: &Options) -> Result<Container, String> {
    let by_name = raw_by_extension(path);
    let rate_hz = options
        .rate_hz
        .or(by_name.map(|(_, rate_hz)| rate_hz))
        .unwrap_or(TELEPHONE_RATE_HZ);
    if let Some(raw) = options.raw {
        return Ok(Container::Raw(raw, rate_hz));
    }
    let mut magic = Vec::new();
    Read::by_ref(file)
        .take(4)
        .read_to_end(&mut magic)
        .map_err(|error| error.to_string())?;
    file.seek(SeekFrom::Start(0))
        .map_err(|error| error.to_string())?;
    match (magic.as_slice(), by_name) {
        (b"RIFF" | b"RF64" | b"BW64", _) => Ok(Container::Wave),
        (b"fLaC", _) => Ok(Container::Flac),
        (_, Some((raw, _))) => Ok(Container::Raw(raw, rate_hz)),
        _ => Err("neither WAV nor FLAC (for headerless audio, say --raw)".to_owned()),
    }
}

/// A reader of the bytes `start..start + len`, preceded by a header from [`riff::header`] instead of the file's own: symphonia
/// never parses a header with wrong sizes.
fn wave_reader(
    mut file: Source,
    layout: &Layout,
    start: u64,
    len: u64,
) -> Result<Box<dyn FormatReader>, String> {
    file.seek(SeekFrom::Start(start))
        .map_err(|error| error.to_string())?;
    let header = Cursor::new(riff::header(layout));
    let audio = file.take(len);
    let source: Box<dyn MediaSource> = match layout.encoding {
        Encoding::RecorderAdpcm(format) => Box::new(ReadOnlySource::new(
            header.chain(AdpcmReader::new(audio, format, layout.channels)?),
        )),
        _ => Box::new(ReadOnlySource::new(header.chain(audio))),
    };
    let source = MediaSourceStream::new(source, Default::default());
    Ok(Box::new(
        WavReader::try_new(source, FormatOptions::default()).map_err(unreadable)?,
    ))
}

fn unreadable(error: Error) -> String {
    match error {
        Error::IoError(error) if error.kind() == ErrorKind::UnexpectedEof => {
            "the file ends within its header".to_owned()
        }
        error => error.to_string(),
    }
}

/// Float files may hold infinities and NaN, and one NaN would spoil every sample of the resampler's filter.
fn finite(sample: f32) -> f32 {
    if sample.is_finite() {
        sample.clamp(-1.0, 1.0)
    } else {
        0.0
    }
}

/// Rounds to 16 bits; exact for samples that were 16 bits or less.
fn to_i16(sample: f32) -> i16 {
    (sample * 32768.0).round().clamp(-32768.0, 32767.0) as i16
}

#[cfg(test)]
mod tests;
