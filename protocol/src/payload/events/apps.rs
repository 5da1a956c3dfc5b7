//! The app itself: opened, installed, asked for, removed.

use alloc::string::String;
use alloc::vec::Vec;

use super::{AppContext, events};
use crate::payload::object::object;
use crate::payload::{Json, Team, User, View};

events! { ($) apps
    /// A person opened the app's home. <https://docs.slack.dev/reference/events/app_home_opened>
    AppHomeOpened is "app_home_opened" by user in channel {
        /// Who opened it.
        show user: Option<String>,
        /// The conversation with the app.
        show channel: Option<String>,
        /// `home` or `messages`.
        show tab: Option<String>,
        /// What is published there already.
        show view: Option<View>,
        /// What the person looks at.
        show context: Option<AppContext>,
    }

    /// An app was installed. <https://docs.slack.dev/reference/events/app_installed>
    AppInstalled is "app_installed" by user_id {
        /// The app.
        show app_id: Option<String>,
        /// Its name.
        hide app_name: Option<String>,
        /// Who owns it.
        show app_owner_id: Option<String>,
        /// Who installed it.
        show user_id: Option<String>,
        /// The workspace.
        show team_id: Option<String>,
        /// The workspace's name in its URL.
        show team_domain: Option<String>,
    }

    /// An app was deleted. <https://docs.slack.dev/reference/events/app_deleted>
    AppDeleted is "app_deleted" {
        /// The app.
        show app_id: Option<String>,
        /// Its name.
        hide app_name: Option<String>,
        /// Who owned it.
        show app_owner_id: Option<String>,
        /// The workspace.
        show team_id: Option<String>,
        /// The workspace's name in its URL.
        show team_domain: Option<String>,
    }

    /// An app was removed from a workspace. <https://docs.slack.dev/reference/events/app_uninstalled_team>
    AppUninstalledTeam is "app_uninstalled_team" by user_id {
        /// The app.
        show app_id: Option<String>,
        /// Its name.
        hide app_name: Option<String>,
        /// Who owns it.
        show app_owner_id: Option<String>,
        /// Who removed it.
        show user_id: Option<String>,
        /// The workspace.
        show team_id: Option<String>,
        /// The workspace's name in its URL.
        show team_domain: Option<String>,
    }

    /// The app itself was removed: its tokens no longer work. <https://docs.slack.dev/reference/events/app_uninstalled>
    AppUninstalled is "app_uninstalled" {}

    /// Tokens of the app were revoked. <https://docs.slack.dev/reference/events/tokens_revoked>
    TokensRevoked is "tokens_revoked" {
        /// Whose.
        show tokens: Option<RevokedTokens>,
    }

    /// Slack left out events of this app. Slack sends it as the payload itself, with no event in it: the fields are those of
    /// [`EventCallback`](crate::payload::EventCallback). <https://docs.slack.dev/reference/events/app_rate_limited>
    AppRateLimited is "app_rate_limited" {
        /// The workspace.
        show team_id: Option<String>,
        /// The app.
        show api_app_id: Option<String>,
        /// The minute in which events were left out, in seconds since 1970.
        show minute_rate_limited: Option<i64>,
    }

    /// A person asks the administrators for an app. <https://docs.slack.dev/reference/events/app_requested>
    AppRequested is "app_requested" by app_request {
        /// The request.
        show app_request: Option<AppRequest>,
    }

    /// A person declined a call. <https://docs.slack.dev/reference/events/call_rejected>
    CallRejected is "call_rejected" by user_id in channel_id {
        /// The call.
        show call_id: Option<String>,
        /// Who declined it.
        show user_id: Option<String>,
        /// Where.
        show channel_id: Option<String>,
        /// The app's own id of the call.
        show external_unique_id: Option<String>,
    }
}

object! {
    /// The users whose tokens were revoked. No token is in it.
    pub struct RevokedTokens {
        /// The users whose user tokens were.
        show oauth: Vec<String>,
        /// The bot users whose bot tokens were.
        show bot: Vec<String>,
    }
}

impl super::ByUser for Option<AppRequest> {
    fn by_user(&self) -> Option<&str> {
        self.as_ref()?.user.as_ref()?.id.as_deref()
    }
}

object! {
    /// A request for an app.
    pub struct AppRequest {
        /// Its id, for `admin.apps.approve` and `admin.apps.restrict`.
        show id: Option<String>,
        /// The app, an object.
        show app: Option<Json>,
        /// What was decided before, if anything was: an object.
        show previous_resolution: Option<Json>,
        /// Whether the person develops the app.
        show is_user_app_collaborator: bool,
        /// Who asks.
        show user: Option<User>,
        /// The workspace.
        show team: Option<Team>,
        /// What the app wants to do: an object each.
        hide scopes: Vec<Json>,
        /// What the person wrote.
        hide message: Option<String>,
        /// When, in seconds since 1970.
        show date_created: Option<i64>,
    }
}
