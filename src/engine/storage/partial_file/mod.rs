//! The file of a running recording: `FILE.part` until it is complete, then `FILE`.
//!
//! A plain recording is the WAV itself, with sizes of 0. An encrypted recording is a [spool], because the WAV's sizes must
//! be known before its first block can be encrypted. The WAV is made from the spool at the end; disk space for it is reserved as
//! the spool grows, so that a full disk still leaves a complete file.
#![forbid(unsafe_code)]

mod create;

pub use create::Opened;

use crate::engine::storage::encrypted_file::{EncryptedFile, SpoolBlocks};
use crate::engine::storage::named_file::NamedFile;
use crate::engine::storage::paths::{directory, os_error, shown};
use crate::engine::storage::reader::{Content, validate_file};
use crate::engine::storage::spool::{self, SpoolHeader};
use earwig_core::codec::cipher::{BLOCK, Cipher};
use earwig_core::codec::{Layout, wav};
use earwig_core::job::recorder::Existing;
use earwig_core::types::Error;
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::PathBuf;

/// Length of a spool above which completing the file takes long, bytes.
const LONG_SPOOL: u64 = 32 << 20;

/// The file of a running recording.
pub struct PartialFile {
    path: PathBuf,
    /// `FILE.part`, locked until the recording has its final name.
    part: NamedFile,
    layout: Layout,
    large: bool,
    existing: Existing,
    /// Offset of the audio in `part`, plain or encrypted, and its bytes.
    offset: u64,
    stored: u64,
    encrypted: Option<EncryptedFile>,
    /// The file was closed, and can be published.
    complete: bool,
}

impl PartialFile {
    /// Id of the file's file system.
    pub fn device(&self) -> u64 {
        self.part.file().metadata().map_or(0, |m| m.dev())
    }

    /// Appends audio. After an error, nothing more may be written, and the audio so far can be completed.
    pub fn write(&mut self, audio: &[u8]) -> io::Result<()> {
        match self.encrypted.take() {
            None => self.store(audio),
            Some(mut encrypted) => {
                let end = self.offset + self.stored;
                let result = encrypted.write(audio, end, |blocks| self.store(blocks));
                self.encrypted = Some(encrypted);
                result
            }
        }
    }

