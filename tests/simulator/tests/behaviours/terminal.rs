//! What a bot posts must not command the terminal of whom it is printed to.

use super::client::{dial_at, post, receive, send};
use super::program::Program;
use serde_json::json;
use socketmode_simulator::CHANNEL;
use std::io::Write;

/// Escape sequences of one byte and of two, a carriage return, a line of its own, bidi controls, a line separator, an
/// invisible letter.
const HOSTILE: &str =
    "\u{1b}]0;owned\u{7}\u{9b}2J\rover\nbot: forged\u{202e}\u{2066}\u{200f}\u{2028}\u{200b}\u{e0041}\u{7f}";
const VISIBLE: &str = "\\u{1b}]0;owned\\u{7}\\u{9b}2J\\rover\\nbot: forged\
    \\u{202e}\\u{2066}\\u{200f}\\u{2028}\\u{200b}\\u{e0041}\\u{7f}";

#[tokio::test]
async fn what_a_bot_sends_is_printed_visibly() {
    let mut program = Program::start(&["--ping-interval", "0"]);
    let address = program.address;
    let app_token = format!("Bearer {}", program.app_token);
    let bot_token = format!("Bearer {}", program.bot_token);
    let headers = [("authorization", app_token.as_str())];
    let opened = post(address, "/api/apps.connections.open", &headers, String::new()).await.unwrap().json();
    let mut socket = dial_at(address, opened["url"].as_str().unwrap()).await.unwrap();
    assert_eq!(receive(&mut socket).await["type"], "hello");

    let input = program.input.as_mut().unwrap();
    input.write_all(b"/one\n/two\n:\x1bunknown\n").unwrap();
    for payload in [json!({"text": HOSTILE}), json!({"blocks": HOSTILE})] {
        let command = receive(&mut socket).await;
        send(&mut socket, &json!({"envelope_id": command["envelope_id"], "payload": payload})).await;
    }
    let headers = [("authorization", bot_token.as_str()), ("content-type", "application/json")];
    for body in [
        json!({"channel": CHANNEL, "text": HOSTILE}),
        json!({"channel": CHANNEL, "text": HOSTILE, "blocks": [{"type": "markdown", "text": HOSTILE}]}),
        json!({"channel": CHANNEL, "text": "Grüße 👋 \\ \"quoted\""}),
    ] {
        let answer = post(address, "/api/chat.postMessage", &headers, body.to_string()).await.unwrap();
        assert_eq!(answer.json()["ok"], true);
    }
    drop(socket);

    let printed = program.finish().await;
    for line in ["answer: ", "bot: "].map(|start| format!("{start}{VISIBLE}\n")) {
        assert!(printed.contains(&line), "{printed:?} has no {line:?}");
    }
    let invisible = |c: char| c != '\n' && HOSTILE.contains(c) && !c.is_ascii_graphic() && c != ' ';
    assert!(!printed.contains(invisible), "{printed:?}");
    assert!(!printed.lines().any(|line| line.starts_with("bot: forged")), "{printed}");
    assert!(printed.contains("bot: Grüße 👋 \\ \"quoted\"\n"), "{printed}");
    assert!(printed.contains("unknown: :\\u{1b}unknown;"), "{printed}");
}
