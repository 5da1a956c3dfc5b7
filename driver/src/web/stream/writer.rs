//! What is not sent yet, and how it is sent.

use serde_json::{Map, Value, json};
use socketmode_protocol::Instant;

use crate::transport::Runtime;
use crate::web::agents::set;
use crate::web::chunk::{Chunk, Part};
use crate::web::{SessionStatus, Web, WebError};

use super::MessageStream;

/// The longest text of one call (<https://docs.slack.dev/reference/methods/chat.appendStream>), and of a message that is
/// changed (<https://docs.slack.dev/reference/methods/chat.update>), in characters.
const MAX_TEXT: usize = 12_000;
/// Slack's error for a message whose stream has ended.
const ENDED: &str = "message_not_in_streaming_state";

pub(super) struct Writer<R: Runtime> {
    pub(super) web: Web<R>,
    pub(super) channel: String,
    pub(super) thread_ts: String,
    pub(super) recipient: Option<(String, String)>,
    pub(super) session_status: Option<SessionStatus>,
    /// Whether a status was set that only a message takes away.
    pub(super) has_status: bool,
    state: State,
    /// In the order in which they came. Only the last one can be text that grows.
    waiting: Vec<Chunk>,
    /// The characters of all texts that wait.
    characters: usize,
    /// When the first of them came.
    since: Option<Instant>,
    /// Something waits that is not text.
    is_urgent: bool,
}

enum State {
    /// Nothing was sent.
    New,
    /// Slack shows the message as being written.
    Streaming { ts: String },
    /// Slack has ended the stream: a message is posted and changed, with this text so far.
    Posting { ts: Option<String>, text: String },
    /// The end was sent.
    Ended,
}

impl<R: Runtime> Writer<R> {
    pub(super) fn new(web: Web<R>, channel: String, thread_ts: String) -> Self {
        Self {
            web,
            channel,
            thread_ts,
            recipient: None,
            session_status: None,
            has_status: false,
            state: State::New,
            waiting: Vec::new(),
            characters: 0,
            since: None,
            is_urgent: false,
        }
    }

    /// Whether there is something to do before it may be forgotten.
    pub(super) fn is_open(&self) -> bool {
        match self.state {
            State::New => self.has_status || !self.waiting.is_empty(),
            State::Streaming { .. } => true,
            State::Posting { .. } => !self.waiting.is_empty(),
            State::Ended => false,
        }
    }

    pub(super) fn add(&mut self, chunk: Chunk) {
        match (&chunk.0, self.waiting.last_mut()) {
            (Part::Text(text), _) if text.is_empty() => return,
            (Part::Text(text), Some(Chunk(Part::Text(last)))) => {
                self.characters += text.chars().count();
                last.push_str(text);
            }
            (Part::Text(text), _) => {
                self.characters += text.chars().count();
                self.waiting.push(chunk);
            }
            (Part::Other(_), _) => {
                self.is_urgent = true;
                self.waiting.push(chunk);
            }
        }
        self.since.get_or_insert(self.web.now());
    }

    /// When what waits has to be sent.
    pub(super) fn due_at(&self) -> Option<Instant> {
        let wait = match self.state {
            State::Posting { .. } => MessageStream::<R>::UPDATE_TIME,
            _ => MessageStream::<R>::BATCH_TIME,
        };
        self.since.map(|since| since + wait)
    }

    pub(super) fn is_due(&self) -> bool {
        let is_old = self.due_at().is_some_and(|due| due <= self.web.now());
        let is_much = self.is_urgent || self.characters >= MessageStream::<R>::BATCH_CHARACTERS;
        is_old || is_much && !matches!(self.state, State::Posting { .. })
    }

    /// Sends what waits, in calls that are not too long.
    pub(super) async fn flush(&mut self) -> Result<(), WebError> {
        while let Some(batch) = self.take_batch() {
            if let Err(error) = self.send(&batch).await {
                if is_refused(&error) {
                    // What is not text is refused for what it is, and must not hold up the text behind it.
                    let is_for_good = matches!(error, WebError::Slack(_) | WebError::Limit(_));
                    let is_kept = |chunk: &Chunk| !is_for_good || matches!(chunk.0, Part::Text(_));
                    self.put_back(batch.into_iter().filter(is_kept).collect());
                }
                return Err(error);
            }
        }
        Ok(())
    }

