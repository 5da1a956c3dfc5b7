//! Channels, private channels (`group_…`), direct messages (`im_…`), and their members.

use alloc::string::String;

use super::{Conversation, events};

events! { ($) channels
    /// A channel was archived. <https://docs.slack.dev/reference/events/channel_archive>
    ChannelArchive is "channel_archive" by user in channel {
        /// The channel.
        show channel: Option<String>,
        /// Who archived it.
        show user: Option<String>,
        /// 1 if it was moved to another workspace.
        show is_moved: Option<i64>,
    }

    /// A channel was created. <https://docs.slack.dev/reference/events/channel_created>
    ChannelCreated is "channel_created" in channel {
        /// The channel.
        show channel: Option<Conversation>,
    }

    /// A channel was deleted. <https://docs.slack.dev/reference/events/channel_deleted>
    ChannelDeleted is "channel_deleted" in channel {
        /// The channel.
        show channel: Option<String>,
    }

    /// Many messages of a channel were changed: read it again.
    /// <https://docs.slack.dev/reference/events/channel_history_changed>
    ChannelHistoryChanged is "channel_history_changed" in channel {
        /// The channel.
        show channel: Option<String>,
        /// The latest message that was changed.
        show latest: Option<String>,
        /// When, as Slack's timestamp.
        show ts: Option<String>,
    }

    /// A channel has another id now. <https://docs.slack.dev/reference/events/channel_id_changed>
    ChannelIdChanged is "channel_id_changed" in new_channel_id {
        /// Its id before.
        show old_channel_id: Option<String>,
        /// Its id now.
        show new_channel_id: Option<String>,
    }

    /// The app's user left a channel. <https://docs.slack.dev/reference/events/channel_left>
    ChannelLeft is "channel_left" by actor_id in channel {
        /// The channel.
        show channel: Option<String>,
        /// Who caused it.
        show actor_id: Option<String>,
    }

    /// A channel was renamed. <https://docs.slack.dev/reference/events/channel_rename>
    ChannelRename is "channel_rename" in channel {
        /// The channel, with its name now.
        show channel: Option<Conversation>,
    }

    /// A channel was shared with another workspace. <https://docs.slack.dev/reference/events/channel_shared>
    ChannelShared is "channel_shared" in channel {
        /// The workspace.
        show connected_team_id: Option<String>,
        /// The channel.
        show channel: Option<String>,
    }

    /// A channel was unarchived. <https://docs.slack.dev/reference/events/channel_unarchive>
    ChannelUnarchive is "channel_unarchive" by user in channel {
        /// The channel.
        show channel: Option<String>,
        /// Who unarchived it.
        show user: Option<String>,
    }

    /// A channel is no longer shared with a workspace. <https://docs.slack.dev/reference/events/channel_unshared>
    ChannelUnshared is "channel_unshared" in channel {
        /// The workspace.
        show previously_connected_team_id: Option<String>,
        /// The channel.
        show channel: Option<String>,
        /// Whether it is still shared with others.
        show is_ext_shared: bool,
    }

    /// A private channel was archived. <https://docs.slack.dev/reference/events/group_archive>
    GroupArchive is "group_archive" by user in channel {
        /// The channel.
        show channel: Option<String>,
        /// Who archived it.
        show user: Option<String>,
        /// 1 if it was moved to another workspace.
        show is_moved: Option<i64>,
    }

    /// A private channel was closed. <https://docs.slack.dev/reference/events/group_close>
    GroupClose is "group_close" by user in channel {
        /// Who closed it.
        show user: Option<String>,
        /// The channel.
        show channel: Option<String>,
    }

    /// A private channel was deleted. <https://docs.slack.dev/reference/events/group_deleted>
    GroupDeleted is "group_deleted" by actor_id in channel {
        /// The channel.
        show channel: Option<String>,
        /// When, in seconds since 1970.
        show date_deleted: Option<i64>,
        /// Who deleted it.
        show actor_id: Option<String>,
    }

    /// Many messages of a private channel were changed: read it again.
    /// <https://docs.slack.dev/reference/events/group_history_changed>
    GroupHistoryChanged is "group_history_changed" in channel {
        /// The channel.
        show channel: Option<String>,
        /// The latest message that was changed.
        show latest: Option<String>,
        /// When, as Slack's timestamp.
        show ts: Option<String>,
    }

    /// The app's user left a private channel. <https://docs.slack.dev/reference/events/group_left>
    GroupLeft is "group_left" by actor_id in channel {
        /// The channel.
        show channel: Option<String>,
        /// Who caused it.
        show actor_id: Option<String>,
    }

    /// A private channel was opened. <https://docs.slack.dev/reference/events/group_open>
    GroupOpen is "group_open" by user in channel {
        /// Who opened it.
        show user: Option<String>,
        /// The channel.
        show channel: Option<String>,
    }

    /// A private channel was renamed. <https://docs.slack.dev/reference/events/group_rename>
    GroupRename is "group_rename" in channel {
        /// The channel, with its name now.
        show channel: Option<Conversation>,
    }

    /// A private channel was unarchived. <https://docs.slack.dev/reference/events/group_unarchive>
    GroupUnarchive is "group_unarchive" by actor_id in channel {
        /// The channel.
        show channel: Option<String>,
        /// Who unarchived it.
        show actor_id: Option<String>,
    }

    /// A direct message was closed. <https://docs.slack.dev/reference/events/im_close>
    ImClose is "im_close" by user in channel {
        /// Who closed it.
        show user: Option<String>,
        /// The conversation.
        show channel: Option<String>,
    }

    /// A direct message was created. <https://docs.slack.dev/reference/events/im_created>
    ImCreated is "im_created" by user in channel {
        /// The other person.
        show user: Option<String>,
        /// The conversation.
        show channel: Option<Conversation>,
    }

    /// Many messages of a direct message were changed: read it again.
    /// <https://docs.slack.dev/reference/events/im_history_changed>
    ImHistoryChanged is "im_history_changed" in channel {
        /// The conversation.
        show channel: Option<String>,
        /// The latest message that was changed.
        show latest: Option<String>,
        /// When, as Slack's timestamp.
        show ts: Option<String>,
    }

    /// A direct message was opened. <https://docs.slack.dev/reference/events/im_open>
    ImOpen is "im_open" by user in channel {
        /// Who opened it.
        show user: Option<String>,
        /// The conversation.
        show channel: Option<String>,
    }

    /// Somebody joined a channel. <https://docs.slack.dev/reference/events/member_joined_channel>
    MemberJoinedChannel is "member_joined_channel" by user in channel {
        /// Who joined.
        show user: Option<String>,
        /// What they joined.
        show channel: Option<String>,
        /// `C` for a channel, `G` for a private one.
        show channel_type: Option<String>,
        /// The workspace.
        show team: Option<String>,
        /// Who invited them, if somebody did.
        show inviter: Option<String>,
        /// The organization.
        show enterprise: Option<String>,
    }

    /// Somebody left a channel. <https://docs.slack.dev/reference/events/member_left_channel>
    MemberLeftChannel is "member_left_channel" by user in channel {
        /// Who left.
        show user: Option<String>,
        /// What they left.
        show channel: Option<String>,
        /// `C` for a channel, `G` for a private one.
        show channel_type: Option<String>,
        /// The workspace.
        show team: Option<String>,
        /// The organization.
        show enterprise: Option<String>,
    }
}
