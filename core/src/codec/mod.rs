//! Samples to the bytes of a recording and back: G.711, ADPCM, PCM, the WAV container, the cipher.
#![forbid(unsafe_code)]

pub mod cipher;
pub mod g711;
pub mod ima;
pub mod oki;
pub mod wav;

use crate::types::{Error, RecorderFormat};

/// The rates at which recordings are made: the seed's, and two for wide-band calls.
pub const RATES_HZ: [u32; 6] = [6000, 8000, 11000, 11025, 16000, 48000];

/// How the audio of a file is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The codec.
    pub format: RecorderFormat,
    /// 1 or 2, interleaved.
    pub channels: u16,
    /// Sample rate.
    pub rate_hz: u32,
}

impl Layout {
    /// Mono or two channels at one of [`RATES_HZ`].
    pub fn new(format: RecorderFormat, channels: u16, rate_hz: u32) -> Result<Self, Error> {
        if !RATES_HZ.contains(&rate_hz) {
            return Err(Error::invalid(format!(
                "rate is {rate_hz}: it must be 6000, 8000, 11000, 11025, 16000 or 48000"
            )));
        }
        if !(1..=2).contains(&channels) {
            return Err(Error::invalid(format!(
                "channels is {channels}: it must be 1 or 2"
            )));
        }
        Ok(Self {
            format,
            channels,
            rate_hz,
        })
    }

    /// Bytes that belong together: the WAV container's block align.
    pub fn block_bytes(self) -> u64 {
        let channels = u64::from(self.channels);
        match self.format {
            RecorderFormat::Alaw | RecorderFormat::Ulaw | RecorderFormat::U8bit => channels,
            RecorderFormat::S16bit => 2 * channels,
            RecorderFormat::Oki => 1,
            RecorderFormat::Ima => ima::BLOCK_BYTES as u64 * channels,
        }
    }

    /// Samples (of each channel) in a block.
    pub fn block_samples(self) -> u64 {
        match self.format {
            RecorderFormat::Ima => ima::BLOCK_SAMPLES as u64,
            RecorderFormat::Oki => 2 / u64::from(self.channels),
            _ => 1,
        }
    }

    /// Bytes that so many samples (of each channel) take.
    pub fn bytes(self, samples: u64) -> u64 {
        let (blocks, rest) = (
            samples / self.block_samples(),
            samples % self.block_samples(),
        );
        let part = match (self.format, rest) {
            (_, 0) => 0,
            (RecorderFormat::Ima, rest) => ima::bytes(rest as usize) * u64::from(self.channels),
            _ => self.block_bytes(),
        };
        blocks * self.block_bytes() + part
    }

    /// The most samples (of each channel) that fit into so many bytes.
    pub fn samples(self, bytes: u64) -> u64 {
        let (blocks, rest) = (bytes / self.block_bytes(), bytes % self.block_bytes());
        let part = match self.format {
            RecorderFormat::Ima => ima::samples(rest / u64::from(self.channels)),
            _ => 0,
        };
        blocks
            .saturating_mul(self.block_samples())
            .saturating_add(part)
    }
}

/// Samples to bytes.
#[derive(Clone, Debug)]
pub struct Encoder(Coder);

#[derive(Clone, Debug)]
enum Coder {
    Alaw,
    Ulaw,
    S16,
    U8,
    Ima(ima::Encoder),
    Oki(oki::Encoder),
}

impl Encoder {
    /// An encoder at the beginning of a file.
    pub fn new(layout: Layout) -> Self {
        let channels = usize::from(layout.channels);
        Self(match layout.format {
            RecorderFormat::Alaw => Coder::Alaw,
            RecorderFormat::Ulaw => Coder::Ulaw,
            RecorderFormat::S16bit => Coder::S16,
            RecorderFormat::U8bit => Coder::U8,
            RecorderFormat::Ima => Coder::Ima(ima::Encoder::new(channels)),
            RecorderFormat::Oki => Coder::Oki(oki::Encoder::new(channels)),
        })
    }

