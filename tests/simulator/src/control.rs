//! Command over single links.

use crate::record::{LinkEnd, LinkId, LinkState};
use crate::state::State;
use crate::state::links::Order;
use crate::{RawFrame, Simulator, raw};

/// There is no such link, or it is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} is unknown or closed: take an open one from `links()`")]
pub struct LinkUnknown(pub LinkId);

/// Commands for a link. They are carried out in order, after the frames sent before them where TCP takes
/// those; all fail for a link that is unknown, and all but [`reset`](Self::reset),
/// [`drop_link`](Self::drop_link), [`thaw`](Self::thaw) and [`resume_reading`](Self::resume_reading) for one that is
/// closed.
impl Simulator {
    /// Sends a frame, or a run of them, as it is.
    ///
    /// # Errors
    ///
    /// When the link is unknown or closed.
    pub fn send_raw(&self, link: LinkId, frame: &RawFrame) -> Result<(), LinkUnknown> {
        self.with_open(link, |state| match (frame, raw::messages(frame)) {
            (RawFrame::Close(code, reason), _) => state.close(link, *code, reason),
            (_, messages) => {
                for message in messages.into_iter().flatten() {
                    state.order(link, Order::Send(message));
                }
            }
        })
    }

    /// Sends a `disconnect` with this reason, and nothing more.
    ///
    /// # Errors
    ///
    /// When the link is unknown or closed.
    pub fn disconnect_message(&self, link: LinkId, reason: &str) -> Result<(), LinkUnknown> {
        self.with_open(link, |state| state.disconnect(link, reason))
    }

    /// Rotates a link as Slack does: `warning`, the grace, a close frame, the end of TCP.
    ///
    /// # Errors
    ///
    /// When the link is unknown or closed.
    pub fn rotate(&self, link: LinkId) -> Result<(), LinkUnknown> {
        self.with_open(link, |state| state.rotate(link))
    }

    /// Starts the close handshake with this code.
    ///
    /// # Errors
    ///
    /// When the link is unknown or closed.
    pub fn close(&self, link: LinkId, code: u16) -> Result<(), LinkUnknown> {
        self.with_open(link, |state| state.close(link, code, ""))
    }

    /// Resets the TCP connection (RST).
    ///
    /// # Errors
    ///
    /// When the link is unknown.
    pub fn reset(&self, link: LinkId) -> Result<(), LinkUnknown> {
        self.with_known(link, |state| state.end(link, Order::Reset, LinkEnd::Reset))
    }

    /// Ends the TCP connection (FIN) without a close frame.
    ///
    /// # Errors
    ///
    /// When the link is unknown.
    pub fn drop_link(&self, link: LinkId) -> Result<(), LinkUnknown> {
        self.with_known(link, |state| state.end(link, Order::Drop, LinkEnd::Dropped))
    }

    /// Stops reading and writing while TCP stays up: half-open. Envelopes still go there,
    /// and not even the client's end of it is noticed before it is thawed, reset or dropped.
    ///
    /// # Errors
    ///
    /// When the link is unknown or closed.
    pub fn freeze(&self, link: LinkId) -> Result<(), LinkUnknown> {
        self.with_open(link, |state| state.freeze(link, true))
    }

    /// Reads and writes again; what was sent meanwhile goes out now.
    ///
    /// # Errors
    ///
    /// When the link is unknown.
    pub fn thaw(&self, link: LinkId) -> Result<(), LinkUnknown> {
        self.with_known(link, |state| state.freeze(link, false))
    }

    /// Reads nothing from a link any more, and still writes to it: what the client sends waits in TCP, and then with the
    /// client. Not even its end is noticed meanwhile.
    ///
    /// # Errors
    ///
    /// When the link is unknown or closed.
    pub fn stop_reading(&self, link: LinkId) -> Result<(), LinkUnknown> {
        self.with_open(link, |state| state.order(link, Order::Read(false)))
    }

    /// Reads a link again, from where it stopped, also after [`close`](Self::close).
    ///
    /// # Errors
    ///
    /// When the link is unknown.
    pub fn resume_reading(&self, link: LinkId) -> Result<(), LinkUnknown> {
        self.with_known(link, |state| state.order(link, Order::Read(true)))
    }

    fn with_open(&self, link: LinkId, act: impl FnOnce(&mut State)) -> Result<(), LinkUnknown> {
        self.with(link, |state| state != LinkState::Closed, act)
    }

    fn with_known(&self, link: LinkId, act: impl FnOnce(&mut State)) -> Result<(), LinkUnknown> {
        self.with(link, |_| true, act)
    }

    fn with(
        &self,
        link: LinkId,
        fits: impl FnOnce(LinkState) -> bool,
        act: impl FnOnce(&mut State),
    ) -> Result<(), LinkUnknown> {
        self.shared().change(|state| match state.links.get(link) {
            Some(found) if fits(found.info.state) => {
                act(state);
                Ok(())
            }
            _ => Err(LinkUnknown(link)),
        })
    }
}
