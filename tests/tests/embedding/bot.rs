//! The examples as bots on threads of their own.

use crate::{blocking, epoll};
use socketmode_protocol::{AckOutcome, Config, Notice, Output, StopReason};
use socketmode_simulator::{EnvelopeId, Simulator, Snapshot};
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// For what should come soon, on however busy a machine.
pub(crate) const LONG: Duration = Duration::from_secs(20);

pub(crate) const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// Makes a test of each scenario on each embedding.
macro_rules! on_each_embedding {
    ($($scenario:ident),+ $(,)?) => {
        mod in_threads {
            $(
                #[test]
                fn $scenario() {
                    super::$scenario::<crate::bot::Blocking>();
                }
            )+
        }
        mod by_epoll {
            $(
                #[test]
                fn $scenario() {
                    super::$scenario::<crate::bot::Epoll>();
                }
            )+
        }
    };
}
pub(crate) use on_each_embedding;

/// One of the examples.
pub(crate) trait Embedding {
    /// How long the ids of envelopes are, and so their acknowledgements, where a server does not read.
    const ID_BYTES: usize;

    fn run(
        reach: Reach,
        stop: impl FnOnce() + Send + 'static,
        is_full: impl Fn() -> bool,
        on_output: impl FnMut(&Output),
    ) -> StopReason;
}

pub(crate) struct Blocking;
pub(crate) struct Epoll;

impl Embedding for Blocking {
    /// The system takes them all: a thread that waits to write reads nothing meanwhile.
    const ID_BYTES: usize = 36;

    fn run(
        Reach { config, base, token }: Reach,
        stop: impl FnOnce() + Send + 'static,
        _: impl Fn() -> bool,
        on_output: impl FnMut(&Output),
    ) -> StopReason {
        blocking::run(blocking::Slack { config, base, token }, stop, on_output).unwrap()
    }
}

impl Embedding for Epoll {
    /// All of them are more than the system takes for a socket, as a rule.
    const ID_BYTES: usize = 256;

    fn run(
        Reach { config, base, token }: Reach,
        stop: impl FnOnce() + Send + 'static,
        is_full: impl Fn() -> bool,
        on_output: impl FnMut(&Output),
    ) -> StopReason {
        epoll::run(epoll::Slack { config, base, token }, stop, is_full, on_output).unwrap()
    }
}

/// Where Slack is.
pub(crate) struct Reach {
    config: Config,
    base: String,
    token: String,
}

/// The configuration for a Slack on this machine.
pub(crate) fn local() -> Config {
    Config { allowed_hosts: vec!["localhost".to_owned()], ..Config::default() }
}

/// An example on a thread of its own.
pub(crate) struct Bot<E> {
    stop: Sender<()>,
    failures: Receiver<String>,
    /// With so many envelopes the application takes no more.
    pub(crate) capacity: Arc<AtomicUsize>,
    told: Arc<Mutex<Told>>,
    thread: JoinHandle<()>,
    embedding: PhantomData<E>,
}

/// What it was told.
#[derive(Default)]
pub(crate) struct Told {
    /// How many times each envelope came.
    pub(crate) deliveries: BTreeMap<EnvelopeId, u32>,
    /// The acknowledgements that the network has.
    pub(crate) sent: BTreeSet<EnvelopeId>,
    /// Those that it has not.
    pub(crate) lost: BTreeSet<EnvelopeId>,
    /// Everything else.
    pub(crate) notices: Vec<String>,
}

impl<E: Embedding> Bot<E> {
    pub(crate) fn start(slack: &Simulator, config: Config) -> Self {
        Self::start_at(slack.api_url(), slack, config)
    }

    pub(crate) fn start_at(base: String, slack: &Simulator, config: Config) -> Self {
        let reach = Reach { config, base, token: slack.app_token() };
        let (stop, stopped) = mpsc::channel::<()>();
        let (failed, failures) = mpsc::channel();
        let capacity = Arc::new(AtomicUsize::new(usize::MAX));
        let told = Arc::new(Mutex::new(Told::default()));
        let (allowed, telling) = (Arc::clone(&capacity), Arc::clone(&told));
        let thread = thread::spawn(move || {
            let wait_for_stop = move || stopped.recv().unwrap_or_default();
            let on_output = |output: &Output| {
                let mut told = telling.lock().unwrap();
                match output {
                    Output::Envelope(envelope) => {
                        *told.deliveries.entry(EnvelopeId::new(envelope.envelope_id())).or_default() += 1;
                    }
                    Output::Acknowledged { envelope_id, outcome, .. } => {
                        let outcomes =
                            if *outcome == AckOutcome::Lost { &mut told.lost } else { &mut told.sent };
                        assert!(outcomes.insert(EnvelopeId::new(&**envelope_id)), "{envelope_id} twice");
                    }
                    Output::Notice(Notice::ConnectionError { error, .. }) => {
                        failed.send(error.to_string()).unwrap();
                    }
                    Output::Notice(notice) => told.notices.push(format!("{notice:?}")),
                    Output::Action { .. } | Output::Stopped(_) => {}
                }
            };
            let is_full = || telling.lock().unwrap().deliveries.len() >= allowed.load(Ordering::SeqCst);
            let reason = E::run(reach, wait_for_stop, is_full, on_output);
            assert_eq!(reason, StopReason::Requested);
        });
        Self { stop, failures, capacity, told, thread, embedding: PhantomData }
    }

    /// Waits until an attempt to connect has failed, and says why.
    pub(crate) fn failure(&self) -> String {
        self.failures.recv_timeout(LONG).unwrap()
    }

    /// Waits until this holds of what it was told.
    pub(crate) fn until(&self, holds: impl Fn(&Told) -> bool) {
        let start = std::time::Instant::now();
        while !holds(&self.told.lock().unwrap()) {
            assert!(start.elapsed() < LONG && !self.thread.is_finished(), "waited {:?}", start.elapsed());
            thread::sleep(ms(5));
        }
    }

    pub(crate) fn stop(self) -> Told {
        let Self { stop, thread, told, failures: _failures, .. } = self;
        drop(stop);
        thread.join().unwrap();
        std::mem::take(&mut *told.lock().unwrap())
    }
}

/// The simulator's waits are for any runtime; there is no other one here.
pub(crate) fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

pub(crate) fn until(slack: &Simulator, holds: impl Fn(&Snapshot) -> bool) -> Snapshot {
    wait(slack.wait_until(LONG, holds)).unwrap()
}
