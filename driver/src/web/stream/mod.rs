//! A message that an agent writes while people read it.

#[cfg(test)]
mod tests;
mod writer;

use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use futures_core::Stream;
use tracing::debug;

use self::writer::Writer;
use super::chunk::Chunk;
use super::{SessionStatus, Web, WebError};
use crate::transport::Runtime;

/// A message that is written while people read it, from [`Web::stream`].
///
/// * **Text is sent in batches**: of 256 characters, or when a second has passed. A call for each word would meet Slack's
///   rate limit. Tasks, plans and blocks are sent at once.
/// * **People see that the app works**: the status below the thread ("is thinking…") is set before the first text.
/// * **A stream that Slack has ended is continued**: Slack ends a stream by itself if nothing comes for some minutes. What
///   comes then is posted as a message in the thread, and that message is changed as more comes, every two seconds at most.
///   Tasks, plans and blocks are left out there.
/// * **It ends by itself**: if it is dropped before [`finish`](Self::finish), by an error or a panic, what is left is sent
///   and the stream is ended in the background, as far as the runtime still runs.
///
/// It holds the text that is not sent yet (256 characters, or what one [`push`](Self::push) brings), and after Slack ended
/// the stream at most 12,000 characters of the message that it changes.
///
/// ```
/// use futures_core::Stream;
/// use socketmode_driver::Runtime;
/// use socketmode_driver::web::{Chunk, TaskStatus, Web, WebError};
///
/// async fn answer<R: Runtime>(
///     web: &Web<R>,
///     channel: &str,
///     thread_ts: &str,
///     words: impl Stream<Item = String> + Send,
/// ) -> Result<(), WebError> {
///     let mut message = web.stream(channel, thread_ts);
///     message.push(Chunk::task("1", "Read", TaskStatus::Complete)).await?;
///     message.forward(words).await?; // what a model says, as it says it
///     message.finish().await?;
///     Ok(())
/// }
/// ```
#[must_use = "nothing is sent before push, forward or finish"]
pub struct MessageStream<R: Runtime> {
    /// `None` when it has ended.
    writer: Option<Writer<R>>,
    status: Option<String>,
}

impl<R: Runtime> Web<R> {
    /// A message in a thread, written while people read it: [`MessageStream`] says how. Nothing is sent yet.
    pub fn stream(&self, channel: impl Into<String>, thread_ts: impl Into<String>) -> MessageStream<R> {
        MessageStream {
            writer: Some(Writer::new(self.clone(), channel.into(), thread_ts.into())),
            status: Some("is thinking…".to_owned()),
        }
    }
}

impl<R: Runtime> MessageStream<R> {
    /// Text is sent when there are so many characters of it.
    pub const BATCH_CHARACTERS: usize = 256;
    /// Text is sent when the first of it is so old.
    pub const BATCH_TIME: Duration = Duration::from_secs(1);
    /// The same once Slack has ended the stream and a message is changed instead: `chat.update` has a lower rate limit.
    pub const UPDATE_TIME: Duration = Duration::from_secs(2);

    /// Who it is for: Slack wants this in a channel, and not in a direct message.
    pub fn recipient(mut self, team_id: impl Into<String>, user_id: impl Into<String>) -> Self {
        if let Some(writer) = &mut self.writer {
            writer.recipient = Some((team_id.into(), user_id.into()));
        }
        self
    }

    /// What people see before the first text. Default "is thinking…"; an empty text is none.
    pub fn status(mut self, status: impl Into<String>) -> Self {
        self.status = Some(status.into()).filter(|status| !status.is_empty());
        self
    }

    /// What the agent's session is doing when the message is finished. Slack's default is
    /// [`Active`](SessionStatus::Active).
    pub fn session_status(mut self, status: SessionStatus) -> Self {
        if let Some(writer) = &mut self.writer {
            writer.session_status = Some(status);
        }
        self
    }

