//! The right to acknowledge a request, shared by its handler and by what watches over it.

use async_lock::OnceCell;

use crate::request::mailbox::{AckError, AckHandle};
use crate::request::outcome::{AckErrorKind, Acked};
use crate::sync::{Mutex, PoisonError};

/// The right, until somebody uses it; then the outcome.
pub(super) struct Slot {
    handle: Mutex<Option<AckHandle>>,
    outcome: OnceCell<Result<Acked, AckErrorKind>>,
}

impl Slot {
    pub(super) fn new(handle: Option<AckHandle>) -> Self {
        Self { handle: Mutex::new(handle), outcome: OnceCell::new() }
    }

    /// Acknowledges with this payload; `None` if somebody has done so before. If the payload is refused and the request can
    /// still be acknowledged, the right is put back.
    pub(super) async fn acknowledge(&self, payload: Option<String>) -> Option<Result<Acked, AckErrorKind>> {
        let handle = self.take()?;
        let result = match payload {
            Some(payload) => handle.ack_with_json(payload).await,
            None => handle.ack().await,
        };
        let outcome = match result {
            Ok(acked) => Ok(acked),
            Err(AckError { kind, handle: Some(handle) }) => {
                *self.handle.lock().unwrap_or_else(PoisonError::into_inner) = Some(handle);
                return Some(Err(kind));
            }
            Err(AckError { kind, handle: None }) => Err(kind),
        };
        // Nobody else has had the handle.
        let _ = self.outcome.set(outcome.clone()).await;
        Some(outcome)
    }

    /// The outcome of an acknowledgement that somebody else has made.
    pub(super) async fn outcome(&self) -> Result<Acked, AckErrorKind> {
        self.outcome.wait().await.clone()
    }

    /// Whether it is not acknowledged, and cannot be any more: the client has stopped.
    pub(super) fn is_void(&self) -> bool {
        self.handle.lock().unwrap_or_else(PoisonError::into_inner).as_ref().is_some_and(AckHandle::is_void)
    }

    /// Leaves the request without an acknowledgement, unless it has one.
    pub(super) fn decline(&self) {
        drop(self.take());
    }

    fn take(&self) -> Option<AckHandle> {
        self.handle.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
