//! Codecs of recordings: G.711, ADPCM and PCM, the WAV container, the cipher.
#![forbid(unsafe_code)]

pub mod cipher;
pub mod g711;
pub mod ima;
pub mod mac;
pub mod oki;
pub mod wav;

use crate::types::{Error, RecorderFormat};

/// Sample rates of recordings: 6000 to 11025 Hz for narrow-band calls, 16000 and 48000 Hz for wide-band calls.
pub const RATES_HZ: [u32; 6] = [6000, 8000, 11000, 11025, 16000, 48000];

/// Format, channels and rate of the audio in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Encoding.
    pub format: RecorderFormat,
    /// 1, or 2 interleaved.
    pub channels: u16,
    /// Sample rate, one of [`RATES_HZ`].
    pub rate_hz: u32,
}

impl Layout {
    /// Returns an error that names the value unless `channels` is 1 or 2 and `rate_hz` is one of [`RATES_HZ`].
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

    /// Bytes of a block of all channels: the block align of the WAV container.
    pub fn block_bytes(self) -> u64 {
        let channels = u64::from(self.channels);
        match self.format {
            RecorderFormat::Alaw | RecorderFormat::Ulaw | RecorderFormat::U8bit => channels,
            RecorderFormat::S16bit => 2 * channels,
            RecorderFormat::Oki => 1,
            RecorderFormat::Ima => ima::BLOCK_BYTES as u64 * channels,
        }
    }

    /// Samples per channel in a block.
    pub fn block_samples(self) -> u64 {
        match self.format {
            RecorderFormat::Ima => ima::BLOCK_SAMPLES as u64,
            RecorderFormat::Oki => 2 / u64::from(self.channels),
            _ => 1,
        }
    }

    /// Bytes of `samples` samples per channel, the incomplete last block included.
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

    /// Maximum number of samples per channel that fit into `bytes`.
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

/// The encoder of one file.
#[derive(Clone, Debug)]
pub struct Encoder(EncoderState);

#[derive(Clone, Debug)]
enum EncoderState {
    Alaw,
    Ulaw,
    S16,
    U8,
    Ima(ima::Encoder),
    Oki(oki::Encoder),
}

impl Encoder {
    /// An encoder at the start of a file.
    pub fn new(layout: Layout) -> Self {
        let channels = usize::from(layout.channels);
        Self(match layout.format {
            RecorderFormat::Alaw => EncoderState::Alaw,
            RecorderFormat::Ulaw => EncoderState::Ulaw,
            RecorderFormat::S16bit => EncoderState::S16,
            RecorderFormat::U8bit => EncoderState::U8,
            RecorderFormat::Ima => EncoderState::Ima(ima::Encoder::new(channels)),
            RecorderFormat::Oki => EncoderState::Oki(oki::Encoder::new(channels)),
        })
    }

    /// Encodes interleaved samples and appends the bytes that they complete.
    pub fn encode(&mut self, samples: &[i16], out: &mut Vec<u8>) {
        match &mut self.0 {
            EncoderState::Alaw => g711::encode_alaw(samples, out),
            EncoderState::Ulaw => g711::encode_ulaw(samples, out),
            EncoderState::S16 => out.extend(samples.iter().flat_map(|s| s.to_le_bytes())),
            EncoderState::U8 => out.extend(samples.iter().map(|&s| to_u8(s))),
            EncoderState::Ima(encoder) => encoder.encode(samples, out),
            EncoderState::Oki(encoder) => encoder.encode(samples, out),
        }
    }

    /// Appends the incomplete last block.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        match &mut self.0 {
            EncoderState::Ima(encoder) => encoder.finish(out),
            EncoderState::Oki(encoder) => encoder.finish(out),
            EncoderState::Alaw | EncoderState::Ulaw | EncoderState::S16 | EncoderState::U8 => {}
        }
    }

    /// Continues a file that has `samples` samples per channel in the bytes `data`. Returns the encoder and the number of bytes
    /// to keep; the encoder encodes the audio after them again.
    pub fn resume(layout: Layout, samples: u64, data: &[u8]) -> (Self, u64) {
        let channels = usize::from(layout.channels);
        match layout.format {
            RecorderFormat::Ima => {
                let (encoder, kept) = ima::Encoder::resume(channels, samples, data);
                (Self(EncoderState::Ima(encoder)), kept)
            }
            RecorderFormat::Oki => {
                let (encoder, kept) = oki::Encoder::resume(channels, samples, data);
                (Self(EncoderState::Oki(encoder)), kept)
            }
            _ => (Self::new(layout), layout.bytes(samples)),
        }
    }
}

/// Rounds to 8 bits; 128 is silence.
fn to_u8(sample: i16) -> u8 {
    (((i32::from(sample) + 128) >> 8).min(127) + 128) as u8
}

/// The decoder of one file.
#[derive(Clone, Debug)]
pub struct Decoder(DecoderState);

#[derive(Clone, Debug)]
enum DecoderState {
    Alaw,
    Ulaw,
    S16(Option<u8>),
    U8,
    Ima(ima::Decoder),
    Oki(oki::Decoder),
}

impl Decoder {
    /// A decoder at the start of a file.
    pub fn new(layout: Layout) -> Self {
        let channels = usize::from(layout.channels);
        Self(match layout.format {
            RecorderFormat::Alaw => DecoderState::Alaw,
            RecorderFormat::Ulaw => DecoderState::Ulaw,
            RecorderFormat::S16bit => DecoderState::S16(None),
            RecorderFormat::U8bit => DecoderState::U8,
            RecorderFormat::Ima => DecoderState::Ima(ima::Decoder::new(channels)),
            RecorderFormat::Oki => DecoderState::Oki(oki::Decoder::new(channels)),
        })
    }

    /// Decodes `bytes` and appends the interleaved samples that they complete.
    pub fn decode(&mut self, bytes: &[u8], out: &mut Vec<i16>) {
        match &mut self.0 {
            DecoderState::Alaw => out.extend(bytes.iter().map(|&b| g711::decode_alaw(b))),
            DecoderState::Ulaw => out.extend(bytes.iter().map(|&b| g711::decode_ulaw(b))),
            DecoderState::S16(half) => {
                for &byte in bytes {
                    match half.take() {
                        None => *half = Some(byte),
                        Some(low) => out.push(i16::from_le_bytes([low, byte])),
                    }
                }
            }
            DecoderState::U8 => out.extend(bytes.iter().map(|&b| (i16::from(b) - 128) << 8)),
            DecoderState::Ima(decoder) => decoder.decode(bytes, out),
            DecoderState::Oki(decoder) => decoder.decode(bytes, out),
        }
    }

    /// Appends the samples of an incomplete last block.
    pub fn finish(&mut self, out: &mut Vec<i16>) {
        if let DecoderState::Ima(decoder) = &mut self.0 {
            decoder.finish(out);
        }
    }
}

#[cfg(test)]
mod tests;
