//! Scripts on the command line, and their verdict.

use super::client::{ack, receive};
use super::program::Program;
use serde_json::json;
use socketmode_simulator::CHANNEL;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// A file with these lines; it is removed when it is dropped.
pub(crate) struct Script(PathBuf);

impl Script {
    pub(crate) fn of(name: &str, lines: &str) -> Self {
        let path = std::env::temp_dir().join(format!("slack-simulator-{}-{name}", std::process::id()));
        fs::write(&path, lines).unwrap();
        Self(path)
    }

    pub(crate) fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }

    fn play(&self) -> Program {
        Program::start(&["--script", self.path()])
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

#[tokio::test]
async fn a_script_that_goes_well_ends_with_zero() {
    let script = Script::of(
        "passes",
        "# The bot answers.\n\nhello\n:timeout 20\n:expect-ack 20\n:expect-call chat.postMessage to you\n\
         :expect-message hello to\n:expect-no-call chat.update 0.01\n",
    );
    let program = script.play();
    let mut socket = program.connect().await;
    let envelope = receive(&mut socket).await;
    ack(&mut socket, &envelope).await;
    for text in ["something else", "hello to you"] {
        program.call("chat.postMessage", &json!({"channel": CHANNEL, "text": text})).await;
    }
    let printed = program.ended(0).await;
    assert!(printed.ends_with("script: passed, 8 lines\n"), "{printed}");
}

#[tokio::test]
async fn a_script_names_the_line_that_failed() {
    let script = Script::of("fails", "hello\n:timeout 0.1\n:expect-ack\n:quit\n");
    let program = script.play();
    let mut socket = program.connect().await;
    receive(&mut socket).await;
    let printed = program.ended(1).await;
    let verdict = printed.lines().last().unwrap();
    assert!(
        verdict.starts_with("script: line 3 failed: :expect-ack: waited 100ms for the ack of "),
        "{printed}"
    );
}

#[tokio::test]
async fn what_came_instead_is_told() {
    let script = Script::of(
        "instead",
        ":timeout 20\n:expect-links 1\n:wait 0\n:expect-message hello\n:timeout 0.2\n:expect-message goodbye\n",
    );
    let program = script.play();
    let _socket = program.connect().await;
    for text in ["hello", "farewell"] {
        program.call("chat.postMessage", &json!({"channel": CHANNEL, "text": text})).await;
    }
    let printed = program.ended(1).await;
    let verdict = printed.lines().last().unwrap();
    assert!(verdict.starts_with("script: line 6 failed: :expect-message goodbye: no message"), "{printed}");
    assert!(verdict.ends_with("what has come: farewell"), "{printed}");
}

#[tokio::test]
async fn a_journal_is_a_script() {
    let press = json!({"action_id": "approve", "channel": CHANNEL, "ts": "1.000001"});
    let journal = [
        json!({"kind": "start", "page": "http://127.0.0.1:1/"}),
        json!({"seq": 1, "at_ms": 5, "kind": "act", "name": "say", "params": {"text": "hello"}}),
        json!({"seq": 2, "at_ms": 6, "kind": "overdue", "envelope_id": "x"}),
        json!({"seq": 3, "at_ms": 7, "kind": "act", "name": "press", "params": press}),
    ];
    let lines: Vec<_> = journal.iter().map(ToString::to_string).collect();
    let script = Script::of("journal", &format!("{}\n:expect-ack\n", lines.join("\n")));
    let program = script.play();
    let mut socket = program.connect().await;
    assert_eq!(receive(&mut socket).await["payload"]["event"]["text"], "hello");
    let text = json!({"type": "plain_text", "text": "Approve"});
    let button = json!({"type": "button", "action_id": "approve", "text": text, "value": "42"});
    let blocks = json!([{"type": "actions", "elements": [button]}]);
    program.call("chat.postMessage", &json!({"channel": CHANNEL, "text": "Sure?", "blocks": blocks})).await;
    let click = loop {
        let envelope = receive(&mut socket).await;
        if envelope["type"] == "interactive" {
            break envelope;
        }
    };
    assert_eq!(click["payload"]["actions"][0]["value"], "42");
    ack(&mut socket, &click).await;
    program.ended(0).await;
}

#[tokio::test]
async fn a_wrong_line_fails_a_script() {
    for (name, line, words) in [
        ("unknown", ":dance", "unknown: :dance"),
        ("json", ":event {", "this is no JSON"),
        ("nothing", ":expect-ack", "no envelope was sent yet"),
        ("time", ":wait long", "no number of seconds"),
    ] {
        let script = Script::of(name, &format!("{line}\n"));
        let printed = script.play().ended(1).await;
        assert!(printed.contains(&format!("script: line 1 failed: {line}: ")), "{printed}");
        assert!(printed.contains(words), "{printed}");
    }
}

#[test]
fn a_script_that_cannot_be_read_is_one_sentence() {
    let output = Command::new(env!("CARGO_BIN_EXE_slack-simulator"))
        .args(["--script", "/nowhere/script"])
        .output()
        .unwrap();
    let words = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), words.lines().count()), (Some(2), 1), "{words}");
    assert!(words.contains("cannot read the script /nowhere/script"), "{words}");
}
