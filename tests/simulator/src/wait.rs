//! Waits: futures for any runtime, woken and timed by the simulator's thread.

use crate::record::{Ack, Call, Snapshot};
use crate::state::timers::{Deadline, TimerKey, later};
use crate::state::waiters::Topic;
use crate::state::{Shared, State};
use crate::{EnvelopeId, LinkInfo, PostedMessage, Simulator};
use futures_channel::oneshot::{self, Receiver};
use serde_json::Value;
use std::time::{Duration, Instant};

/// What was waited for did not come, or came though it was not to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WaitError {
    /// Not within the time given.
    #[error("waited {waited:?} for {awaited}; seen: {seen}")]
    TimedOut {
        /// What was waited for.
        awaited: String,
        /// What there was instead.
        seen: String,
        /// For how long.
        waited: Duration,
    },
    /// The bot made a call that was not to come.
    #[error("{} was called, with {}; it was not to be called within {waited:?}", call.method, brief(&call.body))]
    Called {
        /// The call.
        call: Box<Call>,
        /// How long it was not to come.
        waited: Duration,
    },
    /// The simulator was stopped.
    #[error("the simulator was stopped while somebody waited for {awaited}: keep a handle until the end")]
    Stopped {
        /// What was waited for.
        awaited: String,
    },
}

impl Simulator {
    /// Waits for the acknowledgement of an envelope, and gives its first one, also when it came already.
    ///
    /// # Errors
    ///
    /// When it does not come in time.
    pub async fn wait_for_ack(&self, id: &EnvelopeId, timeout: Duration) -> Result<Ack, WaitError> {
        let wait = Wait::begin(self.shared(), Topic::Ack(id.clone()), timeout);
        wait.for_some(
            || format!("the ack of {id}"),
            |state| state.envelopes.describe(id),
            |state| state.envelopes.acks_of(id).into_iter().next(),
        )
        .await
    }

    /// Waits until an envelope was acknowledged `n` times, and gives all its acknowledgements.
    ///
    /// # Errors
    ///
    /// When they do not come in time.
    pub async fn wait_for_acks(
        &self,
        id: &EnvelopeId,
        n: usize,
        timeout: Duration,
    ) -> Result<Vec<Ack>, WaitError> {
        let wait = Wait::begin(self.shared(), Topic::Ack(id.clone()), timeout);
        let enough = |state: &mut State| {
            let acks = state.envelopes.acks_of(id);
            (acks.len() >= n).then_some(acks)
        };
        wait.for_some(|| format!("{n} acks of {id}"), |state| state.envelopes.describe(id), enough).await
    }

    /// Waits for a call of this Web API method (`response_url` for a post to one). Each call is handed out
    /// once, oldest first.
    ///
    /// # Errors
    ///
    /// When none comes in time.
    pub async fn wait_for_call(&self, method: &str, timeout: Duration) -> Result<Call, WaitError> {
        let wait = Wait::begin(self.shared(), Topic::Call, timeout);
        let take = |state: &mut State| state.records.take_call(method);
        let seen = |state: &State| state.records.fresh_methods();
        wait.for_some(|| format!("a call of {method}"), seen, take).await
    }

    /// Waits for the next message that the bot posts, also when it came already. Each is handed out once, oldest first,
    /// as it looks then; a deleted one is not.
    ///
    /// ```no_run
    /// use socketmode_simulator::{Options, Simulator};
    /// use std::time::Duration;
    ///
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let slack = Simulator::start(Options::default())?;
    /// // Start the bot, then:
    /// slack.command("/hello", "");
    /// assert_eq!(slack.wait_for_message(Duration::from_secs(3)).await?.text, "Hello!");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// When none comes in time.
    pub async fn wait_for_message(&self, timeout: Duration) -> Result<PostedMessage, WaitError> {
        let wait = Wait::begin(self.shared(), Topic::Any, timeout);
        let seen = |state: &State| state.records.fresh_methods();
        wait.for_some(|| "a message of the bot".to_owned(), seen, |state| state.messages.take()).await
    }

    /// Waits for `time`, in which the bot does not call this Web API method (`response_url` for a post to one). A call
    /// that came before and was not handed out by [`wait_for_call`](Self::wait_for_call) counts too.
    ///
    /// ```no_run
    /// use socketmode_simulator::{CHANNEL, Options, PERSON, Simulator};
    /// use std::time::Duration;
    ///
    /// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
    /// let slack = Simulator::start(Options::default())?;
    /// // Start the bot, then:
    /// slack.say(PERSON, CHANNEL, "nobody asks the bot");
    /// slack.no_call_within("chat.postMessage", Duration::from_millis(200)).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`WaitError::Called`] as soon as there is such a call, or when the simulator is stopped.
    pub async fn no_call_within(&self, method: &str, time: Duration) -> Result<(), WaitError> {
        let wait = Wait::begin(self.shared(), Topic::Call, time);
        let made = |state: &mut State| {
            state.records.fresh_calls().find(|(_, call)| call.method == method).map(|(_, call)| call.clone())
        };
        match wait.for_some(|| format!("no call of {method}"), |_| String::new(), made).await {
            Ok(call) => Err(WaitError::Called { call: Box::new(call), waited: time }),
            Err(WaitError::TimedOut { .. }) => Ok(()),
            Err(stopped) => Err(stopped),
        }
    }

