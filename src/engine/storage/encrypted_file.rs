//! An encrypted file: the spool that it grows in, and the whole file that is made of it.
//!
//! The spool: a head that is no secret ([`SpoolHead`]), then, under the file's key and an IV of the spool's own, a block that
//! tells a wrong key, and the audio.
#![forbid(unsafe_code)]

use super::paths::beside;
use earwig_core::codec::cipher::{BLOCK, Cipher, Decrypting, Encrypting};
use earwig_core::codec::{Layout, wav};
use earwig_core::types::RecorderFormat;
use rustix::fs::FallocateFlags;
use rustix::io::Errno;
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// What is encrypted anew at once.
const CHUNK: usize = 256 * 1024;

/// What is stored at once.
const PART: usize = 4096;

/// How far ahead room for the whole file is reserved.
const RESERVE: u64 = 64 * 1024;

/// The spool's head begins with this; then the file's IV, the spool's IV, the layout.
const MAGIC: &[u8; 16] = b"earwig spool 1\n\0";
/// Bytes of the spool's head.
pub const HEAD: usize = 64;
/// The first block under the key.
pub const CHECK: &[u8; BLOCK] = b"earwig key check";

/// What an encrypted file needs besides its spool.
pub struct EncryptedFile {
    cipher: Cipher,
    spool_iv: [u8; BLOCK],
    /// `None` once nothing more is written.
    spool: Option<Encrypting>,
    buffer: Vec<u8>,
    /// The whole file to be.
    pub whole: File,
    /// Its name until then.
    pub whole_path: PathBuf,
    reserved: u64,
}

/// What there is to be made whole.
#[derive(Clone, Copy, Debug)]
pub struct Stored {
    /// Where the spool's blocks begin, and their bytes.
    pub begins: u64,
    /// Bytes of whole blocks.
    pub bytes: u64,
    /// The audio's layout.
    pub layout: Layout,
    /// The header has a place for RF64.
    pub large: bool,
}

impl EncryptedFile {
    /// For a new spool, of which the head is answered.
    pub fn begin(
        path: &Path,
        cipher: Cipher,
        layout: Layout,
        large: bool,
    ) -> io::Result<(Self, Vec<u8>)> {
        let mut spool_iv = [0; BLOCK];
        rustix::rand::getrandom(&mut spool_iv, rustix::rand::GetRandomFlags::empty())?;
        let head = SpoolHead {
            iv: cipher.iv,
            spool_iv,
            layout,
            large,
        };
        let mut this = Self::of(path, cipher, spool_iv)?;
        this.spool = Some(Encrypting::new(&this.cipher.key, &spool_iv));
        Ok((this, head.bytes()))
    }

    /// For a spool that nothing more is written to.
    pub fn of(path: &Path, cipher: Cipher, spool_iv: [u8; BLOCK]) -> io::Result<Self> {
        let whole_path = beside(path, ".part.whole");
        let whole = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .open(&whole_path)?;
        Ok(Self {
            cipher,
            spool_iv,
            spool: None,
            buffer: Vec::new(),
            whole,
            whole_path,
            reserved: 0,
        })
    }

    /// Encrypts for the spool, which ends at `end` before it; `store` writes what came of it.
    pub fn write(
        &mut self,
        audio: &[u8],
        mut end: u64,
        mut store: impl FnMut(&[u8]) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.clear();
        if let Some(spool) = &mut self.spool {
            spool.update(audio, &mut buffer);
        }
        // Bit by bit: of what finds no room as a whole, a part may.
        let mut write = |part: &[u8]| {
            end += part.len() as u64;
            self.reserve(end + 2 * BLOCK as u64)?;
            store(part)
        };
        let written = buffer.chunks(PART).try_for_each(&mut write);
        self.buffer = buffer;
        written
    }

    /// No more is written: the bytes that fill no block yet, which are in memory alone.
    pub fn rest(&mut self) -> Zeroizing<Vec<u8>> {
        self.spool.take().map(Encrypting::rest).unwrap_or_default()
    }

