//! Texts of others, for a log: on one line, and nothing in them that a terminal obeys.

use std::fmt::{self, Display, Formatter, Write};

/// Shows a value with what cannot be printed escaped, as `\n` or `\u{1b}`: control characters, line separators, marks
/// that change the direction of text. Quotes and backslashes stay as they are, so that what is escaped already is not
/// escaped again.
pub(crate) struct Escaped<'a, T: ?Sized>(pub(crate) &'a T);

impl<T: Display + ?Sized> Display for Escaped<'_, T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(Escaping(f), "{}", self.0)
    }
}

struct Escaping<'a, 'b>(&'a mut Formatter<'b>);

impl Write for Escaping<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.chars().try_for_each(|char| match char {
            '"' | '\'' | '\\' => self.0.write_char(char),
            _ => write!(self.0, "{}", char.escape_debug()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_obeys_is_escaped_and_what_people_write_is_not() {
        for (text, shown) in [
            ("a\nb\r\0", r"a\nb\r\0"),
            ("\u{1b}[31m\u{7f}\u{9b}", r"\u{1b}[31m\u{7f}\u{9b}"),
            ("\u{2028}\u{2029}\u{85}", r"\u{2028}\u{2029}\u{85}"),
            ("\u{202e}\u{2066}\u{200f}\u{feff}", r"\u{202e}\u{2066}\u{200f}\u{feff}"),
            ("ü 東 😀 \"it's\" C:\\x", "ü 東 😀 \"it's\" C:\\x"),
        ] {
            assert_eq!(Escaped(text).to_string(), shown);
            assert_eq!(Escaped(&Escaped(text)).to_string(), shown);
        }
    }
}
