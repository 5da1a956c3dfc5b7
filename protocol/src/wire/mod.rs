//! JSON to messages and back.

pub(crate) mod ack;
mod behind;
pub(crate) mod fields;
pub(crate) mod messages;
pub(crate) mod open_answer;

/// What JSON takes for white space (RFC 8259, 2).
const WHITE_SPACE: [char; 4] = [' ', '\t', '\n', '\r'];
