//! Long lists, page by page.

use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::answer::{self, Accepted};
use super::form::{self, Fields};
use super::{Web, WebError};
use crate::transport::Transport;

impl<T: Transport> Web<T> {
    /// Reads a list that Slack returns page by page (<https://docs.slack.dev/apis/web-api/pagination>): `users.list`,
    /// `conversations.list`, `conversations.history` and others. Each page is one answer, read into your type. The
    /// arguments are sent as a form: `limit` is the size of a page, `cursor` is the first page.
    pub fn pages<A: DeserializeOwned>(
        &self,
        method: impl Into<String>,
        arguments: &(impl Serialize + ?Sized),
    ) -> Pages<A> {
        let (web, method) = (self.clone(), method.into());
        let call = move |fields: &Fields| -> Call {
            let (web, method, body) = (web.clone(), method.clone(), form::encode(fields));
            Box::pin(async move { web.post(&method, form::CONTENT_TYPE, body).await })
        };
        let state = match form::fields(arguments) {
            Ok(fields) => State::Next(fields),
            Err(error) => State::Failed(error),
        };
        Pages { call: Box::new(call), state, circle: Circle::default(), page: PhantomData }
    }
}

type Call = Pin<Box<dyn Future<Output = Result<Accepted, WebError>> + Send>>;

/// The stream of the pages of a list, from [`Web::pages`]. It reads a page only when you wait for it, and holds one page at
/// a time, of at most [`Web::MAX_ANSWER_BYTES`]. The stream ends after the last page or the first error.
///
/// ```
/// use serde::Deserialize;
/// use serde_json::json;
/// use socketmode_driver::Transport;
/// use socketmode_driver::web::{Web, WebError};
///
/// #[derive(Deserialize)]
/// struct Page {
///     members: Vec<Member>,
/// }
///
/// #[derive(Deserialize)]
/// struct Member {
///     id: String,
/// }
///
/// async fn everyone<T: Transport>(web: &Web<T>) -> Result<Vec<String>, WebError> {
///     let mut ids = Vec::new();
///     let mut pages = web.pages::<Page>("users.list", &json!({ "limit": 200 }));
///     while let Some(page) = pages.next().await {
///         ids.extend(page?.members.into_iter().map(|member| member.id));
///     }
///     Ok(ids)
/// }
/// ```
#[must_use = "nothing is asked before it is read"]
pub struct Pages<A> {
    call: Box<dyn Fn(&Fields) -> Call + Send>,
    state: State,
    circle: Circle,
    page: PhantomData<fn() -> A>,
}

enum State {
    /// The arguments of the next page.
    Next(Fields),
    /// It has been asked for.
    Asked(Fields, Call),
    /// It cannot be asked for.
    Failed(WebError),
    Ended,
}

impl<A: DeserializeOwned> Pages<A> {
    /// The next page; `None` after the last one and after an error.
    ///
    /// # Errors
    /// There was no answer, Slack returned an error, the answer does not fit the type, or the list does not end.
    ///
    /// # Cancel safety
    /// Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<Result<A, WebError>> {
        std::future::poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    /// The page, and whether there is another.
    fn read(&mut self, fields: Fields, answer: Accepted) -> Result<A, WebError> {
        let page = answer::typed(&answer.body)?;
        // The page is valid even if its cursor is not: the error comes instead of the next page.
        self.state = match answer.next_cursor {
            Ok(None) => State::Ended,
            Ok(Some(cursor)) if self.circle.closes_with(&cursor) => State::Failed(WebError::CursorRepeats),
            Ok(Some(cursor)) => State::Next(with_cursor(fields, &cursor)),
            Err(error) => State::Failed(error),
        };
        Ok(page)
    }
}

