//! Names of a recording's files, and errors that name them.
#![forbid(unsafe_code)]

use crate::engine::printable::printable;
use earwig_core::types::{Error, Status};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// A path in an error text, with control characters escaped.
pub fn shown(path: &Path) -> String {
    printable(&path.display().to_string()).into_owned()
}

/// An error of the operating system on a file.
pub fn os_error(path: &Path, doing: &str, error: &io::Error) -> Error {
    Error::new(
        Status::ErrFile,
        format!("{}: {doing}: {error}", shown(path)),
    )
}

/// An error of the recorder on a file.
pub fn file_error(path: &Path, why: &str) -> Error {
    Error::new(Status::ErrFile, format!("{}: {why}", shown(path)))
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

/// Syncs a directory, so that the names in it are on the disk. Errors are ignored: some file systems cannot sync directories.
pub fn sync_directory(path: &Path) {
    if let Ok(directory) = File::open(path) {
        let _ = directory.sync_all();
    }
}
