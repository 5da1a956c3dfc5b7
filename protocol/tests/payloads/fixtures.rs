//! A payload of every kind. Each secret has SECRET in it, and what people wrote or are called has PRIVATE.

use serde_json::{Value, json};

pub(crate) fn all() -> Vec<Value> {
    let mut all = vec![command(), rate_limited()];
    all.extend(events().iter().map(callback));
    all.extend(interactions());
    all
}

pub(crate) fn command() -> Value {
    json!({
        "token": "SECRET", "command": "/deploy", "text": "PRIVATE api to production", "user_id": "U1",
        "user_name": "PRIVATE", "channel_id": "C1", "channel_name": "PRIVATE", "team_id": "T1", "team_domain": "acme",
        "enterprise_id": "E1", "enterprise_name": "Acme", "is_enterprise_install": "false", "api_app_id": "A1",
        "trigger_id": "1.2.abc", "response_url": "https://hooks.slack.com/commands/T1/1/SECRET",
    })
}

fn rate_limited() -> Value {
    json!({
        "token": "SECRET", "type": "app_rate_limited", "team_id": "T1", "api_app_id": "A1",
        "minute_rate_limited": 1_518_467_820,
    })
}

fn callback(event: &Value) -> Value {
    json!({
        "token": "SECRET", "type": "event_callback", "team_id": "T1", "enterprise_id": null, "api_app_id": "A1",
        "event": event, "event_id": "Ev1", "event_time": 1_700_000_000, "event_context": "4-abc",
        "is_ext_shared_channel": true, "context_team_id": "T1", "context_enterprise_id": "E1",
        "authed_users": ["U1", "U2"], "words": "PRIVATE",
        "authorizations": [
            {"enterprise_id": null, "team_id": "T1", "user_id": "U9", "is_bot": true, "is_enterprise_install": false},
        ],
    })
}

fn message(text: &str) -> Value {
    json!({
        "type": "message", "client_msg_id": "abc", "channel": "C1", "channel_type": "channel", "user": "U1",
        "team": "T1", "text": text, "ts": "1700000000.000100", "event_ts": "1700000000.000100",
        "thread_ts": "1699999999.000200",
        "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "PRIVATE"}}],
    })
}

fn events() -> Vec<Value> {
    let mut mention = message("PRIVATE <@U9> hello");
    mention["type"] = "app_mention".into();
    let reaction = |kind: &str, item: Value| {
        json!({
            "type": kind, "user": "U1", "reaction": "+1", "item_user": "U2", "item": item,
            "event_ts": "1700000001.000100",
        })
    };
    vec![
        message("PRIVATE \u{1f642} \"quoted\" \\ \n"),
        mention,
        json!({
            "type": "message", "subtype": "message_changed", "hidden": true, "channel": "C1", "ts": "1.2",
            "message": message("PRIVATE after"), "previous_message": message("PRIVATE before"), "event_ts": "1.3",
        }),
        json!({
            "type": "message", "subtype": "message_deleted", "channel": "C1", "deleted_ts": "1.1", "ts": "1.2",
            "previous_message": message("PRIVATE"),
        }),
        json!({"type": "message", "subtype": "thread_broadcast", "text": "PRIVATE", "root": message("PRIVATE")}),
        json!({
            "type": "message", "subtype": "bot_message", "bot_id": "B1", "app_id": "A2", "username": "PRIVATE",
            "text": "", "files": [{"id": "F1", "title": "PRIVATE"}, {"id": "F2"}], "attachments": [{"id": 1}],
            "metadata": {"event_type": "x"},
        }),
        reaction("reaction_added", json!({"type": "message", "channel": "C1", "ts": "1.1"})),
        reaction("reaction_removed", json!({"type": "file_comment", "file": "F1", "file_comment": "Fc1"})),
        json!({
            "type": "app_home_opened", "user": "U1", "channel": "D1", "tab": "home", "event_ts": "1.1", "view": view(),
        }),
        json!({
            "type": "member_joined_channel", "user": "U1", "channel": "C1", "channel_type": "C", "team": "T1",
            "inviter": "U2", "enterprise": "E1", "event_ts": "1.1",
        }),
        json!({
            "type": "function_executed", "function_execution_id": "Fx1", "workflow_execution_id": "Wx1",
            "event_ts": "1.1", "bot_access_token": "xwfp-SECRET", "inputs": {"to": "PRIVATE", "times": 3},
            "function": {
                "id": "Fn1", "callback_id": "greet", "title": "PRIVATE", "description": "PRIVATE", "type": "app",
                "app_id": "A1", "input_parameters": [{"name": "to"}], "output_parameters": [],
            },
        }),
        json!({"type": "channel_rename", "channel": {"id": "C1", "name": "PRIVATE"}}),
    ]
}

