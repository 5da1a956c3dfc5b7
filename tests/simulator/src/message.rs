//! A message in a channel.

use serde_json::Value;

/// A message, as Slack shows it now: a person's, or one that the bot has posted (by a method, a stream, a `response_url`
/// or the answer to a slash command).
///
/// ```
/// use socketmode_simulator::{CHANNEL, Options, PERSON, Simulator};
///
/// let slack = Simulator::start(Options::default())?;
/// slack.say(PERSON, CHANNEL, "hello");
/// // What people write is in the channel; `messages` are those of the bot.
/// assert_eq!(slack.history(Some(CHANNEL), None)[0].text, "hello");
/// assert!(slack.messages().is_empty());
/// # Ok::<_, socketmode_simulator::StartError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PostedMessage {
    /// The id of its channel.
    pub channel: String,
    /// Its time stamp, which is its id in the channel.
    pub ts: String,
    /// The user that wrote it; a bot's is one too.
    pub user: String,
    /// The bot that posted it, if it is a bot's.
    pub bot_id: Option<String>,
    /// Its text; empty if it has none.
    pub text: String,
    /// Its blocks, each with a `block_id`, their elements with an `action_id`; an empty array if it has none.
    pub blocks: Value,
    /// Its attachments; an empty array if it has none.
    pub attachments: Value,
    /// The files that it shares; an empty array if it shares none.
    pub files: Value,
    /// The head of its thread, if it is in one.
    pub thread_ts: Option<String>,
    /// Whether only one person sees it.
    pub is_ephemeral: bool,
    /// Who that is.
    pub to: Option<String>,
    /// When it was changed last, as a time stamp.
    pub edited: Option<String>,
    /// The reactions, oldest first.
    pub reactions: Vec<Reaction>,
    /// Whether it is a stream that still grows.
    pub is_streaming: bool,
    pub(crate) app_id: Option<String>,
    pub(crate) metadata: Value,
    /// What was chosen in it, by `block_id` and `action_id`.
    pub(crate) entered: Value,
    pub(crate) deleted: bool,
}

/// A reaction to a message.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reaction {
    /// The emoji's name, without colons.
    pub name: String,
    /// The ids of the users, in the order they reacted.
    pub users: Vec<String>,
}

impl PostedMessage {
    /// Whether a bot posted it.
    #[must_use]
    pub fn is_by_bot(&self) -> bool {
        self.bot_id.is_some()
    }

    pub(crate) fn new(channel: &str, ts: String, user: &str, text: &str) -> Self {
        Self {
            channel: channel.to_owned(),
            ts,
            user: user.to_owned(),
            bot_id: None,
            text: text.to_owned(),
            blocks: Value::Array(Vec::new()),
            attachments: Value::Array(Vec::new()),
            files: Value::Array(Vec::new()),
            thread_ts: None,
            is_ephemeral: false,
            to: None,
            edited: None,
            reactions: Vec::new(),
            is_streaming: false,
            app_id: None,
            metadata: Value::Null,
            entered: Value::Null,
            deleted: false,
        }
    }
    /// Adds a user's reaction; false if it is there.
    pub(crate) fn react(&mut self, user: &str, name: &str) -> bool {
        let Some(known) = self.reactions.iter_mut().find(|reaction| reaction.name == name) else {
            self.reactions.push(Reaction { name: name.to_owned(), users: vec![user.to_owned()] });
            return true;
        };
        let is_new = !known.users.iter().any(|other| other == user);
        if is_new {
            known.users.push(user.to_owned());
        }
        is_new
    }

    /// Whether a user has reacted so.
    pub(crate) fn has_reaction(&self, user: &str, name: &str) -> bool {
        let known = self.reactions.iter().find(|reaction| reaction.name == name);
        known.is_some_and(|known| known.users.iter().any(|other| other == user))
    }

    /// Takes a user's reaction away; false if it is not there.
    pub(crate) fn unreact(&mut self, user: &str, name: &str) -> bool {
        let Some(known) = self.reactions.iter_mut().find(|reaction| reaction.name == name) else {
            return false;
        };
        let before = known.users.len();
        known.users.retain(|other| other != user);
        let is_gone = known.users.len() < before;
        self.reactions.retain(|reaction| !reaction.users.is_empty());
        is_gone
    }
}
