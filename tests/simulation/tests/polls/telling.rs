//! What the application is told of connections.

use std::task::Poll;

use socketmode_driver::{Event, TransportError, TransportErrorKind};

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
