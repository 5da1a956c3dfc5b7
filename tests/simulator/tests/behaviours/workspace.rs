//! The workspace: who is in it, what is written there, and what the bot is told of it.

use super::client::{LONG, call, connect, no_event, receive, send, start};
use serde_json::{Value, json};
use socketmode_simulator::{
    ActError, CHANNEL, Channel, ChannelKind, Options, PERSON, Press, Simulator, User, Within, Workspace,
};

async fn ask(slack: &Simulator, method: &str, body: &Value) -> Value {
    call(slack, method, &slack.bot_token(), body).await.json()
}

#[tokio::test]
async fn a_bot_hears_its_own_posts() {
    let slack = start();
    let mut socket = connect(&slack).await;
    let posted = ask(&slack, "chat.postMessage", &json!({"channel": CHANNEL, "text": "hi"})).await;
    let heard = receive(&mut socket).await["payload"]["event"].clone();
    let app = slack.app();
    assert_eq!(
        (&heard["type"], &heard["text"], &heard["ts"]),
        (&json!("message"), &json!("hi"), &posted["ts"])
    );
    assert_eq!((&heard["bot_id"], &heard["app_id"]), (&json!(app.bot_id), &json!(app.app_id)));
    assert_eq!((&heard["user"], &heard["channel_type"]), (&json!(app.bot_user_id), &json!("channel")));
    let update = json!({"channel": CHANNEL, "ts": posted["ts"], "text": "ho"});
    ask(&slack, "chat.update", &update).await;
    let changed = receive(&mut socket).await["payload"]["event"].clone();
    assert_eq!((&changed["subtype"], &changed["message"]["text"]), (&json!("message_changed"), &json!("ho")));
    assert_eq!(changed["previous_message"]["text"], "hi");
    ask(&slack, "chat.delete", &update).await;
    assert_eq!(receive(&mut socket).await["payload"]["event"]["subtype"], "message_deleted");
    // Nobody is told of what one person sees.
    let secret = json!({"channel": CHANNEL, "user": PERSON, "text": "psst"});
    ask(&slack, "chat.postEphemeral", &secret).await;
    assert_eq!(slack.counters().envelopes, 3);
}

#[tokio::test]
async fn an_app_without_subscriptions_does_not_hear_itself() {
    let options = Options { own_posts_come_back: false, mentions_are_messages: false, ..Options::default() };
    let slack = Simulator::start(options).unwrap();
    ask(&slack, "chat.postMessage", &json!({"channel": CHANNEL, "text": "hi"})).await;
    assert_eq!(slack.counters().envelopes, 0);
    slack.mention(PERSON, CHANNEL, "there?");
    assert_eq!(slack.counters().envelopes, 1);
}

#[tokio::test]
async fn people_write_change_react_and_delete() {
    let slack = start();
    let mut socket = connect(&slack).await;
    let said = slack.say_in(PERSON, CHANNEL, None, "hello").unwrap();
    let event = receive(&mut socket).await["payload"]["event"].clone();
    assert_eq!((&event["ts"], event.get("thread_ts")), (&json!(said.ts), None));
    let reply = slack.say_in(PERSON, CHANNEL, Some(&said.ts), "and more").unwrap();
    let event = receive(&mut socket).await["payload"]["event"].clone();
    assert_eq!((&event["thread_ts"], &event["parent_user_id"]), (&json!(said.ts), &json!(PERSON)));
    assert_eq!(slack.history(Some(CHANNEL), Some(&said.ts)).len(), 2);

    slack.edit(PERSON, CHANNEL, &said.ts, "hello all").unwrap();
    let changed = receive(&mut socket).await["payload"]["event"].clone();
    assert_eq!((&changed["subtype"], &changed["hidden"]), (&json!("message_changed"), &json!(true)));
    assert!(changed["message"]["edited"]["ts"].is_string());
    slack.react(PERSON, CHANNEL, &said.ts, "wave").unwrap();
    let reacted = receive(&mut socket).await["payload"]["event"].clone();
    assert_eq!((&reacted["type"], &reacted["reaction"]), (&json!("reaction_added"), &json!("wave")));
    assert_eq!(reacted["item"], json!({"type": "message", "channel": CHANNEL, "ts": said.ts}));
    assert!(matches!(slack.react(PERSON, CHANNEL, &said.ts, "wave"), Err(ActError::Reaction { .. })));
    slack.unreact(PERSON, CHANNEL, &said.ts, "wave").unwrap();
    assert_eq!(receive(&mut socket).await["payload"]["event"]["type"], "reaction_removed");
    slack.delete(PERSON, CHANNEL, &reply.ts).unwrap();
    let deleted = receive(&mut socket).await["payload"]["event"].clone();
    assert_eq!((&deleted["subtype"], &deleted["deleted_ts"]), (&json!("message_deleted"), &json!(reply.ts)));
    assert_eq!(slack.history(None, None).len(), 1);
}

