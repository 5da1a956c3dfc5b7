//! Copies of an envelope: what becomes of them follows from what becomes of the first.

use std::time::Duration;

use socketmode_model::output::Output;
use socketmode_model::step::{Call, Happening, slack};
use socketmode_protocol::{AckOutcome, AckPolicy, AckToken, Config, ConnectionId, Notice, limits};

use crate::hand::{Hand, is_closed, outcome, writes};
use crate::{ms, s};

fn config() -> Config {
    Config { deduplicate: Some(s(600)), ..Config::default() }
}

/// An event comes: which deliveries are made, and which texts are sent on which link.
fn comes(hand: &mut Hand, by: ConnectionId, text: String) -> Seen {
    Seen::of(&hand.happens(by, Happening::Text(text)))
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
fn written(hand: &mut Hand, outputs: &[Output]) -> Vec<Output> {
    let all = writes(outputs);
    assert!(!all.is_empty(), "{outputs:?}");
    all.into_iter().flat_map(|(on, write)| hand.happens(on, Happening::Written(write))).collect()
}

#[test]
fn an_event_whose_ack_was_lost_is_delivered_when_it_comes_again() {
    let mut hand = Hand::up(&config());
    let link = hand.active()[0];
    let token = comes(&mut hand, link, event("a")).tokens[0];
    hand.call(Call::Acknowledge(token, None)).0.unwrap();
    hand.happens(link, Happening::Eof);
    let outputs = hand.wait(s(3));
    assert_eq!(outcome(&outputs), Some(AckOutcome::Lost));
    let link = hand.connect();
    assert_eq!(comes(&mut hand, link, event("b")).delivered, ["b"]);
    assert_eq!(hand.subject.machine().stats().copies_acknowledged, 0);
}

#[test]
fn an_event_that_expired_is_delivered_when_it_comes_again() {
    for its_link_is_lost in [false, true] {
        let mut hand = Hand::up(&Config { connections: 2, ..config() });
        let [first, second] = hand.active()[..] else { panic!("{:?}", hand.active()) };
        let token = comes(&mut hand, first, event("a")).tokens[0];
        if its_link_is_lost {
            hand.wait(s(3));
            hand.happens(first, Happening::Eof);
        } else {
            hand.happens(second, Happening::Ping);
            hand.live(s(60));
        }
        assert_eq!(hand.subject.machine().stats().expired, 1);
        hand.call(Call::Decline(token)).0.unwrap();
        assert_eq!(comes(&mut hand, second, event("b")).delivered, ["b"], "{its_link_is_lost}");
    }
}

#[test]
fn a_copy_waits_and_is_delivered_when_the_first_is_declined() {
    let mut hand = Hand::up(&Config { connections: 2, ..config() });
    let [first, second] = hand.active()[..] else { panic!("{:?}", hand.active()) };
    let token = comes(&mut hand, first, event("a")).tokens[0];
    let seen = comes(&mut hand, second, event("b"));
    assert!(seen.is_nothing(), "{seen:?}");
    let seen = Seen::of(&hand.call(Call::Decline(token)).1);
    assert_eq!((&*seen.delivered, seen.sent.len()), (&["b".to_owned()][..], 0));
    let sent = Seen::of(&hand.call(Call::Acknowledge(seen.tokens[0], None)).1).sent;
    assert_eq!(sent, [(second, plain("b"))]);
}

#[test]
fn copies_get_the_response_of_the_first_when_it_is_written() {
    let mut hand = Hand::up(&Config { connections: 2, ..config() });
    let [first, second] = hand.active()[..] else { panic!("{:?}", hand.active()) };
    let token = comes(&mut hand, first, submission("a")).tokens[0];
    let seen = comes(&mut hand, second, submission("a"));
    assert!(seen.is_nothing(), "{seen:?}");
    let errors = r#"{"response_action":"errors"}"#;
    let text = format!(r#"{{"envelope_id":"a","payload":{errors}}}"#);
    let (_, outputs) = hand.call(Call::Acknowledge(token, Some(errors.into())));
    assert_eq!(Seen::of(&outputs).sent, [(first, text.clone())]);
    let seen = Seen::of(&written(&mut hand, &outputs));
    assert_eq!((seen.sent, seen.delivered.len()), (vec![(second, text)], 0));
}

#[test]
fn a_copy_is_acknowledged_on_its_own_draining_link() {
    let (mut hand, old, heir) = Hand::replaced(&config());
    let token = comes(&mut hand, heir, event("a")).tokens[0];
    comes(&mut hand, old, event("b"));
    let (_, outputs) = hand.call(Call::Acknowledge(token, None));
    assert_eq!(Seen::of(&outputs).sent, [(heir, plain("a"))]);
    let outputs = written(&mut hand, &outputs);
    assert_eq!(Seen::of(&outputs).sent, [(old, plain("b"))]);
    // What is acknowledged already is so too.
    assert_eq!(comes(&mut hand, old, event("c")).sent, [(old, plain("c"))]);
    hand.happens(old, Happening::Eof);
    assert_eq!(comes(&mut hand, heir, event("d")).sent, [(heir, plain("d"))]);
}

#[test]
fn a_copy_whose_link_is_gone_is_acknowledged_on_another() {
    let (mut hand, old, heir) = Hand::replaced(&config());
    let token = comes(&mut hand, heir, event("a")).tokens[0];
    comes(&mut hand, old, event("b"));
    hand.happens(old, Happening::Eof);
    let (_, outputs) = hand.call(Call::Acknowledge(token, None));
    assert_eq!(Seen::of(&written(&mut hand, &outputs)).sent, [(heir, plain("b"))]);
}

#[test]
fn the_newest_copy_is_delivered_and_the_older_ones_wait_on_it() {
    let mut hand = Hand::up(&Config { connections: 2, ..config() });
    let [first, second] = hand.active()[..] else { panic!("{:?}", hand.active()) };
    let token = comes(&mut hand, first, event("a")).tokens[0];
    comes(&mut hand, second, event("b"));
    comes(&mut hand, first, event("c"));
    let seen = Seen::of(&hand.call(Call::Decline(token)).1);
    assert_eq!(seen.delivered, ["c"]);
    let (_, outputs) = hand.call(Call::Acknowledge(seen.tokens[0], None));
    assert_eq!(Seen::of(&written(&mut hand, &outputs)).sent, [(second, plain("b"))]);
    let stats = hand.subject.machine().stats();
    assert_eq!(
        (stats.delivered, stats.acknowledged, stats.declined, stats.copies_acknowledged),
        (2, 1, 1, 1)
    );
}

#[test]
fn an_ack_of_a_copy_is_late_3_s_after_the_copy_came() {
    for (after, late) in [(ms(2_999), false), (s(3), true)] {
        let mut hand = Hand::up(&config());
        let link = hand.active()[0];
        let token = comes(&mut hand, link, event("a")).tokens[0];
        hand.wait(s(1));
        comes(&mut hand, link, event("b"));
        hand.wait(ms(2_500));
        let token = Seen::of(&hand.call(Call::Decline(token)).1).tokens[0];
        hand.wait(after - ms(2_500));
        let overdue = hand.subject.machine().stats().overdue;
        assert_eq!(overdue, 1 + u64::from(late));
        let (_, outputs) = hand.call(Call::Acknowledge(token, None));
        let sent = AckOutcome::Sent { connection: link, elsewhere: false, late };
        assert_eq!(outcome(&written(&mut hand, &outputs)), Some(sent));
    }
}

#[test]
fn deadlines_of_copies_come_in_the_order_of_their_arrival() {
    let mut hand = Hand::up(&config());
    let link = hand.active()[0];
    let token = comes(&mut hand, link, event("a")).tokens[0];
    hand.wait(s(1));
    comes(&mut hand, link, event("b"));
    hand.wait(s(1));
    let younger = hand.event(link);
    let copy = Seen::of(&hand.call(Call::Decline(token)).1).tokens[0];
    let overdue = |outputs: &[Output]| {
        let tokens = outputs.iter().filter_map(|output| match output {
            Output::Notice(Notice::AckOverdue { token, .. }) => Some(*token),
            _ => None,
        });
        tokens.collect::<Vec<_>>()
    };
    assert_eq!(overdue(&hand.wait(ms(1_999))), []);
    assert_eq!(overdue(&hand.wait(ms(1))), [copy]);
    assert_eq!(overdue(&hand.wait(s(1))), [younger]);
}

#[test]
fn a_copy_that_is_overdue_already_is_told_so_as_it_is_delivered() {
    let mut hand = Hand::up(&config());
    let link = hand.active()[0];
    let token = comes(&mut hand, link, event("a")).tokens[0];
    comes(&mut hand, link, event("b"));
    hand.event(link);
    hand.wait(s(5));
    assert_eq!(hand.subject.machine().stats().overdue, 2);
    let (_, outputs) = hand.call(Call::Decline(token));
    assert_eq!(Seen::of(&outputs).delivered, ["b"]);
    assert_eq!(hand.subject.machine().stats().overdue, 3);
}

/// Its ack goes out in the order of the times: by policy after 2.5 s, and overdue after 3 s would come too late.
#[test]
fn a_late_copy_is_acknowledged_by_policy_before_it_is_overdue() {
    let before = AckPolicy::BeforeDeadline(ms(2_500));
    let mut hand = Hand::up(&Config { ack_events_api: before, connections: 2, ..config() });
    let [first, second] = hand.active()[..] else { panic!("{:?}", hand.active()) };
    comes(&mut hand, first, event("a"));
    hand.wait(ms(3_100));
    assert!(comes(&mut hand, second, event("b")).is_nothing());
    comes(&mut hand, second, slack::command("c"));
    hand.wait(s(3));
    assert_eq!(hand.subject.machine().stats().overdue, 1);
    let seen = Seen::of(&hand.happens(first, Happening::Eof));
    assert_eq!((seen.delivered, seen.sent), (vec!["b".to_owned()], vec![(second, plain("b"))]));
    assert_eq!(hand.subject.machine().stats().overdue, 1);
}

#[test]
fn copies_that_can_no_longer_be_acknowledged_come_once() {
    let mut hand = Hand::up(&Config { connections: 2, ..config() });
    let [first, second] = hand.active()[..] else { panic!("{:?}", hand.active()) };
    hand.happens(first, Happening::Ping);
    let token = comes(&mut hand, first, event("a")).tokens[0];
    for id in ["b", "c"] {
        comes(&mut hand, second, event(id));
    }
    hand.wait(s(4));
    hand.happens(second, Happening::Eof);
    let seen = Seen::of(&hand.call(Call::Decline(token)).1);
    assert_eq!(seen.delivered, ["c"]);
    hand.wait(Duration::ZERO);
    let stats = hand.subject.machine().stats();
    assert_eq!((stats.expired, stats.copies_shed, stats.outstanding), (1, 1, 0));
    // It was never acknowledged.
    assert_eq!(comes(&mut hand, first, event("d")).delivered, ["d"]);
}

#[test]
fn four_copies_wait_and_a_fifth_is_left_to_slack() {
    let mut hand = Hand::up(&config());
    let link = hand.active()[0];
    let token = comes(&mut hand, link, event("first")).tokens[0];
    for n in 1..=limits::MAX_COPIES {
        comes(&mut hand, link, event(&n.to_string()));
        assert_eq!(copies(&hand), (n as u64, 0));
    }
    assert!(comes(&mut hand, link, event("one more")).is_nothing());
    assert_eq!(copies(&hand), (4, 1));
    let (_, outputs) = hand.call(Call::Acknowledge(token, None));
    let sent = Seen::of(&written(&mut hand, &outputs)).sent;
    assert_eq!(sent, ["1", "2", "3", "4"].map(|id| (link, plain(id))));
}

#[test]
fn copies_wait_while_their_bytes_are_within_the_bound() {
    let mut hand = Hand::up(&config());
    let link = hand.active()[0];
    let of_size = |event: &str, bytes: usize| {
        let text = |padding: &str| {
            format!(
                r#"{{"envelope_id":"x","type":"events_api","padding":"{padding}","payload":{{"event_id":"{event}"}}}}"#
            )
        };
        text(&"x".repeat(bytes - text("").len()))
    };
    for event in ["Ev-1", "Ev-2"] {
        comes(&mut hand, link, of_size(event, 100));
    }
    comes(&mut hand, link, of_size("Ev-1", limits::MAX_COPY_BYTES - 100));
    comes(&mut hand, link, of_size("Ev-2", 101));
    assert_eq!(copies(&hand), (1, 1));
    comes(&mut hand, link, of_size("Ev-2", 100));
    assert_eq!(copies(&hand), (2, 1));
    comes(&mut hand, link, of_size("Ev-2", 100));
    assert_eq!(copies(&hand), (2, 2));
}

/// How many wait, and how many were left to Slack.
fn copies(hand: &Hand) -> (u64, u64) {
    let stats = hand.subject.machine().stats();
    (stats.copies_held, stats.copies_shed)
}

#[test]
fn copies_of_what_ends_while_stopping_are_left() {
    let mut hand = Hand::up(&config());
    let link = hand.active()[0];
    let tokens = ["Ev-1", "Ev-2"].map(|id| {
        let text = slack::event(id, id, 0);
        comes(&mut hand, link, text.clone());
        comes(&mut hand, link, text);
        hand.subject.machine().unacknowledged(id).unwrap()
    });
    hand.call(Call::Shutdown(s(2))).0.unwrap();
    assert!(Seen::of(&hand.call(Call::Decline(tokens[0])).1).is_nothing());
    assert_eq!((hand.subject.machine().stats().shed_while_stopping, copies(&hand)), (1, (1, 0)));
    // The end waits for the copy's acknowledgement as it does for others.
    let (_, outputs) = hand.call(Call::Acknowledge(tokens[1], None));
    let outputs = written(&mut hand, &outputs);
    assert_eq!(Seen::of(&outputs).sent, [(link, plain("Ev-2"))]);
    assert!(!is_closed(&outputs, link));
    assert!(is_closed(&written(&mut hand, &outputs), link));
}

#[test]
fn copies_of_what_ends_while_shedding_are_shed_and_told() {
    let mut hand = Hand::up(&config());
    let link = hand.active()[0];
    let token = comes(&mut hand, link, event("a")).tokens[0];
    for id in ["b", "c"] {
        comes(&mut hand, link, event(id));
    }
    hand.call(Call::Backlog { full: true }).0.unwrap();
    hand.wait(s(2));
    assert!(Seen::of(&hand.call(Call::Decline(token)).1).is_nothing());
    let (_, outputs) = hand.call(Call::Backlog { full: false });
    assert_eq!(outputs, [Output::Notice(Notice::Shed { envelopes: 2 })]);
    assert_eq!(comes(&mut hand, link, event("d")).delivered, ["d"]);
}

#[test]
fn a_command_is_recognised_by_its_envelope_id() {
    let mut hand = Hand::up(&config());
    let link = hand.active()[0];
    let token = comes(&mut hand, link, slack::command("a")).tokens[0];
    assert!(comes(&mut hand, link, slack::command("a")).is_nothing());
    assert_eq!(comes(&mut hand, link, slack::command("b")).delivered, ["b"]);
    let (_, outputs) = hand.call(Call::Acknowledge(token, Some("{}".into())));
    let sent = Seen::of(&written(&mut hand, &outputs)).sent;
    assert_eq!(sent, [(link, r#"{"envelope_id":"a","payload":{}}"#.to_owned())]);
}

#[test]
fn only_a_copy_that_takes_a_payload_gets_the_one_of_the_first() {
    let mut hand = Hand::up(&config());
    let link = hand.active()[0];
    let token = comes(&mut hand, link, submission("a")).tokens[0];
    comes(&mut hand, link, submission("a").replace("true", "false"));
    let (_, outputs) = hand.call(Call::Acknowledge(token, Some("{}".into())));
    assert_eq!(Seen::of(&written(&mut hand, &outputs)).sent, [(link, plain("a"))]);
}

#[test]
fn an_event_is_recognised_for_the_window_after_its_ack() {
    let window = s(20);
    for (after, again) in [(window - ms(1), false), (window, true)] {
        let mut hand = Hand::up(&Config { deduplicate: Some(window), ..Config::default() });
        let link = hand.active()[0];
        let token = comes(&mut hand, link, event("a")).tokens[0];
        hand.wait(s(2));
        let (_, outputs) = hand.call(Call::Acknowledge(token, None));
        written(&mut hand, &outputs);
        hand.happens(link, Happening::Ping);
        hand.wait(after);
        let seen = comes(&mut hand, link, event("b"));
        assert_eq!((seen.delivered.len(), seen.sent.len()), (again.into(), (!again).into()));
    }
}

#[test]
fn copies_in_time_wait_though_their_link_is_gone() {
    let (mut hand, old, heir) = Hand::replaced(&config());
    let first = comes(&mut hand, heir, event("a")).tokens[0];
    for copy in ["b", "c"] {
        assert!(comes(&mut hand, old, event(copy)).is_nothing());
    }
    hand.happens(old, Happening::Eof);
    let seen = Seen::of(&hand.call(Call::Decline(first)).1);
    assert_eq!(seen.delivered, ["c"]);
    assert_eq!(copies(&hand), (1, 0));
}
