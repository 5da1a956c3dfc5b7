//! Payloads as Slack sends them, as it does not, and as it might one day.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test's helpers may fail as the tests do"
)]

use serde_json::{Map, Value, json};
use socketmode_protocol::payload::{
    BlockActions, EventCallback, InnerEvent, Interaction, SlashCommand, ViewSubmission,
};

/// Payloads of every kind, with every field that one has been seen to have.
fn fixtures() -> Vec<Value> {
    let person = json!({"id": "U1", "username": "ann", "name": "ann", "team_id": "T1"});
    let team = json!({"id": "T1", "domain": "acme", "enterprise_id": "E1", "enterprise_name": "Acme"});
    let interaction = |kind: &str, more: Value| {
        let mut payload = json!({
            "type": kind, "user": person, "team": team, "api_app_id": "A1", "token": "hidden",
            "trigger_id": "1.2.x", "enterprise": {"id": "E1", "name": "Acme"}, "is_enterprise_install": false,
        });
        payload.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        payload
    };
    let event = |event: Value| {
        json!({
            "type": "event_callback", "token": "hidden", "team_id": "T1", "enterprise_id": "E1", "api_app_id": "A1",
            "event_id": "Ev1", "event_time": 1_700_000_000, "event_context": "4-x", "is_ext_shared_channel": false,
            "authed_users": ["U9"], "event": event,
            "authorizations": [{"enterprise_id": null, "team_id": "T1", "user_id": "U9", "is_bot": true, "is_enterprise_install": false}],
        })
    };
    let view = json!({
        "id": "V1", "type": "modal", "callback_id": "order", "private_metadata": "m", "hash": "1.h", "external_id": "",
        "root_view_id": "V1", "previous_view_id": null, "app_id": "A1", "team_id": "T1", "bot_id": "B1", "blocks": [],
        "app_installed_team_id": "T1", "title": {"type": "plain_text", "text": "Order"},
        "state": {"values": {
            "quantity": {"input": {"type": "plain_text_input", "value": "3"}},
            "colour": {"menu": {"type": "static_select", "selected_option": {"text": {"type": "plain_text", "text": "Red"}, "value": "red"}}},
            "extras": {"boxes": {"type": "checkboxes", "selected_options": [{"value": "a"}, {"value": "b"}]}},
            "who": {"people": {"type": "multi_users_select", "selected_users": ["U1", "U2"]}},
            "when": {"day": {"type": "datepicker", "selected_date": "2026-11-24"}},
        }},
    });
    let action = json!({
        "action_id": "yes", "block_id": "b1", "type": "button", "value": "42", "action_ts": "1.5",
        "text": {"type": "plain_text", "text": "Yes"},
    });
    vec![
        json!({
            "command": "/deploy", "text": "now", "user_id": "U1", "user_name": "ann", "channel_id": "C1",
            "channel_name": "dev", "team_id": "T1", "team_domain": "acme", "enterprise_id": "E1", "enterprise_name": "Acme",
            "is_enterprise_install": "false", "api_app_id": "A1", "trigger_id": "1.2.x", "token": "hidden",
            "response_url": "https://hooks.slack.com/commands/T1/hidden",
        }),
        event(json!({
            "type": "message", "channel": "C1", "channel_type": "channel", "user": "U1", "text": "hello", "ts": "1.1",
            "thread_ts": "1.0", "event_ts": "1.1", "team": "T1", "client_msg_id": "c-1", "blocks": [{"type": "rich_text"}],
            "files": [{"id": "F1"}],
        })),
        event(json!({
            "type": "message", "subtype": "message_changed", "channel": "C1", "hidden": true, "ts": "1.2", "event_ts": "1.2",
            "message": {"type": "message", "user": "U1", "text": "after", "ts": "1.1"},
            "previous_message": {"type": "message", "user": "U1", "text": "before", "ts": "1.1"},
        })),
        event(
            json!({"type": "message", "subtype": "bot_message", "bot_id": "B1", "text": "beep", "channel": "C1", "ts": "1.3"}),
        ),
        event(
            json!({"type": "app_mention", "channel": "C1", "user": "U1", "text": "<@U9> hi", "ts": "1.1", "team": "T1", "event_ts": "1.1"}),
        ),
        event(
            json!({"type": "reaction_added", "user": "U1", "reaction": "eyes", "item_user": "U2", "event_ts": "1.4",
            "item": {"type": "message", "channel": "C1", "ts": "1.1"}}),
        ),
        event(
            json!({"type": "reaction_removed", "user": "U1", "reaction": "eyes", "item": {"type": "file", "file": "F1"}}),
        ),
        event(
            json!({"type": "app_home_opened", "user": "U1", "channel": "D1", "tab": "home", "view": view, "event_ts": "1.4"}),
        ),
        event(
            json!({"type": "member_joined_channel", "user": "U1", "channel": "C1", "channel_type": "C", "team": "T1", "inviter": "U2"}),
        ),
        event(
            json!({"type": "function_executed", "function": {"id": "Fn1", "callback_id": "reverse", "title": "Reverse", "type": "app"},
            "inputs": {"text": "abc", "user_id": "U1"}, "function_execution_id": "Fx1", "workflow_execution_id": "Wx1",
            "event_ts": "1.4", "bot_access_token": "xwfp-hidden"}),
        ),
        event(json!({"type": "hologram_shared", "hologram": {"id": "H1"}})),
        json!({"type": "app_rate_limited", "token": "hidden", "team_id": "T1", "minute_rate_limited": 1_518_467_820, "api_app_id": "A1"}),
        interaction(
            "block_actions",
            json!({
                "container": {"type": "message", "message_ts": "1.1", "channel_id": "C1", "is_ephemeral": false},
                "channel": {"id": "C1", "name": "dev"}, "message": {"ts": "1.1", "text": "Lunch?"}, "actions": [action],
                "state": {"values": {}}, "response_url": "https://hooks.slack.com/actions/hidden",
            }),
        ),
        interaction("view_submission", json!({"view": view, "response_urls": []})),
        interaction("view_closed", json!({"view": view, "is_cleared": true})),
        interaction("shortcut", json!({"callback_id": "new", "action_ts": "1.5"})),
        interaction(
            "message_action",
            json!({
                "callback_id": "remind", "channel": {"id": "C1", "name": "dev"}, "message_ts": "1.1", "message": {"text": "hello"},
                "action_ts": "1.5", "response_url": "https://hooks.slack.com/app/hidden",
            }),
        ),
        interaction(
            "block_suggestion",
            json!({
                "action_id": "find", "block_id": "b1", "value": "sea", "view": view, "container": {"type": "view", "view_id": "V1"},
            }),
        ),
        interaction(
            "dialog_submission",
            json!({
                "callback_id": "d", "state": "s", "submission": {"city": "Oslo"}, "channel": {"id": "C1", "name": "dev"},
                "action_ts": "1.5", "response_url": "https://hooks.slack.com/app/hidden",
            }),
        ),
        interaction("dialog_cancellation", json!({"callback_id": "d", "state": "s", "action_ts": "1.5"})),
        interaction(
            "dialog_suggestion",
            json!({"callback_id": "d", "name": "city", "value": "Os", "action_ts": "1.5"}),
        ),
        interaction(
            "interactive_message",
            json!({
                "callback_id": "c", "attachment_id": "1", "message_ts": "1.1", "original_message": {"text": "old"},
                "actions": [{"name": "yes", "type": "button", "value": "1"}], "action_ts": "1.5",
                "response_url": "https://hooks.slack.com/actions/hidden",
            }),
        ),
        interaction("hologram_action", json!({"hologram": {"id": "H1"}})),
    ]
}

