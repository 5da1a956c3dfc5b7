//! Workspaces and organizations: their settings, their emoji, their user groups.

use alloc::string::String;
use alloc::vec::Vec;

use super::events;
use crate::payload::object::object;
use crate::payload::{Json, Team};

events! { ($) teams
    /// The domain of the workspace's addresses was changed. <https://docs.slack.dev/reference/events/email_domain_changed>
    EmailDomainChanged is "email_domain_changed" {
        /// The domain now.
        show email_domain: Option<String>,
    }

    /// Emoji were added, removed or renamed. <https://docs.slack.dev/reference/events/emoji_changed>
    EmojiChanged is "emoji_changed" {
        /// `add`, `remove` or `rename`.
        show subtype: Option<String>,
        /// In `remove`: the names.
        show names: Vec<String>,
        /// In `add`: the name.
        show name: Option<String>,
        /// The URL of its picture.
        show value: Option<String>,
        /// In `rename`: the name before.
        show old_name: Option<String>,
        /// In `rename`: the name now.
        show new_name: Option<String>,
    }

    /// The move of the workspace to an organization has ended.
    /// <https://docs.slack.dev/reference/events/grid_migration_finished>
    GridMigrationFinished is "grid_migration_finished" {
        /// The organization.
        show enterprise_id: Option<String>,
    }

    /// The move of the workspace to an organization begins.
    /// <https://docs.slack.dev/reference/events/grid_migration_started>
    GridMigrationStarted is "grid_migration_started" {
        /// The organization.
        show enterprise_id: Option<String>,
    }

    /// A person asks the administrators to invite somebody. <https://docs.slack.dev/reference/events/invite_requested>
    InviteRequested is "invite_requested" {
        /// The request.
        show invite_request: Option<InviteRequest>,
    }

    /// A user group was created. <https://docs.slack.dev/reference/events/subteam_created>
    SubteamCreated is "subteam_created" {
        /// The group.
        show subteam: Option<Subteam>,
    }

    /// The members of a user group changed. <https://docs.slack.dev/reference/events/subteam_members_changed>
    SubteamMembersChanged is "subteam_members_changed" {
        /// The group.
        show subteam_id: Option<String>,
        /// The workspace.
        show team_id: Option<String>,
        /// When they changed before, in seconds since 1970.
        show date_previous_update: Option<i64>,
        /// When they changed, in seconds since 1970.
        show date_update: Option<i64>,
        /// Who was added.
        show added_users: Vec<String>,
        /// How many were added.
        show added_users_count: Option<i64>,
        /// Who was removed.
        show removed_users: Vec<String>,
        /// How many were removed.
        show removed_users_count: Option<i64>,
    }

    /// The app's user was added to a user group. <https://docs.slack.dev/reference/events/subteam_self_added>
    SubteamSelfAdded is "subteam_self_added" {
        /// The group.
        show subteam_id: Option<String>,
    }

    /// The app's user was removed from a user group. <https://docs.slack.dev/reference/events/subteam_self_removed>
    SubteamSelfRemoved is "subteam_self_removed" {
        /// The group.
        show subteam_id: Option<String>,
    }

    /// A user group was changed. <https://docs.slack.dev/reference/events/subteam_updated>
    SubteamUpdated is "subteam_updated" {
        /// The group.
        show subteam: Option<Subteam>,
    }

    /// The app may work in more workspaces of the organization.
    /// <https://docs.slack.dev/reference/events/team_access_granted>
    TeamAccessGranted is "team_access_granted" {
        /// The workspaces.
        show team_ids: Vec<String>,
    }

    /// The app may no longer work in some workspaces of the organization.
    /// <https://docs.slack.dev/reference/events/team_access_revoked>
    TeamAccessRevoked is "team_access_revoked" {
        /// The workspaces.
        show team_ids: Vec<String>,
    }

    /// The workspace has another URL. <https://docs.slack.dev/reference/events/team_domain_change>
    TeamDomainChange is "team_domain_change" {
        /// The URL now.
        show url: Option<String>,
        /// The name in it.
        show domain: Option<String>,
    }

    /// The workspace has another name. <https://docs.slack.dev/reference/events/team_rename>
    TeamRename is "team_rename" {
        /// The name now.
        hide name: Option<String>,
    }
}

object! {
    /// A request to invite somebody.
    pub struct InviteRequest {
        /// Its id.
        show id: Option<String>,
        /// Who is to be invited.
        hide email: Option<String>,
        /// When, in seconds since 1970.
        show date_created: Option<i64>,
        /// Who asks.
        show requester_ids: Vec<String>,
        /// The channels that the person is to see.
        show channel_ids: Vec<String>,
        /// `restricted`, `ultra_restricted` or `full_member`.
        show invite_type: Option<String>,
        /// The person's real name.
        hide real_name: Option<String>,
        /// When the account is to end, in seconds since 1970; 0 for never.
        show date_expire: Option<i64>,
        /// Why.
        hide request_reason: Option<String>,
        /// The workspace.
        show team: Option<Team>,
    }
}

object! {
    /// A user group. <https://docs.slack.dev/reference/objects/usergroup-object>
    pub struct Subteam {
        /// Its id.
        show id: Option<String>,
        /// The workspace.
        show team_id: Option<String>,
        /// Always true.
        show is_usergroup: bool,
        /// Always true.
        show is_subteam: bool,
        /// Its name.
        hide name: Option<String>,
        /// What it is for.
        hide description: Option<String>,
        /// The word that names it in messages.
        hide handle: Option<String>,
        /// Whether it is of another organization.
        show is_external: bool,
        /// When it was created, in seconds since 1970.
        show date_create: Option<i64>,
        /// When it was changed, in seconds since 1970.
        show date_update: Option<i64>,
        /// When it was switched off, in seconds since 1970; 0 if it was not.
        show date_delete: Option<i64>,
        /// `admins`, `owners`, or none.
        show auto_type: Option<String>,
        /// Whether it is kept by a directory.
        show auto_provision: bool,
        /// The organization's group.
        show enterprise_subteam_id: Option<String>,
        /// Who created it.
        show created_by: Option<String>,
        /// Who changed it last.
        show updated_by: Option<String>,
        /// Who switched it off.
        show deleted_by: Option<String>,
        /// Its channels, an object.
        show prefs: Option<Json>,
        /// Its members.
        show users: Vec<String>,
        /// How many they are.
        show user_count: Option<i64>,
        /// How many channels it has.
        show channel_count: Option<i64>,
    }
}
