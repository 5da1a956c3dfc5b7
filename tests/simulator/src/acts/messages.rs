//! What people write, and what they do with messages.

use super::ActError;
use crate::payload::events;
use crate::state::State;
use crate::{EnvelopeId, PostedMessage, Simulator};

/// What became of something that somebody wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Said {
    /// The envelope that tells the bot: of a mention the `app_mention`, otherwise the `message`. None if the bot is not
    /// in the channel, and so is not told.
    pub envelope_id: Option<EnvelopeId>,
    /// The channel.
    pub channel: String,
    /// The time stamp of the message.
    pub ts: String,
}

/// Each gives the id to wait for, if the answer matters.
#[allow(clippy::must_use_candidate, reason = "these are called for their effect")]
impl Simulator {
    /// Somebody writes a message in a channel, and the bot is told. A user and a channel that are not known join the
    /// workspace; [`say_in`](Self::say_in) takes known ones only, and tells the bot of what happens where it is a member.
    pub fn say(&self, user: &str, channel: &str, text: &str) -> EnvelopeId {
        self.shared().change(|state| {
            state.join(user, channel);
            let message = state.written(user, channel, None, text);
            let event = events::message(state, &message);
            state.send_event(&event)
        })
    }

    /// Somebody mentions the default app's bot; its name is put before the text. Users and channels join as with
    /// [`say`](Self::say). The bot gets the `app_mention`, and a `message` before it unless
    /// [`Options::mentions_are_messages`](crate::Options::mentions_are_messages) is off.
    pub fn mention(&self, user: &str, channel: &str, text: &str) -> EnvelopeId {
        self.shared().change(|state| {
            state.join(user, channel);
            let text = format!("{} {text}", state.bot_mention());
            let message = state.written(user, channel, None, &text);
            state.mentioned(&message)
        })
    }

    /// A member of a channel writes there, in the thread of a message if there is one to name. A text with `<@…>` and the
    /// bot's user id is a mention.
    ///
    /// # Errors
    ///
    /// When there is no such user, channel or head of a thread, or the user is no member.
    pub fn say_in(
        &self,
        user: &str,
        channel: &str,
        thread_ts: Option<&str>,
        text: &str,
    ) -> Result<Said, ActError> {
        self.shared().change(|state| state.say_in(user, channel, thread_ts, text))
    }

    /// The same, with the default app's bot named before the text.
    ///
    /// # Errors
    ///
    /// Those of [`say_in`](Self::say_in).
    pub fn mention_in(
        &self,
        user: &str,
        channel: &str,
        thread_ts: Option<&str>,
        text: &str,
    ) -> Result<Said, ActError> {
        self.shared().change(|state| {
            let text = format!("{} {text}", state.bot_mention());
            state.say_in(user, channel, thread_ts, &text)
        })
    }

    /// Somebody changes a message of their own. None if the bot is not told.
    ///
    /// # Errors
    ///
    /// When there is no such message, or it is somebody else's.
    pub fn edit(
        &self,
        user: &str,
        channel: &str,
        ts: &str,
        text: &str,
    ) -> Result<Option<EnvelopeId>, ActError> {
        self.shared().change(|state| {
            let was = state.own_message(user, channel, ts)?;
            let blocks = events::rich_text(state, text);
            let edited = state.serial.ts();
            state.messages.change(channel, ts, |message| {
                text.clone_into(&mut message.text);
                message.blocks = blocks;
                message.edited = Some(edited);
            });
            Ok(state.message_changed(&was))
        })
    }

    /// Somebody deletes a message of their own. None if the bot is not told.
    ///
    /// # Errors
    ///
    /// When there is no such message, or it is somebody else's.
    pub fn delete(&self, user: &str, channel: &str, ts: &str) -> Result<Option<EnvelopeId>, ActError> {
        self.shared().change(|state| {
            state.own_message(user, channel, ts)?;
            Ok(state.message_deleted(channel, ts))
        })
    }

