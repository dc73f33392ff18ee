//! A file that grows: `FILE.part` until it is whole, then `FILE`.
//!
//! Plain, it is the WAV itself with sizes of zero. Encrypted, it is a spool: a head that is no secret, then audio under the
//! file's key and an IV of its own, for the WAV's sizes must be known before its first block can be encrypted. The WAV is
//! made of it at the end; room for that is reserved as the spool grows, so that a disk that fills leaves a whole file.
#![forbid(unsafe_code)]

use super::encrypted_file::{self, EncryptedFile, SpoolHead, Stored};
use super::paths::{beside, directory, refused, rename_new, take, trouble};
use super::recovery;
use earwig_core::codec::cipher::{BLOCK, Cipher};
use earwig_core::codec::{Encoder, Layout, wav};
use earwig_core::job::recorder::{Existing, RecorderOptions};
use earwig_core::types::{Error, RecorderFormat};
use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

/// What is copied at once.
const CHUNK: usize = 256 * 1024;

/// An encrypted file that is longer takes a while to be made whole: others do not wait for it.
const LONG: u64 = 32 << 20;

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
    sealed: Option<EncryptedFile>,
    /// It was closed.
    whole: bool,
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
    pub fn create(path: &Path, layout: Layout, options: &RecorderOptions) -> Result<Opened, Error> {
        if path.file_name().is_none() || path.as_os_str().as_encoded_bytes().ends_with(b"/") {
            return Err(Error::invalid("filename: it names no file"));
        }
        if path.as_os_str().as_encoded_bytes().ends_with(b".part") {
            return Err(Error::invalid(
                "filename: names that end in .part are the recorder's own",
            ));
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
        options: &RecorderOptions,
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
            Some(cipher) => this.begin_encrypted(cipher.clone()),
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

    fn begin_encrypted(&mut self, cipher: Cipher) -> io::Result<()> {
        let (sealed, head) = EncryptedFile::begin(&self.path, cipher, self.layout, self.large)?;
        self.file.write_all_at(&head, 0)?;
        self.begins = head.len() as u64;
        self.sealed = Some(sealed);
        self.write(encrypted_file::CHECK)
    }

    /// Puts the audio of the file that exists before all that is to come.
    fn take_over(&mut self, options: &RecorderOptions) -> Result<(Encoder, u64), Error> {
        let path = self.path.clone();
        let cannot = |e: io::Error| trouble(&path, "it cannot be appended to", &e);
        let mut old = recovery::Stored::open(&path, options.cipher.as_ref())?;
        let found = old.parsed();
        if found.layout != self.layout {
            return Err(refused(
                &path,
                "it has another format, rate or number of channels than what would be appended",
            ));
        }
        let whole = [RecorderFormat::Ima, RecorderFormat::Oki].contains(&self.layout.format);
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
        match self.sealed.take() {
            None => self.store(audio),
            Some(mut sealed) => {
                let end = self.begins + self.stored;
                let written = sealed.write(audio, end, |blocks| self.store(blocks));
                self.sealed = Some(sealed);
                written
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
                let closed = self.close_encrypted(&mut sealed, samples);
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

    fn close_encrypted(
        &mut self,
        sealed: &mut EncryptedFile,
        samples: Option<u64>,
    ) -> io::Result<(u64, u64)> {
        let rest = sealed.rest();
        let stored = Stored {
            begins: self.begins,
            bytes: self.stored / BLOCK as u64 * BLOCK as u64,
            layout: self.layout,
            large: self.large,
        };
        let audio = stored.bytes.saturating_sub(BLOCK as u64) + rest.len() as u64;
        let (samples, bytes) = self.saved(audio, samples);
        sealed.make_whole(&self.file, stored, &rest, samples, bytes)?;
        Ok((samples, bytes))
    }

    /// Whether it takes a while to close it.
    pub fn is_long(&self) -> bool {
        self.sealed.is_some() && self.stored > LONG
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
    pub fn left_encrypted(
        path: PathBuf,
        part: PathBuf,
        file: File,
        head: &SpoolHead,
        cipher: Cipher,
        length: u64,
    ) -> io::Result<Self> {
        let sealed = EncryptedFile::of(&path, cipher, head.spool_iv)?;
        Ok(Self {
            path,
            part,
            file,
            layout: head.layout,
            large: head.large,
            existing: Existing::Refuse,
            begins: encrypted_file::HEAD as u64,
            stored: length.saturating_sub(encrypted_file::HEAD as u64),
            sealed: Some(sealed),
            whole: false,
        })
    }

    /// Whether a file of that name may be replaced.
    pub fn set_existing(&mut self, existing: Existing) {
        self.existing = existing;
    }
}
