//! Walks through what is to be sent, and compares it with the table.

use std::fmt::Write;

use serde::Serialize;
use serde_json::{Map, Value};

use super::LimitError;
use super::table::{LIMITS, Unit};

type Checked = Result<(), LimitError>;

/// What is in a field, if it is not told by its own `type`.
const CHILDREN: &[(&str, Child)] = &[
    ("blocks", Child::Typed),
    ("elements", Child::Typed),
    ("element", Child::Typed),
    ("accessory", Child::Typed),
    ("child_blocks", Child::Typed),
    ("fields", Child::Of("field")),
    ("options", Child::Of("option")),
    ("initial_options", Child::Of("option")),
    ("initial_option", Child::Of("option")),
    ("option_groups", Child::Of("option_group")),
    ("confirm", Child::Of("confirm")),
    ("attachments", Child::Of("attachment")),
    ("chunks", Child::Of("chunk")),
];

/// How deep objects are looked into: deeper than Slack's blocks go (an attachment, a block, an element, a group, an option),
/// and no deeper, so that nothing needs more stack.
const MAX_DEPTH: usize = 10;

#[derive(Clone, Copy)]
enum Child {
    /// Blocks and elements, which have a `type`.
    Typed,
    /// Of this row of the table.
    Of(&'static str),
}

/// A message, for the Web API or an answer.
pub(crate) fn message(message: &Map<String, Value>) -> Checked {
    object("message", message, &mut String::new(), 0)
}

/// A view.
pub(crate) fn view(view: &Map<String, Value>, path: &str) -> Checked {
    object("view", view, &mut path.to_owned(), 0)
}

/// The arguments of a method, by the name of their rows.
pub(crate) fn fields(of: &str, arguments: &Map<String, Value>) -> Checked {
    object(of, arguments, &mut String::new(), 0)
}

/// Anything that can be serialized, by one of the others. What cannot be is for those who send it.
pub(crate) fn serialized(answer: &(impl Serialize + ?Sized)) -> Checked {
    serde_json::to_value(answer).map_or(Ok(()), |value| self::answer(&value))
}

/// The answer in an acknowledgement, whichever it is: a message, suggestions, or what happens to a view.
pub(crate) fn answer(answer: &Value) -> Checked {
    let Value::Object(fields) = answer else { return Ok(()) };
    if let (Some(_), Some(Value::Object(shown))) = (fields.get("response_action"), fields.get("view")) {
        return view(shown, "view");
    }
    let lists = ["options", "option_groups"].map(|field| fields.get(field).and_then(Value::as_array));
    if lists.iter().all(Option::is_none) {
        return message(fields);
    }
    // The options of legacy dialogs have a text as their `label`, and no documented limits.
    let is_legacy = |element: &Value| element.get("label").is_some_and(Value::is_string);
    if lists.into_iter().flatten().flatten().any(is_legacy) {
        return Ok(());
    }
    object("suggestions", fields, &mut String::new(), 0)
}

/// `path` is where it is; it is the same again at the end.
fn object(of: &str, fields: &Map<String, Value>, path: &mut String, depth: usize) -> Checked {
    for (name, value) in fields {
        let before = path.len();
        let dot = if path.is_empty() { "" } else { "." };
        // Writing to a string cannot fail.
        let _ = write!(path, "{dot}{name}");
        field(of, name, value, path)?;
        if depth < MAX_DEPTH {
            if let Some((_, child)) = CHILDREN.iter().find(|(field, _)| field == name) {
                children(*child, value, path, depth + 1)?;
            }
        }
        path.truncate(before);
    }
    Ok(())
}

fn children(child: Child, value: &Value, path: &mut String, depth: usize) -> Checked {
    let of = |fields: &Map<String, Value>| match child {
        Child::Of(of) => of.to_owned(),
        Child::Typed => fields.get("type").and_then(Value::as_str).unwrap_or_default().to_owned(),
    };
    match value {
        Value::Object(fields) => object(&of(fields), fields, path, depth),
        Value::Array(elements) => {
            for (at, element) in elements.iter().enumerate() {
                let Value::Object(fields) = element else { continue };
                let before = path.len();
                let _ = write!(path, "[{at}]");
                object(&of(fields), fields, path, depth)?;
                path.truncate(before);
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Compares one field with its rows.
fn field(of: &str, name: &str, value: &Value, path: &str) -> Checked {
    let rows = LIMITS.iter().filter(|limit| limit.field == name && (limit.of == of || limit.of == "*"));
    for limit in rows {
        let found = match limit.unit {
            Unit::Characters => text(value).map(|text| text.chars().count()),
            Unit::Elements => value.as_array().map(Vec::len),
        };
        if let Some(found) = found.filter(|found| *found > limit.max) {
            return Err(LimitError { path: path.to_owned(), found, limit });
        }
    }
    Ok(())
}

/// A text, or that of a text object.
fn text(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => Some(text),
        Value::Object(object) => object.get("text")?.as_str(),
        _ => None,
    }
}
