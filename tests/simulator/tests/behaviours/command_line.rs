//! The program, with a bot beside it.

use super::client::{dial_at, post, receive, send};
use super::program::Program;
use serde_json::json;
use std::io::Write;

#[tokio::test]
async fn lines_become_envelopes_and_answers_are_printed() {
    let mut program = Program::start(&["--ping-interval", "0", "--rotation-grace", "0.01"]);
    let mut input = program.input.take().unwrap();
    let address = program.address;
    let app_token = format!("Bearer {}", program.app_token);
    let bot_token = format!("Bearer {}", program.bot_token);
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

    let printed = program.finish().await;
    assert!(printed.contains("this is no JSON: "), "{printed}");
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
    let mut input = program.input.take().unwrap();
    input.write_all(b":ghosts 9\n:ghosts many\n").unwrap();
    drop(input);
    let printed = program.finish().await;
    assert!(printed.contains("slack: counts 9 connections, 9 of them ghosts\n"), "{printed}");
    assert!(printed.contains("\"many\" is no number of ghosts"), "{printed}");
}