    fn store(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            match self.part.file().write_at(bytes, self.offset + self.stored) {
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

    /// The file that becomes `FILE` once it is complete; until then, the one that is written.
    fn current(&self) -> &NamedFile {
        match &self.encrypted {
            Some(encrypted) if self.complete => &encrypted.output,
            _ => &self.part,
        }
    }

    /// Syncs the file to the disk.
    pub fn sync(&self) -> io::Result<()> {
        self.current().file().sync_data()
    }

    /// Syncs the file's whole file system to the disk.
    pub fn sync_file_system(&self) -> io::Result<()> {
        Ok(rustix::fs::syncfs(self.current().file())?)
    }

    /// Completes the WAV with `samples` of each channel; `None`, or more than there are: all. Returns its samples and bytes.
    pub fn close(&mut self, samples: Option<u64>) -> io::Result<(u64, u64)> {
        let closed = self.close_file(samples);
        self.complete = closed.is_ok();
        closed
    }

    fn close_file(&mut self, samples: Option<u64>) -> io::Result<(u64, u64)> {
        match self.encrypted.take() {
            None => self.close_plain(samples),
            Some(mut encrypted) => {
                let closed = self.close_encrypted(&mut encrypted, samples);
                if closed.is_err() {
                    // The spool stays for recovery.
                    let _ = encrypted.output.remove();
                }
                self.encrypted = Some(encrypted);
                closed
            }
        }
    }

    /// Samples of the complete file and their bytes: `samples`, or all in `bytes` if there are fewer.
    fn final_length(&self, bytes: u64, samples: Option<u64>) -> (u64, u64) {
        let all = self.layout.samples(bytes);
        let samples = samples
            .filter(|&s| self.layout.bytes(s) <= bytes)
            .unwrap_or(all);
        (samples, self.layout.bytes(samples))
    }

    fn close_plain(&mut self, samples: Option<u64>) -> io::Result<(u64, u64)> {
        let (mut samples, mut bytes) = self.final_length(self.stored, samples);
        let end = self.offset + bytes;
        let file = self.part.file();
        file.set_len(end)?;
        if bytes % 2 == 1 && file.write_all_at(&[0], end).is_err() {
            // No space for the padding byte of an odd length: drops one byte of audio.
            samples = self.layout.samples(bytes - 1);
            bytes = self.layout.bytes(samples);
            file.set_len(self.offset + bytes)?;
        }
        let header = wav::header(self.layout, samples, bytes, self.large);
        file.write_all_at(&header, 0)?;
        Ok((samples, bytes))
    }

    fn close_encrypted(
        &mut self,
        encrypted: &mut EncryptedFile,
        samples: Option<u64>,
    ) -> io::Result<(u64, u64)> {
        let rest = encrypted.take_rest();
        let blocks = SpoolBlocks {
            offset: self.offset,
            bytes: self.stored / BLOCK as u64 * BLOCK as u64,
            layout: self.layout,
            large: self.large,
        };
        let audio = blocks.bytes.saturating_sub(BLOCK as u64) + rest.len() as u64;
        let (samples, bytes) = self.final_length(audio, samples);
        encrypted.complete(self.part.file(), blocks, &rest, samples, bytes)?;
        Ok((samples, bytes))
    }

    /// Reads the file that [`Self::close`] has completed from end to end. An error if it is not whole.
    pub fn validate(&self) -> Result<Content, Error> {
        let whole = self.current();
        let cipher = self.encrypted.as_ref().map(EncryptedFile::cipher);
        validate_file(whole.path(), whole.file().try_clone(), cipher)
    }

    /// Removes the complete file of a spool; the spool stays.
    pub fn discard_output(&self) {
        if let Some(encrypted) = &self.encrypted {
            let _ = encrypted.output.remove();
        }
    }

    /// Whether closing the file takes long.
    pub fn is_long(&self) -> bool {
        self.encrypted.is_some() && self.stored > LONG_SPOOL
    }

    /// Error text of a failed write or sync.
    pub fn error_text(&self, error: &io::Error) -> String {
        format!("{}: {error}", shown(&self.path))
    }

    /// Error text of a failed close.
    pub fn unfinished_text(&self, error: &io::Error) -> String {
        format!(
            "{}: it cannot be finished, and stays as {}: {error}",
            shown(&self.path),
            shown(self.part.path())
        )
    }

    /// Layout of the audio.
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// Renames the complete file to its final name. No effect if it could not be closed.
    pub fn publish(&mut self) -> Result<(), Error> {
        if !self.complete {
            return Ok(());
        }
        let replace = self.existing != Existing::Refuse;
        let (whole, spool) = match &mut self.encrypted {
            None => (&mut self.part, None),
            Some(encrypted) => (&mut encrypted.output, Some(&self.part)),
        };
        whole.rename(&self.path, replace).map_err(|e| {
            let kept = format!("it cannot be renamed, and stays as {}", shown(whole.path()));
            os_error(&self.path, &kept, &e)
        })?;
        if let Some(spool) = spool {
            // If removing the spool fails, nothing is lost.
            let _ = spool.remove();
        }
        Ok(())
    }

    /// Directory of the file.
    pub fn directory(&self) -> PathBuf {
        directory(&self.path)
    }

    /// Removes the file: no recording took place.
    pub fn discard(self) {
        let _ = self.part.remove();
        self.discard_output();
    }

    /// A plain `.part` file of `length` bytes that a crash has left, and that is locked. `parsed`: its header.
    pub fn open_plain(path: PathBuf, part: NamedFile, parsed: wav::Parsed, length: u64) -> Self {
        Self {
            path,
            part,
            layout: parsed.layout,
            large: parsed.begins >= wav::LARGE_BEGINS,
            existing: Existing::Refuse,
            offset: parsed.begins,
            stored: length.saturating_sub(parsed.begins),
            encrypted: None,
            complete: false,
        }
    }

    /// A spool of `length` bytes that a crash has left, and that is locked.
    pub fn open_spool(
        path: PathBuf,
        part: NamedFile,
        header: &SpoolHeader,
        cipher: Cipher,
        length: u64,
    ) -> Result<Self, Error> {
        let mode = part
            .mode()
            .map_err(|e| os_error(part.path(), "it cannot be read", &e))?;
        let encrypted = EncryptedFile::open(&path, mode, cipher, header)?;
        Ok(Self {
            path,
            part,
            layout: header.layout,
            large: header.large,
            existing: Existing::Refuse,
            offset: spool::HEADER as u64,
            stored: length.saturating_sub(spool::HEADER as u64),
            encrypted: Some(encrypted),
            complete: false,
        })
    }

    /// Sets whether the final name may replace a file.
    pub fn set_existing(&mut self, existing: Existing) {
        self.existing = existing;
    }
}
