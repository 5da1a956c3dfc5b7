//! Reads a text message in one pass, without parsing the payload.
//!
//! Only `type`, and `envelope_id` of an envelope, are required. An `envelope_id` that is a number is taken as its text. If another field is missing, null or of another type, only
//! that field is lost. Unknown fields are skipped. If a key appears twice, the last one counts, as in most JSON readers.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use core::ops::Range;
use core::time::Duration;

use crate::envelope::{EnvelopeKind, Payload};
use crate::errors::{BadMessageError, truncate};
use crate::limits::MAX_ENVELOPE_ID_BYTES;
use crate::notice::{Disconnect, DisconnectReason, Hello};
use crate::wire::fields::{boolean, for_each_field, for_each_field_of_message, number, number_text, string};

/// A text message.
#[derive(Debug, PartialEq)]
pub(crate) enum Message<'a> {
    Hello(Hello),
    Disconnect(Disconnect),
    Envelope(Header<'a>),
}

/// An envelope without its payload, which stays in the text.
#[derive(Debug, PartialEq)]
pub(crate) struct Header<'a> {
    pub(crate) kind: EnvelopeKind,
    pub(crate) envelope_id: Cow<'a, str>,
    /// `None` if it is missing, or neither true nor false.
    pub(crate) accepts_response_payload: Option<bool>,
    pub(crate) retry_attempt: u32,
    pub(crate) retry_reason: Cow<'a, str>,
    pub(crate) payload: Payload,
}

/// Reads one text message.
pub(crate) fn message(text: &str) -> Result<Message<'_>, BadMessageError> {
    let mut is_read_to_the_end = true;
    let message = read(text, true, &mut is_read_to_the_end);
    match message {
        Ok(Message::Envelope(_)) => message,
        // A missing field may be between the payload and another object. And only an envelope has a payload: any other
        // message must be valid JSON from start to end.
        _ if !is_read_to_the_end => read(text, false, &mut is_read_to_the_end),
        _ => message,
    }
}

/// With `backwards`, fields between the payload and another object behind it are not seen.
fn read<'a>(
    text: &'a str,
    backwards: bool,
    is_read_to_the_end: &mut bool,
) -> Result<Message<'a>, BadMessageError> {
    let mut kind = None;
    let mut envelope_id = None;
    let mut accepts_response_payload = None;
    let mut retry_attempt = 0;
    let mut retry_reason = Cow::Borrowed("");
    let mut payload = Payload::none();
    let mut reason = None;
    let mut num_connections = None;
    let mut debug_info = None;
    let mut connection_info = None;
    for_each_field_of_message(text, backwards, |key, value, is_exact| match key {
        b"type" => kind = string(value),
        b"envelope_id" => envelope_id = string(value).or_else(|| number_text(value)),
        b"accepts_response_payload" => accepts_response_payload = boolean(value),
        b"retry_attempt" => retry_attempt = number(value).unwrap_or(0),
        b"retry_reason" => retry_reason = string(value).unwrap_or_default(),
        b"payload" => {
            let range = range_in(text, value);
            payload = if is_exact { Payload::at(range) } else { Payload::from(range.start) };
            *is_read_to_the_end &= is_exact;
        }
        b"reason" => reason = string(value),
        b"num_connections" => num_connections = number(value),
        b"debug_info" => debug_info = Some(value),
        b"connection_info" => connection_info = Some(value),
        _ => {}
    })?;
    let kind = kind.ok_or(BadMessageError::NoType)?;
    let kind = match &*kind {
        "hello" => return Ok(Message::Hello(hello(num_connections, debug_info, connection_info))),
        "disconnect" => {
            let mut host = None;
            debug_fields(debug_info, |key, value| {
                if key == b"host" {
                    host = short_string(value);
                }
            });
            return Ok(Message::Disconnect(Disconnect {
                reason: disconnect_reason(&reason.unwrap_or_default()),
                host,
            }));
        }
        "events_api" => EnvelopeKind::EventsApi,
        "slash_commands" => EnvelopeKind::SlashCommands,
        "interactive" => EnvelopeKind::Interactive,
        _ if envelope_id.is_none() => return Err(BadMessageError::UnknownType),
        other => EnvelopeKind::Other(truncate(other).into()),
    };
    let envelope_id = envelope_id.filter(|id| !id.is_empty()).ok_or(BadMessageError::NoEnvelopeId)?;
    if envelope_id.len() > MAX_ENVELOPE_ID_BYTES {
        return Err(BadMessageError::LongEnvelopeId);
    }
    Ok(Message::Envelope(Header {
        kind,
        envelope_id,
        accepts_response_payload,
        retry_attempt,
        retry_reason,
        payload,
    }))
}

