//! For tests: a state machine to which messages have come.
#![allow(clippy::unwrap_used, reason = "a test's helpers may fail as the tests do")]

use socketmode_protocol::{Config, IncomingFrame, Input, Instant, OpenResponse, SocketMode};

/// A machine with a connection on which these messages have arrived.
pub(crate) fn machine_with<'a>(messages: impl IntoIterator<Item = &'a str>) -> SocketMode {
    let mut machine = SocketMode::new(Config::default(), 1, Instant::ZERO).unwrap();
    let connection = machine.connections().next().unwrap().connection;
    let body = br#"{"ok":true,"url":"wss://wss-primary.slack.com/"}"#;
    let opened = Input::Opened(OpenResponse { status: 200, retry_after: None, body });
    let frames = messages.into_iter().map(|text| Input::Frame(IncomingFrame::Text(text.into())));
    for input in [opened, Input::Dialed].into_iter().chain(frames) {
        machine.handle_input(Instant::ZERO, connection, input);
    }
    machine
}
