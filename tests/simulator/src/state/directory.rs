//! The people and the channels, as they are now.

use super::State;
use super::apps::App;
use crate::workspace::{Channel, ChannelKind, User, Workspace};
use serde_json::Value;
use std::collections::BTreeMap;

/// Users that there may be; no more join by themselves.
const MOST_USERS: usize = 10_000;
/// Channels that there may be; no more are made.
const MOST_CHANNELS: usize = 10_000;

/// The people and the channels, by id.
pub(crate) struct Directory {
    pub(crate) team_id: String,
    pub(crate) team_name: String,
    pub(crate) team_domain: String,
    users: BTreeMap<String, User>,
    channels: BTreeMap<String, Channel>,
}

impl Directory {
    pub(crate) fn new(workspace: &Workspace, bot: &App) -> Self {
        let mut directory = Self {
            team_id: workspace.team_id.clone(),
            team_name: workspace.team_name.clone(),
            team_domain: workspace.team_domain.clone(),
            users: BTreeMap::new(),
            channels: BTreeMap::new(),
        };
        for user in workspace.users.iter().take(MOST_USERS) {
            directory.users.insert(user.id.clone(), user.clone());
        }
        let everybody: Vec<_> = directory.users.keys().cloned().collect();
        for channel in workspace.channels.iter().take(MOST_CHANNELS) {
            let mut channel = channel.clone();
            if channel.members.is_empty() {
                channel.members.clone_from(&everybody);
            }
            if channel.has_bot && !channel.has_member(&bot.bot_user_id) {
                channel.members.push(bot.bot_user_id.clone());
            }
            directory.channels.insert(channel.id.clone(), channel);
        }
        directory.install(bot, &bot.name);
        directory
    }

    /// An app's bot is a user too, and each person can write to it.
    pub(crate) fn install(&mut self, app: &App, name: &str) {
        let people: Vec<_> = self.users().filter(|user| !user.is_bot).map(|user| user.id.clone()).collect();
        let user = User { is_bot: true, ..User::new(app.bot_user_id.clone(), name) };
        self.users.insert(user.id.clone(), user);
        for person in people {
            self.im(&person, &app.bot_user_id);
        }
    }

    pub(crate) fn users(&self) -> impl Iterator<Item = &User> {
        self.users.values()
    }

    pub(crate) fn user(&self, id: &str) -> Option<&User> {
        self.users.get(id)
    }

    pub(crate) fn channels(&self) -> impl Iterator<Item = &Channel> {
        self.channels.values()
    }

    pub(crate) fn channel(&self, id: &str) -> Option<&Channel> {
        self.channels.get(id)
    }

    pub(crate) fn channel_mut(&mut self, id: &str) -> Option<&mut Channel> {
        self.channels.get_mut(id)
    }

    pub(crate) fn channel_named(&self, name: &str) -> Option<&Channel> {
        self.channels().find(|channel| channel.name == name && !name.is_empty())
    }

    /// The direct messages of a person and a bot; they are made if there are none.
    pub(crate) fn im(&mut self, person: &str, bot: &str) -> Option<String> {
        let both = |channel: &&Channel| channel.has_member(person) && channel.has_member(bot);
        if let Some(im) = self.channels().filter(|channel| channel.kind == ChannelKind::Im).find(both) {
            return Some(im.id.clone());
        }
        let number = self.channels.len();
        if number >= MOST_CHANNELS {
            return None;
        }
        let id = format!("D0{number:07X}{}", person.chars().last().unwrap_or('0'));
        let members = vec![person.to_owned(), bot.to_owned()];
        let channel = Channel { kind: ChannelKind::Im, members, ..Channel::new(id.clone(), "") };
        self.channels.insert(id.clone(), channel);
        Some(id)
    }

    /// The person at the other end of a bot's direct messages.
    pub(crate) fn partner<'a>(&self, channel: &'a Channel) -> Option<&'a str> {
        let is_person = |member: &&String| self.user(member).is_none_or(|user| !user.is_bot);
        channel.members.iter().find(is_person).map(String::as_str)
    }

    /// A channel, as it is shown by APIs.
    pub(crate) fn shown(&self, channel: &Channel) -> Value {
        channel.shown(self.partner(channel))
    }

    /// Adds somebody who is not there yet.
    pub(crate) fn meet(&mut self, user: &str, bot: &str) {
        if !self.users.contains_key(user) && self.users.len() < MOST_USERS {
            self.users.insert(user.to_owned(), User::new(user, user.to_lowercase()));
            self.im(user, bot);
        }
    }

    /// Adds a channel that is not there yet, with these two as members.
    pub(crate) fn found(&mut self, id: &str, user: &str, bot: &str) {
        if self.channels.contains_key(id) {
            return;
        }
        let kind = match id.as_bytes().first() {
            Some(b'D') => ChannelKind::Im,
            Some(b'G') => ChannelKind::Private,
            _ => ChannelKind::Public,
        };
        let name = if kind == ChannelKind::Im { String::new() } else { id.to_lowercase() };
        let members = vec![user.to_owned(), bot.to_owned()];
        self.create(Channel { kind, members, ..Channel::new(id, name) });
    }

    /// A new channel, unless there are too many.
    pub(crate) fn create(&mut self, channel: Channel) -> bool {
        let fits = self.channels.len() < MOST_CHANNELS;
        if fits {
            self.channels.insert(channel.id.clone(), channel);
        }
        fits
    }
}

impl State {
    /// Who acts where need not be there before: people and channels that are not known join.
    pub(crate) fn join(&mut self, user: &str, channel: &str) {
        let bot = self.apps.default.bot_user_id.clone();
        self.directory.meet(user, &bot);
        self.directory.found(channel, user, &bot);
    }
}
