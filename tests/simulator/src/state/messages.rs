//! The messages that bots have posted.

use super::State;
use super::kept::Kept;
use super::weigh::{Weigh, behind};
use crate::PostedMessage;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// The messages, oldest first; bounded like the other records.
#[derive(Default)]
pub(crate) struct Messages {
    kept: Kept<PostedMessage>,
    /// The numbers of those not yet handed out by a wait.
    fresh: BTreeSet<u64>,
}

impl Messages {
    /// A message as Slack has taken it: the new look of one that is there, if it is.
    pub(crate) fn updated(&mut self, message: PostedMessage) {
        let (channel, ts) = (message.channel.clone(), message.ts.clone());
        let is_same = |known: &PostedMessage| known.channel == channel && known.ts == ts;
        if let Err(new) = self.kept.replace(is_same, message) {
            self.posted(new);
        }
    }

    /// A new message. Unlike for an update, those that are there are not looked through.
    pub(crate) fn posted(&mut self, message: PostedMessage) {
        self.fresh.insert(self.kept.push(message));
        while self.fresh.first().is_some_and(|oldest| *oldest < self.kept.first()) {
            self.fresh.pop_first();
        }
    }

    /// A message is there no longer.
    pub(crate) fn deleted(&mut self, channel: &str, ts: &str) {
        if let Some(message) = self.at(channel, ts) {
            let gone = PostedMessage { deleted: true, ..message.clone() };
            self.updated(gone);
        }
    }

    /// Those that are there, oldest first.
    pub(crate) fn all(&self) -> impl DoubleEndedIterator<Item = &PostedMessage> {
        self.kept.iter().filter(|message| !message.deleted)
    }

    pub(crate) fn at(&self, channel: &str, ts: &str) -> Option<&PostedMessage> {
        self.all().find(|message| message.channel == channel && message.ts == ts)
    }

    /// Hands out the oldest one, each once.
    pub(crate) fn take(&mut self) -> Option<PostedMessage> {
        while let Some(number) = self.fresh.pop_first() {
            if let Some(message) = self.kept.get(number).filter(|message| !message.deleted) {
                return Some(message.clone());
            }
        }
        None
    }
}

impl State {
    /// Keeps what the bot answers to a command: a message that only one person sees, unless it says otherwise.
    pub(crate) fn answered(&mut self, command: &str, answer: &Value) {
        let text = |of: &Value, name: &str| of.get(name).and_then(Value::as_str).map(str::to_owned);
        if answer.get("text").is_none() && answer.get("blocks").is_none() {
            return;
        }
        let Ok(command) = serde_json::from_str::<Value>(command) else { return };
        let message = PostedMessage {
            channel: text(&command, "channel_id").unwrap_or_default(),
            ts: self.serial.ts(),
            text: text(answer, "text").unwrap_or_default(),
            blocks: self.with_ids(answer.get("blocks")),
            thread_ts: None,
            is_ephemeral: text(answer, "response_type").as_deref() != Some("in_channel"),
            deleted: false,
        };
        self.note_message("message", &message);
        self.messages.posted(message);
    }

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
            if block.get("type").is_some_and(|kind| kind == "actions") {
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

/// The interactive elements in blocks, each with the `block_id` around it.
pub(crate) fn elements(blocks: &Value) -> impl Iterator<Item = (&str, &Value)> {
    blocks.as_array().into_iter().flatten().flat_map(|block| {
        let id = block.get("block_id").and_then(Value::as_str).unwrap_or_default();
        let single = ["element", "accessory"].into_iter().filter_map(|place| block.get(place));
        let several = block.get("elements").and_then(Value::as_array).into_iter().flatten();
        single.chain(several).map(move |element| (id, element))
    })
}

/// The first element of this type with this `action_id`, and the `block_id` around it.
pub(crate) fn element<'a>(blocks: &'a Value, kind: &str, action_id: &str) -> Option<(&'a str, &'a Value)> {
    let is = |element: &Value, name: &str, value: &str| element.get(name).is_some_and(|found| found == value);
    elements(blocks).find(|(_, element)| is(element, "type", kind) && is(element, "action_id", action_id))
}

impl Weigh for PostedMessage {
    fn weigh(&self) -> usize {
        let thread = self.thread_ts.as_ref().map_or(0, String::len);
        let text = self.channel.len() + self.ts.len() + self.text.len();
        size_of::<Self>() + text + thread + behind(&self.blocks)
    }

    /// A mark in its blocks would be taken for one of them.
    fn shorten(&mut self) {
        self.text.clear();
        self.blocks = json!([]);
    }
}
