//! The table of events: a row is an event's `type`, its struct, and the fields of it.
//!
//! Each file has the rows of one family of events, for [`events!`]. [`InnerEvent`](super::InnerEvent) is made of all of them
//! (`inner_event.rs`). A new event is a row, a sample in `protocol/tests/payloads/samples`, and nothing else.

pub(super) mod agents;
pub(super) mod apps;
pub(super) mod channels;
pub(super) mod files;
pub(super) mod messages;
mod objects;
pub(super) mod shared_channels;
pub(super) mod teams;
pub(super) mod users;
pub(super) mod workflows;

pub use agents::*;
pub use apps::*;
pub use channels::*;
pub use files::*;
pub use messages::*;
pub use objects::*;
pub use shared_channels::*;
pub use teams::*;
pub use users::*;
pub use workflows::*;

use alloc::string::String;

/// The rows of one family: a struct each, and a macro with the family's name that passes the rows on.
///
/// `Name is "type" by f in g { fields }`: `by f` names the field with the user, `in g` the one with the channel, if there is
/// one. Each struct has `event_ts` as well.
macro_rules! events {
    (
        ($d:tt) $family:ident
        $(
            $(#[$meta:meta])*
            $name:ident is $kind:literal $(by $user:ident)? $(in $channel:ident)? { $($fields:tt)* }
        )*
    ) => {
        $(
            $crate::payload::object::object! {
                $(#[$meta])*
                pub struct $name is $kind {
                    $($fields)*
                    /// When, as Slack's timestamp.
                    show event_ts: Option<alloc::string::String>,
                }
            }

            $crate::payload::events::ids! { $name $(by $user)? $(in $channel)? }
        )*

        macro_rules! $family {
            ([$d next:ident $d($d rest:ident)*] $d($d rows:tt)*) => {
                $d next! { [$d($d rest)*] $d($d rows)* $( { $name $name $kind } )* }
            };
        }
        pub(in $crate::payload) use $family;
    };
}

/// The ids of an event, each one call away.
macro_rules! ids {
    ($name:ident $(by $user:ident)? $(in $channel:ident)?) => {
        impl $crate::payload::events::Ids for $name {
            $(
                fn by(&self) -> Option<&str> {
                    $crate::payload::events::ByUser::by_user(&self.$user)
                }
            )?
            $(
                fn place(&self) -> Option<&str> {
                    $crate::payload::events::InChannel::in_channel(&self.$channel)
                }
            )?
        }

        impl $name {
            $(
                /// The user's id.
                #[must_use]
                pub fn user_id(&self) -> Option<&str> {
                    $crate::payload::events::ByUser::by_user(&self.$user)
                }
            )?
            $(
                /// The channel's id.
                #[must_use]
                pub fn channel_id(&self) -> Option<&str> {
                    $crate::payload::events::InChannel::in_channel(&self.$channel)
                }
            )?
        }
    };
}

use {events, ids};

mod sealed {
    /// What all events can be asked. It is not exported, so that nobody else implements it.
    pub trait Ids {
        /// The user.
        fn by(&self) -> Option<&str> {
            None
        }

        /// The channel.
        fn place(&self) -> Option<&str> {
            None
        }
    }
}
pub(super) use sealed::Ids;

/// A field that names a user.
trait ByUser {
    fn by_user(&self) -> Option<&str>;
}

/// A field that names a channel.
trait InChannel {
    fn in_channel(&self) -> Option<&str>;
}

impl ByUser for Option<String> {
    fn by_user(&self) -> Option<&str> {
        self.as_deref()
    }
}

impl InChannel for Option<String> {
    fn in_channel(&self) -> Option<&str> {
        self.as_deref()
    }
}

/// An object that has the id in one of its fields.
macro_rules! named_by {
    ($($trait:ident $method:ident: $($object:ident.$id:ident),+;)+) => { $($(
        impl $trait for Option<$object> {
            fn $method(&self) -> Option<&str> {
                self.as_ref()?.$id.as_deref()
            }
        }
    )+)+ };
}

named_by! {
    ByUser by_user: UserInfo.id, SharedChannelUser.id, AssistantThread.user_id;
    InChannel in_channel: Conversation.id, Item.channel, StarredItem.channel, AssistantThread.channel_id;
}
