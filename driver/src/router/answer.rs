//! What a handler may return, by the kind of its route.

use serde::Serialize;
use socketmode_protocol::payload::{
    BlockActions, BlockSuggestion, EventCallback, Shortcut, SlashCommand, ViewClosed, ViewSubmission,
};

use super::error::BoxError;
use super::events::EventOf;
use crate::limits;
use crate::request::Any;
use crate::request::outcome::Acked;
use crate::request::response::{Message, Suggestions, ViewResponse};

/// What a handler of a route of the kind `K` may return. Slack takes a [`Message`] for a command, a [`ViewResponse`] for a
/// submission, [`Suggestions`] for a menu, and nothing for all else.
///
/// | route | `()` | answer |
/// |---|---|---|
/// | command | yes | [`Message`], `&str`, `String` |
/// | submission | yes: the view closes | [`ViewResponse`] |
/// | suggestion | no | [`Suggestions`] |
/// | event, click, shortcut, closed view, observer, fallback | yes | none |
///
/// A `Result` of these with any error, and an `Option` of an answer, are answers too. [`Acked`] is one for every kind: the
/// handler has acknowledged by [`Ack`](super::Ack).
#[diagnostic::on_unimplemented(
    message = "a handler for `{K}` cannot answer with `{Self}`",
    label = "Slack does not take this answer for `{K}`",
    note = "a command takes `()` or a `Message`, a submission `()` or a `ViewResponse`, a menu `Suggestions`; events, clicks, shortcuts and closed views take `()`: post by `Web` or `Responder` there",
    note = "a handler may return a `Result` of these, with an error that is `Into<Box<dyn Error + Send + Sync>>`"
)]
pub trait IntoAnswer<K> {
    /// Makes the answer.
    ///
    /// # Errors
    /// The handler failed, or its answer cannot be serialized.
    fn into_answer(self) -> Result<Answer, BoxError>;
}

/// What goes into an acknowledgement. `Debug` does not show it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Answer {
    json: Option<String>,
}

impl Answer {
    /// The payload of the acknowledgement as JSON text, if it has one.
    #[must_use]
    pub fn json(&self) -> Option<&str> {
        self.json.as_deref()
    }

    /// Slack drops what is over its limits without a word.
    fn of(answer: &impl Serialize) -> Result<Self, BoxError> {
        limits::serialized(answer)?;
        let json = serde_json::to_string(answer)
            .map_err(|_| "the answer cannot be serialized: its Serialize returned an error")?;
        Ok(Self { json: Some(json) })
    }

    pub(super) fn from_json(json: Option<String>) -> Self {
        Self { json }
    }

    pub(super) fn into_json(self) -> Option<String> {
        self.json
    }
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let bytes = self.json.as_ref().map(String::len);
        f.debug_struct("Answer").field("bytes", &bytes).finish()
    }
}

/// Kinds that may be acknowledged without an answer: all but a menu's suggestions.
#[diagnostic::on_unimplemented(
    message = "a handler for `{Self}` must answer",
    note = "a menu is answered with `Suggestions`, or a `Result` of them"
)]
pub trait MayBeSilent {}

impl MayBeSilent for SlashCommand {}
impl MayBeSilent for BlockActions {}
impl MayBeSilent for ViewSubmission {}
impl MayBeSilent for ViewClosed {}
impl MayBeSilent for Shortcut {}
impl MayBeSilent for EventCallback {}
impl MayBeSilent for Any {}
impl<E> MayBeSilent for EventOf<E> {}

impl<K: MayBeSilent> IntoAnswer<K> for () {
    fn into_answer(self) -> Result<Answer, BoxError> {
        Ok(Answer::default())
    }
}

impl<K> IntoAnswer<K> for Acked {
    fn into_answer(self) -> Result<Answer, BoxError> {
        Ok(Answer::default())
    }
}

impl<K, R: IntoAnswer<K>, E: Into<BoxError>> IntoAnswer<K> for Result<R, E> {
    fn into_answer(self) -> Result<Answer, BoxError> {
        self.map_err(Into::into)?.into_answer()
    }
}

macro_rules! answers {
    ($($kind:ident: $($answer:ty),+;)+) => {
        $($(
            impl IntoAnswer<$kind> for $answer {
                fn into_answer(self) -> Result<Answer, BoxError> {
                    Answer::of(&self)
                }
            }
        )+)+
    };
}

answers! {
    SlashCommand: Message;
    ViewSubmission: ViewResponse;
    BlockSuggestion: Suggestions;
}

/// A text is a message to the person who typed the command.
impl IntoAnswer<SlashCommand> for &str {
    fn into_answer(self) -> Result<Answer, BoxError> {
        Answer::of(&Message::new(self))
    }
}

/// A text is a message to the person who typed the command.
impl IntoAnswer<SlashCommand> for String {
    fn into_answer(self) -> Result<Answer, BoxError> {
        Answer::of(&Message::new(self))
    }
}

/// Without a message, the command is acknowledged and nobody sees anything.
impl IntoAnswer<SlashCommand> for Option<Message> {
    fn into_answer(self) -> Result<Answer, BoxError> {
        self.map_or_else(|| Ok(Answer::default()), |message| Answer::of(&message))
    }
}

/// Without a response, the view closes.
impl IntoAnswer<ViewSubmission> for Option<ViewResponse> {
    fn into_answer(self) -> Result<Answer, BoxError> {
        self.map_or_else(|| Ok(Answer::default()), |response| Answer::of(&response))
    }
}
