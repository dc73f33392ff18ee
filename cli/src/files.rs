//! The files that the arguments stand for, in order.

use std::path::{Path, PathBuf};

use crate::audio;

/// A file to read, or a place that could not be looked into.
#[derive(Debug)]
pub struct Entry {
    /// As named by the argument, or the argument's folder and what is below it.
    pub path: PathBuf,
    /// Why there is nothing to read.
    pub error: Option<String>,
}

/// Every file that is named, and every audio file below every folder that is named, sorted within the folder.
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
        // A link to a folder is not followed: it may lead back up.
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
