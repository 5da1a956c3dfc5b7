//! Copies of an envelope: what becomes of them follows from what becomes of the first.

use std::time::Duration;

use socketmode_model::output::Output;
use socketmode_model::step::{Call, OwnedInput, slack};
use socketmode_protocol::{AckOutcome, AckPolicy, AckToken, Config, ConnectionId, Notice, limits};

use crate::harness::{Stepper, is_closed, outcome, writes};
use crate::{ms, s};

fn config() -> Config {
    Config { deduplicate: Some(s(600)), ..Config::default() }
}

/// An event comes: which deliveries are made, and which texts are sent on which link.
fn comes(stepper: &mut Stepper, by: ConnectionId, text: String) -> Seen {
    Seen::of(&stepper.happens(by, OwnedInput::Text(text)))
}

/// What a call led to.
#[derive(Debug, PartialEq)]
struct Seen {
    /// The envelope ids of what was delivered.
    delivered: Vec<String>,
    tokens: Vec<AckToken>,
    sent: Vec<(ConnectionId, String)>,
}

impl Seen {
    fn of(outputs: &[Output]) -> Self {
        let mut seen = Self { delivered: Vec::new(), tokens: Vec::new(), sent: Vec::new() };
        for output in outputs {
            match output {
                Output::Envelope(envelope) => {
                    seen.delivered.push(envelope.envelope_id().to_owned());
                    seen.tokens.push(envelope.token());
                }
                Output::Transmit { connection, text, .. } => {
                    seen.sent.push((*connection, text.clone()));
                }
                _ => {}
            }
        }
        seen
    }

    fn is_nothing(&self) -> bool {
        self.delivered.is_empty() && self.sent.is_empty()
    }
}

fn event(envelope: &str) -> String {
    slack::event(envelope, "Ev-1", 0)
}

fn submission(envelope: &str) -> String {
    format!(
        r#"{{"envelope_id":"{envelope}","type":"interactive","accepts_response_payload":true,"payload":{{"type":"view_submission"}}}}"#
    )
}

