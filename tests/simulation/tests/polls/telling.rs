//! What the application is told: of connections, and of payloads that do not fit.

use std::collections::BTreeMap;
use std::task::Poll;

use socketmode_driver::{Event, Frame, TransportError, TransportErrorKind};
use socketmode_protocol::AckPolicy;
use socketmode_simulation::transport::Received;

use crate::up::Up;

#[test]
fn each_attempt_is_told_and_why_it_failed() {
    let mut up = Up::built(|builder| builder);
    up.poll();
    let Poll::Ready(Some(Event::Connecting { attempt: 1, connection })) = up.next_event() else {
        panic!("the first attempt")
    };
    let [call] = up.memory.calls()[..] else { panic!("one call") };
    up.memory.answer(call, Err(TransportError::new(TransportErrorKind::Connect, "no route to host")));
    up.poll();
    let Poll::Ready(Some(Event::ConnectionError { connection: of, error, .. })) = up.next_event() else {
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
