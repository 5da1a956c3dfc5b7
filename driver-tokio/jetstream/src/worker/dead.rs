//! Dead letters: what no worker could handle, with the reason.

use async_nats::jetstream::Message;
use async_nats::jetstream::message::PublishMessage;
use async_nats::{HeaderMap, HeaderName, HeaderValue};

use crate::headers::{self, names};
use crate::queue::connection::with_source;
use crate::queue::{Kind, OpenQueue, is_stored};

/// How much of the headers is kept, in bytes. The gateway's own are less. JetStream takes 64 KiB in all.
const MAX_HEADERS: usize = 8 * 1024;
/// The header that says that a body was cut.
const CUT: usize = 64;

pub(super) struct Letter<'a> {
    pub(super) kind: Kind,
    pub(super) message: &'a Message,
    pub(super) attempts: u64,
    /// Its number in the stream, and when it came there: a stream that is created anew begins with 1 again.
    pub(super) number: String,
}

/// Stores it; only then it may leave the queue.
pub(super) async fn publish(queue: &OpenQueue, letter: &Letter<'_>, why: &str) -> Result<(), String> {
    let (mut headers, mut room) = (HeaderMap::new(), MAX_HEADERS);
    for (name, values) in letter.message.headers.iter().flat_map(HeaderMap::iter) {
        let text: &str = name.as_ref();
        // JetStream's own have a meaning in the stream that they are published to.
        let Some(value) = values.first().filter(|_| !text.starts_with("Nats-")) else { continue };
        if let Some(left) = room.checked_sub(line(text, value.as_str())) {
            room = left;
            headers.insert(name.clone(), value.clone());
        }
    }
    headers.insert(names::DEAD_REASON, headers::printable(why).as_str());
    headers.insert(names::DEAD_ATTEMPTS, letter.attempts.to_string().as_str());
    headers.insert(names::DEAD_SUBJECT, letter.message.subject.as_str());
    // The same letter twice is one.
    headers.insert(names::MESSAGE_ID, format!("{}:{}", queue.names.stream(), letter.number).as_str());
    let mut body = letter.message.payload.clone();
    // The reason takes room that the request did not need.
    let room = queue.nats().max_payload().saturating_sub(size(&headers));
    if body.len() > room {
        headers.insert(names::DEAD_CUT, body.len().to_string().as_str());
        body.truncate(room.saturating_sub(CUT));
    }
    let message = PublishMessage::build().headers(headers).payload(body);
    let sent = queue.context.send_publish(queue.names.dead_subject(letter.kind), message).await;
    let ack = sent.map_err(|error| with_source(&error))?;
    match ack.await {
        Ok(ack) if is_stored(&ack, &queue.names.dead_stream()) => Ok(()),
        Ok(_) => Err("what was confirmed is not stored".to_owned()),
        Err(error) => Err(with_source(&error)),
    }
}

/// The bytes of headers in a message.
fn size(headers: &HeaderMap) -> usize {
    let values = |(name, values): (&HeaderName, &Vec<HeaderValue>)| -> usize {
        values.iter().map(|value| line(name.as_ref(), value.as_str())).sum()
    };
    "NATS/1.0\r\n\r\n".len() + headers.iter().map(values).sum::<usize>()
}

fn line(name: &str, value: &str) -> usize {
    name.len() + value.len() + ": \r\n".len()
}
