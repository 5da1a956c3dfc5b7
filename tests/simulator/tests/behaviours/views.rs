//! Modals and home tabs: how they are stacked, filled in, answered and closed.

use super::client::{LONG, Socket, call, connect, no_event, receive, send, start, trigger};
use serde_json::{Value, json};
use socketmode_simulator::{ActError, CHANNEL, Form, PERSON, Press, Simulator, Within};

fn text(text: &str) -> Value {
    json!({"type": "plain_text", "text": text})
}

fn input(block_id: &str, element: &Value) -> Value {
    let mut element = element.clone();
    element["action_id"] = json!("it");
    json!({"type": "input", "block_id": block_id, "label": text("What?"), "element": element})
}

fn modal(callback_id: &str, blocks: &Value) -> Value {
    json!({
        "type": "modal", "callback_id": callback_id, "title": text("Form"), "submit": text("Send"),
        "notify_on_close": true, "blocks": blocks,
    })
}

fn one_input(callback_id: &str) -> Value {
    modal(callback_id, &json!([input("name", &json!({"type": "plain_text_input"}))]))
}

async fn open(slack: &Simulator, socket: &mut Socket, view: &Value) -> Value {
    let body = json!({"trigger_id": trigger(slack, socket).await, "view": view});
    let answer = call(slack, "views.open", &slack.bot_token(), &body).await.json();
    assert_eq!(answer["ok"], true, "{answer}");
    answer["view"].clone()
}

/// Submits the form, and answers so.
async fn submit(slack: &Simulator, socket: &mut Socket, callback_id: &str, answer: Value) -> Value {
    let id = slack.submit_view(callback_id, json!({"name": {"it": "Robin"}})).unwrap();
    let submitted = no_event(socket).await;
    send(socket, &json!({"envelope_id": submitted["envelope_id"], "payload": answer})).await;
    slack.wait_for_ack(&id, LONG).await.unwrap();
    submitted["payload"]["view"].clone()
}

