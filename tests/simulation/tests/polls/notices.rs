//! What the application is told: of connections, and of payloads that do not fit.

use std::collections::BTreeMap;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use socketmode_driver::{AckErrorKind, Event, Frame, Notice, TransportError, TransportErrorKind};
use socketmode_protocol::{AckPolicy, EndReason};
use socketmode_simulation::transport::Received;

use crate::harness::Up;

#[test]
fn each_attempt_is_told_and_why_it_failed() {
    let mut up = Up::built(|builder| builder);
    up.poll();
    let Poll::Ready(Some(Event::Notice(Notice::Connecting { attempt: 1, connection }))) = up.next_event()
    else {
        panic!("the first attempt")
    };
    let [call] = up.memory.calls()[..] else { panic!("one call") };
    up.memory.answer(call, Err(TransportError::new(TransportErrorKind::Connect, "no route to host")));
    up.poll();
    let Poll::Ready(Some(Event::Notice(Notice::ConnectionError { connection: of, error, .. }))) =
        up.next_event()
    else {
        panic!("its failure")
    };
    assert_eq!(of, connection);
    assert!(error.to_string().contains("no route to host"), "{error}");
}

#[test]
fn a_payload_that_does_not_fit_says_where_and_not_what() {
    let mut up = Up::new(1, AckPolicy::Manual);
    while up.next_event().is_ready() {}
    let envelope = r#"{"type":"events_api","envelope_id":"e","payload":{"event_id":"Ev1",
"team_id":"xoxb-secret"}}"#;
    up.memory.deliver(up.links[0], Received::Frame(Frame::Text(envelope.to_owned())));
    up.poll();
    let error = up.request().payload::<BTreeMap<String, u32>>().unwrap_err().to_string();
    assert!(
        error.starts_with("the payload does not fit ") && error.contains("at line 1 column 17:"),
        "{error}"
    );
    assert!(!error.contains("secret"), "{error}");
}

#[test]
fn an_ack_that_finds_no_link_is_lost_and_told() {
    let mut up = Up::new(1, AckPolicy::Manual);
    while up.next_event().is_ready() {}
    up.event(up.links[0], "e1");
    up.poll();
    let request = up.request();
    up.memory.deliver(up.links[0], Received::Eof);
    up.poll();
    let mut ack = pin!(request.ack());
    let mut lost = Vec::new();
    // Nobody answers the calls for another link.
    for _ in 0..120 {
        up.memory.advance(up.memory.time() + Duration::from_secs(1));
        up.poll();
        while let Poll::Ready(Some(event)) = up.next_event() {
            if let Event::AckLost { envelope_id } = event {
                lost.push(envelope_id.to_string());
            }
        }
    }
    let Poll::Ready(Err(error)) = ack.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("its outcome")
    };
    assert_eq!((error.kind(), lost), (AckErrorKind::Lost, vec!["e1".to_owned()]));
    assert!(error.into_handle().is_none(), "there is nothing to try again");
}

#[test]
fn what_treats_all_kinds_alike_finds_the_envelope_in_each() {
    let mut up = Up::new(1, AckPolicy::Manual);
    while let Poll::Ready(Some(event)) = up.next_event() {
        assert!(event.envelope().is_none() && event.into_request().is_err());
    }
    for (kind, name) in [
        ("events_api", "EventsApi("),
        ("slash_commands", "SlashCommand("),
        ("interactive", "Interactive("),
        ("hologram", "Other("),
    ] {
        let envelope = format!(r#"{{"type":"{kind}","envelope_id":"e-{kind}","payload":{{}}}}"#);
        up.memory.deliver(up.links[0], Received::Frame(Frame::Text(envelope)));
        up.poll();
        let Poll::Ready(Some(event)) = up.next_event() else { panic!("an event") };
        assert!(format!("{event:?}").starts_with(name), "{event:?}");
        assert_eq!(
            event.envelope().map(|envelope| envelope.envelope_id().to_owned()),
            Some(format!("e-{kind}"))
        );
        assert_eq!(event.into_request().unwrap().kind().as_str(), kind);
    }
}

#[test]
fn how_a_link_ended_is_told() {
    let broken = TransportError::new(TransportErrorKind::Io, "connection reset");
    for (ending, wanted) in [
        (Received::Frame(Frame::Close(Some(1011))), EndReason::Closed { code: Some(1011) }),
        (Received::Frame(Frame::Close(None)), EndReason::Closed { code: None }),
        (Received::Eof, EndReason::Lost),
        (Received::Error(broken), EndReason::Lost),
    ] {
        let mut up = Up::new(1, AckPolicy::Manual);
        while up.next_event().is_ready() {}
        let is_error = matches!(ending, Received::Error(_));
        up.memory.deliver(up.links[0], ending);
        up.poll();
        up.memory.deliver(up.links[0], Received::Eof);
        up.poll();
        let (mut reasons, mut details) = (Vec::new(), Vec::new());
        while let Poll::Ready(Some(event)) = up.next_event() {
            match event {
                Event::Notice(Notice::Disconnected { reason, .. }) => reasons.push(reason),
                Event::Notice(Notice::IncomingError { detail, .. }) => details.push(detail.to_string()),
                _ => {}
            }
        }
        assert_eq!(reasons, [wanted]);
        assert_eq!(details, if is_error { vec!["connection reset"] } else { vec![] });
    }
}

#[test]
fn an_envelope_that_nobody_acknowledges_is_told_to_be_overdue() {
    let mut up = Up::new(1, AckPolicy::Manual);
    while up.next_event().is_ready() {}
    let came = up.memory.time();
    up.event(up.links[0], "e1");
    up.poll();
    let _request = up.request();
    up.memory.advance(came + Duration::from_millis(2_999));
    up.poll();
    assert!(up.next_event().is_pending(), "Slack waits for 3 s");
    up.memory.advance(came + Duration::from_secs(3));
    up.poll();
    let Poll::Ready(Some(Event::Notice(Notice::AckOverdue { envelope_id, .. }))) = up.next_event() else {
        panic!("it is late")
    };
    assert_eq!(&*envelope_id, "e1");
}
