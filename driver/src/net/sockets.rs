//! The sockets of a runtime.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::task::Context;
use std::time::Duration;

use futures_io::{AsyncRead, AsyncWrite};

/// Names, TCP and waits of a runtime. [`Http`](super::Http) does everything else, for all runtimes.
pub trait Sockets: Send + Sync + 'static {
    /// A TCP connection.
    type Stream: AsyncRead + AsyncWrite + Send + Unpin + 'static;

    /// The addresses of a host, in the order in which the system prefers them.
    fn resolve(&self, host: &str, port: u16) -> impl Future<Output = io::Result<Vec<SocketAddr>>> + Send;

    /// Connects to an address, with Nagle's algorithm off. It needs no time-out: the caller drops the future.
    fn connect(&self, address: SocketAddr) -> impl Future<Output = io::Result<Self::Stream>> + Send;

    /// Waits this long.
    fn sleep(&self, time: Duration) -> impl Future<Output = ()> + Send;

    /// Wakes the task of this context soon, after other tasks have run. If the runtime looks at its sockets and timers only
    /// rarely, it should do so before it wakes the task.
    fn yield_now(cx: &mut Context<'_>) {
        cx.waker().wake_by_ref();
    }
}
