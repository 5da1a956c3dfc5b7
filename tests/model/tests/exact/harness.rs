//! One machine, driven by hand: every input and every millisecond is the row's.

use std::time::Duration;

use socketmode_model::output::Output;
use socketmode_model::step::{Call, OwnedInput, Step, slack};
use socketmode_model::subject::Subject;
use socketmode_protocol::{
    AckOutcome, AckToken, Action, Config, ConnectionId, ConnectionPhase, Instant, Notice, WriteId,
};

pub(crate) const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// A machine that is watched, the time, and what was put out since somebody asked.
pub(crate) struct Bench {
    subject: Subject,
    pub(crate) now: Instant,
    outputs: Vec<Output>,
    tokens: Vec<AckToken>,
    said: u64,
}

impl Bench {
    /// The first slot calls `apps.connections.open`. Time-outs are far away but for what `change` sets, and the back-off
    /// is always 100 ms.
    pub(crate) fn opening(change: fn(&mut Config)) -> Self {
        let far = Duration::from_secs(100_000);
        let mut config = Config {
            open_timeout: far,
            dial_timeout: far,
            hello_timeout: far,
            silence: far,
            client_ping: None,
            backoff_base: ms(100),
            backoff_cap: ms(100),
            stable_after: far,
            too_many_backoff: far,
            open_burst: 100,
            rotate_before: None,
            drain_timeout: far,
            drain_quiet: far,
            close_timeout: far,
            shutdown_grace: far,
            backlog_pause: far,
            late_ack_window: far,
            deduplicate: None,
            ..Config::default()
        };
        change(&mut config);
        let (subject, outputs) = Subject::new(&config, 1, Instant::ZERO).unwrap();
        Self { subject, now: Instant::ZERO, outputs, tokens: Vec::new(), said: 0 }
    }

    pub(crate) fn dialing(change: fn(&mut Config)) -> Self {
        let mut bench = Self::opening(change);
        bench.open();
        bench
    }

    pub(crate) fn greeting(change: fn(&mut Config)) -> Self {
        let mut bench = Self::dialing(change);
        bench.input(OwnedInput::Dialed);
        bench
    }

    pub(crate) fn active(change: fn(&mut Config)) -> Self {
        let mut bench = Self::greeting(change);
        bench.input(slack::hello(1, None));
        bench
    }

    /// Slack asked for a handover, and the open call for the next connection is under way.
    pub(crate) fn draining(change: fn(&mut Config)) -> Self {
        let mut bench = Self::active(change);
        bench.input(slack::disconnect("warning"));
        bench
    }

    /// The same, with the next connection up.
    pub(crate) fn replaced(change: fn(&mut Config)) -> Self {
        let mut bench = Self::draining(change);
        bench.connect();
        bench
    }

    /// Our close frame is out.
    pub(crate) fn closing(change: fn(&mut Config)) -> Self {
        let mut bench = Self::active(change);
        bench.call(Call::Shutdown(Duration::ZERO));
        bench.fire();
        bench
    }

    pub(crate) fn call(&mut self, call: Call) -> bool {
        let (result, outputs) =
            self.subject.take(Step { at: self.now, call }).unwrap_or_else(|broken| panic!("{broken}"));
        self.tokens.extend(outputs.iter().filter_map(token));
        self.outputs.extend(outputs);
        result.is_ok()
    }

    /// The oldest connection that takes such an input gets it.
    pub(crate) fn input(&mut self, input: OwnedInput) {
        use ConnectionPhase::{Active, Closing, Dialing, Draining, Greeting, Opening};
        let phases: &[_] = match input {
            OwnedInput::Opened { .. } | OwnedInput::OpenFailed => &[Opening],
            OwnedInput::Dialed | OwnedInput::DialFailed(_) => &[Dialing],
            _ => &[Greeting, Active, Draining, Closing],
        };
        let id = self.ids(phases)[0];
        self.input_to(id, input);
    }

    pub(crate) fn input_to(&mut self, id: ConnectionId, input: OwnedInput) {
        self.call(Call::Input(id, input));
    }

    pub(crate) fn ids(&self, phases: &[ConnectionPhase]) -> Vec<ConnectionId> {
        let mut ids: Vec<_> = self.subject.machine().connections().collect();
        ids.retain(|status| phases.contains(&status.phase));
        ids.sort_by_key(|status| status.connection);
        ids.into_iter().map(|status| status.connection).collect()
    }

