//! Expands the path arguments of a command to the files to read.

use std::path::{Path, PathBuf};

use crate::audio;

/// A file to read, or a folder that cannot be read.
#[derive(Debug)]
pub struct Entry {
    /// The argument itself, or the argument's folder followed by the path below it.
    pub path: PathBuf,
    /// Why the entry cannot be read; `None` for a file.
    pub error: Option<String>,
}

/// The files in the order of the arguments. A folder stands for all audio files below it, sorted by name.
pub fn expand(arguments: &[PathBuf]) -> Vec<Entry> {
    let mut entries = Vec::new();
    for argument in arguments {
        if argument.is_dir() {
            let before = entries.len();
            walk(argument, &mut entries);
            if entries.len() == before {
                entries.push(failed(argument, "no audio files in this folder".to_owned()));
            }
        } else {
            entries.push(Entry {
                path: argument.clone(),
                error: None,
            });
        }
    }
    entries
}

fn walk(folder: &Path, entries: &mut Vec<Entry>) {
    let listing = std::fs::read_dir(folder).and_then(|items| items.collect::<Result<Vec<_>, _>>());
    let mut items = match listing {
        Ok(items) => items,
        Err(error) => return entries.push(failed(folder, error.to_string())),
    };
    items.sort_by_key(|item| item.file_name());
    for item in items {
        let path = item.path();
        // `file_type` does not follow links: a link to a parent folder would loop.
        if item.file_type().is_ok_and(|kind| kind.is_dir()) {
            walk(&path, entries);
        } else if audio::has_known_extension(&path) && !path.is_dir() {
            entries.push(Entry { path, error: None });
        }
    }
}

fn failed(path: &Path, error: String) -> Entry {
    Entry {
        path: path.to_owned(),
        error: Some(error),
    }
}
