//! Audio files as a stream of samples that the engine takes: one channel, 16 bits, a rate that it knows.

mod recorded;
mod resample;
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

use earwig_core::codec::cipher::Cipher;
use recorded::RecorderResult;
use resample::Resampler;
use riff::{Encoding, Layout};
use source::Source;

/// Rates that the engine takes as they are.
const ENGINE_RATES_HZ: [u32; 4] = [8000, 16000, 32000, 48000];
/// The rate that every other one is brought to, and that of headerless audio unless told.
const TELEPHONE_RATE_HZ: u32 = 8000;
/// Below this there is no room for the tones of a telephone; above it, no recording of one.
const RATES_HZ: std::ops::RangeInclusive<u32> = 4000..=384_000;

/// How headerless audio is coded.
#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
pub enum Raw {
    /// Signed 16 bits, little endian.
    S16,
    /// G.711 A-law.
    Alaw,
    /// G.711 u-law.
    Ulaw,
}

/// Which channel of a file is heard.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Channel {
    /// One of them, from 0.
    Index(usize),
    /// The mean of all.
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

/// What the command line says about reading.
#[derive(Clone, Debug)]
pub struct Options {
    /// Every file is headerless, and coded so.
    pub raw: Option<Raw>,
    /// Rate of headerless files; `None`: what the extension says, or 8000.
    pub rate_hz: Option<u32>,
    /// Which channel is heard.
    pub channel: Channel,
    /// What encrypted recordings are decrypted with.
    pub cipher: Option<Cipher>,
}

/// Whether a file found in a folder is taken for audio.
pub fn has_known_extension(path: &Path) -> bool {
    matches!(extension(path).as_str(), "wav" | "wave" | "flac") || raw_by_extension(path).is_some()
}

/// Headerless audio by its name, as Asterisk and sox name it.
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

/// An open file. Reads a block at a time: memory does not grow with the file.
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
    block: Vec<i16>,
    ended: bool,
    warning: Option<String>,
}

impl Audio {
    /// Opens a WAV, FLAC or headerless file. The error says why not, in words.
    pub fn open(path: &Path, options: &Options) -> Result<Self, String> {
        // Looked at before it is opened: to open a pipe would wait for its writer.
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
                let found = riff::find(&mut file, length)?;
                warning = found.warning;
                wave_reader(file, &found.layout, found.start, found.len)?
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
            (
                TELEPHONE_RATE_HZ,
                Some(Resampler::new(rate_hz, TELEPHONE_RATE_HZ)?),
            )
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
            block: Vec::new(),
            ended: false,
            warning,
        })
    }

    /// Rate of the samples that come out.
    pub fn rate_hz(&self) -> u32 {
        self.rate_hz
    }

    /// What was wrong with the file without making it unreadable.
    pub fn warning(&self) -> Option<&str> {
        self.warning.as_deref()
    }

    /// The next samples, or `None` at the end.
    pub fn next_block(&mut self) -> Result<Option<&[i16]>, String> {
        while !self.ended {
            self.mono.clear();
            self.ended = !self.read_packet()?;
            self.block.clear();
            match &mut self.resampler {
                None => self
                    .block
                    .extend(self.mono.iter().map(|&sample| to_i16(sample))),
                Some(resampler) => {
                    let block = &mut self.block;
                    let mut sink = |samples: &[f32]| {
                        block.extend(samples.iter().map(|&sample| to_i16(sample)))
                    };
                    resampler.write(&self.mono, &mut sink)?;
                    if self.ended {
                        resampler.finish(&mut sink)?;
                    }
                }
            }
            if !self.block.is_empty() {
                return Ok(Some(&self.block));
            }
        }
        Ok(None)
    }

    /// Fills `mono` with what one packet holds; false at the end of the file.
    fn read_packet(&mut self) -> Result<bool, String> {
        let packet = match self.format.next_packet() {
            Ok(Some(packet)) => packet,
            Ok(None) => return Ok(false),
            // A file that stops short has ended where it stops.
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
            // Silence of the same length, so that what follows keeps its time.
            Err(Error::DecodeError(reason)) => {
                let frames = usize::try_from(packet.dur.get())
                    .unwrap_or(0)
                    .min(*RATES_HZ.end() as usize);
                self.interleaved.clear();
                self.interleaved.resize(frames * self.channels, 0.0);
                self.warning.get_or_insert_with(|| {
                    format!("damaged audio was heard as silence ({reason})")
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

/// What a file is.
enum Container {
    Wave,
    Flac,
    Raw(Raw, u32),
}

/// By its first bytes; by its name only if they say nothing. Leaves the file at its start.
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

/// The audio at `start..start + len` behind a header of our own: whatever the file's header claimed, what symphonia
/// sees is short and right.
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
        Encoding::RecorderResult(format) => Box::new(ReadOnlySource::new(
            header.chain(RecorderResult::new(audio, format, layout)?),
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

/// Float files may hold anything; a NaN would spread through the resampler.
fn finite(sample: f32) -> f32 {
    if sample.is_finite() {
        sample.clamp(-1.0, 1.0)
    } else {
        0.0
    }
}

/// Exact for what was 16 bits.
fn to_i16(sample: f32) -> i16 {
    (sample * 32768.0).round().clamp(-32768.0, 32767.0) as i16
}
