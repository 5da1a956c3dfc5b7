//! The events that most apps subscribe to.

use alloc::string::String;
use alloc::vec::Vec;

use super::Json;
use super::object::object;

object! {
    /// `reaction_added` and `reaction_removed`.
    pub struct Reaction {
        /// Who reacted.
        show user: Option<String>,
        /// The emoji's name without its colons.
        show reaction: Option<String>,
        /// Whose item it is.
        show item_user: Option<String>,
        /// To what.
        show item: Option<Item>,
        /// When, as Slack's timestamp.
        show event_ts: Option<String>,
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
    /// `app_home_opened`.
    pub struct AppHomeOpened {
        /// Who opened it.
        show user: Option<String>,
        /// The conversation with the app.
        show channel: Option<String>,
        /// `home` or `messages`.
        show tab: Option<String>,
        /// What is published there already.
        show view: Option<super::View>,
        /// When, as Slack's timestamp.
        show event_ts: Option<String>,
    }
}

object! {
    /// `member_joined_channel`.
    pub struct MemberJoinedChannel {
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
        /// When, as Slack's timestamp.
        show event_ts: Option<String>,
    }
}

object! {
    /// `function_executed`: the app must perform a step of a workflow.
    /// <https://docs.slack.dev/reference/events/function_executed>
    ///
    /// ```
    /// use socketmode_protocol::payload::InnerEvent;
    ///
    /// let event = r#"{
    ///     "type": "function_executed",
    ///     "function": { "callback_id": "greet" },
    ///     "inputs": { "times": 3 }
    /// }"#;
    /// if let InnerEvent::FunctionExecuted(step) = serde_json::from_str(event)? {
    ///     assert_eq!(step.input::<u32>("times"), Some(3));
    /// }
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct FunctionExecuted {
        /// Which function.
        show function: Option<Function>,
        /// The inputs, an object.
        show inputs: Option<Json>,
        /// For `functions.completeSuccess` and `functions.completeError`.
        show function_execution_id: Option<String>,
        /// The run of the workflow.
        show workflow_execution_id: Option<String>,
        /// Calls the Web API until the function is completed.
        show bot_access_token: Option<super::Secret>,
        /// When, as Slack's timestamp.
        show event_ts: Option<String>,
    }
}

impl FunctionExecuted {
    /// Reads one of the inputs into any type; `None` if it is missing or does not fit.
    #[must_use]
    pub fn input<'a, T: serde::Deserialize<'a>>(&'a self, name: &str) -> Option<T> {
        self.inputs.as_ref()?.field(name)
    }
}

object! {
    /// A function of a workflow, as the app's manifest defines it.
    pub struct Function {
        /// Its id.
        show id: Option<String>,
        /// Its name in the manifest.
        show callback_id: Option<String>,
        /// Its title.
        hide title: Option<String>,
        /// What it does.
        hide description: Option<String>,
        /// `app`.
        show kind = "type": Option<String>,
        /// The app.
        show app_id: Option<String>,
        /// What goes in: an object each.
        hide input_parameters: Vec<Json>,
        /// What comes out: an object each.
        hide output_parameters: Vec<Json>,
    }
}
