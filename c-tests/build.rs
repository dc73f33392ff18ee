//! Translates the C header back to Rust, for `tests/layout.rs`.

use std::path::PathBuf;

fn main() {
    let header = "../include/earwig.h";
    println!("cargo:rerun-if-changed={header}");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets it"));
    bindgen::Builder::default()
        .header(header)
        .allowlist_item("(earwig|EARWIG)_.*")
        .layout_tests(false)
        .default_enum_style(bindgen::EnumVariation::Consts)
        .prepend_enum_name(false)
        .generate()
        .expect("the header can be read by libclang (scripts/deps.sh installs it)")
        .write_to_file(out.join("header.rs"))
        .expect("OUT_DIR is writable");
}
