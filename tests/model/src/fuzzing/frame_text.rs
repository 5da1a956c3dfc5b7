//! Any message on a connection.

use std::sync::LazyLock;
use std::time::Duration;

use socketmode_protocol::{AckPolicy, Config, ConnectionId, ConnectionPhase, Instant, SocketMode};

use crate::output::Output;

use super::{must, take_now, wake};
use crate::step::{Call, OwnedInput, slack};
use crate::subject::Subject;

/// A connection in each phase in which it is read.
static PLACES: LazyLock<[(Subject, ConnectionId); 4]> = LazyLock::new(|| {
    [ConnectionPhase::Greeting, ConnectionPhase::Active, ConnectionPhase::Draining, ConnectionPhase::Closing]
        .map(place)
});

/// The bytes are one message, a text if they can be: it comes twice on a connection in every phase, and is acknowledged.
pub fn frame_text(bytes: &[u8]) {
    let message = match std::str::from_utf8(bytes) {
        Ok(text) => OwnedInput::Text(text.into()),
        Err(_) => OwnedInput::Binary(bytes.into()),
    };
    for (subject, connection) in &*PLACES {
        let mut subject = subject.clone();
        for _ in 0..2 {
            let outputs = take_now(&mut subject, Call::Input(*connection, message.clone()));
            for output in outputs {
                heed(&mut subject, &output);
            }
            wake(&mut subject);
        }
        must(subject.replay());
    }
}

/// What an application does.
fn heed(subject: &mut Subject, output: &Output) {
    let Output::Envelope(envelope) = output else { return };
    let payload = envelope.accepts_response_payload().then(|| r#"{"text":"on it"}"#.to_owned());
    let at = subject.now();
    let call = Call::Acknowledge(envelope.token(), payload);
    let (result, outputs) = must(subject.take(crate::step::Step { at, call }));
    assert_eq!(result.is_err(), envelope.is_acknowledged(), "{result:?} for {envelope:?}");
    for output in outputs {
        if let Output::Transmit { connection, write, .. } = output {
            take_now(subject, Call::Input(connection, OwnedInput::Written(write)));
        }
    }
}

/// A machine with a connection in this phase.
fn place(phase: ConnectionPhase) -> (Subject, ConnectionId) {
    let config = Config {
        deduplicate: Some(Duration::from_secs(600)),
        ack_interactive: AckPolicy::OnReceive,
        ack_other: AckPolicy::BeforeDeadline(Duration::from_secs(2)),
        ..Config::default()
    };
    let (mut subject, _) = must(Subject::new(&config, 7, Instant::ZERO));
    subject.let_the_peer_say_anything();
    let connection = first(subject.machine());
    let life = [
        (ConnectionPhase::Greeting, vec![slack::opened(1), OwnedInput::Dialed]),
        (ConnectionPhase::Active, vec![slack::hello(1, None)]),
        (ConnectionPhase::Draining, vec![slack::disconnect("warning")]),
    ];
    for (_, inputs) in life.into_iter().filter(|(reached, _)| *reached <= phase) {
        for input in inputs {
            take_now(&mut subject, Call::Input(connection, input));
        }
    }
    if phase == ConnectionPhase::Closing {
        take_now(&mut subject, Call::Shutdown(Duration::ZERO));
    }
    let reached = subject.machine().connections().find(|status| status.connection == connection);
    assert_eq!(reached.map(|status| status.phase), Some(phase));
    (subject, connection)
}

fn first(machine: &SocketMode) -> ConnectionId {
    machine.connections().next().unwrap().connection
}
