//! Reading of complete recordings, plain or encrypted: audio, validation, decryption.
#![forbid(unsafe_code)]

use super::named_file::{open_regular, open_to_read};
use super::paths::{file_error, os_error};
use earwig_core::codec::Layout;
use earwig_core::codec::cipher::{BLOCK, Cipher, Decrypting, padding_len};
use earwig_core::codec::mac::{self, Mac, Purpose};
use earwig_core::codec::wav::{self, Parsed};
use earwig_core::types::Error;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Bytes that are read and decrypted at a time.
const CHUNK: usize = 256 * 1024;

/// Reads the audio of a recording.
pub struct RecordingReader {
    plain: PlainReader,
    parsed: Parsed,
    /// HMAC of the bytes so far, if the file has one.
    mac: Option<Mac>,
}

/// Reads the plain bytes of a file, in order.
struct PlainReader {
    path: PathBuf,
    file: File,
    cipher: Option<Decrypting>,
    /// Bytes of the file, and how many of them were not yet read.
    bytes: u64,
    left: u64,
    /// Plain bytes of the last read, and the position in them.
    chunk: Zeroizing<Vec<u8>>,
    at: usize,
    /// Number of plain bytes; the padding is subtracted at the end.
    length: u64,
}

impl PlainReader {
    fn open(path: &Path, file: io::Result<File>, cipher: Option<&Cipher>) -> Result<Self, Error> {
        let cannot = |e: io::Error| os_error(path, "it cannot be read", &e);
        let file = file.map_err(cannot)?;
        let length = file.metadata().map_err(cannot)?.len();
        if cipher.is_some() && (length == 0 || length % BLOCK as u64 != 0) {
            return Err(file_error(
                path,
                "its length is not a multiple of 16 bytes: it is not an encrypted file",
            ));
        }
        Ok(Self {
            path: path.to_owned(),
            file,
            cipher: cipher.map(|c| Decrypting::new(&c.key, &c.iv)),
            bytes: length,
            left: length,
            chunk: Zeroizing::new(Vec::new()),
            at: 0,
            length,
        })
    }

    /// Reads the next chunk. Returns `false` at the end.
    fn fill(&mut self) -> Result<bool, Error> {
        self.chunk.drain(..self.at);
        self.at = 0;
        let length = self.left.min(CHUNK as u64) as usize;
        if length == 0 {
            return Ok(false);
        }
        let from = self.chunk.len();
        self.chunk.resize(from + length, 0);
        let at = self.bytes - self.left;
        let read = self.file.read_exact_at(&mut self.chunk[from..], at);
        read.map_err(|e| os_error(&self.path, "it cannot be read", &e))?;
        self.left -= length as u64;
        if let Some(cipher) = &mut self.cipher {
            cipher.update(&mut self.chunk[from..]);
            if self.left == 0 {
                let padding = padding_len(&self.chunk[from..])
                    .map_err(|e| file_error(&self.path, &e.text))?;
                let end = self.chunk.len() - padding;
                self.chunk.truncate(end);
                self.length -= padding as u64;
            }
        }
        Ok(true)
    }

    /// Fills `to` with the next bytes.
    fn read(&mut self, mut to: &mut [u8]) -> Result<(), Error> {
        while !to.is_empty() {
            if self.at == self.chunk.len() && !self.fill()? {
                return Err(file_error(&self.path, "it is cut off"));
            }
            let part = to.len().min(self.chunk.len() - self.at);
            to[..part].copy_from_slice(&self.chunk[self.at..self.at + part]);
            self.at += part;
            to = &mut to[part..];
        }
        Ok(())
    }
}

impl RecordingReader {
    /// Opens a file of the recorder's own, which is not a link, and reads its header.
    pub fn open_own(path: &Path, cipher: Option<&Cipher>) -> Result<Self, Error> {
        Self::new(
            path,
            open_regular(path, OpenOptions::new().read(true)),
            cipher,
        )
    }

