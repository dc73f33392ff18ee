//! The spool of an encrypted recording: a plain header of 64 bytes, then, encrypted with the file's key and an IV of the spool's
//! own, a block that identifies the key, and the audio.
#![forbid(unsafe_code)]

use earwig_core::codec::Layout;
use earwig_core::codec::cipher::BLOCK;
use earwig_core::types::RecorderFormat;
use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileExt;

/// First bytes of a spool.
const MAGIC: &[u8; 16] = b"earwig spool 1\n\0";

/// Length of the header, bytes.
pub const HEADER: usize = 64;

/// Plain text of the first encrypted block, by which recovery detects a wrong key.
pub const CHECK: &[u8; BLOCK] = b"earwig key check";

/// The header of a spool. Layout in bytes: magic 0, IV of the file 16, IV of the spool 32, format 48, channels 49, `large` 50,
/// rate 52 (little-endian).
#[derive(Clone, Copy, Debug)]
pub struct SpoolHeader {
    /// IV of the complete file.
    pub iv: [u8; BLOCK],
    /// IV of the spool.
    pub spool_iv: [u8; BLOCK],
    /// Layout of the audio.
    pub layout: Layout,
    /// Whether the WAV header has space for RF64.
    pub large: bool,
}

impl SpoolHeader {
    /// The header's bytes.
    pub fn bytes(&self) -> Vec<u8> {
        let layout = self.layout;
        let mut header = [MAGIC.as_slice(), &self.iv, &self.spool_iv].concat();
        header.extend_from_slice(&[
            layout.format as u8,
            layout.channels as u8,
            u8::from(self.large),
            0,
        ]);
        header.extend_from_slice(&layout.rate_hz.to_le_bytes());
        header.resize(HEADER, 0);
        header
    }

    /// Reads the header of a file; `None` if the file is not a spool.
    pub fn read(file: &File) -> io::Result<Option<Self>> {
        let mut header = [0; HEADER];
        match file.read_exact_at(&mut header, 0) {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
            other => other?,
        }
        let block = |from: usize| -> [u8; BLOCK] {
            header[from..from + BLOCK].try_into().expect("16 bytes")
        };
        let format = RecorderFormat::from_i32(i32::from(header[48]));
        let rate = u32::from_le_bytes([header[52], header[53], header[54], header[55]]);
        let layout = format.and_then(|f| Layout::new(f, u16::from(header[49]), rate).ok());
        let layout = layout.filter(|_| header[..BLOCK] == *MAGIC);
        Ok(layout.map(|layout| Self {
            iv: block(16),
            spool_iv: block(32),
            layout,
            large: header[50] != 0,
        }))
    }
}
