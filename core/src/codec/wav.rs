//! The WAV container: writing and parsing of headers. Files above 4 GiB are RF64.
#![forbid(unsafe_code)]

use super::{Layout, ima};
use crate::types::{Error, RecorderFormat, Status};

/// Bytes of the `ds64` chunk, or of the `JUNK` chunk that reserves its space: head, three sizes of 64 bits (RIFF, data,
/// samples) and an empty table.
const DS64_BYTES: usize = 8 + 28;

/// Audio at this offset or later has the space for `ds64` before it.
pub const LARGE_BEGINS: u64 = 12 + DS64_BYTES as u64 + 8 + 16 + 8;

/// Value of a 32-bit size whose true value is in `ds64`.
const SEE_DS64: u32 = u32::MAX;

/// Maximum size of a plain RIFF.
const RIFF_MAX: u64 = u32::MAX as u64;

/// The header of a file with `samples` samples per channel in `bytes` bytes of audio. `large`: reserves the space for `ds64`,
/// and makes the file RF64 if its sizes need 64 bits.
pub fn header(layout: Layout, samples: u64, bytes: u64, large: bool) -> Vec<u8> {
    header_before(layout, samples, bytes, large, 0)
}

/// The same for a file in which chunks of `after` bytes follow the audio.
pub fn header_before(layout: Layout, samples: u64, bytes: u64, large: bool, after: u64) -> Vec<u8> {
    let mut h = Vec::with_capacity(128);
    h.extend_from_slice(b"RIFF\0\0\0\0WAVE");
    if large {
        h.extend_from_slice(b"JUNK");
        h.extend_from_slice(&(DS64_BYTES as u32 - 8).to_le_bytes());
        h.resize(h.len() + DS64_BYTES - 8, 0);
    }
    format(layout, &mut h);
    let fact = h.len() + 8;
    if layout.format != RecorderFormat::S16bit && layout.format != RecorderFormat::U8bit {
        h.extend_from_slice(b"fact");
        h.extend_from_slice(&4u32.to_le_bytes());
        h.extend_from_slice(&small(samples).to_le_bytes());
    }
    h.extend_from_slice(b"data");
    h.extend_from_slice(&small(bytes).to_le_bytes());
    let riff = h.len() as u64 - 8 + bytes + bytes % 2 + after;
    if large && riff.max(samples) > RIFF_MAX {
        h[..4].copy_from_slice(b"RF64");
        h[12..16].copy_from_slice(b"ds64");
        for (i, size) in [riff, bytes, samples].into_iter().enumerate() {
            h[20 + 8 * i..28 + 8 * i].copy_from_slice(&size.to_le_bytes());
        }
        let end = h.len();
        h[end - 4..].copy_from_slice(&SEE_DS64.to_le_bytes());
        if fact + 8 < end {
            h[fact..fact + 4].copy_from_slice(&SEE_DS64.to_le_bytes());
        }
    }
    h[4..8].copy_from_slice(&small(riff).to_le_bytes());
    h
}

fn small(size: u64) -> u32 {
    u32::try_from(size).unwrap_or(SEE_DS64)
}

/// Whether a file of up to `bytes` bytes of audio needs the space for `ds64`. A byte has at most two samples.
pub fn may_be_large(bytes: u64) -> bool {
    bytes > RIFF_MAX / 2 - 1024
}

fn format(layout: Layout, h: &mut Vec<u8>) {
    let (channels, rate) = (layout.channels, layout.rate_hz);
    let (tag, bits): (u16, u16) = match layout.format {
        RecorderFormat::S16bit => (1, 16),
        RecorderFormat::U8bit => (1, 8),
        RecorderFormat::Alaw => (6, 8),
        RecorderFormat::Ulaw => (7, 8),
        RecorderFormat::Oki => (0x10, 4),
        RecorderFormat::Ima => (0x11, 4),
    };
    // Extension after the 16 bytes of PCM: its size, and for IMA the samples of a block, for OKI the number of poles (0).
    let extension: &[u8] = &match layout.format {
        RecorderFormat::S16bit | RecorderFormat::U8bit => vec![],
        RecorderFormat::Alaw | RecorderFormat::Ulaw => vec![0, 0],
        RecorderFormat::Oki => vec![2, 0, 0, 0],
        RecorderFormat::Ima => [[2, 0], (ima::BLOCK_SAMPLES as u16).to_le_bytes()].concat(),
    };
    let block = layout.block_bytes();
    let per_second = u64::from(rate) * block / layout.block_samples();
    h.extend_from_slice(b"fmt ");
    h.extend_from_slice(&(16 + extension.len() as u32).to_le_bytes());
    h.extend_from_slice(&tag.to_le_bytes());
    h.extend_from_slice(&channels.to_le_bytes());
    h.extend_from_slice(&rate.to_le_bytes());
    h.extend_from_slice(&(per_second as u32).to_le_bytes());
    h.extend_from_slice(&(block as u16).to_le_bytes());
    h.extend_from_slice(&bits.to_le_bytes());
    h.extend_from_slice(extension);
}

