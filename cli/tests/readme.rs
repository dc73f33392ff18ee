//! The README and the guides show what the sources have and the commands print.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn readme() -> String {
    std::fs::read_to_string(root().join("README.md")).unwrap()
}

/// The README and the guides.
fn pages() -> Vec<String> {
    let guides = std::fs::read_dir(root().join("docs/guide")).unwrap();
    let guides = guides.map(|guide| std::fs::read_to_string(guide.unwrap().path()).unwrap());
    std::iter::once(readme()).chain(guides).collect()
}

fn compiler() -> Command {
    let mut compiler = Command::new(std::env::var("CC").unwrap_or_else(|_| "cc".to_owned()));
    compiler
        .args(["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror"])
        .args(["-fsyntax-only", "-Iinclude"])
        .current_dir(root());
    compiler
}

#[test]
fn its_c_code_is_the_example_and_compiles() {
    let example = std::fs::read_to_string(root().join("examples/collect.c")).unwrap();
    assert!(
        readme().contains(&format!("```c\n{example}```")),
        "README.md does not hold examples/collect.c"
    );
    for file in ["examples/collect.c", "examples/host.c"] {
        assert!(compiler().arg(file).status().unwrap().success(), "{file}");
    }
}

/// Each block of C is a file, or else the body of a function that has a channel.
#[test]
fn the_c_of_the_guides_compiles() {
    let mut blocks = 0;
    for page in pages() {
        for block in page.split("```c\n").skip(1) {
            let mut code = block.split_once("```").unwrap().0.to_owned();
            if !code.contains("#include") {
                code = format!(
                    "#include <earwig.h>\n#include <stdio.h>\nvoid f(earwig_channel *channel);\n\
                     void f(earwig_channel *channel)\n{{\n{code}}}\n"
                );
            }
            let mut child = compiler()
                .args(["-x", "c", "-"])
                .stdin(Stdio::piped())
                .spawn()
                .unwrap();
            let mut input = child.stdin.take().unwrap();
            input.write_all(code.as_bytes()).unwrap();
            drop(input);
            assert!(child.wait().unwrap().success(), "{code}");
            blocks += 1;
        }
    }
    assert!(blocks > 1);
}

/// Whether both have the same words, and numbers that differ by at most 50 ms: the start and end of voice are estimates, and a new model
/// changes them.
fn similar(shown: &str, printed: &str) -> bool {
    let words = |text: &str| {
        text.split(|c: char| c.is_whitespace() || c == ',' || c == '-' || c == ')')
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let near = |(a, b): (&String, &String)| {
        let (x, y) = (a.parse::<f64>(), b.parse::<f64>());
        let off = |x: f64, y: f64| (x - y).abs() > if a.contains('.') { 0.05 } else { 50.0 };
        a == b || matches!((x, y), (Ok(x), Ok(y)) if !off(x, y))
    };
    printed.lines().count() > 0
        && printed.lines().zip(shown.lines()).all(|(p, s)| {
            words(p).len() == words(s).len() && words(p).iter().zip(&words(s)).all(near)
        })
}

#[test]
fn its_commands_print_the_output_that_it_shows() {
    let pages = pages();
    let mut shown = 0;
    for block in pages
        .iter()
        .flat_map(|page| page.split("$ earwig ").skip(1))
    {
        let (arguments, rest) = block.split_once('\n').unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_earwig"))
            .args(arguments.split(' '))
            .current_dir(root())
            .output()
            .unwrap();
        let stdout = String::from_utf8(output.stdout).unwrap();
        let is_shown = if arguments.contains("machine") {
            similar(rest, &stdout)
        } else {
            rest.starts_with(&stdout)
        };
        assert!(is_shown, "earwig {arguments} prints\n{stdout}");
        shown += 1;
    }
    assert!(shown > 3);
}

#[test]
fn its_demo_shows_the_expected_results_of_the_sample_calls() {
    let readme = readme();
    for file in ["expected.txt", "machines.txt"] {
        let expected = std::fs::read_to_string(root().join("examples/calls").join(file)).unwrap();
        for line in expected.lines().filter(|line| !line.starts_with('#')) {
            let words = || line.split('|').flat_map(str::split_whitespace);
            let shown = readme
                .lines()
                .any(|line| line.split_whitespace().eq(words()));
            assert!(shown, "README.md does not show {line}");
        }
    }
}
