//! What a machine makes of a text, and what `serde_json` does.

use std::sync::LazyLock;
use std::time::Duration;

use serde_json::Value;
use serde_json::value::RawValue;
use socketmode_protocol::limits::{MAX_DETAIL_BYTES, MAX_ENVELOPE_ID_BYTES};
use socketmode_protocol::{
    BadMessageError, Config, ConnectionId, Disconnect, DisconnectReason, Envelope, EnvelopeKind, Hello,
    Input, Instant, Notice, ResponsePayload, SocketMode,
};

use crate::output::{Output, drain};

use super::reference::{self, Fields};
use crate::step::{OwnedInput, slack};

/// A machine that waits for its hello, one that has it, and the connection of both.
static MACHINES: LazyLock<[(SocketMode, ConnectionId); 2]> = LazyLock::new(|| {
    let mut machine = SocketMode::new(Config::default(), 7, Instant::ZERO).unwrap();
    let connection = machine.connections().next().unwrap().connection;
    for input in [slack::opened(1), OwnedInput::Dialed] {
        machine.handle_input(Instant::ZERO, connection, input.as_input());
    }
    let mut greeted = machine.clone();
    greeted.handle_input(Instant::ZERO, connection, slack::hello(1, None).as_input());
    [machine, greeted].map(|mut machine| {
        while machine.poll_output().is_some() {}
        (machine, connection)
    })
});

/// They agree on whether it is a message, on which one, and on each of its fields.
pub(super) fn agree(text: &str) {
    let whole = serde_json::from_str::<Value>(text).ok();
    let fields = reference::fields(text, true);
    if let Some(Value::Object(whole)) = &whole {
        let fields = fields.as_ref().expect("what is JSON is lax JSON too");
        for (key, value) in whole {
            assert_eq!(reference::get(fields, key).as_ref(), Some(value), "{key} in {text}");
        }
    }
    let [greeting, greeted] = &*MACHINES;
    if let ([Output::Envelope(envelope)], false) = (&*say(greeted, text), reference::is_plain(text)) {
        return assert_eq!(envelope.raw_json(), text);
    }
    let Some(fields) = fields else {
        let is_json = serde_json::from_str::<&RawValue>(text).is_ok();
        let is_array = text.trim_start_matches([' ', '\t', '\n', '\r']).starts_with('[');
        let error = if is_json || is_array { BadMessageError::NotAnObject } else { BadMessageError::NotJson };
        return bad(&say(greeted, text), error, text);
    };
    let kind = string(&fields, "type");
    let number =
        || fields.get("envelope_id").filter(|value| !value.starts_with(['"', 't', 'f', 'n', '[', '{']));
    let id = string(&fields, "envelope_id").or_else(|| number().map(|value| (*value).to_owned()));
    match (kind.as_deref(), id) {
        (None, _) => bad(&say(greeted, text), BadMessageError::NoType, text),
        (Some("hello"), _) => {
            bad(&say(greeted, text), BadMessageError::SecondHello, text);
            let events = say(greeting, text);
            let told = find(&events, |event| match event {
                Output::Notice(Notice::Hello { hello, .. }) => Some(hello),
                _ => None,
            });
            check_hello(told, &fields);
        }
        (Some("disconnect"), _) => {
            let events = say(greeted, text);
            let told = find(&events, |event| match event {
                Output::Notice(Notice::Disconnect { disconnect, .. }) => Some(disconnect),
                _ => None,
            });
            check_disconnect(told, &fields);
        }
        (Some(kind), id) => {
            let known = ["events_api", "slash_commands", "interactive"].contains(&kind);
            let events = say(greeted, text);
            match id {
                None if !known => bad(&events, BadMessageError::UnknownType, text),
                Some(id) if !id.is_empty() && id.len() <= MAX_ENVELOPE_ID_BYTES => {
                    let told = find(&events, |event| match event {
                        Output::Envelope(envelope) => Some(envelope),
                        _ => None,
                    });
                    assert_eq!((told.envelope_id(), told.raw_json()), (id.as_str(), text));
                    assert_eq!(told.kind().as_str(), if known { kind } else { short(kind) });
                    check_envelope(told, &fields);
                }
                Some(id) if !id.is_empty() => bad(&events, BadMessageError::LongEnvelopeId, text),
                _ => bad(&events, BadMessageError::NoEnvelopeId, text),
            }
        }
    }
}

