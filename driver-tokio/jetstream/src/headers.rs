//! The headers of a message in the stream.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use async_nats::HeaderMap;
use socketmode_tokio::protocol::Envelope;

use crate::queue::{Kind, hash};

/// The names of the headers, for workers in other languages. The body is the envelope, byte for byte as Slack sent it.
pub mod names {
    /// JetStream's own: the `event_id`, or else the `envelope_id`. A copy is not stored again.
    pub const MESSAGE_ID: &str = "Nats-Msg-Id";
    /// The envelope's `type`.
    pub const KIND: &str = "Slack-Kind";
    /// The `envelope_id`.
    pub const ENVELOPE_ID: &str = "Slack-Envelope-Id";
    /// The id of the workspace, if there is one.
    pub const TEAM: &str = "Slack-Team";
    /// Slack's `retry_attempt`, if it is not 0.
    pub const RETRY: &str = "Slack-Retry-Attempt";
    /// Where the answer goes, as a NATS request, if somebody waits for one.
    pub const ANSWER_TO: &str = "Slack-Answer-To";
    /// When the gateway acknowledges plainly, in milliseconds since 1970 by its clock.
    pub const ANSWER_BY: &str = "Slack-Answer-By";
    /// Of a dead letter: why.
    pub const DEAD_REASON: &str = "Slack-Dead-Reason";
    /// Of a dead letter: how often it was handed to a worker.
    pub const DEAD_ATTEMPTS: &str = "Slack-Dead-Attempts";
    /// Of a dead letter: its subject in the stream.
    pub const DEAD_SUBJECT: &str = "Slack-Dead-Subject";
    /// Of a dead letter: how long its body was in the stream, in bytes, if the end did not fit and is missing.
    pub const DEAD_CUT: &str = "Slack-Dead-Cut";
    /// Of an answer: what it is (`answer`, `plain`, `declined`, `ask`).
    pub const ANSWER: &str = "Slack-Answer";
}

/// The longest text in a header.
const MAX_HEADER: usize = 512;

/// The headers of a request; the rest is for those that somebody waits for.
pub(crate) fn of(envelope: &Envelope, id: &str, kind: Kind, team: Option<&str>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(names::MESSAGE_ID, message_id(id, kind).as_str());
    headers.insert(names::KIND, printable(envelope.kind().as_str()).as_str());
    headers.insert(names::ENVELOPE_ID, printable(envelope.envelope_id()).as_str());
    if let Some(team) = team {
        headers.insert(names::TEAM, printable(team).as_str());
    }
    if envelope.retry_attempt() > 0 {
        headers.insert(names::RETRY, envelope.retry_attempt().to_string().as_str());
    }
    headers
}

/// The ids of two kinds have nothing to do with each other. Two that differ only in what a header cannot hold have other hashes:
/// the second one would be lost as a copy of the first.
fn message_id(id: &str, kind: Kind) -> String {
    let id = match kind {
        Kind::Event => id.to_owned(),
        Kind::Interactive | Kind::Answered => format!("{}:{id}", kind.word()),
    };
    let printed = printable(&id);
    if printed == id && id.trim() == id {
        return id;
    }
    let kept: String = printed.trim().chars().take(MAX_HEADER / 2).collect();
    format!("{kept}#{:016x}", hash(&id))
}

/// What a header can hold: no line ends, nothing that is not ASCII.
pub(crate) fn printable(text: &str) -> String {
    let is_fine = |c: char| c.is_ascii() && !c.is_ascii_control();
    text.chars().map(|c| if is_fine(c) { c } else { '?' }).take(MAX_HEADER).collect()
}

pub(crate) fn get<'a>(headers: Option<&'a HeaderMap>, name: &str) -> Option<&'a str> {
    headers?.get(name).map(async_nats::HeaderValue::as_str)
}

/// A moment as a header has it.
pub(crate) fn moment(at: SystemTime) -> String {
    at.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis().to_string()
}

/// Whether the moment in a header is over, by the clock of this machine.
pub(crate) fn is_over(moment: Option<&str>, now: SystemTime) -> bool {
    let Some(at) = moment.and_then(|moment| moment.parse().ok()).map(Duration::from_millis) else {
        return false;
    };
    now.duration_since(UNIX_EPOCH).unwrap_or_default() > at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_id_can_break_a_header() {
        assert_eq!(printable("a\r\nb\u{e9}\u{0}"), "a??b??");
        assert_eq!(printable(&"x".repeat(10_000)).len(), MAX_HEADER);
    }

    #[test]
    fn two_ids_are_never_one() {
        let long = "x".repeat(MAX_HEADER);
        let ids =
            ["\u{e9}", "\u{e8}", "?", "a", " a", "a\t", &format!("{long}1"), &format!("{long}2"), &long];
        let all: std::collections::BTreeSet<_> = ids.iter().map(|id| message_id(id, Kind::Event)).collect();
        assert_eq!(all.len(), ids.len(), "{all:?}");
        assert!(all.iter().all(|id| id.len() <= MAX_HEADER && printable(id) == id.trim()), "{all:?}");
        assert_eq!(message_id("Ev0123ABC", Kind::Event), "Ev0123ABC");
        assert_eq!(message_id("Ev0123ABC", Kind::Answered), "answers:Ev0123ABC");
    }

    #[test]
    fn a_moment_is_over_after_it() {
        let at = UNIX_EPOCH + Duration::from_millis(1_000);
        let header = moment(at);
        assert!(!is_over(Some(&header), at));
        assert!(is_over(Some(&header), at + Duration::from_millis(1)));
        assert!(!is_over(Some("tomorrow"), at) && !is_over(None, at));
    }
}