impl<A: DeserializeOwned> Stream for Pages<A> {
    type Item = Result<A, WebError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let pages = self.get_mut();
        let (fields, mut call) = match std::mem::replace(&mut pages.state, State::Ended) {
            State::Next(fields) => {
                let call = (pages.call)(&fields);
                (fields, call)
            }
            State::Asked(fields, call) => (fields, call),
            State::Failed(error) => return Poll::Ready(Some(Err(error))),
            State::Ended => return Poll::Ready(None),
        };
        let Poll::Ready(answer) = call.as_mut().poll(cx) else {
            pages.state = State::Asked(fields, call);
            return Poll::Pending;
        };
        Poll::Ready(Some(answer.and_then(|answer| pages.read(fields, answer))))
    }
}

impl<A> fmt::Debug for Pages<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").finish_non_exhaustive()
    }
}

fn with_cursor(mut fields: Fields, cursor: &str) -> Fields {
    fields.retain(|(name, _)| name != "cursor");
    fields.push(("cursor".to_owned(), cursor.to_owned()));
    fields
}

/// Finds a circle of cursors and holds only one of them, by Brent's algorithm: it is replaced after 1, 2, 4, 8 … others.
#[derive(Default)]
struct Circle {
    held: Option<String>,
    since: usize,
    limit: usize,
}

impl Circle {
    fn closes_with(&mut self, cursor: &str) -> bool {
        if self.held.as_deref() == Some(cursor) {
            return true;
        }
        self.since += 1;
        if self.since >= self.limit {
            self.held = Some(cursor.to_owned());
            self.since = 0;
            self.limit = self.limit.saturating_mul(2).max(1);
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::MAX_CURSOR_BYTES;
    use crate::web::testing::answering;
    use serde_json::Value;

    /// How many cursors were taken before the circle was seen.
    fn taken(mut cursors: impl Iterator<Item = String>) -> Option<usize> {
        let mut circle = Circle::default();
        cursors.position(|cursor| circle.closes_with(&cursor))
    }

    #[test]
    fn a_circle_of_cursors_is_found_soon_and_a_long_list_is_none() {
        assert_eq!(taken((0..10_000).map(|n| n.to_string())), None);
        assert_eq!(taken(std::iter::repeat("same".to_owned())), Some(1));
        for length in 1..50 {
            for lead in 0..50 {
                let cursors = (0..lead).chain((0..length).cycle().map(|n| 1_000 + n));
                let taken = taken(cursors.map(|n| n.to_string())).unwrap();
                assert!(taken <= 3 * (length + lead) + 1, "{lead} then {length}: {taken}");
            }
        }
    }

    #[test]
    fn the_next_page_has_the_same_arguments_and_another_cursor() {
        let fields = vec![("cursor".into(), "a".into()), ("limit".into(), "2".into())];
        assert_eq!(with_cursor(fields, "b"), [("limit".into(), "2".into()), ("cursor".into(), "b".into())]);
    }

    #[test]
    fn the_page_before_a_cursor_that_is_too_long_is_given_out() {
        let cursor = "x".repeat(MAX_CURSOR_BYTES + 1);
        let body = format!(r#"{{"ok":true,"n":1,"response_metadata":{{"next_cursor":"{cursor}"}}}}"#);
        let (web, _) = answering([&body]);
        let mut pages = web.pages::<Value>("users.list", &());
        assert_eq!(smol::block_on(pages.next()).unwrap().unwrap()["n"], 1);
        let too_long = WebError::CursorTooLong { bytes: MAX_CURSOR_BYTES + 1 };
        assert_eq!(smol::block_on(pages.next()), Some(Err(too_long)));
        assert_eq!(smol::block_on(pages.next()), None);
    }

    #[test]
    fn a_list_begins_at_its_cursor_and_is_asked_as_a_form() {
        let (web, transport) = answering([r#"{"ok":true}"#]);
        let arguments = serde_json::json!({ "cursor": "dXNlcjo9", "limit": 2 });
        smol::block_on(web.pages::<Value>("users.list", &arguments).next()).unwrap().unwrap();
        let sent = transport.sent.lock().unwrap();
        let [(request, _)] = &sent[..] else { panic!("one call") };
        assert_eq!(request.body(), "cursor=dXNlcjo9&limit=2");
        // Of a charset Slack warns.
        assert_eq!(request.headers()["content-type"], "application/x-www-form-urlencoded");
    }
}
