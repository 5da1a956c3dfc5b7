//! The client's process: it acknowledges what comes, and counts.

use crate::recording::Recording;
use crate::{Arguments, Driver};
use futures_util::future::{Either, select};
use futures_util::stream::FuturesUnordered;
use futures_util::{FutureExt, StreamExt};
use serde::Deserialize;
use serde_json::{Value, json};
use socketmode_async_std::AsyncStdTransport;
use socketmode_driver::{
    AckError, AckErrorKind, Acked, AppToken, Client, Event, Network, Notice, Request, Runtime,
};
use socketmode_protocol::{EndReason, Stats};
use socketmode_tokio::TokioTransport;
use std::collections::BTreeMap;
use std::io::Read;
use std::pin::pin;
use std::time::{Duration, Instant};

/// The environment variable with the app's token.
pub(crate) const TOKEN: &str = "SLACK_APP_TOKEN";
/// Links kept open: one that dies leaves the others at work.
pub(crate) const CONNECTIONS: usize = 4;
/// How long what was acknowledged is remembered: longer than Slack sends it again here.
const WINDOW: Duration = Duration::from_secs(60);
/// How long what is outstanding may take at the end.
const GRACE: Duration = Duration::from_secs(10);

/// Runs until standard input ends; then says what there was, as a line of JSON.
pub(crate) fn main(arguments: &Arguments, base_url: &str) {
    let recording = arguments.record.as_deref().map(Recording::create).transpose();
    let (recording, written) = recording.expect("a file for the recording").unzip();
    let report = match arguments.driver {
        Driver::Tokio => tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("a runtime")
            .block_on(run::<TokioTransport>(arguments, base_url, recording)),
        Driver::AsyncStd => {
            async_std::task::block_on(run::<AsyncStdTransport>(arguments, base_url, recording))
        }
    };
    if let Some(written) = written {
        written.wait();
    }
    println!("{report}");
}

async fn run<R: Runtime>(arguments: &Arguments, base_url: &str, recording: Option<Recording>) -> Value {
    let token = AppToken::new(&std::env::var(TOKEN).expect("a token")).expect("a token");
    let mut builder = Client::<R>::builder(token);
    if let Some(recording) = recording {
        builder = builder.recording_to(recording);
    }
    let (client, mut events) = builder
        .base_url(base_url)
        .network(Network::default().no_proxy())
        .connections(CONNECTIONS)
        .deduplicate(WINDOW)
        .config(|config| {
            config.silence = Duration::from_millis(1_500);
            config.client_ping = Some(Duration::from_millis(500));
            config.open_timeout = Duration::from_secs(3);
            config.dial_timeout = Duration::from_secs(3);
            config.hello_timeout = Duration::from_secs(3);
            config.backoff_base = Duration::from_millis(100);
            config.backoff_cap = Duration::from_secs(1);
            config.open_interval = Duration::from_millis(500);
        })
        .connect()
        .expect("a client");
    let ending = client.clone();
    std::thread::spawn(move || {
        // Its end is the order to stop, whatever ends it.
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        ending.shutdown(GRACE);
    });

    let mut counts = Counts::new(arguments);
    let mut acks = FuturesUnordered::new();
    loop {
        let outcome = async {
            match acks.next().await {
                Some(outcome) => outcome,
                // None is under way: the next event comes first.
                None => std::future::pending().await,
            }
        };
        let next = match select(pin!(events.next()), pin!(outcome)).await {
            Either::Left((event, _)) => Either::Left(event),
            Either::Right((outcome, _)) => Either::Right(outcome),
        };
        match next {
            Either::Left(Some(event)) => acks.extend(counts.event(event).map(|(number, request)| {
                let outcome = request.ack();
                async move { (number, outcome.await) }
            })),
            Either::Left(None) => break,
            Either::Right((number, outcome)) => counts.outcome(number, outcome),
        }
    }
    client.shutdown(Duration::ZERO).await;
    // With the client over, what has no outcome by now never has one.
    while let Some(Some((number, outcome))) = acks.next().now_or_never() {
        counts.outcome(number, outcome);
    }
    counts.report(acks.len(), &client.stats())
}

