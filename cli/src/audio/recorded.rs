//! What the recorder codes in ADPCM, read as samples of 16 bits.

use std::io::{self, Read};

use earwig_core::codec::{Decoder, Layout};
use earwig_core::types::RecorderFormat;

use super::riff;

/// Bytes that are decoded at once.
const CHUNK: usize = 4096;

/// Reads bytes, gives samples, little endian.
pub struct RecorderResult<R> {
    from: R,
    decoder: Option<Decoder>,
    samples: Vec<i16>,
    bytes: Vec<u8>,
    at: usize,
}

impl<R: Read> RecorderResult<R> {
    /// The coding of a file, and its channels.
    pub fn new(from: R, format: RecorderFormat, layout: &riff::Layout) -> Result<Self, String> {
        // The rate is nothing to a decoder.
        let layout = Layout::new(format, layout.channels, 8000).map_err(|e| e.to_string())?;
        Ok(Self {
            from,
            decoder: Some(Decoder::new(layout)),
            samples: Vec::new(),
            bytes: Vec::new(),
            at: 0,
        })
    }

    /// Decodes some more; nothing more comes once the decoder is gone.
    fn fill(&mut self) -> io::Result<()> {
        let mut chunk = [0; CHUNK];
        while let Some(decoder) = &mut self.decoder {
            let count = self.from.read(&mut chunk)?;
            self.samples.clear();
            if count > 0 {
                decoder.decode(&chunk[..count], &mut self.samples);
            } else {
                decoder.finish(&mut self.samples);
                self.decoder = None;
            }
            if !self.samples.is_empty() {
                self.at = 0;
                self.bytes.clear();
                let bytes = self.samples.iter().flat_map(|s| s.to_le_bytes());
                self.bytes.extend(bytes);
                return Ok(());
            }
        }
        Ok(())
    }
}

impl<R: Read> Read for RecorderResult<R> {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        if self.at == self.bytes.len() {
            self.fill()?;
        }
        let count = to.len().min(self.bytes.len() - self.at);
        to[..count].copy_from_slice(&self.bytes[self.at..self.at + count]);
        self.at += count;
        Ok(count)
    }
}
