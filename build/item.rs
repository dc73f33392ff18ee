//! One item of the header: its comment and its declaration, as cbindgen writes them and as the header has them.

use crate::header::LINE;

/// What an item declares, in the order in which a section lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Constant,
    Enum,
    Handle,
    Type,
    Function,
}

#[derive(Debug)]
pub struct Item {
    pub kind: Kind,
    pub name: String,
    text: String,
}

impl Item {
    /// Items in cbindgen's text, which has an empty line between two.
    pub fn all_of(text: &str) -> Vec<Item> {
        text.split("\n\n")
            .map(str::trim)
            .filter(|item| !item.is_empty())
            .map(Item::parse)
            .collect()
    }

    fn parse(text: &str) -> Item {
        let (comment, declaration) = match text.split_once("*/\n") {
            Some((comment, rest)) if text.starts_with("/**") => (comment, rest),
            _ => ("", text),
        };
        let comment = comment_text(comment);
        let (kind, name, declaration) = if declaration.starts_with("#define ") {
            let name = word(declaration, "#define ");
            (Kind::Constant, name, declaration.to_string())
        } else if declaration.starts_with("enum ") {
            let name = word(declaration, "enum ");
            (Kind::Enum, name.clone(), plain_enum(&name, declaration))
        } else if declaration.starts_with("EARWIG_API") {
            let line = unwrapped(declaration);
            let (head, _) = line.split_once('(').expect("a function has parameters");
            let name = head.rsplit([' ', '*']).next().expect("it has a name");
            (Kind::Function, name.to_string(), wrapped(&line))
        } else if declaration.contains("(*earwig_") {
            let line = unwrapped(declaration);
            let name = word(&line, "(*");
            (Kind::Type, name, wrapped_function_type(&line))
        } else if declaration.contains('{') {
            let name = word(declaration, "typedef struct ");
            (Kind::Type, name, with_short_comments(declaration))
        } else {
            // An alias of the engine's own type, which C does not see.
            let name = declaration.trim_end_matches(';').rsplit(' ').next();
            let name = name.expect("an alias has a name").to_string();
            let declaration = format!("typedef struct {name} {name};");
            (Kind::Handle, name, declaration)
        };
        // Every struct has a typedef.
        let declaration = declaration
            .replace("struct earwig_", "earwig_")
            .replace("typedef earwig_", "typedef struct earwig_");
        Item {
            kind,
            name,
            text: format!("{}{declaration}", comment_block("", &comment)),
        }
    }

    /// The item in the header. An enum that an earlier section declares has its constants here alone.
    pub fn text(&self, declared_in: Option<&str>) -> String {
        match declared_in {
            None => self.text.clone(),
            Some(section) => self.text.replace(
                &format!("typedef int32_t {};\n", self.name),
                &format!(
                    "/* typedef int32_t {}; stands in the section {section}. */\n",
                    self.name
                ),
            ),
        }
    }
}

/// The identifier after `before`.
fn word(text: &str, before: &str) -> String {
    let at = text.find(before).expect("it is in the text") + before.len();
    text[at..]
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect()
}

/// The lines of a comment without its stars. The section on safety is for Rust alone, and headings get a colon.
fn comment_text(comment: &str) -> Vec<String> {
    let mut kept = Vec::new();
    let mut is_safety = false;
    for line in comment.lines() {
        let line = line.trim_start().trim_start_matches("/**");
        let line = line.strip_prefix('*').unwrap_or(line);
        let line = line.strip_prefix(' ').unwrap_or(line).trim_end();
        match line.strip_prefix("# ") {
            Some(heading) => {
                is_safety = heading == "Safety";
                if !is_safety {
                    kept.push(format!("{heading}:"));
                }
            }
            None if is_safety => {}
            None => kept.push(line.to_string()),
        }
    }
    while kept.last().is_some_and(String::is_empty) {
        kept.pop();
    }
    let text = kept.iter().skip_while(|line| line.is_empty());
    let mut text: Vec<String> = text.cloned().collect();
    // A list follows its heading at once.
    let mut at = 1;
    while at < text.len() {
        if text[at].is_empty() && is_heading(&text[at - 1]) {
            text.remove(at);
        }
        at += 1;
    }
    text
}

fn is_heading(line: &str) -> bool {
    matches!(line, "Parameters:" | "Returns:" | "Threads:")
}

fn comment_block(indent: &str, lines: &[String]) -> String {
    match lines {
        [] => String::new(),
        [line] if indent.len() + line.len() + "/**  */".len() <= LINE => {
            format!("{indent}/** {line} */\n")
        }
        lines => {
            let mut block = format!("{indent}/**\n");
            for line in lines {
                block.push_str(format!("{indent} * {line}").trim_end());
                block.push('\n');
            }
            block + indent + " */\n"
        }
    }
}

/// cbindgen's enum with a fixed type becomes a type and constants, which is the same in C99, C23 and C++.
fn plain_enum(name: &str, declaration: &str) -> String {
    let (_, body) = declaration.split_once("{\n").expect("an enum has a body");
    let (body, _) = body.split_once("};").expect("an enum's body ends");
    let body = with_short_comments(body);
    format!("typedef int32_t {name};\nenum {{\n{body}}};")
}

/// Comments of fields and constants on one line where they fit.
fn with_short_comments(text: &str) -> String {
    let mut kept = String::new();
    let mut comment: Option<String> = None;
    for line in text.lines() {
        let indent = &line[..line.len() - line.trim_start().len()];
        match &mut comment {
            None if line.trim() == "/**" => comment = Some(String::from("/**\n")),
            None => {
                kept.push_str(line);
                kept.push('\n');
            }
            Some(_) if line.trim() == "*/" => {
                let lines = comment_text(&comment.take().unwrap_or_default());
                kept.push_str(&comment_block(&indent[1..], &lines));
            }
            Some(comment) => {
                comment.push_str(line);
                comment.push('\n');
            }
        }
    }
    if !text.ends_with('\n') {
        kept.pop();
    }
    kept
}

fn unwrapped(declaration: &str) -> String {
    let words: Vec<&str> = declaration.split_whitespace().collect();
    words.join(" ").replace("( ", "(")
}

/// A function's declaration on one line, or with a line for each parameter.
fn wrapped(line: &str) -> String {
    let line = line.replace("struct earwig_", "earwig_");
    if line.len() <= LINE {
        return line;
    }
    let (head, parameters) = line.split_once('(').expect("a function has parameters");
    let indent = format!(",\n{}", " ".repeat(head.len() + 1));
    format!("{head}({}", parameters.replace(", ", &indent))
}

fn wrapped_function_type(line: &str) -> String {
    let line = line.replace("struct earwig_", "earwig_");
    assert!(line.len() <= LINE, "{line}: it is too long for a line");
    line
}
