//! Names, locks and errors of a recording's files. One recorder creates and locks `FILE.part`; `FILE` replaces another file only
//! with `overwrite` or `append`.
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

/// Attempts, 1 ms apart, while another process creates, locks or inspects a `.part` file.
const LOCK_ATTEMPTS: u32 = 50;

/// An error of the operating system on a file.
pub fn os_error(path: &Path, doing: &str, error: &io::Error) -> Error {
    Error::new(
        Status::ErrFile,
        format!("{}: {doing}: {error}", path.display()),
    )
}

/// An error of the recorder on a file.
pub fn file_error(path: &Path, why: &str) -> Error {
    Error::new(Status::ErrFile, format!("{}: {why}", path.display()))
}

/// The path with `suffix` appended to its name.
pub fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// The directory of a path.
pub fn directory(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// Creates and locks `FILE.part`. With [`Existing::Overwrite`], takes over one that a crash has left.
pub fn create_part(part: &Path, path: &Path, existing: Existing) -> Result<File, Error> {
    let mut open = OpenOptions::new();
    open.read(true).write(true);
    let mut attempts = LOCK_ATTEMPTS;
    loop {
        match open.clone().create_new(true).open(part) {
            Ok(file) => return lock_own(&file, path).map(|()| file),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(os_error(path, "it cannot be written", &error)),
        }
        let file = match open.open(part) {
            Ok(file) => file,
            // Meanwhile it was renamed to its final name.
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            Err(error) => return Err(os_error(part, "it cannot be opened", &error)),
        };
        lock(&file, path)?;
        if !is_same_file(&file, part) {
            continue;
        }
        // An empty file was created just now, by a process that is about to lock it.
        if attempts > 0 && file.metadata().is_ok_and(|m| m.len() == 0) {
            attempts -= 1;
            drop(file);
            std::thread::sleep(Duration::from_millis(1));
            continue;
        }
        if existing != Existing::Overwrite {
            let why = "it is left of an interrupted recording; `earwig recover` completes it";
            return Err(file_error(part, why));
        }
        return match file.set_len(0) {
            Ok(()) => Ok(file),
            Err(error) => Err(os_error(part, "it cannot be written", &error)),
        };
    }
}

/// Locks a `.part` file that this thread has created, which another process may be inspecting.
fn lock_own(file: &File, path: &Path) -> Result<(), Error> {
    for _ in 0..LOCK_ATTEMPTS {
        if lock(file, path).is_ok() {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    lock(file, path)
}

/// Whether `path` still names the open `file`: before the lock, another process may have finished it.
pub fn is_same_file(file: &File, path: &Path) -> bool {
    match (file.metadata(), path.symlink_metadata()) {
        (Ok(one), Ok(other)) => (one.dev(), one.ino()) == (other.dev(), other.ino()),
        _ => false,
    }
}

/// Locks a `.part` file; an error if another process has locked it. No effect on a file system without locks.
pub fn lock(file: &File, path: &Path) -> Result<(), Error> {
    match rustix::fs::flock(file, FlockOperation::NonBlockingLockExclusive) {
        Err(Errno::WOULDBLOCK) => Err(file_error(path, "a recording to it is in progress")),
        _ => Ok(()),
    }
}

/// Renames a file; an error if `to` exists.
pub fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    match rustix::fs::renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {
            // A hard link does not replace a file either.
            rustix::fs::linkat(CWD, from, CWD, to, AtFlags::empty())?;
            std::fs::remove_file(from)
        }
        other => Ok(other?),
    }
}

/// Syncs a directory, so that the names in it are on the disk. Errors are ignored: some file systems cannot sync directories.
pub fn sync_directory(path: &Path) {
    if let Ok(directory) = File::open(path) {
        let _ = directory.sync_all();
    }
}
