//! The right to acknowledge a request, shared by its handler and by what watches over it.

use async_lock::OnceCell;
use socketmode_protocol::{AckRefusal, Envelope};

use crate::request::Request;
use crate::request::mailbox::{AckError, AckHandle};
use crate::request::outcome::{AckErrorKind, Acked};
use crate::sync::{Mutex, PoisonError};

type Outcome = Result<Acked, AckErrorKind>;

/// The right, until somebody uses it; then the outcome.
pub(super) struct Slot {
    handle: Mutex<Option<AckHandle>>,
    outcome: OnceCell<Outcome>,
    /// The outcome if the client's policy acknowledges the request.
    by_policy: Option<Acked>,
}

impl Slot {
    /// The right to acknowledge a request. `by_policy` if the client's policy may do it first, or has done it.
    pub(super) fn new(request: Request, by_policy: bool) -> (Envelope, Self) {
        let (envelope, handle) = request.split();
        let connection = envelope.connection();
        let acked = Acked { connection, elsewhere: false, late: false, unasked_payload: false };
        let is_done = envelope.is_acknowledged();
        let slot = Self {
            handle: Mutex::new((!is_done).then_some(handle)),
            outcome: if is_done { OnceCell::from(Ok(acked)) } else { OnceCell::new() },
            by_policy: by_policy.then_some(acked),
        };
        (envelope, slot)
    }

    /// Acknowledges with this payload; `None` if somebody has done so before. If the payload is refused and the request can
    /// still be acknowledged, the right is put back.
    pub(super) async fn acknowledge(&self, payload: Option<String>) -> Option<Outcome> {
        let handle = self.take()?;
        // Whoever waits for the outcome must get one, though this future is dropped.
        let mut unknown = Unknown { slot: self, is_armed: true };
        let result = match payload {
            Some(payload) => handle.ack_with_json(payload).await,
            None => handle.ack().await,
        };
        let outcome = match result {
            Ok(acked) => Ok(acked),
            Err(AckError { kind, handle: Some(handle) }) => {
                unknown.is_armed = false;
                *self.handle.lock().unwrap_or_else(PoisonError::into_inner) = Some(handle);
                return Some(Err(kind));
            }
            Err(AckError { kind, handle: None }) => Err(kind),
        };
        unknown.is_armed = false;
        self.settle(match (&outcome, self.by_policy) {
            (
                Err(AckErrorKind::Refused(AckRefusal::Settled | AckRefusal::AlreadyAcknowledged)),
                Some(acked),
            ) => Ok(acked),
            _ => outcome.clone(),
        });
        Some(outcome)
    }

    /// Whether nobody has used the right yet.
    pub(super) fn is_free(&self) -> bool {
        self.handle.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// Whether it is known that Slack has an acknowledgement.
    pub(super) fn is_acknowledged(&self) -> bool {
        self.outcome.get().is_some_and(Result::is_ok)
    }

    /// The outcome of an acknowledgement that somebody else has made.
    pub(super) async fn outcome(&self) -> Outcome {
        self.outcome.wait().await.clone()
    }

    /// Whether it is not acknowledged, and cannot be any more: the client has stopped.
    pub(super) fn is_void(&self) -> bool {
        self.handle.lock().unwrap_or_else(PoisonError::into_inner).as_ref().is_some_and(AckHandle::is_void)
    }

    /// Leaves the request without an acknowledgement, unless it has one.
    pub(super) fn decline(&self) {
        if self.take().is_some() {
            self.settle(Err(AckErrorKind::Refused(AckRefusal::Settled)));
        }
    }

    /// Nobody else has had the handle, so this does not wait.
    fn settle(&self, outcome: Outcome) {
        let _ = self.outcome.set_blocking(outcome);
    }

    fn take(&self) -> Option<AckHandle> {
        self.handle.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// An acknowledgement under way. It goes out even if nobody waits for it.
struct Unknown<'a> {
    slot: &'a Slot,
    is_armed: bool,
}

impl Drop for Unknown<'_> {
    fn drop(&mut self) {
        if self.is_armed {
            self.slot.settle(Err(AckErrorKind::Unknown));
        }
    }
}
