//! Recordings that are on the disk: reading them, with a key if they are encrypted; whether one is whole; finishing one that
//! a crash has cut off.
#![forbid(unsafe_code)]

use super::encrypted_file::{self, SpoolHead};
use super::partial_file::PartFile;
use super::paths::{self, beside, refused, trouble};
use earwig_core::codec::Layout;
use earwig_core::codec::cipher::{BLOCK, Cipher, Decrypting, Key, filling};
use earwig_core::codec::wav::{self, Parsed};
use earwig_core::job::recorder::Existing;
use earwig_core::types::Error;
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// What is decrypted at once.
const CHUNK: usize = 256 * 1024;

/// A file that the recorder wrote, opened at its audio.
pub struct Stored {
    plain: Plain,
    parsed: Parsed,
}

/// The plain bytes of a file, in order.
struct Plain {
    path: PathBuf,
    file: File,
    cipher: Option<Decrypting>,
    /// Encrypted bytes that were not read yet.
    left: u64,
    chunk: Zeroizing<Vec<u8>>,
    at: usize,
    /// Plain bytes in all, as far as is known.
    length: u64,
}

impl Plain {
    fn open(path: &Path, cipher: Option<&Cipher>) -> Result<Self, Error> {
        let cannot = |e: io::Error| trouble(path, "it cannot be read", &e);
        let file = File::open(path).map_err(cannot)?;
        let metadata = file.metadata().map_err(cannot)?;
        if !metadata.is_file() {
            return Err(cannot(io::Error::from(ErrorKind::InvalidInput)));
        }
        let length = metadata.len();
        if cipher.is_some() && (length == 0 || length % BLOCK as u64 != 0) {
            return Err(refused(
                path,
                "an encrypted file is a number of whole blocks, and it is not",
            ));
        }
        Ok(Self {
            path: path.to_owned(),
            file,
            cipher: cipher.map(|c| Decrypting::new(&c.key, &c.iv)),
            left: length,
            chunk: Zeroizing::new(Vec::new()),
            at: 0,
            length,
        })
    }

    /// Reads more; `false` at the end.
    fn fill(&mut self) -> Result<bool, Error> {
        self.chunk.drain(..self.at);
        self.at = 0;
        let length = self.left.min(CHUNK as u64) as usize;
        if length == 0 {
            return Ok(false);
        }
        let from = self.chunk.len();
        self.chunk.resize(from + length, 0);
        let read = self.file.read_exact(&mut self.chunk[from..]);
        read.map_err(|e| trouble(&self.path, "it cannot be read", &e))?;
        self.left -= length as u64;
        if let Some(cipher) = &mut self.cipher {
            cipher.update(&mut self.chunk[from..]);
            if self.left == 0 {
                let fill =
                    filling(&self.chunk[from..]).map_err(|e| refused(&self.path, &e.text))?;
                let end = self.chunk.len() - fill;
                self.chunk.truncate(end);
                self.length -= fill as u64;
            }
        }
        Ok(true)
    }

    fn read(&mut self, mut to: &mut [u8]) -> Result<(), Error> {
        while !to.is_empty() {
            if self.at == self.chunk.len() && !self.fill()? {
                return Err(refused(&self.path, "it is cut off"));
            }
            let part = to.len().min(self.chunk.len() - self.at);
            to[..part].copy_from_slice(&self.chunk[self.at..self.at + part]);
            self.at += part;
            to = &mut to[part..];
        }
        Ok(())
    }
}

impl Stored {
    /// Opens it and reads its header.
    pub fn open(path: &Path, cipher: Option<&Cipher>) -> Result<Self, Error> {
        let mut plain = Plain::open(path, cipher)?;
        plain.fill()?;
        let head = &plain.chunk[..plain.chunk.len().min(wav::HEADER_MAX)];
        let parsed = wav::parse(head).map_err(|e| {
            let hint = if cipher.is_some() {
                "; is it encrypted with another key or IV?"
            } else {
                "; if it is encrypted, its key is needed"
            };
            refused(path, &format!("{e}{hint}"))
        })?;
        plain.at = parsed.begins as usize;
        Ok(Self { plain, parsed })
    }

    /// What its header says.
    pub fn parsed(&self) -> Parsed {
        self.parsed
    }

    /// Reads the next audio bytes.
    pub fn read(&mut self, to: &mut [u8]) -> Result<(), Error> {
        self.plain.read(to)
    }
}

/// What is in a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Content {
    /// Codec, channels, rate.
    pub layout: Layout,
    /// Samples of each channel.
    pub samples: u64,
    /// Bytes of audio.
    pub bytes: u64,
}

