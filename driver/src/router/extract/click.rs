//! What was clicked.

use std::fmt;
use std::ops::Deref;

use socketmode_protocol::payload::{Action, BlockActions, Interaction};

use super::super::context::Context;
use super::super::incoming::Incoming;
use super::{Extract, Rejection};
use crate::request::Any;
use crate::transport::Transport;

/// A click or a choice in a message or a view: the element that the route is for, and the payload around it.
///
/// ```
/// use socketmode_driver::router::Click;
///
/// async fn approve(click: Click) {
///     println!("{} approves {}", click.user_id(), click.value());
/// }
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Click {
    /// What was done with the element.
    pub action: Action,
    /// The payload. `Click` dereferences to it.
    pub payload: BlockActions,
}

impl Click {
    /// The `action_id` of the element; empty if it has none.
    #[must_use]
    pub fn id(&self) -> &str {
        self.action.action_id.as_deref().unwrap_or_default()
    }

    /// The value of the button, of the chosen option, or what was typed or picked; empty if there is none.
    #[must_use]
    pub fn value(&self) -> &str {
        self.action.as_str().unwrap_or_default()
    }

    /// The id of the user who clicked; empty if Slack did not say.
    #[must_use]
    pub fn user_id(&self) -> &str {
        self.payload.user.as_ref().and_then(|user| user.id.as_deref()).unwrap_or_default()
    }

    pub(in crate::router) fn of<S, T: Transport>(cx: &Context<S, T>) -> Option<Self> {
        let Incoming::Interaction(interaction) = cx.incoming() else { return None };
        let Interaction::BlockActions(payload) = &**interaction else { return None };
        Some(Self { action: cx.action()?.clone(), payload: payload.clone() })
    }
}

impl Deref for Click {
    type Target = BlockActions;

    fn deref(&self) -> &BlockActions {
        &self.payload
    }
}

impl fmt::Debug for Click {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Click").field("action", &self.action).field("payload", &self.payload).finish()
    }
}

impl<S, T: Transport> Extract<BlockActions, S, T> for Click {
    fn extract(cx: &Context<S, T>) -> Result<Self, Rejection> {
        Self::of(cx).ok_or_else(|| Rejection::missing("an action"))
    }
}

impl<S, T: Transport> Extract<Any, S, T> for Click {
    fn extract(cx: &Context<S, T>) -> Result<Self, Rejection> {
        Self::of(cx).ok_or_else(|| Rejection::missing("an action"))
    }
}
