//! Slash commands.

use alloc::string::String;

use super::Secret;
use super::object::object;

object! {
    /// A slash command (<https://docs.slack.dev/interactivity/implementing-slash-commands>).
    ///
    /// ```
    /// use socketmode_protocol::payload::SlashCommand;
    ///
    /// let text = r#"{"command":"/deploy","text":"now","is_enterprise_install":"false","channel_id":null}"#;
    /// let command: SlashCommand = serde_json::from_str(text).unwrap();
    /// assert_eq!((&*command.command, command.text.as_deref()), ("/deploy", Some("now")));
    /// assert_eq!((command.is_enterprise_install, command.channel_id), (Some(false), None));
    /// ```
    pub struct SlashCommand {
        @required {
            /// The command, with its slash.
            command: String,
        }
        /// What was typed behind it.
        text: String,
        /// Who typed it.
        user_id: String,
        /// Their name; Slack is phasing it out.
        user_name: String,
        /// Where.
        channel_id: String,
        /// The channel's name.
        channel_name: String,
        /// The workspace.
        team_id: String,
        /// The workspace's domain.
        team_domain: String,
        /// The organization.
        enterprise_id: String,
        /// The organization's name.
        enterprise_name: String,
        /// Whether the app is installed for the whole organization.
        is_enterprise_install: bool,
        /// The app.
        api_app_id: String,
        /// Opens a modal, within 3 s.
        trigger_id: String,
        /// Takes up to five messages within 30 minutes.
        response_url: Secret,
    }
}
