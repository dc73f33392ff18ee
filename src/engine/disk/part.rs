//! A file that grows: `FILE.part` until it is whole, then `FILE`.
//!
//! Plain, it is the WAV itself with sizes of zero. Encrypted, it is a spool: a head that is no secret, then audio under the
//! file's key and an IV of its own, for the WAV's sizes must be known before its first block can be encrypted. The WAV is
//! made of it at the end; room for that is reserved as the spool grows, so that a disk that fills leaves a whole file.
#![forbid(unsafe_code)]

use super::stored;
use crate::cause::{Error, FileFormat, Status};
use crate::codec::cipher::{BLOCK, Cipher, Decrypting, Encrypting};
use crate::codec::{Encoder, Layout, wav};
use crate::job::record::options::{Existing, RecordOptions};
use rustix::fs::{AtFlags, CWD, FallocateFlags, FlockOperation, RenameFlags};
use rustix::io::Errno;
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

/// What is copied, and made whole, at once.
const CHUNK: usize = 256 * 1024;

/// How far ahead room for the whole file is reserved.
const RESERVE: u64 = 64 * 1024;

/// The spool's head: this, the file's IV, the spool's IV, the layout.
pub const SPOOL_MAGIC: &[u8; 16] = b"earwig spool 1\n\0";
/// Bytes of the spool's head.
pub const SPOOL_HEAD: usize = 64;
/// The first block under the key says whether a key is the right one.
pub const SPOOL_CHECK: &[u8; BLOCK] = b"earwig key check";

/// An error of the operating system, with the file that it is about.
pub fn trouble(path: &Path, doing: &str, error: &io::Error) -> Error {
    Error::new(
        Status::ErrFile,
        format!("{}: {doing}: {error}", path.display()),
    )
}

fn refused(path: &Path, why: &str) -> Error {
    Error::new(Status::ErrFile, format!("{}: {why}", path.display()))
}

/// `FILE` with something behind its name.
pub fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// A file that grows.
pub struct PartFile {
    path: PathBuf,
    part: PathBuf,
    file: File,
    layout: Layout,
    large: bool,
    existing: Existing,
    /// Where the audio begins in `file`, and how many of its bytes, or of the encrypted ones, are there.
    begins: u64,
    stored: u64,
    sealed: Option<Sealed>,
    /// It was closed.
    whole: bool,
}

/// What an encrypted file needs besides.
struct Sealed {
    cipher: Cipher,
    spool_iv: [u8; BLOCK],
    /// `None` once nothing more is written.
    spool: Option<Encrypting>,
    buffer: Vec<u8>,
    whole: File,
    whole_path: PathBuf,
    reserved: u64,
}

/// A file to write to, the encoder that goes on in it, and the samples that it has already.
pub struct Opened {
    /// The file.
    pub part: PartFile,
    /// The encoder.
    pub encoder: Encoder,
    /// Samples of each channel that are in the file that is appended to.
    pub before: u64,
}

impl PartFile {
    /// Makes `FILE.part`; refuses at once whatever could not be written.
    pub fn create(path: &Path, layout: Layout, options: &RecordOptions) -> Result<Opened, Error> {
        if path.file_name().is_none() || path.as_os_str().as_encoded_bytes().ends_with(b"/") {
            return Err(Error::invalid("filename: it names no file"));
        }
        // The process may go to another folder before the file is whole.
        let path = &std::path::absolute(path).map_err(|e| trouble(path, "finding it", &e))?;
        let exists = match path.symlink_metadata() {
            Ok(_) => true,
            Err(error) if error.kind() == ErrorKind::NotFound => false,
            Err(error) => return Err(trouble(path, "looking for it", &error)),
        };
        match options.existing {
            Existing::Refuse if exists => return Err(refused(path, "it exists already")),
            _ if exists && !path.is_file() => return Err(refused(path, "it is no file")),
            _ => {}
        }
        let part = beside(path, ".part");
        let file = take(&part, path, options.existing)?;
        let made = Self::fill(path, part.clone(), file, layout, options, exists);
        if made.is_err() {
            // It is ours, and there is nothing in it.
            let _ = std::fs::remove_file(&part);
            let _ = std::fs::remove_file(beside(path, ".part.whole"));
        }
        made
    }

    fn fill(
        path: &Path,
        part: PathBuf,
        file: File,
        layout: Layout,
        options: &RecordOptions,
        exists: bool,
    ) -> Result<Opened, Error> {
        let most = match options.max_bytes {
            0 => u64::MAX,
            most => most,
        };
        let large = wav::may_be_large(most);
        let mut this = Self {
            path: path.to_owned(),
            part,
            file,
            layout,
            large,
            existing: options.existing,
            begins: 0,
            stored: 0,
            sealed: None,
            whole: false,
        };
        let wrote = match &options.cipher {
            None => this.begin_plain(),
            Some(cipher) => this.begin_sealed(cipher.clone()),
        };
        wrote.map_err(|e| trouble(path, "it cannot be written", &e))?;
        let (encoder, before) = if options.existing == Existing::Append && exists {
            this.take_over(options)?
        } else {
            (Encoder::new(layout), 0)
        };
        Ok(Opened {
            part: this,
            encoder,
            before,
        })
    }