/// Reads a recording from end to end: it decrypts, its sizes are right, and nothing is missing.
pub fn validate(path: &Path, cipher: Option<&Cipher>) -> Result<Content, Error> {
    let mut stored = Stored::open(path, cipher)?;
    let parsed = stored.parsed();
    let mut left = parsed.bytes;
    let mut buffer = Zeroizing::new(vec![0; CHUNK]);
    while left > 0 {
        let part = left.min(CHUNK as u64);
        stored.read(&mut buffer[..part as usize])?;
        left -= part;
    }
    // To the end, so that its filling is looked at.
    while stored.plain.left > 0 {
        stored.plain.at = stored.plain.chunk.len();
        stored.plain.fill()?;
    }
    if stored.plain.length != parsed.length {
        return Err(refused(
            path,
            &format!(
                "its header speaks of {} bytes, and it has {}",
                parsed.length, stored.plain.length
            ),
        ));
    }
    if parsed.layout.bytes(parsed.samples) != parsed.bytes {
        return Err(refused(
            path,
            &format!("{} samples are not {} bytes", parsed.samples, parsed.bytes),
        ));
    }
    Ok(Content {
        layout: parsed.layout,
        samples: parsed.samples,
        bytes: parsed.bytes,
    })
}

/// The whole plain bytes of an encrypted file.
pub fn decrypt(path: &Path, cipher: &Cipher) -> Result<Vec<u8>, Error> {
    let mut plain = Plain::open(path, Some(cipher))?;
    let mut all = Vec::new();
    while plain.fill()? {
        all.extend_from_slice(&plain.chunk);
        plain.at = plain.chunk.len();
    }
    Ok(all)
}

/// Makes a whole file of what a crash has left: `FILE` of `FILE.part`. `key`: that of an encrypted recording.
pub fn recover(
    part: &Path,
    key: Option<&Key>,
    overwrite: bool,
) -> Result<(PathBuf, Content), Error> {
    let name = part.as_os_str().as_encoded_bytes();
    let path = match (name.strip_suffix(b".part"), part.to_str()) {
        (Some(_), Some(text)) => PathBuf::from(&text[..text.len() - 5]),
        _ => {
            return Err(refused(part, "the name of what is recovered ends in .part"));
        }
    };
    let cannot = |e: io::Error| trouble(part, "it cannot be read", &e);
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .open(part)
        .map_err(cannot)?;
    paths::lock(&file, part)?;
    if !paths::is_still(&file, part) {
        return Err(refused(part, "it was finished just now"));
    }
    let length = file.metadata().map_err(cannot)?.len();
    let existing = if overwrite {
        Existing::Overwrite
    } else {
        Existing::Refuse
    };
    if existing == Existing::Refuse && path.symlink_metadata().is_ok() {
        return Err(refused(&path, "it exists already"));
    }
    let (mut left, samples) = match SpoolHead::read(&mut file).map_err(cannot)? {
        Some(head) => (spool(&path, part, file, &head, key, length)?, None),
        None => {
            let mut head = vec![0; length.min(wav::HEADER_MAX as u64) as usize];
            file.read_exact_at(&mut head, 0).map_err(cannot)?;
            let parsed = wav::parse(&head).map_err(|e| refused(part, &e.text))?;
            // It was whole already, but for its name.
            let whole = parsed.bytes > 0 && parsed.length == length;
            let left = PartFile::left_plain(path.clone(), part.to_owned(), file, parsed, length);
            (left, whole.then_some(parsed.samples))
        }
    };
    left.set_existing(existing);
    let layout = left.layout();
    let closed = left
        .close(samples)
        .and_then(|closed| left.sync().map(|()| closed));
    let (samples, bytes) = closed.map_err(|e| trouble(&path, "it cannot be written", &e))?;
    left.publish()?;
    let content = Content {
        layout,
        samples,
        bytes,
    };
    Ok((path, content))
}

fn spool(
    path: &Path,
    part: &Path,
    file: File,
    head: &SpoolHead,
    key: Option<&Key>,
    length: u64,
) -> Result<PartFile, Error> {
    let key = key.ok_or_else(|| refused(part, "it is encrypted: its key is needed"))?;
    let mut check = [0; BLOCK];
    let read = file.read_exact_at(&mut check, encrypted_file::HEAD as u64);
    read.map_err(|e| trouble(part, "it is too short", &e))?;
    Decrypting::new(key, &head.spool_iv).update(&mut check);
    if check != *encrypted_file::CHECK {
        return Err(refused(part, "it is encrypted with another key"));
    }
    let cipher = Cipher {
        key: key.clone(),
        iv: head.iv,
    };
    PartFile::left_encrypted(path.to_owned(), part.to_owned(), file, head, cipher, length)
        .map_err(|e| trouble(&beside(path, ".part.whole"), "it cannot be written", &e))
}
