//! The file of a running recording: `FILE.part` until it is complete, then `FILE`.
//!
//! A plain recording is the WAV itself, with sizes of 0. An encrypted recording is a [`super::spool`], because the WAV's sizes must
//! be known before its first block can be encrypted. The WAV is made from the spool at the end; disk space for it is reserved as
//! the spool grows, so that a full disk still leaves a complete file.
#![forbid(unsafe_code)]

use super::encrypted_file::{EncryptedFile, SpoolBlocks};
use super::paths::{create_part, directory, file_error, os_error, rename_new, with_suffix};
use super::reader::RecordingReader;
use super::spool::{self, SpoolHeader};
use earwig_core::codec::cipher::{BLOCK, Cipher};
use earwig_core::codec::{Encoder, Layout, wav};
use earwig_core::job::recorder::{Existing, RecorderOptions};
use earwig_core::types::{Error, RecorderFormat};
use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

/// Bytes that are copied at a time.
const CHUNK: usize = 256 * 1024;

/// Length of a spool above which completing the file takes long, bytes.
const LONG_SPOOL: u64 = 32 << 20;

/// The file of a running recording.
pub struct PartialFile {
    path: PathBuf,
    part: PathBuf,
    file: File,
    layout: Layout,
    large: bool,
    existing: Existing,
    /// Offset of the audio in `file`, plain or encrypted, and its bytes.
    offset: u64,
    stored: u64,
    encrypted: Option<EncryptedFile>,
    /// The file was closed, and can be published.
    complete: bool,
}

/// A new file, with the encoder for it.
pub struct Opened {
    /// The file to write to.
    pub file: PartialFile,
    /// The encoder; for append, in the state at the end of the existing file.
    pub encoder: Encoder,
    /// Samples of each channel in the file that is appended to; else 0.
    pub before: u64,
}

impl PartialFile {
    /// Creates `FILE.part`; for append, copies the audio of `FILE` into it. ERR_FILE if the file cannot be written.
    pub fn create(path: &Path, layout: Layout, options: &RecorderOptions) -> Result<Opened, Error> {
        if path.file_name().is_none() || path.as_os_str().as_encoded_bytes().ends_with(b"/") {
            return Err(Error::invalid("filename: it does not name a file"));
        }
        if path.as_os_str().as_encoded_bytes().ends_with(b".part") {
            return Err(Error::invalid(
                "filename: names that end in .part are reserved for the recorder",
            ));
        }
        // The process may change its working directory before the file is complete.
        let path = &std::path::absolute(path)
            .map_err(|e| os_error(path, "its absolute path is not available", &e))?;
        let exists = match path.symlink_metadata() {
            Ok(_) => true,
            Err(error) if error.kind() == ErrorKind::NotFound => false,
            Err(error) => return Err(os_error(path, "it cannot be inspected", &error)),
        };
        match options.existing {
            Existing::Refuse if exists => return Err(file_error(path, "it exists already")),
            _ if exists && !path.is_file() => {
                return Err(file_error(path, "it is not a regular file"));
            }
            _ => {}
        }
        let part = with_suffix(path, ".part");
        let file = create_part(&part, path, options.existing)?;
        let opened = Self::begin(path, part.clone(), file, layout, options, exists);
        if opened.is_err() {
            // The file was created above, and has no audio.
            let _ = std::fs::remove_file(&part);
            let _ = std::fs::remove_file(with_suffix(path, ".part.whole"));
        }
        opened
    }

    /// Writes the beginning of a new file.
    fn begin(
        path: &Path,
        part: PathBuf,
        file: File,
        layout: Layout,
        options: &RecorderOptions,
        exists: bool,
    ) -> Result<Opened, Error> {
        let max_bytes = match options.max_bytes {
            0 => u64::MAX,
            max => max,
        };
        let large = wav::may_be_large(max_bytes);
        let mut this = Self {
            path: path.to_owned(),
            part,
            file,
            layout,
            large,
            existing: options.existing,
            offset: 0,
            stored: 0,
            encrypted: None,
            complete: false,
        };
        let result = match &options.cipher {
            None => this.begin_plain(),
            Some(cipher) => this.begin_encrypted(cipher.clone()),
        };
        result.map_err(|e| os_error(path, "it cannot be written", &e))?;
        let (encoder, before) = if options.existing == Existing::Append && exists {
            this.copy_existing(options)?
        } else {
            (Encoder::new(layout), 0)
        };
        Ok(Opened {
            file: this,
            encoder,
            before,
        })
    }

    /// Writes a WAV header with sizes of 0.
    fn begin_plain(&mut self) -> io::Result<()> {
        let header = wav::header(self.layout, 0, 0, self.large);
        self.file.write_all_at(&header, 0)?;
        self.offset = header.len() as u64;
        Ok(())
    }

    /// Writes the spool's header and its key check.
    fn begin_encrypted(&mut self, cipher: Cipher) -> io::Result<()> {
        let (encrypted, header) =
            EncryptedFile::create(&self.path, cipher, self.layout, self.large)?;
        self.file.write_all_at(&header, 0)?;
        self.offset = header.len() as u64;
        self.encrypted = Some(encrypted);
        self.write(spool::CHECK)
    }