/// Reads a payload as what it is. What makes it one of its kind has to be there.
fn read(text: &str) -> Option<String> {
    let shown = |value: &dyn std::fmt::Debug, raw: &str| {
        assert_eq!(raw, text);
        format!("{value:?} {value:#?}")
    };
    let command = serde_json::from_str::<SlashCommand>(text);
    let callback = serde_json::from_str::<EventCallback>(text).unwrap();
    let events = format!("{:?}", (&callback, callback.event()));
    match (command, serde_json::from_str::<Interaction>(text)) {
        (Ok(command), _) => Some(shown(&command, command.raw_json()) + &events),
        (Err(_), Ok(interaction)) => Some(format!("{interaction:?}") + &events),
        (Err(_), Err(_)) => None,
    }
}

#[test]
fn every_typed_field_is_what_the_json_says() {
    let mut samples = fixtures();
    match std::env::var("SOCKETMODE_SAMPLES") {
        Ok(folder) => {
            let lines = std::fs::read_to_string(format!("{folder}/payloads.jsonl")).unwrap();
            samples.extend(lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()));
            let lines = std::fs::read_to_string(format!("{folder}/envelopes.jsonl")).unwrap();
            samples.extend(
                lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["payload"].take()),
            );
        }
        Err(_) => println!("SOCKETMODE_SAMPLES is not set: passing over the samples"),
    }
    for sample in samples.into_iter().filter(Value::is_object) {
        let text = sample.to_string();
        if let Ok(command) = serde_json::from_str::<SlashCommand>(&text) {
            assert_eq!(json!(command.command), sample["command"]);
            assert_eq!(json!(command.text), sample["text"]);
            assert_eq!(json!(command.channel_id), sample["channel_id"]);
            assert_eq!(
                json!(command.response_url.map(|url| url.expose_secret().to_owned())),
                sample["response_url"]
            );
            continue;
        }
        let kind = sample["type"].as_str().unwrap_or_default();
        if sample.get("event").is_some() || kind == "app_rate_limited" {
            same_event(&serde_json::from_str(&text).unwrap(), &sample);
        } else {
            same_interaction(&serde_json::from_str(&text).unwrap(), &sample);
        }
    }
}

