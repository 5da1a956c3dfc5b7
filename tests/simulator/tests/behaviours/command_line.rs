//! The program, with a bot beside it.

use super::client::{ack, receive, send};
use super::program::Program;
use serde_json::{Value, json};
use socketmode_simulator::CHANNEL;
use std::process::{Command, Stdio};

#[tokio::test]
async fn lines_become_envelopes_and_answers_are_printed() {
    let mut program = Program::start(&["--ping-interval", "0", "--rotation-grace", "0.01"]);
    let mut socket = program.connect().await;
    program.type_in("hello there");
    program.type_in("/weather in Oslo");
    let message = receive(&mut socket).await;
    assert_eq!(message["payload"]["event"]["text"], "hello there");
    let command = receive(&mut socket).await;
    assert_eq!(
        (&command["payload"]["command"], &command["payload"]["text"]),
        (&json!("/weather"), &json!("in Oslo"))
    );
    let text = |text: &str| json!({"type": "plain_text", "text": text});
    let button = json!({"type": "button", "action_id": "approve", "text": text("Approve"), "value": "42"});
    let blocks = json!([{"type": "actions", "elements": [button]}]);
    let body = json!({"channel": CHANNEL, "text": "hello to you", "blocks": blocks});
    assert_eq!(program.call("chat.postMessage", &body).await["ok"], true);
    let heard = receive(&mut socket).await;
    assert_eq!(heard["payload"]["event"]["text"], "hello to you");
    let input = json!({
        "type": "input", "block_id": "quantity", "label": text("How many?"),
        "element": {"type": "plain_text_input", "action_id": "number"},
    });
    let view = json!({
        "type": "modal", "callback_id": "order", "title": text("Order"), "submit": text("Send"), "blocks": [input],
    });
    let body = json!({"trigger_id": command["payload"]["trigger_id"], "view": view});
    assert_eq!(program.call("views.open", &body).await["ok"], true);

    for line in [
        ":press approve",
        ":press reject",
        ":event {\"type\": \"link_shared\"}",
        ":event nonsense",
        ":submit order {\"quantity\": {\"number\": {\"value\": \"3\"}}}",
    ] {
        program.type_in(line);
    }
    let press = receive(&mut socket).await;
    assert_eq!(press["payload"]["actions"][0]["value"], "42");
    let event = receive(&mut socket).await;
    assert_eq!(event["payload"]["event"]["type"], "link_shared");
    let submission = receive(&mut socket).await;
    assert_eq!(submission["payload"]["view"]["callback_id"], "order");
    assert_eq!(submission["payload"]["view"]["state"]["values"]["quantity"]["number"]["value"], "3");

    for (envelope, text) in [
        (message, None),
        (command, Some("rain")),
        (heard, None),
        (press, None),
        (event, None),
        (submission, None),
    ] {
        let mut ack = json!({"envelope_id": envelope["envelope_id"]});
        if let Some(text) = text {
            ack["payload"] = json!({"text": text});
        }
        send(&mut socket, &ack).await;
    }
    program.type_in(":rotate");
    assert_eq!(receive(&mut socket).await["reason"], "warning");

    let printed = program.finish().await;
    assert!(printed.contains("this is no JSON: "), "{printed}");
    assert!(printed.contains("no element with the action_id \"reject\""), "{printed}");
    assert!(printed.contains("answer: rain\n") && printed.contains("bot: hello to you\n"), "{printed}");
}

#[tokio::test]
async fn a_bot_that_runs_on_can_use_given_tokens_and_port() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let port = free.port().to_string();
    let given = ["--port", &port, "--app-token", "xapp-1-A1-mine", "--bot-token", "xoxb-mine"];
    for _ in 0..2 {
        let program = Program::start(&given);
        assert_eq!(program.address, free);
        assert_eq!((&*program.app_token, &*program.bot_token), ("xapp-1-A1-mine", "xoxb-mine"));
        program.finish().await;
    }
    let program = Program::start(&[]);
    assert!(program.app_token.starts_with("xapp-1-A") && program.bot_token.starts_with("xoxb-"));
}