/// What came, and what became of it.
struct Counts {
    /// What became of each event: written from the start, so that it does not grow meanwhile.
    events: Vec<Fate>,
    /// Deliveries of what had been acknowledged on the wire before.
    twice: u64,
    requests: u64,
    retries: u32,
    last: Option<Instant>,
    longest_gap: Duration,
    outcomes: BTreeMap<&'static str, u64>,
    /// What was told of the links, by kind.
    notices: BTreeMap<&'static str, u64>,
}

/// What became of an event. The first is no zero: memory that is zero is not there yet.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Unseen = 1,
    Delivered,
    /// The network has its acknowledgement.
    Acknowledged,
}

/// Of a message's payload.
#[derive(Deserialize)]
struct Payload<'a> {
    #[serde(borrow)]
    event: Message<'a>,
}

#[derive(Deserialize)]
struct Message<'a> {
    text: &'a str,
}

impl Counts {
    fn new(arguments: &Arguments) -> Self {
        let events = usize::try_from(arguments.events()).expect("a number of events that memory can hold");
        Self {
            events: vec![Fate::Unseen; events],
            twice: 0,
            requests: 0,
            retries: 0,
            last: None,
            longest_gap: Duration::ZERO,
            outcomes: BTreeMap::new(),
            notices: BTreeMap::new(),
        }
    }

    fn event(&mut self, event: Event) -> Option<(usize, Request)> {
        let request = match event.into_request() {
            Ok(request) => request,
            Err(notice) => {
                self.notice(&notice);
                return None;
            }
        };
        let now = Instant::now();
        self.longest_gap = self.longest_gap.max(self.last.map_or(Duration::ZERO, |last| now - last));
        self.last = Some(now);
        self.requests += 1;
        self.retries = self.retries.max(request.envelope().retry_attempt());
        let number: usize = request.payload::<Payload<'_>>().ok().and_then(|p| p.event.text.parse().ok())?;
        match self.events.get_mut(number) {
            Some(Fate::Acknowledged) => self.twice += 1,
            Some(fate) => *fate = Fate::Delivered,
            None => {}
        }
        Some((number, request))
    }

    fn notice(&mut self, notice: &Event) {
        let (kind, many) = match notice {
            Event::Notice(Notice::Disconnected { reason, .. }) => match reason {
                EndReason::Rotated => ("rotated", 1),
                EndReason::Silent => ("silent", 1),
                EndReason::Lost => ("broken", 1),
                EndReason::Closed { .. } => ("closed", 1),
                _ => ("otherwise ended", 1),
            },
            Event::Notice(Notice::ConnectionError { .. }) => ("failed attempts", 1),
            Event::Notice(Notice::Shed { envelopes }) => ("shed", *envelopes),
            Event::Lagged { missed } => ("missed", *missed),
            _ => return,
        };
        *self.notices.entry(kind).or_default() += many;
    }

    fn outcome(&mut self, number: usize, outcome: Result<Acked, AckError>) {
        if let (Ok(_), Some(fate)) = (&outcome, self.events.get_mut(number)) {
            *fate = Fate::Acknowledged;
        }
        let name = match outcome {
            Ok(acked) if acked.late => "late",
            Ok(acked) if acked.elsewhere => "elsewhere",
            Ok(_) => "sent",
            Err(error) => match error.kind() {
                AckErrorKind::Lost => "lost",
                AckErrorKind::Busy => "busy",
                AckErrorKind::Refused(_) => "refused",
                _ => "other",
            },
        };
        *self.outcomes.entry(name).or_default() += 1;
    }

    fn report(&self, pending: usize, stats: &Stats) -> Value {
        json!({
            "requests": self.requests,
            "delivered": self.events.iter().filter(|fate| **fate != Fate::Unseen).count(),
            "again_though_acknowledged": self.twice,
            "copies_recognised": stats.copies_acknowledged,
            "retries_of_one_event": self.retries,
            "outcomes": self.outcomes,
            "without_an_outcome": pending,
            "longest_gap_ms": u64::try_from(self.longest_gap.as_millis()).unwrap_or(u64::MAX),
            "notices": self.notices,
            "opens": stats.opens,
            "failed_attempts": stats.failed_attempts,
            "lost_connections": stats.lost_connections,
            "rotations": stats.rotations,
            "bad_messages": stats.bad_messages,
        })
    }
}
