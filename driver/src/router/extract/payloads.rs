//! The payload of a request as an argument.

use serde::de::DeserializeOwned;
use socketmode_protocol::payload::{
    BlockActions, BlockSuggestion, EventCallback, InnerEvent, Interaction, MessageAction, Shortcut,
    SlashCommand, ViewClosed, ViewSubmission,
};

use super::super::context::Context;
use super::super::events::{EventOf, EventPayload};
use super::super::incoming::Incoming;
use super::{Extract, Rejection};
use crate::request::Any;
use crate::transport::Transport;

impl<S, T: Transport> Extract<SlashCommand, S, T> for SlashCommand {
    fn extract(cx: &Context<S, T>) -> Result<Self, Rejection> {
        match cx.incoming() {
            Incoming::Command(command) => Ok(Self::clone(command)),
            _ => Err(Rejection::other("SlashCommand")),
        }
    }
}

/// Payloads of interactions, each in handlers for these routes.
macro_rules! interactions {
    ($($payload:ident for $($kind:ident)+;)+) => {
        $($(
            impl<S, T: Transport> Extract<$kind, S, T> for $payload {
                fn extract(cx: &Context<S, T>) -> Result<Self, Rejection> {
                    let Incoming::Interaction(interaction) = cx.incoming() else {
                        return Err(Rejection::other(stringify!($payload)));
                    };
                    match &**interaction {
                        Interaction::$payload(payload) => Ok(payload.clone()),
                        _ => Err(Rejection::other(stringify!($payload))),
                    }
                }
            }
        )+)+
    };
}

interactions! {
    BlockActions for BlockActions;
    ViewSubmission for ViewSubmission;
    ViewClosed for ViewClosed;
    // A route for shortcuts has both kinds.
    Shortcut for Shortcut;
    MessageAction for Shortcut;
    BlockSuggestion for BlockSuggestion;
}

/// The event that the route is typed by.
impl<E: EventPayload, S, T: Transport> Extract<EventOf<E>, S, T> for E {
    fn extract(cx: &Context<S, T>) -> Result<Self, Rejection> {
        let Incoming::Event(event) = cx.incoming() else { return Err(Rejection::other(E::TYPE)) };
        event.read().ok_or_else(|| {
            Rejection::new(format!(
                "the event {} does not fit {}: make the missing field optional",
                E::TYPE,
                std::any::type_name::<E>()
            ))
        })
    }
}

/// Routes for events.
#[diagnostic::on_unimplemented(message = "the requests of `{Self}` are no events")]
pub trait EventKind {}

impl<E> EventKind for EventOf<E> {}
impl EventKind for EventCallback {}

/// The event and what is around it: ids, authorizations.
impl<K: EventKind, S, T: Transport> Extract<K, S, T> for EventCallback {
    fn extract(cx: &Context<S, T>) -> Result<Self, Rejection> {
        match cx.incoming() {
            Incoming::Event(event) => {
                event.callback().cloned().ok_or_else(|| Rejection::other("EventCallback"))
            }
            _ => Err(Rejection::other("EventCallback")),
        }
    }
}

/// The event of any type.
impl<K: EventKind, S, T: Transport> Extract<K, S, T> for InnerEvent {
    fn extract(cx: &Context<S, T>) -> Result<Self, Rejection> {
        match cx.incoming() {
            Incoming::Event(event) => {
                let callback = event.callback().ok_or_else(|| Rejection::other("InnerEvent"))?;
                Ok(callback.event.clone())
            }
            _ => Err(Rejection::other("InnerEvent")),
        }
    }
}

/// The whole payload as any serde type: your own, or one of another library. In the route of an event it is the payload with
/// the event in it, as [`EventCallback`] has it.
///
/// ```
/// use serde::Deserialize;
/// use socketmode_driver::router::Payload;
///
/// #[derive(Deserialize)]
/// struct Order {
///     text: String,
/// }
///
/// async fn order(Payload(order): Payload<Order>) -> String {
///     format!("You said {}", order.text)
/// }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Payload<P>(
    /// What was read.
    pub P,
);

impl<K, S, T: Transport, P: DeserializeOwned> Extract<K, S, T> for Payload<P> {
    fn extract(cx: &Context<S, T>) -> Result<Self, Rejection> {
        let read = serde_json::from_str(cx.envelope().payload_json());
        read.map(Self).map_err(|_| {
            let wanted = std::any::type_name::<P>();
            Rejection::new(format!("the payload does not fit {wanted}: make the missing field optional"))
        })
    }
}

/// An observer or the fallback sees every kind: the payload is there if it is of this one.
macro_rules! of_any {
    ($($payload:ident for $kind:ident;)+) => {
        $(
            impl<S, T: Transport> Extract<Any, S, T> for $payload {
                fn extract(cx: &Context<S, T>) -> Result<Self, Rejection> {
                    <Self as Extract<$kind, S, T>>::extract(cx)
                }
            }
        )+
    };
}

of_any! {
    SlashCommand for SlashCommand;
    BlockActions for BlockActions;
    ViewSubmission for ViewSubmission;
    ViewClosed for ViewClosed;
    Shortcut for Shortcut;
    MessageAction for Shortcut;
    BlockSuggestion for BlockSuggestion;
    EventCallback for EventCallback;
    InnerEvent for EventCallback;
}
