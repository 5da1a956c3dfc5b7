//! All messages: those of people, and those that bots have posted.

use super::kept::Kept;
use super::weigh::{Weigh, behind};
use crate::PostedMessage;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// The messages, oldest first; bounded like the other records.
#[derive(Default)]
pub(crate) struct Messages {
    kept: Kept<PostedMessage>,
    /// The number of each that is kept, by channel and time stamp.
    numbers: BTreeMap<(String, String), u64>,
    /// The keys of `numbers`, oldest first.
    keys: VecDeque<(String, String)>,
    /// The numbers of the bot's that were not yet handed out by a wait.
    fresh: BTreeSet<u64>,
}

impl Messages {
    /// A new message.
    pub(crate) fn posted(&mut self, message: PostedMessage) {
        let key = (message.channel.clone(), message.ts.clone());
        let is_by_bot = message.is_by_bot();
        let number = self.kept.push(message);
        self.numbers.insert(key.clone(), number);
        self.keys.push_back(key);
        if is_by_bot {
            self.fresh.insert(number);
        }
        self.tidy();
    }

    /// Changes a message that is there.
    pub(crate) fn change<T>(
        &mut self,
        channel: &str,
        ts: &str,
        act: impl FnOnce(&mut PostedMessage) -> T,
    ) -> Option<T> {
        self.at(channel, ts)?;
        let number = *self.numbers.get(&(channel.to_owned(), ts.to_owned()))?;
        let changed = self.kept.update(number, act);
        self.tidy();
        changed
    }

    /// A message is there no longer; gives what it was.
    pub(crate) fn deleted(&mut self, channel: &str, ts: &str) -> Option<PostedMessage> {
        let was = self.at(channel, ts)?.clone();
        self.change(channel, ts, |message| message.deleted = true)?;
        Some(was)
    }

    /// Those that are there, oldest first.
    pub(crate) fn all(&self) -> impl DoubleEndedIterator<Item = &PostedMessage> {
        self.kept.iter().filter(|message| !message.deleted)
    }

    /// Those of one channel or of all, of one thread (its head included) or of all, oldest first.
    pub(crate) fn within<'a>(
        &'a self,
        channel: Option<&'a str>,
        thread_ts: Option<&'a str>,
    ) -> impl DoubleEndedIterator<Item = &'a PostedMessage> {
        self.all().filter(move |message| {
            channel.is_none_or(|channel| message.channel == channel)
                && thread_ts
                    .is_none_or(|head| message.ts == head || message.thread_ts.as_deref() == Some(head))
        })
    }

    pub(crate) fn at(&self, channel: &str, ts: &str) -> Option<&PostedMessage> {
        let number = *self.numbers.get(&(channel.to_owned(), ts.to_owned()))?;
        self.kept.get(number).filter(|message| !message.deleted)
    }

    /// Hands out the bot's oldest one, each once.
    pub(crate) fn take(&mut self) -> Option<PostedMessage> {
        while let Some(number) = self.fresh.pop_first() {
            if let Some(message) = self.kept.get(number).filter(|message| !message.deleted) {
                return Some(message.clone());
            }
        }
        None
    }

    /// A message of the bot is known to whoever waits for one: it is not handed out.
    pub(crate) fn is_known(&mut self, message: &PostedMessage) {
        if let Some(number) = self.numbers.get(&(message.channel.clone(), message.ts.clone())) {
            self.fresh.remove(number);
        }
    }

    /// Forgets the places of those that are kept no longer.
    fn tidy(&mut self) {
        while self.keys.len() as u64 > self.kept.len() {
            let Some(key) = self.keys.pop_front() else { return };
            // A later message may have taken the same place.
            if self.numbers.get(&key).is_some_and(|number| *number < self.kept.first()) {
                self.numbers.remove(&key);
            }
        }
        while self.fresh.first().is_some_and(|oldest| *oldest < self.kept.first()) {
            self.fresh.pop_first();
        }
    }
}

impl Weigh for PostedMessage {
    fn weigh(&self) -> usize {
        let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let texts = self.channel.len() + self.ts.len() + self.user.len() + self.text.len();
        let others = text(&self.bot_id) + text(&self.thread_ts) + text(&self.to) + text(&self.edited);
        let reactions = self.reactions.iter().map(|reaction| {
            let users = reaction.users.iter().map(|user| size_of::<String>() + user.len());
            size_of_val(reaction) + reaction.name.len() + users.sum::<usize>()
        });
        let values = behind(&self.blocks)
            + behind(&self.attachments)
            + behind(&self.files)
            + behind(&self.metadata)
            + behind(&self.entered);
        size_of::<Self>() + texts + others + text(&self.app_id) + reactions.sum::<usize>() + values
    }

    /// A mark in its blocks would be taken for one of them.
    fn shorten(&mut self) {
        self.text.clear();
        self.reactions.clear();
        (self.blocks, self.attachments, self.files) = (json!([]), json!([]), json!([]));
        (self.metadata, self.entered) = (Value::Null, Value::Null);
    }
}
