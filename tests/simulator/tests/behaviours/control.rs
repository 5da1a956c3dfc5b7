//! The control API, as a program in any language asks it.

use super::client::{Answer, LONG, ack, connect, post, receive, send, start};
use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use socketmode_simulator::{CHANNEL, PERSON, Simulator};
use tokio::net::TcpStream;

/// The body of the answer to a POST.
pub(crate) async fn ask(slack: &Simulator, path: &str, body: &Value) -> Value {
    let (status, answer) = refused(slack, path, body).await;
    assert_eq!((status, &answer["ok"]), (200, &json!(true)), "{path} {body}: {answer}");
    answer
}

/// The status and the body of the answer to a POST.
pub(crate) async fn refused(slack: &Simulator, path: &str, body: &Value) -> (u16, Value) {
    let headers = [("content-type", "application/json")];
    let answer =
        post(slack.address(), &format!("/_control/{path}"), &headers, body.to_string()).await.unwrap();
    (answer.status, answer.json())
}

pub(crate) async fn get(slack: &Simulator, path: &str) -> Answer {
    let tcp = TcpStream::connect(slack.address()).await.unwrap();
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(tcp)).await.unwrap();
    tokio::spawn(connection);
    let request = http::Request::get(format!("/_control/{path}")).header("host", slack.address().to_string());
    let response = sender.send_request(request.body(Empty::<Bytes>::new()).unwrap()).await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = response.into_body().collect().await.unwrap().to_bytes();
    Answer { status, headers, body: String::from_utf8(body.to_vec()).unwrap() }
}

#[tokio::test]
async fn a_message_is_said_and_its_ack_waited_for() {
    let slack = start();
    let mut socket = connect(&slack).await;
    let head = ask(&slack, "say", &json!({"text": "hello?"})).await["ts"].clone();
    receive(&mut socket).await;
    let said = ask(&slack, "say", &json!({"text": "hello", "thread_ts": head})).await;
    let envelope = receive(&mut socket).await;
    assert_eq!(envelope["envelope_id"], said["envelope_id"]);
    let event = &envelope["payload"]["event"];
    assert_eq!((&event["text"], &event["ts"]), (&json!("hello"), &said["ts"]));
    assert_eq!((&event["user"], &event["channel"]), (&json!(PERSON), &json!(CHANNEL)));
    assert_eq!(event["thread_ts"], head);
    ack(&mut socket, &envelope).await;
    let wait = json!({"for": "ack", "envelope_id": said["envelope_id"], "timeout_ms": 20_000});
    let waited = ask(&slack, "wait", &wait).await;
    assert_eq!(waited["acks"][0]["on_carrier"], true);
}

#[tokio::test]
async fn what_people_do_becomes_envelopes() {
    let slack = start();
    let mut socket = connect(&slack).await;
    ask(&slack, "mention", &json!({"text": "help", "user": "U0PERSON02"})).await;
    ask(&slack, "command", &json!({"command": "/deploy", "text": "api"})).await;
    ask(&slack, "event", &json!({"event": {"type": "team_join"}})).await;
    ask(&slack, "envelope", &json!({"type": "odd", "payload": {"a": 1}})).await;
    // A mention is a message, too.
    assert_eq!(receive(&mut socket).await["payload"]["event"]["type"], "message");
    let mention = receive(&mut socket).await;
    assert_eq!(mention["payload"]["event"]["type"], "app_mention");
    assert_eq!(receive(&mut socket).await["payload"]["command"], "/deploy");
    assert_eq!(receive(&mut socket).await["payload"]["event"]["type"], "team_join");
    assert_eq!(receive(&mut socket).await["type"], "odd");
    ask(&slack, "redeliver", &json!({"envelope_id": mention["envelope_id"]})).await;
    assert_eq!(receive(&mut socket).await["retry_attempt"], 1);
}

#[tokio::test]
async fn a_call_can_be_scripted_and_waited_for() {
    let slack = start();
    ask(&slack, "calls/chat.postMessage", &json!({"status": 503, "headers": {"x-a": "b"}, "body": "busy"}))
        .await;
    let body = json!({"channel": CHANNEL, "text": "hi"});
    let answer = super::client::call(&slack, "chat.postMessage", &slack.bot_token(), &body).await;
    assert_eq!((answer.status, answer.body.as_str()), (503, "busy"));
    assert_eq!(answer.headers["x-a"], "b");
    let waited = ask(&slack, "wait", &json!({"for": "call", "method": "chat.postMessage"})).await;
    assert_eq!(waited["call"]["body"]["text"], "hi");
    let again = json!({"for": "call", "method": "chat.postMessage", "timeout_ms": 1});
    let (status, answer) = refused(&slack, "wait", &again).await;
    assert_eq!((status, &answer["error"]), (409, &json!("timed_out")));
}

