//! Texts from outside, made safe for a person: short, on one line, and without control characters for a terminal.

use std::fmt::{self, Display, Formatter, Write};

/// Shows a value with unprintable characters escaped, such as `\n` or `\u{1b}`: control characters, line separators, marks
/// that change the direction of text. Quotes and backslashes are unchanged, so that an escaped text is not escaped again.
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

/// The first bytes of a text, [`Escaped`], with a mark if it was longer. The limit is for the text before it is escaped.
pub(crate) fn cut(text: &str, max_bytes: usize) -> String {
    let end =
        (0..=max_bytes.min(text.len())).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
    let kept = text.get(..end).unwrap_or_default();
    let mark = if end < text.len() { "…" } else { "" };
    format!("{}{mark}", Escaped(kept))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_at_its_limit_and_between_characters() {
        for (text, max_bytes, shown) in [
            ("abc", 3, "abc"),
            ("abc", 2, "ab…"),
            ("", 0, ""),
            ("a", 0, "…"),
            ("üüü", 3, "ü…"),
            ("üüü", 6, "üüü"),
        ] {
            assert_eq!(cut(text, max_bytes), shown);
        }
        assert_eq!(cut("a\n\u{2028}b", 4), r"a\n…");
        assert_eq!(cut("a\n\u{2028}b", 5), r"a\n\u{2028}…");
    }

    #[test]
    fn what_a_terminal_obeys_is_escaped_and_plain_text_is_not() {
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
