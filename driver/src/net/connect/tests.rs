//! How long a connection may take, and what comes of one that fails.

use super::*;
use crate::net::testing::{Answer, Host, World, network};
use std::collections::VecDeque;

fn connect(world: &World, network: &Network, uri: &str) -> Result<Connection, TransportError> {
    let connector = Connector::new(world.clone(), network).unwrap();
    world.run(connector.connect(&uri.parse().unwrap()))
}

/// It accepts after so many seconds and never says anything.
fn mute(after: u64) -> Host {
    Host::Accepts(Duration::from_secs(after), VecDeque::new())
}

#[test]
fn each_part_of_a_connection_is_given_up_in_time() {
    let seconds = Duration::from_secs;
    let direct = network();
    let by_proxy = direct.clone().proxy("http://proxy.test:3128");
    let by_tls_proxy = direct.clone().proxy("https://proxy.test:3128");
    for (network, uri, host) in [
        (&direct, "http://slack.test/", Host::Silent),
        (&direct, "https://slack.test/", mute(0)),
        (&by_proxy, "https://slack.test/", Host::Silent),
        (&by_proxy, "https://slack.test/", mute(0)),
        (&by_tls_proxy, "https://slack.test/", mute(0)),
        // What one part took is gone for the next.
        (&direct, "https://slack.test/", mute(7)),
        (&by_proxy, "https://slack.test/", mute(7)),
    ] {
        for (limit, takes) in [(None, 10), (Some(9), 9), (Some(60), 60)] {
            let world = World::default();
            for (name, port) in [("slack.test", 80), ("slack.test", 443), ("proxy.test", 3128)] {
                world.serve_by(name, port, host.clone());
            }
            let network =
                limit.map_or(network.clone(), |limit| network.clone().connect_timeout(seconds(limit)));
            let error = connect(&world, &network, uri).unwrap_err();
            assert_eq!(world.now(), seconds(takes), "{uri} {network:?}: {error}");
            let (text, within) = (error.to_string(), format!("within {takes}s"));
            assert!(text.contains("slack.test") && text.contains(&within), "{text}");
            let is_direct = format!("{network:?}").contains("Direct");
            let kind = if is_direct { TransportErrorKind::Connect } else { TransportErrorKind::Proxy };
            assert_eq!((error.kind(), text.contains("proxy.test:3128")), (kind, !is_direct), "{text}");
        }
    }
}

#[test]
fn a_connection_that_fails_is_told_with_its_host_and_port() {
    let world = World::default();
    let error = connect(&world, &network(), "http://nobody.test:8080/").unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::Connect);
    let text = error.to_string();
    assert!(text.contains("nobody.test:8080") && text.contains("nobody has this name"), "{text}");
    world.serve_by("slack.test", 443, Host::Refuses);
    let error = connect(&world, &network(), "https://slack.test/").unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::Connect);
    let text = error.to_string();
    assert!(text.contains("slack.test:443") && text.contains("refused"), "{text}");
}

#[test]
fn every_status_of_success_opens_a_tunnel_and_no_other() {
    for (status, opens) in [(200, true), (201, true), (299, true), (302, false), (407, false), (500, false)] {
        let world = World::default();
        let head = format!("HTTP/1.1 {status} x\r\n\r\n").into_bytes();
        world.serve("proxy.test", 3128, [Answer::Pieces(vec![head])]);
        let network = network().proxy("http://proxy.test:3128");
        let connected = connect(&world, &network, "http://slack.test/");
        assert_eq!(connected.is_ok(), opens, "{status}");
        if let Err(error) = connected {
            assert_eq!(error.kind(), TransportErrorKind::Proxy, "{error}");
            assert!(error.to_string().contains(&status.to_string()), "{error}");
        }
        let asked = &world.links()[0].received;
        // HTTP/1.1 wants a host in every request (RFC 9112, section 3.2).
        assert!(asked.contains("\r\nhost: slack.test:80\r\n"), "{asked}");
    }
}
