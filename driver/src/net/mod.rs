//! The network parts that driver crates share: settings, TLS, proxies, the WebSocket. With them all runtimes behave alike.
//!
//! [`Network`] is for all users. The rest is for driver crates. Each part has its own feature, and its API uses types of the
//! libraries below: `tls` (feature `rustls`), `proxy` (`proxy`), `handshake` and `websocket` (`tungstenite`), and `Http`
//! (`http1`), which does everything over the sockets of a runtime.

#[cfg(feature = "http1")]
mod addresses;
#[cfg(feature = "http1")]
mod allowance;
#[cfg(feature = "http1")]
mod budget;
#[cfg(feature = "http1")]
mod connect;
#[cfg(feature = "http1")]
mod connection;
mod errors;
#[cfg(feature = "tungstenite")]
pub mod handshake;
#[cfg(feature = "http1")]
mod http1;
#[cfg(feature = "proxy")]
mod no_proxy;
#[cfg(feature = "proxy")]
pub mod proxy;
#[cfg(feature = "http1")]
mod read_ahead;
#[cfg(feature = "http1")]
mod sockets;
mod target;
#[cfg(all(test, feature = "http1"))]
mod testing;
#[cfg(feature = "rustls")]
pub mod tls;
#[cfg(feature = "http1")]
mod upgrade;
#[cfg(feature = "tungstenite")]
pub mod websocket;

#[cfg(feature = "http1")]
pub use addresses::{CONNECTION_ATTEMPT_DELAY, MAX_ADDRESSES};
#[cfg(feature = "http1")]
pub use allowance::{MAX_BYTES_BEFORE_ANSWER, MAX_HEAD_BYTES};
#[cfg(feature = "http1")]
pub use budget::{BYTES_PER_POLL, READS_PER_POLL};
#[cfg(feature = "http1")]
pub use connection::Connection;
pub use errors::{broken, describe, too_large};
#[cfg(feature = "http1")]
pub use http1::{Http, Upgraded};
#[cfg(feature = "http1")]
pub use sockets::Sockets;
pub use target::{Target, http_uri, origin_form};
pub(crate) use target::{has_usable_port, is_loopback};

pub use crate::transport::{KEEP_ALIVE, Network, Roots};
