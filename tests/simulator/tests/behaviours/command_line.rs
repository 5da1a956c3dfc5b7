//! The program, with a bot beside it.

use super::client::{LONG, dial_at, post, receive, send};
use serde_json::json;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};

/// Ends the program if the test fails.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        // It has ended by itself if all went well.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn lines_become_envelopes_and_answers_are_printed() {
    let program = Command::new(env!("CARGO_BIN_EXE_slack-simulator"))
        .args(["--ping-interval", "0", "--rotation-grace", "0.01"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut program = Program(program);
    let mut input = program.0.stdin.take().unwrap();
    let mut output = BufReader::new(program.0.stdout.take().unwrap());
    let mut variable = |name: &str| {
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        line.trim_end().strip_prefix(name).unwrap().to_owned()
    };
    let api = variable("SLACK_API_URL=");
    let app_token = format!("Bearer {}", variable("SLACK_APP_TOKEN="));
    let bot_token = format!("Bearer {}", variable("SLACK_BOT_TOKEN="));

    let address = api.strip_prefix("http://").unwrap().strip_suffix("/api/").unwrap().parse().unwrap();
    let headers = [("authorization", app_token.as_str())];
    let opened = post(address, "/api/apps.connections.open", &headers, String::new()).await.unwrap().json();
    let mut socket = dial_at(address, opened["url"].as_str().unwrap()).await.unwrap();
    assert_eq!(receive(&mut socket).await["type"], "hello");

    input.write_all(b"hello there\n/weather in Oslo\n:press approve 42\n").unwrap();
    input.write_all(b":event {\"type\": \"link_shared\"}\n:event nonsense\n").unwrap();
    input.write_all(b":submit order {\"quantity\": {\"number\": {\"value\": \"3\"}}}\n").unwrap();
    let message = receive(&mut socket).await;
    assert_eq!(message["payload"]["event"]["text"], "hello there");
    let command = receive(&mut socket).await;
    assert_eq!(
        (&command["payload"]["command"], &command["payload"]["text"]),
        (&json!("/weather"), &json!("in Oslo"))
    );
    let press = receive(&mut socket).await;
    assert_eq!(press["payload"]["actions"][0]["value"], "42");
    let event = receive(&mut socket).await;
    assert_eq!(event["payload"]["event"]["type"], "link_shared");
    let submission = receive(&mut socket).await;
    assert_eq!(submission["payload"]["view"]["callback_id"], "order");
    assert_eq!(submission["payload"]["view"]["state"]["values"]["quantity"]["number"]["value"], "3");

    for (envelope, text) in
        [(message, None), (command, Some("rain")), (press, None), (event, None), (submission, None)]
    {
        let mut ack = json!({"envelope_id": envelope["envelope_id"]});
        if let Some(text) = text {
            ack["payload"] = json!({"text": text});
        }
        send(&mut socket, &ack).await;
    }
    let headers = [("authorization", bot_token.as_str()), ("content-type", "application/json")];
    let body = json!({"channel": "C1", "text": "hello to you"}).to_string();
    assert_eq!(post(address, "/api/chat.postMessage", &headers, body).await.unwrap().json()["ok"], true);
    input.write_all(b":rotate\n").unwrap();
    assert_eq!(receive(&mut socket).await["reason"], "warning");
    drop(input);

    let printed = tokio::task::spawn_blocking(move || {
        let mut printed = String::new();
        output.read_to_string(&mut printed).unwrap();
        printed
    });
    let printed = tokio::time::timeout(LONG, printed).await.unwrap().unwrap();
    assert!(printed.contains("this is no JSON: "), "{printed}");
    assert!(printed.contains("answer: rain\n") && printed.contains("bot: hello to you\n"), "{printed}");
    assert!(program.0.wait().unwrap().success());
}
