//! What the apps are told of messages and reactions.

use super::State;
use crate::journal::Fact;
use crate::payload::{event_callback, events};
use crate::{Envelope, EnvelopeId, PostedMessage};
use serde_json::{Value, json};

impl State {
    /// Sends an event to the default app.
    pub(crate) fn send_event(&mut self, event: &Value) -> EnvelopeId {
        let app = self.apps.default.clone();
        let payload = event_callback(self, &app, event);
        self.send(Envelope::new("events_api", payload))
    }

    /// Whether the default app's bot is told what happens in a channel.
    pub(crate) fn hears(&self, channel: &str) -> bool {
        let bot = &self.apps.default.bot_user_id;
        self.directory.channel(channel).is_none_or(|channel| channel.has_member(bot))
    }

    /// Keeps a new message.
    pub(crate) fn keep(&mut self, message: PostedMessage) {
        self.note_message("message", &message);
        self.messages.posted(message);
    }

    /// Keeps what a bot posts, and tells it to the bot itself if that is how it is.
    pub(crate) fn bot_posted(&mut self, message: &PostedMessage) {
        let is_heard = self.hears_itself() && !message.is_ephemeral && self.hears(&message.channel);
        self.keep(message.clone());
        if is_heard {
            let event = events::message(self, message);
            self.send_event(&event);
        }
    }

    /// Tells that a message looks other than `was`; nothing if that is not heard.
    pub(crate) fn message_changed(&mut self, was: &PostedMessage) -> Option<EnvelopeId> {
        let is = self.messages.at(&was.channel, &was.ts)?.clone();
        self.note_message("message_changed", &is);
        if !self.hears_of(&is) {
            return None;
        }
        let event = events::message_changed(self, was, &is);
        Some(self.send_event(&event))
    }

    /// Takes a message away, and tells so; nothing if that is not heard.
    pub(crate) fn message_deleted(&mut self, channel: &str, ts: &str) -> Option<EnvelopeId> {
        let was = self.messages.deleted(channel, ts)?;
        self.note(Fact::object("message_deleted", &json!({"channel": channel, "ts": ts})));
        if !self.hears_of(&was) {
            return None;
        }
        let event = events::message_deleted(self, &was);
        Some(self.send_event(&event))
    }

    /// Adds a reaction or takes it away; the outer `None` if it is there, or not there, already.
    #[allow(
        clippy::option_option,
        reason = "the outer one is for what cannot be, the inner for what is not told"
    )]
    pub(crate) fn reacted(
        &mut self,
        is_added: bool,
        user: &str,
        message: &PostedMessage,
        name: &str,
    ) -> Option<Option<EnvelopeId>> {
        let changed = self.messages.change(&message.channel, &message.ts, |message| {
            if is_added { message.react(user, name) } else { message.unreact(user, name) }
        });
        if changed != Some(true) {
            return None;
        }
        if let Some(is) = self.messages.at(&message.channel, &message.ts).cloned() {
            self.note_message("message_changed", &is);
        }
        let is_bots = self.directory.user(user).is_some_and(|user| user.is_bot);
        let is_heard =
            self.hears(&message.channel) && !message.is_ephemeral && (!is_bots || self.hears_itself());
        if !is_heard {
            return Some(None);
        }
        let event = events::reaction(self, is_added, user, name, message);
        Some(Some(self.send_event(&event)))
    }

    fn hears_of(&self, message: &PostedMessage) -> bool {
        let is_heard = self.hears(&message.channel) && !message.is_ephemeral;
        is_heard && (!message.is_by_bot() || self.hears_itself())
    }

    fn hears_itself(&self) -> bool {
        self.options.own_posts_come_back && !self.options.lenient
    }
}
