//! The text of an acknowledgement.

use alloc::string::String;

use serde::Serialize;
use serde_json::value::RawValue;

use crate::errors::AckError;
use crate::limits::MAX_RESPONSE_BYTES;

/// The text frame that acknowledges an envelope.
///
/// # Errors
/// [`AckError::InvalidPayload`] and [`AckError::TooLarge`].
pub(crate) fn encode(envelope_id: &str, payload: Option<&str>) -> Result<String, AckError> {
    #[derive(Serialize)]
    struct Response<'a> {
        envelope_id: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        payload: Option<&'a RawValue>,
    }
    let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
    if payload.is_none() && envelope_id.bytes().all(plain) {
        // By far the most common, and nothing in it to escape.
        return Ok(["{\"envelope_id\":\"", envelope_id, "\"}"].concat());
    }
    let payload = match payload {
        None => None,
        Some(text) => Some(serde_json::from_str::<&RawValue>(text).map_err(|_| AckError::InvalidPayload)?),
    };
    let text =
        serde_json::to_string(&Response { envelope_id, payload }).map_err(|_| AckError::InvalidPayload)?;
    if text.len() > MAX_RESPONSE_BYTES {
        return Err(AckError::TooLarge { bytes: text.len() });
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    #[test]
    fn the_text_is_what_slack_documents() {
        assert_eq!(encode("e1", None).unwrap(), r#"{"envelope_id":"e1"}"#);
        assert_eq!(
            encode("e1", Some(r#" {"text":"hi"} "#)).unwrap(),
            r#"{"envelope_id":"e1","payload":{"text":"hi"}}"#
        );
        assert_eq!(encode("a\"b\n", None).unwrap(), r#"{"envelope_id":"a\"b\n"}"#);
        assert_eq!(encode("e1", Some("{")), Err(AckError::InvalidPayload));
        assert_eq!(encode("e1", Some("{} {}")), Err(AckError::InvalidPayload));
    }

    #[test]
    fn an_id_of_nothing_but_what_json_escapes_is_escaped() {
        for id in ["\"", "\\", "\"\"", "\\\\", "\u{1}", "\u{7f}", "é"] {
            let text = encode(id, None).unwrap();
            assert_eq!(
                serde_json::from_str::<serde_json::Value>(&text).unwrap()["envelope_id"],
                id,
                "{text}"
            );
        }
    }

    #[test]
    fn a_response_of_20479_bytes_is_the_largest() {
        let frame = encode("e1", Some(r#""""#)).unwrap().len();
        let payload = |bytes: usize| format!("\"{}\"", "x".repeat(bytes - frame));
        assert_eq!(encode("e1", Some(&payload(20_479))).unwrap().len(), 20_479);
        assert_eq!(encode("e1", Some(&payload(20_480))), Err(AckError::TooLarge { bytes: 20_480 }));
    }
}
