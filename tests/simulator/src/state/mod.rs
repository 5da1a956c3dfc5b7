//! Everything the simulator knows, behind one lock: no policy lives anywhere else.

use crate::journal::Journal;
use crate::record::{Counters, DialRecord, LinkId, OpenRecord, Snapshot};
use crate::server::guard::Guard;
use crate::simulator::Running;
use crate::{Call, CallAnswer, DialAnswer, FrameRecord, OpenAnswer, Options, StartError};
use apps::Apps;
use delivery::Envelopes;
use kept::Kept;
use links::Links;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::{Duration, Instant};
use timers::{Deadline, Timers};
use tokio::sync::Notify;
use waiters::{Topic, Waiters};

pub(crate) mod answers;
pub(crate) mod apps;
pub(crate) mod blocks;
pub(crate) mod delivery;
pub(crate) mod directory;
pub(crate) mod files;
mod hearing;
pub(crate) mod kept;
pub(crate) mod links;
pub(crate) mod messages;
pub(crate) mod orders;
pub(crate) mod response_urls;
mod rotation;
pub(crate) mod seats;
pub(crate) mod serial;
pub(crate) mod timers;
pub(crate) mod triggers;
mod view_stack;
pub(crate) mod views;
pub(crate) mod waiters;
mod weigh;

/// The state, shared by the handles and the simulator's thread.
pub(crate) struct Shared {
    state: Mutex<State>,
    /// What the handles share, for the control API.
    pub(crate) running: OnceLock<Weak<Running>>,
    /// The earliest deadline moved forward.
    pub(crate) sooner: Notify,
    /// The simulator's thread is to end.
    pub(crate) stop: Notify,
}

/// The state itself.
pub(crate) struct State {
    pub(crate) options: Options,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    pub(crate) guard: Guard,
    /// What the URLs it gives begin with.
    pub(crate) origin: String,
    pub(crate) started: Instant,
    pub(crate) stopped: bool,
    pub(crate) serial: serial::Serial,
    pub(crate) apps: Apps,
    pub(crate) links: Links,
    pub(crate) envelopes: Envelopes,
    pub(crate) directory: directory::Directory,
    pub(crate) messages: messages::Messages,
    pub(crate) views: views::Views,
    pub(crate) files: files::Files,
    pub(crate) triggers: triggers::Triggers,
    pub(crate) response_urls: response_urls::ResponseUrls,
    pub(crate) script: Script,
    pub(crate) records: Records,
    pub(crate) counters: Counters,
    pub(crate) journal: Journal,
    pub(crate) timers: Timers,
    pub(crate) waiters: Waiters,
}

/// The answers to come.
#[derive(Default)]
pub(crate) struct Script {
    pub(crate) opens: VecDeque<OpenAnswer>,
    pub(crate) all_opens: Option<OpenAnswer>,
    pub(crate) dials: VecDeque<DialAnswer>,
    pub(crate) all_dials: Option<DialAnswer>,
    pub(crate) calls: BTreeMap<String, VecDeque<CallAnswer>>,
    /// The methods whose answers are held back.
    pub(crate) held: BTreeSet<String>,
}

/// What happened.
#[derive(Default)]
pub(crate) struct Records {
    pub(crate) frames: Kept<FrameRecord>,
    pub(crate) calls: Kept<Call>,
    /// The numbers of the calls not yet handed out by a wait.
    fresh_calls: BTreeSet<u64>,
    pub(crate) opens: Kept<OpenRecord>,
    pub(crate) dials: Kept<DialRecord>,
}

impl Records {
    pub(crate) fn call(&mut self, call: Call) {
        self.fresh_calls.insert(self.calls.push(call));
        while self.fresh_calls.first().is_some_and(|oldest| *oldest < self.calls.first()) {
            self.fresh_calls.pop_first();
        }
    }

    /// The calls not yet handed out, oldest first, with their numbers.
    pub(crate) fn fresh_calls(&self) -> impl DoubleEndedIterator<Item = (u64, &Call)> {
        self.fresh_calls.iter().filter_map(|number| Some((*number, self.calls.get(*number)?)))
    }

