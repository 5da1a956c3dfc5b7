//! The kinds of interactions.

use socketmode_protocol::payload::{
    self, BlockActions, BlockSuggestion, DialogCancellation, DialogSubmission, DialogSuggestion,
    InteractiveMessage, MessageAction, Shortcut, ViewClosed, ViewSubmission,
};

use super::Request;
use super::acknowledgement::Acknowledgement;

/// An interaction by its kind, from [`Request::interaction`]. Each kind accepts the answers that Slack accepts for it.
///
/// ```
/// use socketmode_driver::{AckError, InteractionRequest, Request, ViewResponse};
///
/// async fn on_interaction(request: Request) -> Result<(), AckError> {
///     match request.interaction() {
///         InteractionRequest::ViewSubmission(submission) => {
///             let quantity = submission.read().ok().and_then(|payload| {
///                 payload
///                     .view?
///                     .value("quantity", "input")?
///                     .as_str()
///                     .map(str::to_owned)
///             });
///             match quantity.and_then(|text| text.parse::<u32>().ok()) {
///                 Some(_) => submission.ack().await?,
///                 None => {
///                     submission
///                         .ack_with(ViewResponse::errors([(
///                             "quantity",
///                             "A number, please.",
///                         )]))
///                         .await?
///                 }
///             }
///         }
///         other => other.ack().await?,
///     };
///     Ok(())
/// }
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum InteractionRequest {
    /// `block_actions`: a click or a choice. It takes no answer.
    BlockActions(Request<BlockActions>),
    /// `view_submission`: errors, or what happens to the view.
    ViewSubmission(Request<ViewSubmission>),
    /// `view_closed`. It takes no answer.
    ViewClosed(Request<ViewClosed>),
    /// `shortcut`: a global one. It takes no answer.
    Shortcut(Request<Shortcut>),
    /// `message_action`: a shortcut on a message. It takes no answer.
    MessageAction(Request<MessageAction>),
    /// `block_suggestion`: options for a menu.
    BlockSuggestion(Request<BlockSuggestion>),
    /// `dialog_submission` (legacy): errors.
    DialogSubmission(Request<DialogSubmission>),
    /// `dialog_cancellation` (legacy). It takes no answer.
    DialogCancellation(Request<DialogCancellation>),
    /// `dialog_suggestion` (legacy): options.
    DialogSuggestion(Request<DialogSuggestion>),
    /// `interactive_message` (legacy): a message.
    InteractiveMessage(Request<InteractiveMessage>),
    /// An unknown kind, or none.
    Other(Request),
}

impl Request {
    /// Returns the interaction by its kind, which decides the possible answers. The payload is not read yet.
    #[must_use]
    pub fn interaction(self) -> InteractionRequest {
        InteractionRequest::of(self)
    }
}

impl InteractionRequest {
    pub(crate) fn of(request: Request) -> Self {
        let kind = payload::field::<String>(request.payload_json(), "type");
        match kind.as_deref().unwrap_or_default() {
            BlockActions::KIND => Self::BlockActions(request.retyped()),
            ViewSubmission::KIND => Self::ViewSubmission(request.retyped()),
            ViewClosed::KIND => Self::ViewClosed(request.retyped()),
            Shortcut::KIND => Self::Shortcut(request.retyped()),
            MessageAction::KIND => Self::MessageAction(request.retyped()),
            BlockSuggestion::KIND => Self::BlockSuggestion(request.retyped()),
            DialogSubmission::KIND => Self::DialogSubmission(request.retyped()),
            DialogCancellation::KIND => Self::DialogCancellation(request.retyped()),
            DialogSuggestion::KIND => Self::DialogSuggestion(request.retyped()),
            InteractiveMessage::KIND => Self::InteractiveMessage(request.retyped()),
            _ => Self::Other(request),
        }
    }

    /// The request of any kind.
    #[must_use]
    pub fn into_request(self) -> Request {
        match self {
            Self::BlockActions(request) => request.any(),
            Self::ViewSubmission(request) => request.any(),
            Self::ViewClosed(request) => request.any(),
            Self::Shortcut(request) => request.any(),
            Self::MessageAction(request) => request.any(),
            Self::BlockSuggestion(request) => request.any(),
            Self::DialogSubmission(request) => request.any(),
            Self::DialogCancellation(request) => request.any(),
            Self::DialogSuggestion(request) => request.any(),
            Self::InteractiveMessage(request) => request.any(),
            Self::Other(request) => request,
        }
    }

    /// Acknowledges any kind without an answer.
    #[allow(clippy::must_use_candidate, reason = "it goes out whether it is awaited or not")]
    pub fn ack(self) -> Acknowledgement {
        self.into_request().ack()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::mailbox::{AckHandle, Mailbox};
    use socketmode_protocol::{Config, IncomingFrame, Input, Instant, OpenResponse, Output, SocketMode};

    /// An interaction with this payload, as a machine delivers it.
    fn interaction(payload: &str) -> InteractionRequest {
        let mut machine = SocketMode::new(Config::default(), 1, Instant::ZERO).unwrap();
        let connection = machine.connections().next().unwrap().connection;
        let body = br#"{"ok":true,"url":"wss://wss-primary.slack.com/"}"#;
        let text = format!(r#"{{"type":"interactive","envelope_id":"e","payload":{payload}}}"#);
        let opened = OpenResponse { status: 200, retry_after: None, body };
        for input in
            [Input::Opened(opened), Input::Dialed, Input::Frame(IncomingFrame::Text(text.as_str().into()))]
        {
            machine.handle_input(Instant::ZERO, connection, input);
        }
        let wrap = |output| match output {
            Output::Envelope(envelope) => {
                let handle = AckHandle::new(envelope.token(), Mailbox::new(), false);
                Some(Request::new(envelope, handle))
            }
            _ => None,
        };
        let mut requests = std::iter::from_fn(|| machine.poll_output()).filter_map(wrap);
        requests.next().unwrap().interaction()
    }

    #[test]
    fn each_kind_is_sorted_by_its_name_on_the_wire() {
        for (kind, variant) in [
            ("block_actions", "BlockActions("),
            ("view_submission", "ViewSubmission("),
            ("view_closed", "ViewClosed("),
            ("shortcut", "Shortcut("),
            ("message_action", "MessageAction("),
            ("block_suggestion", "BlockSuggestion("),
            ("dialog_submission", "DialogSubmission("),
            ("dialog_cancellation", "DialogCancellation("),
            ("dialog_suggestion", "DialogSuggestion("),
            ("interactive_message", "InteractiveMessage("),
            ("hologram", "Other("),
            ("", "Other("),
        ] {
            let sorted = interaction(&format!(r#"{{"token":"x","type":"{kind}"}}"#));
            assert!(format!("{sorted:?}").starts_with(variant), "{kind}: {sorted:?}");
            assert_eq!(sorted.into_request().envelope_id(), "e", "{kind}");
        }
        for payload in ["{}", r#"{"type":7}"#, "null", r#""block_actions""#] {
            let sorted = interaction(payload);
            assert!(matches!(sorted, InteractionRequest::Other(_)), "{payload}: {sorted:?}");
        }
    }
}