fn same_event(callback: &EventCallback, sample: &Value) {
    assert_eq!(json!(callback.kind), sample["type"]);
    assert_eq!(json!(callback.team_id), sample["team_id"]);
    assert_eq!(json!(callback.event_id), sample["event_id"]);
    assert_eq!(json!(callback.event_time), sample["event_time"]);
    assert_eq!(callback.authorizations.len(), sample["authorizations"].as_array().map_or(0, Vec::len));
    assert_eq!(callback.authed_users.len(), sample["authed_users"].as_array().map_or(0, Vec::len));
    let raw = &sample["event"];
    let kind = raw["type"].as_str().unwrap_or_default();
    let check = |fields: &[(&str, &Option<String>)]| {
        for (name, value) in fields {
            assert_eq!(json!(value), raw[name], "{kind} {name}");
        }
    };
    match callback.event() {
        InnerEvent::Message(message) => {
            assert_eq!(kind, "message");
            check(&[
                ("subtype", &message.subtype),
                ("channel", &message.channel),
                ("user", &message.user),
                ("bot_id", &message.bot_id),
                ("text", &message.text),
                ("ts", &message.ts),
                ("thread_ts", &message.thread_ts),
                ("channel_type", &message.channel_type),
                ("deleted_ts", &message.deleted_ts),
            ]);
            let previous = message.previous_message.as_ref().and_then(|message| message.text.clone());
            assert_eq!(json!(previous), raw["previous_message"]["text"]);
            let files: Option<Value> = message.files.as_ref().map(|files| files.read().unwrap());
            assert_eq!(json!(files), raw["files"]);
        }
        InnerEvent::AppMention(mention) => {
            assert_eq!(kind, "app_mention");
            check(&[
                ("channel", &mention.channel),
                ("user", &mention.user),
                ("text", &mention.text),
                ("ts", &mention.ts),
            ]);
        }
        InnerEvent::ReactionAdded(reaction) | InnerEvent::ReactionRemoved(reaction) => {
            assert!(kind.starts_with("reaction_"));
            check(&[
                ("user", &reaction.user),
                ("reaction", &reaction.reaction),
                ("item_user", &reaction.item_user),
            ]);
            let item = reaction.item.unwrap();
            assert_eq!(
                (json!(item.kind), json!(item.ts)),
                (raw["item"]["type"].clone(), raw["item"]["ts"].clone())
            );
        }
        InnerEvent::AppHomeOpened(opened) => {
            check(&[("user", &opened.user), ("channel", &opened.channel), ("tab", &opened.tab)]);
        }
        InnerEvent::MemberJoinedChannel(joined) => {
            check(&[("user", &joined.user), ("channel", &joined.channel), ("inviter", &joined.inviter)]);
        }
        InnerEvent::FunctionExecuted(executed) => {
            check(&[("function_execution_id", &executed.function_execution_id)]);
            let token = executed.bot_access_token.as_ref().map(|token| token.expose_secret().to_owned());
            assert_eq!(json!(token), raw["bot_access_token"]);
            for (name, value) in raw["inputs"].as_object().unwrap() {
                assert_eq!(executed.input::<Value>(name).as_ref(), Some(value));
            }
        }
        InnerEvent::Other { kind: other, json } => {
            assert_eq!(other, kind);
            assert_eq!(&json.read::<Value>().unwrap(), raw);
            assert!(!["message", "app_mention", "reaction_added", "function_executed"].contains(&kind));
        }
        InnerEvent::Missing => assert!(raw.is_null()),
        _ => panic!("{kind}"),
    }
}

