//! People: who joins, and what changes about them.

use alloc::string::String;

use super::{UserInfo, events};
use crate::payload::object::object;

events! { ($) users
    /// Somebody joined the workspace. <https://docs.slack.dev/reference/events/team_join>
    TeamJoin is "team_join" by user {
        /// Who.
        show user: Option<UserInfo>,
        /// The version of Slack's copy.
        show cache_ts: Option<i64>,
    }

    /// Something of a user was changed. <https://docs.slack.dev/reference/events/user_change>
    UserChange is "user_change" by user {
        /// The user now.
        show user: Option<UserInfo>,
        /// The version of Slack's copy.
        show cache_ts: Option<i64>,
    }

    /// A user joined or left a huddle. <https://docs.slack.dev/reference/events/user_huddle_changed>
    UserHuddleChanged is "user_huddle_changed" by user {
        /// The user now.
        show user: Option<UserInfo>,
        /// The version of Slack's copy.
        show cache_ts: Option<i64>,
    }

    /// The profile of a user was changed. <https://docs.slack.dev/reference/events/user_profile_changed>
    UserProfileChanged is "user_profile_changed" by user {
        /// The user now.
        show user: Option<UserInfo>,
        /// The version of Slack's copy.
        show cache_ts: Option<i64>,
    }

    /// The status of a user was changed. <https://docs.slack.dev/reference/events/user_status_changed>
    UserStatusChanged is "user_status_changed" by user {
        /// The user now.
        show user: Option<UserInfo>,
        /// The version of Slack's copy.
        show cache_ts: Option<i64>,
    }

    /// The app's user paused notifications, or no longer does. <https://docs.slack.dev/reference/events/dnd_updated>
    DndUpdated is "dnd_updated" by user {
        /// Who.
        show user: Option<String>,
        /// What is set.
        show dnd_status: Option<DndStatus>,
    }

    /// Somebody paused notifications, or no longer does. <https://docs.slack.dev/reference/events/dnd_updated_user>
    DndUpdatedUser is "dnd_updated_user" by user {
        /// Who.
        show user: Option<String>,
        /// What is set.
        show dnd_status: Option<DndStatus>,
    }
}

object! {
    /// When somebody wants no notifications.
    pub struct DndStatus {
        /// Whether there is such a time.
        show dnd_enabled: bool,
        /// When it begins next, in seconds since 1970.
        show next_dnd_start_ts: Option<i64>,
        /// When it ends, in seconds since 1970.
        show next_dnd_end_ts: Option<i64>,
        /// Whether they are paused now.
        show snooze_enabled: bool,
        /// Until when, in seconds since 1970.
        show snooze_endtime: Option<i64>,
        /// For how long, in seconds.
        show snooze_remaining: Option<i64>,
    }
}
