//! A machine that is driven one call at a time.

use std::time::Duration;

use socketmode_model::output::Output;
use socketmode_model::step::{Call, OwnedInput, Step, slack};
use socketmode_model::subject::Subject;
use socketmode_protocol::{
    AckOutcome, AckRefusal, AckToken, Action, Config, ConnectionId, ConnectionPhase, Instant, WriteId,
};

use crate::s;

/// A machine that is watched, and the time.
pub(crate) struct Stepper {
    pub(crate) subject: Subject,
    pub(crate) now: Instant,
    said: u64,
}

impl Stepper {
    /// Every slot is about to open its connection.
    pub(crate) fn new(config: &Config) -> Self {
        let (subject, _) = Subject::new(config, 1, Instant::ZERO).unwrap();
        let mut stepper = Self { subject, now: Instant::ZERO, said: 0 };
        stepper.wait(s(5));
        stepper
    }

    /// Every slot has its link, for long enough to be trusted.
    pub(crate) fn up(config: &Config) -> Self {
        let slots = config.connections;
        let mut stepper = Self::new(config);
        while stepper.active().len() < slots {
            stepper.connect();
        }
        stepper.wait(s(20));
        stepper
    }

    /// The next attempt succeeds.
    pub(crate) fn connect(&mut self) -> ConnectionId {
        self.connect_for(None)
    }

    /// The same, with a lifetime in seconds.
    pub(crate) fn connect_for(&mut self, lifetime: Option<u64>) -> ConnectionId {
        let opening = self.in_phase(ConnectionPhase::Opening)[0];
        self.said += 1;
        for input in [slack::opened(self.said), OwnedInput::Dialed, slack::hello(1, lifetime)] {
            self.happens(opening, input);
        }
        opening
    }

    pub(crate) fn call(&mut self, call: Call) -> (Result<(), AckRefusal>, Vec<Output>) {
        self.subject.take(Step { at: self.now, call }).unwrap_or_else(|broken| panic!("{broken}"))
    }

    pub(crate) fn happens(&mut self, to: ConnectionId, input: OwnedInput) -> Vec<Output> {
        self.call(Call::Input(to, input)).1
    }

    pub(crate) fn wait(&mut self, time: Duration) -> Vec<Output> {
        self.now = self.now + time;
        self.call(Call::Timeout).1
    }

    /// Time passes, and Slack pings.
    pub(crate) fn live(&mut self, time: Duration) {
        let end = self.now + time;
        while self.now < end {
            self.wait(s(10).min(end.saturating_since(self.now)));
            for link in self.active() {
                self.happens(link, OwnedInput::Ping);
            }
        }
    }

    /// An envelope comes.
    pub(crate) fn event(&mut self, by: ConnectionId) -> AckToken {
        self.said += 1;
        let text = slack::event(&format!("e{}", self.said), &format!("Ev{}", self.said), 0);
        let outputs = self.happens(by, OwnedInput::Text(text));
        let token = outputs.iter().find_map(|output| match output {
            Output::Envelope(envelope) => Some(envelope.token()),
            _ => None,
        });
        token.unwrap()
    }

    /// It is acknowledged, which asks for a write.
    pub(crate) fn acknowledge(&mut self, token: AckToken) -> (ConnectionId, WriteId) {
        let (result, outputs) = self.call(Call::Acknowledge(token, None));
        assert_eq!(result, Ok(()));
        writes(&outputs)[0]
    }

    pub(crate) fn in_phase(&self, phase: ConnectionPhase) -> Vec<ConnectionId> {
        let all = self.subject.machine().connections().filter(|status| status.phase == phase);
        all.map(|status| status.connection).collect()
    }

    pub(crate) fn active(&self) -> Vec<ConnectionId> {
        self.in_phase(ConnectionPhase::Active)
    }

    /// The only link is asked away, and its heir is up.
    pub(crate) fn replaced(config: &Config) -> (Self, ConnectionId, ConnectionId) {
        let mut stepper = Self::up(config);
        let old = stepper.active()[0];
        stepper.happens(old, slack::disconnect("warning"));
        let heir = stepper.connect();
        (stepper, old, heir)
    }
}

pub(crate) fn writes(outputs: &[Output]) -> Vec<(ConnectionId, WriteId)> {
    let write = |output: &Output| match output {
        Output::Transmit { connection, write, .. } => Some((*connection, *write)),
        _ => None,
    };
    outputs.iter().filter_map(write).collect()
}

pub(crate) fn is_closed(outputs: &[Output], link: ConnectionId) -> bool {
    let closes = |output: &Output| matches!(output, Output::Action { connection, action: Action::Close { .. } } if *connection == link);
    outputs.iter().any(closes)
}

pub(crate) fn outcome(outputs: &[Output]) -> Option<AckOutcome> {
    outputs.iter().find_map(|output| match output {
        Output::Acknowledged { outcome, .. } => Some(*outcome),
        _ => None,
    })
}