fn plain(envelope: &str) -> String {
    format!(r#"{{"envelope_id":"{envelope}"}}"#)
}

/// The network takes all that it was asked to.
fn written(stepper: &mut Stepper, outputs: &[Output]) -> Vec<Output> {
    let all = writes(outputs);
    assert!(!all.is_empty(), "{outputs:?}");
    all.into_iter().flat_map(|(on, write)| stepper.happens(on, OwnedInput::Written(write))).collect()
}

#[test]
fn an_event_whose_ack_was_lost_is_delivered_when_it_comes_again() {
    let mut stepper = Stepper::up(&config());
    let link = stepper.active()[0];
    let token = comes(&mut stepper, link, event("a")).tokens[0];
    stepper.call(Call::Acknowledge(token, None)).0.unwrap();
    stepper.happens(link, OwnedInput::Eof);
    let outputs = stepper.wait(s(3));
    assert_eq!(outcome(&outputs), Some(AckOutcome::Lost));
    let link = stepper.connect();
    assert_eq!(comes(&mut stepper, link, event("b")).delivered, ["b"]);
    assert_eq!(stepper.subject.machine().stats().copies_acknowledged, 0);
}

#[test]
fn an_event_that_expired_is_delivered_when_it_comes_again() {
    for its_link_is_lost in [false, true] {
        let mut stepper = Stepper::up(&Config { connections: 2, ..config() });
        let [first, second] = stepper.active()[..] else { panic!("{:?}", stepper.active()) };
        let token = comes(&mut stepper, first, event("a")).tokens[0];
        if its_link_is_lost {
            stepper.wait(s(3));
            stepper.happens(first, OwnedInput::Eof);
        } else {
            stepper.happens(second, OwnedInput::Ping);
            stepper.live(s(60));
        }
        assert_eq!(stepper.subject.machine().stats().expired, 1);
        stepper.call(Call::Decline(token)).0.unwrap();
        assert_eq!(comes(&mut stepper, second, event("b")).delivered, ["b"], "{its_link_is_lost}");
    }
}

#[test]
fn a_copy_waits_and_is_delivered_when_the_first_is_declined() {
    let mut stepper = Stepper::up(&Config { connections: 2, ..config() });
    let [first, second] = stepper.active()[..] else { panic!("{:?}", stepper.active()) };
    let token = comes(&mut stepper, first, event("a")).tokens[0];
    let seen = comes(&mut stepper, second, event("b"));
    assert!(seen.is_nothing(), "{seen:?}");
    let seen = Seen::of(&stepper.call(Call::Decline(token)).1);
    assert_eq!((&*seen.delivered, seen.sent.len()), (&["b".to_owned()][..], 0));
    let sent = Seen::of(&stepper.call(Call::Acknowledge(seen.tokens[0], None)).1).sent;
    assert_eq!(sent, [(second, plain("b"))]);
}

#[test]
fn copies_get_the_response_of_the_first_when_it_is_written() {
    let mut stepper = Stepper::up(&Config { connections: 2, ..config() });
    let [first, second] = stepper.active()[..] else { panic!("{:?}", stepper.active()) };
    let token = comes(&mut stepper, first, submission("a")).tokens[0];
    let seen = comes(&mut stepper, second, submission("a"));
    assert!(seen.is_nothing(), "{seen:?}");
    let errors = r#"{"response_action":"errors"}"#;
    let text = format!(r#"{{"envelope_id":"a","payload":{errors}}}"#);
    let (_, outputs) = stepper.call(Call::Acknowledge(token, Some(errors.into())));
    assert_eq!(Seen::of(&outputs).sent, [(first, text.clone())]);
    let seen = Seen::of(&written(&mut stepper, &outputs));
    assert_eq!((seen.sent, seen.delivered.len()), (vec![(second, text)], 0));
}

#[test]
fn a_copy_is_acknowledged_on_its_own_draining_link() {
    let (mut stepper, old, heir) = Stepper::replaced(&config());
    let token = comes(&mut stepper, heir, event("a")).tokens[0];
    comes(&mut stepper, old, event("b"));
    let (_, outputs) = stepper.call(Call::Acknowledge(token, None));
    assert_eq!(Seen::of(&outputs).sent, [(heir, plain("a"))]);
    let outputs = written(&mut stepper, &outputs);
    assert_eq!(Seen::of(&outputs).sent, [(old, plain("b"))]);
    // What is acknowledged already is so too.
    assert_eq!(comes(&mut stepper, old, event("c")).sent, [(old, plain("c"))]);
    stepper.happens(old, OwnedInput::Eof);
    assert_eq!(comes(&mut stepper, heir, event("d")).sent, [(heir, plain("d"))]);
}

#[test]
fn a_copy_whose_link_is_gone_is_acknowledged_on_another() {
    let (mut stepper, old, heir) = Stepper::replaced(&config());
    let token = comes(&mut stepper, heir, event("a")).tokens[0];
    comes(&mut stepper, old, event("b"));
    stepper.happens(old, OwnedInput::Eof);
    let (_, outputs) = stepper.call(Call::Acknowledge(token, None));
    assert_eq!(Seen::of(&written(&mut stepper, &outputs)).sent, [(heir, plain("b"))]);
}

#[test]
fn the_newest_copy_is_delivered_and_the_older_ones_wait_on_it() {
    let mut stepper = Stepper::up(&Config { connections: 2, ..config() });
    let [first, second] = stepper.active()[..] else { panic!("{:?}", stepper.active()) };
    let token = comes(&mut stepper, first, event("a")).tokens[0];
    comes(&mut stepper, second, event("b"));
    comes(&mut stepper, first, event("c"));
    let seen = Seen::of(&stepper.call(Call::Decline(token)).1);
    assert_eq!(seen.delivered, ["c"]);
    let (_, outputs) = stepper.call(Call::Acknowledge(seen.tokens[0], None));
    assert_eq!(Seen::of(&written(&mut stepper, &outputs)).sent, [(second, plain("b"))]);
    let stats = stepper.subject.machine().stats();
    assert_eq!(
        (stats.delivered, stats.acknowledged, stats.declined, stats.copies_acknowledged),
        (2, 1, 1, 1)
    );
}

#[test]
fn an_ack_of_a_copy_is_late_3_s_after_the_copy_came() {
    for (after, late) in [(ms(2_999), false), (s(3), true)] {
        let mut stepper = Stepper::up(&config());
        let link = stepper.active()[0];
        let token = comes(&mut stepper, link, event("a")).tokens[0];
        stepper.wait(s(1));
        comes(&mut stepper, link, event("b"));
        stepper.wait(ms(2_500));
        let token = Seen::of(&stepper.call(Call::Decline(token)).1).tokens[0];
        stepper.wait(after - ms(2_500));
        let overdue = stepper.subject.machine().stats().overdue;
        assert_eq!(overdue, 1 + u64::from(late));
        let (_, outputs) = stepper.call(Call::Acknowledge(token, None));
        let sent = AckOutcome::Sent { connection: link, elsewhere: false, late, unasked_payload: false };
        assert_eq!(outcome(&written(&mut stepper, &outputs)), Some(sent));
    }
}

#[test]
fn deadlines_of_copies_come_in_the_order_of_their_arrival() {
    let mut stepper = Stepper::up(&config());
    let link = stepper.active()[0];
    let token = comes(&mut stepper, link, event("a")).tokens[0];
    stepper.wait(s(1));
    comes(&mut stepper, link, event("b"));
    stepper.wait(s(1));
    let younger = stepper.event(link);
    let copy = Seen::of(&stepper.call(Call::Decline(token)).1).tokens[0];
    let overdue = |outputs: &[Output]| {
        let tokens = outputs.iter().filter_map(|output| match output {
            Output::Notice(Notice::AckOverdue { token, .. }) => Some(*token),
            _ => None,
        });
        tokens.collect::<Vec<_>>()
    };
    assert_eq!(overdue(&stepper.wait(ms(1_999))), []);
    assert_eq!(overdue(&stepper.wait(ms(1))), [copy]);
    assert_eq!(overdue(&stepper.wait(s(1))), [younger]);
}

#[test]
fn a_copy_that_is_overdue_already_is_told_so_as_it_is_delivered() {
    let mut stepper = Stepper::up(&config());
    let link = stepper.active()[0];
    let token = comes(&mut stepper, link, event("a")).tokens[0];
    comes(&mut stepper, link, event("b"));
    stepper.event(link);
    stepper.wait(s(5));
    assert_eq!(stepper.subject.machine().stats().overdue, 2);
    let (_, outputs) = stepper.call(Call::Decline(token));
    assert_eq!(Seen::of(&outputs).delivered, ["b"]);
    assert_eq!(stepper.subject.machine().stats().overdue, 3);
}

/// Its ack goes out in the order of the times: by policy after 2.5 s, and overdue after 3 s would come too late.
#[test]
fn a_late_copy_is_acknowledged_by_policy_before_it_is_overdue() {
    let before = AckPolicy::BeforeDeadline(ms(2_500));
    let mut stepper = Stepper::up(&Config { ack_events_api: before, connections: 2, ..config() });
    let [first, second] = stepper.active()[..] else { panic!("{:?}", stepper.active()) };
    comes(&mut stepper, first, event("a"));
    stepper.wait(ms(3_100));
    assert!(comes(&mut stepper, second, event("b")).is_nothing());
    comes(&mut stepper, second, slack::command("c"));
    stepper.wait(s(3));
    assert_eq!(stepper.subject.machine().stats().overdue, 1);
    let seen = Seen::of(&stepper.happens(first, OwnedInput::Eof));
    assert_eq!((seen.delivered, seen.sent), (vec!["b".to_owned()], vec![(second, plain("b"))]));
    assert_eq!(stepper.subject.machine().stats().overdue, 1);
}

#[test]
fn copies_that_can_no_longer_be_acknowledged_come_once() {
    let mut stepper = Stepper::up(&Config { connections: 2, ..config() });
    let [first, second] = stepper.active()[..] else { panic!("{:?}", stepper.active()) };
    stepper.happens(first, OwnedInput::Ping);
    let token = comes(&mut stepper, first, event("a")).tokens[0];
    for id in ["b", "c"] {
        comes(&mut stepper, second, event(id));
    }
    stepper.wait(s(4));
    stepper.happens(second, OwnedInput::Eof);
    let seen = Seen::of(&stepper.call(Call::Decline(token)).1);
    assert_eq!(seen.delivered, ["c"]);
    stepper.wait(Duration::ZERO);
    let stats = stepper.subject.machine().stats();
    assert_eq!((stats.expired, stats.copies_shed, stats.outstanding), (1, 1, 0));
    // It was never acknowledged.
    assert_eq!(comes(&mut stepper, first, event("d")).delivered, ["d"]);
}

#[test]
fn four_copies_wait_and_a_fifth_is_left_to_slack() {
    let mut stepper = Stepper::up(&config());
    let link = stepper.active()[0];
    let token = comes(&mut stepper, link, event("first")).tokens[0];
    for n in 1..=limits::MAX_COPIES {
        comes(&mut stepper, link, event(&n.to_string()));
        assert_eq!(copies(&stepper), (n as u64, 0));
    }
    assert!(comes(&mut stepper, link, event("one more")).is_nothing());
    assert_eq!(copies(&stepper), (4, 1));
    let (_, outputs) = stepper.call(Call::Acknowledge(token, None));
    let sent = Seen::of(&written(&mut stepper, &outputs)).sent;
    assert_eq!(sent, ["1", "2", "3", "4"].map(|id| (link, plain(id))));
}

#[test]
fn copies_wait_while_their_bytes_are_within_the_bound() {
    let mut stepper = Stepper::up(&config());
    let link = stepper.active()[0];
    let of_size = |event: &str, bytes: usize| {
        let text = |padding: &str| {
            format!(
                r#"{{"envelope_id":"x","type":"events_api","padding":"{padding}","payload":{{"event_id":"{event}"}}}}"#
            )
        };
        text(&"x".repeat(bytes - text("").len()))
    };
    for event in ["Ev-1", "Ev-2"] {
        comes(&mut stepper, link, of_size(event, 100));
    }
    comes(&mut stepper, link, of_size("Ev-1", limits::MAX_COPY_BYTES - 100));
    comes(&mut stepper, link, of_size("Ev-2", 101));
    assert_eq!(copies(&stepper), (1, 1));
    comes(&mut stepper, link, of_size("Ev-2", 100));
    assert_eq!(copies(&stepper), (2, 1));
    comes(&mut stepper, link, of_size("Ev-2", 100));
    assert_eq!(copies(&stepper), (2, 2));
}

/// How many wait, and how many were left to Slack.
fn copies(stepper: &Stepper) -> (u64, u64) {
    let stats = stepper.subject.machine().stats();
    (stats.copies_held, stats.copies_shed)
}

#[test]
fn copies_of_what_ends_while_stopping_are_left() {
    let mut stepper = Stepper::up(&config());
    let link = stepper.active()[0];
    let tokens = ["Ev-1", "Ev-2"].map(|id| {
        let text = slack::event(id, id, 0);
        comes(&mut stepper, link, text.clone());
        comes(&mut stepper, link, text);
        stepper.subject.machine().unacknowledged(id).unwrap()
    });
    stepper.call(Call::Shutdown(s(2))).0.unwrap();
    assert!(Seen::of(&stepper.call(Call::Decline(tokens[0])).1).is_nothing());
    assert_eq!((stepper.subject.machine().stats().shed_while_stopping, copies(&stepper)), (1, (1, 0)));
    // The end waits for the copy's acknowledgement as it does for others.
    let (_, outputs) = stepper.call(Call::Acknowledge(tokens[1], None));
    let outputs = written(&mut stepper, &outputs);
    assert_eq!(Seen::of(&outputs).sent, [(link, plain("Ev-2"))]);
    assert!(!is_closed(&outputs, link));
    assert!(is_closed(&written(&mut stepper, &outputs), link));
}

#[test]
fn copies_of_what_ends_while_shedding_are_shed_and_told() {
    let mut stepper = Stepper::up(&config());
    let link = stepper.active()[0];
    let token = comes(&mut stepper, link, event("a")).tokens[0];
    for id in ["b", "c"] {
        comes(&mut stepper, link, event(id));
    }
    stepper.call(Call::Backlog { full: true }).0.unwrap();
    stepper.wait(s(2));
    assert!(Seen::of(&stepper.call(Call::Decline(token)).1).is_nothing());
    let (_, outputs) = stepper.call(Call::Backlog { full: false });
    assert_eq!(outputs, [Output::Notice(Notice::Shed { envelopes: 2 })]);
    assert_eq!(comes(&mut stepper, link, event("d")).delivered, ["d"]);
}

#[test]
fn a_command_is_recognised_by_its_envelope_id() {
    let mut stepper = Stepper::up(&config());
    let link = stepper.active()[0];
    let token = comes(&mut stepper, link, slack::command("a")).tokens[0];
    assert!(comes(&mut stepper, link, slack::command("a")).is_nothing());
    assert_eq!(comes(&mut stepper, link, slack::command("b")).delivered, ["b"]);
    let (_, outputs) = stepper.call(Call::Acknowledge(token, Some("{}".into())));
    let sent = Seen::of(&written(&mut stepper, &outputs)).sent;
    assert_eq!(sent, [(link, r#"{"envelope_id":"a","payload":{}}"#.to_owned())]);
}

#[test]
fn only_a_copy_that_takes_a_payload_gets_the_one_of_the_first() {
    let mut stepper = Stepper::up(&config());
    let link = stepper.active()[0];
    let token = comes(&mut stepper, link, submission("a")).tokens[0];
    let click = submission("a").replace("view_submission", "block_actions").replace("true", "false");
    comes(&mut stepper, link, click);
    let (_, outputs) = stepper.call(Call::Acknowledge(token, Some("{}".into())));
    assert_eq!(Seen::of(&written(&mut stepper, &outputs)).sent, [(link, plain("a"))]);
}

#[test]
fn an_event_is_recognised_for_the_window_after_its_ack() {
    let window = s(20);
    for (after, again) in [(window - ms(1), false), (window, true)] {
        let mut stepper = Stepper::up(&Config { deduplicate: Some(window), ..Config::default() });
        let link = stepper.active()[0];
        let token = comes(&mut stepper, link, event("a")).tokens[0];
        stepper.wait(s(2));
        let (_, outputs) = stepper.call(Call::Acknowledge(token, None));
        written(&mut stepper, &outputs);
        stepper.happens(link, OwnedInput::Ping);
        stepper.wait(after);
        let seen = comes(&mut stepper, link, event("b"));
        assert_eq!((seen.delivered.len(), seen.sent.len()), (again.into(), (!again).into()));
    }
}

#[test]
fn copies_in_time_wait_though_their_link_is_gone() {
    let (mut stepper, old, heir) = Stepper::replaced(&config());
    let first = comes(&mut stepper, heir, event("a")).tokens[0];
    for copy in ["b", "c"] {
        assert!(comes(&mut stepper, old, event(copy)).is_nothing());
    }
    stepper.happens(old, OwnedInput::Eof);
    let seen = Seen::of(&stepper.call(Call::Decline(first)).1);
    assert_eq!(seen.delivered, ["c"]);
    assert_eq!(copies(&stepper), (1, 0));
}
