//! What the machine takes from a text, and nothing else of it: for a recording that must not hold secrets.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::String;

use crate::envelope::{EnvelopeKind, ResponsePayload};
use crate::errors::{BadMessageError, truncate};
use crate::excerpt::{self, excerpt};
use crate::limits::MAX_EVENT_ID_BYTES;
use crate::notice::{Disconnect, Hello};
use crate::url::{SocketUrl, UrlError};
use crate::wire::messages::{self, Message};
use crate::wire::open_answer::{self, OpenAnswer};

/// What the machine takes from a text message. Two texts of one length with the same outline have the same effect on a
/// machine.
///
/// ```
/// use socketmode_protocol::FrameOutline;
///
/// let text =
///     r#"{"type":"slash_commands","envelope_id":"e1","payload":{"text":"secret"}}"#;
/// let outline = format!("{:?}", FrameOutline::read(text));
/// assert!(outline.contains("e1") && !outline.contains("secret"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FrameOutline {
    /// A hello.
    Hello(Hello),
    /// A disconnect.
    Disconnect(Disconnect),
    /// An envelope.
    Envelope {
        /// Its `type`.
        kind: EnvelopeKind,
        /// Its `envelope_id`.
        envelope_id: Box<str>,
        /// What happens to a payload in its acknowledgement.
        response_payload: ResponsePayload,
        /// The number of this retry.
        retry_attempt: u32,
        /// Why Slack sent it again.
        retry_reason: Box<str>,
        /// The `event_id` of an `events_api` envelope, if de-duplication can use it.
        event_id: Option<Box<str>>,
    },
    /// It cannot be understood.
    Unreadable(BadMessageError),
}

impl FrameOutline {
    /// Reads a text message as the machine does.
    #[must_use]
    pub fn read(text: &str) -> Self {
        match messages::message(text) {
            Ok(Message::Hello(hello)) => Self::Hello(hello),
            Ok(Message::Disconnect(disconnect)) => Self::Disconnect(disconnect),
            Ok(Message::Envelope(header)) => {
                let event_id = match header.kind {
                    EnvelopeKind::EventsApi => messages::event_id(header.payload.of(text)),
                    _ => None,
                };
                let is_usable = |id: &str| !id.is_empty() && id.len() <= MAX_EVENT_ID_BYTES;
                let response_payload =
                    ResponsePayload::of(header.accepts_response_payload, &header.kind, || {
                        header.payload.of(text)
                    });
                Self::Envelope {
                    kind: header.kind,
                    envelope_id: header.envelope_id.into(),
                    response_payload,
                    retry_attempt: header.retry_attempt,
                    retry_reason: truncate(&header.retry_reason).into(),
                    event_id: event_id.filter(|id| is_usable(id)).map(Into::into),
                }
            }
            Err(error) => Self::Unreadable(error),
        }
    }
}

/// What the machine takes from the body of an answer of `apps.connections.open`, without the ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpenOutline {
    /// A URL: its scheme and host, and its port if it is not that of the scheme.
    Url(Box<str>),
    /// A URL that cannot be dialed.
    BadUrl(UrlError),
    /// An error code.
    Error(Box<str>),
    /// Neither, with the [first words](crate::excerpt) of it.
    Unreadable(Box<str>),
}

impl OpenOutline {
    /// Reads the body as the machine does.
    #[must_use]
    pub fn read(body: &[u8]) -> Self {
        match open_answer::open_answer(body) {
            OpenAnswer::Url(url) => match SocketUrl::parse(&url) {
                Ok(url) => Self::Url(origin(&url).into()),
                Err(error) => Self::BadUrl(error),
            },
            OpenAnswer::Error(code) => Self::Error(excerpt::code(&code).into()),
            OpenAnswer::Unreadable => Self::Unreadable(excerpt(body).into()),
        }
    }
}

/// The URL up to its path.
fn origin(url: &SocketUrl) -> String {
    let (scheme, of_scheme) = if url.is_encrypted() { ("wss", 443) } else { ("ws", 80) };
    match url.port() {
        port if port == of_scheme => format!("{scheme}://{}", url.host()),
        port => format!("{scheme}://{}:{port}", url.host()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_envelope_without_its_payload_is_left() {
        let text = r#"{"envelope_id":"e1","payload":{"event_id":"Ev1","event":{"text":"x"}},"type":"events_api","accepts_response_payload":true,"retry_attempt":2,"retry_reason":"timeout"}"#;
        let outline = FrameOutline::Envelope {
            kind: EnvelopeKind::EventsApi,
            envelope_id: "e1".into(),
            response_payload: ResponsePayload::Accepted,
            retry_attempt: 2,
            retry_reason: "timeout".into(),
            event_id: Some("Ev1".into()),
        };
        assert_eq!(FrameOutline::read(text), outline);
        for (bytes, is_kept) in [(0, false), (MAX_EVENT_ID_BYTES, true), (MAX_EVENT_ID_BYTES + 1, false)] {
            let FrameOutline::Envelope { event_id, .. } =
                FrameOutline::read(&text.replace("Ev1", &"E".repeat(bytes)))
            else {
                panic!("an envelope");
            };
            assert_eq!(event_id.is_some(), is_kept, "{bytes} bytes");
        }
        assert_eq!(FrameOutline::read("secret"), FrameOutline::Unreadable(BadMessageError::NotJson));
    }

    #[test]
    fn a_url_without_its_ticket_is_left() {
        let of = |url: &str| OpenOutline::read(format!(r#"{{"ok":true,"url":"{url}"}}"#).as_bytes());
        assert_eq!(of("wss://a.slack.com/link/?ticket=t"), OpenOutline::Url("wss://a.slack.com".into()));
        assert_eq!(of("ws://[::1]:8080/?ticket=t"), OpenOutline::Url("ws://[::1]:8080".into()));
        assert_eq!(of("https://a.slack.com/?ticket=t"), OpenOutline::BadUrl(UrlError::Scheme));
        assert_eq!(
            OpenOutline::read(br#"{"ok":false,"error":"invalid_auth"}"#),
            OpenOutline::Error("invalid_auth".into())
        );
        assert_eq!(OpenOutline::read(b"ticket"), OpenOutline::Unreadable("".into()));
    }
}
