//! The application: what it is told, and how it acknowledges.

use std::collections::BTreeMap;
use std::time::Duration;

use socketmode_protocol::{AckToken, Instant};

use crate::output::Output;

/// When the application acknowledges.
#[derive(Clone, Debug)]
pub enum Acks {
    /// At once.
    AtOnce,
    /// After a while.
    After(Duration),
    /// Never.
    Never,
    /// At once, with a payload where one is accepted.
    With(String),
}

/// Everything that the application knows.
#[derive(Clone, Debug)]
pub struct App {
    /// When it acknowledges.
    pub acks: Acks,
    /// Whether it reads its queue of events.
    pub reads: bool,
    /// What it has not read.
    pub queue: Vec<Output>,
    /// How many events its queue holds before it is full.
    pub queue_capacity: usize,
    /// All that it was told.
    pub events: Vec<(Instant, Output)>,
    deliveries: BTreeMap<String, Vec<AckToken>>,
}

impl Default for App {
    fn default() -> Self {
        Self {
            acks: Acks::AtOnce,
            reads: true,
            queue: Vec::new(),
            queue_capacity: 256,
            events: Vec::new(),
            deliveries: BTreeMap::new(),
        }
    }
}

impl App {
    /// Something is told. Returns how long from now the application acknowledges it.
    pub fn told(&mut self, now: Instant, output: Output) -> Option<(Duration, AckToken)> {
        let ack = match (&output, &self.acks) {
            (Output::Envelope(envelope), acks) => {
                let tokens = self.deliveries.entry(envelope.envelope_id().to_owned()).or_default();
                tokens.push(envelope.token());
                match acks {
                    _ if envelope.is_acknowledged() => None,
                    Acks::Never => None,
                    Acks::AtOnce | Acks::With(_) => Some((Duration::ZERO, envelope.token())),
                    Acks::After(delay) => Some((*delay, envelope.token())),
                }
            }
            _ => None,
        };
        self.events.push((now, output));
        ack
    }

    /// How many events pass a test.
    #[must_use]
    pub fn count(&self, test: impl Fn(&Output) -> bool) -> usize {
        self.events.iter().filter(|(_, event)| test(event)).count()
    }

    /// When the events came that pass a test.
    #[must_use]
    pub fn times(&self, test: impl Fn(&Output) -> bool) -> Vec<Instant> {
        self.events.iter().filter(|(_, event)| test(event)).map(|&(at, _)| at).collect()
    }

    /// The deliveries of an envelope.
    #[must_use]
    pub fn deliveries(&self, envelope_id: &str) -> &[AckToken] {
        self.deliveries.get(envelope_id).map_or(&[], Vec::as_slice)
    }

    /// How many different envelopes were delivered, and how many of them more than once.
    #[must_use]
    pub fn delivered(&self) -> (usize, usize) {
        (self.deliveries.len(), self.deliveries.values().filter(|tokens| tokens.len() > 1).count())
    }
}