    /// Sets the status now: call it before the model begins to think. [`push`](Self::push) and [`forward`](Self::forward)
    /// do so too, once. A status that cannot be set is logged (level DEBUG), and is no error.
    ///
    /// # Cancel safety
    /// Dropping the future cancels the call; the status may still be set. It is not tried again.
    pub async fn begin(&mut self) {
        let (Some(writer), Some(status)) = (&mut self.writer, self.status.take()) else { return };
        writer.has_status = true;
        let set = writer.web.set_thread_status(&writer.channel, &writer.thread_ts, &status, &[]);
        if let Err(error) = set.await {
            debug!(%error, "the status of the thread is not set");
        }
    }

    /// Adds text or another [`Chunk`], and sends what is due.
    ///
    /// # Errors
    /// It could not be sent. If Slack refused it, it is kept, and tried again with the next one. If the outcome is unknown
    /// (no answer), it is not sent again: people would read it twice.
    ///
    /// # Cancel safety
    /// What is being sent when the future is dropped may appear or not; it is not sent again.
    pub async fn push(&mut self, chunk: impl Into<Chunk>) -> Result<(), WebError> {
        let chunk = chunk.into();
        self.begin().await;
        let Some(writer) = &mut self.writer else { return Ok(()) };
        writer.add(chunk);
        if writer.is_due() { writer.flush().await } else { Ok(()) }
    }

    /// Sends what is not sent yet.
    ///
    /// # Errors
    /// As of [`push`](Self::push).
    ///
    /// # Cancel safety
    /// As of [`push`](Self::push).
    pub async fn flush(&mut self) -> Result<(), WebError> {
        match &mut self.writer {
            Some(writer) => writer.flush().await,
            None => Ok(()),
        }
    }

    /// Adds all that comes from a stream, such as a model's words, until it ends. Text that is a second old is sent even if
    /// nothing follows. Call [`finish`](Self::finish) afterwards.
    ///
    /// # Errors
    /// As of [`push`](Self::push).
    ///
    /// # Cancel safety
    /// As of [`push`](Self::push). What the source has not given out stays in it: pass `&mut source` to
    /// go on with it.
    pub async fn forward<S>(&mut self, source: S) -> Result<(), WebError>
    where
        S: Stream,
        S::Item: Into<Chunk>,
    {
        self.begin().await;
        let mut source = pin!(source);
        loop {
            let Some(writer) = &mut self.writer else { return Ok(()) };
            let next = match writer.due_at() {
                None => Some(poll_fn(|cx| source.as_mut().poll_next(cx)).await),
                Some(due) => {
                    let mut sleep = pin!(writer.web.sleep_until(due));
                    poll_fn(|cx| match source.as_mut().poll_next(cx) {
                        Poll::Ready(next) => Poll::Ready(Some(next)),
                        Poll::Pending => sleep.as_mut().poll(cx).map(|()| None),
                    })
                    .await
                }
            };
            match next {
                Some(Some(chunk)) => self.push(chunk).await?,
                Some(None) => return Ok(()),
                None => self.flush().await?,
            }
        }
    }

    /// Sends what is left and ends the message. Returns its time stamp, which is its id within the channel; `None` if
    /// nothing was written. If Slack had ended the stream, it is that of the last message that was posted.
    ///
    /// # Errors
    /// What is left could not be sent, or the stream could not be ended. Slack ends it by itself after some minutes.
    ///
    /// # Cancel safety
    /// If the future is dropped, the message is ended in the background.
    pub async fn finish(mut self) -> Result<Option<String>, WebError> {
        let Some(writer) = &mut self.writer else { return Ok(None) };
        let ended = writer.end().await;
        self.writer = None;
        ended
    }
}

impl<R: Runtime> Drop for MessageStream<R> {
    fn drop(&mut self) {
        let Some(mut writer) = self.writer.take().filter(Writer::is_open) else { return };
        let end = async move {
            if let Err(error) = writer.end().await {
                debug!(%error, "a streamed message was dropped and could not be ended");
            }
        };
        if let Err(error) = R::spawn(end) {
            debug!(%error, "a streamed message was dropped without a runtime, and is not ended");
        }
    }
}

impl<R: Runtime> fmt::Debug for MessageStream<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MessageStream").field("ended", &self.writer.is_none()).finish_non_exhaustive()
    }
}
