//! The bytes of a file, plain or decrypted.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::path::Path;

use earwig::engine::decrypt;
use earwig_core::codec::cipher::Cipher;
use symphonia::core::io::MediaSource;

/// An open file.
pub enum Source {
    /// A file that is read as it stands, and its length in bytes.
    Plain(File, u64),
    /// The plain text of an encrypted file.
    Decrypted(Cursor<Vec<u8>>),
}

impl Source {
    /// Opens a file. With a cipher, a file that begins with no WAV or FLAC signature is decrypted, all of it in memory.
    pub fn open(path: &Path, cipher: Option<&Cipher>) -> Result<Self, String> {
        let mut file = File::open(path).map_err(|error| error.to_string())?;
        let length = file.metadata().map_err(|error| error.to_string())?.len();
        let mut magic = [0; 4];
        let has_magic = file.read_exact(&mut magic).is_ok();
        file.seek(SeekFrom::Start(0))
            .map_err(|error| error.to_string())?;
        match cipher {
            Some(cipher)
                if has_magic && ![b"RIFF", b"RF64", b"BW64", b"fLaC"].contains(&&magic) =>
            {
                let plain = decrypt(path, cipher).map_err(|error| {
                    // The caller prints the path.
                    let path = format!("{}: ", path.display());
                    error.to_string().replacen(&path, "", 1)
                })?;
                Ok(Self::Decrypted(Cursor::new(plain)))
            }
            _ => Ok(Self::Plain(file, length)),
        }
    }

    /// Length in bytes.
    pub fn length(&self) -> u64 {
        match self {
            Self::Plain(_, length) => *length,
            Self::Decrypted(bytes) => bytes.get_ref().len() as u64,
        }
    }
}

impl Read for Source {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(file, _) => file.read(to),
            Self::Decrypted(bytes) => bytes.read(to),
        }
    }
}

impl Seek for Source {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match self {
            Self::Plain(file, _) => file.seek(to),
            Self::Decrypted(bytes) => bytes.seek(to),
        }
    }
}

impl MediaSource for Source {
    fn is_seekable(&self) -> bool {
        true
    }

    fn byte_len(&self) -> Option<u64> {
        Some(self.length())
    }
}
