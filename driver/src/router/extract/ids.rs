//! Ids as arguments.

use std::fmt;
use std::ops::Deref;

use super::super::context::Context;
use super::{Extract, Rejection};
use crate::transport::Transport;

macro_rules! ids {
    ($( $(#[$doc:meta])* $id:ident by $find:ident, $what:literal; )+) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
            pub struct $id(String);

            impl $id {
                /// The id as text.
                #[must_use]
                pub fn as_str(&self) -> &str {
                    &self.0
                }
            }

            impl Deref for $id {
                type Target = str;

                fn deref(&self) -> &str {
                    &self.0
                }
            }

            impl fmt::Display for $id {
                fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str(&self.0)
                }
            }

            impl From<$id> for String {
                fn from(id: $id) -> Self {
                    id.0
                }
            }

            impl<K, S, T: Transport> Extract<K, S, T> for $id {
                fn extract(cx: &Context<S, T>) -> Result<Self, Rejection> {
                    cx.$find().map(Self).ok_or_else(|| Rejection::missing($what))
                }
            }
        )+
    };
}

ids! {
    /// The id of the user who did it, `U…` or `W…`. It dereferences to `str`.
    UserId by user_id, "the id of a user";
    /// The id of the channel, `C…`, `D…` or `G…`. There is none in a modal, for example: take an `Option` there. It
    /// dereferences to `str`.
    ChannelId by channel_id, "the id of a channel";
    /// The id of the workspace, `T…`. It dereferences to `str`.
    TeamId by team_id, "the id of a workspace";
    /// What opens a modal within 3 s, once. Events have none. It dereferences to `str`.
    TriggerId by trigger_id, "a trigger_id";
    /// The `ts` of the message at the head of the thread, or of the message itself if it is in none. It dereferences to `str`.
    ThreadTs by thread_ts, "a message";
}
