//! What an acknowledgement may answer, by what is acknowledged: a message, a view, options.

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

/// A payload whose acknowledgement may carry an answer. Slack drops answers to everything else without a word, or
/// closes the connection: a click, an event and a shortcut take none.
#[diagnostic::on_unimplemented(
    message = "Slack takes no answer in the acknowledgement of `{Self}`",
    label = "acknowledge it with `ack()`, and answer by the Web API or its `response_url`"
)]
pub trait Responds: sealed::Sealed {
    /// What it may be answered with.
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

/// An object under construction. A part whose own `Serialize` fails makes the whole fail when it is sent.
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