    /// Copies the audio of the existing file. Returns the encoder in the state at the end of that audio, and its samples.
    fn copy_existing(&mut self, options: &RecorderOptions) -> Result<(Encoder, u64), Error> {
        let path = self.path.clone();
        let cannot = |e: io::Error| os_error(&path, "it cannot be appended to", &e);
        let mut existing = RecordingReader::open(&path, options.cipher.as_ref())?;
        let found = existing.parsed();
        if found.layout != self.layout {
            return Err(file_error(
                &path,
                "it has another format, rate or number of channels than what would be appended",
            ));
        }
        // To resume an ADPCM encoder takes all the audio, of which the last bytes are encoded again.
        let at_once = [RecorderFormat::Ima, RecorderFormat::Oki].contains(&self.layout.format);
        let (mut data, mut left) = (Vec::new(), found.bytes);
        let mut copied = 0;
        while left > 0 {
            let from = data.len();
            data.resize(from + left.min(CHUNK as u64) as usize, 0);
            existing.read(&mut data[from..])?;
            left -= (data.len() - from) as u64;
            if !at_once {
                self.write(&data).map_err(cannot)?;
                copied += data.len() as u64;
                data.clear();
            }
        }
        let samples = found.samples.min(self.layout.samples(found.bytes));
        let (encoder, kept) = Encoder::resume(self.layout, samples, &data);
        if at_once {
            self.write(&data[..kept as usize]).map_err(cannot)?;
        } else if copied != kept {
            return Err(file_error(
                &path,
                "its length and its number of samples disagree",
            ));
        }
        Ok((encoder, samples))
    }

    /// Id of the file's file system.
    pub fn device(&self) -> u64 {
        self.file.metadata().map_or(0, |m| m.dev())
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
            match self.file.write_at(bytes, self.offset + self.stored) {
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

    /// Syncs the file to the disk.
    pub fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    /// Syncs the file's whole file system to the disk.
    pub fn sync_file_system(&self) -> io::Result<()> {
        Ok(rustix::fs::syncfs(&self.file)?)
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
                    let _ = std::fs::remove_file(&encrypted.output_path);
                } else {
                    self.file = encrypted.output.try_clone()?;
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
        self.file.set_len(end)?;
        if bytes % 2 == 1 && self.file.write_all_at(&[0], end).is_err() {
            // No space for the padding byte of an odd length: drops one byte of audio.
            samples = self.layout.samples(bytes - 1);
            bytes = self.layout.bytes(samples);
            self.file.set_len(self.offset + bytes)?;
        }
        let header = wav::header(self.layout, samples, bytes, self.large);
        self.file.write_all_at(&header, 0)?;
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
        encrypted.complete(&self.file, blocks, &rest, samples, bytes)?;
        Ok((samples, bytes))
    }

    /// Whether closing the file takes long.
    pub fn is_long(&self) -> bool {
        self.encrypted.is_some() && self.stored > LONG_SPOOL
    }

    /// Error text of a failed write or sync.
    pub fn error_text(&self, error: &io::Error) -> String {
        format!("{}: {error}", self.path.display())
    }

    /// Error text of a failed close.
    pub fn unfinished_text(&self, error: &io::Error) -> String {
        format!(
            "{}: it cannot be finished, and stays as {}: {error}",
            self.path.display(),
            self.part.display()
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
        let from = match &self.encrypted {
            None => self.part.clone(),
            Some(encrypted) => encrypted.output_path.clone(),
        };
        let cannot = |e: io::Error| {
            let kept = format!("it cannot be renamed, and stays as {}", from.display());
            os_error(&self.path, &kept, &e)
        };
        if self.existing == Existing::Refuse {
            rename_new(&from, &self.path).map_err(cannot)?;
        } else {
            std::fs::rename(&from, &self.path).map_err(cannot)?;
        }
        if self.encrypted.is_some() {
            // If removing the spool fails, nothing is lost.
            let _ = std::fs::remove_file(&self.part);
        }
        Ok(())
    }

    /// Directory of the file.
    pub fn directory(&self) -> PathBuf {
        directory(&self.path)
    }

    /// Removes the file: no recording took place.
    pub fn discard(self) {
        let _ = std::fs::remove_file(&self.part);
        if let Some(encrypted) = &self.encrypted {
            let _ = std::fs::remove_file(&encrypted.output_path);
        }
    }

    /// A plain `.part` file that a crash has left. `file` is locked; `parsed`: its header.
    pub fn open_plain(
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
            offset: parsed.begins,
            stored: length.saturating_sub(parsed.begins),
            encrypted: None,
            complete: false,
        }
    }

    /// A spool that a crash has left. `file` is locked.
    pub fn open_spool(
        path: PathBuf,
        part: PathBuf,
        file: File,
        header: &SpoolHeader,
        cipher: Cipher,
        length: u64,
    ) -> io::Result<Self> {
        let encrypted = EncryptedFile::open(&path, cipher, header.spool_iv)?;
        Ok(Self {
            path,
            part,
            file,
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
