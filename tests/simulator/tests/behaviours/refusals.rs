//! What Slack refuses, with the codes that it documents.

use super::client::{call, connect, post, start, trigger};
use serde_json::{Value, json};
use socketmode_simulator::{CHANNEL, PERSON, Simulator};

async fn ask(slack: &Simulator, method: &str, body: &Value) -> Value {
    call(slack, method, &slack.bot_token(), body).await.json()
}

async fn posted(slack: &Simulator) -> String {
    let answer = ask(slack, "chat.postMessage", &json!({"channel": CHANNEL, "text": "hi"})).await;
    answer["ts"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn messages_that_slack_refuses_are_refused() {
    let slack = start();
    let section = |text: &str| json!({"type": "section", "text": {"type": "mrkdwn", "text": text}});
    for (mut body, wanted) in [
        (json!({"text": ""}), "no_text"),
        (json!({"blocks": []}), "no_text"),
        (json!({"channel": "C1", "text": "hi"}), "channel_not_found"),
        (json!({"channel": "#nowhere", "text": "hi"}), "channel_not_found"),
        (json!({"blocks": "none"}), "invalid_blocks_format"),
        (json!({"blocks": [{"type": "hologram"}]}), "invalid_blocks"),
        (json!({"blocks": [section(&"x".repeat(3_001))]}), "invalid_blocks"),
        (json!({"blocks": vec![section("x"); 51]}), "invalid_blocks"),
        (json!({"markdown_text": "x".repeat(12_001)}), "msg_too_long"),
        (json!({"markdown_text": "x", "text": "x"}), "markdown_text_conflict"),
        (json!({"text": "x", "attachments": vec![json!({}); 101]}), "too_many_attachments"),
        (json!({"text": "x", "metadata": {"event_type": "x"}}), "invalid_metadata_format"),
    ] {
        if body.get("channel").is_none() {
            body["channel"] = json!(CHANNEL);
        }
        let answer = ask(&slack, "chat.postMessage", &body).await;
        assert_eq!(answer["error"], wanted, "{body}");
    }
    assert!(slack.messages().is_empty());
}

#[tokio::test]
async fn what_is_wrong_with_blocks_is_said_with_its_place() {
    let slack = start();
    let button = json!({"type": "button", "text": {"type": "plain_text", "text": "x".repeat(76)}});
    let blocks = json!([
        {"type": "section"},
        {"type": "actions", "elements": [button]},
        {"type": "header", "text": {"type": "plain_text", "text": ""}},
        {"type": "actions", "elements": []},
    ]);
    let answer = ask(&slack, "chat.postMessage", &json!({"channel": CHANNEL, "blocks": blocks})).await;
    let wanted = [
        "[ERROR] missing required field: text or fields [json-pointer:/blocks/0]",
        "[ERROR] must be less than 76 characters [json-pointer:/blocks/1/elements/0/text/text]",
        "[ERROR] must be more than 0 characters [json-pointer:/blocks/2/text/text]",
        "[ERROR] must have at least 1 element [json-pointer:/blocks/3/elements]",
    ];
    assert_eq!(answer["response_metadata"]["messages"], json!(wanted));
}

#[tokio::test]
async fn a_text_that_is_too_long_is_cut_off() {
    let slack = start();
    let body = json!({"channel": CHANNEL, "text": "ä".repeat(40_001)});
    assert_eq!(ask(&slack, "chat.postMessage", &body).await["ok"], true);
    assert_eq!(slack.messages()[0].text.chars().count(), 40_000);
}

#[tokio::test]
async fn only_its_own_messages_can_a_bot_change() {
    let slack = start();
    let said = slack.say_in(PERSON, CHANNEL, None, "mine").unwrap().ts;
    let own = posted(&slack).await;
    for (method, ts, wanted) in [
        ("chat.update", "1.2", "message_not_found"),
        ("chat.update", &said, "cant_update_message"),
        ("chat.delete", "1.2", "message_not_found"),
        ("chat.delete", &said, "cant_delete_message"),
    ] {
        let answer = ask(&slack, method, &json!({"channel": CHANNEL, "ts": ts, "text": "x"})).await;
        assert_eq!(answer["error"], wanted, "{method}");
    }
    let psst = json!({"channel": CHANNEL, "user": PERSON, "text": "psst"});
    let ephemeral = ask(&slack, "chat.postEphemeral", &psst).await["message_ts"].clone();
    for method in ["chat.update", "chat.delete"] {
        let answer = ask(&slack, method, &json!({"channel": CHANNEL, "ts": ephemeral, "text": "x"})).await;
        assert_eq!(answer["error"], "message_not_found", "{method}");
    }
    let long = json!({"channel": CHANNEL, "ts": own, "text": "x".repeat(4_001)});
    assert_eq!(ask(&slack, "chat.update", &long).await["error"], "msg_too_long");
    assert_eq!(ask(&slack, "chat.delete", &json!({"channel": CHANNEL, "ts": own})).await["ok"], true);
    assert_eq!(slack.messages().len(), 1);
}

#[tokio::test]
async fn only_its_own_messages_and_views_can_an_app_change() {
    let slack = start();
    let other = slack.add_app().unwrap();
    let divider = json!([{"type": "divider"}]);
    let title = json!({"type": "plain_text", "text": "Form"});
    let form = json!({"type": "modal", "title": title, "blocks": divider, "external_id": "mine"});
    let (ts, view) = (posted(&slack).await, slack.opened_before(&form));
    for (method, body, wanted) in [
        ("conversations.join", json!({"channel": CHANNEL}), Value::Null),
        (
            "chat.update",
            json!({"channel": CHANNEL, "ts": ts, "text": "theirs"}),
            json!("cant_update_message"),
        ),
        ("chat.delete", json!({"channel": CHANNEL, "ts": ts}), json!("cant_delete_message")),
        (
            "chat.appendStream",
            json!({"channel": CHANNEL, "ts": ts, "markdown_text": "x"}),
            json!("message_not_owned_by_app"),
        ),
        ("views.update", json!({"view_id": view, "view": form}), json!("not_found")),
        ("views.update", json!({"external_id": "mine", "view": form}), json!("not_found")),
    ] {
        let answer = call(&slack, method, &other.bot_token, &body).await.json();
        assert_eq!(answer["error"], wanted, "{method}");
    }
    assert_eq!(slack.messages()[0].text, "hi");
}

#[tokio::test]
async fn a_reaction_is_there_once() {
    let slack = start();
    let ts = posted(&slack).await;
    let thumbs = json!({"channel": CHANNEL, "timestamp": ts, "name": "thumbsup"});
    for (method, body, wanted) in [
        ("reactions.add", thumbs.clone(), Value::Null),
        ("reactions.add", thumbs.clone(), json!("already_reacted")),
        ("reactions.remove", thumbs.clone(), Value::Null),
        ("reactions.remove", thumbs.clone(), json!("no_reaction")),
        (
            "reactions.add",
            json!({"channel": CHANNEL, "timestamp": "1.2", "name": "eyes"}),
            json!("message_not_found"),
        ),
        (
            "reactions.add",
            json!({"channel": "C1", "timestamp": ts, "name": "eyes"}),
            json!("channel_not_found"),
        ),
        (
            "reactions.add",
            json!({"channel": CHANNEL, "timestamp": ts, "name": "No Way"}),
            json!("invalid_name"),
        ),
        ("reactions.add", json!({"channel": CHANNEL, "timestamp": ts, "name": "::"}), json!("invalid_name")),
        (
            "reactions.add",
            json!({"channel": CHANNEL, "timestamp": ts, "name": "x".repeat(101)}),
            json!("invalid_name"),
        ),
        ("reactions.add", json!({"name": "eyes"}), json!("no_item_specified")),
    ] {
        assert_eq!(ask(&slack, method, &body).await["error"], wanted, "{method} {body}");
    }
    for n in 0..24 {
        let body = json!({"channel": CHANNEL, "timestamp": ts, "name": format!("emoji{n}")});
        let wanted = if n < 23 { Value::Null } else { json!("too_many_reactions") };
        assert_eq!(ask(&slack, "reactions.add", &body).await["error"], wanted);
    }
}

#[tokio::test]
async fn views_that_slack_refuses_are_refused() {
    let slack = start();
    let mut socket = connect(&slack).await;
    let text = |text: &str| json!({"type": "plain_text", "text": text});
    let divider = json!([{"type": "divider"}]);
    let input = json!([{
        "type": "input", "label": text("x"), "element": {"type": "plain_text_input", "action_id": "a"},
    }]);
    for (view, wanted) in [
        (json!({"type": "modal", "title": text(&"x".repeat(25)), "blocks": divider}), "/view/title/text"),
        (json!({"type": "modal", "blocks": divider}), "missing required field: title"),
        (json!({"type": "modal", "title": text("x")}), "missing required field: blocks"),
        (json!({"type": "modal", "title": text("x"), "blocks": input}), "missing required field: submit"),
        (json!({"type": "home", "blocks": divider}), "/view/type"),
        (json!({"type": "modal", "title": text("x"), "blocks": [{"type": "x"}]}), "/view/blocks/0/type"),
    ] {
        let trigger = trigger(&slack, &mut socket).await;
        let answer = ask(&slack, "views.open", &json!({"trigger_id": trigger, "view": view})).await;
        assert_eq!(answer["error"], "invalid_arguments");
        let messages = answer["response_metadata"]["messages"].to_string();
        assert!(messages.contains(wanted), "{messages} without {wanted}");
    }
    let huge = json!({"type": "modal", "title": text("x"), "blocks": divider, "private_metadata": "x".repeat(250_000)});
    let trigger = trigger(&slack, &mut socket).await;
    let answer = ask(&slack, "views.open", &json!({"trigger_id": trigger, "view": huge})).await;
    assert_eq!(answer["error"], "view_too_large");
}

#[tokio::test]
async fn text_that_looks_like_json_stays_text() {
    let slack = start();
    let token = slack.bot_token();
    let kind = [("content-type", "application/x-www-form-urlencoded")];
    let form = format!("token={token}&channel={CHANNEL}&text=%5B1%2C+2%5D");
    let answer = post(slack.address(), "/api/chat.postMessage", &kind, form).await.unwrap().json();
    assert_eq!(answer["message"]["text"], "[1, 2]");
}

#[tokio::test]
async fn a_multipart_body_is_read() {
    let slack = start();
    let token = slack.bot_token();
    let part = |name: &str, value: &str| {
        format!("--cut\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let body = [
        part("token", &token),
        part("channel", CHANNEL),
        part("text", "{\"not\": \"json\"}"),
        part("blocks", r#"[{"type":"divider"}]"#),
        "--cut--\r\n".to_owned(),
    ]
    .concat();
    let kind = [("content-type", "multipart/form-data; boundary=cut")];
    let answer = post(slack.address(), "/api/chat.postMessage", &kind, body).await.unwrap().json();
    assert_eq!(answer["message"]["text"], "{\"not\": \"json\"}", "{answer}");
    assert_eq!(answer["message"]["blocks"][0]["type"], "divider");
    let broken = post(slack.address(), "/api/chat.postMessage", &kind, "--cut".into()).await.unwrap();
    assert_eq!(broken.status, 400);
    for (fields, status) in [(1_000, 200), (1_001, 400)] {
        let many: String = (0..fields).map(|n| part(&format!("f{n}"), "x")).collect();
        let answer =
            post(slack.address(), "/api/chat.postMessage", &kind, many + "--cut--\r\n").await.unwrap();
        assert_eq!(answer.status, status, "{fields}");
    }
}

#[tokio::test]
async fn a_stream_grows_until_it_is_stopped() {
    let slack = start();
    let head = slack.say_in(PERSON, CHANNEL, None, "tell me").unwrap().ts;
    let mut start = json!({"channel": CHANNEL, "thread_ts": head});
    assert_eq!(ask(&slack, "chat.startStream", &start).await["error"], "missing_recipient_user_id");
    start["recipient_user_id"] = json!(PERSON);
    start["recipient_team_id"] = json!("T0SIMULATE");
    let ts = ask(&slack, "chat.startStream", &start).await["ts"].clone();
    let task = |status: &str| json!({"type": "task_update", "id": "1", "title": "Think", "status": status});
    let chunks = json!([{"type": "markdown_text", "text": "Once "}, task("in_progress")]);
    let append = |more: Value| {
        let mut body = json!({"channel": CHANNEL, "ts": ts});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    ask(&slack, "chat.appendStream", &append(json!({"chunks": chunks}))).await;
    assert!(slack.messages()[0].is_streaming);
    ask(&slack, "chat.appendStream", &append(json!({"markdown_text": "upon", "chunks": [task("complete")]})))
        .await;
    assert_eq!(ask(&slack, "chat.appendStream", &append(json!({}))).await["error"], "no_text");
    assert_eq!(
        ask(&slack, "chat.stopStream", &append(json!({"markdown_text": " a time"}))).await["ok"],
        true
    );
    let message = slack.messages().remove(0);
    assert_eq!((message.text.as_str(), message.is_streaming), ("Once upon a time", false));
    assert_eq!((&message.blocks[0]["status"], &message.blocks[1]), (&json!("complete"), &Value::Null));
    let late = ask(&slack, "chat.appendStream", &append(json!({"markdown_text": "x"}))).await;
    assert_eq!(late["error"], "message_not_in_streaming_state");
    let theirs = json!({"channel": CHANNEL, "ts": head, "markdown_text": "x"});
    assert_eq!(ask(&slack, "chat.appendStream", &theirs).await["error"], "message_not_owned_by_app");
}

#[tokio::test]
async fn a_file_is_uploaded_before_it_is_shared() {
    let slack = start();
    let asked = ask(&slack, "files.getUploadURLExternal", &json!({"filename": "a.txt", "length": 3})).await;
    let files = json!({"files": [{"id": asked["file_id"], "title": "A"}], "channel_id": CHANNEL});
    assert_eq!(ask(&slack, "files.completeUploadExternal", &files).await["error"], "file_not_found");
    let path = asked["upload_url"].as_str().unwrap().split_once("/upload").unwrap().1.to_owned();
    let kind = [("content-type", "application/octet-stream")];
    let stored = post(slack.address(), &format!("/upload{path}"), &kind, "abc".into()).await.unwrap();
    assert_eq!(stored.status, 200);
    assert_eq!(ask(&slack, "files.completeUploadExternal", &files).await["ok"], true);
    assert_eq!(slack.messages()[0].files[0]["title"], "A");
    let info = ask(&slack, "files.info", &json!({"file": asked["file_id"]})).await;
    assert_eq!((&info["file"]["name"], &info["file"]["size"]), (&json!("a.txt"), &json!(3)));
}

/// As the SDKs send one: as it is with any type, or as a part of a form.
#[tokio::test]
async fn the_bytes_of_a_file_are_counted_however_they_come() {
    const LENGTH: usize = 3 << 20;
    let slack = start();
    let contents = "a=b&".repeat(LENGTH / 4);
    let part = format!(
        "--cut\r\ncontent-disposition: form-data; name=\"note\"\r\n\r\nno file\r\n--cut\r\n\
         content-disposition: form-data; name=\"body\"; filename=\"a.png\"\r\n\r\n{contents}\r\n--cut--\r\n"
    );
    for (kind, body) in [
        ("application/octet-stream", &contents),
        ("application/x-www-form-urlencoded", &contents),
        ("image/png", &contents),
        ("multipart/form-data; boundary=cut", &part),
    ] {
        let asked = json!({"filename": "a.png", "length": LENGTH});
        let asked = ask(&slack, "files.getUploadURLExternal", &asked).await;
        let path = asked["upload_url"].as_str().unwrap().split_once("/upload").unwrap().1.to_owned();
        let headers = [("content-type", kind)];
        let stored = post(slack.address(), &format!("/upload{path}"), &headers, body.clone()).await.unwrap();
        assert_eq!(stored.status, 200, "{kind}");
        let info = ask(&slack, "files.info", &json!({"file": asked["file_id"]})).await;
        assert_eq!(info["file"]["size"], LENGTH, "{kind}");
        assert_eq!(slack.calls().iter().rev().nth(1).unwrap().body, json!({"length": LENGTH}), "{kind}");
    }
    let broken = "--cut\r\ncontent-disposition: form-data; name=\"body\"; filename=\"a\"\r\n\r\nhalf";
    let headers = [("content-type", "multipart/form-data; boundary=cut")];
    assert_eq!(post(slack.address(), "/upload/v1/F1", &headers, broken.into()).await.unwrap().status, 400);
}
