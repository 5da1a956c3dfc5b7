//! Orders to the socket of a link, and the bound of those that wait.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;

/// Frames a link may have queued; one whose client reads too little for too long is reset.
const LINK_QUEUE: usize = 65_536;
/// Bytes of the frames a link may have queued, likewise.
const LINK_QUEUE_BYTES: usize = 256 << 20;

/// An order to the socket of a link.
#[derive(Debug)]
pub(crate) enum Order {
    Send(Message),
    Close(u16, String),
    Freeze,
    Thaw,
    /// Whether what comes from the client is read.
    Read(bool),
    /// RST.
    Reset,
    /// FIN.
    Drop,
}

/// The socket's end of a link.
pub(crate) struct Orders {
    pub(crate) receiver: mpsc::UnboundedReceiver<Order>,
    pub(crate) queued: Arc<Queued>,
}

/// What is ordered and not yet carried out.
#[derive(Default)]
pub(crate) struct Queued {
    orders: AtomicUsize,
    bytes: AtomicUsize,
}

impl Queued {
    /// Counts one more; false if that is too many.
    pub(super) fn takes(&self, order: &Order) -> bool {
        let orders = self.orders.fetch_add(1, Ordering::Relaxed);
        let bytes = self.bytes.fetch_add(order.bytes(), Ordering::Relaxed);
        // A frame that is too large by itself is let through.
        orders < LINK_QUEUE && bytes < LINK_QUEUE_BYTES
    }

    /// One is carried out.
    pub(crate) fn is_done_with(&self, order: &Order) {
        self.orders.fetch_sub(1, Ordering::Relaxed);
        self.bytes.fetch_sub(order.bytes(), Ordering::Relaxed);
    }
}

impl Order {
    fn bytes(&self) -> usize {
        match self {
            Self::Send(message) => message.len(),
            Self::Close(_, reason) => reason.len(),
            Self::Freeze | Self::Thaw | Self::Read(_) | Self::Reset | Self::Drop => 0,
        }
    }
}
