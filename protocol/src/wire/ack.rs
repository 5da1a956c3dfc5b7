//! The text of an acknowledgement.

use alloc::string::String;

use serde_json::value::RawValue;

use crate::errors::AckRefusal;
use crate::limits::MAX_RESPONSE_BYTES;
use crate::wire::fields::has;

const ID: &str = "{\"envelope_id\":";
const PAYLOAD: &str = ",\"payload\":";
const END: &str = "}";

/// The payload as it stands in the text that acknowledges an envelope.
///
/// # Errors
/// [`AckRefusal::InvalidPayload`] and [`AckRefusal::TooLarge`].
pub(crate) fn check<'a>(envelope_id: &str, payload: Option<&'a str>) -> Result<Option<&'a str>, AckRefusal> {
    let Some(text) = payload else { return Ok(None) };
    let payload = serde_json::from_str::<&RawValue>(text).map_err(|_| AckRefusal::InvalidPayload)?.get();
    let bytes = size(envelope_id, Some(payload));
    if bytes > MAX_RESPONSE_BYTES { Err(AckRefusal::TooLarge { bytes }) } else { Ok(Some(payload)) }
}

/// The size of the text that acknowledges an envelope.
pub(crate) fn size(envelope_id: &str, payload: Option<&str>) -> usize {
    let id = if is_plain(envelope_id) { envelope_id.len() + 2 } else { escaped(envelope_id).len() };
    let payload = payload.map_or(0, |payload| PAYLOAD.len() + payload.len());
    ID.len() + id + payload + END.len()
}

/// Appends the text that acknowledges an envelope, with a payload that was [checked](check).
pub(crate) fn encode(envelope_id: &str, payload: Option<&str>, text: &mut String) {
    let payload = payload.map_or(["", ""], |payload| [PAYLOAD, payload]);
    let mut put = |id: [&str; 3]| {
        let parts = [ID].into_iter().chain(id).chain(payload).chain([END]);
        // One allocation, without room to spare: it is handed over as it is.
        text.reserve_exact(parts.clone().map(str::len).sum());
        text.extend(parts);
    };
    if is_plain(envelope_id) {
        put(["\"", envelope_id, "\""]);
    } else {
        put(["", &escaped(envelope_id), ""]);
    }
}

/// Whether nothing in it has to be escaped, as in all that Slack sends.
fn is_plain(id: &str) -> bool {
    !has(id.as_bytes(), |byte| !byte.is_ascii_graphic() | (byte == b'"') | (byte == b'\\'))
}

fn escaped(id: &str) -> String {
    // Every string can be written as JSON.
    serde_json::to_string(id).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    /// The text, of the size that was foretold.
    fn text(envelope_id: &str, payload: Option<&str>) -> Result<String, AckRefusal> {
        let payload = check(envelope_id, payload)?;
        let mut text = String::new();
        encode(envelope_id, payload, &mut text);
        assert_eq!(text.len(), size(envelope_id, payload), "{text}");
        Ok(text)
    }

    #[test]
    fn the_text_is_what_slack_documents() {
        assert_eq!(text("e", None).unwrap(), r#"{"envelope_id":"e"}"#);
        assert_eq!(
            text("e1", Some(r#" {"text":"hi"} "#)).unwrap(),
            r#"{"envelope_id":"e1","payload":{"text":"hi"}}"#
        );
        assert_eq!(text("a\"b\n", None).unwrap(), r#"{"envelope_id":"a\"b\n"}"#);
        assert_eq!(text("a\"", Some("1")).unwrap(), r#"{"envelope_id":"a\"","payload":1}"#);
        assert_eq!(text("e1", Some("{")), Err(AckRefusal::InvalidPayload));
        assert_eq!(text("e1", Some("{} {}")), Err(AckRefusal::InvalidPayload));
    }

    #[test]
    fn an_id_of_nothing_but_what_json_escapes_is_escaped() {
        for id in ["\"", "\\", "\"\"", "\\\\", "\u{1}", "\u{7f}", "é"] {
            let text = text(id, None).unwrap();
            assert_eq!(
                serde_json::from_str::<serde_json::Value>(&text).unwrap()["envelope_id"],
                id,
                "{text}"
            );
        }
    }

    #[test]
    fn a_response_of_20479_bytes_is_the_largest() {
        let frame = text("e1", Some(r#""""#)).unwrap().len();
        let payload = |bytes: usize| format!("\"{}\"", "x".repeat(bytes - frame));
        assert_eq!(text("e1", Some(&payload(20_479))).unwrap().len(), 20_479);
        assert_eq!(text("e1", Some(&payload(20_480))), Err(AckRefusal::TooLarge { bytes: 20_480 }));
    }
}
