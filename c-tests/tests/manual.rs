//! `include/earwig.h` as a manual: every function has its headings, every declaration its comment, every section its order and
//! example, and every example is compiled and run by `c/manual.c`.

use std::collections::BTreeSet;

const HEADER: &str = include_str!("../../include/earwig.h");
const MANUAL: &str = include_str!("../c/manual.c");
const EXPORTS: &str = include_str!("../exports.txt");

/// A part of the header: a comment, and the lines of code up to the next comment.
struct Part {
    comment: Vec<&'static str>,
    code: Vec<&'static str>,
}

fn parts() -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let mut in_comment = false;
    for line in HEADER.lines() {
        if line.starts_with("/*") {
            parts.push(Part {
                comment: Vec::new(),
                code: Vec::new(),
            });
            in_comment = true;
        }
        let part = parts.last_mut().expect("the header begins with a comment");
        if in_comment {
            part.comment.push(line);
            in_comment = !line.ends_with("*/");
        } else {
            part.code.push(line);
        }
    }
    parts
}

/// The name of the function that `part` declares.
fn function(part: &Part) -> Option<&'static str> {
    let line = part.code.first()?.strip_prefix("EARWIG_API ")?;
    line.split('(').next()?.rsplit([' ', '*']).next()
}

fn lines_after<'a>(part: &'a Part, heading: &str) -> Option<Vec<&'a str>> {
    let text = part
        .comment
        .iter()
        .map(|line| line.trim_start_matches(" *").trim());
    let mut text = text.skip_while(|line| *line != heading);
    text.next()?;
    Some(
        text.take_while(|line| !line.is_empty() && *line != "/")
            .collect(),
    )
}

/// Names of a declaration's parameters.
fn parameters(part: &Part) -> Vec<String> {
    let code = part.code.join(" ");
    let (_, list) = code.split_once('(').expect("a function has parameters");
    let (list, _) = list.split_once(");").expect("a declaration ends");
    list.split(',')
        .filter(|parameter| parameter.trim() != "void")
        .map(|parameter| {
            let name = parameter.trim().rsplit([' ', '*']).next();
            name.expect("a parameter has a name").to_string()
        })
        .collect()
}

#[test]
fn every_function_says_what_it_does_and_has_the_three_headings() {
    let mut seen = BTreeSet::new();
    for part in parts() {
        let Some(name) = function(&part) else {
            continue;
        };
        seen.insert(name);
        let text = part.comment.join("\n");
        let at = |heading: &str| {
            let heading = format!("\n *\n * {heading}:\n");
            assert_eq!(text.matches(&heading).count(), 1, "{name}: {heading}");
            text.find(&heading)
        };
        assert!(part.comment[1].len() > 20, "{name}: no sentence");
        assert!(
            at("Parameters") < at("Returns") && at("Returns") < at("Threads"),
            "{name}"
        );
        let threads = lines_after(&part, "Threads:").expect(name).join(" ");
        let first = ["Any thread", "Control thread", "Media thread"];
        assert!(
            first.iter().any(|word| threads.starts_with(word)),
            "{name}: {threads}"
        );
        assert!(threads.contains("lock"), "{name}: blocks or not? {threads}");
        assert!(threads.contains("from a callback"), "{name}: {threads}");
    }
    assert_eq!(seen, EXPORTS.lines().collect());
}

#[test]
fn every_parameter_is_described_once_and_in_order() {
    for part in parts() {
        let Some(name) = function(&part) else {
            continue;
        };
        let described: Vec<String> = lines_after(&part, "Parameters:")
            .expect(name)
            .iter()
            .filter_map(|line| line.strip_prefix("- `"))
            .filter_map(|line| line.split_once("`: "))
            .map(|(parameter, _)| parameter.to_string())
            .collect();
        assert_eq!(described, parameters(&part), "{name}");
    }
}

#[test]
fn every_status_that_a_function_returns_has_its_cause() {
    for part in parts() {
        let Some(name) = function(&part) else {
            continue;
        };
        let returns = lines_after(&part, "Returns:").expect(name);
        if !part.code[0].starts_with("EARWIG_API earwig_status ") {
            assert!(!returns[0].starts_with("- "), "{name}");
            continue;
        }
        assert!(returns[0].starts_with("- `EARWIG_OK`"), "{name}");
        for line in returns
            .iter()
            .filter(|line| line.starts_with("- `EARWIG_ERR_"))
        {
            assert!(line.contains("`: "), "{name}: {line}");
        }
        // Every function that takes a pointer which must not be NULL says so.
        let null = returns
            .iter()
            .any(|line| line.starts_with("- `EARWIG_ERR_NULL`: "));
        assert!(null || name == "earwig_log_set", "{name}");
    }
}

#[test]
fn every_field_and_constant_has_a_comment() {
    let mut commented = false;
    let mut count = 0;
    for line in HEADER.lines() {
        let indent = line.len() - line.trim_start().len();
        let is_member = indent == 4 && (line.ends_with(';') || line.ends_with(','));
        if is_member {
            assert!(commented, "{line}: no comment");
            count += 1;
        }
        commented = line.trim_end().ends_with("*/");
    }
    assert!(count > 200, "{count} fields and constants");
}

#[test]
fn no_function_precedes_a_type_of_its_section() {
    let mut functions = 0;
    for part in parts() {
        if part.comment.len() > 1 && part.comment[0].starts_with("/* =====") {
            functions = 0;
        }
        let is_type = part
            .code
            .iter()
            .any(|line| line.starts_with("typedef ") || *line == "enum {");
        if function(&part).is_some() {
            functions += 1;
        } else if is_type {
            assert_eq!(functions, 0, "{:?}", part.code);
        }
    }
}

#[test]
fn sections_come_in_the_manuals_order_and_each_object_has_an_example() {
    let sections: Vec<Part> = parts()
        .into_iter()
        .filter(|part| part.comment[0].starts_with("/* ====="))
        .collect();
    let titles: Vec<&str> = sections.iter().map(|part| &part.comment[1][3..]).collect();
    let order = [
        "Constants and statuses",
        "Version and log",
        "Engine",
        "Channel",
        "Events",
        "DTMF",
        "Recorder",
        "Machine",
        "Fields and JSON",
    ];
    assert_eq!(titles, order);
    for section in &sections[1..] {
        let example = section
            .comment
            .iter()
            .any(|line| line.starts_with(" * Example (examples/manual/"));
        assert!(example, "{}", section.comment[1]);
    }
}

/// The code of an example: its file without the lines that include headers.
fn code(text: &str) -> Vec<&str> {
    text.lines()
        .skip_while(|line| line.starts_with("#include") || line.is_empty())
        .collect()
}

#[test]
fn each_example_in_the_header_is_a_file_that_the_c_tests_run() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/manual");
    let mut files = 0;
    for entry in std::fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("it can be read").path();
        let name = path
            .file_name()
            .expect("it has a name")
            .to_string_lossy()
            .into_owned();
        let text = std::fs::read_to_string(&path).expect("it can be read");
        let include = format!("#include \"../../examples/manual/{name}\"");
        assert!(
            MANUAL.lines().any(|line| line == include),
            "{name}: no test runs it"
        );
        let shown: String = code(&text)
            .iter()
            .map(|line| format!("{}\n", format!(" *     {line}").trim_end()))
            .collect();
        assert_eq!(
            HEADER.matches(&shown).count(),
            1,
            "{name}: the header shows other code"
        );
        files += 1;
    }
    let shown = HEADER.matches("Example (examples/manual/").count();
    // The overview's example has no such line.
    assert_eq!(files, shown + 1);
}