    /// The methods of these calls in words: the last ones, if they are many.
    pub(crate) fn fresh_methods(&self) -> String {
        /// So many are named, and of each name so many characters.
        const NAMED: usize = 20;
        const NAME: usize = 60;
        let named = self.fresh_calls().rev().take(NAMED);
        let mut names: Vec<String> =
            named.map(|(_, call)| call.method.chars().take(NAME).collect()).collect();
        names.reverse();
        match self.fresh_calls.len().saturating_sub(NAMED) {
            0 => format!("calls not yet handed out: {names:?}"),
            others => format!("calls not yet handed out: {others} others, then {names:?}"),
        }
    }

    /// Hands out the oldest call of this method, each once.
    pub(crate) fn take_call(&mut self, method: &str) -> Option<Call> {
        let (number, call) = self.fresh_calls().find(|(_, call)| call.method == method)?;
        let call = call.clone();
        self.fresh_calls.remove(&number);
        Some(call)
    }
}

impl Shared {
    pub(crate) fn new(options: Options, address: SocketAddr) -> Result<Self, StartError> {
        let mut serial = serial::Serial::default();
        let apps = Apps::new(&mut serial, &options)?;
        let directory = directory::Directory::new(&options.workspace, &apps.default);
        Ok(Self {
            state: Mutex::new(State {
                options,
                address,
                guard: Guard::new(address.port()),
                origin: format!("http://{address}"),
                started: Instant::now(),
                stopped: false,
                serial,
                apps,
                links: Links::default(),
                envelopes: Envelopes::default(),
                directory,
                messages: messages::Messages::default(),
                views: views::Views::default(),
                files: files::Files::default(),
                triggers: triggers::Triggers::default(),
                response_urls: response_urls::ResponseUrls::default(),
                script: Script::default(),
                records: Records::default(),
                counters: Counters::default(),
                journal: Journal::default(),
                timers: Timers::default(),
                waiters: Waiters::default(),
            }),
            running: OnceLock::new(),
            sooner: Notify::new(),
            stop: Notify::new(),
        })
    }

    /// Changes the state, then wakes whom that concerns.
    pub(crate) fn change<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        self.locked(|state| {
            let out = act(state);
            state.waiters.changed();
            out
        })
    }

    /// Looks at the state, or changes what nobody waits for.
    pub(crate) fn look<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        self.locked(act)
    }

    fn locked<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.lock();
        let out = act(&mut state);
        if state.journal.take_grown() {
            state.waiters.wake(&Topic::Journal);
        }
        let sooner = state.timers.take_sooner();
        let woken = state.waiters.take_woken();
        // A waker may run anything: never under the lock.
        drop(state);
        if sooner {
            self.sooner.notify_one();
        }
        for waiter in woken {
            // One that stopped waiting needs no wake-up.
            let _ = waiter.send(());
        }
        out
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Time since the start.
    pub(crate) fn now(&self) -> Duration {
        self.started.elapsed()
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        Snapshot {
            links: self.links.all(),
            connections: self.counted(&self.apps.default.app_id),
            counters: self.count(),
        }
    }

    /// The counters, with those that are computed rather than counted.
    pub(crate) fn count(&self) -> Counters {
        let mut counters = self.counters.clone();
        counters.unacked = self.envelopes.outstanding();
        counters.waiting = self.apps.waiting();
        counters.dark_for = self.links.dark_since.map(|since| since.elapsed());
        counters
    }

    /// Does all that is due, and gives the next deadline.
    pub(crate) fn run_timers(&mut self, now: Instant) -> Option<Instant> {
        while let Some(deadline) = self.timers.pop(now) {
            match deadline {
                Deadline::Ping(link) => self.ping(link),
                Deadline::Rotate(link) => self.rotate(link),
                Deadline::CutWarned(link) => self.cut_warned(link),
                Deadline::CloseUnanswered(link) => self.abandon(link),
                Deadline::Silent(link) => self.give_up(link),
                Deadline::AckDue(id) => self.ack_overdue(&id),
                Deadline::Redeliver(id) => self.redeliver(&id),
                Deadline::WaitOver(topic) => self.waiters.wake(&topic),
            }
        }
        self.timers.earliest()
    }

    pub(crate) fn link_ids_of(&self, app_id: &str) -> &[LinkId] {
        self.links.live_of(app_id)
    }
}
