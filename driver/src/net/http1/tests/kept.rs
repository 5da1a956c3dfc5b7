//! The connection that is kept for the next request.

use super::*;

#[test]
fn a_kept_connection_is_used_for_its_own_host_alone() {
    let world = World::default();
    let answers = || (0..4).map(|n| answer(&n.to_string()));
    let places = [("a.test", 80), ("b.test", 80), ("a.test", 8080)];
    let addresses = places.map(|(host, port)| world.serve(host, port, answers()));
    let http = client(&world, &network());
    for round in 0..3 {
        for (host, port) in places {
            let uri = format!("http://{host}:{port}/api/{round}");
            world.run(http.send(get(&uri), LIMIT)).unwrap();
            // It is kept for the next one there.
            world.run(http.send(get(&uri), LIMIT)).unwrap();
        }
    }
    let links = world.links();
    assert_eq!(links.len(), 9);
    for (n, link) in links.iter().enumerate() {
        let (host, port) = places[n % 3];
        assert_eq!(link.address, addresses[n % 3]);
        let hosts: Vec<_> = link.received.lines().filter(|line| line.starts_with("host:")).collect();
        assert_eq!(hosts, vec![format!("host: {host}:{port}"); 2], "{}", link.received);
    }
}

/// The port says nothing of it.
#[test]
fn what_is_to_be_encrypted_takes_no_kept_connection_in_clear() {
    let world = World::default();
    world.serve("slack.test", 8443, [answer("in clear"), answer("in clear as well")]);
    let http = client(&world, &network());
    world.run(http.send(get("http://slack.test:8443/"), LIMIT)).unwrap();
    // The peer speaks no TLS.
    assert!(world.run(http.send(get("https://slack.test:8443/"), LIMIT)).is_err());
    let links = world.links();
    assert_eq!((links.len(), links[0].received.matches("GET").count()), (2, 1), "{}", links[0].received);
}

#[test]
fn a_kept_connection_that_was_closed_is_made_again() {
    let world = World::default();
    world.serve("slack.test", 80, [Answer::Last(with_length("once").into_bytes())]);
    let http = client(&world, &network());
    for _ in 0..3 {
        assert_eq!(world.run(http.send(get("http://slack.test/"), LIMIT)).unwrap().body(), "once");
    }
    assert_eq!(world.links().len(), 3);
}

#[test]
fn the_rest_of_an_answer_that_was_too_large_is_not_read() {
    let world = World::default();
    let large = Answer::Pieces(vec![with_length(&"x".repeat(LIMIT + 1)).into_bytes()]);
    world.serve("slack.test", 80, [large]);
    let http = client(&world, &network());
    for links in 1..3 {
        let error = world.run(http.send(get("http://slack.test/"), LIMIT)).unwrap_err();
        assert_eq!((error.kind(), world.links().len()), (TransportErrorKind::TooLarge, links));
    }
}

#[test]
fn each_request_on_a_kept_connection_has_the_whole_limit() {
    let world = World::default();
    let text = EARLY.repeat(MAX_BYTES_BEFORE_ANSWER / EARLY.len() - 5) + &with_length("");
    let answers = (0..3).map(|_| Answer::Pieces(vec![text.clone().into_bytes()]));
    world.serve("slack.test", 80, answers);
    let http = client(&world, &network());
    for _ in 0..3 {
        world.run(http.send(get("http://slack.test/"), LIMIT)).unwrap();
    }
    assert_eq!(world.links().len(), 1);
}

#[test]
fn a_flood_on_a_kept_connection_is_an_error_as_well() {
    let world = World::default();
    world.serve("slack.test", 80, [answer("first"), Answer::Endless(EARLY.into())]);
    let http = client(&world, &network());
    world.run(http.send(get("http://slack.test/"), LIMIT)).unwrap();
    let error = world.run(http.send(get("http://slack.test/"), LIMIT)).unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::TooLarge, "{error}");
    assert_eq!(world.links().len(), 1, "it was kept");
}

/// A client with a kept connection that was last used so long ago.
fn with_an_idle_connection(world: &World, idle: Duration) -> Http<World> {
    world.serve("slack.test", 80, [answer("first"), answer("second")]);
    let http = client(world, &network());
    world.run(http.send(get("http://slack.test/"), LIMIT)).unwrap();
    http.lock().as_mut().unwrap().used -= idle;
    http
}

#[test]
fn a_connection_is_kept_for_ten_seconds() {
    for (idle, links) in [(Duration::from_secs(9), 1), (KEEP_ALIVE, 2)] {
        let world = World::default();
        let http = with_an_idle_connection(&world, idle);
        world.run(http.send(get("http://slack.test/"), LIMIT)).unwrap();
        assert_eq!(world.links().len(), links, "{idle:?}");
    }
}

#[test]
fn each_use_of_a_kept_connection_renews_its_time() {
    let world = World::default();
    world.serve("slack.test", 80, (0..5).map(|n| answer(&n.to_string())));
    let http = client(&world, &network());
    for _ in 0..5 {
        world.run(http.send(get("http://slack.test/"), LIMIT)).unwrap();
        http.lock().as_mut().unwrap().used -= Duration::from_secs(9);
    }
    assert_eq!(world.links().len(), 1);
}

#[test]
fn tidying_closes_what_was_kept_for_too_long() {
    for (idle, is_kept) in [(Duration::from_secs(9), true), (KEEP_ALIVE, false)] {
        let http = with_an_idle_connection(&World::default(), idle);
        http.tidy();
        assert_eq!(http.lock().is_some(), is_kept, "{idle:?}");
    }
}

#[test]
fn a_request_that_says_close_leaves_no_connection() {
    let world = World::default();
    world.serve("slack.test", 80, [answer("kept"), answer("last")]);
    let http = client(&world, &network());
    world.run(http.send(get("http://slack.test/"), LIMIT)).unwrap();
    let mut last = get("http://slack.test/");
    last.headers_mut().insert(CONNECTION, http::HeaderValue::from_static("close"));
    world.run(http.send(last, LIMIT)).unwrap();
    assert_eq!((world.links().len(), http.lock().is_some()), (1, false));
}