    /// Makes the whole file: `bytes` of audio, from the spool and the rest, behind a header that says `samples`.
    pub fn make_whole(
        &mut self,
        spool: &File,
        stored: Stored,
        rest: &[u8],
        samples: u64,
        bytes: u64,
    ) -> io::Result<()> {
        let mut out = Vec::with_capacity(CHUNK + 2 * BLOCK);
        let mut at = 0;
        let mut flush = |out: &mut Vec<u8>| {
            self.whole.write_all_at(out, at)?;
            at += out.len() as u64;
            out.clear();
            io::Result::Ok(())
        };
        let mut encrypting = Encrypting::new(&self.cipher.key, &self.cipher.iv);
        let header = wav::header(stored.layout, samples, bytes, stored.large);
        encrypting.update(&header, &mut out);
        let mut decrypting = Decrypting::new(&self.cipher.key, &self.spool_iv);
        let mut chunk = Zeroizing::new(vec![0; CHUNK]);
        let (mut read, mut left) = (0, bytes);
        while read < stored.bytes && left > 0 {
            let length = (stored.bytes - read).min(CHUNK as u64) as usize;
            spool.read_exact_at(&mut chunk[..length], stored.begins + read)?;
            decrypting.update(&mut chunk[..length]);
            // The first block is the check.
            let skip = if read == 0 { BLOCK } else { 0 };
            let take = ((length - skip) as u64).min(left) as usize;
            encrypting.update(&chunk[skip..skip + take], &mut out);
            flush(&mut out)?;
            left -= take as u64;
            read += length as u64;
        }
        encrypting.update(&rest[..left.min(rest.len() as u64) as usize], &mut out);
        if bytes % 2 == 1 {
            encrypting.update(&[0], &mut out);
        }
        encrypting.finish(&mut out);
        flush(&mut out)?;
        // What was reserved and not needed goes back.
        self.whole.set_len(at)
    }

    /// Makes sure that the whole file will have room.
    fn reserve(&mut self, end: u64) -> io::Result<()> {
        if end <= self.reserved {
            return Ok(());
        }
        let more = end.next_multiple_of(RESERVE) - self.reserved;
        match rustix::fs::fallocate(&self.whole, FallocateFlags::empty(), self.reserved, more) {
            Ok(()) => {
                self.reserved += more;
                Ok(())
            }
            // A file system that cannot reserve: then the end must try its luck.
            Err(Errno::OPNOTSUPP | Errno::NOSYS | Errno::INVAL) => {
                self.reserved = u64::MAX;
                Ok(())
            }
            Err(error) => {
                let least = end - self.reserved;
                if more > least
                    && rustix::fs::fallocate(
                        &self.whole,
                        FallocateFlags::empty(),
                        self.reserved,
                        least,
                    )
                    .is_ok()
                {
                    self.reserved = end;
                    return Ok(());
                }
                Err(error.into())
            }
        }
    }
}

/// What stands at the beginning of a spool.
#[derive(Clone, Copy, Debug)]
pub struct SpoolHead {
    /// The file's IV.
    pub iv: [u8; BLOCK],
    /// The spool's.
    pub spool_iv: [u8; BLOCK],
    /// The audio's layout.
    pub layout: Layout,
    /// The header has a place for RF64.
    pub large: bool,
}

impl SpoolHead {
    fn bytes(&self) -> Vec<u8> {
        let layout = self.layout;
        let mut head = [MAGIC.as_slice(), &self.iv, &self.spool_iv].concat();
        head.extend_from_slice(&[
            layout.format as u8,
            layout.channels as u8,
            u8::from(self.large),
            0,
        ]);
        head.extend_from_slice(&layout.rate_hz.to_le_bytes());
        head.resize(HEAD, 0);
        head
    }

    /// Reads it; `None` if the file is no spool.
    pub fn read(file: &mut File) -> io::Result<Option<Self>> {
        let mut head = [0; HEAD];
        file.seek(SeekFrom::Start(0))?;
        match file.read_exact(&mut head) {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
            other => other?,
        }
        let at =
            |from: usize| -> [u8; BLOCK] { head[from..from + BLOCK].try_into().expect("16 bytes") };
        let format = RecorderFormat::from_i32(i32::from(head[48]));
        let rate = u32::from_le_bytes([head[52], head[53], head[54], head[55]]);
        let layout = format.and_then(|f| Layout::new(f, u16::from(head[49]), rate).ok());
        let ours = layout.filter(|_| head[..BLOCK] == *MAGIC);
        Ok(ours.map(|layout| Self {
            iv: at(16),
            spool_iv: at(32),
            layout,
            large: head[50] != 0,
        }))
    }
}
