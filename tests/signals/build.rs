//! Sets `cfg(corpus)`, for `on_real_audio!`, if the development corpus exists. Fails if `EARWIG_CORPUS` names one that does not.

use std::path::PathBuf;

include!("src/corpus_path.rs");

fn main() {
    println!("cargo:rustc-check-cfg=cfg(corpus)");
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=src/corpus_path.rs");
    println!("cargo:rerun-if-env-changed=EARWIG_CORPUS");
    let setting = std::env::var("EARWIG_CORPUS").ok();
    let Some(folder) = corpus_path(setting.as_deref()) else {
        return;
    };
    let labels = folder.join("labels.csv");
    if labels.exists() {
        println!("cargo:rustc-cfg=corpus");
        // Only if the file exists: cargo would run this script each time otherwise.
        println!("cargo:rerun-if-changed={}", labels.display());
    } else if let Some(setting) = setting {
        panic!(
            "EARWIG_CORPUS={setting}, but there is no {}",
            labels.display()
        );
    }
}