#[tokio::test]
async fn ghosts_come_and_go_by_a_line() {
    let mut program = Program::start(&["--ghosts", "2"]);
    program.type_in(":ghosts 9");
    program.type_in(":ghosts many");
    let printed = program.finish().await;
    assert!(printed.contains("slack: counts 9 connections, 9 of them ghosts\n"), "{printed}");
    assert!(printed.contains("\"many\" is no number of ghosts"), "{printed}");
}

#[tokio::test]
async fn the_end_of_input_does_not_end_it() {
    let mut program = Program::start(&[]);
    program.end_input();
    let mut socket = program.connect().await;
    assert!(program.until("link applink-1: open\n").await.contains("page: http://127.0.0.1:"));
    socket.close(None).await.unwrap();
    drop(socket);
    program.until("link applink-1: closed (closed by the client)\n").await;
}

#[cfg(unix)]
#[tokio::test]
async fn signals_end_it() {
    for signal in ["-INT", "-TERM"] {
        let mut program = Program::start(&[]);
        // Once it prints, it listens to signals.
        let _socket = program.connect().await;
        program.until("open\n").await;
        let id = program.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
        program.ended(0).await;
    }
}

#[tokio::test]
async fn acks_are_printed_with_their_time_and_answer() {
    let mut program = Program::start(&[]);
    let mut socket = program.connect().await;
    let button =
        json!({"type": "button", "action_id": "approve", "text": {"type": "plain_text", "text": "Yes"}});
    let blocks = json!([{"type": "actions", "elements": [button]}]);
    for (line, payload) in [
        ("/deploy api", json!({"text": "Sure?", "blocks": blocks})),
        ("/nothing", json!({})),
        ("hello", Value::Null),
    ] {
        program.type_in(line);
        let envelope = receive(&mut socket).await;
        let mut answer = json!({"envelope_id": envelope["envelope_id"]});
        if !payload.is_null() {
            answer["payload"] = payload;
        }
        send(&mut socket, &answer).await;
    }
    let printed = program.finish().await;
    let lines: Vec<_> = printed.lines().filter(|line| !line.starts_with("link ")).collect();
    let is_ack =
        |line: &str, about: &str| line.starts_with("ack ") && line.ends_with(&format!(" ms: {about}"));
    let position =
        lines.iter().position(|line| is_ack(line, "/deploy api")).unwrap_or_else(|| panic!("{printed}"));
    assert_eq!(&lines[position + 1..position + 3], ["answer: Sure?", "  elements: approve"]);
    // An SDK's empty payload is no answer.
    assert!(
        is_ack(lines[position + 3], "/nothing") && is_ack(lines[position + 4], "message \"hello\""),
        "{printed}"
    );
}

#[tokio::test]
async fn what_goes_wrong_with_links_is_printed() {
    let mut program = Program::start(&[]);
    program.type_in(":refuse invalid_auth");
    program.type_in(":links");
    program.until("slack: counts 0 connections").await;
    let token = format!("Bearer {}", program.app_token);
    let headers = [("authorization", token.as_str())];
    let open = super::client::post(program.address, "/api/apps.connections.open", &headers, String::new());
    assert_eq!(open.await.unwrap().json()["error"], "invalid_auth");
    program.until("slack: an open failed: invalid_auth\n").await;
    program.type_in(":refuse off");
    program.type_in(":links");
    program.until("slack: counts 0 connections").await;
    let mut socket = program.connect().await;
    program.type_in("hello");
    let envelope = receive(&mut socket).await;
    ack(&mut socket, &envelope).await;
    program.until("ack ").await;
    program.type_in(":redeliver");
    assert_eq!(receive(&mut socket).await["retry_attempt"], 1);
    program.until("redelivery 1: message \"hello\"\n").await;
    program.type_in(":cut");
    program.until("link applink-1: closed (TCP ended without a close frame)\n").await;
}

