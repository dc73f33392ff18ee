//! Sets `corpus` where the development corpus is, for `on_real_audio!`. It is an error
//! if `EARWIG_CORPUS` asks for one that is not there.

use std::path::PathBuf;

include!("src/corpus_path.rs");

fn main() {
    println!("cargo:rustc-check-cfg=cfg(corpus)");
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=src/corpus_path.rs");
    println!("cargo:rerun-if-env-changed=EARWIG_CORPUS");
    let asked = std::env::var("EARWIG_CORPUS").ok();
    let Some(folder) = corpus_path(asked.as_deref()) else {
        return;
    };
    let labels = folder.join("labels.csv");
    if labels.exists() {
        println!("cargo:rustc-cfg=corpus");
        // Not where it is missing: cargo would run this anew every time.
        println!("cargo:rerun-if-changed={}", labels.display());
    } else if let Some(asked) = asked {
        panic!(
            "EARWIG_CORPUS={asked}, but there is no {}",
            labels.display()
        );
    }
}
