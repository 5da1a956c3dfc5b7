//! Slash commands.

use alloc::string::String;

use super::Secret;
use super::object::object;

object! {
    /// The payload of a `slash_commands` envelope: somebody typed `/command text`.
    ///
    /// Only `command` is required. <https://docs.slack.dev/interactivity/implementing-slash-commands>
    ///
    /// ```
    /// use socketmode_protocol::payload::SlashCommand;
    ///
    /// let command: SlashCommand = serde_json::from_str(
    ///     r#"{"command":"/weather","text":"94070","user_id":"U1"}"#,
    /// )?;
    /// assert_eq!(command.text(), "94070");
    /// assert_eq!(command.user_id(), Some("U1"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct SlashCommand requires command {
        /// The command with its slash: `/weather`.
        show command: String,
        /// What was typed after the command; empty if nothing was.
        hide text: Option<String>,
        /// Who typed it.
        show user_id: Option<String>,
        /// Their name. Slack is phasing it out: use the id.
        hide user_name: Option<String>,
        /// Where.
        show channel_id: Option<String>,
        /// The channel's name, `directmessage` or `privategroup` where it has none to show.
        hide channel_name: Option<String>,
        /// The workspace.
        show team_id: Option<String>,
        /// The workspace's name in its URL.
        show team_domain: Option<String>,
        /// The organization, if the workspace is in one.
        show enterprise_id: Option<String>,
        /// The organization's name.
        show enterprise_name: Option<String>,
        /// Whether the app is installed for a whole organization.
        show is_enterprise_install: bool,
        /// The app.
        show api_app_id: Option<String>,
        /// Opens a modal within 3 s.
        show trigger_id: Option<String>,
        /// A URL for up to five messages within 30 minutes, without a token.
        show response_url: Option<Secret>,
    }
}

impl SlashCommand {
    /// Who typed it.
    #[must_use]
    pub fn user_id(&self) -> Option<&str> {
        self.user_id.as_deref()
    }

    /// Where.
    #[must_use]
    pub fn channel_id(&self) -> Option<&str> {
        self.channel_id.as_deref()
    }

    /// The workspace.
    #[must_use]
    pub fn team_id(&self) -> Option<&str> {
        self.team_id.as_deref()
    }

    /// What was typed after the command; empty if nothing was.
    #[must_use]
    pub fn text(&self) -> &str {
        self.text.as_deref().unwrap_or_default()
    }
}
