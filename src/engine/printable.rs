//! Names of the host in logs and errors: none can begin a line of its own.
#![forbid(unsafe_code)]

use std::borrow::Cow;

/// The text, with control characters escaped as in `a\nb`.
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(char::is_control) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c.is_control() {
            true => escaped.extend(c.escape_default()),
            false => escaped.push(c),
        }
    }
    Cow::Owned(escaped)
}