fn shown(slack: &Simulator) -> Vec<String> {
    slack.views().iter().map(|view| view["callback_id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn answers_change_what_is_submitted_next() {
    let slack = start();
    let mut socket = connect(&slack).await;
    let first = open(&slack, &mut socket, &one_input("one")).await;
    let errors = json!({"response_action": "errors", "errors": {"name": "Another one, please."}});
    submit(&slack, &mut socket, "one", errors).await;
    assert_eq!(shown(&slack), ["one"]);

    let update = json!({"response_action": "update", "view": one_input("two")});
    submit(&slack, &mut socket, "one", update).await;
    assert_eq!(shown(&slack), ["two"]);
    let push = json!({"response_action": "push", "view": one_input("three")});
    let updated = submit(&slack, &mut socket, "two", push).await;
    assert_eq!((&updated["id"], &updated["root_view_id"]), (&first["id"], &first["id"]));
    assert_eq!(shown(&slack), ["two", "three"]);

    // Only the one on top can be submitted.
    let below = slack.submit_view("two", json!({})).unwrap_err();
    assert_eq!(below, ActError::NotOnTop(first["id"].as_str().unwrap().into()));
    let pushed = submit(&slack, &mut socket, "three", json!({})).await;
    assert_eq!((&pushed["previous_view_id"], &pushed["root_view_id"]), (&first["id"], &first["id"]));
    assert_eq!(shown(&slack), ["two"]);
    let push = json!({"response_action": "push", "view": one_input("three")});
    submit(&slack, &mut socket, "two", push).await;
    submit(&slack, &mut socket, "three", json!({"response_action": "clear"})).await;
    assert_eq!(shown(&slack), Vec::<String>::new());
    assert!(matches!(slack.submit_view("two", json!({})), Err(ActError::NoView(_))));
}

#[tokio::test]
async fn a_form_is_filled_in_as_slack_lets_people() {
    let slack = start();
    let mut socket = connect(&slack).await;
    let options = json!([{"text": text("Small"), "value": "s"}, {"text": text("Large"), "value": "l"}]);
    let mut note = input("note", &json!({"type": "plain_text_input"}));
    note["optional"] = json!(true);
    let blocks = json!([
        input("size", &json!({"type": "static_select", "options": options})),
        input("extras", &json!({"type": "checkboxes", "options": options})),
        input("day", &json!({"type": "datepicker", "initial_date": "2026-01-31"})),
        note,
    ]);
    open(&slack, &mut socket, &modal("order", &blocks)).await;
    let unfilled = slack.submit_view("order", json!({"size": {"it": "l"}})).unwrap_err();
    assert_eq!(unfilled, ActError::Unfilled(vec!["extras".into()]));
    let wrong = slack.submit_view("order", json!({"size": {"it": "xl"}})).unwrap_err();
    assert!(wrong.to_string().contains(r#"the values ["s", "l"]"#), "{wrong}");
    let unknown = slack.submit_view("order", json!({"colour": {"it": "red"}})).unwrap_err();
    assert!(matches!(unknown, ActError::NoInput { .. }), "{unknown}");

    slack
        .submit_view("order", json!({"values": {"size": {"it": "l"}, "extras": {"it": ["s", "l"]}}}))
        .unwrap();
    let values = no_event(&mut socket).await["payload"]["view"]["state"]["values"].clone();
    assert_eq!(values["size"]["it"], json!({"type": "static_select", "selected_option": options[1]}));
    assert_eq!(values["extras"]["it"]["selected_options"], options);
    assert_eq!(values["day"]["it"], json!({"type": "datepicker", "selected_date": "2026-01-31"}));
    assert_eq!(values["note"]["it"], json!({"type": "plain_text_input", "value": null}));
}

#[tokio::test]
async fn a_closed_modal_is_told_if_that_is_asked_for() {
    let slack = start();
    let mut socket = connect(&slack).await;
    let view = open(&slack, &mut socket, &one_input("one")).await;
    let id = Form::Id(view["id"].as_str().unwrap().to_owned());
    assert!(slack.close_view(PERSON, &id).unwrap().is_some());
    let closed = no_event(&mut socket).await["payload"].clone();
    assert_eq!((&closed["type"], &closed["is_cleared"]), (&json!("view_closed"), &json!(false)));
    assert!(matches!(slack.close_view(PERSON, &id), Err(ActError::NoView(_))));
}

#[tokio::test]
async fn three_modals_can_be_on_top_of_each_other() {
    let slack = start();
    let mut socket = connect(&slack).await;
    let element = json!({"type": "button", "action_id": "more", "text": text("More"), "value": "1"});
    let view = modal("form", &json!([{"type": "actions", "elements": [element]}]));
    open(&slack, &mut socket, &view).await;
    for error in [Value::Null, Value::Null, json!("push_limit_reached")] {
        slack.press_element(&Press::new("more")).unwrap();
        let click = no_event(&mut socket).await;
        assert_eq!(click["payload"]["container"]["type"], "view");
        let body = json!({"trigger_id": click["payload"]["trigger_id"], "view": view});
        assert_eq!(call(&slack, "views.push", &slack.bot_token(), &body).await.json()["error"], error);
    }
    assert_eq!(slack.views().len(), 3);
}

#[tokio::test]
async fn a_view_is_updated_by_either_id_and_not_by_an_old_hash() {
    let slack = start();
    let mut socket = connect(&slack).await;
    let token = slack.bot_token();
    let mut view = one_input("form");
    view["external_id"] = json!("mine");
    let opened = open(&slack, &mut socket, &view).await;
    let update = async |body: Value| call(&slack, "views.update", &token, &body).await.json();
    let first = update(json!({"external_id": "mine", "hash": opened["hash"], "view": view})).await;
    assert_eq!(first["view"]["id"], opened["id"]);
    let stale = update(json!({"view_id": opened["id"], "hash": opened["hash"], "view": view})).await;
    assert_eq!(stale["error"], "hash_conflict");
    assert_eq!(update(json!({"view_id": "V1", "view": view})).await["error"], "not_found");
    let twice = json!({"trigger_id": trigger(&slack, &mut socket).await, "view": view});
    assert_eq!(call(&slack, "views.open", &token, &twice).await.json()["error"], "duplicate_external_id");
}

#[tokio::test]
async fn a_home_tab_is_published_and_opened() {
    let slack = start();
    let mut socket = connect(&slack).await;
    slack.open_home(PERSON).unwrap();
    let opened = receive(&mut socket).await["payload"]["event"].clone();
    assert_eq!((&opened["type"], opened.get("view")), (&json!("app_home_opened"), None));
    let section = json!({"type": "section", "text": {"type": "mrkdwn", "text": "Welcome"}});
    let body = json!({"user_id": PERSON, "view": {"type": "home", "blocks": [section]}});
    let published = call(&slack, "views.publish", &slack.bot_token(), &body).await.json();
    assert_eq!(published["view"]["type"], "home");
    let mut stale = body.clone();
    stale["hash"] = json!("1.2");
    let refused = call(&slack, "views.publish", &slack.bot_token(), &stale).await.json();
    assert_eq!(refused["error"], "hash_conflict");
    slack.open_home(PERSON).unwrap();
    let opened = receive(&mut socket).await["payload"]["event"].clone();
    assert_eq!(opened["view"]["id"], published["view"]["id"]);
    let nobody = json!({"user_id": "U1", "view": {"type": "home", "blocks": []}});
    assert_eq!(call(&slack, "views.publish", &slack.bot_token(), &nobody).await.json()["ok"], false);
}

#[tokio::test]
async fn only_who_sees_something_can_use_it() {
    let slack = start();
    let mut socket = connect(&slack).await;
    open(&slack, &mut socket, &one_input("one")).await;
    let other = "U0PERSON02";
    let not_seen = |error| matches!(error, Err(ActError::NotSeen { .. }));
    let form = Form::CallbackId("one".to_owned());
    assert!(not_seen(slack.submit(other, &form, &json!({"name": {"it": "Kim"}}))));
    assert!(not_seen(slack.close_view(other, &form).map(Option::unwrap)));
    let button = json!({"type": "button", "action_id": "go", "text": text("Go")});
    let select = json!({"type": "external_select", "action_id": "which"});
    let blocks = json!([{"type": "actions", "elements": [button, select]}]);
    let body = json!({"channel": CHANNEL, "user": other, "text": "psst", "blocks": blocks});
    call(&slack, "chat.postEphemeral", &slack.bot_token(), &body).await;
    assert!(not_seen(slack.press_element(&Press::new("go"))));
    assert!(not_seen(slack.suggest_in(PERSON, &Within::Anything, "which", "x")));
    let message = slack.wait_for_message(LONG).await.unwrap();
    slack.press(&message, "go").unwrap();
    assert_eq!(no_event(&mut socket).await["payload"]["user"]["id"], other);
}

#[tokio::test]
async fn a_view_that_slack_refuses_does_not_come_by_an_answer() {
    let slack = start();
    let mut socket = connect(&slack).await;
    open(&slack, &mut socket, &one_input("one")).await;
    let mut long = one_input("two");
    long["title"] = text("a title of twenty-five ch");
    for action in ["update", "push"] {
        submit(&slack, &mut socket, "one", json!({"response_action": action, "view": long})).await;
        assert_eq!(shown(&slack), ["one"]);
    }
}

#[tokio::test]
async fn a_channel_that_is_chosen_in_a_form_can_be_answered() {
    let slack = start();
    let mut socket = connect(&slack).await;
    let mut block = input("where", &json!({"type": "conversations_select", "response_url_enabled": true}));
    block["optional"] = json!(true);
    open(&slack, &mut socket, &modal("form", &json!([block]))).await;
    slack.submit_view("form", json!({"where": {"it": CHANNEL}})).unwrap();
    let urls = no_event(&mut socket).await["payload"]["response_urls"].clone();
    assert_eq!((&urls[0]["channel_id"], &urls[0]["block_id"]), (&json!(CHANNEL), &json!("where")));
    assert!(urls[0]["response_url"].as_str().unwrap().contains("/response/"));
}
