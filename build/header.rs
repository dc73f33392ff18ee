//! The header: an overview, then a section for each object of the API.

use crate::item::Item;
use crate::sections::{SECTIONS, Section};
use std::collections::HashMap;
use std::path::Path;

/// The header's longest line, as in cbindgen.toml.
pub const LINE: usize = 120;

const RULE: &str = "======================================================================================================================";

const INCLUDES: &str = r#"#ifndef EARWIG_H
#define EARWIG_H

#include <stddef.h>
#include <stdint.h>

/* Stands before every function. With -fvisibility=hidden a host still takes them from the shared library. Define it before
 * the include to override it. */
#if !defined(EARWIG_API)
#if defined(__GNUC__)
#define EARWIG_API __attribute__((visibility("default")))
#else
#define EARWIG_API
#endif
#endif

#ifdef __cplusplus
extern "C" {
#endif
"#;

const END: &str = r#"
#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* EARWIG_H */
"#;

pub fn generate(root: &Path) -> String {
    let mut text = overview(root) + "\n" + INCLUDES;
    // Section in which an enum of a later one is declared.
    let mut declared_in = HashMap::new();
    for section in SECTIONS {
        text.push_str(&banner(root, section));
        if !section.declared_early.is_empty() {
            text.push_str("\n/* Types of fields below. Their constants are in the sections of DTMF and Machine. */\n");
        }
        for name in section.declared_early {
            text.push_str(&format!("typedef int32_t {name};\n"));
            declared_in.insert(name.to_string(), section.title);
        }
        for item in items(root, section) {
            text.push('\n');
            text.push_str(&item.text(declared_in.get(&item.name).copied()));
            text.push('\n');
        }
    }
    text + END
}

fn items(root: &Path, section: &Section) -> Vec<Item> {
    let mut config =
        cbindgen::Config::from_file(root.join("cbindgen.toml")).expect("cbindgen.toml is right");
    config.export.include = section.enums.iter().map(|name| name.to_string()).collect();
    let mut builder = cbindgen::Builder::new().with_config(config);
    for source in section.sources {
        builder = builder.with_src(root.join(source));
    }
    let mut text = Vec::new();
    builder
        .generate()
        .unwrap_or_else(|error| panic!("section {}: {error}", section.title))
        .write(&mut text);
    let text = String::from_utf8(text).expect("the sources are UTF-8");
    // Statuses are spelt EARWIG_ERR_NULL, without the name of their enum.
    let mut items = Item::all_of(&text.replace("EARWIG_STATUS_", "EARWIG_"));
    items.sort_by_key(|item| item.kind);
    items
}

/// The comment at the top: `src/capi/overview.md`, with the example in its place.
fn overview(root: &Path) -> String {
    let text = read(root, "src/capi/overview.md");
    let mut lines = vec![String::from("/* ")];
    for line in text.lines() {
        match (line.strip_prefix("# "), line) {
            (Some(title), _) => lines.push(format!("---- {title} ----")),
            (None, "<!-- examples/manual/overview.c -->") => {
                lines.extend(example(root, "overview.c"));
            }
            (None, line) => lines.push(line.to_string()),
        }
    }
    comment(&lines[1..])
}

fn banner(root: &Path, section: &Section) -> String {
    let mut lines = vec![String::new(), section.title.to_string(), String::new()];
    lines.extend(module_comment(&read(root, section.text)));
    if let Some(name) = section.example {
        lines.push(String::new());
        lines.push(format!("Example (examples/manual/{name}):"));
        lines.push(String::new());
        lines.extend(example(root, name));
    }
    lines[0] = RULE.chars().take(LINE - "/* ".len()).collect();
    lines.insert(2, lines[0].clone());
    format!("\n{}", comment(&lines))
}

/// The `//!` lines at the top of a Rust file.
fn module_comment(source: &str) -> Vec<String> {
    source
        .lines()
        .map_while(|line| line.strip_prefix("//!"))
        .map(|line| line.strip_prefix(' ').unwrap_or(line).to_string())
        .collect()
}

/// An example without its `#include` lines, indented.
fn example(root: &Path, name: &str) -> Vec<String> {
    let path = format!("examples/manual/{name}");
    let code = read(root, &path);
    assert!(
        !code.contains("/*"),
        "{path}: it has a comment that would end the header's own: use //"
    );
    let lines = code
        .lines()
        .skip_while(|line| line.starts_with("#include") || line.is_empty());
    lines
        .map(|line| format!("    {line}").trim_end().to_string())
        .collect()
}

fn comment(lines: &[String]) -> String {
    let mut text = String::new();
    for (number, line) in lines.iter().enumerate() {
        let start = if number == 0 { "/* " } else { " * " };
        let line = format!("{start}{line}");
        assert!(line.len() <= LINE, "{line}: it is longer than {LINE}");
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text + " */\n"
}

fn read(root: &Path, path: &str) -> String {
    std::fs::read_to_string(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}