    /// Sends what waits, and ends the message.
    pub(super) async fn end(&mut self) -> Result<Option<String>, WebError> {
        if matches!(self.state, State::New) && self.waiting.is_empty() {
            if std::mem::take(&mut self.has_status) {
                self.web.set_thread_status(&self.channel, &self.thread_ts, "", &[]).await?;
            }
            return Ok(None);
        }
        // The message is ended though a part of it is refused.
        let flushed = self.flush().await;
        if let State::Streaming { ts } = &self.state {
            let ts = ts.clone();
            let mut arguments = Map::new();
            if let Some(status) = self.session_status {
                arguments.insert("session_status".to_owned(), json!(status));
            }
            let stopped = self.web.stop_stream(&self.channel, &ts, &arguments).await;
            // What is ended already needs no end.
            if let Err(error) = stopped.as_ref().map_err(code) {
                if error != Some(ENDED) {
                    return stopped.map(|()| None);
                }
            }
            self.state = State::Ended;
            return flushed.map(|()| Some(ts));
        }
        flushed?;
        match std::mem::replace(&mut self.state, State::Ended) {
            State::Posting { ts, .. } => Ok(ts),
            State::New | State::Streaming { .. } | State::Ended => Ok(None),
        }
    }

    /// The first of what waits, as much as one call takes.
    fn take_batch(&mut self) -> Option<Vec<Chunk>> {
        let mut batch = Vec::new();
        let mut room = MAX_TEXT;
        while let Some(first) = self.waiting.first_mut() {
            if let Part::Text(text) = &mut first.0 {
                let at = text.char_indices().nth(room).map_or(text.len(), |(at, _)| at);
                if at < text.len() {
                    let rest = text.split_off(at);
                    let piece = std::mem::replace(text, rest);
                    if !piece.is_empty() {
                        batch.push(Chunk::text(piece));
                    }
                    break;
                }
                room -= text.chars().count();
            }
            batch.push(self.waiting.remove(0));
        }
        let texts = self.waiting.iter().filter_map(|chunk| match &chunk.0 {
            Part::Text(text) => Some(text.chars().count()),
            Part::Other(_) => None,
        });
        self.characters = texts.sum();
        self.is_urgent = self.waiting.iter().any(|chunk| matches!(chunk.0, Part::Other(_)));
        if self.waiting.is_empty() {
            self.since = None;
        }
        (!batch.is_empty()).then_some(batch)
    }

    fn put_back(&mut self, batch: Vec<Chunk>) {
        let rest = std::mem::replace(&mut self.waiting, batch);
        for chunk in &self.waiting {
            if let Part::Text(text) = &chunk.0 {
                self.characters += text.chars().count();
            }
        }
        self.since.get_or_insert(self.web.now());
        self.waiting.extend(rest);
    }

    async fn send(&mut self, batch: &[Chunk]) -> Result<(), WebError> {
        match &self.state {
            State::New => {
                let recipient = self.recipient.as_ref();
                let arguments = set([
                    ("chunks", Some(json!(batch))),
                    ("recipient_team_id", recipient.map(|(team, _)| team.as_str().into())),
                    ("recipient_user_id", recipient.map(|(_, user)| user.as_str().into())),
                ]);
                let begun = self.web.start_stream(&self.channel, &self.thread_ts, &arguments).await?;
                self.has_status = false;
                self.state = State::Streaming { ts: begun.ts };
                Ok(())
            }
            State::Streaming { ts } => {
                let ts = ts.clone();
                match self.web.append_stream(&self.channel, &ts, &json!({ "chunks": batch })).await {
                    Err(error) if code(&error) == Some(ENDED) => {
                        self.state = State::Posting { ts: None, text: String::new() };
                        self.post(batch).await
                    }
                    appended => appended,
                }
            }
            State::Posting { .. } => self.post(batch).await,
            State::Ended => Ok(()),
        }
    }

    /// Posts the texts, or adds them to the message that was posted.
    async fn post(&mut self, batch: &[Chunk]) -> Result<(), WebError> {
        let State::Posting { ts, text: before } = &self.state else { return Ok(()) };
        let texts = batch.iter().filter_map(|chunk| match &chunk.0 {
            Part::Text(text) => Some(text.as_str()),
            Part::Other(_) => None,
        });
        let added: String = texts.collect();
        if added.is_empty() {
            return Ok(());
        }
        let fits = before.chars().count() + added.chars().count() <= MAX_TEXT;
        let (ts, text) = match ts {
            Some(ts) if fits => {
                let text = format!("{before}{added}");
                let message = json!({ "markdown_text": text });
                self.web.update_message(&self.channel, ts, &message).await?;
                (ts.clone(), text)
            }
            _ => {
                let message: Value = json!({ "markdown_text": added, "thread_ts": self.thread_ts });
                (self.web.post_message(&self.channel, &message).await?.ts, added)
            }
        };
        self.state = State::Posting { ts: Some(ts), text };
        Ok(())
    }
}

/// Slack's code, if it is Slack's error.
fn code(error: &WebError) -> Option<&str> {
    match error {
        WebError::Slack(error) => Some(&error.error),
        _ => None,
    }
}

/// Whether Slack surely has not taken it.
fn is_refused(error: &WebError) -> bool {
    matches!(
        error,
        WebError::Slack(_) | WebError::RateLimited { .. } | WebError::Limit(_) | WebError::Token(_)
    )
}
