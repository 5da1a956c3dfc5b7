//! One connection to a host of several addresses (RFC 8305).

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::{Either, select};
use futures_util::stream::FuturesUnordered;

use super::sockets::Sockets;

/// How long one address is waited for before the next is tried beside it: RFC 8305, section 5.
pub const CONNECTION_ATTEMPT_DELAY: Duration = Duration::from_millis(250);

/// How many of a host's addresses are tried for one connection.
pub const MAX_ADDRESSES: usize = 16;

/// The first connection that succeeds. The next attempt starts when one fails, or after
/// [`CONNECTION_ATTEMPT_DELAY`]; those under way go on meanwhile.
pub(super) async fn connect<S: Sockets>(sockets: &S, host: &str, port: u16) -> io::Result<S::Stream> {
    let mut waiting = in_order(sockets.resolve(host, port).await?).into_iter();
    let mut attempts = FuturesUnordered::new();
    let mut failure = io::Error::new(io::ErrorKind::NotFound, "its name leads to no address");
    loop {
        let next = waiting.next();
        let is_last = next.is_none();
        attempts.extend(next.map(|address| sockets.connect(address)));
        let outcome = if is_last {
            attempts.next().await
        } else {
            match select(attempts.next(), pin!(sockets.sleep(CONNECTION_ATTEMPT_DELAY))).await {
                Either::Left((outcome, _)) => outcome,
                Either::Right(_) => continue,
            }
        };
        match outcome {
            Some(Ok(stream)) => return Ok(stream),
            Some(Err(error)) => failure = error,
            None => return Err(failure),
        }
    }
}

/// The families take turns, the system's first choice first: RFC 8305, section 4.
fn in_order(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let first_is_v6 = addresses.first().is_some_and(SocketAddr::is_ipv6);
    let (first, second): (Vec<_>, Vec<_>) =
        addresses.into_iter().partition(|address| address.is_ipv6() == first_is_v6);
    let (mut first, mut second) = (first.into_iter(), second.into_iter());
    let mut ordered = Vec::new();
    loop {
        let before = ordered.len();
        ordered.extend(first.next());
        ordered.extend(second.next());
        if ordered.len() == before {
            ordered.truncate(MAX_ADDRESSES);
            return ordered;
        }
    }
}
