//! The answers in acknowledgements: a message, a view, options.

mod message;
mod options;
mod view;

use serde::ser::Error as _;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};
use socketmode_protocol::payload::{
    BlockSuggestion, DialogSubmission, DialogSuggestion, InteractiveMessage, SlashCommand, ViewSubmission,
};

pub use message::Message;
pub use options::{DialogErrors, DialogOptions, MenuOption, OptionGroup, Suggestions};
pub use view::{View, ViewResponse};

/// A payload whose acknowledgement may have an answer. A click, an event and a shortcut take none: Slack drops an answer to
/// them without an error, or closes the connection.
#[diagnostic::on_unimplemented(
    message = "Slack takes no answer in the acknowledgement of `{Self}`",
    label = "acknowledge it with `ack()`, and answer by the Web API or its `response_url`"
)]
pub trait Responds: sealed::Sealed {
    /// The type of the answer.
    type Response: Serialize;
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! responds {
    ($($payload:ty => $response:ty),+ $(,)?) => {
        $(
            impl sealed::Sealed for $payload {}
            impl Responds for $payload {
                type Response = $response;
            }
        )+
    };
}

responds! {
    SlashCommand => Message,
    ViewSubmission => ViewResponse,
    BlockSuggestion => Suggestions,
    DialogSubmission => DialogErrors,
    DialogSuggestion => DialogOptions,
    InteractiveMessage => Message,
}

/// An object under construction. If a part cannot be serialized, sending it fails.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Object {
    fields: Map<String, Value>,
    failed: bool,
}

impl Object {
    fn with(mut self, name: &str, value: impl Serialize) -> Self {
        match serde_json::to_value(value) {
            Ok(value) => drop(self.fields.insert(name.to_owned(), value)),
            Err(_) => self.failed = true,
        }
        self
    }
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.failed {
            return Err(S::Error::custom("a part of the answer could not be serialized"));
        }
        self.fields.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn wire(answer: &impl Serialize) -> Value {
        serde_json::to_value(answer).unwrap()
    }

    #[test]
    fn a_message_says_where_it_goes() {
        let message = Message::from("done").replace_original().in_thread("1.2").field("unfurl_links", false);
        assert_eq!(
            wire(&message),
            json!({ "text": "done", "replace_original": true, "thread_ts": "1.2", "unfurl_links": false })
        );
        let any = json!({ "text": "done", "mrkdwn": false });
        assert_eq!(wire(&Message::from(any.clone())), any);
        assert!(serde_json::to_value(Message::from(json!(["done"]))).is_err());
        let loud = Message::from("done".to_owned()).in_channel();
        assert_eq!(wire(&loud), json!({ "text": "done", "response_type": "in_channel" }));
    }

    #[test]
    fn a_view_has_its_labels_and_blocks_even_if_there_are_none() {
        let text = |text| json!({ "type": "plain_text", "text": text });
        assert_eq!(wire(&View::home()), json!({ "type": "home", "blocks": [] }));
        let modal =
            View::modal("Order").callback_id("order").submit("Send").close("Leave").private_metadata("7");
        assert_eq!(
            wire(&modal.blocks(&["x"])),
            json!({
                "type": "modal", "title": text("Order"), "callback_id": "order", "submit": text("Send"),
                "close": text("Leave"), "private_metadata": "7", "blocks": ["x"],
            })
        );
    }

    #[test]
    fn a_submitted_view_is_replaced_covered_or_closed() {
        for (answer, wanted) in [
            (
                ViewResponse::update(&View::home()),
                json!({ "response_action": "update", "view": View::home() }),
            ),
            (ViewResponse::push(&View::home()), json!({ "response_action": "push", "view": View::home() })),
            (ViewResponse::clear(), json!({ "response_action": "clear" })),
        ] {
            assert_eq!(wire(&answer), wanted);
        }
    }

    #[test]
    fn groups_within_a_group_are_one_list() {
        let option = |text, value| json!({ "text": { "type": "plain_text", "text": text }, "value": value });
        let inner = [("a", Suggestions::new([("A", "1")])), ("b", Suggestions::new([("B", "2")]))];
        let grouped = Suggestions::groups([("outer", Suggestions::groups(inner))]);
        let label = json!({ "type": "plain_text", "text": "outer" });
        let group = json!({ "label": label, "options": [option("A", "1"), option("B", "2")] });
        assert_eq!(wire(&grouped), json!({ "option_groups": [group] }));
    }

    #[test]
    fn a_legacy_dialog_is_answered_in_its_own_words() {
        let errors = json!({ "errors": [{ "name": "quantity", "error": "A number, please." }] });
        assert_eq!(wire(&DialogErrors::new([("quantity", "A number, please.")])), errors);
        let options = json!({ "options": [{ "label": "Rust", "value": "rs" }] });
        assert_eq!(wire(&DialogOptions::new([("Rust", "rs")])), options);
    }

    #[test]
    fn an_answer_with_a_part_that_fails_is_not_sent_without_it() {
        use std::collections::BTreeMap;
        // JSON has no such keys.
        let fails = BTreeMap::from([(vec![1], 2)]);
        assert!(serde_json::to_value(Message::new("x").blocks(&fails).in_channel()).is_err());
        assert!(serde_json::to_value(View::modal("x").field("y", &fails).submit("z")).is_err());
        assert!(serde_json::to_value(ViewResponse::update(&fails)).is_err());
        assert!(serde_json::to_value(ViewResponse::push(&View::home().blocks(&fails))).is_err());
    }

    #[test]
    fn what_is_answered_is_not_shown() {
        let view = View::modal("hush");
        let shown = format!("{:?} {view:?} {:?}", Message::new("hush"), ViewResponse::update(&view));
        assert!(shown.contains("ViewResponse") && !shown.contains("hush"), "{shown}");
    }
}
