//! Tables of comma-separated values with a header. A field may stand in double quotes, and then contain commas, but no line break.

use std::path::Path;
use std::rc::Rc;

/// A row of a table.
#[derive(Clone, Debug)]
pub struct Row {
    header: Rc<Vec<String>>,
    fields: Vec<String>,
}

impl Row {
    /// The field of the column `name`; empty if there is none.
    pub fn text(&self, name: &str) -> String {
        let at = self.header.iter().position(|column| column == name);
        at.and_then(|at| self.fields.get(at))
            .cloned()
            .unwrap_or_default()
    }

    /// The number in the column `name`; `None` if there is none.
    pub fn number(&self, name: &str) -> Option<f64> {
        self.text(name).parse().ok()
    }
}

/// The rows of the table at `path`; `None` if it cannot be read.
pub fn rows(path: &Path) -> Option<Vec<Row>> {
    Some(parse(&std::fs::read_to_string(path).ok()?))
}

/// The rows of the table `text`.
pub fn parse(text: &str) -> Vec<Row> {
    let mut lines = text.lines().map(fields);
    let header = Rc::new(lines.next().unwrap_or_default());
    let row = |fields| Row {
        header: header.clone(),
        fields,
    };
    lines.map(row).collect()
}

/// Fields of a line. Two double quotes within a quoted field are one.
fn fields(line: &str) -> Vec<String> {
    let (mut fields, mut quoted) = (vec![String::new()], false);
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        let field = fields.last_mut().expect("never empty");
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                field.push('"');
            }
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            c => field.push(c),
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_field_may_contain_commas_and_quotes() {
        let rows = parse("file,notes,ms\na.flac,\"one, \"\"two\"\"\",7\n");
        assert_eq!(rows[0].text("notes"), "one, \"two\"");
        assert_eq!(rows[0].number("ms"), Some(7.0));
        assert_eq!(rows[0].text("absent"), "");
    }
}
