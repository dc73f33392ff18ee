//! Finds the audio in a WAV file and checks the sizes that its header states.
//!
//! symphonia's WAV reader decodes the samples, but its own header parser refuses some files or reads them wrongly:
//! - `RF64` and `BW64`: files over 4 GiB, whose sizes are 64 bits in a chunk `ds64`;
//! - a data size of 0: the writer was killed before it finished the header;
//! - a data size beyond the end of the file: a copy broke off;
//! - OKI ADPCM, which the recorder writes.
//!
//! So this module finds the format and the bytes of the audio, and symphonia gets those bytes behind the header that [`header`]
//! makes. A wrong size is a warning, not an error: all audio that is in the file is analyzed. A data size of 0xffffffff, from a
//! writer to a pipe, means up to the end of the file.

use std::io::{Read, Seek, SeekFrom};

use earwig_core::types::RecorderFormat;

/// Chunks that are searched for the format and the audio: each costs a read.
const MAX_CHUNKS: usize = 4096;
/// Bytes of a format chunk that are read; real ones have 16 to 50.
const MAX_FORMAT_BYTES: u64 = 128;

/// Numbers of channels: symphonia names 26 positions.
const CHANNELS: std::ops::RangeInclusive<u16> = 1..=26;

/// Encoding of the samples.
#[derive(Clone, Debug, PartialEq)]
pub enum Encoding {
    /// Integers of 8, 16, 24 or 32 bits.
    Pcm { bits: u16 },
    /// Floats of 32 or 64 bits.
    Float { bits: u16 },
    /// G.711 A-law.
    Alaw,
    /// G.711 u-law.
    Ulaw,
    /// Microsoft (tag 2) or IMA (tag 0x11) ADPCM, with the extension of the format chunk: the bytes after its size field.
    Adpcm {
        tag: u16,
        block_bytes: u16,
        extension: Vec<u8>,
    },
    /// OKI ADPCM, or IMA ADPCM in blocks of 256 bytes a channel: the recorder's formats.
    RecorderAdpcm(RecorderFormat),
}

/// The content of a format chunk.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// Encoding of the samples.
    pub encoding: Encoding,
    /// Channels, 1 to 26.
    pub channels: u16,
    /// Frames per second.
    pub rate_hz: u32,
}

/// The audio of a WAV file.
#[derive(Debug)]
pub struct WavAudio {
    /// Its format.
    pub layout: Layout,
    /// Offset of the first byte of audio.
    pub start: u64,
    /// Bytes of audio from there; the file has them all.
    pub len: u64,
    /// How the size in the header differs from the file.
    pub warning: Option<String>,
}

/// Finds format and audio of a `RIFF`, `RF64` or `BW64` file of `file_len` bytes. The file stands at its start.
pub fn find_audio(file: &mut (impl Read + Seek), file_len: u64) -> Result<WavAudio, String> {
    let truncated = |_| "the file ends within its header".to_owned();
    let mut top = [0; 12];
    file.read_exact(&mut top).map_err(truncated)?;
    if &top[8..12] != b"WAVE" {
        return Err("a RIFF file, but not WAV".to_owned());
    }
    let riff_end = 8 + u64::from(u32_at(&top, 4));
    let mut data_bytes_64 = None;
    let mut layout = None;
    let mut data = None;
    let mut at = 12;
    for _ in 0..MAX_CHUNKS {
        if at + 8 > file_len {
            break;
        }
        let mut head = [0; 8];
        file.seek(SeekFrom::Start(at))
            .map_err(|error| error.to_string())?;
        file.read_exact(&mut head).map_err(truncated)?;
        let body = at + 8;
        let mut len = u64::from(u32_at(&head, 4));
        match &head[..4] {
            b"ds64" => {
                let bytes = read_up_to(file, 16)?;
                data_bytes_64 = (bytes.len() == 16).then(|| u64_at(&bytes, 8));
            }
            b"fmt " => layout = Some(parse_format(&read_up_to(file, len.min(MAX_FORMAT_BYTES))?)?),
            b"data" => {
                let stated = match (len, data_bytes_64) {
                    (0xffff_ffff, Some(bytes)) => Some(bytes),
                    (0xffff_ffff, None) => None,
                    (bytes, _) => Some(bytes),
                };
                let (present, warning) = data_len(stated, file_len - body, riff_end <= body);
                len = present;
                data = Some((body, present, warning));
            }
            _ => {}
        }
        if let (Some(layout), Some((start, len, warning))) = (&layout, &data) {
            return Ok(WavAudio {
                layout: layout.clone(),
                start: *start,
                len: *len,
                warning: warning.clone(),
            });
        }
        // Chunks begin at even offsets.
        at = body + len + len % 2;
    }
    match layout {
        None => Err("a WAV file without a format".to_owned()),
        Some(_) => Err("a WAV file without audio data".to_owned()),
    }
}

