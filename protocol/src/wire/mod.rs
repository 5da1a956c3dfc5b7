//! JSON to messages and back.

pub(crate) mod ack;
mod fields;
pub(crate) mod messages;
pub(crate) mod open_answer;
mod skip;
