//! What the typed payloads make of a text, and what `serde_json` does.

use std::fmt::Debug;

use serde::de::DeserializeOwned;
use serde_json::Value;
use socketmode_protocol::payload::{
    Action, EventCallback, InnerEvent, Interaction, Json, MessageEvent, Secret, SlashCommand, StateValue,
    View,
};

use super::reference::{self, Fields};

/// They agree on what can be read, and on the fields.
pub(super) fn agree(text: &str) {
    let fields = reference::fields(text, false);
    let has = |name| fields.as_ref().is_some_and(|fields| is_text(fields, name));
    let whole: Option<Value> = serde_json::from_str(text).ok();
    let command = read::<SlashCommand>(text, whole.as_ref(), has("command"));
    let callback = read::<EventCallback>(text, whole.as_ref(), has("type"));
    let interaction = read::<Interaction>(text, whole.as_ref(), has("type"));
    read::<InnerEvent>(text, whole.as_ref(), has("type") || is_null(text));
    let message = read::<MessageEvent>(text, whole.as_ref(), fields.is_some());
    let view = read::<View>(text, whole.as_ref(), fields.is_some());
    read::<StateValue>(text, whole.as_ref(), fields.is_some());
    read::<Action>(text, whole.as_ref(), fields.is_some());
    let Some(fields) = fields else { return };
    let same = |told: &Option<String>, name: &str| same_text(told.as_deref(), &fields, name);
    if let Some(SlashCommand { command, text, user_id, channel_id, trigger_id, response_url, .. }) = command {
        same(&Some(command), "command");
        same(&text, "text");
        same(&user_id, "user_id");
        same(&channel_id, "channel_id");
        same(&trigger_id, "trigger_id");
        same_text(response_url.as_ref().map(Secret::expose_secret), &fields, "response_url");
    }
    if let Some(EventCallback { kind, event, event_id, event_time, is_ext_shared_channel, .. }) = callback {
        same(&Some(kind), "type");
        same(&event_id, "event_id");
        let is_true = matches!(fields.get("is_ext_shared_channel"), Some(&("true" | "\"true\"")));
        assert_eq!(is_ext_shared_channel, is_true, "{fields:?}");
        if let Some(whole) = reference::get(&fields, "event_time").and_then(|time| time.as_i64()) {
            assert_eq!(event_time, Some(whole), "{fields:?}");
        }
        let inner = fields.get("event").and_then(|event| reference::fields(event, false));
        match inner.filter(|inner| is_text(inner, "type")) {
            Some(inner) => same_text(Some(event.kind()), &inner, "type"),
            None => assert_eq!(event, InnerEvent::Missing),
        }
    }
    if let Some(interaction) = interaction {
        same_text(Some(interaction.kind()), &fields, "type");
        if !matches!(interaction, Interaction::Other { .. }) {
            same_text(interaction.trigger_id(), &fields, "trigger_id");
            let user = fields.get("user").and_then(|user| reference::fields(user, false));
            assert_eq!(interaction.user().is_some(), user.is_some(), "{fields:?}");
            if let (Some(told), Some(user)) = (interaction.user(), user) {
                same_text(told.id.as_deref(), &user, "id");
            }
        }
    }
    if let Some(message) = message {
        same(&message.text, "text");
        same(&message.ts, "ts");
        let files = reference::get(&fields, "files");
        if let Some(files) = files.as_ref().and_then(Value::as_array) {
            assert_eq!(
                message.files.len(),
                files.iter().filter(|file| !file.is_null()).count(),
                "{fields:?}"
            );
        }
    }
    if let (Some(view), Some(whole)) = (view, &whole) {
        same_values(&view, whole);
    }
}

/// Reads a type from text, bytes and value, which do the same. Nothing it shows makes it panic.
fn read<T>(text: &str, whole: Option<&Value>, readable: bool) -> Option<T>
where
    T: DeserializeOwned + Debug + PartialEq,
{
    let told = serde_json::from_str::<T>(text).ok();
    assert_eq!(told.is_some(), readable, "{} of {text}", std::any::type_name::<T>());
    assert_eq!(told, serde_json::from_slice(text.as_bytes()).ok());
    if let Some(whole) = whole {
        assert_eq!(serde_json::from_value::<T>(whole.clone()).is_ok(), readable, "{text}");
    }
    assert!(told.is_none() || !format!("{told:?}").is_empty());
    told
}

/// A string, or the text of a number.
fn is_text(fields: &Fields<'_>, name: &str) -> bool {
    fields
        .get(name)
        .is_some_and(|raw| raw.starts_with(['"', '-']) || raw.starts_with(|c: char| c.is_ascii_digit()))
}

fn same_text(told: Option<&str>, fields: &Fields<'_>, name: &str) {
    assert_eq!(told.is_some(), is_text(fields, name), "{name} in {fields:?}");
    let Some(raw) = fields.get(name).filter(|_| told.is_some()) else { return };
    match serde_json::from_str(raw) {
        Ok(Value::String(text)) => assert_eq!(told, Some(text.as_str()), "{name} in {fields:?}"),
        // Of half a surrogate pair something is read, and `Value` reads nothing.
        Err(_) if raw.starts_with('"') => {}
        _ => assert_eq!(told, Some(*raw), "{name} in {fields:?}"),
    }
}

/// What people put into a view.
fn same_values(view: &View, whole: &Value) {
    let empty = serde_json::Map::new();
    let object = |value: &Value| value.as_object().cloned().unwrap_or_default();
    let values = whole.pointer("/state/values").and_then(Value::as_object).unwrap_or(&empty);
    for (block, inputs) in values {
        for (action, input) in object(inputs) {
            let told = view.value(block, &action);
            assert_eq!(told.is_some(), input.is_object(), "{block} {action} in {whole}");
            let Some(told) = told else { continue };
            if let Some(text) = input.get("value").and_then(Value::as_str) {
                assert_eq!(told.value.as_deref(), Some(text), "{whole}");
            }
            let options = input.get("selected_options").and_then(Value::as_array);
            let options = options.map_or(0, |options| options.iter().filter(|it| it.is_object()).count());
            assert_eq!(told.selected_options.len(), options, "{whole}");
            assert_eq!(told.field::<Value>("value"), input.get("value").cloned(), "{whole}");
        }
    }
}

fn is_null(text: &str) -> bool {
    serde_json::from_str::<Json>(text).is_err() && serde_json::from_str::<()>(text).is_ok()
}