/// Bytes of audio, and a warning if they are not the bytes that the header states. `stated` is `None` for a writer to a pipe, `left`
/// the bytes from the start of the audio to the end of the file; `riff_is_over`: the RIFF chunk ends before the audio.
fn data_len(stated: Option<u64>, left: u64, riff_is_over: bool) -> (u64, Option<String>) {
    match stated {
        None => (left, None),
        // A size of 0 is true only if the RIFF chunk covers the chunks behind it.
        Some(0) if left > 0 && riff_is_over => (
            left,
            Some(format!(
                "the header was never finished; the {left} bytes after it were analysed"
            )),
        ),
        Some(bytes) if bytes > left => (
            left,
            Some(format!(
                "the header claims {bytes} bytes of audio, {left} are there and were analysed"
            )),
        ),
        Some(bytes) => (bytes, None),
    }
}

fn parse_format(bytes: &[u8]) -> Result<Layout, String> {
    if bytes.len() < 16 {
        return Err("a WAV file whose format is cut short".to_owned());
    }
    let (channels, rate_hz) = (u16_at(bytes, 2), u32_at(bytes, 4));
    let (block_bytes, bits) = (u16_at(bytes, 12), u16_at(bytes, 14));
    let mut tag = u16_at(bytes, 0);
    // WAVE_FORMAT_EXTENSIBLE: the tag is the first 2 bytes of the sub-format's GUID.
    if tag == 0xfffe && bytes.len() >= 26 {
        tag = u16_at(bytes, 24);
    }
    let encoding = match (tag, bits) {
        (0x0001, 8 | 16 | 24 | 32) => Encoding::Pcm { bits },
        (0x0003, 32 | 64) => Encoding::Float { bits },
        (0x0006, _) => Encoding::Alaw,
        (0x0007, _) => Encoding::Ulaw,
        (0x0010, 4) if channels <= 2 => Encoding::RecorderAdpcm(RecorderFormat::Oki),
        (0x0011, 4) if channels <= 2 && block_bytes == 256 * channels => {
            Encoding::RecorderAdpcm(RecorderFormat::Ima)
        }
        (0x0002 | 0x0011, 4) if bytes.len() >= 18 => {
            let end = bytes.len().min(18 + usize::from(u16_at(bytes, 16)));
            Encoding::Adpcm {
                tag,
                block_bytes,
                extension: bytes[18..end].to_vec(),
            }
        }
        (0x0001, _) => {
            return Err(format!(
                "WAV with PCM of {bits} bits; 8, 16, 24 and 32 can be read"
            ));
        }
        (0x0003, _) => {
            return Err(format!(
                "WAV with floats of {bits} bits; 32 and 64 can be read"
            ));
        }
        _ => {
            let name = match tag {
                0x0002 | 0x0010 | 0x0011 => "a damaged ADPCM format",
                0x0031 => "GSM 6.10",
                0x0040 | 0x0045 | 0x0064 => "G.726",
                0x0050 | 0x0055 => "MPEG audio",
                0x0083 => "G.729",
                _ => "a coding",
            };
            return Err(format!(
                "WAV with {name} (tag {tag:#06x}), which cannot be read"
            ));
        }
    };
    if !CHANNELS.contains(&channels) {
        return Err(format!(
            "a WAV file of {channels} channels; 1 to 26 can be read"
        ));
    }
    Ok(Layout {
        encoding,
        channels,
        rate_hz,
    })
}

