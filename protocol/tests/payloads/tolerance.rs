//! What Slack has sent or might, one by one.

use serde_json::json;
use socketmode_protocol::payload::*;

use crate::fixtures;

fn event(json: &str) -> InnerEvent {
    let payload = format!(r#"{{"type":"event_callback","event":{json}}}"#);
    serde_json::from_str::<EventCallback>(&payload).expect("it can be read").event
}

#[test]
fn a_hundred_thousand_levels_use_no_stack() {
    const LEVELS: usize = 100_000;
    let nested = |open: &str, close: &str| format!("{}1{}", open.repeat(LEVELS), close.repeat(LEVELS));
    for deep in [
        nested("[", "]"),
        nested(r#"{"message":"#, "}"),
        nested(r#"{"previous_message":"#, "}"),
        nested(r#"{"values":{"a":{"selected_option":"#, "}}}"),
    ] {
        let InnerEvent::Message(message) = event(&format!(
            r#"{{"type":"message","message":{deep},"text":{deep},"files":{deep},"ts":"1.1"}}"#
        )) else {
            panic!("a message")
        };
        assert_eq!((message.ts.as_deref(), message.text.as_deref()), (Some("1.1"), None));
        assert_eq!(message.field::<serde_json::Value>("text"), None);
        let json = format!(
            r#"{{"type":"view_submission","user":{{"id":"U1"}},"team":{deep},"view":{{"id":"V1","state":{deep}}}}}"#
        );
        let Interaction::ViewSubmission(submission) = serde_json::from_str(&json).unwrap() else {
            panic!("a submission")
        };
        assert_eq!(submission.user.unwrap().id.as_deref(), Some("U1"));
        assert_eq!(submission.view.unwrap().id.as_deref(), Some("V1"));
        let json = format!(r#"{{"x":{deep},"command":"/x","text":{deep}}}"#);
        assert_eq!(serde_json::from_str::<SlashCommand>(&json).unwrap().command, "/x");
        let json = format!(r#"{{"command":{deep}}}"#);
        assert!(serde_json::from_str::<SlashCommand>(&json).is_err());
    }
}

#[test]
fn a_missing_required_field_is_named_by_the_error() {
    for json in ["null", "[]", "1", "\"/x\"", "{}", r#"{"command":null}"#, r#"{"command":["/x"]}"#] {
        let error = serde_json::from_str::<SlashCommand>(json).unwrap_err().to_string();
        assert!(error.contains("an object with a command"), "{error}");
    }
    for json in ["null", "[]", "{}", r#"{"type":null}"#, r#"{"type":{}}"#] {
        let error = serde_json::from_str::<Interaction>(json).unwrap_err().to_string();
        assert!(error.contains("an object with a type"), "{error}");
        assert!(serde_json::from_str::<EventCallback>(json).is_err());
    }
    let error =
        serde_json::from_str::<ViewClosed>(r#"{"type":"shortcut","SECRET":1}"#).unwrap_err().to_string();
    assert!(error.contains("view_closed") && !error.contains("SECRET"), "{error}");
    assert!(serde_json::from_str::<SlashCommand>(r#"{"command":"/x""#).is_err());
}

#[test]
fn an_event_that_is_not_there_is_missing() {
    for json in ["null", "[]", "1", "{}", r#"{"type":null}"#, r#"{"text":"x"}"#] {
        assert_eq!(event(json), InnerEvent::Missing, "{json}");
        assert_eq!(event(json).raw_json(), "null");
    }
    let limited: EventCallback =
        serde_json::from_str(r#"{"type":"app_rate_limited","minute_rate_limited":"1518467820"}"#).unwrap();
    assert_eq!((limited.event, limited.minute_rate_limited), (InnerEvent::Missing, Some(1_518_467_820)));
}

#[test]
fn a_kind_that_slack_adds_is_other_and_complete() {
    let InnerEvent::Other { kind, raw } = event(r#"{ "type": "new", "a": [1, 2] }"#) else { panic!("other") };
    assert_eq!((kind.as_str(), raw.field::<Vec<u8>>("a")), ("new", Some(vec![1, 2])));
    assert_eq!(raw.raw_json(), r#"{ "type": "new", "a": [1, 2] }"#);
    let new: Interaction = serde_json::from_str(r#"{"type":"new","a":1}"#).unwrap();
    assert_eq!((new.kind(), new.field("a")), ("new", Some(1)));
    assert!(matches!(new, Interaction::Other { .. }));
    assert!(new.user().is_none() && new.team().is_none());
    assert!(new.trigger_id().is_none() && new.response_url().is_none());
}

#[test]
fn every_event_says_its_type() {
    for kind in ["message", "app_mention", "reaction_added", "reaction_removed", "app_home_opened", "new"] {
        assert_eq!(event(&format!(r#"{{"type":"{kind}"}}"#)).kind(), kind);
    }
    assert_eq!(event(r#"{"type":"member_joined_channel"}"#).kind(), "member_joined_channel");
    assert_eq!(event(r#"{"type":"function_executed"}"#).kind(), "function_executed");
    assert_eq!(event("null").kind(), "");
}

#[test]
fn json_and_secrets_are_types_of_their_own() {
    assert_eq!(Json::default().raw_json(), "null");
    assert!(serde_json::from_str::<Json>("null").is_err());
    let secret: Secret = serde_json::from_str(r#""a\u0062""#).unwrap();
    assert_eq!(secret.expose_secret(), "ab");
    assert!(serde_json::from_str::<Secret>("{}").is_err());
    assert_eq!(event(r#"{"type":"message","text":"x"}"#).field::<&str>("text"), Some("x"));
}

#[test]
fn half_a_surrogate_pair_costs_its_character_only() {
    let json = r#"{"\ud83d":1,"command":"/x","text":"a\ud83d b","te\ude00":{}}"#;
    let command: SlashCommand = serde_json::from_str(json).unwrap();
    assert_eq!(command.text.unwrap().trim_matches('\u{fffd}').replace('\u{fffd}', ""), "a b");
}

#[test]
fn what_means_the_same_is_read() {
    let read = |json: serde_json::Value| serde_json::from_value::<EventCallback>(json).unwrap();
    for time in [json!(12), json!("12"), json!(12.75), json!("12.000100")] {
        assert_eq!(read(json!({"type": "x", "event_time": time})).event_time, Some(12));
    }
    for time in [json!("soon"), json!("NaN"), json!("inf"), json!(1e300), json!(true), json!([12]), json!("")]
    {
        assert_eq!(read(json!({"type": "x", "event_time": time})).event_time, None, "{time}");
    }
    let is = |value: serde_json::Value| {
        read(json!({"type": "x", "is_ext_shared_channel": value})).is_ext_shared_channel
    };
    assert!(is(json!(true)) && is(json!("true")));
    assert!(!is(json!(false)) && !is(json!("false")) && !is(json!(1)) && !is(json!(null)) && !is(json!({})));
    assert_eq!(read(json!({"type": "x", "team_id": 17})).team_id.as_deref(), Some("17"));
}

#[test]
fn inputs_and_actions_are_found_by_their_ids() {
    let find = |kind: &str| fixtures::all().into_iter().find(|payload| payload["type"] == kind).unwrap();
    let submission: ViewSubmission = serde_json::from_value(find("view_submission")).unwrap();
    let text = |block, action| submission.value(block, action).unwrap().as_str();
    assert_eq!(text("one", "typed"), Some("PRIVATE words"));
    assert_eq!(text("one", "menu"), Some("PRIVATE-1"));
    assert_eq!(text("two", "date"), Some("2025-01-31"));
    assert_eq!(text("two", "time"), Some("23:59"));
    assert_eq!(text("two", "user"), Some("U7"));
    assert_eq!(text("two", "channel"), Some("C7"));
    assert_eq!(text("two", "talk"), Some("D7"));
    assert_eq!((text("one", "empty"), text("two", "moment")), (None, None));
    let several = |block, action| submission.value(block, action).unwrap().selected().collect::<Vec<_>>();
    assert_eq!(several("one", "menus"), ["PRIVATE-1", "PRIVATE-2"]);
    assert_eq!(several("two", "users"), ["U7", "U8"]);
    assert_eq!(several("two", "channels"), ["C7", "C8"]);
    assert_eq!(several("two", "talks"), ["D7", "D8"]);
    assert!(submission.value("one", "no").is_none() && submission.value("no", "typed").is_none());

    let clicked: BlockActions = serde_json::from_value(find("block_actions")).unwrap();
    assert_eq!(clicked.action("approve").unwrap().as_str(), Some("PRIVATE-42"));
    assert!(clicked.action("no").is_none());
    assert_eq!(clicked.value("two", "date").unwrap().as_str(), Some("2025-01-31"));
    let message: InteractiveMessage = serde_json::from_value(find("interactive_message")).unwrap();
    assert_eq!(message.action("game").unwrap().as_str(), Some("PRIVATE"));

    let clicked = &Interaction::BlockActions(clicked);
    let submitted = &Interaction::ViewSubmission(submission);
    assert_eq!(
        (clicked.user_id(), clicked.channel_id(), clicked.team_id()),
        (Some("U1"), Some("C1"), Some("T1"))
    );
    assert_eq!((submitted.callback_id(), submitted.channel_id()), (Some("order"), None));
    assert_eq!(submitted.value("two", "date").unwrap().as_str(), Some("2025-01-31"));
    let shortcut: Interaction = serde_json::from_value(find("message_action")).unwrap();
    assert_eq!((shortcut.callback_id(), shortcut.channel_id()), (Some("translate"), Some("C1")));
    let ephemeral: BlockActions = serde_json::from_value(json!({
        "type": "block_actions", "container": {"channel_id": "C2"}, "user": {"id": "U1", "team_id": "T2"},
        "actions": [{"action_id": "go"}], "state": {"values": {"b": {"a": {"value": "typed"}}}},
    }))
    .unwrap();
    assert_eq!((ephemeral.channel_id(), ephemeral.team_id()), (Some("C2"), Some("T2")));
    assert_eq!((ephemeral.action_id(), ephemeral.text("b", "a")), (Some("go"), Some("typed")));
    let command: SlashCommand = serde_json::from_value(fixtures::command()).unwrap();
    assert_eq!(command.text(), command.text.as_deref().unwrap());
    assert_eq!(serde_json::from_str::<SlashCommand>(r#"{"command":"/x"}"#).unwrap().text(), "");
    assert_eq!(
        (command.user_id(), command.channel_id(), command.team_id()),
        (Some("U1"), Some("C1"), Some("T1"))
    );

    let executed = event(
        r#"{"type":"function_executed","function":{"callback_id":"greet"},"inputs":{"times":3,"to":["U1"]}}"#,
    );
    let InnerEvent::FunctionExecuted(executed) = executed else { panic!("a function") };
    assert_eq!(executed.callback_id(), Some("greet"));
    assert_eq!((executed.input::<u8>("times"), executed.input::<u8>("no")), (Some(3), None));
    assert_eq!(executed.input::<Vec<&str>>("to"), Some(vec!["U1"]));
}

#[test]
fn inputs_are_found_in_each_interaction_that_has_them() {
    let view = json!({"state": {"values": {"b": {"a": {"value": "typed"}}}}});
    for payload in [
        json!({"type": "view_submission", "view": view}),
        json!({"type": "view_closed", "view": view}),
        json!({"type": "block_suggestion", "view": view}),
        json!({"type": "block_actions", "view": view, "state": view["state"]}),
    ] {
        let found: Interaction = serde_json::from_value(payload.clone()).unwrap();
        assert_eq!(found.value("b", "a").unwrap().as_str(), Some("typed"), "{payload}");
        assert!(found.value("b", "no").is_none(), "{payload}");
    }

    let submission: ViewSubmission =
        serde_json::from_value(json!({"type": "view_submission", "view": view})).unwrap();
    let texts = [submission.text("b", "a"), submission.view.as_ref().unwrap().text("b", "a")];
    assert_eq!(texts, [Some("typed"); 2]);

    let written: serde_json::Value = serde_json::from_str(&submission.to_json()).unwrap();
    assert_eq!(written["view"]["state"]["values"], view["state"]["values"]);
    let empty: State = serde_json::from_str(r#"{"values":{}}"#).unwrap();
    assert_eq!(empty.to_json(), "{}");
}

#[test]
fn no_secret_is_in_what_was_taken_out() {
    let command: SlashCommand = serde_json::from_value(fixtures::command()).unwrap();
    let url = command.response_url.unwrap();
    assert_eq!(format!("{url:?}"), "Secret(<redacted>)");
    assert!(url.expose_secret().ends_with("SECRET"));
}

const fn is_shared_between_threads<
    T: Send + Sync + Clone + core::fmt::Debug + Eq + core::hash::Hash + 'static,
>() {
}

const _: () = {
    is_shared_between_threads::<SlashCommand>();
    is_shared_between_threads::<EventCallback>();
    is_shared_between_threads::<Interaction>();
};