#[tokio::test]
async fn what_people_cannot_do_is_said() {
    let slack = start();
    let said = slack.say_in(PERSON, CHANNEL, None, "hello").unwrap().ts;
    let other = "U0PERSON02";
    for (error, wanted) in [
        (slack.say_in("U1", CHANNEL, None, "x").unwrap_err(), "no user \"U1\""),
        (slack.say_in(PERSON, "C1", None, "x").unwrap_err(), "no channel \"C1\""),
        (slack.say_in(PERSON, CHANNEL, Some("1.2"), "x").unwrap_err(), "no message 1.2"),
        (slack.edit(other, CHANNEL, &said, "x").unwrap_err(), "did not write"),
        (slack.delete(PERSON, CHANNEL, "1.2").unwrap_err(), "no message 1.2"),
        (slack.press_element(&Press::new("x")).unwrap_err(), "no element"),
        (slack.message_shortcut(PERSON, "x", CHANNEL, "1.2").unwrap_err(), "no message"),
    ] {
        assert!(error.to_string().contains(wanted), "{error}");
    }
}

#[tokio::test]
async fn people_use_what_they_see_and_write_where_they_are() {
    let (other, secret) = ("U0PERSON02", "C0SECRET01");
    let mut workspace = Workspace::default();
    let members = vec![PERSON.to_owned()];
    let private = Channel { kind: ChannelKind::Private, members, ..Channel::new(secret, "secret") };
    workspace.channels.push(private);
    let slack = Simulator::start(Options { workspace, ..Options::default() }).unwrap();
    let button = json!({"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}});
    let select = json!({"type": "external_select", "action_id": "which"});
    let blocks = json!([{"type": "actions", "elements": [button, select]}]);
    let hidden = slack.posted_before(secret, &blocks);
    let psst = json!({"channel": CHANNEL, "user": PERSON, "text": "psst", "blocks": blocks});
    ask(&slack, "chat.postEphemeral", &psst).await;
    let psst = slack.wait_for_message(LONG).await.unwrap();
    assert!(matches!(slack.say_in(other, secret, None, "x"), Err(ActError::NoMember { .. })));
    assert!(matches!(slack.command_in(other, secret, "/x", ""), Err(ActError::NoMember { .. })));
    for message in [&hidden, &psst] {
        let within = Within::Message { channel: message.channel.clone(), ts: message.ts.clone() };
        let press = Press { within: within.clone(), ..Press::new("go").by(other) };
        for done in [
            slack.press_element(&press).map(Some),
            slack.suggest_in(other, &within, "which", "x").map(Some),
            slack.message_shortcut(other, "x", &message.channel, &message.ts).map(Some),
            slack.react(other, &message.channel, &message.ts, "eyes"),
        ] {
            let refused = matches!(done, Err(ActError::NotSeen { .. } | ActError::NoMember { .. }));
            assert!(refused, "{done:?}");
        }
    }
    let seen = slack.posted_before(CHANNEL, &blocks);
    slack.press_element(&Press::new("go").by(other).in_message(CHANNEL, &seen.ts)).unwrap();
    slack.message_shortcut(other, "x", CHANNEL, &seen.ts).unwrap();
    slack.react(PERSON, secret, &hidden.ts, "eyes").unwrap();
}

#[tokio::test]
async fn elements_of_any_type_can_be_used() {
    let slack = start();
    let mut socket = connect(&slack).await;
    let text = |text: &str| json!({"type": "plain_text", "text": text});
    let options = json!([{"text": text("Small"), "value": "s"}, {"text": text("Large"), "value": "l"}]);
    let elements = json!([
        {"type": "static_select", "action_id": "size", "options": options},
        {"type": "datepicker", "action_id": "day"},
        {"type": "timepicker", "action_id": "time"},
        {"type": "users_select", "action_id": "who"},
        {"type": "multi_static_select", "action_id": "many", "options": options},
        {"type": "overflow", "action_id": "more", "options": options},
        {"type": "datetimepicker", "action_id": "when"},
        {"type": "button", "action_id": "go", "text": text("Go"), "value": "1"},
    ]);
    let message =
        slack.posted_before(CHANNEL, &json!([{"type": "actions", "block_id": "b", "elements": elements}]));
    for (action_id, value, field, wanted) in [
        ("size", json!("l"), "selected_option", options[1].clone()),
        ("day", json!("2026-01-31"), "selected_date", json!("2026-01-31")),
        ("time", json!("12:30"), "selected_time", json!("12:30")),
        ("who", json!(PERSON), "selected_user", json!(PERSON)),
        ("many", json!(["s", "l"]), "selected_options", options.clone()),
        ("more", json!("s"), "selected_option", options[0].clone()),
        ("when", json!(1_767_225_600), "selected_date_time", json!(1_767_225_600)),
        ("go", Value::Null, "value", json!("1")),
    ] {
        let press = Press { value: Some(value).filter(|value| !value.is_null()), ..Press::new(action_id) };
        slack.press_element(&press.in_message(CHANNEL, &message.ts)).unwrap();
        let envelope = no_event(&mut socket).await;
        assert_eq!(envelope["accepts_response_payload"], false);
        let payload = &envelope["payload"];
        assert_eq!(payload["actions"][0][field], wanted, "{action_id}");
        // What was chosen before comes along.
        assert_eq!(payload["state"]["values"]["b"]["size"]["selected_option"]["value"], "l");
    }
    let wrong = slack.press_element(&Press::new("size").value("xl")).unwrap_err();
    assert!(matches!(wrong, ActError::WrongValue { .. }), "{wrong}");
}

#[tokio::test]
async fn shortcuts_come_with_and_without_a_message() {
    let slack = start();
    let mut socket = connect(&slack).await;
    slack.shortcut(PERSON, "new_task").unwrap();
    let shortcut = receive(&mut socket).await;
    assert_eq!(
        (&shortcut["payload"]["type"], &shortcut["accepts_response_payload"]),
        (&json!("shortcut"), &json!(false))
    );
    let said = slack.say_in(PERSON, CHANNEL, None, "do it").unwrap().ts;
    slack.message_shortcut(PERSON, "keep", CHANNEL, &said).unwrap();
    let action = no_event(&mut socket).await["payload"].clone();
    assert_eq!((&action["type"], &action["message"]["text"]), (&json!("message_action"), &json!("do it")));
    assert!(action["response_url"].is_string());
}

fn two_channels() -> Simulator {
    let workspace = Workspace {
        users: vec![
            User { email: "ann@example.com".into(), ..User::new("U1", "ann") },
            User::new("U2", "bob"),
        ],
        channels: vec![
            Channel::new("C1", "general"),
            Channel { has_bot: false, ..Channel::new("C2", "quiet") },
            Channel { kind: ChannelKind::Private, has_bot: false, ..Channel::new("C3", "secret") },
        ],
        ..Workspace::default()
    };
    Simulator::start(Options { workspace, ..Options::default() }).unwrap()
}

#[tokio::test]
async fn the_bot_hears_nothing_where_it_is_no_member() {
    let slack = two_channels();
    let said = slack.say_in("U1", "C2", None, "hello").unwrap();
    assert_eq!((said.envelope_id, slack.counters().envelopes), (None, 0));
    for (channel, wanted) in [("C2", "not_in_channel"), ("C3", "channel_not_found")] {
        let body = json!({"channel": channel, "text": "hi"});
        assert_eq!(ask(&slack, "chat.postMessage", &body).await["error"], wanted);
        assert_eq!(ask(&slack, "conversations.history", &body).await["error"], wanted);
    }
    assert_eq!(ask(&slack, "conversations.join", &json!({"channel": "C2"})).await["ok"], true);
    assert!(slack.say_in("U1", "C2", None, "hello").unwrap().envelope_id.is_some());
    assert_eq!(
        ask(&slack, "chat.postMessage", &json!({"channel": "#quiet", "text": "hi"})).await["channel"],
        "C2"
    );
}

#[tokio::test]
async fn lists_come_in_pages() {
    let slack = two_channels();
    let names = |answer: &Value, list: &str| {
        let all = answer[list].as_array().unwrap().iter();
        all.map(|one| one["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let first = ask(&slack, "conversations.list", &json!({"limit": 1})).await;
    assert_eq!(names(&first, "channels"), ["general"]);
    let cursor = &first["response_metadata"]["next_cursor"];
    let second = ask(&slack, "conversations.list", &json!({"limit": 1, "cursor": cursor})).await;
    assert_eq!(
        (names(&second, "channels"), &second["response_metadata"]["next_cursor"]),
        (vec!["quiet".into()], &json!(""))
    );
    let wrong = ask(&slack, "users.list", &json!({"cursor": "x"})).await;
    assert_eq!(wrong["error"], "invalid_cursor");
    assert!(names(&ask(&slack, "users.list", &json!({})).await, "members").contains(&"ann".to_owned()));
    let found = ask(&slack, "users.lookupByEmail", &json!({"email": "ann@example.com"})).await;
    assert_eq!(
        (&found["user"]["id"], &found["user"]["profile"]["email"]),
        (&json!("U1"), &json!("ann@example.com"))
    );
    assert_eq!(ask(&slack, "users.info", &json!({"user": "U9"})).await["error"], "user_not_found");
}

#[tokio::test]
async fn history_and_replies_are_what_was_written() {
    let slack = start();
    let head = slack.say_in(PERSON, CHANNEL, None, "first").unwrap().ts;
    slack.say_in(PERSON, CHANNEL, Some(&head), "reply").unwrap();
    let second = slack.say_in(PERSON, CHANNEL, None, "second").unwrap().ts;
    let psst = json!({"channel": CHANNEL, "user": PERSON, "text": "psst", "thread_ts": head});
    assert_eq!(ask(&slack, "chat.postEphemeral", &psst).await["ok"], true);
    let psst = json!({"channel": CHANNEL, "user": PERSON, "text": "psst"});
    assert_eq!(ask(&slack, "chat.postEphemeral", &psst).await["ok"], true);
    let texts = |answer: &Value| {
        let all = answer["messages"].as_array().unwrap().iter();
        all.map(|one| one["text"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let history = ask(&slack, "conversations.history", &json!({"channel": CHANNEL})).await;
    assert_eq!(texts(&history), ["second", "first"]);
    assert_eq!(history["messages"][1]["reply_count"], 1);
    let newer = json!({"channel": CHANNEL, "oldest": head});
    assert_eq!(texts(&ask(&slack, "conversations.history", &newer).await), ["second"]);
    let replies = ask(&slack, "conversations.replies", &json!({"channel": CHANNEL, "ts": head})).await;
    assert_eq!(texts(&replies), ["first", "reply"]);
    let none = ask(&slack, "conversations.replies", &json!({"channel": CHANNEL, "ts": "1.2"})).await;
    assert_eq!(none["error"], "thread_not_found");
    let link = ask(&slack, "chat.getPermalink", &json!({"channel": CHANNEL, "message_ts": second})).await;
    assert!(link["permalink"].as_str().unwrap().ends_with(&second.replace('.', "")), "{link}");
}

#[tokio::test]
async fn an_answer_where_the_bot_is_no_member_is_not_told_to_it() {
    let mut workspace = Workspace::default();
    workspace.channels.push(Channel { has_bot: false, ..Channel::new("C0ALONE001", "alone") });
    let slack = Simulator::start(Options { workspace, ..Options::default() }).unwrap();
    let mut socket = connect(&slack).await;
    for channel in ["C0ALONE001", CHANNEL] {
        slack.command_in(PERSON, channel, "/hello", "").unwrap();
        let command = receive(&mut socket).await;
        assert_eq!(command["type"], "slash_commands");
        let answer = json!({"response_type": "in_channel", "text": channel});
        send(&mut socket, &json!({"envelope_id": command["envelope_id"], "payload": answer})).await;
        assert_eq!(slack.wait_for_message(LONG).await.unwrap().text, channel);
    }
    // What comes first is of where it is one.
    assert_eq!(receive(&mut socket).await["payload"]["event"]["channel"], CHANNEL);
}

#[tokio::test]
async fn a_person_is_written_to_by_their_id() {
    let slack = start();
    let mut socket = connect(&slack).await;
    let opened = ask(&slack, "conversations.open", &json!({"users": PERSON})).await;
    let im = opened["channel"]["id"].clone();
    let posted = ask(&slack, "chat.postMessage", &json!({"channel": PERSON, "text": "psst"})).await;
    assert_eq!(posted["channel"], im);
    assert_eq!(receive(&mut socket).await["payload"]["event"]["channel_type"], "im");
    assert_eq!(slack.wait_for_message(LONG).await.unwrap().channel, im.as_str().unwrap());
}
