//! What an element says once somebody has used it.

use super::ActError;
use crate::state::blocks::text;
use serde_json::{Map, Value, json};

/// The field of a state that holds what was chosen, by the type of the element; the fields are those of Slack's reference
/// (<https://docs.slack.dev/reference/interaction-payloads/block_actions-payload>).
fn field(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "plain_text_input" | "email_text_input" | "url_text_input" | "number_input" => "value",
        "static_select" | "external_select" | "radio_buttons" | "overflow" => "selected_option",
        "multi_static_select" | "multi_external_select" | "checkboxes" => "selected_options",
        "users_select" => "selected_user",
        "multi_users_select" => "selected_users",
        "conversations_select" => "selected_conversation",
        "multi_conversations_select" => "selected_conversations",
        "channels_select" => "selected_channel",
        "multi_channels_select" => "selected_channels",
        "datepicker" => "selected_date",
        "timepicker" => "selected_time",
        "datetimepicker" => "selected_date_time",
        "rich_text_input" => "rich_text_value",
        "file_input" => "files",
        _ => return None,
    })
}

/// Whether an element keeps what was chosen, and so is in a state.
pub(super) fn is_kept(element: &Value) -> bool {
    let kind = text(element, "type");
    kind != "overflow" && field(kind).is_some()
}

/// What a state says of an element that nobody has used: what it begins with, or null.
pub(super) fn initial(element: &Value) -> Value {
    let kind = text(element, "type");
    let begins_with = match kind {
        "plain_text_input" | "email_text_input" | "url_text_input" | "number_input" | "rich_text_input" => {
            "initial_value".to_owned()
        }
        _ => field(kind).unwrap_or_default().replacen("selected", "initial", 1),
    };
    let empty = if is_many(kind) { json!([]) } else { Value::Null };
    let value = element.get(&begins_with).cloned().unwrap_or(empty);
    let mut state = json!({"type": kind});
    if let (Some(state), Some(field)) = (state.as_object_mut(), field(kind)) {
        state.insert(field.to_owned(), value);
    }
    state
}

/// Whether a state says that nothing is filled in.
pub(super) fn is_empty(state: &Value) -> bool {
    let value = field(text(state, "type")).and_then(|field| state.get(field));
    value.is_none_or(|value| match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(values) => values.is_empty(),
        _ => false,
    })
}

/// What an element says once somebody has chosen `value`: the `value` of an option, the id of a user, a date, a text; of
/// those that take several, an array. A button takes none, feedback buttons `positive` or `negative`.
///
/// # Errors
///
/// When it takes no such value.
pub(super) fn chosen(element: &Value, value: Option<&Value>) -> Result<Map<String, Value>, ActError> {
    let kind = text(element, "type");
    let wrong =
        |advice: String| ActError::WrongValue { action_id: text(element, "action_id").to_owned(), advice };
    let copied = |names: &[&str]| {
        let named = names.iter().filter_map(|name| Some(((*name).to_owned(), element.get(*name)?.clone())));
        named.collect::<Map<_, _>>()
    };
    match kind {
        "button" | "icon_button" => return Ok(copied(&["text", "value", "style", "url"])),
        "feedback_buttons" => {
            let side = value.and_then(Value::as_str).unwrap_or("positive");
            let button = element.get(format!("{side}_button"));
            let button = button.ok_or_else(|| wrong("give positive or negative".to_owned()))?;
            let named = ["text", "value"].into_iter();
            return Ok(named.filter_map(|name| Some((name.to_owned(), button.get(name)?.clone()))).collect());
        }
        _ => {}
    }
    let Some(field) = field(kind) else {
        return Err(ActError::WrongElement {
            action_id: text(element, "action_id").to_owned(),
            kind: kind.to_owned(),
        });
    };
    let value = value.ok_or_else(|| wrong("give one".to_owned()))?;
    let value = match kind {
        "static_select" | "external_select" | "radio_buttons" | "overflow" => {
            option(element, value).map_err(wrong)?
        }
        _ if is_many(kind) => {
            let values = match value {
                Value::Array(values) => values.clone(),
                Value::Null => Vec::new(),
                one => vec![one.clone()],
            };
            let has_options = field == "selected_options";
            let each = values
                .iter()
                .map(|value| if has_options { option(element, value) } else { Ok(value.clone()) });
            each.collect::<Result<_, _>>().map_err(wrong)?
        }
        "datetimepicker" => match value.as_u64().or_else(|| value.as_str()?.parse().ok()) {
            Some(seconds) => json!(seconds),
            None => return Err(wrong("give seconds since 1970".to_owned())),
        },
        "rich_text_input" => value.clone(),
        // A number of JSON for a number input is what somebody types.
        _ => match value {
            Value::Number(number) => json!(number.to_string()),
            Value::String(_) | Value::Null => value.clone(),
            _ => return Err(wrong("give a text".to_owned())),
        },
    };
    let mut fields = copied(&["placeholder"]);
    fields.insert(field.to_owned(), value);
    Ok(fields)
}

/// A state's entry as somebody gives it: the value alone, or already in Slack's form.
pub(super) fn entered(element: &Value, given: &Value) -> Result<Value, ActError> {
    let kind = text(element, "type");
    let own = field(kind).unwrap_or_default();
    let mut state = match given {
        Value::Object(fields) if fields.contains_key(own) => fields.clone(),
        _ => {
            let mut state = chosen(element, Some(given))?;
            state.remove("placeholder");
            state
        }
    };
    state.insert("type".to_owned(), json!(kind));
    Ok(Value::Object(state))
}

/// The option with this `value`; for an external select it need not be known.
fn option(element: &Value, value: &Value) -> Result<Value, String> {
    if value.is_object() {
        return Ok(value.clone());
    }
    let wanted = value.as_str().ok_or("give the value of an option")?;
    if text(element, "type").ends_with("external_select") {
        return Ok(json!({"text": {"type": "plain_text", "text": wanted, "emoji": true}, "value": wanted}));
    }
    let lists = |of: &Value| of.get("options").and_then(Value::as_array).cloned().unwrap_or_default();
    let groups = element.get("option_groups").and_then(Value::as_array).into_iter().flatten();
    let options: Vec<_> = lists(element).into_iter().chain(groups.flat_map(lists)).collect();
    match options.iter().find(|option| text(option, "value") == wanted) {
        Some(option) => Ok(option.clone()),
        None => {
            let values: Vec<_> = options.iter().map(|option| text(option, "value")).collect();
            Err(format!("its options have the values {values:?}"))
        }
    }
}

fn is_many(kind: &str) -> bool {
    kind.starts_with("multi_") || kind == "checkboxes" || kind == "file_input"
}
