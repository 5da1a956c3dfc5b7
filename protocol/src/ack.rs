//! The acknowledgement: its text, its outcomes, its refusals.

use alloc::string::String;

use serde::Serialize;
use serde_json::value::RawValue;

use crate::ids::ConnectionId;
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

/// What became of an acknowledgement that was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AckOutcome {
    /// It was handed to the network.
    Sent {
        /// On which connection.
        connection: ConnectionId,
        /// Whether that is the one which the envelope came by. Slack's own clients acknowledge on whichever is
        /// current; whether Slack honours that on another one is not documented.
        elsewhere: bool,
        /// Whether Slack's 3 s were over: the user has seen an error by then, or Slack sends the event again.
        late: bool,
    },
    /// It could not be handed to any network in time: no link, or the machine stopped. Slack sends an event again,
    /// and shows the user of a command an error.
    Lost,
}

/// An acknowledgement that was not taken. Nothing went to the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum AckError {
    /// Slack silently drops a response of 20,480 bytes or more. The envelope can still be acknowledged.
    #[error(
        "the response has {bytes} bytes and Slack drops what is over {MAX_RESPONSE_BYTES}: acknowledge without a payload and send the content with the Web API or the response_url"
    )]
    TooLarge {
        /// The size of the whole frame.
        bytes: usize,
    },
    /// The envelope does not accept a payload. It can still be acknowledged without one.
    #[error(
        "this envelope takes no response payload (accepts_response_payload is not true): acknowledge without one"
    )]
    PayloadNotAccepted,
    /// The payload is not JSON. The envelope can still be acknowledged.
    #[error("the response payload is not valid JSON")]
    InvalidPayload,
    /// It is being acknowledged already, by the application or by policy.
    #[error("this delivery is being acknowledged already")]
    AlreadyAcknowledged,
    /// The delivery is settled: acknowledged already, let go, or its time is over. That is 3 s after its arrival if
    /// its link is gone, and a minute if not.
    #[error("this delivery is settled: it was acknowledged before, or it is too late (Slack waits 3 s)")]
    Settled,
    /// The token was never given out by this machine.
    #[error("no delivery has this token: acknowledge an envelope with the client that delivered it")]
    Unknown,
    /// The machine has stopped.
    #[error("the client has stopped: nothing can be acknowledged any more")]
    Stopped,
}

impl AckError {
    /// Whether the envelope can still be acknowledged in another way.
    #[must_use]
    pub fn is_retryable(self) -> bool {
        match self {
            Self::TooLarge { .. } | Self::PayloadNotAccepted | Self::InvalidPayload => true,
            Self::AlreadyAcknowledged | Self::Settled | Self::Unknown | Self::Stopped => false,
        }
    }
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
