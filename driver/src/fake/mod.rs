//! Tests of a bot without a network: requests as Slack sends them, and a Slack that writes down the answers and the calls.
//!
//! [`Slack::dispatch`] runs one request through an app, without a socket, a client or a clock. The acknowledgement is checked
//! as a client checks it: an answer that is too large, or not taken, is refused here too.
//!
//! ```
//! use serde_json::json;
//! use socketmode_driver::payload::SlashCommand;
//! use socketmode_driver::router::{Router, UserId};
//! use socketmode_driver::web::WebError;
//! use socketmode_driver::{Message, Transport, Web, fake};
//!
//! async fn greet<T: Transport>(
//!     command: SlashCommand,
//!     user: UserId,
//!     web: Web<T>,
//! ) -> Result<String, WebError> {
//!     web.post_message("C1", &Message::new(format!("{user} is here"))).await?;
//!     Ok(format!("Hello, {}!", command.text.unwrap_or_default()))
//! }
//!
//! # fn test<T: Transport>(block_on: impl Fn(std::pin::Pin<Box<dyn Future<Output = fake::Outcome> + '_>>) -> fake::Outcome) {
//! let slack = fake::Slack::<T>::new();
//! let app = Router::new(()).web(slack.web()).command("/greet", greet::<T>).build().unwrap();
//! let outcome = block_on(Box::pin(slack.dispatch(&app, fake::command("/greet").text("world"))));
//! assert_eq!(outcome.answer(), Some(&json!({ "text": "Hello, world!" })));
//! assert_eq!(outcome.calls()[0].method, "chat.postMessage");
//! # }
//! ```

mod desk;
mod requests;
pub(crate) mod script;

use std::fmt;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use serde_json::Value;

use self::desk::Desk;
use self::script::Script;
use crate::router::App;
use crate::token::BotToken;
use crate::transport::Transport;
use crate::web::Web;
use crate::web::base_url::BaseUrl;

pub use self::requests::{
    Incoming, click, closed, command, event, message_shortcut, shortcut, submission, suggestion,
};
pub use self::script::Call;

/// Who does what is done, unless a request says otherwise.
pub const USER: &str = "U0FAKE";
/// Where.
pub const CHANNEL: &str = "C0FAKE";
/// In which workspace.
pub const TEAM: &str = "T0FAKE";
/// The timestamp of every message.
pub const TS: &str = "1700000000.000100";

/// A Slack for one test: it sends requests to an app, and answers the app's calls of the Web API.
///
/// Driver crates have an alias with their transport.
pub struct Slack<T: Transport> {
    script: Arc<Script>,
    transport: PhantomData<fn() -> T>,
}

impl<T: Transport> Slack<T> {
    /// It answers every call with `"ok": true` and what the typed calls read.
    #[must_use]
    pub fn new() -> Self {
        Self { script: Arc::default(), transport: PhantomData }
    }

    /// The Web API of this Slack, for [`Router::web`](crate::router::Router::web).
    ///
    /// # Panics
    /// Never: its token and base URL are constants.
    #[must_use]
    #[allow(clippy::expect_used, reason = "the constants are right")]
    pub fn web(&self) -> Web<T> {
        let base = BaseUrl::parse("https://slack.com/api/", false).expect("Slack's base URL");
        Web::scripted(Arc::clone(&self.script), base, BotToken::new("xoxb-fake").expect("a token"))
    }

    /// The next call of this method gets this answer. Several are given out in order, one a call.
    pub fn answer(&self, method: &str, answer: impl Into<Value>) {
        self.script.push(method, answer.into());
    }

    /// Runs a request through the app, until its handler is done.
    ///
    /// # Cancel safety
    /// Dropping the future drops the handler where it is.
    pub async fn dispatch<S: Send + Sync + 'static>(&self, app: &App<S, T>, request: Incoming) -> Outcome {
        let (mut desk, request, is_too_slow) = Desk::with(&request);
        let mut run = pin!(app.run(request, Some(self.web()), is_too_slow));
        poll_fn(|cx| {
            loop {
                let run = run.as_mut().poll(cx);
                let is_done = run.is_ready();
                // An acknowledgement may let the handler go on.
                if !desk.work(cx) || is_done {
                    return if is_done { Poll::Ready(()) } else { Poll::Pending };
                }
            }
        })
        .await;
        Outcome { acknowledgement: desk.acknowledgement(), calls: self.script.take_calls() }
    }
}

impl<T: Transport> Default for Slack<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: Transport> fmt::Debug for Slack<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("fake::Slack").finish_non_exhaustive()
    }
}

/// What an app did with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The payload of the acknowledgement, if there was one.
    acknowledgement: Option<Option<Value>>,
    calls: Vec<Call>,
}

impl Outcome {
    /// Whether the request was acknowledged. If not, Slack sends an event again, and shows others an error.
    #[must_use]
    pub fn is_acknowledged(&self) -> bool {
        self.acknowledgement.is_some()
    }

    /// The answer in the acknowledgement.
    #[must_use]
    pub fn answer(&self) -> Option<&Value> {
        self.acknowledgement.as_ref()?.as_ref()
    }

    /// The calls of the Web API, and the messages to a `response_url`, in order.
    #[must_use]
    pub fn calls(&self) -> &[Call] {
        &self.calls
    }

    /// The only call of this method.
    ///
    /// # Panics
    /// There is none, or there are several.
    #[must_use]
    #[track_caller]
    #[allow(clippy::panic, reason = "a test ends here")]
    pub fn call(&self, method: &str) -> &Value {
        let mut calls = self.calls.iter().filter(|call| call.method == method);
        match (calls.next(), calls.next()) {
            (Some(call), None) => &call.arguments,
            _ => panic!("{method} was not called once: {:?}", self.calls),
        }
    }
}
