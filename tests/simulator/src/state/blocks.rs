//! What is in blocks: the ids that Slack gives, and the elements that people use.

use super::State;
use serde_json::{Map, Value, json};

impl State {
    /// Blocks as Slack keeps them: each with a `block_id`, and each element with an `action_id`.
    pub(crate) fn with_ids(&mut self, blocks: Option<&Value>) -> Value {
        let mut blocks = blocks.filter(|blocks| blocks.is_array()).cloned().unwrap_or_else(|| json!([]));
        for block in blocks.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
            self.name(block, "block_id");
            for place in ["element", "accessory"] {
                if let Some(element) = block.get_mut(place).and_then(Value::as_object_mut) {
                    if element.get("type").is_some_and(|kind| kind != "image") {
                        self.name(element, "action_id");
                    }
                }
            }
            if block.get("type").is_some_and(|kind| kind == "actions" || kind == "context_actions") {
                let elements = block.get_mut("elements").and_then(Value::as_array_mut);
                for element in elements.into_iter().flatten().filter_map(Value::as_object_mut) {
                    self.name(element, "action_id");
                }
            }
        }
        blocks
    }

    fn name(&mut self, part: &mut Map<String, Value>, field: &str) {
        if part.get(field).and_then(Value::as_str).is_none_or(str::is_empty) {
            part.insert(field.to_owned(), json!(self.serial.id("b")));
        }
    }
}

/// The elements in blocks, each with the `block_id` around it.
pub(crate) fn elements(blocks: &Value) -> impl Iterator<Item = (&str, &Value)> {
    blocks.as_array().into_iter().flatten().flat_map(|block| {
        let id = block.get("block_id").and_then(Value::as_str).unwrap_or_default();
        let single = ["element", "accessory"].into_iter().filter_map(|place| block.get(place));
        let several = block.get("elements").and_then(Value::as_array).into_iter().flatten();
        single.chain(several).map(move |element| (id, element))
    })
}

/// The elements that people use, each with the `block_id` around it.
pub(crate) fn interactive(blocks: &Value) -> impl Iterator<Item = (&str, &Value)> {
    elements(blocks).filter(|(_, element)| element.get("action_id").is_some_and(Value::is_string))
}

/// The `action_id`s in blocks.
pub(crate) fn action_ids(blocks: &Value) -> Vec<String> {
    interactive(blocks).map(|(_, element)| text(element, "action_id").to_owned()).collect()
}

/// The first element with this `action_id` whose type is among `kinds` (any if that is empty), and the `block_id` around it.
pub(crate) fn element<'a>(
    blocks: &'a Value,
    kinds: &[&str],
    action_id: &str,
) -> Option<(&'a str, &'a Value)> {
    interactive(blocks).find(|(_, element)| {
        text(element, "action_id") == action_id
            && (kinds.is_empty() || kinds.contains(&text(element, "type")))
    })
}

/// The input blocks, each with its `block_id`, its element, and whether it may be left empty.
pub(crate) fn inputs(blocks: &Value) -> impl Iterator<Item = (&str, &Value, bool)> {
    blocks.as_array().into_iter().flatten().filter_map(|block| {
        let element = block.get("element").filter(|_| text(block, "type") == "input")?;
        let optional = block.get("optional").and_then(Value::as_bool).unwrap_or(false);
        Some((text(block, "block_id"), element, optional))
    })
}

/// A field's text; empty if it has none.
pub(crate) fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}
