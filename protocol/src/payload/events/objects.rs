//! Objects that several events have.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use crate::payload::object::object;
use crate::payload::{Json, Secret};

object! {
    /// A conversation: a channel, a private one, a direct message. <https://docs.slack.dev/reference/objects/conversation-object>
    pub struct Conversation {
        /// Its id.
        show id: Option<String>,
        /// Its name.
        hide name: Option<String>,
        /// Its name in lower case, without special characters.
        hide name_normalized: Option<String>,
        /// When it was created, in seconds since 1970.
        show created: Option<i64>,
        /// Who created it.
        show creator: Option<String>,
        /// In a direct message: the other person.
        show user: Option<String>,
        /// The workspace through which the app sees it.
        show context_team_id: Option<String>,
        /// Whether it is a channel.
        show is_channel: bool,
        /// Whether it is a private channel of the old kind.
        show is_group: bool,
        /// Whether it is a direct message.
        show is_im: bool,
        /// Whether it is a direct message of several people.
        show is_mpim: bool,
        /// Whether only its members see it.
        show is_private: bool,
        /// Whether it is archived.
        show is_archived: bool,
        /// Whether it is the workspace's general channel.
        show is_general: bool,
        /// Whether nobody can post for now.
        show is_frozen: bool,
        /// Whether the app is in it.
        show is_member: bool,
        /// Whether it is shared with another workspace.
        show is_shared: bool,
        /// Whether it is shared within the organization.
        show is_org_shared: bool,
        /// Whether it is shared with another organization.
        show is_ext_shared: bool,
        /// Whether another organization is invited.
        show is_pending_ext_shared: bool,
        /// Its topic.
        show topic: Option<Described>,
        /// Its purpose.
        show purpose: Option<Described>,
        /// How many members it has, if that was asked for.
        show num_members: Option<i64>,
    }
}

object! {
    /// The topic or the purpose of a conversation.
    pub struct Described {
        /// The text.
        hide value: Option<String>,
        /// Who wrote it.
        show creator: Option<String>,
        /// When, in seconds since 1970.
        show last_set: Option<i64>,
    }
}

object! {
    /// A user, in full. <https://docs.slack.dev/reference/objects/user-object>
    pub struct UserInfo {
        /// Their id.
        show id: Option<String>,
        /// Their workspace.
        show team_id: Option<String>,
        /// Their user name.
        hide name: Option<String>,
        /// Their real name.
        hide real_name: Option<String>,
        /// What they tell of themselves.
        show profile: Option<Box<UserProfile>>,
        /// Whether their account is switched off.
        show deleted: bool,
        /// A colour, as six digits.
        show color: Option<String>,
        /// Their time zone: `Europe/Berlin`.
        show tz: Option<String>,
        /// Its name.
        show tz_label: Option<String>,
        /// Its offset to UTC, in seconds.
        show tz_offset: Option<i64>,
        /// Their language: `en-US`.
        show locale: Option<String>,
        /// Whether they administrate the workspace.
        show is_admin: bool,
        /// Whether they own the workspace.
        show is_owner: bool,
        /// Whether they are its first owner.
        show is_primary_owner: bool,
        /// Whether they are a guest of several channels.
        show is_restricted: bool,
        /// Whether they are a guest of one channel.
        show is_ultra_restricted: bool,
        /// Whether it is a bot.
        show is_bot: bool,
        /// Whether they are of another organization.
        show is_stranger: bool,
        /// Whether they are an app's own user.
        show is_app_user: bool,
        /// Whether they are invited and have not joined yet.
        show is_invited_user: bool,
        /// Whether their address is confirmed.
        show is_email_confirmed: bool,
        /// Whether it is the bot of a workflow.
        show is_workflow_bot: bool,
        /// Whether they use a second factor.
        show has_2fa: bool,
        /// Which second factor.
        show two_factor_type: Option<String>,
        /// Whether they have files.
        show has_files: bool,
        /// `active` or `away`.
        show presence: Option<String>,
        /// Who may share their contact card.
        show who_can_share_contact_card: Option<String>,
        /// In an organization: the user there.
        show enterprise_user: Option<EnterpriseUser>,
        /// When it was last changed, in seconds since 1970.
        show updated: Option<i64>,
    }
}

