//! An output as a recording has it: what the driver writes, by another writer.

use serde_json::{Value, json};
use socketmode_protocol::{AckOutcome, Action, Notice, Output};

/// The longest text of a notice that is recorded.
const MAX_NOTICE_BYTES: usize = 4 * 1024;

pub(super) fn brief(output: &Output) -> Value {
    match output {
        Output::Action { connection, action } => {
            let c = connection.number();
            match action {
                Action::Open => json!({ "out": "open", "c": c }),
                Action::Dial { url } => json!({ "out": "dial", "c": c, "url": format!("{url:?}") }),
                Action::SendPing => json!({ "out": "ping", "c": c }),
                Action::Close { code } => json!({ "out": "close", "c": c, "code": code }),
                Action::Abort => json!({ "out": "abort", "c": c }),
            }
        }
        Output::Envelope(envelope) => json!({
            "out": "envelope",
            "a": envelope.token().number(),
            "c": envelope.connection().number(),
            "acknowledged": envelope.is_acknowledged(),
        }),
        Output::Acknowledged { token, outcome, .. } => match outcome {
            AckOutcome::Sent { connection, elsewhere, late, unasked_payload } => json!({
                "out": "sent",
                "a": token.number(),
                "c": connection.number(),
                "elsewhere": elsewhere,
                "late": late,
                "unasked_payload": unasked_payload,
            }),
            AckOutcome::Lost => json!({ "out": "lost", "a": token.number() }),
        },
        Output::Notice(Notice::AckOverdue { token, .. }) => json!({ "out": "overdue", "a": token.number() }),
        Output::Notice(notice) => json!({ "out": "notice", "what": short(format!("{notice:?}")) }),
        Output::Stopped(reason) => json!({ "out": "stopped", "why": short(format!("{reason:?}")) }),
    }
}

fn short(mut text: String) -> String {
    let end = (0..=text.len().min(MAX_NOTICE_BYTES)).rev().find(|&end| text.is_char_boundary(end));
    text.truncate(end.unwrap_or(0));
    text
}
