//! Nothing is measured.

use socketmode_protocol::{AckOutcome, AckToken, EnvelopeKind, Instant, Notice, SocketMode};

use crate::health::Phases;
use crate::request::mailbox::AckHandle;

pub(crate) struct Meter;

#[allow(clippy::unused_self, reason = "it is the interface of the one that measures")]
impl Meter {
    pub(crate) fn new() -> Self {
        Self
    }

    pub(crate) fn tick(&mut self, _: Instant) {}

    pub(crate) fn delivered(&self, _: &EnvelopeKind, handle: AckHandle) -> AckHandle {
        handle
    }

    pub(crate) fn acknowledging(&mut self, _: &AckHandle) {}

    pub(crate) fn acknowledging_by_id(&mut self, _: AckToken) {}

    pub(crate) fn acknowledged(&mut self, _: AckToken, _: &AckOutcome) {}

    pub(crate) fn notice(&self, _: &Notice) {}

    pub(crate) fn standing(&mut self, _: &Phases, _: &SocketMode) {}
}