/// The `event_id` inside the payload of an `events_api` envelope.
pub(crate) fn event_id(payload: &str) -> Option<Cow<'_, str>> {
    string_field(payload, b"event_id")
}

/// The `type` of the payload of an `interactive` envelope.
pub(crate) fn interaction_type(payload: &str) -> Option<Cow<'_, str>> {
    string_field(payload, b"type")
}

fn string_field<'a>(object: &'a str, name: &[u8]) -> Option<Cow<'a, str>> {
    let mut found = None;
    for_each_field(object, |key, value| {
        if key == name {
            found = string(value);
        }
    })
    .ok()?;
    found
}

fn hello(num_connections: Option<u32>, debug_info: Option<&str>, connection_info: Option<&str>) -> Hello {
    let mut hello = Hello { num_connections, ..Hello::default() };
    debug_fields(debug_info, |key, value| match key {
        b"host" => hello.host = short_string(value),
        b"build_number" => hello.build_number = number(value),
        b"approximate_connection_time" => {
            hello.approximate_connection_time = number(value).map(Duration::from_secs);
        }
        _ => {}
    });
    debug_fields(connection_info, |key, value| {
        if key == b"app_id" {
            hello.app_id = short_string(value);
        }
    });
    hello
}

fn disconnect_reason(reason: &str) -> DisconnectReason {
    match reason {
        "warning" => DisconnectReason::Warning,
        "refresh_requested" => DisconnectReason::RefreshRequested,
        "link_disabled" => DisconnectReason::LinkDisabled,
        "too_many_websockets" => DisconnectReason::TooManyWebsockets,
        other => DisconnectReason::Other(truncate(other).into()),
    }
}

/// The fields of an object that may be missing or no object at all.
fn debug_fields<'a>(value: Option<&'a str>, each: impl FnMut(&[u8], &'a str)) {
    if let Some(value) = value {
        // A value of another type has no fields to give.
        let _ = for_each_field(value, each);
    }
}

fn short_string(value: &str) -> Option<Box<str>> {
    string(value).map(|text| truncate(&text).into())
}

