//! The records of a poll, as bytes.

use socketmode_protocol::limits::MAX_DETAIL_BYTES;
use socketmode_protocol::{
    AckOutcome, AckRefusal, AckToken, Action, Closed, ConnectionId, DisconnectReason, Envelope, EnvelopeKind,
    FrameOutline, IncomingFrame, Input, Instant, Notice, OpenOutline, OpenResponse, Output, ResponsePayload,
    SocketMode, Text, WriteId, delay_seconds,
};

use super::bytes::Put;
use super::ring::Piece;
use super::tag::Tag;

/// The longest text of a notice.
const MAX_NOTICE_BYTES: usize = 4 * 1024;

/// Flags of an envelope.
pub(super) const PAYLOAD_ACCEPTED: u8 = 1;
pub(super) const IS_RETRY: u8 = 2;
pub(super) const HAS_EVENT_ID: u8 = 4;
pub(super) const PAYLOAD_UNASKED: u8 = 8;
/// Flags of an acknowledgement that was sent.
pub(super) const ELSEWHERE: u8 = 1;
pub(super) const LATE: u8 = 2;
pub(super) const UNASKED: u8 = 4;

fn flag(flag: u8, is_set: bool) -> u8 {
    if is_set { flag } else { 0 }
}

/// Records that are not in the ring yet.
pub(super) struct Batch {
    pub(super) piece: Piece,
    /// The time of the last record.
    last: Instant,
}

/// The outer fields of an envelope.
struct Outer<'a> {
    kind: &'a EnvelopeKind,
    envelope_id: &'a str,
    response_payload: ResponsePayload,
    retry: (u32, &'a str),
    event_id: Option<&'a str>,
}

impl Batch {
    pub(super) fn new(start: Instant) -> Self {
        Self { piece: Piece { base: start, bytes: Vec::new(), records: 0 }, last: start }
    }

    /// Empties it. The next record is counted from the last one on.
    pub(super) fn clear(&mut self) {
        self.piece.base = self.last;
        self.piece.bytes.clear();
        self.piece.records = 0;
    }

    /// Begins a record without a time of its own.
    fn begin(&mut self, tag: Tag) -> &mut Vec<u8> {
        self.piece.records += 1;
        self.piece.bytes.byte(tag as u8);
        &mut self.piece.bytes
    }

    fn begin_at(&mut self, tag: Tag, now: Instant) -> &mut Vec<u8> {
        let (last, now) = (self.last.as_millis(), now.as_millis());
        self.last = Instant::from_millis(now);
        let bytes = self.begin(tag);
        // A clock that goes back gives odd numbers.
        bytes.number(if now >= last { (now - last) << 1 } else { (last - now) << 1 | 1 });
        bytes
    }

    fn begin_input(&mut self, tag: Tag, now: Instant, connection: ConnectionId) -> &mut Vec<u8> {
        let bytes = self.begin_at(tag, now);
        bytes.number(connection.number());
        bytes
    }

    /// Any input but a text message.
    pub(super) fn input(&mut self, now: Instant, id: ConnectionId, input: &Input<'_>) {
        match input {
            Input::Opened(response) => self.opened(now, id, *response),
            Input::OpenFailed { detail } => self.begin_input(Tag::OpenFailed, now, id).text(short(detail)),
            Input::Dialed => _ = self.begin_input(Tag::Dialed, now, id),
            Input::DialFailed { status, detail } => {
                let bytes = self.begin_input(Tag::DialFailed, now, id);
                bytes.maybe_number(status.map(u64::from));
                bytes.text(short(detail));
            }
            Input::Frame(IncomingFrame::Text(text)) => self.outline(now, id, text),
            Input::Frame(IncomingFrame::Binary(binary)) => {
                self.begin_input(Tag::Binary, now, id).size(binary.len());
            }
            Input::Frame(IncomingFrame::Ping) => _ = self.begin_input(Tag::Ping, now, id),
            Input::Frame(IncomingFrame::Pong) => _ = self.begin_input(Tag::Pong, now, id),
            Input::Frame(IncomingFrame::Close { code }) => {
                self.begin_input(Tag::CloseFrame, now, id).maybe_number(code.map(u64::from));
            }
            Input::Written(write) => self.begin_input(Tag::Written, now, id).number(write.number()),
            Input::NotWritten(write) => self.begin_input(Tag::NotWritten, now, id).number(write.number()),
            Input::Closed(Closed::Eof) => _ = self.begin_input(Tag::Eof, now, id),
            Input::Closed(Closed::ReadError(detail)) => {
                self.begin_input(Tag::ReadError, now, id).text(short(detail));
            }
            Input::Closed(Closed::WriteError(detail)) => {
                self.begin_input(Tag::WriteError, now, id).text(short(detail));
            }
        }
    }

