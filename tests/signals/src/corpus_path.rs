/// Expected folder of the corpus for a value of `EARWIG_CORPUS`: unset or `required`: `../shared/corpus`; `none`: no folder;
/// otherwise the value.
fn corpus_path(setting: Option<&str>) -> Option<PathBuf> {
    match setting {
        Some("none") => None,
        None | Some("required") => {
            Some(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpus").into())
        }
        Some(folder) => Some(folder.into()),
    }
}
