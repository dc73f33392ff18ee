//! Creation of a recording's `FILE.part`, and the copy of an existing `FILE` that is appended to.
#![forbid(unsafe_code)]

use super::PartialFile;
use crate::engine::storage::encrypted_file::EncryptedFile;
use crate::engine::storage::named_file::NamedFile;
use crate::engine::storage::part::{check_existing, create_part};
use crate::engine::storage::paths::{file_error, os_error, with_suffix};
use crate::engine::storage::reader::RecordingReader;
use crate::engine::storage::spool;
use earwig_core::codec::cipher::Cipher;
use earwig_core::codec::{Encoder, Layout, wav};
use earwig_core::job::recorder::{Existing, RecorderOptions};
use earwig_core::types::{Error, RecorderFormat};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Bytes that are copied at a time.
const CHUNK: usize = 256 * 1024;

/// Suffixes of the names that a recording has until it is complete.
const RESERVED: [&str; 2] = [".part", ".part.whole"];

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
        for suffix in RESERVED {
            if path
                .as_os_str()
                .as_encoded_bytes()
                .ends_with(suffix.as_bytes())
            {
                return Err(Error::invalid(format!(
                    "filename: names that end in {suffix} are reserved for the recorder"
                )));
            }
        }
        if options.cipher_mac && options.cipher.is_none() {
            return Err(Error::invalid("cipher_mac: it needs cipher"));
        }
        // The process may change its working directory before the file is complete.
        let path = &std::path::absolute(path)
            .map_err(|e| os_error(path, "its absolute path is not available", &e))?;
        let exists = check_existing(path, options.existing)?;
        let part = with_suffix(path, ".part");
        let part = create_part(&part, path, options.existing, options.file_mode)?;
        let mut this = Self::new(path, part, layout, options);
        match this.begin(options, exists) {
            Ok((encoder, before)) => Ok(Opened {
                file: this,
                encoder,
                before,
            }),
            Err(error) => {
                // The file was created above, and has no audio.
                this.discard();
                Err(error)
            }
        }
    }

    fn new(path: &Path, part: NamedFile, layout: Layout, options: &RecorderOptions) -> Self {
        let max_bytes = match options.max_bytes {
            0 => u64::MAX,
            max => max,
        };
        Self {
            path: path.to_owned(),
            part,
            layout,
            large: wav::may_be_large(max_bytes),
            existing: options.existing,
            offset: 0,
            stored: 0,
            encrypted: None,
            complete: false,
        }
    }

    /// Writes the beginning of a new file. Returns the encoder, and the samples of the file that is appended to.
    fn begin(&mut self, options: &RecorderOptions, exists: bool) -> Result<(Encoder, u64), Error> {
        match &options.cipher {
            None => self.begin_plain()?,
            Some(cipher) => self.begin_encrypted(cipher.clone(), options)?,
        }
        if options.existing == Existing::Append && exists {
            self.copy_existing(options)
        } else {
            Ok((Encoder::new(self.layout), 0))
        }
    }

    /// Writes a WAV header with sizes of 0.
    fn begin_plain(&mut self) -> Result<(), Error> {
        let header = wav::header(self.layout, 0, 0, self.large);
        self.write_header(&header)
    }

    /// Writes the spool's header and its key check.
    fn begin_encrypted(&mut self, cipher: Cipher, options: &RecorderOptions) -> Result<(), Error> {
        let (encrypted, header) = EncryptedFile::create(
            &self.path,
            options.file_mode,
            cipher,
            options.cipher_mac,
            (self.layout, self.large),
        )?;
        self.encrypted = Some(encrypted);
        self.write_header(&header)?;
        let written = self.write(spool::CHECK);
        written.map_err(|e| os_error(&self.path, "it cannot be written", &e))
    }

    fn write_header(&mut self, header: &[u8]) -> Result<(), Error> {
        let written = self.part.file().write_all_at(header, 0);
        written.map_err(|e| os_error(&self.path, "it cannot be written", &e))?;
        self.offset = header.len() as u64;
        Ok(())
    }

    /// Copies the audio of the existing file. Returns the encoder in the state at the end of that audio, and its samples.
    fn copy_existing(&mut self, options: &RecorderOptions) -> Result<(Encoder, u64), Error> {
        let path = self.path.clone();
        let cannot = |e: io::Error| os_error(&path, "it cannot be appended to", &e);
        let mut existing = RecordingReader::open_own(&path, options.cipher.as_ref())?;
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
        // Checked here: the new file's HMAC covers this audio.
        if existing.read_mac()? != options.cipher_mac {
            let why = "cipher_mac is not what it was when its recording began";
            return Err(file_error(&path, why));
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
}