    fn opened(&mut self, now: Instant, id: ConnectionId, response: OpenResponse<'_>) {
        let bytes = self.begin_input(Tag::Opened, now, id);
        bytes.number(response.status.into());
        bytes.maybe_number(response.retry_after.and_then(delay_seconds));
        let (kind, text) = match OpenOutline::read(response.body) {
            OpenOutline::Url(url) => (0, url),
            OpenOutline::BadUrl(error) => (1, format!("{error:?}").into()),
            OpenOutline::Error(code) => (2, code),
            // An error tells them only where the status is one.
            OpenOutline::Unreadable(_) if (200..300).contains(&response.status) => (3, Box::default()),
            OpenOutline::Unreadable(words) => (3, words),
        };
        bytes.byte(kind);
        bytes.text(&text);
    }

    /// A text message, after the machine has taken it.
    pub(super) fn text(&mut self, machine: &SocketMode, now: Instant, id: ConnectionId, text: &Text) {
        // Nearly each text is an envelope that was delivered. The machine has read it, and it need not be read again.
        let is_it = |envelope: &Envelope| std::ptr::eq(envelope.raw_json(), text.as_str());
        let Some(Output::Envelope(envelope)) = machine.newest_output() else {
            return self.outline(now, id, text);
        };
        if !is_it(envelope) {
            return self.outline(now, id, text);
        }
        let envelope_id = envelope.envelope_id();
        let outer = Outer {
            kind: envelope.kind(),
            envelope_id,
            response_payload: envelope.response_payload(),
            retry: (envelope.retry_attempt(), envelope.retry_reason()),
            event_id: machine.deduplication_id(envelope.token()).filter(|key| *key != envelope_id),
        };
        self.envelope(now, id, text.len(), &outer);
    }

    /// A text message that is read for the recording alone.
    fn outline(&mut self, now: Instant, id: ConnectionId, text: &str) {
        match FrameOutline::read(text) {
            FrameOutline::Envelope {
                kind,
                envelope_id,
                response_payload,
                retry_attempt,
                retry_reason,
                event_id,
            } => {
                let retry = (retry_attempt, &*retry_reason);
                let event_id = event_id.as_deref();
                let outer =
                    Outer { kind: &kind, envelope_id: &envelope_id, response_payload, retry, event_id };
                self.envelope(now, id, text.len(), &outer);
            }
            FrameOutline::Hello(hello) => {
                let bytes = self.begin_input(Tag::Hello, now, id);
                bytes.size(text.len());
                bytes.maybe_number(hello.num_connections.map(u64::from));
                bytes.maybe_text(hello.host.as_deref());
                bytes.maybe_number(hello.build_number);
                bytes.maybe_number(hello.approximate_connection_time.map(|time| time.as_secs()));
                bytes.maybe_text(hello.app_id.as_deref());
            }
            FrameOutline::Disconnect(disconnect) => {
                let bytes = self.begin_input(Tag::Disconnect, now, id);
                bytes.size(text.len());
                bytes.text(match &disconnect.reason {
                    DisconnectReason::Warning => "warning",
                    DisconnectReason::RefreshRequested => "refresh_requested",
                    DisconnectReason::LinkDisabled => "link_disabled",
                    DisconnectReason::TooManyWebsockets => "too_many_websockets",
                    DisconnectReason::Other(reason) => reason,
                    // A reason that this crate does not know.
                    _ => "",
                });
                bytes.maybe_text(disconnect.host.as_deref());
            }
            FrameOutline::Unreadable(error) => {
                let bytes = self.begin_input(Tag::Unreadable, now, id);
                bytes.size(text.len());
                bytes.text(&format!("{error:?}"));
            }
        }
    }

    fn envelope(&mut self, now: Instant, id: ConnectionId, size: usize, outer: &Outer<'_>) {
        let is_retry = outer.retry != (0, "");
        let bytes = self.begin_input(Tag::Envelope, now, id);
        bytes.size(size);
        bytes.byte(match outer.kind {
            EnvelopeKind::EventsApi => 0,
            EnvelopeKind::SlashCommands => 1,
            EnvelopeKind::Interactive => 2,
            EnvelopeKind::Other(_) => 3,
        });
        bytes.byte(
            flag(PAYLOAD_ACCEPTED, outer.response_payload == ResponsePayload::Accepted)
                | flag(PAYLOAD_UNASKED, outer.response_payload == ResponsePayload::Unasked)
                | flag(IS_RETRY, is_retry)
                | flag(HAS_EVENT_ID, outer.event_id.is_some()),
        );
        bytes.text(outer.envelope_id);
        if let EnvelopeKind::Other(name) = outer.kind {
            bytes.text(name);
        }
        if is_retry {
            bytes.number(outer.retry.0.into());
            bytes.text(outer.retry.1);
        }
        if let Some(event_id) = outer.event_id {
            bytes.text(event_id);
        }
    }

