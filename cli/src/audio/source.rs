//! The bytes of a file: as they are, or decrypted.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::path::Path;

use earwig::engine::decrypt;
use earwig_core::codec::cipher::Cipher;
use symphonia::core::io::MediaSource;

/// Where bytes come from.
pub enum Source {
    Plain(File, u64),
    Decrypted(Cursor<Vec<u8>>),
}

impl Source {
    /// With a key, a file that does not begin as audio does is decrypted.
    pub fn open(path: &Path, cipher: Option<&Cipher>) -> Result<Self, String> {
        let mut file = File::open(path).map_err(|error| error.to_string())?;
        let length = file.metadata().map_err(|error| error.to_string())?.len();
        let mut magic = [0; 4];
        let begins = file.read_exact(&mut magic).is_ok();
        file.seek(SeekFrom::Start(0))
            .map_err(|error| error.to_string())?;
        match cipher {
            Some(cipher) if begins && ![b"RIFF", b"RF64", b"BW64", b"fLaC"].contains(&&magic) => {
                let plain = decrypt(path, cipher).map_err(|error| {
                    // The path is said by whoever prints this.
                    let path = format!("{}: ", path.display());
                    error.to_string().replacen(&path, "", 1)
                })?;
                Ok(Self::Decrypted(Cursor::new(plain)))
            }
            _ => Ok(Self::Plain(file, length)),
        }
    }

    /// Bytes in all.
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