    fn new(path: &Path, file: io::Result<File>, cipher: Option<&Cipher>) -> Result<Self, Error> {
        let mut plain = PlainReader::open(path, file, cipher)?;
        plain.fill()?;
        let head = &plain.chunk[..plain.chunk.len().min(wav::HEADER_MAX)];
        let parsed = wav::parse(head).map_err(|e| {
            let hint = if cipher.is_some() {
                "; is it encrypted with another key or IV?"
            } else {
                "; if it is encrypted, its key is needed"
            };
            file_error(path, &format!("{e}{hint}"))
        })?;
        plain.at = parsed.begins as usize;
        let has_mac = parsed.after() == Some(mac::CHUNK as u64);
        let mac = cipher.filter(|_| has_mac).map(|cipher| {
            let mut mac = Mac::new(&cipher.key, Purpose::Recording);
            mac.update(&plain.chunk[..plain.at]);
            mac
        });
        Ok(Self { plain, parsed, mac })
    }

    /// The header.
    pub fn parsed(&self) -> Parsed {
        self.parsed
    }

    /// Fills `to` with the next bytes of audio.
    pub fn read(&mut self, to: &mut [u8]) -> Result<(), Error> {
        self.plain.read(to)?;
        if let Some(mac) = &mut self.mac {
            mac.update(to);
        }
        Ok(())
    }

    /// After all audio was read, checks the HMAC of an encrypted file. `false`: it has none. ERR_FILE if it is wrong.
    pub fn read_mac(&mut self) -> Result<bool, Error> {
        if self.plain.cipher.is_none() || self.parsed.after() == Some(0) {
            return Ok(false);
        }
        let mut padding = [0];
        self.read(&mut padding[..self.parsed.bytes as usize % 2])?;
        let mut chunk = [0; mac::CHUNK];
        let verified = match self.mac.take() {
            None => None,
            Some(mac) => {
                self.plain.read(&mut chunk)?;
                mac.verify(&chunk)
            }
        };
        let why = match verified {
            Some(true) => return Ok(true),
            Some(false) => "mac: WRONG; it was changed after it was recorded",
            None => "what follows its audio is no HMAC; it was changed after it was recorded",
        };
        Err(file_error(&self.plain.path, why))
    }
}

/// Layout and length of a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Content {
    /// Codec, channels and rate.
    pub layout: Layout,
    /// Samples of each channel.
    pub samples: u64,
    /// Bytes of audio.
    pub bytes: u64,
    /// Whether the file has an HMAC; it was checked.
    pub mac: bool,
}

/// Reads a recording from end to end: checks that it decrypts, that its sizes agree, and that it is complete.
pub fn validate(path: &Path, cipher: Option<&Cipher>) -> Result<Content, Error> {
    validate_file(path, open_to_read(path), cipher)
}

/// Validates an open file; `path` is for errors.
pub fn validate_file(
    path: &Path,
    file: io::Result<File>,
    cipher: Option<&Cipher>,
) -> Result<Content, Error> {
    let mut reader = RecordingReader::new(path, file, cipher)?;
    let parsed = reader.parsed();
    let mut left = parsed.bytes;
    let mut buffer = Zeroizing::new(vec![0; CHUNK]);
    while left > 0 {
        let part = left.min(CHUNK as u64);
        reader.read(&mut buffer[..part as usize])?;
        left -= part;
    }
    let mac = reader.read_mac()?;
    // Up to the end, which checks the padding.
    while reader.plain.left > 0 {
        reader.plain.at = reader.plain.chunk.len();
        reader.plain.fill()?;
    }
    if reader.plain.length != parsed.length {
        return Err(file_error(
            path,
            &format!(
                "its header says {} bytes, and it has {}",
                parsed.length, reader.plain.length
            ),
        ));
    }
    if parsed.layout.bytes(parsed.samples) != parsed.bytes {
        return Err(file_error(
            path,
            &format!("{} samples are not {} bytes", parsed.samples, parsed.bytes),
        ));
    }
    Ok(Content {
        layout: parsed.layout,
        samples: parsed.samples,
        bytes: parsed.bytes,
        mac,
    })
}

/// All plain bytes of an encrypted file.
pub fn decrypt(path: &Path, cipher: &Cipher) -> Result<Vec<u8>, Error> {
    let mut plain = PlainReader::open(path, open_to_read(path), Some(cipher))?;
    let mut all = Vec::new();
    while plain.fill()? {
        all.extend_from_slice(&plain.chunk);
        plain.at = plain.chunk.len();
    }
    Ok(all)
}
