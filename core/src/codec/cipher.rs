//! AES in CBC mode with PKCS#7 padding, compatible with `openssl enc -aes-256-cbc -K -iv`. Keys are wiped when they are dropped.
#![forbid(unsafe_code)]

use crate::types::{Error, Status};
use aes::cipher::{Array, BlockModeDecrypt, BlockModeEncrypt, KeyIvInit, array::sizes::U16};
use zeroize::{Zeroize, Zeroizing};

/// Bytes of an AES block and of an IV.
pub const BLOCK: usize = 16;

type Block = Array<u8, U16>;

/// A key of 128, 192 or 256 bits.
#[derive(Clone)]
pub struct Key(Zeroizing<Box<[u8]>>);

impl Key {
    /// Copies a key. Returns an error unless it has 16, 24 or 32 bytes.
    pub fn new(key: &[u8]) -> Result<Self, Error> {
        if ![16, 24, 32].contains(&key.len()) {
            return Err(Error::invalid(format!(
                "cipher: a key of {} bytes: it must have 16, 24 or 32",
                key.len()
            )));
        }
        Ok(Self(Zeroizing::new(key.into())))
    }

    /// The bytes of the key.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Key of {} bytes", self.0.len())
    }
}

/// Key and IV of a file.
#[derive(Clone, Debug)]
pub struct Cipher {
    /// The key.
    pub key: Key,
    /// Initialization vector. It is not secret.
    pub iv: [u8; BLOCK],
}

impl Cipher {
    /// Copies key and IV. Returns an error unless the key has 16, 24 or 32 bytes and the IV has 16.
    pub fn new(key: &[u8], iv: &[u8]) -> Result<Self, Error> {
        let key = Key::new(key)?;
        let iv = iv.try_into().map_err(|_| {
            Error::invalid(format!(
                "cipher: an IV of {} bytes: it must have 16",
                iv.len()
            ))
        })?;
        Ok(Self { key, iv })
    }
}

enum Encryptor {
    Aes128(cbc::Encryptor<aes::Aes128>),
    Aes192(cbc::Encryptor<aes::Aes192>),
    Aes256(cbc::Encryptor<aes::Aes256>),
}

/// The encryption of one stream.
pub struct Encrypting {
    inner: Box<Encryptor>,
    /// Bytes of an incomplete block.
    partial: Zeroizing<Vec<u8>>,
}

impl Encrypting {
    /// Starts at the first block.
    #[inline(never)]
    pub fn new(key: &Key, iv: &[u8; BLOCK]) -> Self {
        let key = key.bytes();
        let inner = match key.len() {
            16 => cbc::Encryptor::new_from_slices(key, iv).map(Encryptor::Aes128),
            24 => cbc::Encryptor::new_from_slices(key, iv).map(Encryptor::Aes192),
            _ => cbc::Encryptor::new_from_slices(key, iv).map(Encryptor::Aes256),
        };
        Self {
            inner: Box::new(inner.expect("the key's length was checked when it was made")),
            partial: Zeroizing::new(Vec::with_capacity(BLOCK)),
        }
    }

    /// Encrypts `plain` and appends the blocks that it completes.
    #[inline(never)]
    pub fn update(&mut self, plain: &[u8], out: &mut Vec<u8>) {
        let from = out.len();
        out.extend_from_slice(&self.partial);
        out.extend_from_slice(plain);
        let whole = (out.len() - from) / BLOCK * BLOCK;
        self.partial.clear();
        self.partial.extend_from_slice(&out[from + whole..]);
        out[from + whole..].fill(0);
        out.truncate(from + whole);
        let (blocks, _) = Block::slice_as_chunks_mut(&mut out[from..]);
        match &mut *self.inner {
            Encryptor::Aes128(e) => e.encrypt_blocks(blocks),
            Encryptor::Aes192(e) => e.encrypt_blocks(blocks),
            Encryptor::Aes256(e) => e.encrypt_blocks(blocks),
        }
    }

    /// Ends the encryption without padding and returns the plain bytes of the incomplete block.
    pub fn rest(self) -> Zeroizing<Vec<u8>> {
        self.partial
    }

    /// Appends the last block with its PKCS#7 padding.
    pub fn finish(mut self, out: &mut Vec<u8>) {
        let padding = BLOCK - self.partial.len();
        self.update(&[padding as u8; BLOCK][..padding], out);
    }
}

enum Decryptor {
    Aes128(cbc::Decryptor<aes::Aes128>),
    Aes192(cbc::Decryptor<aes::Aes192>),
    Aes256(cbc::Decryptor<aes::Aes256>),
}

/// The decryption of one stream.
pub struct Decrypting(Box<Decryptor>);

impl Decrypting {
    /// Starts at the first block.
    #[inline(never)]
    pub fn new(key: &Key, iv: &[u8; BLOCK]) -> Self {
        let key = key.bytes();
        let inner = match key.len() {
            16 => cbc::Decryptor::new_from_slices(key, iv).map(Decryptor::Aes128),
            24 => cbc::Decryptor::new_from_slices(key, iv).map(Decryptor::Aes192),
            _ => cbc::Decryptor::new_from_slices(key, iv).map(Decryptor::Aes256),
        };
        Self(Box::new(
            inner.expect("the key's length was checked when it was made"),
        ))
    }

    /// Decrypts complete blocks in place. The bytes of an incomplete last block do not change.
    #[inline(never)]
    pub fn update(&mut self, blocks: &mut [u8]) {
        let (blocks, _) = Block::slice_as_chunks_mut(blocks);
        match &mut *self.0 {
            Decryptor::Aes128(d) => d.decrypt_blocks(blocks),
            Decryptor::Aes192(d) => d.decrypt_blocks(blocks),
            Decryptor::Aes256(d) => d.decrypt_blocks(blocks),
        }
    }
}

/// Overwrites 32 KiB of this thread's stack below the current frame. Moves leave copies of keys in the frames of functions that
/// have returned. Functions that handle keys are never inlined, so that their frames are among those.
#[inline(never)]
pub fn scrub_stack() {
    let mut left = [0u8; 32 * 1024];
    left.zeroize();
    std::hint::black_box(&left);
}

/// Number of padding bytes in the decrypted last block, 1 to 16. Returns [`Status::ErrFile`] if the padding is invalid: wrong
/// key, wrong IV or incomplete file.
pub fn padding_len(last: &[u8]) -> Result<usize, Error> {
    let error = || {
        Error::new(
            Status::ErrFile,
            "it does not decrypt: the key or the IV is wrong, or the file is incomplete",
        )
    };
    let padding = usize::from(*last.last().ok_or_else(error)?);
    let valid = (1..=BLOCK).contains(&padding)
        && last.len() >= padding
        && last[last.len() - padding..]
            .iter()
            .all(|&b| usize::from(b) == padding);
    if valid { Ok(padding) } else { Err(error()) }
}