    pub(crate) fn open(&mut self) {
        self.said += 1;
        self.input(slack::opened(self.said));
    }

    /// The connection that is opening comes up.
    pub(crate) fn connect(&mut self) {
        self.open();
        self.input(OwnedInput::Dialed);
        let id = self.ids(&[ConnectionPhase::Greeting])[0];
        self.input_to(id, slack::hello(1, None));
    }

    /// The back-off passes, and the next connection comes up.
    pub(crate) fn reconnect(&mut self) {
        self.advance(ms(100));
        self.fire();
        self.connect();
    }

    /// An event arrives on the oldest link; its acknowledgement's token.
    pub(crate) fn event(&mut self) -> AckToken {
        self.said += 1;
        let text = slack::event(&format!("e{}", self.said), &format!("Ev{}", self.said), 0);
        self.say(text)
    }

    pub(crate) fn say(&mut self, text: String) -> AckToken {
        self.input(OwnedInput::Text(text));
        *self.tokens.last().unwrap()
    }

    pub(crate) fn last_token(&self) -> AckToken {
        *self.tokens.last().unwrap()
    }

    /// The first delivery's.
    pub(crate) fn first_token(&self) -> AckToken {
        self.tokens[0]
    }

    pub(crate) fn acknowledge(&mut self, token: AckToken) -> bool {
        self.call(Call::Acknowledge(token, None))
    }

    /// The network takes every write so far of every link.
    pub(crate) fn written(&mut self) {
        let writes: Vec<(ConnectionId, WriteId)> = self.outputs.iter().filter_map(write).collect();
        for (id, write) in writes {
            self.input_to(id, OwnedInput::Written(write));
        }
    }

    pub(crate) fn advance(&mut self, time: Duration) {
        self.now = self.now + time;
    }

    pub(crate) fn fire(&mut self) {
        self.call(Call::Timeout);
    }

    pub(crate) fn is_reading(&self) -> bool {
        self.subject.machine().is_reading()
    }

    pub(crate) fn stats(&self) -> socketmode_protocol::Stats {
        self.subject.machine().stats()
    }

    /// What was put out since the last time, in short.
    pub(crate) fn told(&mut self) -> String {
        let told: Vec<_> = std::mem::take(&mut self.outputs).iter().map(short).collect();
        told.join(", ")
    }
}

fn token(output: &Output) -> Option<AckToken> {
    match output {
        Output::Envelope(envelope) => Some(envelope.token()),
        _ => None,
    }
}

fn write(output: &Output) -> Option<(ConnectionId, WriteId)> {
    match output {
        Output::Transmit { connection, write, .. } => Some((*connection, *write)),
        _ => None,
    }
}

fn short(output: &Output) -> String {
    match output {
        Output::Action { connection, action } => match action {
            Action::Dial { .. } => format!("{connection:?} Dial"),
            Action::Close { code } => format!("{connection:?} Close {code}"),
            other => format!("{connection:?} {other:?}"),
        },
        Output::Transmit { connection, .. } => format!("{connection:?} Transmit"),
        Output::Stopped(reason) => format!("Stopped({reason:?})"),
        Output::Envelope(_) => "Envelope".into(),
        Output::Acknowledged { outcome: AckOutcome::Sent { late, elsewhere, .. }, .. } => {
            let (late, elsewhere) =
                (if *late { " late" } else { "" }, if *elsewhere { " elsewhere" } else { "" });
            format!("Sent{late}{elsewhere}")
        }
        Output::Acknowledged { outcome: AckOutcome::Lost, .. } => "Lost".into(),
        Output::Notice(notice) => match notice {
            Notice::Connecting { connection, .. } => format!("{connection:?} Connecting"),
            Notice::Connected { connection, .. } => format!("{connection:?} Connected"),
            Notice::Hello { connection, .. } => format!("{connection:?} Hello"),
            Notice::Disconnected { connection, reason } => format!("{connection:?} Disconnected {reason:?}"),
            Notice::ConnectionError { connection, error, retry_in } => {
                format!("{connection:?} {error:?}, retry in {retry_in:?}")
            }
            Notice::AckOverdue { .. } => "AckOverdue".into(),
            other => format!("{other:?}"),
        },
    }
}