    fn begin_plain(&mut self) -> io::Result<()> {
        let head = wav::header(self.layout, 0, 0, self.large);
        self.file.write_all_at(&head, 0)?;
        self.begins = head.len() as u64;
        Ok(())
    }

    fn begin_sealed(&mut self, cipher: Cipher) -> io::Result<()> {
        let mut spool_iv = [0; BLOCK];
        rustix::rand::getrandom(&mut spool_iv, rustix::rand::GetRandomFlags::empty())?;
        let head = spool_head(&cipher.iv, &spool_iv, self.layout, self.large);
        self.file.write_all_at(&head, 0)?;
        self.begins = head.len() as u64;
        let whole_path = beside(&self.path, ".part.whole");
        let whole = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .open(&whole_path)?;
        self.sealed = Some(Sealed {
            spool: Some(Encrypting::new(&cipher.key, &spool_iv)),
            cipher,
            spool_iv,
            buffer: Vec::new(),
            whole,
            whole_path,
            reserved: 0,
        });
        self.write(SPOOL_CHECK)
    }

    /// Puts the audio of the file that exists before all that is to come.
    fn take_over(&mut self, options: &RecordOptions) -> Result<(Encoder, u64), Error> {
        let path = self.path.clone();
        let cannot = |e: io::Error| trouble(&path, "it cannot be appended to", &e);
        let mut old = stored::Stored::open(&path, options.cipher.as_ref())?;
        let found = old.parsed();
        if found.layout != self.layout {
            return Err(refused(
                &path,
                "it has another format, rate or number of channels than what would be appended",
            ));
        }
        let whole = [FileFormat::Ima, FileFormat::Oki].contains(&self.layout.format);
        let (mut data, mut left) = (Vec::new(), found.bytes);
        let mut copied = 0;
        while left > 0 {
            let from = data.len();
            data.resize(from + left.min(CHUNK as u64) as usize, 0);
            old.read(&mut data[from..])?;
            left -= (data.len() - from) as u64;
            if !whole {
                self.write(&data).map_err(cannot)?;
                copied += data.len() as u64;
                data.clear();
            }
        }
        let samples = found.samples.min(self.layout.samples(found.bytes));
        let (encoder, kept) = Encoder::resume(self.layout, samples, &data);
        if whole {
            self.write(&data[..kept as usize]).map_err(cannot)?;
        } else if copied != kept {
            return Err(refused(
                &path,
                "its length and its number of samples disagree",
            ));
        }
        Ok((encoder, samples))
    }

    /// The file system that it is on.
    pub fn device(&self) -> u64 {
        self.file.metadata().map_or(0, |m| m.dev())
    }

    /// Appends audio. After an error nothing more may be written; what was stored can be made whole.
    pub fn write(&mut self, audio: &[u8]) -> io::Result<()> {
        match &mut self.sealed {
            None => self.store(audio),
            Some(sealed) => {
                let mut buffer = std::mem::take(&mut sealed.buffer);
                buffer.clear();
                if let Some(spool) = &mut sealed.spool {
                    spool.update(audio, &mut buffer);
                }
                let end = self.begins + self.stored + (buffer.len() + 2 * BLOCK) as u64;
                let room = sealed.reserve(end);
                let stored = room.and_then(|()| self.store(&buffer));
                if let Some(sealed) = &mut self.sealed {
                    sealed.buffer = buffer;
                }
                stored
            }
        }
    }