    pub(super) fn timeout(&mut self, now: Instant) {
        self.begin_at(Tag::Timeout, now);
    }

    pub(super) fn backlog(&mut self, now: Instant, full: bool) {
        self.begin_at(Tag::Backlog, now).byte(full.into());
    }

    pub(super) fn acknowledge(&mut self, now: Instant, token: AckToken, payload: Option<&str>) {
        let bytes = self.begin_at(Tag::Acknowledge, now);
        bytes.number(token.number());
        // White space around it is not sent.
        let size = |text: &str| text.trim_matches([' ', '\t', '\n', '\r']).len() as u64;
        bytes.maybe_number(payload.map(size));
        bytes.maybe_text(None);
    }

    /// The acknowledgement that was recorded last is refused.
    pub(super) fn refused(&mut self, refusal: AckRefusal) {
        // It stood there as accepted, so that the record is whole if the machine panics.
        self.piece.bytes.pop();
        self.piece.bytes.maybe_text(Some(&format!("{refusal:?}")));
    }

    pub(super) fn decline(&mut self, now: Instant, token: AckToken) {
        self.begin_at(Tag::Decline, now).number(token.number());
    }

    pub(super) fn withhold(&mut self, token: AckToken) {
        self.begin(Tag::Withhold).number(token.number());
    }

    pub(super) fn shutdown(&mut self, now: Instant, grace: std::time::Duration) {
        let bytes = self.begin_at(Tag::Shutdown, now);
        bytes.number(grace.as_secs());
        bytes.number(grace.subsec_nanos().into());
    }

    pub(super) fn output(&mut self, output: &Output) {
        match output {
            Output::Envelope(envelope) => {
                let bytes = self.begin(Tag::Delivered);
                bytes.number(envelope.token().number());
                bytes.number(envelope.connection().number());
                bytes.byte(envelope.is_acknowledged().into());
            }
            Output::Acknowledged {
                token,
                outcome: AckOutcome::Sent { connection, elsewhere, late, unasked_payload },
                ..
            } => {
                let bytes = self.begin(Tag::AckSent);
                bytes.number(token.number());
                bytes.number(connection.number());
                bytes.byte(flag(ELSEWHERE, *elsewhere) | flag(LATE, *late) | flag(UNASKED, *unasked_payload));
            }
            Output::Acknowledged { token, outcome: AckOutcome::Lost, .. } => {
                self.begin(Tag::AckLost).number(token.number());
            }
            Output::Action { connection, action } => {
                let tag = match action {
                    Action::Open => Tag::DoOpen,
                    Action::Dial { .. } => Tag::DoDial,
                    Action::SendPing => Tag::DoPing,
                    Action::Close { .. } => Tag::DoClose,
                    Action::Abort => Tag::DoAbort,
                };
                let bytes = self.begin(tag);
                bytes.number(connection.number());
                match action {
                    Action::Dial { url } => bytes.text(&format!("{url:?}")),
                    Action::Close { code } => bytes.number((*code).into()),
                    Action::Open | Action::SendPing | Action::Abort => {}
                }
            }
            Output::Notice(Notice::AckOverdue { token, .. }) => {
                self.begin(Tag::Overdue).number(token.number());
            }
            // `Debug` shows no secret.
            Output::Notice(notice) => {
                let text = format!("{notice:?}");
                self.begin(Tag::Notice).text(cut(&text, MAX_NOTICE_BYTES));
            }
            Output::Stopped(reason) => {
                let text = format!("{reason:?}");
                self.begin(Tag::Stopped).text(cut(&text, MAX_NOTICE_BYTES));
            }
        }
    }

    pub(super) fn pulled(&mut self, connection: ConnectionId, pulled: Option<(WriteId, usize)>) {
        let tag = if pulled.is_some() { Tag::Pulled } else { Tag::NothingPulled };
        let bytes = self.begin(tag);
        bytes.number(connection.number());
        if let Some((write, size)) = pulled {
            bytes.number(write.number());
            bytes.size(size);
        }
    }
}

/// As much of it as the machine keeps.
fn short(detail: &str) -> &str {
    cut(detail, MAX_DETAIL_BYTES)
}

fn cut(text: &str, most: usize) -> &str {
    let end = (0..=text.len().min(most)).rev().find(|&end| text.is_char_boundary(end));
    text.get(..end.unwrap_or(0)).unwrap_or_default()
}