    /// Somebody reacts to a message with an emoji, named without colons. None if the bot is not told.
    ///
    /// # Errors
    ///
    /// When there is no such user or message, or the reaction is there.
    pub fn react(
        &self,
        user: &str,
        channel: &str,
        ts: &str,
        name: &str,
    ) -> Result<Option<EnvelopeId>, ActError> {
        self.reaction(true, user, channel, ts, name)
    }

    /// Somebody takes a reaction of their own away. None if the bot is not told.
    ///
    /// # Errors
    ///
    /// When there is no such user, message or reaction.
    pub fn unreact(
        &self,
        user: &str,
        channel: &str,
        ts: &str,
        name: &str,
    ) -> Result<Option<EnvelopeId>, ActError> {
        self.reaction(false, user, channel, ts, name)
    }

    /// The messages that the bots have posted and not deleted, oldest first.
    #[must_use]
    pub fn messages(&self) -> Vec<PostedMessage> {
        self.shared()
            .look(|state| state.messages.all().filter(|message| message.is_by_bot()).cloned().collect())
    }

    /// All messages that are not deleted, oldest first: of one channel or of all, of one thread (its head included) or of
    /// all.
    #[must_use]
    pub fn history(&self, channel: Option<&str>, thread_ts: Option<&str>) -> Vec<PostedMessage> {
        self.shared().look(|state| state.messages.within(channel, thread_ts).cloned().collect())
    }

    fn reaction(
        &self,
        is_added: bool,
        user: &str,
        channel: &str,
        ts: &str,
        name: &str,
    ) -> Result<Option<EnvelopeId>, ActError> {
        self.shared().change(|state| {
            state.must_know(user)?;
            let message = state.message(channel, ts)?;
            state.must_see(user, &message)?;
            let Some(envelope_id) = state.reacted(is_added, user, &message, name) else {
                let (user, name, ts) = (user.to_owned(), name.to_owned(), ts.to_owned());
                return Err(ActError::Reaction { user, name, ts });
            };
            Ok(envelope_id)
        })
    }
}

impl State {
    fn say_in(
        &mut self,
        user: &str,
        channel: &str,
        thread_ts: Option<&str>,
        text: &str,
    ) -> Result<Said, ActError> {
        self.must_be_member(user, channel)?;
        if let Some(head) = thread_ts {
            self.message(channel, head)?;
        }
        let message = self.written(user, channel, thread_ts, text);
        let envelope_id = if !self.hears(channel) {
            None
        } else if text.contains(&self.bot_mention()) {
            Some(self.mentioned(&message))
        } else {
            let event = events::message(self, &message);
            Some(self.send_event(&event))
        };
        Ok(Said { envelope_id, channel: message.channel, ts: message.ts })
    }

    /// How a text names the default app's bot.
    fn bot_mention(&self) -> String {
        format!("<@{}>", self.apps.default.bot_user_id)
    }

    /// Keeps what a person writes.
    fn written(&mut self, user: &str, channel: &str, thread_ts: Option<&str>, text: &str) -> PostedMessage {
        let ts = self.serial.ts();
        let blocks = events::rich_text(self, text);
        let thread_ts = thread_ts.map(str::to_owned);
        let message = PostedMessage { blocks, thread_ts, ..PostedMessage::new(channel, ts, user, text) };
        self.keep(message.clone());
        message
    }

    /// Tells the bot of a mention.
    fn mentioned(&mut self, message: &PostedMessage) -> EnvelopeId {
        if self.options.mentions_are_messages && !self.options.lenient {
            let event = events::message(self, message);
            self.send_event(&event);
        }
        let event = events::app_mention(self, message);
        self.send_event(&event)
    }

    /// A message that is there.
    pub(super) fn message(&self, channel: &str, ts: &str) -> Result<PostedMessage, ActError> {
        let found = self.messages.at(channel, ts).cloned();
        found.ok_or_else(|| ActError::NoMessage { channel: channel.to_owned(), ts: ts.to_owned() })
    }

    fn own_message(&self, user: &str, channel: &str, ts: &str) -> Result<PostedMessage, ActError> {
        self.must_know(user)?;
        let message = self.message(channel, ts)?;
        if message.user != user {
            return Err(ActError::NotTheirs { user: user.to_owned(), ts: ts.to_owned() });
        }
        Ok(message)
    }
}
