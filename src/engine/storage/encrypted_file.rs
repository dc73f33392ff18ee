//! Encryption of a recording: encrypts the audio for the [`super::spool`], and makes the complete file from the spool.
#![forbid(unsafe_code)]

use super::named_file::NamedFile;
use super::paths::{os_error, with_suffix};
use super::spool::SpoolHeader;
use earwig_core::codec::cipher::{BLOCK, Cipher, Decrypting, Encrypting};
use earwig_core::codec::mac::{self, Mac, Purpose};
use earwig_core::codec::{Layout, wav};
use earwig_core::types::Error;
use rustix::fs::FallocateFlags;
use rustix::io::Errno;
use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileExt;
use std::path::Path;
use zeroize::Zeroizing;

/// Bytes that are decrypted and encrypted again at a time.
const CHUNK: usize = 256 * 1024;

/// Bytes by which a complete file may be longer than its spool: headers of up to 96 and 80 bytes, the rest of a block, padding, HMAC.
const LONGER: u64 = 16 + 16 + 1 + 16 + mac::CHUNK as u64;

/// Bytes that are stored at a time.
const WRITE: usize = 4096;

/// Step by which disk space for the complete file is reserved, bytes.
const RESERVE: u64 = 64 * 1024;

/// Key, encryption state and complete file of an encrypted recording.
pub struct EncryptedFile {
    cipher: Cipher,
    /// Whether the complete file gets an HMAC.
    cipher_mac: bool,
    spool_iv: [u8; BLOCK],
    /// Encrypts for the spool; `None` after the last write.
    encrypting: Option<Encrypting>,
    buffer: Vec<u8>,
    /// The complete file, empty until [`Self::complete`]; `FILE.part.whole` until it is published.
    pub output: NamedFile,
    /// Bytes of disk space reserved for the complete file.
    reserved: u64,
}

/// The encrypted blocks of a spool.
#[derive(Clone, Copy, Debug)]
pub struct SpoolBlocks {
    /// Offset of the first block in the spool.
    pub offset: u64,
    /// Bytes of whole blocks.
    pub bytes: u64,
    /// Layout of the audio.
    pub layout: Layout,
    /// Whether the WAV header has space for RF64.
    pub large: bool,
}

/// Creates `FILE.part.whole`. One that exists was left by a crash: whoever writes it holds the lock on the spool, as the caller does.
fn create_output(path: &Path, mode: u32) -> io::Result<NamedFile> {
    match NamedFile::create_new(path, mode) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            NamedFile::open(path)?.remove()?;
            NamedFile::create_new(path, mode)
        }
        created => created,
    }
}

impl EncryptedFile {
    /// Starts a new spool. Returns its header's bytes too. `mode`: permission bits of the complete file.
    pub fn create(
        path: &Path,
        mode: u32,
        cipher: Cipher,
        cipher_mac: bool,
        (layout, large): (Layout, bool),
    ) -> Result<(Self, Vec<u8>), Error> {
        let mut spool_iv = [0; BLOCK];
        rustix::rand::getrandom(&mut spool_iv, rustix::rand::GetRandomFlags::empty())
            .map_err(|e| os_error(path, "there are no random bytes for it", &e.into()))?;
        let header = SpoolHeader {
            iv: cipher.iv,
            spool_iv,
            layout,
            large,
            cipher_mac,
        };
        let bytes = header.bytes(&cipher.key);
        let mut this = Self::open(path, mode, cipher, &header)?;
        this.encrypting = Some(Encrypting::new(&this.cipher.key, &spool_iv));
        Ok((this, bytes))
    }

    /// Creates the complete file of a spool that gets no more audio. The caller has locked the spool.
    pub fn open(
        path: &Path,
        mode: u32,
        cipher: Cipher,
        header: &SpoolHeader,
    ) -> Result<Self, Error> {
        let path = with_suffix(path, ".part.whole");
        let output =
            create_output(&path, mode).map_err(|e| os_error(&path, "it cannot be created", &e))?;
        Ok(Self {
            cipher,
            cipher_mac: header.cipher_mac,
            spool_iv: header.spool_iv,
            encrypting: None,
            buffer: Vec::new(),
            output,
            reserved: 0,
        })
    }

    /// Key and IV of the complete file.
    pub fn cipher(&self) -> &Cipher {
        &self.cipher
    }