    fn store(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            match self.file.write_at(bytes, self.begins + self.stored) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(count) => {
                    self.stored += count as u64;
                    bytes = &bytes[count..];
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// What was written reaches the disk.
    pub fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    /// What was written to its whole file system reaches the disk.
    pub fn sync_all(&self) -> io::Result<()> {
        Ok(rustix::fs::syncfs(&self.file)?)
    }

    /// Makes a whole WAV of what is stored: `samples` of each channel, or as many as were saved. Answers samples and bytes.
    pub fn close(&mut self, samples: Option<u64>) -> io::Result<(u64, u64)> {
        let closed = self.close_either(samples);
        self.whole = closed.is_ok();
        closed
    }

    fn close_either(&mut self, samples: Option<u64>) -> io::Result<(u64, u64)> {
        match self.sealed.take() {
            None => self.close_plain(samples),
            Some(mut sealed) => {
                let closed = self.close_sealed(&mut sealed, samples);
                if closed.is_err() {
                    // The spool stays, for recovery.
                    let _ = std::fs::remove_file(&sealed.whole_path);
                } else {
                    self.file = sealed.whole.try_clone()?;
                }
                self.sealed = Some(sealed);
                closed
            }
        }
    }

    /// As many samples as were saved, and their bytes.
    fn saved(&self, bytes: u64, samples: Option<u64>) -> (u64, u64) {
        let held = self.layout.samples(bytes);
        let samples = samples
            .filter(|&s| self.layout.bytes(s) <= bytes)
            .unwrap_or(held);
        (samples, self.layout.bytes(samples))
    }

    fn close_plain(&mut self, samples: Option<u64>) -> io::Result<(u64, u64)> {
        let (mut samples, mut bytes) = self.saved(self.stored, samples);
        let end = self.begins + bytes;
        self.file.set_len(end)?;
        if bytes % 2 == 1 && self.file.write_all_at(&[0], end).is_err() {
            // No room for the byte that makes it even: one byte of audio less then.
            samples = self.layout.samples(bytes - 1);
            bytes = self.layout.bytes(samples);
            self.file.set_len(self.begins + bytes)?;
        }
        let head = wav::header(self.layout, samples, bytes, self.large);
        self.file.write_all_at(&head, 0)?;
        Ok((samples, bytes))
    }

    fn close_sealed(
        &mut self,
        sealed: &mut Sealed,
        samples: Option<u64>,
    ) -> io::Result<(u64, u64)> {
        // What fills no block yet is in memory alone.
        let rest = sealed
            .spool
            .take()
            .map(Encrypting::rest)
            .unwrap_or_default();
        let stored = self.stored / BLOCK as u64 * BLOCK as u64;
        let audio = stored.saturating_sub(BLOCK as u64);
        let (samples, bytes) = self.saved(audio + rest.len() as u64, samples);
        let mut out = Vec::with_capacity(CHUNK + 2 * BLOCK);
        let mut at = 0;
        let mut flush = |out: &mut Vec<u8>| {
            sealed.whole.write_all_at(out, at)?;
            at += out.len() as u64;
            out.clear();
            io::Result::Ok(())
        };
        let mut encrypting = Encrypting::new(&sealed.cipher.key, &sealed.cipher.iv);
        encrypting.update(
            &wav::header(self.layout, samples, bytes, self.large),
            &mut out,
        );
        let mut decrypting = Decrypting::new(&sealed.cipher.key, &sealed.spool_iv);
        let mut chunk = zeroize::Zeroizing::new(vec![0; CHUNK]);
        let (mut read, mut left) = (0, bytes);
        while read < stored && left > 0 {
            let length = (stored - read).min(CHUNK as u64) as usize;
            self.file
                .read_exact_at(&mut chunk[..length], self.begins + read)?;
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
        sealed.whole.set_len(at)?;
        Ok((samples, bytes))
    }

    /// What is said when a write fails.
    pub fn trouble(&self, error: &io::Error) -> String {
        format!("{}: {error}", self.path.display())
    }

    /// What is said when it could not be closed.
    pub fn unfinished(&self, error: &io::Error) -> String {
        format!(
            "{}: it cannot be finished, and stays as {}: {error}",
            self.path.display(),
            self.part.display()
        )
    }

    /// The audio's layout.
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// Gives the whole file its name; one that could not be closed has none.
    pub fn publish(&mut self) -> Result<(), Error> {
        if !self.whole {
            return Ok(());
        }
        let from = match &self.sealed {
            None => self.part.clone(),
            Some(sealed) => sealed.whole_path.clone(),
        };
        let cannot = |e: io::Error| {
            let kept = format!("it cannot have its name, and stays as {}", from.display());
            trouble(&self.path, &kept, &e)
        };
        if self.existing == Existing::Refuse {
            rename_new(&from, &self.path).map_err(cannot)?;
        } else {
            std::fs::rename(&from, &self.path).map_err(cannot)?;
        }
        if self.sealed.is_some() {
            // Nothing is lost if it stays.
            let _ = std::fs::remove_file(&self.part);
        }
        Ok(())
    }

    /// The directory that has its name.
    pub fn directory(&self) -> PathBuf {
        directory(&self.path)
    }

    /// Nothing was recorded: it leaves nothing behind.
    pub fn discard(self) {
        let _ = std::fs::remove_file(&self.part);
        if let Some(sealed) = &self.sealed {
            let _ = std::fs::remove_file(&sealed.whole_path);
        }
    }

    /// What a crash has left, to be made whole. `file` is locked; `parsed` is the plain header's.
    pub fn left_plain(
        path: PathBuf,
        part: PathBuf,
        file: File,
        parsed: wav::Parsed,
        length: u64,
    ) -> Self {
        Self {
            path,
            part,
            file,
            layout: parsed.layout,
            large: parsed.begins >= wav::LARGE_BEGINS,
            existing: Existing::Refuse,
            begins: parsed.begins,
            stored: length.saturating_sub(parsed.begins),
            sealed: None,
            whole: false,
        }
    }

    /// Likewise for a spool.
    pub fn left_sealed(
        path: PathBuf,
        part: PathBuf,
        file: File,
        head: &SpoolHead,
        cipher: Cipher,
        length: u64,
    ) -> io::Result<Self> {
        let whole_path = beside(&path, ".part.whole");
        let whole = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .open(&whole_path)?;
        Ok(Self {
            path,
            part,
            file,
            layout: head.layout,
            large: head.large,
            existing: Existing::Refuse,
            begins: SPOOL_HEAD as u64,
            stored: length.saturating_sub(SPOOL_HEAD as u64),
            sealed: Some(Sealed {
                cipher,
                spool_iv: head.spool_iv,
                spool: None,
                buffer: Vec::new(),
                whole,
                whole_path,
                reserved: 0,
            }),
            whole: false,
        })
    }

    /// Whether a file of that name may be replaced.
    pub fn set_existing(&mut self, existing: Existing) {
        self.existing = existing;
    }
}

impl Sealed {
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

/// The directory of a file.
pub fn directory(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// Makes `FILE.part`, or takes over one that was left by a crash if the host overwrites, and locks it.
fn take(part: &Path, path: &Path, existing: Existing) -> Result<File, Error> {
    let mut open = OpenOptions::new();
    open.read(true).write(true);
    loop {
        match open.clone().create_new(true).open(part) {
            Ok(file) => return lock(&file, path).map(|()| file),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(trouble(path, "it cannot be written", &error)),
        }
        let file = match open.open(part) {
            Ok(file) => file,
            // It got its name in the meantime.
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => return Err(trouble(part, "it is in the way", &error)),
        };
        lock(&file, path)?;
        if !is_still(&file, part) {
            continue;
        }
        if existing != Existing::Overwrite {
            let why = "it is left of a recording that was cut off; `earwig recover` makes a whole file of it";
            return Err(refused(part, why));
        }
        return match file.set_len(0) {
            Ok(()) => Ok(file),
            Err(error) => Err(trouble(part, "it cannot be written", &error)),
        };
    }
}

/// Whether the name is that of the file that was opened by it: before it was locked, another may have finished it.
pub fn is_still(file: &File, path: &Path) -> bool {
    match (file.metadata(), path.symlink_metadata()) {
        (Ok(one), Ok(other)) => (one.dev(), one.ino()) == (other.dev(), other.ino()),
        _ => false,
    }
}

/// Locks a part; one that is locked is being written. A file system without locks has none.
pub fn lock(file: &File, path: &Path) -> Result<(), Error> {
    match rustix::fs::flock(file, FlockOperation::NonBlockingLockExclusive) {
        Err(Errno::WOULDBLOCK) => Err(refused(path, "a recording to it is in progress")),
        _ => Ok(()),
    }
}

/// Renames, but over nothing.
fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    match rustix::fs::renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {
            // A link is never made over a file either.
            rustix::fs::linkat(CWD, from, CWD, to, AtFlags::empty())?;
            std::fs::remove_file(from)
        }
        other => Ok(other?),
    }
}

/// What stands at the beginning of a spool.
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

fn spool_head(iv: &[u8; BLOCK], spool_iv: &[u8; BLOCK], layout: Layout, large: bool) -> Vec<u8> {
    let mut head = [SPOOL_MAGIC.as_slice(), iv, spool_iv].concat();
    head.extend_from_slice(&[
        layout.format as u8,
        layout.channels as u8,
        u8::from(large),
        0,
    ]);
    head.extend_from_slice(&layout.rate_hz.to_le_bytes());
    head.resize(SPOOL_HEAD, 0);
    head
}

impl SpoolHead {
    /// Reads it; `None` if the file is no spool.
    pub fn read(file: &mut File) -> io::Result<Option<Self>> {
        let mut head = [0; SPOOL_HEAD];
        file.seek(SeekFrom::Start(0))?;
        match file.read_exact(&mut head) {
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
            other => other?,
        }
        let at =
            |from: usize| -> [u8; BLOCK] { head[from..from + BLOCK].try_into().expect("16 bytes") };
        let format = FileFormat::from_i32(i32::from(head[48]));
        let rate = u32::from_le_bytes([head[52], head[53], head[54], head[55]]);
        let layout = format.and_then(|f| Layout::new(f, u16::from(head[49]), rate).ok());
        Ok(layout
            .filter(|_| head[..BLOCK] == *SPOOL_MAGIC)
            .map(|layout| Self {
                iv: at(16),
                spool_iv: at(32),
                layout,
                large: head[50] != 0,
            }))
    }
}
