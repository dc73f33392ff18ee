//! Makes the C header and gives the shared library its name.
//!
//! The header goes to `OUT_DIR`; with `EARWIG_WRITE_HEADER` set also to `include/earwig.h`. A gate compares the two.

#[path = "build/header.rs"]
mod header;
#[path = "build/item.rs"]
mod item;
#[path = "build/sections.rs"]
mod sections;

use std::path::PathBuf;

fn main() {
    for input in [
        "build",
        "cbindgen.toml",
        "core/src/types",
        "examples/manual",
        "src",
    ] {
        println!("cargo:rerun-if-changed={input}");
    }
    println!("cargo:rerun-if-env-changed=EARWIG_WRITE_HEADER");
    let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let out = PathBuf::from(std::env::var("OUT_DIR").expect("cargo sets it"));
    let header = header::generate(&root);
    std::fs::write(out.join("earwig.h"), &header).expect("OUT_DIR is writable");
    if std::env::var_os("EARWIG_WRITE_HEADER").is_some() {
        std::fs::write(root.join("include/earwig.h"), &header).expect("include/ is writable");
    }
    if std::env::var("CARGO_CFG_TARGET_OS").as_deref() == Ok("linux") {
        // A host may unload its module while a worker ends: the library's code must stay where it is.
        println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
        println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libearwig.so.0");
    }
}