#[tokio::test]
async fn what_came_instead_is_told_in_a_few_words() {
    let slack = start();
    let long = "x".repeat(30_000);
    for method in ["first", &long].into_iter().chain(["next"; 30]).chain(["last", &long]) {
        super::client::call(&slack, method, &slack.bot_token(), &json!({})).await;
    }
    let wait = json!({"for": "call", "method": "none", "timeout_ms": 1});
    let message = refused(&slack, "wait", &wait).await.1["message"].as_str().unwrap().to_owned();
    assert!(message.len() < 500 && message.contains("14 others, then [\"next\""), "{message}");
    assert!(message.contains("\"last\"") && !message.contains("first"), "{message}");
    assert!(
        slack.wait_for_call("none", std::time::Duration::ZERO).await.unwrap_err().to_string().len() < 500
    );
    assert!(slack.wait_for_message(std::time::Duration::ZERO).await.unwrap_err().to_string().len() < 500);
}

#[tokio::test]
async fn answers_that_wait_are_bounded_in_their_bytes() {
    let slack = start();
    let long = "x".repeat(1_000_000);
    for (path, body) in [
        ("calls/auth.test", json!({"body": long, "times": 100})),
        ("opens", json!({"error": long, "times": 100})),
    ] {
        let (status, answer) = refused(&slack, path, &body).await;
        assert_eq!((status, &answer["error"]), (400, &json!("invalid_field")), "{path}");
    }
    ask(&slack, "calls/auth.test", &json!({"body": long, "times": 40})).await;
    // Together they are too many, whatever they answer.
    assert_eq!(refused(&slack, "opens", &json!({"error": long, "times": 40})).await.0, 400);
    ask(&slack, "opens", &json!({"error": long, "times": 20})).await;
}

#[tokio::test]
async fn so_many_methods_can_have_a_script_and_no_more() {
    let slack = start();
    for number in 0..256 {
        slack.perform(&format!("calls/method.{number}"), &json!({"body": {}})).unwrap();
        slack.perform(&format!("hold/method.{number}"), &json!({"held": true})).unwrap();
    }
    let code = |path: &str, body: Value| slack.perform(path, &body).map_err(|error| error.code());
    assert_eq!(code("calls/method.256", json!({"body": {}})), Err("invalid_field"));
    assert_eq!(code("hold/method.256", json!({"held": true})), Err("invalid_field"));
    // Those that have one can have more, up to a thousand.
    code("calls/method.1", json!({"body": {}, "times": 999})).unwrap();
    assert_eq!(code("calls/method.1", json!({"body": {}})), Err("invalid_field"));
    code("hold/method.1", json!({"held": true})).unwrap();
}

#[tokio::test]
async fn opens_fail_as_they_are_told() {
    let slack = start();
    ask(&slack, "opens", &json!({"error": "invalid_auth", "times": 1})).await;
    assert_eq!(super::client::open(&slack).await.json()["error"], "invalid_auth");
    assert_eq!(super::client::open(&slack).await.json()["ok"], true);
    ask(&slack, "opens", &json!({"status": 429, "retry_after": 30})).await;
    let state = get(&slack, "state").await.json();
    assert_eq!(state["faults"]["opens"], json!({"status": 429, "error": "ratelimited"}));
    let answer = super::client::open(&slack).await;
    assert_eq!((answer.status, &answer.headers["retry-after"]), (429, &"30".parse().unwrap()));
    ask(&slack, "opens", &json!({})).await;
    assert_eq!(super::client::open(&slack).await.json()["ok"], true);
}

