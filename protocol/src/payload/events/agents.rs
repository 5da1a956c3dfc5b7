//! Agents, assistants, and the links and functions that they serve.

use alloc::string::String;
use alloc::vec::Vec;

use super::{AppContext, AssistantThread, Link, events};
use crate::payload::object::object;
use crate::payload::{Json, Secret};

events! { ($) agents
    /// A person stopped what the agent is writing. <https://docs.slack.dev/reference/events/agent_session_stopped>
    AgentSessionStopped is "agent_session_stopped" by user in channel {
        /// Where.
        show channel: Option<String>,
        /// Who.
        show user: Option<String>,
        /// The session's thread.
        show thread_ts: Option<String>,
        /// The messages that were being streamed.
        show streaming_message_ts: Vec<String>,
    }

    /// The title of a session with an agent was changed.
    /// <https://docs.slack.dev/reference/events/agent_session_title_changed>
    AgentSessionTitleChanged is "agent_session_title_changed" by user in channel {
        /// Where.
        show channel: Option<String>,
        /// Who changed it.
        show user: Option<String>,
        /// The workspace.
        show team_id: Option<String>,
        /// The session's thread.
        show thread_ts: Option<String>,
        /// The title now.
        hide title: Option<String>,
        /// The title before, if there was one.
        hide previous_title: Option<String>,
    }

    /// A person looks at something else beside the app. <https://docs.slack.dev/reference/events/app_context_changed>
    AppContextChanged is "app_context_changed" by user in channel {
        /// The conversation with the app.
        show channel: Option<String>,
        /// Who.
        show user: Option<String>,
        /// What they look at.
        show context: Option<AppContext>,
    }

    /// A person opened the assistant. <https://docs.slack.dev/reference/events/assistant_thread_started>
    AssistantThreadStarted is "assistant_thread_started" by assistant_thread in assistant_thread {
        /// The thread, its person, and what that person looks at.
        show assistant_thread: Option<AssistantThread>,
    }

    /// A person with an open assistant looks at something else.
    /// <https://docs.slack.dev/reference/events/assistant_thread_context_changed>
    AssistantThreadContextChanged is "assistant_thread_context_changed" by assistant_thread in assistant_thread {
        /// The thread, its person, and what that person looks at.
        show assistant_thread: Option<AssistantThread>,
    }

    /// A person opened the details of a work object. Answer with `entity.presentDetails` within 3 s.
    /// <https://docs.slack.dev/reference/events/entity_details_requested>
    EntityDetailsRequested is "entity_details_requested" by user in channel {
        /// Who.
        show user: Option<String>,
        /// For `entity.presentDetails`.
        show trigger_id: Option<String>,
        /// The link.
        show link: Option<Link>,
        /// The URL of the object.
        hide entity_url: Option<String>,
        /// The URL under which it was unfurled.
        hide app_unfurl_url: Option<String>,
        /// The person's language: `en-US`.
        show user_locale: Option<String>,
        /// The app's own name for the object.
        show external_ref: Option<ExternalRef>,
        /// The message with the link.
        show message_ts: Option<String>,
        /// The thread that it is in.
        show thread_ts: Option<String>,
        /// Where.
        show channel: Option<String>,
    }

    /// Somebody posted a link to a domain that the app registered, or is about to. Answer with `chat.unfurl`.
    /// <https://docs.slack.dev/reference/events/link_shared>
    LinkShared is "link_shared" by user in channel {
        /// Where; `COMPOSER` while it is being written.
        show channel: Option<String>,
        /// Whether the app's bot is in the channel.
        show is_bot_user_member: bool,
        /// Who.
        show user: Option<String>,
        /// The message; an id of the draft while it is being written.
        show message_ts: Option<String>,
        /// The thread that it is in.
        show thread_ts: Option<String>,
        /// The links.
        show links: Vec<Link>,
        /// For `chat.unfurl`.
        show unfurl_id: Option<String>,
        /// For `chat.unfurl`: `composer` or `conversations_history`.
        show source: Option<String>,
    }

    /// The app must perform a step of a workflow. <https://docs.slack.dev/reference/events/function_executed>
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
    ///     assert_eq!(step.callback_id(), Some("greet"));
    ///     assert_eq!(step.input::<u32>("times"), Some(3));
    /// }
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    FunctionExecuted is "function_executed" {
        /// Which function.
        show function: Option<Function>,
        /// The inputs, an object.
        show inputs: Option<Json>,
        /// For `functions.completeSuccess` and `functions.completeError`.
        show function_execution_id: Option<String>,
        /// The run of the workflow.
        show workflow_execution_id: Option<String>,
        /// Calls the Web API until the function is completed.
        show bot_access_token: Option<Secret>,
    }
}

impl FunctionExecuted {
    /// The function's name in the manifest.
    #[must_use]
    pub fn callback_id(&self) -> Option<&str> {
        self.function.as_ref()?.callback_id.as_deref()
    }

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
        /// When it was created, in seconds since 1970.
        show date_created: Option<i64>,
        /// When it was changed, in seconds since 1970.
        show date_updated: Option<i64>,
        /// When it was deleted, in seconds since 1970; 0 if it was not.
        show date_deleted: Option<i64>,
    }
}

object! {
    /// The app's own name for a work object.
    pub struct ExternalRef {
        /// Its id.
        show id: Option<String>,
        /// Its kind.
        show kind = "type": Option<String>,
    }
}
