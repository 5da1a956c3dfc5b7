//! Channels that are shared with another organization (Slack Connect).

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use super::{Conversation, UserProfile, events};
use crate::payload::Json;
use crate::payload::object::object;

events! { ($) shared_channels
    /// An invitation to a shared channel was accepted.
    /// <https://docs.slack.dev/reference/events/shared_channel_invite_accepted>
    SharedChannelInviteAccepted is "shared_channel_invite_accepted" by accepting_user in channel {
        /// Whether an administrator has to approve it.
        show approval_required: bool,
        /// The invitation.
        show invite: Option<SharedChannelInvite>,
        /// The channel.
        show channel: Option<Conversation>,
        /// The workspaces that share it.
        show teams_in_channel: Vec<SharedChannelTeam>,
        /// Who accepted.
        show accepting_user: Option<SharedChannelUser>,
    }

    /// An invitation to a shared channel was approved by an administrator.
    /// <https://docs.slack.dev/reference/events/shared_channel_invite_approved>
    SharedChannelInviteApproved is "shared_channel_invite_approved" by approving_user in channel {
        /// The invitation.
        show invite: Option<SharedChannelInvite>,
        /// The channel.
        show channel: Option<Conversation>,
        /// The workspace of the administrator.
        show approving_team_id: Option<String>,
        /// The workspaces that share it.
        show teams_in_channel: Vec<SharedChannelTeam>,
        /// Who approved.
        show approving_user: Option<SharedChannelUser>,
    }

    /// An invitation to a shared channel was declined.
    /// <https://docs.slack.dev/reference/events/shared_channel_invite_declined>
    SharedChannelInviteDeclined is "shared_channel_invite_declined" by declining_user in channel {
        /// The invitation.
        show invite: Option<SharedChannelInvite>,
        /// The channel.
        show channel: Option<Conversation>,
        /// The workspace that declined.
        show declining_team_id: Option<String>,
        /// The workspaces that share it.
        show teams_in_channel: Vec<SharedChannelTeam>,
        /// Who declined.
        show declining_user: Option<SharedChannelUser>,
    }

    /// The app's user was invited to a shared channel.
    /// <https://docs.slack.dev/reference/events/shared_channel_invite_received>
    SharedChannelInviteReceived is "shared_channel_invite_received" in channel {
        /// The invitation.
        show invite: Option<SharedChannelInvite>,
        /// The channel.
        show channel: Option<Conversation>,
    }

    /// Somebody asks to invite others to a channel.
    /// <https://docs.slack.dev/reference/events/shared_channel_invite_requested>
    SharedChannelInviteRequested is "shared_channel_invite_requested" by actor in channel_id {
        /// Who asks.
        show actor: Option<SharedChannelUser>,
        /// The channel.
        show channel_id: Option<String>,
        /// `slack#/events/shared_channel_invite_requested`.
        show event_type: Option<String>,
        /// The channel's name.
        hide channel_name: Option<String>,
        /// `public` or `private`.
        show channel_type: Option<String>,
        /// Who is to be invited.
        show target_users: Vec<TargetUser>,
        /// The workspaces that share it.
        show teams_in_channel: Vec<SharedChannelTeam>,
        /// Whether the others can only read and write.
        show is_external_limited: bool,
        /// When the channel was created, in seconds since 1970.
        show channel_date_created: Option<i64>,
        /// The channel's latest message, in seconds since 1970.
        show channel_message_latest_counted_timestamp: Option<i64>,
    }
}

object! {
    /// An invitation to a shared channel.
    pub struct SharedChannelInvite {
        /// Its id.
        show id: Option<String>,
        /// When it was made, in seconds since 1970.
        show date_created: Option<i64>,
        /// When it ends, in seconds since 1970.
        show date_invalid: Option<i64>,
        /// The workspace that invites.
        show inviting_team: Option<SharedChannelTeam>,
        /// Who invites.
        show inviting_user: Option<SharedChannelUser>,
        /// Who is invited, by address.
        hide recipient_email: Option<String>,
        /// Who is invited, by id.
        show recipient_user_id: Option<String>,
    }
}

object! {
    /// A workspace that shares a channel.
    pub struct SharedChannelTeam {
        /// Its id.
        show id: Option<String>,
        /// Its name.
        hide name: Option<String>,
        /// Its icons, an object.
        show icon: Option<Json>,
        /// Where its icons are.
        show avatar_base_url: Option<String>,
        /// Whether Slack has verified it.
        show is_verified: bool,
        /// Its name in its URL.
        show domain: Option<String>,
        /// When it was created, in seconds since 1970.
        show date_created: Option<i64>,
        /// Whether another workspace must pay for it.
        show requires_sponsorship: bool,
    }
}

object! {
    /// A person of one of the workspaces.
    pub struct SharedChannelUser {
        /// Their id.
        show id: Option<String>,
        /// Their workspace.
        show team_id: Option<String>,
        /// Their user name.
        hide name: Option<String>,
        /// Their real name.
        hide real_name: Option<String>,
        /// The name that is shown.
        hide display_name: Option<String>,
        /// Whether it is a bot.
        show is_bot: bool,
        /// Their time zone.
        show timezone: Option<String>,
        /// When it was last changed, in seconds since 1970.
        show updated: Option<i64>,
        /// What they tell of themselves.
        show profile: Option<Box<UserProfile>>,
    }
}

object! {
    /// Somebody to be invited.
    pub struct TargetUser {
        /// Their address.
        hide email: Option<String>,
        /// The invitation, for `conversations.requestSharedInvite.approve`.
        show invite_id: Option<String>,
    }
}