fn option(value: &str) -> Value {
    json!({
        "value": value, "text": {"type": "plain_text", "text": "PRIVATE"},
        "description": {"type": "plain_text", "text": "PRIVATE"},
    })
}

fn view() -> Value {
    json!({
        "id": "V1", "team_id": "T1", "app_id": "A1", "app_installed_team_id": "T1", "bot_id": "B1", "type": "modal",
        "private_metadata": "PRIVATE", "callback_id": "order", "hash": "1.abc", "root_view_id": "V0",
        "previous_view_id": null, "external_id": "", "title": {"type": "plain_text", "text": "PRIVATE"},
        "submit": {"type": "plain_text", "text": "PRIVATE"}, "close": {"type": "plain_text", "text": "PRIVATE"},
        "clear_on_close": true, "notify_on_close": true,
        "blocks": [{"type": "input", "block_id": "b"}],
        "state": {"values": {
            "one": {
                "typed": {"type": "plain_text_input", "value": "PRIVATE words"},
                "empty": {"type": "plain_text_input", "value": null},
                "menu": {"type": "static_select", "selected_option": option("PRIVATE-1")},
                "menus": {"type": "multi_static_select", "selected_options": [option("PRIVATE-1"), option("PRIVATE-2")]},
            },
            "two": {
                "date": {"type": "datepicker", "selected_date": "2025-01-31"},
                "time": {"type": "timepicker", "selected_time": "23:59", "timezone": "Europe/Berlin"},
                "moment": {"type": "datetimepicker", "selected_date_time": 1_700_000_000},
                "user": {"type": "users_select", "selected_user": "U7"},
                "users": {"type": "multi_users_select", "selected_users": ["U7", "U8"]},
                "channel": {"type": "channels_select", "selected_channel": "C7"},
                "channels": {"type": "multi_channels_select", "selected_channels": ["C7", "C8"]},
                "talk": {"type": "conversations_select", "selected_conversation": "D7"},
                "talks": {"type": "multi_conversations_select", "selected_conversations": ["D7", "D8"]},
                "rich": {"type": "rich_text_input", "rich_text_value": {"type": "rich_text", "elements": ["PRIVATE"]}},
                "upload": {"type": "file_input", "files": [{"id": "F1", "title": "PRIVATE"}]},
            },
        }},
    })
}

/// Its own fields, and those that all interactions share.
fn interaction(kind: &str, mut own: Value) -> Value {
    let shared = json!({
        "type": kind, "token": "SECRET", "trigger_id": "1.2.abc", "api_app_id": "A1",
        "is_enterprise_install": false, "enterprise": {"id": "E1", "name": "Acme"},
        "user": {"id": "U1", "name": "PRIVATE", "username": "PRIVATE", "team_id": "T1"},
        "team": {"id": "T1", "domain": "acme", "enterprise_id": "E1", "enterprise_name": "Acme"},
        "response_url": "https://hooks.slack.com/actions/T1/1/SECRET",
    });
    own.as_object_mut().unwrap().extend(shared.as_object().unwrap().clone());
    own
}

