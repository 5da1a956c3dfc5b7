//! What the journal tells of opens and links.

use super::{Fact, frame_text};
use crate::record::LinkEnd;
use crate::state::State;
use crate::{LinkId, OpenAnswer};
use tokio_tungstenite::tungstenite::Message;

impl State {
    /// An `apps.connections.open` gets this answer.
    pub(crate) fn note_open(&mut self, answer: &OpenAnswer) {
        let error = error_of(answer);
        self.note(Fact::Open { ok: error.is_none(), error });
    }

    /// A link has come to another state.
    pub(crate) fn note_link(
        &mut self,
        link: LinkId,
        state: &'static str,
        code: Option<u16>,
        reason: Option<&str>,
    ) {
        let reason = reason.filter(|reason| !reason.is_empty()).map(str::to_owned);
        self.note(Fact::Link { link, state, code, reason });
    }

    /// A link is gone, by what ended it first.
    pub(crate) fn note_end(&mut self, link: LinkId) {
        let end = self.links.get(link).and_then(|link| link.info.end.as_ref()).map(LinkEnd::describe);
        let (code, words) = end.unwrap_or_default();
        self.note_link(link, "closed", code, Some(&words));
    }

    /// A message goes to the wire. Envelopes have entries of their own.
    pub(crate) fn note_sent(&mut self, link: LinkId, message: &Message) {
        let frame = match message {
            Message::Text(text) if text.starts_with(r#"{"envelope_id":"#) => return,
            other => name(other),
        };
        self.note(Fact::Sent { link, frame, text: text(message) });
    }

    /// A message came from the client. Acknowledgements have entries of their own.
    pub(crate) fn note_received(&mut self, link: LinkId, message: &Message) {
        if !message.is_text() {
            self.note(Fact::Received { link, frame: name(message), text: text(message) });
        }
    }

    /// A text came from the client that is no acknowledgement of anything.
    pub(crate) fn note_unreadable(&mut self, link: LinkId, text: &str) {
        self.note(Fact::Received { link, frame: "unreadable", text: frame_text(text.as_bytes()) });
    }
}

impl LinkEnd {
    /// The code of the close frame, and what happened in words.
    pub(crate) fn describe(&self) -> (Option<u16>, String) {
        match self {
            Self::ClosedBySlack(code) => (Some(*code), "closed by Slack".to_owned()),
            Self::ClosedByClient(code) => (*code, "closed by the client".to_owned()),
            Self::Lost(words) => (None, words.clone()),
            Self::Reset => (None, "reset".to_owned()),
            Self::Dropped => (None, "TCP ended without a close frame".to_owned()),
            Self::Silent => (None, "nothing came from the client for too long".to_owned()),
        }
    }
}

fn error_of(answer: &OpenAnswer) -> Option<String> {
    match answer {
        OpenAnswer::Link => None,
        OpenAnswer::Error(code) => Some(code.clone()),
        OpenAnswer::RateLimited { .. } => Some("ratelimited".to_owned()),
        OpenAnswer::Status(status, ..) => Some(format!("status {status}")),
        OpenAnswer::Redirect(_) => Some("redirect".to_owned()),
        OpenAnswer::Body(_) | OpenAnswer::HugeBody(_) => Some("a scripted body".to_owned()),
        OpenAnswer::Hang => Some("no answer".to_owned()),
        OpenAnswer::Drop => Some("no answer: TCP is closed".to_owned()),
        OpenAnswer::Delay(_, then) => error_of(then),
    }
}

fn name(message: &Message) -> &'static str {
    match message {
        Message::Text(text) if text.contains(r#""type":"hello""#) => "hello",
        Message::Text(text) if text.contains(r#""type":"disconnect""#) => "disconnect",
        Message::Text(_) => "text",
        Message::Binary(_) => "binary",
        Message::Ping(_) => "ping",
        Message::Pong(_) => "pong",
        Message::Close(_) => "close",
        Message::Frame(_) => "raw",
    }
}

fn text(message: &Message) -> String {
    match message {
        Message::Close(Some(frame)) => format!("{} {}", u16::from(frame.code), frame.reason),
        Message::Close(None) => String::new(),
        Message::Frame(frame) => frame_text(frame.payload()),
        Message::Text(text) => frame_text(text.as_bytes()),
        Message::Binary(bytes) | Message::Ping(bytes) | Message::Pong(bytes) => frame_text(bytes),
    }
}
