//! What the builder sets, and its defaults.

use std::process::Command;
use std::task::Poll;
use std::time::Duration;

use socketmode_driver::{AppToken, BotToken, BuildError, Client, Event, Frame, Notice};
use socketmode_model::step::OwnedInput;
use socketmode_protocol::AckPolicy;
use socketmode_simulation::transport::{Asked, Memory};

use crate::harness::Up;

/// An envelope of a kind.
fn envelope(kind: &str) -> OwnedInput {
    OwnedInput::Text(format!(r#"{{"type":"{kind}","envelope_id":"{kind}","payload":{{}}}}"#))
}

const KINDS: [&str; 4] = ["events_api", "slash_commands", "interactive", "hologram"];

#[test]
fn a_policy_is_for_envelopes_of_every_kind() {
    let mut up = Up::new(1, AckPolicy::OnReceive);
    for kind in KINDS {
        up.say(up.links[0], envelope(kind));
    }
    up.poll();
    let acks = up.asked().into_iter().filter(|asked| matches!(asked, Asked::Sent(_, Frame::Text(_)))).count();
    assert_eq!((acks, up.client.stats().acknowledged), (KINDS.len(), KINDS.len() as u64));
}

#[test]
fn by_default_1024_envelopes_wait_and_the_next_is_left_unread() {
    let mut up = Up::new(1, AckPolicy::OnReceive);
    while up.next_event().is_ready() {}
    let link = up.links[0];
    for number in 0..1_024 {
        up.event(link, &format!("e{number}"));
        up.poll();
        assert_eq!(up.memory.lying(link).0, 0, "{number} wait");
    }
    up.event(link, "next");
    up.poll();
    assert_eq!(up.memory.lying(link).0, 1);
}

/// The URLs that were dialed.
fn dialed(up: &mut Up) -> Vec<String> {
    up.poll();
    up.open();
    let url = |asked| if let Asked::Dial(_, url) = asked { Some(url) } else { None };
    up.asked().into_iter().filter_map(url).collect()
}

#[test]
fn short_lived_links_are_asked_for_only_if_configured() {
    for (on, wanted) in [(true, 1), (false, 0)] {
        let urls = dialed(&mut Up::built(|builder| builder.debug_reconnects(on)));
        let asks = urls.iter().filter(|url| url.contains("debug_reconnects=true")).count();
        assert_eq!((urls.len(), asks), (1, wanted));
    }
    assert!(!dialed(&mut Up::built(|builder| builder))[0].contains("debug_reconnects"));
}

/// The waits after some attempts that failed.
fn waits(seed: u64) -> Vec<Duration> {
    let mut up = Up::built(|builder| builder.seed(seed));
    let mut waits = Vec::new();
    while waits.len() < 5 {
        up.poll();
        for call in up.memory.calls() {
            let refused = http::Response::builder().status(503).body("".into()).unwrap();
            up.memory.answer(call, Ok(refused));
        }
        up.poll();
        while let Poll::Ready(Some(event)) = up.next_event() {
            if let Event::Notice(Notice::ConnectionError { retry_in, .. }) = event {
                waits.push(retry_in);
            }
        }
        up.memory.advance(up.memory.next_sleeper().unwrap());
    }
    waits
}

#[test]
fn clients_with_one_seed_wait_alike_and_others_do_not() {
    assert_eq!(waits(7), waits(7));
    assert_ne!(waits(7), waits(8));
}

#[test]
fn a_client_without_a_runtime_to_run_on_is_an_error() {
    let token = AppToken::new("xapp-1-A1-1-polled").unwrap();
    let refused = Client::builder(token).transport(Memory::default()).connect();
    let Err(BuildError::Transport(error)) = refused else { panic!("there is none") };
    assert!(error.to_string().contains("no runtime"), "{error}");
}

#[test]
fn the_environment_names_the_base_url_and_a_blank_one_is_none() {
    // Variables can be set for a process alone, so this test starts itself again.
    const CHILD: &str = "SOCKETMODE_EXPECTED_BASE";
    if let Ok(expected) = std::env::var(CHILD) {
        let builder = Client::<Memory>::from_env().unwrap().transport(Memory::default());
        let (client, _events, _driver) = builder.build().unwrap();
        let web = format!("{:?}", client.web(BotToken::from_env().unwrap()));
        assert!(web.contains(&format!("base: \"{expected}\"")), "{web}");
        return;
    }
    for (url, expected) in [
        (None, "https://slack.com/api/"),
        (Some(""), "https://slack.com/api/"),
        (Some(" \n"), "https://slack.com/api/"),
        (Some(" https://slack.test/api\n"), "https://slack.test/api/"),
    ] {
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", std::thread::current().name().unwrap()]);
        child.env("SLACK_APP_TOKEN", " xapp-1-2\n").env("SLACK_BOT_TOKEN", "xoxb-1-2").env(CHILD, expected);
        match url {
            Some(url) => child.env("SLACK_API_URL", url),
            None => child.env_remove("SLACK_API_URL"),
        };
        let output = child.output().unwrap();
        assert!(output.status.success(), "{url:?}: {}", String::from_utf8_lossy(&output.stdout));
    }
}
