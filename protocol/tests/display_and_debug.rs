//! What people read: getters, Debug, Display, and the errors' advice. No secret is in any of it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a broken expectation ends the test")]

use std::collections::BTreeSet;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
use std::time::Duration;

use socketmode_protocol::payload::{DialogSubmission, Json, StateValue};
use socketmode_protocol::{
    AckRefusal, Action, BadMessage, Closed, Config, ConnectionError, DisconnectReason, EndReason, Envelope,
    EnvelopeKind, IncomingFrame, Input, Instant, Notice, OpenResponse, Output, SocketMode, StopReason, Text,
    read_open_response,
};

const TICKET: &str = "ticket-SECRET";

/// A machine whose only link is up, and everything that it put out on the way.
fn up() -> (SocketMode, Vec<Output>) {
    let mut machine = SocketMode::new(Config::default(), 1, Instant::ZERO).unwrap();
    let body = format!(r#"{{"ok":true,"url":"wss://wss-primary.slack.com/link/?ticket={TICKET}"}}"#);
    let response = OpenResponse { status: 200, retry_after: None, body: body.as_bytes() };
    let hello =
        Input::Frame(IncomingFrame::Text(r#"{"type":"hello","debug_info":{"host":"applink-1"}}"#.into()));
    let outputs = [Input::Opened(response), Input::Dialed, hello].map(|input| take(&mut machine, input));
    (machine, outputs.concat())
}

/// Something happens to the only connection.
fn take(machine: &mut SocketMode, input: Input<'_>) -> Vec<Output> {
    let connection = machine.connections().next().unwrap().connection;
    machine.handle_input(Instant::from_millis(5), connection, input);
    std::iter::from_fn(|| machine.poll_output()).collect()
}

fn envelope(machine: &mut SocketMode, text: &str) -> Envelope {
    match take(machine, Input::Frame(IncomingFrame::Text(text.into()))).pop() {
        Some(Output::Envelope(envelope)) => envelope,
        other => panic!("{other:?}"),
    }
}

fn bad_message(machine: &mut SocketMode, frame: IncomingFrame<'_>) -> BadMessage {
    match take(machine, Input::Frame(frame)).pop() {
        Some(Output::Notice(Notice::BadMessage { message, .. })) => message,
        other => panic!("{other:?}"),
    }
}

fn refusal(status: u16, body: &[u8]) -> ConnectionError {
    let response = OpenResponse { status, retry_after: None, body };
    read_open_response(&Config::default(), response).unwrap_err().error
}

#[test]
fn an_envelope_says_what_slack_said_of_it() {
    let (mut machine, _) = up();
    let text = r#"{"type":"interactive","envelope_id":"e1","accepts_response_payload":true,"retry_attempt":2,"retry_reason":"timeout","payload":{"token":"SECRET"}}"#;
    let said = envelope(&mut machine, text);
    assert_eq!(said.kind(), &EnvelopeKind::Interactive);
    assert_eq!((said.envelope_id(), said.connection().number()), ("e1", 0));
    assert!(said.accepts_response_payload() && !said.is_acknowledged());
    assert_eq!((said.retry_attempt(), said.retry_reason()), (2, "timeout"));
    assert_eq!((said.payload_json(), said.raw_json()), (r#"{"token":"SECRET"}"#, text));
    assert_eq!(
        format!("{said:?}"),
        "Envelope { token: a0, connection: c0, kind: Interactive, envelope_id: \"e1\", \
         response_payload: Accepted, acknowledged: false, retry_attempt: 2, retry_reason: \"timeout\", \
         payload: <18 bytes>, .. }"
    );
    let bare = envelope(&mut machine, r#"{"type":"novel","envelope_id":"e2"}"#);
    assert!(bare.accepts_response_payload());
    assert_eq!((bare.retry_attempt(), bare.retry_reason(), bare.payload_json()), (0, "", "null"));
    let refusing = r#"{"type":"events_api","envelope_id":"e3","accepts_response_payload":false,"payload":{"event":{"type":"message"}}}"#;
    let refusing = envelope(&mut machine, refusing);
    assert_eq!((refusing.event_type().as_deref(), bare.event_type()), (Some("message"), None));
    assert!(!refusing.accepts_response_payload());
    let kinds = [&EnvelopeKind::EventsApi, &EnvelopeKind::SlashCommands, said.kind(), bare.kind()];
    assert_eq!(kinds.map(EnvelopeKind::as_str), ["events_api", "slash_commands", "interactive", "novel"]);
}

#[test]
fn what_goes_in_is_shown_by_its_size() {
    let body: &[u8] = br#"{"url":"wss://SECRET"}"#;
    let shown = [
        Input::Opened(OpenResponse { status: 200, retry_after: Some("7"), body }),
        Input::OpenFailed { detail: "no route" },
        Input::Dialed,
        Input::DialFailed { status: Some(408), detail: "no" },
        Input::Frame(IncomingFrame::Text("SECRET".into())),
        Input::Frame(IncomingFrame::Binary(b"SECRET")),
        Input::Frame(IncomingFrame::Ping),
        Input::Frame(IncomingFrame::Pong),
        Input::Frame(IncomingFrame::Close { code: Some(1000) }),
        Input::Closed(Closed::Eof),
        Input::Closed(Closed::ReadError("reset")),
    ]
    .map(|input| format!("{input:?}"));
    assert_eq!(
        shown,
        [
            r#"Opened(OpenResponse { status: 200, retry_after: Some("7"), body: <22 bytes> })"#,
            r#"OpenFailed { detail: "no route" }"#,
            "Dialed",
            r#"DialFailed { status: Some(408), detail: "no" }"#,
            "Frame(Text(<6 bytes>))",
            "Frame(Binary(<6 bytes>))",
            "Frame(Ping)",
            "Frame(Pong)",
            "Frame(Close { code: Some(1000) })",
            "Closed(Eof)",
            r#"Closed(ReadError("reset"))"#,
        ]
    );
}

#[test]
fn a_text_is_what_it_says_wherever_it_lies() {
    let hash = |text: &Text| BuildHasherDefault::<DefaultHasher>::default().hash_one(text);
    let (text, same, other) = (Text::from("one"), Text::new(String::from("one")), Text::from("two"));
    assert!(text == same && text != other);
    assert!(hash(&text) == hash(&same) && hash(&text) != hash(&other));
    assert_eq!((AsRef::<str>::as_ref(&text), format!("{text:?}")), ("one", "Text(<3 bytes>)".into()));
}

#[test]
fn what_comes_out_is_shown_without_its_ticket_and_its_text() {
    let (mut machine, outputs) = up();
    let shown: Vec<_> = outputs.iter().map(|output| format!("{output:?}")).collect();
    assert_eq!(
        shown,
        [
            "Notice(Connecting { connection: c0, attempt: 1 })",
            "Action { connection: c0, action: Open }",
            "Action { connection: c0, action: Dial { url: wss://wss-primary.slack.com/<redacted> } }",
            "Notice(Hello { connection: c0, hello: Hello { num_connections: None, host: Some(\"applink-1\"), \
             build_number: None, approximate_connection_time: None, app_id: None } })",
            "Notice(Connected { connection: c0, gap: None })",
        ]
    );
    let first = envelope(
        &mut machine,
        r#"{"type":"slash_commands","envelope_id":"e1","accepts_response_payload":true}"#,
    );
    machine.acknowledge(Instant::from_millis(9), first.token(), Some("\"SECRET\"")).unwrap();
    assert!(!format!("{machine:?}").contains("SECRET"));
    let connection = machine.connections().next().unwrap().connection;
    let mut text = String::new();
    let write = machine.poll_transmit(connection, &mut text).unwrap();
    assert_eq!(text, r#"{"envelope_id":"e1","payload":"SECRET"}"#);
    assert_eq!(
        (connection.to_string(), format!("{:?}", Input::Written(write))),
        ("0".into(), "Written(w0)".into())
    );
    assert!(!format!("{machine:?}").contains("SECRET"));
    let others = [Action::SendPing, Action::Close { code: 1000 }, Action::Abort];
    assert_eq!(others.map(|action| format!("{action:?}")), ["SendPing", "Close { code: 1000 }", "Abort"]);
}

#[test]
fn a_bad_message_is_shown_by_its_size_and_can_be_looked_into() {
    let (mut machine, _) = up();
    let message = bad_message(&mut machine, IncomingFrame::Text("SECRET".into()));
    assert_eq!(format!("{message:?}"), "BadMessage { error: NotJson, message: <6 bytes> }");
    assert_eq!((message.bytes(), message.start()), (6, &b"SECRET"[..]));
    assert_eq!(message.error().to_string(), "the message is not JSON");
    let long = [0xff; 600];
    let message = bad_message(&mut machine, IncomingFrame::Binary(&long));
    assert_eq!((message.bytes(), message.start()), (600, &long[..512]));
    assert_eq!(message.error().to_string(), "the message is binary");
}

#[test]
fn errors_say_what_to_do() {
    assert_eq!(
        refusal(200, br#"{"ok":false,"error":"internal_error"}"#).to_string(),
        r#"apps.connections.open returned the error "internal_error": an error inside Slack; the client tries again"#
    );
    assert_eq!(
        refusal(200, br#"{"ok":false,"error":"novel"}"#).to_string(),
        r#"apps.connections.open returned the error "novel": look the code up in Slack's documentation of apps.connections.open"#
    );
    assert_eq!(
        refusal(503, b"no healthy\n upstream").to_string(),
        "apps.connections.open was answered with HTTP status 503: no healthy upstream"
    );
    assert_eq!(
        StopReason::Unauthorized { code: "token_revoked".into() }.to_string(),
        "Slack does not accept the token (token_revoked): the token was revoked; create a new app-level token"
    );
    let (mut machine, _) = up();
    let lost = take(&mut machine, Input::Closed(Closed::WriteError("broken pipe")));
    let Some(Output::Notice(Notice::WriteError { detail, .. })) = lost.first() else { panic!("{lost:?}") };
    assert_eq!((detail.to_string(), format!("{detail:?}")), ("broken pipe".into(), "\"broken pipe\"".into()));
}

#[test]
fn each_end_of_a_connection_has_its_own_words() {
    let ends = [
        EndReason::Rotated,
        EndReason::MadeRoom,
        EndReason::Closed { code: Some(1001) },
        EndReason::Closed { code: None },
        EndReason::Lost,
        EndReason::Silent,
        EndReason::TooManyUnwritten,
        EndReason::NoServerPing,
        EndReason::TooManyWebsockets,
        EndReason::Surplus,
        EndReason::Stopped,
    ];
    let words: BTreeSet<_> = ends.iter().map(EndReason::to_string).collect();
    assert!(words.len() == ends.len() && !words.contains(""), "{words:?}");
    assert!(words.contains("the peer closed it with code 1001"), "{words:?}");
}

#[test]
fn what_slack_says_is_cut_and_no_character_is_split() {
    let (mut machine, _) = up();
    let long = format!("x{}", "é".repeat(400));
    let text = format!(r#"{{"type":"disconnect","reason":"{long}"}}"#);
    let said = take(&mut machine, Input::Frame(IncomingFrame::Text(text.as_str().into())));
    let Some(Output::Notice(Notice::Disconnect { disconnect, .. })) = said.first() else {
        panic!("{said:?}")
    };
    let DisconnectReason::Other(reason) = &disconnect.reason else { panic!("{disconnect:?}") };
    assert_eq!((reason.len(), long.starts_with(&**reason)), (511, true));
}

#[test]
fn an_error_says_whether_another_try_can_help() {
    let retryable =
        [AckRefusal::TooLarge { bytes: 20_480 }, AckRefusal::PayloadNotAccepted, AckRefusal::InvalidPayload];
    assert!(retryable.into_iter().all(AckRefusal::is_retryable));
    let settled =
        [AckRefusal::AlreadyAcknowledged, AckRefusal::Settled, AckRefusal::Unknown, AckRefusal::Stopped];
    assert!(!settled.into_iter().any(AckRefusal::is_retryable));
    let fatal = |status, code: &str| {
        let body = format!(r#"{{"ok":false,"error":"{code}"}}"#);
        let response = OpenResponse { status, retry_after: None, body: body.as_bytes() };
        read_open_response(&Config::default(), response).unwrap_err().is_fatal()
    };
    assert!(fatal(200, "invalid_auth") && fatal(200, "missing_scope") && fatal(404, "x"));
    assert!(!fatal(200, "ratelimited") && !fatal(200, "novel") && !fatal(429, "x") && !fatal(503, "x"));
}

#[test]
fn a_time_is_shown_in_milliseconds_and_rounded_down() {
    assert_eq!(format!("{:?}", Instant::from_elapsed(Duration::from_micros(1_999))), "1ms");
    assert_eq!(Instant::from_elapsed(Duration::MAX).as_millis(), u64::MAX);
}

#[test]
fn what_people_wrote_or_chose_is_shown_by_its_size() {
    let dialog: DialogSubmission = serde_json::from_str(
        r#"{"type":"dialog_submission","submission":{"a":"SECRET","b":"SECRET"},"state":"SECRET"}"#,
    )
    .unwrap();
    let shown = format!("{dialog:?}");
    assert!(
        shown.contains("submission: <2 entries>, ") && shown.contains("state: Some(<6 bytes>)"),
        "{shown}"
    );

    let chosen =
        r#"{"type":"datetimepicker","selected_date_time":1700000000,"files":[{"id":"F1"}],"value":"SECRET"}"#;
    let value: StateValue = serde_json::from_str(chosen).unwrap();
    let shown = format!("{value:?}");
    for (field, size) in [
        ("selected_date_time", "Some(<number>)"),
        ("files", "<1 elements>"),
        ("value", "Some(<6 bytes>)"),
        ("selected_date", "None"),
    ] {
        assert!(shown.contains(&format!("{field}: {size}, ")), "{field} in {shown}");
    }
}

#[test]
fn a_piece_of_json_is_read_as_it_came_and_shown_by_its_size() {
    let pieces: Vec<Json> = serde_json::from_str(r#"[{"a": 1}, "x"]"#).unwrap();
    assert_eq!(pieces.iter().map(Json::raw_json).collect::<Vec<_>>(), [r#"{"a": 1}"#, "\"x\""]);
    assert_eq!(format!("{pieces:?}"), "[<8 bytes>, <3 bytes>]");
    assert!(serde_json::from_str::<Json>("null").is_err());
}

#[test]
fn debug_shows_of_an_unwritten_response_that_there_is_one() {
    let (mut machine, _) = up();
    let command =
        r#"{"envelope_id":"e1","type":"slash_commands","accepts_response_payload":true,"payload":{}}"#;
    let token = envelope(&mut machine, command).token();
    machine.acknowledge(Instant::from_millis(6), token, Some(r#"{"text":"SECRET"}"#)).unwrap();
    while machine.poll_output().is_some() {}
    let shown = format!("{machine:?}");
    assert!(shown.contains("Ack { payload: true, by_application: true }"), "{shown}");
    assert!(!shown.contains("SECRET"), "{shown}");
}

#[test]
fn connections_are_numbered_in_the_order_of_their_attempts() {
    let (mut machine, _) = up();
    let number = |machine: &SocketMode| machine.connections().next().unwrap().connection.number();
    assert_eq!(number(&machine), 0);
    take(&mut machine, Input::Closed(Closed::Eof));
    assert_eq!(number(&machine), 1);
}

#[test]
fn deliveries_and_writes_are_numbered_in_their_order() {
    let (mut machine, _) = up();
    let connection = machine.connections().next().unwrap().connection;
    let mut write = |n: u64| {
        let text = format!(r#"{{"type":"events_api","envelope_id":"e{n}","payload":{{}}}}"#);
        let token = envelope(&mut machine, &text).token();
        machine.acknowledge(Instant::from_millis(6), token, None).unwrap();
        let write = machine.poll_transmit(connection, &mut String::new()).unwrap();
        (token.number(), write.number())
    };
    let numbers = [write(1), write(2), write(3)];
    let first = numbers[0];
    assert_eq!(numbers, [0, 1, 2].map(|n| (first.0 + n, first.1 + n)));
}
