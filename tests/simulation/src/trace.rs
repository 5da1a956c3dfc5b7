//! What happened, as a number and as the last few lines.

use std::collections::VecDeque;
use std::fmt::{self, Write};

use socketmode_driver::Frame;
use socketmode_protocol::Instant;

use super::transport::Asked;

/// Lines that a failure shows.
const SHOWN: usize = 60;

/// FNV-1a over a line for everything that happened.
#[derive(Debug)]
pub(super) struct Trace {
    hash: u64,
    remembers: bool,
    pub(super) last: VecDeque<String>,
}

impl Trace {
    pub(super) fn new(remembers: bool) -> Self {
        Self { hash: 0xcbf2_9ce4_8422_2325, remembers, last: VecDeque::new() }
    }

    pub(super) fn hash(&self) -> u64 {
        self.hash
    }

    pub(super) fn note(&mut self, at: Instant, what: fmt::Arguments<'_>) {
        self.write_fmt(format_args!("{at:?} {what}")).unwrap();
        if self.remembers {
            if self.last.len() == SHOWN {
                self.last.pop_front();
            }
            self.last.push_back(format!("{at:?} {what}"));
        }
    }
}

impl Write for Trace {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            self.hash = (self.hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        Ok(())
    }
}

/// A line of the trace, without secrets and payloads.
pub(super) struct Line<'a>(pub(super) &'a Asked);

impl fmt::Display for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Asked::Dial(link, _) => write!(f, "dial {link}"),
            Asked::Read(link, text) => write!(f, "read {link} {}", text.get(..60).unwrap_or(text)),
            Asked::Sent(link, Frame::Text(text)) => write!(f, "sent {link} {text}"),
            other => write!(f, "{other:?}"),
        }
    }
}
