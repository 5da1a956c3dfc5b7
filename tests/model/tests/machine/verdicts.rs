//! Every answer of the open call, at the start and while an old link lives.

use socketmode_model::output::Output;
use socketmode_model::world::World;
use socketmode_model::world::app::Acks;
use socketmode_model::world::script::OpenAnswer;
use socketmode_protocol::verdict::{VERDICTS, Verdict};
use socketmode_protocol::{AckOutcome, Config, ConnectionError, StopReason};

use crate::{errors, ms, outcomes, s};

fn stop_reason(code: &str, verdict: Verdict) -> Option<StopReason> {
    match verdict {
        Verdict::Unauthorized => Some(StopReason::Unauthorized { code: code.into() }),
        Verdict::Rejected => Some(StopReason::Rejected { code: code.into() }),
        Verdict::RateLimited | Verdict::Retry => None,
    }
}

#[test]
fn every_code_gives_its_verdict_at_the_first_open() {
    for &(code, verdict, _) in VERDICTS.iter().chain(&[("never_heard_of", Verdict::Retry, "")]) {
        let mut world = World::new(Config::default());
        world.slack.answers.push_back(OpenAnswer::Error(code.to_owned()));
        match stop_reason(code, verdict) {
            Some(reason) => {
                assert_eq!(world.run_until_stopped(s(1)), reason);
                assert_eq!(world.opens().len(), 1);
                world.run_for(s(600));
            }
            None => {
                world.run_until("up", s(3), |world| !world.active().is_empty());
                let expected = match verdict {
                    Verdict::RateLimited => ConnectionError::RateLimited,
                    _ => ConnectionError::OpenErrorCode { code: code.into() },
                };
                assert_eq!(errors(&world), [expected]);
            }
        }
    }
}

#[test]
fn every_code_gives_its_verdict_while_an_old_link_lives() {
    for &(code, verdict, _) in VERDICTS {
        let mut world = World::connected(Config::default());
        world.app.acks = Acks::After(s(1));
        let old = world.active()[0];
        world.run_for(s(60));
        world.say();
        world.run_for(ms(100));
        world.slack.answers.push_back(OpenAnswer::Error(code.to_owned()));
        world.warn(old, "warning");
        match stop_reason(code, verdict) {
            Some(reason) => {
                assert_eq!(world.run_until_stopped(s(7)), reason);
                assert_eq!(world.opens().len(), 2);
            }
            None => {
                world.run_until("replaced", s(10), |world| world.active().iter().any(|&link| link != old));
                world.run_for(s(10));
                assert_eq!(world.longest_dark(), s(0), "{code}");
            }
        }
        let sent =
            AckOutcome::Sent { connection: old, elsewhere: false, late: false, unasked_payload: false };
        assert_eq!(outcomes(&world), [sent], "{code}: what was outstanding is acknowledged first");
        assert_eq!(world.slack.tally.acked, 1);
    }
}

#[test]
fn only_a_status_that_waiting_does_not_mend_stops() {
    for status in [301, 302, 400, 401, 403, 404, 405, 407, 408, 425, 429, 500, 502, 503, 504] {
        let mut world = World::new(Config::default());
        world.slack.answers.push_back(OpenAnswer::Status(status, None, "<html>".to_owned()));
        if [400, 404, 405].contains(&status) {
            assert_eq!(world.run_until_stopped(s(1)), StopReason::Status(status));
        } else {
            world.run_until("up", s(5), |world| !world.active().is_empty());
            assert_eq!(world.opens().len(), 2, "{status}");
        }
    }
}

#[test]
fn a_code_in_the_body_goes_before_the_status() {
    let body = |code: &str| format!(r#"{{"ok":false,"error":"{code}"}}"#);
    for (status, code) in [(403, "invalid_auth"), (500, "missing_scope"), (429, "token_revoked")] {
        let mut world = World::new(Config::default());
        world.slack.answers.push_back(OpenAnswer::Status(status, None, body(code)));
        let (_, verdict, _) = VERDICTS.iter().find(|(name, ..)| *name == code).unwrap();
        assert_eq!(Some(world.run_until_stopped(s(1))), stop_reason(code, *verdict));
    }
    for (status, code) in [(404, "internal_error"), (400, "ratelimited"), (403, "of a gateway")] {
        let mut world = World::new(Config::default());
        world.slack.answers.push_back(OpenAnswer::Status(status, None, body(code)));
        world.run_until("up", s(5), |world| !world.active().is_empty());
        assert_eq!(world.opens().len(), 2, "{status} {code}");
    }
    // A code that nobody knows is no reason to take 404 for anything else.
    let mut world = World::new(Config::default());
    world.slack.answers.push_back(OpenAnswer::Status(404, None, body("not_here")));
    assert_eq!(world.run_until_stopped(s(1)), StopReason::Status(404));
}

#[test]
fn the_verdict_on_a_status_can_be_overridden() {
    let verdicts = vec![("404".to_owned(), Verdict::Retry), ("503".to_owned(), Verdict::Rejected)];
    let config = Config { verdicts, ..Config::default() };
    let mut world = World::new(config.clone());
    world.slack.answers.push_back(OpenAnswer::Status(404, None, "<html>".to_owned()));
    world.run_until("up", s(5), |world| !world.active().is_empty());
    let mut world = World::new(config);
    world.slack.answers.push_back(OpenAnswer::Status(503, None, "<html>".to_owned()));
    assert_eq!(world.run_until_stopped(s(1)), StopReason::Status(503));
}

#[test]
fn an_answer_that_is_not_slacks_is_tried_again() {
    let bodies = [
        "",
        "<html>sign in</html>",
        "[]",
        "null",
        "{}",
        r#"{"ok":true}"#,
        r#"{"ok":"true"}"#,
        r#"{"ok":true,"url":7}"#,
        r#"{"ok":true,"url":"https://example.com/"}"#,
        r#"{"ok":true,"url":"ws://wss-primary.slack.com/"}"#,
        r#"{"ok":true,"url":"wss://example.com/"}"#,
        r#"{"ok":true,"#,
    ];
    for body in bodies {
        let mut world = World::new(Config::default());
        world.slack.answers.push_back(OpenAnswer::Status(200, None, body.to_owned()));
        world.run_until("up", s(3), |world| !world.active().is_empty());
        assert_eq!(errors(&world).len(), 1, "{body}");
        assert_eq!(world.stats().dials, 1, "{body}");
    }
}

#[test]
fn link_disabled_stops_after_what_is_outstanding() {
    let mut world = World::connected(Config { connections: 2, ..Config::default() });
    world.app.acks = Acks::After(s(2));
    world.say();
    world.say();
    world.run_for(s(1));
    let link = world.active()[0];
    world.warn(link, "link_disabled");
    assert_eq!(world.run_until_stopped(s(6)), StopReason::LinkDisabled);
    assert_eq!(world.slack.tally.acked, 2);
    assert_eq!(world.app.count(|event| matches!(event, Output::Stopped(_))), 1);
    world.run_for(s(600));
    assert_eq!(world.opens().len(), 2);
}
