//! The development corpus of real audio, where it stands beside the project (`../shared/corpus`).

use std::path::{Path, PathBuf};

/// Its folder, if it is there.
pub fn folder() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    let folder = std::env::var_os("EARWIG_CORPUS").map_or(beside, PathBuf::from);
    folder.is_dir().then_some(folder)
}

/// The files of a group, in order of their names: name and samples at 8 kHz.
pub fn group(name: &str) -> Vec<(String, Vec<i16>)> {
    let Some(folder) = folder() else {
        return Vec::new();
    };
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder.join(name))
        .map(|entries| entries.filter_map(|e| Some(e.ok()?.path())).collect())
        .unwrap_or_default();
    paths.sort();
    let read = |path: PathBuf| {
        let mut reader = claxon::FlacReader::open(&path).ok()?;
        let pcm = reader
            .samples()
            .map_while(|s| Some(s.ok()? as i16))
            .collect();
        Some((format!("{name}/{}", path.file_name()?.to_str()?), pcm))
    };
    paths.into_iter().filter_map(read).collect()
}

/// The digits of the files of group `dtmf`, from the labels.
pub fn digits() -> Vec<(String, String)> {
    let Some(folder) = folder() else {
        return Vec::new();
    };
    let labels = std::fs::read_to_string(folder.join("labels.csv")).unwrap_or_default();
    let mut rows = labels.lines().map(fields);
    let header = rows.next().unwrap_or_default();
    let column = |name| header.iter().position(|h| h == name);
    let (Some(file), Some(group), Some(digits)) =
        (column("file"), column("group"), column("digits"))
    else {
        return Vec::new();
    };
    rows.filter(|row| row.len() > digits && row[group] == "dtmf")
        .map(|row| (row[file].clone(), row[digits].clone()))
        .collect()
}

/// The fields of a line of CSV.
fn fields(line: &str) -> Vec<String> {
    let (mut fields, mut quoted) = (vec![String::new()], false);
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            c => fields.last_mut().expect("never empty").push(c),
        }
    }
    fields
}
