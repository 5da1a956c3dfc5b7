//! Connects to a host with several addresses (RFC 8305).

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::{Either, select};
use futures_util::stream::FuturesUnordered;

use super::sockets::Sockets;

/// The wait for one address before the next is tried in parallel: RFC 8305, section 5.
pub const CONNECTION_ATTEMPT_DELAY: Duration = Duration::from_millis(250);

/// The number of addresses of a host that are tried for one connection.
pub const MAX_ADDRESSES: usize = 16;

/// The first connection that succeeds. The next attempt starts when one fails, or after
/// [`CONNECTION_ATTEMPT_DELAY`]; earlier ones go on in the meantime.
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

/// The address families alternate, starting with the system's first choice: RFC 8305, section 4.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::testing::{Host, World};
    use std::collections::VecDeque;

    fn v4(n: u8) -> SocketAddr {
        ([192, 0, 2, n], 443).into()
    }

    fn v6(n: u16) -> SocketAddr {
        ([0x2001, 0xdb8, 0, 0, 0, 0, 0, n], 443).into()
    }

    fn accepts(after: u64) -> Host {
        Host::Accepts(Duration::from_millis(after), VecDeque::new())
    }

    /// What comes of a name with these addresses: when each was tried, in milliseconds, which one it was, and when.
    fn tried(
        hosts: impl IntoIterator<Item = (SocketAddr, Host)>,
    ) -> (Vec<(SocketAddr, u128)>, Option<SocketAddr>, u128) {
        let world = World::default();
        let hosts: Vec<_> = hosts.into_iter().collect();
        world.name("slack.test", &hosts.iter().map(|(address, _)| *address).collect::<Vec<_>>());
        hosts.into_iter().for_each(|(address, host)| world.host(address, host));
        let stream = world.run(async {
            let limit = pin!(world.sleep(Duration::from_secs(60)));
            match select(pin!(connect(&world, "slack.test", 443)), limit).await {
                Either::Left((stream, _)) => stream.ok(),
                Either::Right(_) => None,
            }
        });
        let attempts = world.attempts().into_iter().map(|(address, at)| (address, at.as_millis()));
        let connected = stream.and(world.links().last().map(|link| link.address));
        (attempts.collect(), connected, world.now().as_millis())
    }

    #[test]
    fn an_address_that_refuses_costs_no_time() {
        let refusing = (1..5).map(|n| (v4(n), Host::Refuses));
        let (attempts, connected, took) = tried(refusing.chain([(v4(5), accepts(0))]));
        assert_eq!(attempts, [1, 2, 3, 4, 5].map(|n| (v4(n), 0)));
        assert_eq!((connected, took), (Some(v4(5)), 0));
        // The other family after a refusal.
        let (_, connected, took) = tried([(v6(1), Host::Refuses), (v4(1), accepts(0))]);
        assert_eq!((connected, took), (Some(v4(1)), 0));
    }

    #[test]
    fn an_address_that_is_silent_costs_a_quarter_of_a_second() {
        let (attempts, connected, took) =
            tried([(v4(1), Host::Silent), (v4(2), Host::Silent), (v4(3), accepts(0))]);
        assert_eq!(attempts, [(v4(1), 0), (v4(2), 250), (v4(3), 500)]);
        assert_eq!((connected, took), (Some(v4(3)), 500));
        // A refusal in between starts the next at once, and the time begins anew.
        let (attempts, ..) = tried([
            (v4(1), Host::Silent),
            (v4(2), Host::Refuses),
            (v4(3), Host::Silent),
            (v4(4), accepts(0)),
        ]);
        assert_eq!(attempts, [(v4(1), 0), (v4(2), 250), (v4(3), 250), (v4(4), 500)]);
    }

    #[test]
    fn an_address_that_is_slow_goes_on_beside_the_next() {
        let (attempts, connected, took) = tried([(v4(1), accepts(300)), (v4(2), accepts(300))]);
        assert_eq!(attempts, [(v4(1), 0), (v4(2), 250)]);
        assert_eq!((connected, took), (Some(v4(1)), 300));
        let (attempts, ..) = tried([(v4(1), accepts(249)), (v4(2), accepts(0))]);
        assert_eq!(attempts, [(v4(1), 0)]);
        // Also where the next one is the last, and refuses late.
        let refuses = Host::RefusesIn(Duration::from_millis(300));
        let (_, connected, took) = tried([(v4(1), accepts(600)), (v4(2), refuses)]);
        assert_eq!((connected, took), (Some(v4(1)), 600));
    }

    #[test]
    fn families_take_turns_and_the_first_of_the_system_begins() {
        let hosts = [v6(1), v6(2), v6(3), v4(1), v4(2)].map(|address| (address, Host::Refuses));
        let order =
            |hosts: [_; 5]| tried(hosts).0.into_iter().map(|(address, _)| address).collect::<Vec<_>>();
        assert_eq!(order(hosts.clone()), [v6(1), v4(1), v6(2), v4(2), v6(3)]);
        let mut reversed = hosts;
        reversed.reverse();
        assert_eq!(order(reversed), [v4(2), v6(3), v4(1), v6(2), v6(1)]);
    }

    #[test]
    fn so_many_addresses_are_tried_and_no_more() {
        for count in [MAX_ADDRESSES - 1, MAX_ADDRESSES, MAX_ADDRESSES + 1, 100] {
            let dead = (0..count).map(|n| (v4(u8::try_from(n).unwrap()), Host::Silent));
            let (attempts, connected, _) = tried(dead);
            assert_eq!((attempts.len(), connected), (count.min(MAX_ADDRESSES), None));
        }
        // Also one that is of the other family alone is among them.
        let dead = (0..100).map(|n| (v6(n), Host::Silent));
        assert_eq!(tried(dead.chain([(v4(1), accepts(0))])).2, 250);
    }

    #[test]
    fn the_error_is_that_of_the_last_address() {
        let world = World::default();
        world.name("slack.test", &[]);
        let error = |world: &World| world.run(connect(world, "slack.test", 443)).err().unwrap().to_string();
        assert!(error(&world).contains("leads to no address"));
        world.name("slack.test", &[v4(1), v4(2)]);
        assert!(error(&world).contains("refused"));
    }
}
