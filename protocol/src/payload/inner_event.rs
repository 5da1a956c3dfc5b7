//! Events, by their type: an enum over the table of `events`.

use alloc::string::String;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::Json;
use super::events::{Ids, *};
use super::read::{self, Fields, FromFields, Read, deserialize};
use super::write::Write;

use super::events::agents::agents;
use super::events::apps::apps;
use super::events::channels::channels;
use super::events::files::files;
use super::events::messages::messages;
use super::events::shared_channels::shared_channels;
use super::events::teams::teams;
use super::events::users::users;
use super::events::workflows::workflows;

/// One of the events of [`InnerEvent`], for code that is generic over them. It cannot be implemented elsewhere. Read from
/// JSON by itself, an event needs its own `type`; only [`MessageEvent`] does not.
///
/// ```
/// use socketmode_protocol::payload::{InnerEvent, ReactionAdded, TypedEvent};
///
/// fn only<E: TypedEvent>(event: InnerEvent) -> Option<E> {
///     E::try_from_inner(event).ok()
/// }
/// let event = r#"{ "type": "reaction_added", "reaction": "eyes" }"#;
/// let added = only::<ReactionAdded>(serde_json::from_str(event)?).unwrap();
/// assert_eq!(added.reaction.as_deref(), Some("eyes"));
/// # Ok::<(), serde_json::Error>(())
/// ```
pub trait TypedEvent: Ids + DeserializeOwned + Into<InnerEvent> + Clone + Send + Sync + 'static {
    /// Its `type`.
    const KIND: &'static str;

    /// The event, if it is this one.
    fn from_inner(event: &InnerEvent) -> Option<&Self>;

    /// The event, if it is this one.
    ///
    /// # Errors
    /// Returns the event itself if it is another one.
    #[allow(clippy::result_large_err, reason = "it is the event, which was moved as it is")]
    fn try_from_inner(event: InnerEvent) -> Result<Self, InnerEvent>;
}

macro_rules! inner_event {
    ([] $({ $variant:ident $object:ident $kind:literal })*) => {
        /// The `event` of an [`EventCallback`](super::EventCallback): a variant for each event that Slack documents.
        #[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        #[allow(clippy::large_enum_variant, reason = "the largest are messages, which most events are")]
        pub enum InnerEvent {
            $(
                #[doc = concat!("`", $kind, "`.")]
                $variant($object),
            )*
            /// Any other.
            Other {
                /// Its `type`.
                kind: String,
                /// The event.
                raw: Json,
            },
            /// There is none, or it has no `type`.
            #[default]
            Missing,
        }

        impl InnerEvent {
            /// The types that have a variant.
            pub const KINDS: &'static [&'static str] = &[$($kind),*];

            /// Its `type`; empty if it is missing.
            #[must_use]
            pub fn kind(&self) -> &str {
                match self {
                    $( Self::$variant(_) => $kind, )*
                    Self::Other { kind, .. } => kind,
                    Self::Missing => "",
                }
            }

            /// The JSON that it was read from; `null` if it is missing. **It may hold secrets.**
            #[must_use]
            pub fn raw_json(&self) -> &str {
                match self {
                    $( Self::$variant(event) => event.raw_json(), )*
                    Self::Other { raw, .. } => raw.raw_json(),
                    Self::Missing => "null",
                }
            }

            /// The user that it names first: who did it, or whom it is about. `None` if it names none, or has no variant.
            #[must_use]
            pub fn user_id(&self) -> Option<&str> {
                match self {
                    $( Self::$variant(event) => event.by(), )*
                    Self::Other { .. } | Self::Missing => None,
                }
            }

            /// The channel, if it names one. `None` if it has no variant.
            #[must_use]
            pub fn channel_id(&self) -> Option<&str> {
                match self {
                    $( Self::$variant(event) => event.place(), )*
                    Self::Other { .. } | Self::Missing => None,
                }
            }
        }

        impl Read for InnerEvent {
            const EXPECTED: &'static str = "an object with a type, or null";

            fn read(raw: &RawValue) -> Option<Self> {
                if raw.get() == "null" {
                    return Some(Self::Missing);
                }
                let fields = Fields::of(raw.get())?;
                let kind = fields.get::<Option<String>>("type")?;
                Some(match kind.as_str() {
                    $( $kind => Self::$variant(FromFields::from_fields(&fields, raw)?), )*
                    _ => Self::Other { kind, raw: Json::of(raw) },
                })
            }
        }

        impl Write for InnerEvent {
            fn write(&self, json: &mut String) {
                match self {
                    $( Self::$variant(event) => event.write(json), )*
                    Self::Other { raw, .. } => raw.write(json),
                    Self::Missing => json.push_str("null"),
                }
            }

            fn is_empty(&self) -> bool {
                *self == Self::Missing
            }
        }

        $(
            impl TypedEvent for $object {
                const KIND: &'static str = $kind;

                fn from_inner(event: &InnerEvent) -> Option<&Self> {
                    match event {
                        InnerEvent::$variant(event) => Some(event),
                        _ => None,
                    }
                }

                fn try_from_inner(event: InnerEvent) -> Result<Self, InnerEvent> {
                    match event {
                        InnerEvent::$variant(event) => Ok(event),
                        other => Err(other),
                    }
                }
            }

            impl From<$object> for InnerEvent {
                fn from(event: $object) -> Self {
                    Self::$variant(event)
                }
            }
        )*
    };
}

agents! {
    [apps channels files messages shared_channels teams users workflows inner_event]
    { Message MessageEvent "message" }
    { AppMention AppMention "app_mention" }
}

impl InnerEvent {
    /// Reads any field by its name into any type; `None` if it is missing or does not fit.
    #[must_use]
    pub fn field<'a, T: Deserialize<'a>>(&'a self, name: &str) -> Option<T> {
        read::field(self.raw_json(), name)
    }

    /// The typed fields as JSON, for tests. **It may hold secrets.**
    #[must_use]
    pub fn to_json(&self) -> String {
        super::write::to_json(self)
    }
}

impl<'de> Deserialize<'de> for InnerEvent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize(deserializer)
    }
}