fn same_interaction(interaction: &Interaction, sample: &Value) {
    let debug = format!("{interaction:?}");
    let variant = debug.split(['(', ' ']).next().unwrap().to_owned();
    let camel: String = sample["type"]
        .as_str()
        .unwrap()
        .split('_')
        .map(|word| word[..1].to_uppercase() + &word[1..])
        .collect();
    let known = !camel.starts_with("Hologram");
    assert_eq!(variant, if known { camel } else { "Other".to_owned() });
    let (user, view) = match interaction {
        Interaction::BlockActions(clicked) => {
            let raw = sample["actions"].as_array().unwrap();
            assert_eq!(clicked.actions.len(), raw.len());
            for raw in raw {
                let action = clicked.action(raw["action_id"].as_str().unwrap()).unwrap();
                assert_eq!(
                    (json!(action.value), json!(action.block_id)),
                    (raw["value"].clone(), raw["block_id"].clone())
                );
            }
            (&clicked.user, clicked.view.as_ref())
        }
        Interaction::ViewSubmission(submitted) => (&submitted.user, submitted.view.as_ref()),
        Interaction::ViewClosed(closed) => (&closed.user, closed.view.as_ref()),
        Interaction::BlockSuggestion(suggestion) => {
            assert_eq!(json!(suggestion.value), sample["value"]);
            (&suggestion.user, suggestion.view.as_ref())
        }
        Interaction::DialogSubmission(submitted) => {
            assert_eq!(submitted.submission.as_ref().unwrap().read::<Value>().unwrap(), sample["submission"]);
            (&submitted.user, None)
        }
        Interaction::Shortcut(shortcut) => {
            assert_eq!(json!(shortcut.callback_id), sample["callback_id"]);
            (&shortcut.user, None)
        }
        Interaction::MessageAction(shortcut) => {
            assert_eq!(json!(shortcut.message_ts), sample["message_ts"]);
            (&shortcut.user, None)
        }
        _ => return,
    };
    assert_eq!(json!(user.as_ref().unwrap().id), sample["user"]["id"]);
    let Some(view) = view else { return assert!(sample["view"].is_null()) };
    assert_eq!(
        (json!(view.id), json!(view.hash)),
        (sample["view"]["id"].clone(), sample["view"]["hash"].clone())
    );
    for (block, actions) in sample["view"]["state"]["values"].as_object().unwrap_or(&Map::new()) {
        for (action, raw) in actions.as_object().unwrap() {
            let value = view.value(block, action).unwrap();
            let option = value.selected_option.as_ref().and_then(|option| option.value.clone());
            assert_eq!(json!(value.value), raw["value"]);
            assert_eq!(json!(option), raw["selected_option"]["value"]);
            assert_eq!(json!(value.selected_date), raw["selected_date"]);
        }
    }
}

#[test]
fn values_of_a_view_are_looked_up_by_block_and_action() {
    let submission = fixtures().into_iter().find(|fixture| fixture["type"] == "view_submission").unwrap();
    let submission: ViewSubmission = serde_json::from_value(submission).unwrap();
    let view = submission.view.unwrap();
    let value = |block, action| view.value(block, action).unwrap();
    assert_eq!(value("quantity", "input").as_str(), Some("3"));
    assert_eq!(value("colour", "menu").as_str(), Some("red"));
    assert_eq!(value("when", "day").as_str(), Some("2026-11-24"));
    assert_eq!(value("extras", "boxes").selected(), ["a", "b"]);
    assert_eq!(value("who", "people").selected(), ["U1", "U2"]);
    assert!(view.value("quantity", "other").is_none() && view.value("other", "input").is_none());
    assert_eq!(view.state.unwrap().iter().count(), 5);
}

