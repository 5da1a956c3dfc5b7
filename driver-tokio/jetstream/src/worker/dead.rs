//! Dead letters: what no worker could handle, with the reason.

use async_nats::HeaderMap;
use async_nats::jetstream::Message;
use async_nats::jetstream::message::PublishMessage;

use crate::headers::{self, names};
use crate::queue::connection::with_source;
use crate::queue::{Kind, OpenQueue};

pub(super) struct Letter<'a> {
    pub(super) kind: Kind,
    pub(super) message: &'a Message,
    pub(super) attempts: u64,
    /// Its number in the stream, and when it came there: a stream that is created anew begins with 1 again.
    pub(super) number: String,
}

/// Stores it; only then it may leave the queue.
pub(super) async fn publish(queue: &OpenQueue, letter: &Letter<'_>, why: &str) -> Result<(), String> {
    let mut headers = HeaderMap::new();
    for (name, values) in letter.message.headers.iter().flat_map(HeaderMap::iter) {
        // JetStream's own have a meaning in the stream that they are published to.
        if let Some(value) = values.first().filter(|_| !AsRef::<str>::as_ref(name).starts_with("Nats-")) {
            headers.insert(name.clone(), value.clone());
        }
    }
    headers.insert(names::DEAD_REASON, headers::printable(why).as_str());
    headers.insert(names::DEAD_ATTEMPTS, letter.attempts.to_string().as_str());
    headers.insert(names::DEAD_SUBJECT, letter.message.subject.as_str());
    // The same letter twice is one.
    headers.insert(names::MESSAGE_ID, format!("{}:{}", queue.names.stream(), letter.number).as_str());
    let message = PublishMessage::build().headers(headers).payload(letter.message.payload.clone());
    let sent = queue.context.send_publish(queue.names.dead_subject(letter.kind), message).await;
    let ack = sent.map_err(|error| with_source(&error))?;
    ack.await.map(drop).map_err(|error| with_source(&error))
}