fn interactions() -> Vec<Value> {
    let channel = json!({"id": "C1", "name": "PRIVATE"});
    let dialog = json!({"callback_id": "d", "state": "PRIVATE", "action_ts": "1.1", "channel": channel});
    let mut submission = dialog.clone();
    submission["submission"] = json!({"from": "PRIVATE", "to": "PRIVATE", "empty": null});
    let mut suggestion = dialog.clone();
    suggestion["name"] = "city".into();
    suggestion["value"] = "PRIVATE".into();
    vec![
        interaction(
            "block_actions",
            json!({
                "container": {
                    "type": "message", "message_ts": "1.1", "channel_id": "C1", "thread_ts": "1.0", "attachment_id": 1,
                    "is_ephemeral": false, "is_app_unfurl": true,
                },
                "channel": channel, "message": message("PRIVATE"), "state": view()["state"],
                "bot_access_token": "xwfp-SECRET",
                "actions": [
                    {
                        "type": "button", "action_id": "approve", "block_id": "b", "value": "PRIVATE-42",
                        "text": {"type": "plain_text", "text": "PRIVATE"}, "action_ts": "1.2", "style": "danger",
                        "url": "https://PRIVATE.test/", "confirm": {"title": {"type": "plain_text", "text": "PRIVATE"}},
                    },
                    {
                        "type": "multi_users_select", "action_id": "many", "block_id": "b", "initial_users": ["U1"],
                        "placeholder": {"type": "plain_text", "text": "PRIVATE"}, "initial_value": "PRIVATE",
                        "initial_option": option("PRIVATE"), "initial_options": [option("PRIVATE")],
                        "initial_date": "2025-01-31", "initial_time": "23:59", "initial_date_time": 1_700_000_000,
                        "initial_user": "U1", "initial_channel": "C1", "initial_channels": ["C1"],
                        "initial_conversation": "D1", "initial_conversations": ["D1"],
                    },
                    {"type": "static_select", "action_id": "pick", "block_id": "b", "selected_option": option("PRIVATE")},
                ],
            }),
        ),
        interaction("block_actions", json!({"container": {"type": "view", "view_id": "V1"}, "view": view()})),
        interaction(
            "view_submission",
            json!({
                "view": view(), "bot_access_token": "xwfp-SECRET", "response_urls": [{
                    "block_id": "b", "action_id": "a", "channel_id": "C1",
                    "response_url": "https://hooks.slack.com/app/T1/1/SECRET",
                }],
            }),
        ),
        interaction(
            "view_closed",
            json!({"view": view(), "is_cleared": true, "bot_access_token": "xwfp-SECRET"}),
        ),
        interaction("shortcut", json!({"callback_id": "new", "action_ts": "1.1"})),
        interaction(
            "message_action",
            json!({
                "callback_id": "translate", "action_ts": "1.1", "channel": channel, "message_ts": "1.0",
                "message": message("PRIVATE"),
            }),
        ),
        interaction(
            "block_suggestion",
            json!({
                "action_id": "city", "block_id": "b", "value": "PRIVATE", "container": {"type": "view", "view_id": "V1"},
                "view": view(), "message": null, "channel": channel,
            }),
        ),
        interaction("dialog_submission", submission),
        interaction("dialog_cancellation", dialog),
        interaction("dialog_suggestion", suggestion),
        interaction(
            "interactive_message",
            json!({
                "actions": [{"name": "game", "type": "button", "value": "PRIVATE"}], "callback_id": "play",
                "attachment_id": "1", "channel": channel, "action_ts": "1.2", "message_ts": "1.1",
                "is_app_unfurl": true, "original_message": message("PRIVATE"),
            }),
        ),
        interaction("workflow_step_edit", json!({"workflow_step": {"step_id": "PRIVATE"}})),
    ]
}