/// Whether a file begins with the header of this layout, whatever the sizes in it. `false`: it is damaged, or of another program.
pub fn has_header(head: &[u8], layout: Layout, large: bool) -> bool {
    let expected = header(layout, 0, 0, large);
    let Some(found) = head.get(..expected.len()) else {
        return false;
    };
    let format = 12 + if large { DS64_BYTES } else { 0 };
    let sizes = |at: usize| {
        let fact = expected.len() - 12..expected.len() - 8;
        let has_fact = expected[fact.start - 8..fact.start - 4] == *b"fact";
        (0..8).contains(&at)
            || (12..format).contains(&at)
            || (has_fact && fact.contains(&at))
            || at >= expected.len() - 4
    };
    let mut pairs = expected.iter().zip(found).enumerate();
    pairs.all(|(at, (expected, found))| expected == found || sizes(at))
}

/// A parsed header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parsed {
    /// Format, channels and rate.
    pub layout: Layout,
    /// Offset of the audio in the file.
    pub begins: u64,
    /// Bytes of audio according to the header.
    pub bytes: u64,
    /// Samples per channel according to the header, or computed from `bytes`.
    pub samples: u64,
    /// Length of the file: the size of RIFF and the 8 bytes before it.
    pub length: u64,
}

impl Parsed {
    /// Bytes of the chunks after the audio and its padding; `None` if the sizes disagree.
    pub fn after(&self) -> Option<u64> {
        let end = self.begins.checked_add(self.bytes)?;
        self.length.checked_sub(end.checked_add(self.bytes % 2)?)
    }
}

/// Maximum offset of the audio that [`parse`] accepts.
pub const HEADER_MAX: usize = 4096;

/// Parses the header of a file that the recorder wrote. `head`: the first bytes of the file, up to [`HEADER_MAX`]. Returns
/// [`Status::ErrFile`] if it is not a WAV file in one of the recorder's layouts.
pub fn parse(head: &[u8]) -> Result<Parsed, Error> {
    let error = |what: &'static str| Error::new(Status::ErrFile, what);
    let field = |at: usize, n: usize| head.get(at..at + n).ok_or(error("the header is cut off"));
    let number = |at: usize, n: usize| {
        let mut bytes = [0; 8];
        bytes[..n].copy_from_slice(field(at, n)?);
        Ok::<u64, Error>(u64::from_le_bytes(bytes))
    };
    let kind = field(0, 4)?;
    if !(kind == b"RIFF" || kind == b"RF64") || field(8, 4)? != b"WAVE" {
        return Err(error("it is not a WAV file"));
    }
    let (mut layout, mut fact, mut large) = (None, None, None);
    let mut at = 12;
    loop {
        let (size, begins) = (number(at + 4, 4)?, at + 8);
        match field(at, 4)? {
            b"ds64" => {
                large = Some((
                    number(begins, 8)?,
                    number(begins + 8, 8)?,
                    number(begins + 16, 8)?,
                ))
            }
            b"fmt " => {
                let format = match (number(begins, 2)?, number(begins + 14, 2)?) {
                    (1, 16) => RecorderFormat::S16bit,
                    (1, 8) => RecorderFormat::U8bit,
                    (6, 8) => RecorderFormat::Alaw,
                    (7, 8) => RecorderFormat::Ulaw,
                    (0x10, 4) => RecorderFormat::Oki,
                    (0x11, 4) => RecorderFormat::Ima,
                    _ => return Err(error("the recorder does not write its codec")),
                };
                let (channels, rate) = (number(begins + 2, 2)?, number(begins + 4, 4)?);
                let found = Layout::new(format, channels as u16, rate as u32)
                    .map_err(|e| Error::new(Status::ErrFile, e.text))?;
                if number(begins + 12, 2)? != found.block_bytes() {
                    return Err(error("the recorder does not write its block size"));
                }
                layout = Some(found);
            }
            b"fact" => fact = Some(number(begins, 4)?),
            b"data" => {
                let layout = layout.ok_or(error("the format chunk is missing before the audio"))?;
                let (riff, bytes, samples) = match (kind, large) {
                    (b"RF64", Some((riff, bytes, samples))) => (riff, bytes, Some(samples)),
                    _ => (number(4, 4)?, size, fact),
                };
                return Ok(Parsed {
                    layout,
                    begins: begins as u64,
                    bytes,
                    samples: samples.unwrap_or(layout.samples(bytes)),
                    length: riff.saturating_add(8),
                });
            }
            _ => {}
        }
        at = begins.saturating_add(size as usize + size as usize % 2);
        if at > HEADER_MAX {
            return Err(error(
                "the data chunk does not start within the first 4096 bytes",
            ));
        }
    }
}
