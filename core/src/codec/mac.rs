//! The HMAC of an encrypted recording: a RIFF chunk `hmac` at the end of the WAV, with HMAC-SHA256 of all bytes before it.
#![forbid(unsafe_code)]

use super::cipher::Key;
use hmac::{Hmac, KeyInit, Mac as _};
use sha2::Sha256;

/// Bytes of a tag.
pub const TAG: usize = 32;

/// Bytes of the chunk: name, size, tag.
pub const CHUNK: usize = 8 + TAG;

/// Name and size of the chunk.
const HEAD: [u8; CHUNK - TAG] = *b"hmac\x20\0\0\0";

/// What a key is derived for: AES and HMAC never use the same one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The chunk of a recording.
    Recording,
    /// The header of a spool.
    Spool,
}

impl Purpose {
    fn label(self) -> &'static [u8] {
        match self {
            Self::Recording => b"earwig cipher_mac 1",
            Self::Spool => b"earwig spool 2",
        }
    }
}

/// An HMAC-SHA256 in progress. Its key is HMAC-SHA256 of the purpose's label under the cipher's key.
pub struct Mac(Box<Hmac<Sha256>>);

impl Mac {
    /// Derives the key and starts.
    #[inline(never)]
    pub fn new(key: &Key, purpose: Purpose) -> Self {
        let derived = zeroize::Zeroizing::new(<[u8; TAG]>::from(
            Self::start(key.bytes())
                .chain_update(purpose.label())
                .finalize()
                .into_bytes(),
        ));
        Self(Box::new(Self::start(&*derived)))
    }

    fn start(key: &[u8]) -> Hmac<Sha256> {
        Hmac::new_from_slice(key).expect("HMAC takes a key of any length")
    }

    /// Adds bytes.
    #[inline(never)]
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The tag.
    #[inline(never)]
    pub fn tag(self) -> [u8; TAG] {
        self.0.finalize().into_bytes().into()
    }

    /// The chunk with the tag.
    pub fn chunk(self) -> [u8; CHUNK] {
        let mut chunk = [0; CHUNK];
        chunk[..HEAD.len()].copy_from_slice(&HEAD);
        chunk[HEAD.len()..].copy_from_slice(&self.tag());
        chunk
    }

    /// Whether a chunk has the tag of these bytes; `None` if it is another chunk.
    #[inline(never)]
    pub fn verify(self, chunk: &[u8; CHUNK]) -> Option<bool> {
        let tag = chunk.strip_prefix(&HEAD)?;
        Some(self.0.verify_slice(tag).is_ok())
    }
}
