//! Creation of `FILE.part`, and what may stand at the names of a new recording. One recorder creates and locks `FILE.part`; `FILE`
//! replaces another file only with `overwrite` or `append`.
#![forbid(unsafe_code)]

use super::named_file::{NamedFile, irregular};
use super::paths::{file_error, os_error};
use earwig_core::job::recorder::Existing;
use earwig_core::types::Error;
use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

/// Attempts to create a `.part` file, 1 ms apart, while others create, lock, inspect or rename it.
const ATTEMPTS: u32 = 500;

/// Attempts after which an empty `.part` file is taken for one that a crash has left: nobody is about to lock it.
const EMPTY_ATTEMPTS: u32 = 50;

/// Whether the final name exists. An error if it may not, or is not that of a regular file.
pub fn check_existing(path: &Path, existing: Existing) -> Result<bool, Error> {
    let found = match path.symlink_metadata() {
        Ok(metadata) => metadata.file_type(),
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(os_error(path, "it cannot be inspected", &error)),
    };
    if existing == Existing::Refuse {
        return Err(file_error(path, "it exists already"));
    }
    match irregular(found) {
        None => Ok(true),
        Some(what) => Err(file_error(
            path,
            &format!("it is {what}, not a regular file"),
        )),
    }
}

/// Creates and locks `FILE.part` with these permission bits. With [`Existing::Overwrite`], replaces one that a crash has left.
pub fn create_part(
    part: &Path,
    path: &Path,
    existing: Existing,
    mode: u32,
) -> Result<NamedFile, Error> {
    for attempt in 0..ATTEMPTS {
        if attempt > 0 {
            std::thread::sleep(Duration::from_millis(1));
        }
        match NamedFile::create_new(part, mode) {
            Ok(file) => {
                // Before the lock, another process may have locked the file to inspect it.
                if lock_own(&file, path)? {
                    return Ok(file);
                }
                continue;
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(os_error(path, "it cannot be written", &error)),
        }
        let left = match NamedFile::open(part) {
            Ok(file) => file,
            // Meanwhile it was renamed to its final name.
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => return Err(os_error(part, "it cannot be opened", &error)),
        };
        left.lock(path)?;
        if !left.is_named() {
            continue;
        }
        // An empty file was created just now, by a process that is about to lock it.
        if attempt < EMPTY_ATTEMPTS && left.file().metadata().is_ok_and(|m| m.len() == 0) {
            continue;
        }
        if existing != Existing::Overwrite {
            let why = "it is left of an interrupted recording; `earwig recover` completes it";
            return Err(file_error(part, why));
        }
        // Removed, not truncated: the file may have other names.
        left.remove()
            .map_err(|error| os_error(part, "it cannot be replaced", &error))?;
    }
    Err(file_error(
        part,
        "other processes use this name at the same time",
    ))
}

/// Locks a `.part` file that this thread has created. `false`: its name was taken before the lock.
fn lock_own(file: &NamedFile, path: &Path) -> Result<bool, Error> {
    let mut attempts = ATTEMPTS;
    while let Err(error) = file.lock(path) {
        attempts -= 1;
        if attempts == 0 || !file.is_named() {
            return if file.is_named() {
                Err(error)
            } else {
                Ok(false)
            };
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    Ok(file.is_named())
}
