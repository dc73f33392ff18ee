//! AES in CBC mode with PKCS#7, as `openssl enc -aes-256-cbc -K -iv` has it. Keys are wiped when they are let go.
#![forbid(unsafe_code)]

use crate::types::{Error, Status};
use aes::cipher::{Array, BlockModeDecrypt, BlockModeEncrypt, KeyIvInit, array::sizes::U16};
use zeroize::{Zeroize, Zeroizing};

/// Bytes of AES's blocks and of an IV.
pub const BLOCK: usize = 16;

type Block = Array<u8, U16>;

/// A key of 128, 192 or 256 bits.
#[derive(Clone)]
pub struct Key(Zeroizing<Box<[u8]>>);

impl Key {
    /// 16, 24 or 32 bytes.
    pub fn new(key: &[u8]) -> Result<Self, Error> {
        if ![16, 24, 32].contains(&key.len()) {
            return Err(Error::invalid(format!(
                "cipher: a key of {} bytes: it must have 16, 24 or 32",
                key.len()
            )));
        }
        Ok(Self(Zeroizing::new(key.into())))
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Key of {} bytes", self.0.len())
    }
}

/// What a file is encrypted with.
#[derive(Clone, Debug)]
pub struct Cipher {
    /// The key.
    pub key: Key,
    /// The initialisation vector: no secret.
    pub iv: [u8; BLOCK],
}

impl Cipher {
    /// A key of 16, 24 or 32 bytes and an IV of 16.
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

/// A stream under encryption.
pub struct Encrypting {
    with: Box<Encryptor>,
    /// Bytes that make no whole block yet.
    rest: Zeroizing<Vec<u8>>,
}

impl Encrypting {
    /// From the first block on.
    #[inline(never)]
    pub fn new(key: &Key, iv: &[u8; BLOCK]) -> Self {
        let key = key.bytes();
        let with = match key.len() {
            16 => cbc::Encryptor::new_from_slices(key, iv).map(Encryptor::Aes128),
            24 => cbc::Encryptor::new_from_slices(key, iv).map(Encryptor::Aes192),
            _ => cbc::Encryptor::new_from_slices(key, iv).map(Encryptor::Aes256),
        };
        Self {
            with: Box::new(with.expect("the key's length was checked when it was made")),
            rest: Zeroizing::new(Vec::with_capacity(BLOCK)),
        }
    }

    /// Appends the blocks that `plain` completes.
    #[inline(never)]
    pub fn update(&mut self, plain: &[u8], out: &mut Vec<u8>) {
        let from = out.len();
        out.extend_from_slice(&self.rest);
        out.extend_from_slice(plain);
        let whole = (out.len() - from) / BLOCK * BLOCK;
        self.rest.clear();
        self.rest.extend_from_slice(&out[from + whole..]);
        out[from + whole..].fill(0);
        out.truncate(from + whole);
        let (blocks, _) = Block::slice_as_chunks_mut(&mut out[from..]);
        match &mut *self.with {
            Encryptor::Aes128(e) => e.encrypt_blocks(blocks),
            Encryptor::Aes192(e) => e.encrypt_blocks(blocks),
            Encryptor::Aes256(e) => e.encrypt_blocks(blocks),
        }
    }

    /// Gives up, and answers the bytes that made no whole block.
    pub fn rest(self) -> Zeroizing<Vec<u8>> {
        self.rest
    }

    /// Appends the last block, filled up as PKCS#7 has it.
    pub fn finish(mut self, out: &mut Vec<u8>) {
        let fill = BLOCK - self.rest.len();
        self.update(&[fill as u8; BLOCK][..fill], out);
    }
}

enum Decryptor {
    Aes128(cbc::Decryptor<aes::Aes128>),
    Aes192(cbc::Decryptor<aes::Aes192>),
    Aes256(cbc::Decryptor<aes::Aes256>),
}

/// A stream under decryption.
pub struct Decrypting(Box<Decryptor>);

impl Decrypting {
    /// From the first block on.
    #[inline(never)]
    pub fn new(key: &Key, iv: &[u8; BLOCK]) -> Self {
        let key = key.bytes();
        let with = match key.len() {
            16 => cbc::Decryptor::new_from_slices(key, iv).map(Decryptor::Aes128),
            24 => cbc::Decryptor::new_from_slices(key, iv).map(Decryptor::Aes192),
            _ => cbc::Decryptor::new_from_slices(key, iv).map(Decryptor::Aes256),
        };
        Self(Box::new(
            with.expect("the key's length was checked when it was made"),
        ))
    }

    /// Decrypts whole blocks in place; what is left of the last one stays as it is.
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

/// Overwrites what calls that have returned left on this thread's stack: what is moved about is copied there, and a key with
/// it. It reaches no frame that still lives; so what works with a key is never inlined.
#[inline(never)]
pub fn scrub_stack() {
    let mut left = [0u8; 32 * 1024];
    left.zeroize();
    std::hint::black_box(&left);
}

/// Bytes that PKCS#7 has filled the last block with; an error says that it is none of ours or the key is wrong.
pub fn filling(last: &[u8]) -> Result<usize, Error> {
    let wrong = || {
        Error::new(
            Status::ErrFile,
            "it does not decrypt: the key or the IV is wrong, or it is not whole",
        )
    };
    let fill = usize::from(*last.last().ok_or_else(wrong)?);
    let right = (1..=BLOCK).contains(&fill)
        && last.len() >= fill
        && last[last.len() - fill..]
            .iter()
            .all(|&b| usize::from(b) == fill);
    if right { Ok(fill) } else { Err(wrong()) }
}