fn check_envelope(told: &Envelope, fields: &Fields<'_>) {
    let refuses = matches!(fields.get("accepts_response_payload"), Some(&("false" | "\"false\"")));
    let is_answered = match told.kind() {
        EnvelopeKind::SlashCommands => true,
        EnvelopeKind::Interactive => {
            let payload = serde_json::from_str::<Value>(told.payload_json()).ok();
            let kind = payload.as_ref().and_then(|payload| payload.get("type")?.as_str());
            kind.is_some_and(|kind| {
                kind.ends_with("submission") || kind.ends_with("suggestion") || kind == "interactive_message"
            })
        }
        _ => false,
    };
    let expected = match (refuses, is_answered) {
        (false, _) => ResponsePayload::Accepted,
        (true, true) => ResponsePayload::Unasked,
        (true, false) => ResponsePayload::Refused,
    };
    assert_eq!(told.response_payload(), expected, "{told:?}");
    let attempt = number(fields, "retry_attempt").and_then(|attempt| u32::try_from(attempt).ok());
    assert_eq!(told.retry_attempt(), attempt.unwrap_or(0), "{told:?}");
    let reason = string(fields, "retry_reason");
    assert_eq!(told.retry_reason(), reason.as_deref().map(short).unwrap_or_default());
    assert_eq!(told.payload_json(), fields.get("payload").copied().unwrap_or("null"));
}

fn check_hello(told: &Hello, fields: &Fields<'_>) {
    let debug = object(fields, "debug_info");
    let info = object(fields, "connection_info");
    assert_eq!(told.num_connections, number(fields, "num_connections").and_then(|n| u32::try_from(n).ok()));
    assert_eq!(told.host.as_deref(), string(&debug, "host").as_deref().map(short));
    assert_eq!(told.build_number, number(&debug, "build_number"));
    let lifetime = number(&debug, "approximate_connection_time").map(Duration::from_secs);
    assert_eq!(told.approximate_connection_time, lifetime);
    assert_eq!(told.app_id.as_deref(), string(&info, "app_id").as_deref().map(short));
}

fn check_disconnect(told: &Disconnect, fields: &Fields<'_>) {
    let host = string(&object(fields, "debug_info"), "host");
    assert_eq!(told.host.as_deref(), host.as_deref().map(short));
    let reason = match string(fields, "reason").unwrap_or_default().as_str() {
        "warning" => DisconnectReason::Warning,
        "refresh_requested" => DisconnectReason::RefreshRequested,
        "link_disabled" => DisconnectReason::LinkDisabled,
        "too_many_websockets" => DisconnectReason::TooManyWebsockets,
        other => DisconnectReason::Other(short(other).into()),
    };
    assert_eq!(told.reason, reason);
}

/// What a machine says when this text arrives.
fn say((machine, connection): &(SocketMode, ConnectionId), text: &str) -> Vec<Output> {
    let mut machine = machine.clone();
    let frame = socketmode_protocol::IncomingFrame::Text(text.into());
    machine.handle_input(Instant::ZERO, *connection, Input::Frame(frame));
    drain(&mut machine)
}

fn bad(outputs: &[Output], error: BadMessageError, text: &str) {
    let told = find(outputs, |output| match output {
        Output::Notice(Notice::BadMessage { message, .. }) => Some(message),
        _ => None,
    });
    assert_eq!((told.error(), told.bytes()), (error, text.len()), "{text}");
    assert_eq!(told.start(), &text.as_bytes()[..text.len().min(MAX_DETAIL_BYTES)]);
}

fn find<'a, T>(outputs: &'a [Output], wanted: impl FnMut(&'a Output) -> Option<&'a T>) -> &'a T {
    outputs.iter().find_map(wanted).unwrap_or_else(|| panic!("not what was said: {outputs:?}"))
}

fn string(fields: &Fields<'_>, name: &str) -> Option<String> {
    reference::get(fields, name)?.as_str().map(str::to_owned)
}

/// A whole number, also in a string; one with escapes is none, and a `+` before it is as good as nothing.
fn number(fields: &Fields<'_>, name: &str) -> Option<u64> {
    match reference::get(fields, name)? {
        Value::String(_) if fields.get(name)?.contains('\\') => None,
        Value::String(text) => text.parse().ok(),
        other => other.as_u64(),
    }
}

/// The fields of an object in an object. One that is not whole has none.
fn object<'a>(fields: &Fields<'a>, name: &str) -> Fields<'a> {
    fields.get(name).and_then(|text| reference::fields(text, false)).unwrap_or_default()
}

/// As much of a text as an event keeps.
fn short(text: &str) -> &str {
    let mut end = text.len().min(MAX_DETAIL_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
