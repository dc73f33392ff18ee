//! Makes the C header and gives the shared library its name.
//!
//! The header goes to `OUT_DIR`; with `EARWIG_WRITE_HEADER` set also to `include/earwig.h`. A test compares the two.

use std::path::{Path, PathBuf};

/// The header's longest line, as in cbindgen.toml.
const LINE: usize = 120;

fn main() {
    println!("cargo:rerun-if-changed=src");
    println!("cargo:rerun-if-changed=core/src/types");
    println!("cargo:rerun-if-changed=cbindgen.toml");
    println!("cargo:rerun-if-env-changed=EARWIG_WRITE_HEADER");
    let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let out = PathBuf::from(std::env::var("OUT_DIR").expect("cargo sets it"));
    let header = header(&root);
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

fn header(root: &Path) -> String {
    let config =
        cbindgen::Config::from_file(root.join("cbindgen.toml")).expect("cbindgen.toml is right");
    let mut builder = cbindgen::Builder::new().with_config(config);
    for source in [
        "core/src/types/status",
        "core/src/types/call",
        "core/src/types/event",
        "core/src/types/cause",
        "core/src/types/dtmf",
        "core/src/types/recorder",
        "core/src/types/machine",
        "src/capi/version",
        "src/capi/log",
        "src/capi/engine",
        "src/capi/channel",
        "src/capi/event",
        "src/capi/dtmf_options",
        "src/capi/dtmf",
        "src/capi/recorder_options",
        "src/capi/recorder",
        "src/capi/machine_options",
        "src/capi/machine",
        "src/capi/fields",
        "src/capi/channel_json",
    ] {
        builder = builder.with_src(root.join(format!("{source}.rs")));
    }
    let mut text = Vec::new();
    builder
        .generate()
        .expect("the C API can be written as a header")
        .write(&mut text);
    let text = String::from_utf8(text).expect("the sources are UTF-8");
    // Statuses are spelt EARWIG_ERR_NULL, without the name of their enum. What Rust must be told of safety is said to C in
    // the header's own words.
    let mut kept = String::new();
    let mut in_safety = false;
    let mut declaration = String::new();
    for line in text.replace("EARWIG_STATUS_", "EARWIG_").lines() {
        if !declaration.is_empty() || line.starts_with("EARWIG_API") {
            declaration.push_str(line.trim());
            if line.ends_with(");") {
                kept.push_str(&laid_out(&declaration));
                declaration.clear();
            } else {
                declaration.push(' ');
            }
            continue;
        }
        let comment = line.trim_start();
        if comment == "* # Safety" {
            in_safety = true;
            let end = kept.trim_end_matches(['\n', ' ', '*']).len();
            kept.truncate(end);
            kept.push('\n');
        } else if comment.starts_with("*/") {
            in_safety = false;
        }
        if !in_safety {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

/// A function's declaration on one line, or with a line for each parameter. cbindgen decides between the two by the longest
/// line of the comment too.
fn laid_out(declaration: &str) -> String {
    if declaration.len() <= LINE {
        return format!("{declaration}\n");
    }
    let (head, parameters) = declaration
        .split_once('(')
        .expect("a declaration has parameters");
    let indent = format!(",\n{}", " ".repeat(head.len() + 1));
    format!("{head}({}\n", parameters.replace(", ", &indent))
}