#[tokio::test]
async fn what_nobody_receives_is_printed_as_lost() {
    let mut program = Program::start(&["--ghosts", "1"]);
    program.type_in("/deploy api");
    program.until("ghost: took /deploy api\n").await;
    program.type_in(":ghosts 0");
    program.type_in("/deploy web");
    let printed = program.until("lost: /deploy web: there is no link\n").await;
    assert!(printed.contains("U0PERSON01 sees: command failed with dispatch_failed\n"), "{printed}");
    program.until("overdue: /deploy api was not acknowledged in time\n").await;
    program.until("lost: /deploy api: a dead connection took it\n").await;
}

#[tokio::test]
async fn another_person_writes_in_another_channel() {
    let mut program = Program::start(&[]);
    let mut socket = program.connect().await;
    for line in [":as kim", ":in #random", "first", "/deploy"] {
        program.type_in(line);
    }
    let event = receive(&mut socket).await["payload"]["event"].clone();
    assert_eq!((&event["user"], &event["channel"]), (&json!("U0PERSON02"), &json!("C0RANDOM01")));
    let command = receive(&mut socket).await["payload"].clone();
    assert_eq!((&command["user_id"], &command["channel_id"]), (&json!("U0PERSON02"), &json!("C0RANDOM01")));
    program.type_in(&format!(":thread {}", event["ts"].as_str().unwrap()));
    program.type_in("second");
    assert_eq!(receive(&mut socket).await["payload"]["event"]["thread_ts"], event["ts"]);
    program.type_in(":thread");
    for line in [":edit changed", ":react wave", ":delete", ":in @kim", "hello"] {
        program.type_in(line);
    }
    let next = ["message_changed", "reaction_added", "message_deleted", "hello"];
    for expected in next {
        let event = receive(&mut socket).await["payload"]["event"].clone();
        let names = [&event["subtype"], &event["type"], &event["text"]];
        assert!(names.contains(&&json!(expected)), "{expected}: {event}");
    }
    program.type_in(":as nobody");
    program.until("there is no user \"nobody\"").await;
}

#[tokio::test]
async fn programs_get_the_journal_as_json_lines() {
    let program = Command::new(env!("CARGO_BIN_EXE_slack-simulator"))
        .arg("--json")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let output = tokio::task::spawn_blocking(move || {
        use std::io::Write;
        let mut input = program.stdin.as_ref().unwrap();
        input.write_all("hello \u{9b}\u{202e}\n:nonsense\n:ghosts 1\n:quit\n".as_bytes()).unwrap();
        program.wait_with_output().unwrap()
    });
    let output = tokio::time::timeout(super::client::LONG, output).await.unwrap().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(!printed.contains(['\u{9b}', '\u{202e}']), "{printed:?}");
    let entries: Vec<Value> = printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(entries[0]["SLACK_API_URL"].as_str().unwrap().starts_with("http://127.0.0.1:"), "{printed}");
    let said = entries.iter().find(|entry| entry["name"] == "say").unwrap();
    assert_eq!(said["params"]["text"], "hello \u{9b}\u{202e}");
    assert!(String::from_utf8(output.stderr).unwrap().contains("unknown: :nonsense"));
}

#[test]
fn a_port_in_use_is_one_plain_sentence() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let port = port.to_string();
    let output =
        Command::new(env!("CARGO_BIN_EXE_slack-simulator")).args(["--port", &port]).output().unwrap();
    let words = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{words}");
    assert_eq!(words.lines().count(), 1, "{words}");
    assert!(words.starts_with(&format!("slack-simulator: port {port} is in use")), "{words}");
}

#[tokio::test]
async fn a_line_that_is_too_long_is_left_out() {
    let mut program = Program::start(&[]);
    program.type_in(&"x".repeat(1 << 20));
    program.type_in(&"y".repeat((1 << 20) + 1));
    program.type_in(&"z".repeat(3 << 20));
    program.type_in("/short");
    let printed = program.finish().await;
    assert_eq!(printed.matches("a line has 1048576 bytes at most\n").count(), 2, "{printed}");
    assert!(printed.contains("lost: /short"), "{printed}");
    // What is typed is not printed; the envelopes are.
    assert!(!printed.contains("yyy") && !printed.contains("zzz"), "{printed}");
}