#[test]
fn what_drifted_costs_its_field_alone() {
    let text = r#"{
        "type": "block_actions", "user": "U1", "team": null, "trigger_id": 7, "actions": [1, {"action_id": "yes"}, null],
        "channel": {"id": ["C1"], "name": "dev"}, "is_enterprise_install": "true", "\u0061pi_app_id": "A1", "view": [],
        "trigger_id": "1.2.x"
    }"#;
    let clicked: BlockActions = serde_json::from_str(text).unwrap();
    assert!(clicked.user.is_none() && clicked.team.is_none() && clicked.view.is_none());
    assert_eq!(clicked.trigger_id.as_deref(), Some("1.2.x"), "the last of two");
    assert_eq!((clicked.actions.len(), clicked.is_enterprise_install), (1, Some(true)));
    let channel = clicked.channel.as_ref().unwrap();
    assert_eq!((channel.id.as_deref(), channel.name.as_deref()), (None, Some("dev")));
    assert_eq!(clicked.api_app_id.as_deref(), Some("A1"));
    assert_eq!(clicked.field::<String>("user").as_deref(), Some("U1"));
    let callback: EventCallback = serde_json::from_str(r#"{"event_time":"1700000000","event":[]}"#).unwrap();
    assert_eq!(callback.event_time, Some(1_700_000_000));
    assert!(matches!(callback.event(), InnerEvent::Other { kind, .. } if kind.is_empty()));
}

#[test]
fn only_what_makes_it_one_of_its_kind_is_required() {
    for text in ["{}", r#"{"command":null}"#, r#"{"command":[]}"#, "[]", "null", "\"/deploy\""] {
        assert!(serde_json::from_str::<SlashCommand>(text).is_err(), "{text}");
        assert!(serde_json::from_str::<Interaction>(text).is_err(), "{text}");
    }
    assert!(serde_json::from_str::<SlashCommand>(r#"{"command":"/x"}"#).is_ok());
    assert!(serde_json::from_str::<Interaction>(r#"{"type":"shortcut"}"#).is_ok());
    assert!(serde_json::from_str::<EventCallback>("{}").is_ok());
}

#[test]
fn no_secret_and_no_word_is_shown() {
    for fixture in fixtures() {
        let shown = read(&fixture.to_string()).unwrap();
        for hidden in ["hidden", "hello", "xwfp", "hooks.slack.com"] {
            assert!(!shown.contains(hidden), "{shown}");
        }
    }
}

#[test]
fn ten_thousand_mutations_lose_nothing_but_what_they_changed() {
    let mut seed = 1_u64;
    let mut random = |below: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap() % below
    };
    let fixtures = fixtures();
    let mut unreadable = 0;
    for _ in 0..10_000 {
        let mut payload = fixtures[random(fixtures.len())].clone();
        for _ in 0..=random(4) {
            mutate(&mut payload, &mut random);
        }
        let deep = "[".repeat(500) + &"]".repeat(500);
        let text = payload.to_string().replace("\"DEEP\"", &deep);
        let is_one = |key: &str| {
            payload
                .get(key)
                .is_some_and(|kind| kind.is_number() || kind.as_str().is_some_and(|kind| kind != "DEEP"))
        };
        // It says what it is, so it is read, whatever else became of it.
        let read = read(&text);
        assert_eq!(read.is_some(), is_one("command") || is_one("type"), "{text}");
        unreadable += usize::from(read.is_none());
    }
    assert!((100..5_000).contains(&unreadable), "{unreadable} had lost what they are");
}

/// Drops, nulls or retypes a field, somewhere.
fn mutate(value: &mut Value, random: &mut impl FnMut(usize) -> usize) {
    let children: Vec<&mut Value> = match value {
        Value::Object(fields) if !fields.is_empty() => {
            let key = fields.keys().nth(random(fields.len())).unwrap().clone();
            if random(6) == 0 {
                fields.remove(&key);
                return;
            }
            vec![fields.get_mut(&key).unwrap()]
        }
        Value::Array(elements) if !elements.is_empty() => {
            let index = random(elements.len());
            vec![&mut elements[index]]
        }
        _ => Vec::new(),
    };
    let Some(child) = children.into_iter().next() else { return };
    if (child.is_object() || child.is_array()) && random(3) > 0 {
        return mutate(child, random);
    }
    *child = match random(8) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(-17.5),
        3 => json!("drifted"),
        4 => json!([]),
        5 => json!({}),
        6 => json!({"id": {"id": ["id"]}}),
        _ => json!("DEEP"),
    };
}