/// A WAV header of `layout` for audio of unknown length: the sizes are 0xffffffff.
pub fn header(layout: &Layout) -> Vec<u8> {
    let channels = layout.channels;
    let linear = |tag, bits: u16| (tag, bits, channels.saturating_mul(bits / 8), None);
    let (tag, bits, block_bytes, extension) = match &layout.encoding {
        Encoding::Pcm { bits } => linear(0x0001, *bits),
        Encoding::Float { bits } => linear(0x0003, *bits),
        // `AdpcmReader` decodes it to 16 bits.
        Encoding::RecorderAdpcm(_) => linear(0x0001, 16),
        Encoding::Alaw => (0x0006, 8, channels, Some([].as_slice())),
        Encoding::Ulaw => (0x0007, 8, channels, Some([].as_slice())),
        Encoding::Adpcm {
            tag,
            block_bytes,
            extension,
        } => (*tag, 4, *block_bytes, Some(extension.as_slice())),
    };
    let mut format = Vec::new();
    format.extend(tag.to_le_bytes());
    format.extend(channels.to_le_bytes());
    format.extend(layout.rate_hz.to_le_bytes());
    format.extend(
        layout
            .rate_hz
            .saturating_mul(block_bytes.into())
            .to_le_bytes(),
    );
    format.extend(block_bytes.to_le_bytes());
    format.extend(bits.to_le_bytes());
    if let Some(extension) = extension {
        format.extend((extension.len() as u16).to_le_bytes());
        format.extend(extension);
    }
    let mut header = b"RIFF\xff\xff\xff\xffWAVEfmt ".to_vec();
    header.extend((format.len() as u32).to_le_bytes());
    header.extend(format);
    header.extend(b"data\xff\xff\xff\xff");
    header
}

fn read_up_to(file: &mut impl Read, len: u64) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    file.take(len)
        .read_to_end(&mut bytes)
        .map_err(|error| error.to_string())?;
    Ok(bytes)
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from(u16_at(bytes, at)) | u32::from(u16_at(bytes, at + 2)) << 16
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) | u64::from(u32_at(bytes, at + 4)) << 32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_size_beyond_the_end_of_the_file_is_cut_to_the_file() {
        assert_eq!(data_len(Some(100), 100, false), (100, None));
        assert_eq!(data_len(Some(100), 300, false), (100, None));
        assert_eq!(data_len(None, 300, false), (300, None));
        let (len, warning) = data_len(Some(1 << 30), 320, false);
        assert_eq!((len, warning.is_some()), (320, true));
    }

    #[test]
    fn a_size_of_zero_is_true_only_if_the_riff_chunk_covers_the_rest() {
        assert_eq!(data_len(Some(0), 26, false), (0, None));
        assert_eq!(data_len(Some(0), 0, true), (0, None));
        let (len, warning) = data_len(Some(0), 320, true);
        assert_eq!((len, warning.is_some()), (320, true));
    }

    #[test]
    fn a_written_header_parses_to_the_same_layout() {
        let adpcm = Encoding::Adpcm {
            tag: 0x11,
            block_bytes: 256,
            extension: vec![0xf9, 0x01],
        };
        for encoding in [
            Encoding::Pcm { bits: 24 },
            Encoding::Float { bits: 64 },
            Encoding::Ulaw,
            Encoding::Alaw,
            adpcm,
        ] {
            let layout = Layout {
                encoding,
                channels: 2,
                rate_hz: 44_100,
            };
            let header = header(&layout);
            let len = u32_at(&header, 16) as usize;
            assert_eq!(parse_format(&header[20..20 + len]), Ok(layout));
        }
    }
}
