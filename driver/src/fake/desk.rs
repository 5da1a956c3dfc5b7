//! The client's side of a request: what was acknowledged is sent at once.

use std::task::{Context, Poll};

use serde_json::Value;

use super::Incoming;
use crate::detached::{self, Step};
use crate::request::Request;

const ENVELOPE_ID: &str = "fake-envelope";

pub(super) struct Desk {
    desk: detached::Desk,
    /// The payload of the acknowledgement, if there was one.
    acknowledgement: Option<Option<Value>>,
}

impl Desk {
    /// The desk and the request, and whether its handler is too slow.
    #[allow(clippy::expect_used, reason = "the envelope is ours")]
    pub(super) fn with(incoming: &Incoming) -> (Self, Request, bool) {
        let (request, desk) = detached::request(&incoming.text_with(ENVELOPE_ID)).expect("an envelope");
        (Self { desk, acknowledgement: None }, request, incoming.is_too_slow)
    }

    /// Takes what was acknowledged. Returns whether there was anything.
    pub(super) fn work(&mut self, cx: &Context<'_>) -> bool {
        match self.desk.poll_next(cx) {
            Poll::Ready(Step::Acknowledge(answer)) => {
                let payload = answer.payload().and_then(|payload| serde_json::from_str(payload).ok());
                self.acknowledgement = Some(payload);
                answer.sent();
                true
            }
            Poll::Ready(Step::Decline) => true,
            Poll::Pending => false,
        }
    }

    /// What was acknowledged: nothing, or the payload, if there is one.
    pub(super) fn acknowledgement(&self) -> Option<Option<Value>> {
        self.acknowledgement.clone()
    }
}
