//! JSON to messages and back.

pub(crate) mod ack;
mod behind;
pub(crate) mod fields;
pub(crate) mod messages;
pub(crate) mod open_answer;

/// What JSON takes for white space (RFC 8259, 2).
const WHITE_SPACE: [char; 4] = [' ', '\t', '\n', '\r'];

/// Without the white space before it. Slack sends none, and a look at one byte tells.
fn trim_start(text: &str) -> &str {
    let first = text.as_bytes().first();
    if first.is_some_and(|byte| *byte > b' ') { text } else { text.trim_start_matches(WHITE_SPACE) }
}

/// Without the white space behind it.
fn trim_end(text: &str) -> &str {
    let last = text.as_bytes().last();
    if last.is_some_and(|byte| *byte > b' ') { text } else { text.trim_end_matches(WHITE_SPACE) }
}
