/// Where the corpus is looked for: in the folder that `EARWIG_CORPUS` names, nowhere for `none`, otherwise (also for `required`)
/// beside the project.
fn corpus_path(asked: Option<&str>) -> Option<PathBuf> {
    match asked {
        Some("none") => None,
        None | Some("required") => {
            Some(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpus").into())
        }
        Some(folder) => Some(folder.into()),
    }
}