    /// Appends the bytes that `samples` (interleaved) complete.
    pub fn encode(&mut self, samples: &[i16], out: &mut Vec<u8>) {
        match &mut self.0 {
            Coder::Alaw => g711::encode_alaw(samples, out),
            Coder::Ulaw => g711::encode_ulaw(samples, out),
            Coder::S16 => out.extend(samples.iter().flat_map(|s| s.to_le_bytes())),
            Coder::U8 => out.extend(samples.iter().map(|&s| to_u8(s))),
            Coder::Ima(coder) => coder.encode(samples, out),
            Coder::Oki(coder) => coder.encode(samples, out),
        }
    }

    /// Appends what is left of a block.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        match &mut self.0 {
            Coder::Ima(coder) => coder.finish(out),
            Coder::Oki(coder) => coder.finish(out),
            Coder::Alaw | Coder::Ulaw | Coder::S16 | Coder::U8 => {}
        }
    }

    /// Goes on after the audio of a file of `samples` samples, of which `data` is the bytes in any number of pieces. Answers how
    /// many of the bytes stay; those behind them are coded anew.
    pub fn resume(layout: Layout, samples: u64, data: &[u8]) -> (Self, u64) {
        let channels = usize::from(layout.channels);
        match layout.format {
            RecorderFormat::Ima => {
                let (coder, kept) = ima::Encoder::resume(channels, samples, data);
                (Self(Coder::Ima(coder)), kept)
            }
            RecorderFormat::Oki => {
                let (coder, kept) = oki::Encoder::resume(channels, samples, data);
                (Self(Coder::Oki(coder)), kept)
            }
            _ => (Self::new(layout), layout.bytes(samples)),
        }
    }
}

/// Nearest of 256 steps; 128 is silence.
fn to_u8(sample: i16) -> u8 {
    (((i32::from(sample) + 128) >> 8).min(127) + 128) as u8
}

/// Bytes to samples.
#[derive(Clone, Debug)]
pub struct Decoder(Parser);

#[derive(Clone, Debug)]
enum Parser {
    Alaw,
    Ulaw,
    S16(Option<u8>),
    U8,
    Ima(ima::Decoder),
    Oki(oki::Decoder),
}

impl Decoder {
    /// A decoder at the beginning of a file.
    pub fn new(layout: Layout) -> Self {
        let channels = usize::from(layout.channels);
        Self(match layout.format {
            RecorderFormat::Alaw => Parser::Alaw,
            RecorderFormat::Ulaw => Parser::Ulaw,
            RecorderFormat::S16bit => Parser::S16(None),
            RecorderFormat::U8bit => Parser::U8,
            RecorderFormat::Ima => Parser::Ima(ima::Decoder::new(channels)),
            RecorderFormat::Oki => Parser::Oki(oki::Decoder::new(channels)),
        })
    }

    /// Appends the samples (interleaved) that `bytes` complete.
    pub fn decode(&mut self, bytes: &[u8], out: &mut Vec<i16>) {
        match &mut self.0 {
            Parser::Alaw => out.extend(bytes.iter().map(|&b| g711::decode_alaw(b))),
            Parser::Ulaw => out.extend(bytes.iter().map(|&b| g711::decode_ulaw(b))),
            Parser::S16(half) => {
                for &byte in bytes {
                    match half.take() {
                        None => *half = Some(byte),
                        Some(low) => out.push(i16::from_le_bytes([low, byte])),
                    }
                }
            }
            Parser::U8 => out.extend(bytes.iter().map(|&b| (i16::from(b) - 128) << 8)),
            Parser::Ima(parser) => parser.decode(bytes, out),
            Parser::Oki(parser) => parser.decode(bytes, out),
        }
    }

    /// Appends what a last block that is not whole holds.
    pub fn finish(&mut self, out: &mut Vec<i16>) {
        if let Parser::Ima(parser) = &mut self.0 {
            parser.finish(out);
        }
    }
}

#[cfg(test)]
mod tests;
