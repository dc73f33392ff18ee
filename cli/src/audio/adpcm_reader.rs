//! Reads the recorder's ADPCM as 16-bit samples with the engine's own decoder: symphonia has no OKI ADPCM.

use std::io::{self, Read};

use earwig_core::codec::{Decoder, Layout};
use earwig_core::types::RecorderFormat;

/// Bytes of each read from the file.
const CHUNK_BYTES: usize = 4096;

/// Decodes a stream of ADPCM bytes to interleaved samples of 16 bits, little endian.
pub struct AdpcmReader<R> {
    source: R,
    /// `None` once the source has ended.
    decoder: Option<Decoder>,
    samples: Vec<i16>,
    bytes: Vec<u8>,
    /// Bytes of `bytes` that have been read.
    read: usize,
}

impl<R: Read> AdpcmReader<R> {
    /// Decodes `source`, whose encoding is that of a recording in `format`, OKI or IMA, with 1 or 2 channels.
    pub fn new(source: R, format: RecorderFormat, channels: u16) -> Result<Self, String> {
        // A decoder ignores the rate, but a layout must have one.
        let layout = Layout::new(format, channels, 8000).map_err(|e| e.to_string())?;
        Ok(Self {
            source,
            decoder: Some(Decoder::new(layout)),
            samples: Vec::new(),
            bytes: Vec::new(),
            read: 0,
        })
    }

    /// Decodes the next chunk that completes a sample; `bytes` stays as it is at the end of the source.
    fn fill(&mut self) -> io::Result<()> {
        let mut chunk = [0; CHUNK_BYTES];
        while let Some(decoder) = &mut self.decoder {
            let count = self.source.read(&mut chunk)?;
            self.samples.clear();
            if count > 0 {
                decoder.decode(&chunk[..count], &mut self.samples);
            } else {
                decoder.finish(&mut self.samples);
                self.decoder = None;
            }
            if !self.samples.is_empty() {
                self.read = 0;
                self.bytes.clear();
                let bytes = self.samples.iter().flat_map(|s| s.to_le_bytes());
                self.bytes.extend(bytes);
                return Ok(());
            }
        }
        Ok(())
    }
}

impl<R: Read> Read for AdpcmReader<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if self.read == self.bytes.len() {
            self.fill()?;
        }
        let count = to.len().min(self.bytes.len() - self.read);
        to[..count].copy_from_slice(&self.bytes[self.read..self.read + count]);
        self.read += count;
        Ok(count)
    }
}
