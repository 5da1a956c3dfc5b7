//! An agent: it answers a mention in the thread, word by word and with what it does meanwhile, and stops when a person stops
//! it. SIGTERM (elsewhere than on Unix: Ctrl-C) lets it finish the answers that it has begun.
//!
//! In Slack the app has Socket Mode switched on and is subscribed to `app_mention` and `agent_session_stopped`; its bot has
//! the scopes `app_mentions:read`, `assistant:write` and `chat:write` and is in the channel. `SLACK_APP_TOKEN` and
//! `SLACK_BOT_TOKEN` are read from the environment. With `SLACK_API_URL` set as well it talks to another Slack, such as the
//! local one.

use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::{AbortHandle, AbortRegistration, Abortable};
use futures_util::{Stream, stream};
use socketmode_tokio::payload::{AgentSessionStopped, AppMention};
use socketmode_tokio::router::{Ack, App, EventOf, RouteError, Router, State, TeamId, ThreadTs};
use socketmode_tokio::web::{Chunk, TaskStatus};
use socketmode_tokio::{Acked, BotToken, Client, Web};
use tokio::time::sleep;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome {
    let terminated = termination()?;
    let (client, events) = Client::from_env()?.connect()?;
    let app = app(client.web(BotToken::from_env()?))?;
    let stopping = client.clone();
    tokio::spawn(async move {
        terminated.await;
        stopping.shutdown(GRACE).await;
    });
    Ok(client.serve(events, app).await?)
}

/// Ready on SIGTERM.
#[cfg(unix)]
fn termination() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut signal = signal(SignalKind::terminate())?;
    Ok(async move {
        signal.recv().await;
    })
}

/// Ready on Ctrl-C.
#[cfg(not(unix))]
fn termination() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async { drop(tokio::signal::ctrl_c().await) })
}

// What is below does not depend on the runtime.

type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

/// How long answers may take to finish. Whoever sends SIGTERM should wait a little longer before SIGKILL.
const GRACE: Duration = Duration::from_secs(30);
/// How fast the model speaks.
const PACE: Duration = Duration::from_millis(20);
/// Answers that are written at a time: fewer than the router runs handlers, so that a stop always finds a place.
const ANSWERS: usize = 16;

/// The routes.
fn app(web: Web) -> Result<App<Answers>, RouteError> {
    Router::new(Answers::default())
        .web(web)
        .event::<AppMention, _>(asked)
        .event::<AgentSessionStopped, _>(stopped)
        .on_error(async |error| eprintln!("{error}"))
        .build()
}

/// Acknowledges first, as an answer takes longer than the 3 s that Slack waits. Then it writes what the model says, as it
/// says it, until that is all or a person has stopped it.
async fn asked(
    said: AppMention,
    thread: ThreadTs,
    team: TeamId,
    ack: Ack<EventOf<AppMention>>,
    State(answers): State<Answers>,
    web: Web,
) -> Outcome<Acked> {
    let acked = ack.ack().await?;
    let (channel, user) = (said.channel.unwrap_or_default(), said.user.unwrap_or_default());
    let mut message = web.stream(channel, &*thread).recipient(&*team, user).status("is reading…");
    let Some((answer, stop)) = answers.begin(&thread) else {
        message.push("I am writing too many answers. Please ask again in a minute.").await?;
        message.finish().await?;
        return Ok(acked);
    };
    let question = said.text.unwrap_or_default();
    let writing = async {
        message.push(Chunk::task("think", "Think about it", TaskStatus::InProgress)).await?;
        message.forward(model(&question)).await?;
        message.push(Chunk::task("think", "Think about it", TaskStatus::Complete)).await
    };
    match Abortable::new(writing, stop).await {
        Ok(written) => written?,
        Err(_) => message.push(Chunk::task("think", "Stopped", TaskStatus::Error)).await?,
    }
    drop(answer);
    message.finish().await?;
    Ok(acked)
}

/// A person has pressed *Stop*.
async fn stopped(event: AgentSessionStopped, State(answers): State<Answers>) {
    answers.stop(event.thread_ts.as_deref().unwrap_or_default());
}

/// What a model would say: a word now and then.
fn model(question: &str) -> impl Stream<Item = String> + use<> {
    let text = format!("You say: {question} {}", "And this is a long answer to it. ".repeat(12));
    let words: Vec<String> = text.split_inclusive(' ').map(str::to_owned).collect();
    stream::unfold(words.into_iter(), async |mut words| {
        sleep(PACE).await;
        words.next().map(|word| (word, words))
    })
}

/// The answers that are being written, each with its thread: [`ANSWERS`] at most.
#[derive(Clone, Default)]
struct Answers(Arc<Mutex<Vec<(String, AbortHandle)>>>);

impl Answers {
    /// One more, if there is room, until it is dropped.
    fn begin(&self, thread: &str) -> Option<(Answer, AbortRegistration)> {
        let mut writing = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (handle, stop) = AbortHandle::new_pair();
        if writing.len() >= ANSWERS {
            return None;
        }
        writing.push((thread.to_owned(), handle.clone()));
        drop(writing);
        Some((Answer { all: self.clone(), handle }, stop))
    }

    /// Stops those in this thread.
    fn stop(&self, thread: &str) {
        let writing = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        writing.iter().filter(|(its, _)| its == thread).for_each(|(_, handle)| handle.abort());
    }
}

/// An answer that is being written.
struct Answer {
    all: Answers,
    handle: AbortHandle,
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.handle.abort();
        let mut writing = self.all.0.lock().unwrap_or_else(PoisonError::into_inner);
        writing.retain(|(_, handle)| !handle.is_aborted());
    }
}
