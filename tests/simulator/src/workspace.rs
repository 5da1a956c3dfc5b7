//! The workspace: its people and its channels.

use serde::Deserialize;
use serde_json::{Value, json};

/// The id of the default workspace.
pub const TEAM: &str = "T0SIMULATE";
/// Somebody in it.
pub const PERSON: &str = "U0PERSON01";
/// A channel in it, of which everybody and the bot are members.
pub const CHANNEL: &str = "C0GENERAL1";

/// Somebody else in the default workspace.
const OTHER_PERSON: &str = "U0PERSON02";
/// Another channel in the default workspace.
const OTHER_CHANNEL: &str = "C0RANDOM01";

/// Who and what there is in the workspace at the start.
///
/// ```
/// use socketmode_simulator::{Channel, User, Workspace};
///
/// let workspace = Workspace {
///     users: vec![User::new("U1", "ann"), User::new("U2", "bob")],
///     channels: vec![Channel::new("C1", "general")],
///     ..Workspace::default()
/// };
/// assert_eq!(workspace.team_name, "Simulated");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Workspace {
    /// Its id, `T…`. Default: [`TEAM`].
    pub team_id: String,
    /// Its name. Default: `Simulated`.
    pub team_name: String,
    /// The first part of its host name. Default: `simulated`.
    pub team_domain: String,
    /// The people. Default: [`PERSON`] and one more.
    pub users: Vec<User>,
    /// The channels. Default: [`CHANNEL`] and one more. The direct messages between each person and the bot are there
    /// besides.
    pub channels: Vec<Channel>,
}

/// A person, or the user that is a bot's.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct User {
    /// The id, `U…`.
    pub id: String,
    /// The name that is shown.
    pub name: String,
    /// The full name; empty is the same as the name.
    pub real_name: String,
    /// The address; empty if there is none.
    pub email: String,
    /// Whether it is a bot's.
    pub is_bot: bool,
}

/// A channel.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Channel {
    /// The id: `C…`, and `D…` for direct messages.
    pub id: String,
    /// The name, without `#`; empty for direct messages.
    pub name: String,
    /// Who sees it.
    pub kind: ChannelKind,
    /// The ids of its members, bots among them. One that is given without members in [`Options`](crate::Options) has
    /// everybody as members.
    pub members: Vec<String>,
    /// Whether the default app's bot is a member at the start. Default: yes.
    pub has_bot: bool,
    /// What it is about. Default: nothing.
    pub topic: String,
}

/// Who sees a channel.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ChannelKind {
    /// Everybody; members are told what happens in it.
    #[default]
    Public,
    /// Its members alone.
    Private,
    /// Direct messages of two.
    Im,
}

impl Default for Workspace {
    fn default() -> Self {
        Self {
            team_id: TEAM.to_owned(),
            team_name: "Simulated".to_owned(),
            team_domain: "simulated".to_owned(),
            users: vec![User::new(PERSON, "robin"), User::new(OTHER_PERSON, "kim")],
            channels: vec![Channel::new(CHANNEL, "general"), Channel::new(OTHER_CHANNEL, "random")],
        }
    }
}

impl User {
    /// A person of this name.
    #[must_use]
    pub fn new(id: impl Into<String>, name: impl Into<String>) -> Self {
        Self { id: id.into(), name: name.into(), ..Self::default() }
    }
}

impl User {
    /// As the control API shows it.
    pub(crate) fn shown(&self) -> Value {
        json!({"id": self.id, "name": self.name, "real_name": self.full_name(), "is_bot": self.is_bot})
    }

    /// The full name.
    pub(crate) fn full_name(&self) -> &str {
        if self.real_name.is_empty() { &self.name } else { &self.real_name }
    }
}

impl Default for Channel {
    fn default() -> Self {
        Self {
            id: String::new(),
            name: String::new(),
            kind: ChannelKind::Public,
            members: Vec::new(),
            has_bot: true,
            topic: String::new(),
        }
    }
}

impl Channel {
    /// A public channel of this name, of which everybody and the default app's bot are members.
    #[must_use]
    pub fn new(id: impl Into<String>, name: impl Into<String>) -> Self {
        Self { id: id.into(), name: name.into(), ..Self::default() }
    }

    /// As the field `channel_type` of events names it.
    pub(crate) fn event_type(&self) -> &'static str {
        match self.kind {
            ChannelKind::Public => "channel",
            ChannelKind::Private => "group",
            ChannelKind::Im => "im",
        }
    }

    pub(crate) fn has_member(&self, user: &str) -> bool {
        self.members.iter().any(|member| member == user)
    }

    /// As the Web API and the control API show it.
    pub(crate) fn shown(&self, partner: Option<&str>) -> Value {
        let is_im = self.kind == ChannelKind::Im;
        let mut shown = json!({
            "id": self.id,
            "name": self.name,
            "is_channel": self.kind == ChannelKind::Public,
            "is_private": self.kind == ChannelKind::Private,
            "is_im": is_im,
            "topic": {"value": self.topic},
            "num_members": self.members.len(),
            "members": self.members,
        });
        if let (Some(shown), Some(partner)) = (shown.as_object_mut(), partner.filter(|_| is_im)) {
            shown.insert("user".to_owned(), json!(partner));
        }
        shown
    }
}