object! {
    /// What a user tells of themselves.
    pub struct UserProfile {
        /// Their title.
        hide title: Option<String>,
        /// Their telephone number.
        hide phone: Option<String>,
        /// Their Skype name.
        hide skype: Option<String>,
        /// Their user name.
        hide name: Option<String>,
        /// Their real name.
        hide real_name: Option<String>,
        /// The same in plain letters.
        hide real_name_normalized: Option<String>,
        /// The name that is shown, if they chose one.
        hide display_name: Option<String>,
        /// The same in plain letters.
        hide display_name_normalized: Option<String>,
        /// Their first name.
        hide first_name: Option<String>,
        /// Their last name.
        hide last_name: Option<String>,
        /// Their address, with the scope `users:read.email`.
        hide email: Option<String>,
        /// Their status.
        hide status_text: Option<String>,
        /// Their status, as Slack itself words it.
        hide status_text_canonical: Option<String>,
        /// The status' emoji, with its colons.
        hide status_emoji: Option<String>,
        /// How to show the emoji: an object each.
        hide status_emoji_display_info: Vec<Json>,
        /// When the status ends, in seconds since 1970; 0 for never.
        hide status_expiration: Option<i64>,
        /// `in_a_huddle` or `default_unset`.
        show huddle_state: Option<String>,
        /// The huddle.
        show huddle_state_call_id: Option<String>,
        /// When that ends, in seconds since 1970.
        show huddle_state_expiration_ts: Option<i64>,
        /// The version of their picture.
        show avatar_hash: Option<String>,
        /// Whether they chose a picture.
        show is_custom_image: bool,
        /// Their picture as they gave it.
        hide image_original: Option<String>,
        /// Their picture, 24 pixels wide.
        hide image_24: Option<String>,
        /// 32 pixels.
        hide image_32: Option<String>,
        /// 48 pixels.
        hide image_48: Option<String>,
        /// 72 pixels.
        hide image_72: Option<String>,
        /// 192 pixels.
        hide image_192: Option<String>,
        /// 512 pixels.
        hide image_512: Option<String>,
        /// 1024 pixels.
        hide image_1024: Option<String>,
        /// Their workspace.
        show team: Option<String>,
        /// Whether they are a guest of several channels.
        show is_restricted: bool,
        /// Whether they are a guest of one channel.
        show is_ultra_restricted: bool,
        /// The workspace's own fields: an object, or an empty array.
        show fields: Option<Json>,
    }
}

object! {
    /// A user of an organization.
    pub struct EnterpriseUser {
        /// Their id there.
        show id: Option<String>,
        /// The organization.
        show enterprise_id: Option<String>,
        /// Its name.
        hide enterprise_name: Option<String>,
        /// Whether they administrate it.
        show is_admin: bool,
        /// Whether they own it.
        show is_owner: bool,
        /// Their workspaces.
        show teams: Vec<String>,
    }
}

object! {
    /// A bot, beside a message that it wrote.
    pub struct BotProfile {
        /// Its id.
        show id: Option<String>,
        /// Its name.
        hide name: Option<String>,
        /// Its app.
        show app_id: Option<String>,
        /// Its workspace.
        show team_id: Option<String>,
        /// Its icons, by their sizes.
        show icons: Option<Json>,
        /// When it was last changed, in seconds since 1970.
        show updated: Option<i64>,
        /// Whether it is removed.
        show deleted: bool,
    }
}

object! {
    /// Who edited a message last.
    pub struct Edited {
        /// The user.
        show user: Option<String>,
        /// When, as Slack's timestamp.
        show ts: Option<String>,
    }
}

object! {
    /// A reaction of a message.
    pub struct ReactionCount {
        /// The emoji's name without its colons.
        show name: Option<String>,
        /// How many reacted with it.
        show count: Option<i64>,
        /// Some of them.
        show users: Vec<String>,
    }
}

object! {
    /// Data that an app attached to a message. <https://docs.slack.dev/messaging/message-metadata>
    pub struct MessageMetadata {
        /// The app's own name for the kind of data.
        show event_type: Option<String>,
        /// The data, an object.
        show event_payload: Option<Json>,
    }
}

object! {
    /// What somebody reacted to.
    pub struct Item {
        /// `message`, `file` or `file_comment`.
        show kind = "type": Option<String>,
        /// The message's channel.
        show channel: Option<String>,
        /// The message.
        show ts: Option<String>,
        /// The file.
        show file: Option<String>,
        /// The comment on it.
        show file_comment: Option<String>,
    }
}

object! {
    /// A file, by its id: `files.info` tells the rest.
    pub struct FileId {
        /// Its id.
        show id: Option<String>,
    }
}

object! {
    /// A link in a message.
    pub struct Link {
        /// The URL.
        hide url: Option<String>,
        /// Its domain, which the app registered.
        show domain: Option<String>,
    }
}

object! {
    /// The thread of a person with an assistant, and what that person looks at.
    pub struct AssistantThread {
        /// The person.
        show user_id: Option<String>,
        /// The direct conversation.
        show channel_id: Option<String>,
        /// The thread.
        show thread_ts: Option<String>,
        /// What the person looks at.
        show context: Option<AssistantContext>,
        /// For `assistant.search.context`, as this person.
        show action_token: Option<Secret>,
    }
}

object! {
    /// What a person looks at beside an assistant.
    pub struct AssistantContext {
        /// The channel.
        show channel_id: Option<String>,
        /// The workspace.
        show team_id: Option<String>,
        /// The organization.
        show enterprise_id: Option<String>,
    }
}

object! {
    /// What a person looks at beside an app.
    pub struct AppContext {
        /// The channels, canvases, lists and messages that are open.
        show entities: Vec<ContextEntity>,
    }
}

object! {
    /// One of the things that a person looks at.
    pub struct ContextEntity {
        /// `slack#/types/channel_id`, `…/canvas_id`, `…/list_id` or `…/message_context`.
        show kind = "type": Option<String>,
        /// Its id, or, of a message, an object with `message_ts` and `channel_id`.
        show value: Option<Json>,
        /// The workspace.
        show team_id: Option<String>,
        /// The organization.
        show enterprise_id: Option<String>,
    }
}
