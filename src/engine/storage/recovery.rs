//! Recovery of recordings that a crash has interrupted.
#![forbid(unsafe_code)]

use super::named_file::NamedFile;
use super::part::check_existing;
use super::partial_file::PartialFile;
use super::paths::{file_error, os_error, sync_directory};
use super::reader::Content;
use super::spool::{self, SpoolHeader};
use earwig_core::codec::cipher::{BLOCK, Cipher, Decrypting, Key};
use earwig_core::codec::wav;
use earwig_core::job::recorder::Existing;
use earwig_core::types::Error;
use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

/// Completes the recording that a crash has left: makes `FILE` from `FILE.part`. `key`: the key of an encrypted recording.
/// Returns the path and content of `FILE`.
pub fn recover(
    part: &Path,
    key: Option<&Key>,
    overwrite: bool,
) -> Result<(PathBuf, Content), Error> {
    let name = part.as_os_str().as_bytes();
    let path = match name.strip_suffix(b".part") {
        Some(name) => PathBuf::from(OsStr::from_bytes(name)),
        None => return Err(file_error(part, "its name must end in .part")),
    };
    let cannot = |e: io::Error| os_error(part, "it cannot be read", &e);
    let file = NamedFile::open(part).map_err(cannot)?;
    file.lock(part)?;
    if !file.is_named() {
        return Err(file_error(part, "it was finished just now"));
    }
    let length = file.file().metadata().map_err(cannot)?.len();
    let existing = if overwrite {
        Existing::Overwrite
    } else {
        Existing::Refuse
    };
    check_existing(&path, existing)?;
    let (mut partial, samples) = match SpoolHeader::read(file.file()).map_err(cannot)? {
        Some(header) => (open_spool(&path, file, header, key, length)?, None),
        None => {
            let mut head = vec![0; length.min(wav::HEADER_MAX as u64) as usize];
            file.file().read_exact_at(&mut head, 0).map_err(cannot)?;
            let damaged = |why: &str| {
                file_error(
                    part,
                    &format!("its head is damaged, and it stays as it is: {why}"),
                )
            };
            let parsed = wav::parse(&head).map_err(|e| damaged(&e.text))?;
            if !wav::has_header(&head, parsed.layout, parsed.begins >= wav::LARGE_BEGINS) {
                return Err(damaged("it differs from what the recorder writes"));
            }
            // Complete except for its name.
            let complete = parsed.bytes > 0 && parsed.length == length;
            let partial = PartialFile::open_plain(path.clone(), file, parsed, length);
            (partial, complete.then_some(parsed.samples))
        }
    };
    partial.set_existing(existing);
    let content =
        complete(&mut partial, &path, samples).inspect_err(|_| partial.discard_output())?;
    partial.publish()?;
    sync_directory(&partial.directory());
    Ok((path, content))
}

/// Completes the file, and reads all of it back before the caller renames it.
fn complete(
    partial: &mut PartialFile,
    path: &Path,
    samples: Option<u64>,
) -> Result<Content, Error> {
    let closed = partial.close(samples).and_then(|_| partial.sync());
    closed.map_err(|e| os_error(path, "it cannot be written", &e))?;
    partial.validate()
}

/// Opens a spool, and checks its key.
fn open_spool(
    path: &Path,
    file: NamedFile,
    (header, bytes): (SpoolHeader, [u8; spool::HEADER]),
    key: Option<&Key>,
    length: u64,
) -> Result<PartialFile, Error> {
    let part = file.path();
    let key = key.ok_or_else(|| file_error(part, "it is encrypted: its key is needed"))?;
    let mut check = [0; BLOCK];
    let read = file.file().read_exact_at(&mut check, spool::HEADER as u64);
    read.map_err(|e| os_error(part, "it is too short", &e))?;
    Decrypting::new(key, &header.spool_iv).update(&mut check);
    if check != *spool::CHECK {
        let why = "it is encrypted with another key, or its head is damaged";
        return Err(file_error(part, why));
    }
    if header.bytes(key) != bytes {
        let why = "its head is damaged, and it stays as it is: its HMAC is wrong";
        return Err(file_error(part, why));
    }
    let cipher = Cipher {
        key: key.clone(),
        iv: header.iv,
    };
    PartialFile::open_spool(path.to_owned(), file, &header, cipher, length)
}