#[tokio::test]
async fn links_take_orders_one_by_one_and_all_together() {
    let slack = start();
    let (mut first, mut second) = (connect(&slack).await, connect(&slack).await);
    ask(&slack, "wait", &json!({"for": "links", "count": 2})).await;
    ask(&slack, "links/1/warn", &json!({})).await;
    assert_eq!(receive(&mut first).await["reason"], "warning");
    let answer = ask(&slack, "links/all/refresh", &json!({})).await;
    assert_eq!(answer["links"], json!([1, 2]));
    assert_eq!(receive(&mut second).await["reason"], "refresh_requested");
    ask(&slack, "links/2/reset", &json!({})).await;
    ask(&slack, "wait", &json!({"for": "connections", "count": 1})).await;
    let (status, answer) = refused(&slack, "links/9/warn", &json!({})).await;
    assert_eq!((status, &answer["error"]), (404, &json!("not_found")));
    let (status, answer) = refused(&slack, "links/1/melt", &json!({})).await;
    assert!(status == 404 && answer["message"].as_str().unwrap().contains("thaw"), "{answer}");
}

#[tokio::test]
async fn the_state_tells_links_and_counters() {
    let slack = start();
    let _socket = connect(&slack).await;
    ask(&slack, "ghosts", &json!({"count": 2})).await;
    let state = get(&slack, "state").await.json();
    assert_eq!((&state["connections"], &state["ghosts"]), (&json!(3), &json!(2)));
    assert_eq!((&state["links"][0]["id"], &state["links"][0]["state"]), (&json!(1), &json!("open")));
    assert_eq!((&state["counters"]["hellos"], &state["team"]["id"]), (&json!(1), &json!("T0SIMULATE")));
    assert!(!state.to_string().contains(&slack.bot_token()), "{state}");
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_said() {
    let slack = start();
    for (path, body, status, error, word) in [
        ("say", json!({"text": 1}), 400, "invalid_field", "text"),
        ("say", json!({}), 400, "invalid_field", "`text`"),
        ("say", json!({"text": "a", "chanel": "C1"}), 400, "invalid_field", "`chanel`"),
        ("say", json!({"text": "a", "channel": "C1"}), 404, "not_found", "C1"),
        ("say", json!({"text": "a", "user": "U1"}), 404, "not_found", "U1"),
        ("press", json!({"action_id": "x"}), 404, "not_found", "element"),
        ("submit", json!({"callback_id": "x"}), 404, "not_found", "view"),
        ("say", json!(["text"]), 400, "invalid_json", "object"),
        ("command", json!({"command": "deploy"}), 400, "invalid_field", "command"),
        ("opens", json!({"status": 7}), 400, "invalid_field", "status"),
        ("ghosts", json!({"count": -1}), 400, "invalid_field", "count"),
        ("ghosts", json!({"count": 1e9}), 400, "invalid_field", "count"),
        ("lifetime", json!({"seconds": "x"}), 400, "invalid_field", "seconds"),
        ("lifetime", json!({}), 400, "invalid_field", "seconds"),
        ("envelope", json!({"type": "x".repeat(101), "payload": 1}), 400, "invalid_field", "type"),
        ("calls/a%20b", json!({"body": {}}), 404, "not_found", "method"),
        ("calls/a", json!({"body": "", "headers": {"a b": 1}}), 400, "invalid_field", "headers.a b"),
        (
            "calls/a",
            json!({"body": "", "headers": {"Content-Length": 5}}),
            400,
            "invalid_field",
            "leave it out",
        ),
        ("wait", json!({"for": "rain"}), 400, "invalid_field", "for"),
        (
            "wait",
            json!({"for": "links", "count": 0, "timeout_ms": 60_001}),
            400,
            "invalid_field",
            "timeout_ms",
        ),
        ("wait", json!({"for": "ack"}), 400, "invalid_field", "envelope_id"),
        ("wait", json!({"for": "ack", "envelope_id": "x"}), 404, "not_found", "envelope"),
        ("redeliver", json!({"envelope_id": "x"}), 404, "not_found", "envelope"),
        ("nothing", json!({}), 404, "not_found", "openapi"),
        ("state", json!({}), 405, "method_not_allowed", "GET"),
        ("say?x=1", json!({"text": ""}), 200, "", ""),
    ] {
        let (got, answer) = refused(&slack, path, &body).await;
        assert_eq!((got, answer["error"].as_str().unwrap_or_default()), (status, error), "{path} {body}");
        assert!(answer["message"].as_str().unwrap_or_default().contains(word), "{path} {body}: {answer}");
    }
    let no_json = post(slack.address(), "/_control/say", &[("content-type", "application/json")], "{".into());
    assert_eq!(no_json.await.unwrap().json()["error"], "invalid_json");
    let form = post(slack.address(), "/_control/say", &[], "text=a".into()).await.unwrap();
    assert_eq!((form.status, &form.json()["error"]), (415, &json!("unsupported_media_type")));
    let wrong = get(&slack, "say").await;
    assert_eq!((wrong.status, wrong.headers["allow"].to_str().unwrap()), (405, "POST"));
    assert_eq!(get(&slack, "journal?limit=many").await.status, 400);
    assert_eq!(get(&slack, "journal?sinse=1").await.status, 400);
}

#[tokio::test]
async fn a_page_of_another_origin_cannot_control_it() {
    let slack = start();
    let headers = [("content-type", "application/json"), ("origin", "http://page.test")];
    let answer = post(slack.address(), "/_control/say", &headers, "{\"text\":\"a\"}".into()).await.unwrap();
    assert_eq!((answer.status, slack.counters().envelopes), (403, 0));
}

#[tokio::test]
async fn messages_and_views_of_the_bot_are_shown() {
    let slack = start();
    let token = slack.bot_token();
    let body = json!({"channel": CHANNEL, "text": "hi", "thread_ts": "1.2"});
    super::client::call(&slack, "chat.postMessage", &token, &body).await;
    let waited = ask(&slack, "wait", &json!({"for": "message"})).await;
    assert_eq!((&waited["message"]["text"], &waited["message"]["bot"]), (&json!("hi"), &json!(true)));
    let shown = |messages: Value| messages["messages"].as_array().unwrap().len();
    assert_eq!(shown(get(&slack, &format!("messages?channel={CHANNEL}")).await.json()), 1);
    assert_eq!(shown(get(&slack, &format!("messages?channel={CHANNEL}&thread_ts=1.2")).await.json()), 1);
    assert_eq!(shown(get(&slack, &format!("messages?channel={CHANNEL}&thread_ts=1.3")).await.json()), 0);
    assert_eq!(get(&slack, "views").await.json()["views"], json!([]));
}

#[tokio::test]
async fn a_held_answer_comes_when_it_is_let_go() {
    let slack = start();
    ask(&slack, "hold/auth.test", &json!({"held": true})).await;
    let (slack, token) = (&slack, slack.bot_token());
    let body = json!({});
    let held = super::client::call(slack, "auth.test", &token, &body);
    let release = async {
        ask(slack, "wait", &json!({"for": "call", "method": "auth.test", "timeout_ms": 20_000})).await;
        ask(slack, "hold/auth.test", &json!({"held": false})).await;
    };
    let (answer, ()) = tokio::join!(held, release);
    assert_eq!(answer.json()["ok"], true);
}

#[tokio::test]
async fn an_envelope_that_nobody_acknowledges_is_told_as_lost() {
    let options = socketmode_simulator::Options {
        ack_deadline: std::time::Duration::from_millis(20),
        ..socketmode_simulator::Options::default()
    };
    let slack = Simulator::start(options).unwrap();
    let mut socket = connect(&slack).await;
    let _ = slack.button_before("vote", "1");
    let click = ask(&slack, "press", &json!({"action_id": "vote"})).await;
    receive(&mut socket).await;
    let wait = json!({"for": "lost", "envelope_id": click["envelope_id"], "timeout_ms": 20_000});
    assert_eq!(ask(&slack, "wait", &wait).await["why"], "not_acknowledged");
    let failed = get(&slack, "journal?kind=failed").await.json()["entries"][0].clone();
    let told = (&failed["what"], &failed["error"], &failed["user"]);
    assert_eq!(told, (&json!("click"), &json!("operation_timeout"), &json!(PERSON)));
    // Too late is told as well.
    send(&mut socket, &json!({"envelope_id": click["envelope_id"]})).await;
    slack.wait_until(LONG, |now| now.counters.late_acks == 1).await.unwrap();
    let late = get(&slack, "journal?kind=late_ack").await.json();
    assert_eq!(late["entries"][0]["envelope_id"], click["envelope_id"]);
}

#[tokio::test]
async fn people_change_delete_and_react_to_messages() {
    let slack = start();
    let mut socket = connect(&slack).await;
    let said = ask(&slack, "say", &json!({"text": "helo"})).await;
    receive(&mut socket).await;
    let of_it = |mut body: Value| {
        body["channel"] = json!(CHANNEL);
        body["ts"] = said["ts"].clone();
        body
    };
    ask(&slack, "edit", &of_it(json!({"text": "hello"}))).await;
    assert_eq!(receive(&mut socket).await["payload"]["event"]["message"]["text"], "hello");
    ask(&slack, "react", &of_it(json!({"name": "wave"}))).await;
    assert_eq!(receive(&mut socket).await["payload"]["event"]["type"], "reaction_added");
    let shown = get(&slack, "messages").await.json()["messages"][0].clone();
    assert_eq!(shown["reactions"], json!([{"name": "wave", "users": [PERSON]}]));
    assert!(shown["edited"].is_string() && shown["bot"] == false, "{shown}");
    let again = refused(&slack, "react", &of_it(json!({"name": "wave"}))).await;
    assert_eq!((again.0, &again.1["error"]), (400, &json!("invalid_field")));
    ask(&slack, "react", &of_it(json!({"name": "wave", "remove": true}))).await;
    assert_eq!(receive(&mut socket).await["payload"]["event"]["type"], "reaction_removed");
    ask(&slack, "delete", &of_it(json!({}))).await;
    assert_eq!(receive(&mut socket).await["payload"]["event"]["subtype"], "message_deleted");
    let gone = refused(&slack, "delete", &of_it(json!({}))).await;
    assert_eq!((gone.0, &gone.1["error"]), (404, &json!("not_found")));
    let entries = get(&slack, "journal").await.json()["entries"].clone();
    let told = entries.as_array().unwrap().iter().filter_map(|entry| entry["kind"].as_str());
    let mut told: Vec<_> = told.filter(|kind| kind.starts_with("message")).collect();
    told.dedup();
    assert_eq!(told, ["message", "message_changed", "message_deleted"], "{entries:#}");
}

#[tokio::test]
async fn a_form_is_opened_refused_submitted_and_closed() {
    let slack = start();
    let mut socket = connect(&slack).await;
    let mut opened = Vec::new();
    for _ in 0..2 {
        ask(&slack, "shortcut", &json!({"callback_id": "new_ticket"})).await;
        let envelope = receive(&mut socket).await;
        let text = |text: &str| json!({"type": "plain_text", "text": text});
        let element = json!({"type": "plain_text_input", "action_id": "number"});
        let blocks =
            json!([{"type": "input", "block_id": "quantity", "label": text("How many"), "element": element}]);
        let view = json!({
            "type": "modal", "callback_id": "order", "title": text("Order"), "submit": text("Send"), "blocks": blocks,
            "notify_on_close": true,
        });
        let body = json!({"trigger_id": envelope["payload"]["trigger_id"], "view": view});
        let answer = super::client::call(&slack, "views.open", &slack.bot_token(), &body).await.json();
        assert_eq!(answer["ok"], true, "{answer}");
        opened.push(answer["view"]["id"].clone());
    }
    let filled = json!({"callback_id": "order", "values": {"quantity": {"number": "3"}}});
    ask(&slack, "submit", &filled).await;
    let envelope = receive(&mut socket).await;
    let errors = json!({"quantity": "too many"});
    let payload = json!({"response_action": "errors", "errors": errors});
    send(&mut socket, &json!({"envelope_id": envelope["envelope_id"], "payload": payload})).await;
    slack.wait_until(LONG, |now| now.counters.acks == 1).await.unwrap();
    let told = get(&slack, "journal?kind=view_errors").await.json()["entries"][0].clone();
    assert_eq!((&told["view_id"], &told["errors"]), (&opened[1], &errors));
    let views = get(&slack, "views").await.json()["views"].clone();
    assert_eq!((&views[1]["id"], &views[1]["user"]), (&opened[1], &json!(PERSON)));
    ask(&slack, "close_view", &json!({"view_id": opened[1]})).await;
    assert_eq!(receive(&mut socket).await["payload"]["type"], "view_closed");
    let told = get(&slack, "journal?kind=view_closed").await.json()["entries"][0].clone();
    assert_eq!(told["view_id"], opened[1]);
    ask(&slack, "home", &json!({})).await;
    assert_eq!(receive(&mut socket).await["payload"]["event"]["type"], "app_home_opened");
}

#[tokio::test]
async fn without_a_link_a_command_fails_at_once() {
    let slack = start();
    let sent = ask(&slack, "command", &json!({"command": "/deploy"})).await;
    let wait = json!({"for": "lost", "envelope_id": sent["envelope_id"]});
    assert_eq!(ask(&slack, "wait", &wait).await["why"], "no_link");
    let failed = get(&slack, "journal?kind=failed").await.json()["entries"][0].clone();
    assert_eq!((&failed["what"], &failed["error"]), (&json!("command"), &json!("dispatch_failed")));
}