    /// Waits until at least `n` links are open (hello sent), and gives those.
    ///
    /// # Errors
    ///
    /// When there are not so many in time.
    pub async fn wait_for_links(&self, n: usize, timeout: Duration) -> Result<Vec<LinkInfo>, WaitError> {
        let wait = Wait::begin(self.shared(), Topic::Any, timeout);
        let open = |state: &mut State| {
            (state.links.open() >= n)
                .then(|| state.links.all().into_iter().filter(LinkInfo::is_open).collect())
        };
        wait.for_some(|| format!("{n} open links"), State::describe, open).await
    }

    /// Waits until `holds` is true of the simulator; it is asked again after every change, though not of
    /// every state in a quick succession: ask for what lasts, or for counters.
    ///
    /// # Errors
    ///
    /// When it does not come true in time.
    pub async fn wait_until(
        &self,
        timeout: Duration,
        mut holds: impl FnMut(&Snapshot) -> bool,
    ) -> Result<Snapshot, WaitError> {
        let wait = Wait::begin(self.shared(), Topic::Any, timeout);
        loop {
            let (snapshot, step) = self.shared().look(|state| (state.snapshot(), wait.step(state)));
            // Not under the lock: `holds` may ask the simulator, or panic.
            if holds(&snapshot) {
                return Ok(snapshot);
            }
            wait.pause(step, || "a condition".to_owned(), State::describe).await?;
        }
    }
}

/// As much of a body as an error shows.
fn brief(body: &Value) -> String {
    const SHOWN: usize = 300;
    let text = body.to_string();
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// A wait under way.
pub(crate) struct Wait<'a> {
    shared: &'a Shared,
    topic: Topic,
    timeout: Duration,
    until: Instant,
    timer: TimerKey,
}

/// What a wait does next when its condition does not hold.
enum Step {
    Wait(Receiver<()>),
    TimedOut,
    Stopped,
}

impl<'a> Wait<'a> {
    pub(crate) fn begin(shared: &'a Shared, topic: Topic, timeout: Duration) -> Self {
        let until = later(timeout);
        let timer = shared.look(|state| state.timers.set(timeout, Deadline::WaitOver(topic.clone())));
        Self { shared, topic, timeout, until, timer }
    }

    pub(crate) async fn for_some<T>(
        self,
        awaited: impl Fn() -> String,
        seen: impl Fn(&State) -> String,
        mut look: impl FnMut(&mut State) -> Option<T>,
    ) -> Result<T, WaitError> {
        loop {
            let found = self.shared.look(|state| match look(state) {
                Some(found) => Ok(found),
                None => Err(self.step(state)),
            });
            match found {
                Ok(found) => return Ok(found),
                Err(step) => self.pause(step, &awaited, &seen).await?,
            }
        }
    }

    fn step(&self, state: &mut State) -> Step {
        if state.stopped {
            return Step::Stopped;
        }
        if Instant::now() >= self.until {
            return Step::TimedOut;
        }
        let (waiter, receiver) = oneshot::channel();
        state.waiters.register(&self.topic, waiter);
        Step::Wait(receiver)
    }

    async fn pause(
        &self,
        step: Step,
        awaited: impl Fn() -> String,
        seen: impl Fn(&State) -> String,
    ) -> Result<(), WaitError> {
        match step {
            Step::Wait(woken) => {
                // A dropped sender is a wake-up too: the next look finds out why.
                let _ = woken.await;
                Ok(())
            }
            Step::Stopped => Err(WaitError::Stopped { awaited: awaited() }),
            Step::TimedOut => {
                let seen = self.shared.look(|state| seen(state));
                Err(WaitError::TimedOut { awaited: awaited(), seen, waited: self.timeout })
            }
        }
    }
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        self.shared.look(|state| {
            state.timers.cancel(Some(self.timer));
            state.waiters.tidy(&self.topic);
        });
    }
}

impl State {
    fn describe(&self) -> String {
        let there = self.links.there();
        let links: Vec<_> = there.map(|link| format!("{} {:?}", link.info.id, link.info.state)).collect();
        format!("links {links:?}, {:?}", self.count())
    }
}