/// Where `part`, which was borrowed from `whole`, lies in it.
fn range_in(whole: &str, part: &str) -> Range<usize> {
    let start = (part.as_ptr() as usize).saturating_sub(whole.as_ptr() as usize);
    start..start.saturating_add(part.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    fn header(text: &str) -> Header<'_> {
        match message(text) {
            Ok(Message::Envelope(header)) => header,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_envelope_keeps_its_payload_as_it_came() {
        let text = r#" {"payload" : {"a":[1, 2]} , "envelope_id":"e1","type":"slash_commands","accepts_response_payload":true,"new":{}} "#;
        let header = header(text);
        assert_eq!(header.kind, EnvelopeKind::SlashCommands);
        assert_eq!(header.envelope_id, "e1");
        assert_eq!(header.accepts_response_payload, Some(true));
        assert_eq!(header.payload.of(text), r#"{"a":[1, 2]}"#);
    }

    #[test]
    fn an_envelope_id_that_is_a_number_is_its_text() {
        for (id, text) in [("17", "17"), ("-1.50e3", "-1.50e3"), ("\"17\"", "17")] {
            for whole in [
                format!(r#"{{"type":"events_api","envelope_id":{id},"payload":{{}}}}"#),
                format!(r#"{{"type":"events_api","payload":{{}},"envelope_id":{id}}}"#),
            ] {
                assert_eq!(header(&whole).envelope_id, text, "{whole}");
            }
        }
    }

    #[test]
    fn an_envelope_id_has_a_longest_length() {
        let of = |bytes| format!(r#"{{"type":"events_api","envelope_id":"{}"}}"#, "e".repeat(bytes));
        assert_eq!(header(&of(MAX_ENVELOPE_ID_BYTES)).envelope_id.len(), MAX_ENVELOPE_ID_BYTES);
        assert_eq!(message(&of(MAX_ENVELOPE_ID_BYTES + 1)), Err(BadMessageError::LongEnvelopeId));
    }

    #[test]
    fn fields_on_both_sides_of_the_payload_are_read() {
        let text = r#"{"envelope_id":"e1","payload":{"type":"x","a":"}"},"type":"interactive","accepts_response_payload":true,"retry_attempt":2,"retry_reason":"timeout"}"#;
        let header = header(text);
        assert_eq!((header.kind, &*header.envelope_id), (EnvelopeKind::Interactive, "e1"));
        assert_eq!((header.accepts_response_payload, header.retry_attempt), (Some(true), 2));
        assert_eq!((&*header.retry_reason, header.payload.of(text)), ("timeout", r#"{"type":"x","a":"}"}"#));
    }

    #[test]
    fn needed_fields_are_found_between_payload_and_other_object() {
        let text = r#"{"payload":[1],"envelope_id":"e1","more":{"a":1},"type":"events_api"}"#;
        let header = header(text);
        assert_eq!((&*header.envelope_id, header.payload.of(text)), ("e1", "[1]"));
    }

    #[test]
    fn a_hello_with_a_payload_that_is_no_json_is_none() {
        assert!(matches!(message(r#"{"payload":{},"type":"hello"}"#), Ok(Message::Hello(_))));
        for text in [
            r#"{"payload":{]x},"type":"hello"}"#,
            r#"{"payload":[}x],"type":"disconnect"}"#,
            r#"{"type":"disconnect","payload":{]x},"payload":"a second one"}"#,
        ] {
            assert_eq!(message(text), Err(BadMessageError::NotJson), "{text}");
        }
    }

    /// Slack sends none. The documentation says so.
    #[test]
    fn what_is_not_needed_is_not_looked_for_there() {
        let text = r#"{"envelope_id":"e1","payload":{},"retry_attempt":2,"more":[],"type":"events_api"}"#;
        let header = header(text);
        assert_eq!((header.retry_attempt, header.payload.of(text)), (0, "{}"));
    }

    #[test]
    fn escaped_keys_and_values_are_the_same_as_plain_ones() {
        let header = header(
            r#"{"\u0065nvelope_id":"e\u0031","typ\u0065":"events\u005fapi","retry_reason":"time\u006fut"}"#,
        );
        assert_eq!((&*header.envelope_id, header.kind), ("e1", EnvelopeKind::EventsApi));
        assert_eq!(header.retry_reason, "timeout");
    }

    #[test]
    fn of_duplicate_keys_the_last_counts() {
        let text = r#"{"type":"hello","type":"interactive","envelope_id":"a","envelope_id":"b","payload":1,"payload":2}"#;
        let header = header(text);
        assert_eq!(
            (header.kind, &*header.envelope_id, header.payload.of(text)),
            (EnvelopeKind::Interactive, "b", "2")
        );
    }

    #[test]
    fn a_field_of_another_type_costs_that_field_only() {
        for odd in ["null", "1e999", "[[]]", "{\"a\":1}", "-1", "\"x\"", "1.5", "99999999999999999999"] {
            let text = format!(
                r#"{{"type":"events_api","envelope_id":"e","accepts_response_payload":{odd},"retry_attempt":{odd},"retry_reason":{odd},"debug_info":{odd},"reason":{odd},"payload":{odd}}}"#
            );
            let header = header(&text);
            assert_eq!((header.accepts_response_payload, header.retry_attempt), (None, 0), "{odd}");
            assert_eq!(header.payload.of(&text), odd);
            let hello_text = format!(
                r#"{{"type":"hello","num_connections":{odd},"debug_info":{{"host":{odd},"build_number":{odd},"approximate_connection_time":{odd}}},"connection_info":{odd}}}"#
            );
            assert!(matches!(message(&hello_text), Ok(Message::Hello(_))), "{odd}");
        }
        let header = header(
            r#"{"type":"events_api","envelope_id":"e","accepts_response_payload":"true","retry_attempt":"2"}"#,
        );
        assert_eq!((header.accepts_response_payload, header.retry_attempt), (Some(true), 2));
    }

    #[test]
    fn a_hello_and_a_disconnect_are_read_with_or_without_details() {
        let full = r#"{"type":"hello","num_connections":2,"debug_info":{"host":"applink-1","build_number":14,"approximate_connection_time":18060},"connection_info":{"app_id":"A1"}}"#;
        let hello = Hello {
            num_connections: Some(2),
            host: Some("applink-1".into()),
            build_number: Some(14),
            approximate_connection_time: Some(Duration::from_secs(18_060)),
            app_id: Some("A1".into()),
        };
        assert_eq!(message(full), Ok(Message::Hello(hello)));
        assert_eq!(message(r#"{"type":"hello"}"#), Ok(Message::Hello(Hello::default())));
        for (text, reason) in [
            (r#"{"type":"disconnect","reason":"warning"}"#, DisconnectReason::Warning),
            (
                r#"{"type":"disconnect","reason":"refresh_requested","debug_info":null}"#,
                DisconnectReason::RefreshRequested,
            ),
            (r#"{"reason":"link_disabled","type":"disconnect"}"#, DisconnectReason::LinkDisabled),
            (r#"{"type":"disconnect","reason":"too_many_websockets"}"#, DisconnectReason::TooManyWebsockets),
            (r#"{"type":"disconnect","reason":"novel"}"#, DisconnectReason::Other("novel".into())),
            (r#"{"type":"disconnect","reason":7}"#, DisconnectReason::Other("".into())),
        ] {
            assert_eq!(message(text), Ok(Message::Disconnect(Disconnect { reason, host: None })), "{text}");
        }
    }

    #[test]
    fn what_is_no_message_is_named() {
        let long = format!(r#"{{"type":"events_api","envelope_id":"{}"}}"#, "x".repeat(257));
        for (text, error) in [
            ("", BadMessageError::NotJson),
            ("UNAUTHENTICATED: cache_error", BadMessageError::NotJson),
            (r#"{"type":"hello""#, BadMessageError::NotJson),
            (r#"{"type":"hello"} x"#, BadMessageError::NotJson),
            ("\u{feff}{\"type\":\"hello\"}", BadMessageError::NotJson),
            ("[]", BadMessageError::NotAnObject),
            ("null", BadMessageError::NotAnObject),
            ("{}", BadMessageError::NoType),
            (r#"{"type":7,"envelope_id":"e"}"#, BadMessageError::NoType),
            (r#"{"type":"novel"}"#, BadMessageError::UnknownType),
            (r#"{"type":"events_api"}"#, BadMessageError::NoEnvelopeId),
            (r#"{"type":"events_api","envelope_id":""}"#, BadMessageError::NoEnvelopeId),
            (r#"{"type":"events_api","envelope_id":["e"]}"#, BadMessageError::NoEnvelopeId),
            (&long, BadMessageError::LongEnvelopeId),
        ] {
            assert_eq!(message(text), Err(error), "{text}");
        }
    }

    #[test]
    fn a_disconnect_tells_its_host_and_nothing_else_as_such() {
        let text =
            r#"{"type":"disconnect","reason":"warning","debug_info":{"host":"applink-7","other":"x"}}"#;
        let Ok(Message::Disconnect(disconnect)) = message(text) else { panic!("{:?}", message(text)) };
        assert_eq!(disconnect.host.as_deref(), Some("applink-7"));
    }

    #[test]
    fn the_event_id_is_that_of_the_payload() {
        assert_eq!(
            event_id(r#"{"type":"event_callback","event_id":"Ev1","event":{"event_id":"Ev2"}}"#),
            Some("Ev1".into())
        );
        for none in [r#"{"type":"event_callback"}"#, r#"{"event_id":7}"#, "[]", "Ev1"] {
            assert_eq!(event_id(none), None, "{none}");
        }
    }

    #[test]
    fn everything_but_a_payload_has_its_grammar_checked() {
        for odd in [r#"{"a":tru}"#, "[1,]", "txyz", "trux", "fals", "falsy", "nul", "01", "\"\\x\"", "\"\t\""]
        {
            let text = format!(r#"{{"type":"hello","debug_info":{odd}}}"#);
            assert_eq!(message(&text), Err(BadMessageError::NotJson), "{text}");
        }
        for odd in [r#"{"a":tru}"#, "[1,]"] {
            let text = format!(r#"{{"type":"interactive","envelope_id":"e","payload":{odd}}}"#);
            assert_eq!(header(&text).payload.of(&text), odd);
        }
    }

    #[test]
    fn depth_costs_no_stack() {
        let deep = "[".repeat(100_000);
        assert_eq!(message(&deep), Err(BadMessageError::NotAnObject));
        let nested =
            format!(r#"{{"type":"events_api","envelope_id":"e","payload":{deep}{}}}"#, "]".repeat(100_000));
        assert_eq!(header(&nested).payload.of(&nested).len(), 200_000);
    }

    #[test]
    fn half_a_surrogate_pair_in_a_foreign_place_costs_nothing() {
        let text = r#"{"\ud800":"\ud800","type":"events_api","envelope_id":"e","payload":{"text":"\ud800"}}"#;
        assert_eq!(header(text).envelope_id, "e");
    }
}
