//! The names of a recording's files: `FILE.part` is made and locked by one alone, and `FILE` never replaces another unless it
//! may.
#![forbid(unsafe_code)]

use earwig_core::job::recorder::Existing;
use earwig_core::types::{Error, Status};
use rustix::fs::{AtFlags, CWD, FlockOperation, RenameFlags};
use rustix::io::Errno;
use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Milliseconds that are waited for somebody else who is making or looking at a part.
const PATIENCE: u32 = 50;

/// An error of the operating system, with the file that it is about.
pub fn trouble(path: &Path, doing: &str, error: &io::Error) -> Error {
    Error::new(
        Status::ErrFile,
        format!("{}: {doing}: {error}", path.display()),
    )
}

/// A refusal of our own, with the file that it is about.
pub fn refused(path: &Path, why: &str) -> Error {
    Error::new(Status::ErrFile, format!("{}: {why}", path.display()))
}

/// `FILE` with something behind its name.
pub fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// The directory of a file.
pub fn directory(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// Makes `FILE.part`, or takes over one that was left by a crash if the host overwrites, and locks it.
pub fn take(part: &Path, path: &Path, existing: Existing) -> Result<File, Error> {
    let mut open = OpenOptions::new();
    open.read(true).write(true);
    let mut patience = PATIENCE;
    loop {
        match open.clone().create_new(true).open(part) {
            Ok(file) => return lock_own(&file, path).map(|()| file),
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
        // One without a byte was made just now, by somebody who is about to lock it.
        if patience > 0 && file.metadata().is_ok_and(|m| m.len() == 0) {
            patience -= 1;
            drop(file);
            std::thread::sleep(Duration::from_millis(1));
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

/// Locks a part that this thread has made; another may just be looking at it.
fn lock_own(file: &File, path: &Path) -> Result<(), Error> {
    for _ in 0..PATIENCE {
        if lock(file, path).is_ok() {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    lock(file, path)
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
pub fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    match rustix::fs::renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {
            // A link is never made over a file either.
            rustix::fs::linkat(CWD, from, CWD, to, AtFlags::empty())?;
            std::fs::remove_file(from)
        }
        other => Ok(other?),
    }
}