    /// Encrypts audio for the spool, whose length so far is `end`. `store` appends the encrypted blocks.
    pub fn write(
        &mut self,
        audio: &[u8],
        mut end: u64,
        mut store: impl FnMut(&[u8]) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut buffer = std::mem::take(&mut self.buffer);
        buffer.clear();
        if let Some(encrypting) = &mut self.encrypting {
            encrypting.update(audio, &mut buffer);
        }
        // In small parts: on a full disk, some of them may still fit.
        let mut write = |part: &[u8]| {
            end += part.len() as u64;
            self.reserve(end + LONGER)?;
            store(part)
        };
        let result = buffer.chunks(WRITE).try_for_each(&mut write);
        self.buffer = buffer;
        result
    }

    /// Ends the writes. Returns the bytes of the last, incomplete block, which are not in the spool.
    pub fn take_rest(&mut self) -> Zeroizing<Vec<u8>> {
        self.encrypting
            .take()
            .map(Encrypting::rest)
            .unwrap_or_default()
    }

    /// Writes the complete file: a header with `samples`, and `bytes` of audio from the spool and the rest.
    pub fn complete(
        &mut self,
        spool: &File,
        blocks: SpoolBlocks,
        rest: &[u8],
        samples: u64,
        bytes: u64,
    ) -> io::Result<()> {
        let mut out = Vec::with_capacity(CHUNK + 2 * BLOCK);
        let mut at = 0;
        let mut flush = |out: &mut Vec<u8>| {
            self.output.file().write_all_at(out, at)?;
            at += out.len() as u64;
            out.clear();
            io::Result::Ok(())
        };
        let mut plain = PlainWriter::new(&self.cipher, self.cipher_mac);
        let after = if self.cipher_mac { mac::CHUNK } else { 0 } as u64;
        let header = wav::header_before(blocks.layout, samples, bytes, blocks.large, after);
        plain.write(&header, &mut out);
        let mut decrypting = Decrypting::new(&self.cipher.key, &self.spool_iv);
        let mut chunk = Zeroizing::new(vec![0; CHUNK]);
        let (mut read, mut left) = (0, bytes);
        while read < blocks.bytes && left > 0 {
            let length = (blocks.bytes - read).min(CHUNK as u64) as usize;
            spool.read_exact_at(&mut chunk[..length], blocks.offset + read)?;
            decrypting.update(&mut chunk[..length]);
            // The first block is the key check.
            let skip = if read == 0 { BLOCK } else { 0 };
            let take = ((length - skip) as u64).min(left) as usize;
            plain.write(&chunk[skip..skip + take], &mut out);
            flush(&mut out)?;
            left -= take as u64;
            read += length as u64;
        }
        plain.write(&rest[..left.min(rest.len() as u64) as usize], &mut out);
        if bytes % 2 == 1 {
            plain.write(&[0], &mut out);
        }
        plain.finish(&mut out);
        flush(&mut out)?;
        // Releases reserved space that is not needed.
        self.output.file().set_len(at)
    }

    /// Reserves disk space for a complete file of `end` bytes.
    fn reserve(&mut self, end: u64) -> io::Result<()> {
        if end <= self.reserved {
            return Ok(());
        }
        let more = end.next_multiple_of(RESERVE) - self.reserved;
        match rustix::fs::fallocate(
            self.output.file(),
            FallocateFlags::empty(),
            self.reserved,
            more,
        ) {
            Ok(()) => {
                self.reserved += more;
                Ok(())
            }
            // The file system cannot reserve space: completing the file may fail on a full disk.
            Err(Errno::OPNOTSUPP | Errno::NOSYS | Errno::INVAL) => {
                self.reserved = u64::MAX;
                Ok(())
            }
            Err(error) => {
                let min = end - self.reserved;
                if more > min
                    && rustix::fs::fallocate(
                        self.output.file(),
                        FallocateFlags::empty(),
                        self.reserved,
                        min,
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

/// Encrypts the complete file, and computes its HMAC.
struct PlainWriter {
    encrypting: Encrypting,
    mac: Option<Mac>,
}

impl PlainWriter {
    fn new(cipher: &Cipher, cipher_mac: bool) -> Self {
        Self {
            encrypting: Encrypting::new(&cipher.key, &cipher.iv),
            mac: cipher_mac.then(|| Mac::new(&cipher.key, Purpose::Recording)),
        }
    }

    fn write(&mut self, plain: &[u8], out: &mut Vec<u8>) {
        if let Some(mac) = &mut self.mac {
            mac.update(plain);
        }
        self.encrypting.update(plain, out);
    }

    /// Appends the chunk with the HMAC, and the padding.
    fn finish(mut self, out: &mut Vec<u8>) {
        if let Some(mac) = self.mac.take() {
            self.encrypting.update(&mac.chunk(), out);
        }
        self.encrypting.finish(out);
    }
}
