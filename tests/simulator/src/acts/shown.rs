//! What the bot has shown before the test begins, and who is there to see it.

use crate::state::State;
use crate::workspace::{Channel, User};
use crate::{CHANNEL, PERSON, PostedMessage, Simulator};
use serde_json::{Value, json};

impl Simulator {
    /// A message with these blocks that the default app's bot has posted before, as if by another process of it: it is
    /// there to be pressed, with no call of the bot under test.
    ///
    /// ```
    /// use serde_json::json;
    /// use socketmode_simulator::{CHANNEL, Options, Simulator};
    ///
    /// let slack = Simulator::start(Options::default())?;
    /// let text = json!({"type": "plain_text", "text": "Approve"});
    /// let button = json!({"type": "button", "action_id": "approve", "text": text, "value": "42"});
    /// let message = slack.posted_before(CHANNEL, &json!([{"type": "actions", "elements": [button]}]));
    /// slack.press(&message, "approve")?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn posted_before(&self, channel: &str, blocks: &Value) -> PostedMessage {
        self.shared().change(|state| state.posted_before(channel, blocks))
    }

    /// A message with one button, which the bot has posted before in the default channel; see
    /// [`posted_before`](Self::posted_before).
    #[must_use]
    pub fn button_before(&self, action_id: &str, value: &str) -> PostedMessage {
        self.posted_before(CHANNEL, &button(action_id, value))
    }

    /// A modal that the default app has opened before for [`PERSON`], as if by another process of it; gives its id.
    #[allow(clippy::must_use_candidate, reason = "it is called for its effect")]
    pub fn opened_before(&self, view: &Value) -> String {
        self.shared().change(|state| {
            let app = state.apps.default.clone();
            state.show_view(&app, PERSON, view, None)
        })
    }

    /// A `trigger_id` for the default app, as if this user had just done something with it.
    ///
    /// ```
    /// use socketmode_simulator::{Options, PERSON, Simulator};
    ///
    /// let slack = Simulator::start(Options::default())?;
    /// assert_ne!(slack.trigger_id(PERSON), slack.trigger_id(PERSON));
    /// # Ok::<_, socketmode_simulator::StartError>(())
    /// ```
    #[must_use]
    pub fn trigger_id(&self, user: &str) -> String {
        self.shared().change(|state| {
            let app_id = state.apps.default.app_id.clone();
            state.trigger(&app_id, user, None)
        })
    }

    /// The people, and the users that are bots'.
    #[must_use]
    pub fn users(&self) -> Vec<User> {
        self.shared().look(|state| state.directory.users().cloned().collect())
    }

    /// The channels, direct messages with bots among them.
    #[must_use]
    pub fn channels(&self) -> Vec<Channel> {
        self.shared().look(|state| state.directory.channels().cloned().collect())
    }
}

impl State {
    pub(super) fn posted_before(&mut self, channel: &str, blocks: &Value) -> PostedMessage {
        self.join(PERSON, channel);
        let app = self.apps.default.clone();
        let message = self.bot_message(&app, channel, &json!({"blocks": blocks}));
        self.keep(message.clone());
        // It is none that a wait is for.
        self.messages.is_known(&message);
        message
    }
}

/// Blocks with one button.
pub(super) fn button(action_id: &str, value: &str) -> Value {
    let text = json!({"type": "plain_text", "text": action_id, "emoji": true});
    let button = json!({"type": "button", "action_id": action_id, "text": text, "value": value});
    json!([{"type": "actions", "elements": [button]}])
}
