//! The journal as server-sent events.
//!
//! A stream is a place in the journal and nothing more: a client that reads slowly holds no memory. What the journal has
//! dropped before it was read is told as a gap.

use super::ask::{Asked, number};
use super::{ControlError, Reply, typed};
use crate::journal::Wanted;
use crate::state::Shared;
use crate::wait::WaitError;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::Response;
use http::header::{CACHE_CONTROL, HeaderValue};
use http_body_util::{BodyExt, StreamBody};
use hyper::body::Frame;
use std::convert::Infallible;
use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

/// So long nothing happens until a comment says that the stream is still there.
const STILL_HERE: Duration = Duration::from_secs(15);
/// Time for more entries to come, so that many of them go out at once.
const GATHER: Duration = Duration::from_millis(5);
/// Entries that go out at once.
const BATCH: usize = 256;
/// After so many bytes of them the next ones go out later.
const BATCH_BYTES: usize = 256 * 1024;

pub(super) fn answer(shared: Arc<Shared>, asked: &Asked) -> Result<Reply, ControlError> {
    let query = asked.query(&["since"])?;
    let last = asked.last_event.as_deref().and_then(|id| id.trim().parse().ok());
    let since = last.or(number(query, "since")?).unwrap_or(0);
    // A number that is still to come is one of another run: of this one everything is new.
    let is_other = since > shared.look(|state| state.journal.last());
    let since = if is_other { 0 } else { since };
    let first = is_other.then(|| gap(0)).into_iter();
    let first = stream::iter(first.map(|text| Ok(Frame::data(Bytes::from(text)))));
    let batches = stream::unfold((shared, since), |(shared, seen)| async move {
        let (text, seen) = next(&shared, seen).await?;
        Some((Ok::<_, Infallible>(Frame::data(Bytes::from(text))), (shared, seen)))
    });
    let batches = first.chain(batches);
    let mut reply = Response::new(StreamBody::new(batches).boxed_unsync());
    reply.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(typed(reply, "text/event-stream; charset=utf-8"))
}

/// The next events after the number `seen`, and the number of the last one; none where the simulator ends.
async fn next(shared: &Shared, seen: u64) -> Option<(String, u64)> {
    match shared.journal_after(seen, STILL_HERE).await {
        Ok(()) => tokio::time::sleep(GATHER).await,
        Err(WaitError::Stopped { .. }) => return None,
        Err(_) => return Some((": still here\n\n".to_owned(), seen)),
    }
    let wanted = Wanted { since: seen, entries: BATCH, bytes: BATCH_BYTES, kind: None };
    let page = shared.look(|state| state.journal_page(&wanted));
    let mut text = if page.missed > 0 { gap(page.missed) } else { String::new() };
    for (number, entry) in &page.entries {
        let _ = write!(text, "id: {number}\ndata: {entry}\n\n");
    }
    Some((text, page.next))
}

/// The event that tells of entries which are not kept any more; of none where all is that of another run.
fn gap(missed: u64) -> String {
    format!("event: gap\ndata: {{\"missed\":{missed}}}\n\n")
}
