//! Interactions: buttons, menus, modals, shortcuts.

use alloc::string::String;

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::interactions::{
    BlockActions, BlockSuggestion, MessageAction, Shortcut, Team, User, ViewClosed, ViewSubmission,
};
use super::legacy::{DialogCancellation, DialogSubmission, DialogSuggestion, InteractiveMessage};
use super::read::{self, Fields, FromFields, Read, deserialize};
use super::{Json, Secret, StateValue};

/// The enum over these types, and what they share.
macro_rules! interactions {
    ($( $(#[$doc:meta])* $variant:ident, )*) => {
        /// The payload of an `interactive` envelope: somebody used something that the app shows.
        ///
        /// Only `type` is required. <https://docs.slack.dev/interactivity/handling-user-interaction>
        ///
        /// ```
        /// use socketmode_protocol::payload::Interaction;
        ///
        /// let payload = r#"{
        ///     "type": "shortcut",
        ///     "callback_id": "new_ticket",
        ///     "user": { "id": "U1" },
        ///     "trigger_id": "1.2.abc"
        /// }"#;
        /// match serde_json::from_str(payload)? {
        ///     Interaction::Shortcut(shortcut) => {
        ///         assert_eq!(shortcut.callback_id.as_deref(), Some("new_ticket"))
        ///     }
        ///     other => println!("{} by {:?}", other.kind(), other.user()),
        /// }
        /// # Ok::<(), serde_json::Error>(())
        /// ```
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Interaction {
            $( $(#[$doc])* $variant($variant), )*
            /// Any other.
            Other {
                /// Its `type`.
                kind: String,
                /// The payload.
                raw: Json,
            },
        }

        impl Interaction {
            /// Its `type`.
            #[must_use]
            pub fn kind(&self) -> &str {
                match self {
                    $( Self::$variant(_) => $variant::KIND, )*
                    Self::Other { kind, .. } => kind,
                }
            }

            /// The JSON that it was read from. **It may hold secrets.**
            #[must_use]
            pub fn raw_json(&self) -> &str {
                match self {
                    $( Self::$variant(it) => it.raw_json(), )*
                    Self::Other { raw, .. } => raw.raw_json(),
                }
            }

            /// Who did it.
            #[must_use]
            pub fn user(&self) -> Option<&User> {
                match self {
                    $( Self::$variant(it) => it.user.as_ref(), )*
                    Self::Other { .. } => None,
                }
            }

            /// In which workspace.
            #[must_use]
            pub fn team(&self) -> Option<&Team> {
                match self {
                    $( Self::$variant(it) => it.team.as_ref(), )*
                    Self::Other { .. } => None,
                }
            }

            /// The id of who did it.
            #[must_use]
            pub fn user_id(&self) -> Option<&str> {
                match self {
                    $( Self::$variant(it) => it.user_id(), )*
                    Self::Other { .. } => None,
                }
            }

            /// The id of the workspace.
            #[must_use]
            pub fn team_id(&self) -> Option<&str> {
                match self {
                    $( Self::$variant(it) => it.team_id(), )*
                    Self::Other { .. } => None,
                }
            }

            /// The typed fields as JSON, for tests. **It may hold secrets.**
            #[must_use]
            pub fn to_json(&self) -> String {
                match self {
                    $( Self::$variant(it) => it.to_json(), )*
                    Self::Other { raw, .. } => raw.raw_json().into(),
                }
            }

            /// Opens a modal within 3 s.
            #[must_use]
            pub fn trigger_id(&self) -> Option<&str> {
                match self {
                    $( Self::$variant(it) => it.trigger_id.as_deref(), )*
                    Self::Other { .. } => None,
                }
            }

            /// A URL for up to five messages within 30 minutes, without a token.
            #[must_use]
            pub fn response_url(&self) -> Option<&Secret> {
                match self {
                    $( Self::$variant(it) => it.response_url.as_ref(), )*
                    Self::Other { .. } => None,
                }
            }
        }

        impl Read for Interaction {
            const EXPECTED: &'static str = "an object with a type";

            fn read(raw: &RawValue) -> Option<Self> {
                let fields = Fields::of(raw.get())?;
                let kind = fields.get::<Option<String>>("type")?;
                Some(match kind.as_str() {
                    $( $variant::KIND => Self::$variant(FromFields::from_fields(&fields, raw)?), )*
                    _ => Self::Other { kind, raw: Json::of(raw) },
                })
            }
        }
    };
}

interactions! {
    /// `block_actions`: a button, a menu or another element of a block.
    BlockActions,
    /// `view_submission`: a modal was submitted. The acknowledgement may have errors or the next view.
    ViewSubmission,
    /// `view_closed`: a modal was closed without being submitted.
    ViewClosed,
    /// `shortcut`: a global shortcut.
    Shortcut,
    /// `message_action`: a shortcut on a message.
    MessageAction,
    /// `block_suggestion`: somebody types into a menu. The acknowledgement has the options.
    BlockSuggestion,
    /// `dialog_submission`: a dialog, which modals replaced, was submitted.
    DialogSubmission,
    /// `dialog_cancellation`: a dialog was closed without being submitted.
    DialogCancellation,
    /// `dialog_suggestion`: somebody types into a menu of a dialog.
    DialogSuggestion,
    /// `interactive_message`: a button or menu of a message's attachment, which blocks replaced.
    InteractiveMessage,
}

impl Interaction {
    /// The channel's id, if it has one.
    #[must_use]
    pub fn channel_id(&self) -> Option<&str> {
        match self {
            Self::BlockActions(it) => it.channel_id(),
            Self::MessageAction(it) => it.channel_id(),
            Self::BlockSuggestion(it) => it.channel_id(),
            Self::DialogSubmission(it) => it.channel_id(),
            Self::DialogCancellation(it) => it.channel_id(),
            Self::DialogSuggestion(it) => it.channel_id(),
            Self::InteractiveMessage(it) => it.channel_id(),
            Self::ViewSubmission(_) | Self::ViewClosed(_) | Self::Shortcut(_) | Self::Other { .. } => None,
        }
    }

    /// The app's own id of the view, the shortcut, the dialog or the attachment.
    #[must_use]
    pub fn callback_id(&self) -> Option<&str> {
        match self {
            Self::BlockActions(it) => it.callback_id(),
            Self::ViewSubmission(it) => it.callback_id(),
            Self::ViewClosed(it) => it.callback_id(),
            Self::Shortcut(it) => it.callback_id(),
            Self::MessageAction(it) => it.callback_id(),
            Self::BlockSuggestion(it) => it.callback_id(),
            Self::DialogSubmission(it) => it.callback_id(),
            Self::DialogCancellation(it) => it.callback_id(),
            Self::DialogSuggestion(it) => it.callback_id(),
            Self::InteractiveMessage(it) => it.callback_id(),
            Self::Other { .. } => None,
        }
    }

    /// The value of an input of the message or the view, by the id of its block and its own id.
    #[must_use]
    pub fn value(&self, block_id: &str, action_id: &str) -> Option<&StateValue> {
        match self {
            Self::BlockActions(it) => it.value(block_id, action_id),
            Self::ViewSubmission(it) => it.value(block_id, action_id),
            Self::ViewClosed(it) => it.value(block_id, action_id),
            Self::BlockSuggestion(it) => it.view.as_ref()?.value(block_id, action_id),
            _ => None,
        }
    }

    /// Reads any field by its name into any type; `None` if it is missing or does not fit.
    #[must_use]
    pub fn field<'a, T: Deserialize<'a>>(&'a self, name: &str) -> Option<T> {
        read::field(self.raw_json(), name)
    }
}

impl<'de> Deserialize<'de> for Interaction {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize(deserializer)
    }
}
