//! The spool of an encrypted recording: a plain header of 64 bytes, then, encrypted with the file's key and an IV of the spool's
//! own, a block that identifies the key, and the audio. The header has an HMAC, the audio has none.
#![forbid(unsafe_code)]

use earwig_core::codec::Layout;
use earwig_core::codec::cipher::{BLOCK, Key};
use earwig_core::codec::mac::{Mac, Purpose};
use earwig_core::types::RecorderFormat;
use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileExt;

/// First bytes of a spool.
const MAGIC: &[u8; 16] = b"earwig spool 2\n\0";

/// Length of the header, bytes.
pub const HEADER: usize = 64;

/// Plain text of the first encrypted block, by which recovery detects a wrong key.
pub const CHECK: &[u8; BLOCK] = b"earwig key check";

/// The header of a spool. Layout in bytes: magic 0, IV of the file 16, IV of the spool 32, format 48, channels 49, `large` 50,
/// `cipher_mac` 51, rate 52 (little-endian), and at 56 the first 8 bytes of an HMAC over the bytes before.
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
    /// Whether the complete file gets an HMAC.
    pub cipher_mac: bool,
}

impl SpoolHeader {
    /// The header's bytes. `key`: the key of the cipher.
    pub fn bytes(&self, key: &Key) -> Vec<u8> {
        let layout = self.layout;
        let mut header = [MAGIC.as_slice(), &self.iv, &self.spool_iv].concat();
        header.extend_from_slice(&[
            layout.format as u8,
            layout.channels as u8,
            u8::from(self.large),
            u8::from(self.cipher_mac),
        ]);
        header.extend_from_slice(&layout.rate_hz.to_le_bytes());
        let mut mac = Mac::new(key, Purpose::Spool);
        mac.update(&header);
        header.extend_from_slice(&mac.tag()[..HEADER - header.len()]);
        header
    }

    /// Reads the header of a file, and its bytes; `None` if the file is not a spool.
    pub fn read(file: &File) -> io::Result<Option<(Self, [u8; HEADER])>> {
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
        Ok(layout.map(|layout| {
            let this = Self {
                iv: block(16),
                spool_iv: block(32),
                layout,
                large: header[50] != 0,
                cipher_mac: header[51] != 0,
            };
            (this, header)
        }))
    }
}
