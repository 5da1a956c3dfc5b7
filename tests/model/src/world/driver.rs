//! A perfect driver: it does what the machine asks for, and feeds it what happens.

use std::time::Duration;

use socketmode_protocol::{AckRefusal, AckToken, Action, ConnectionId, ConnectionPhase};

use crate::output::Output;

use super::World;
use super::agenda::{Sent, Wire, WorldEvent};
use super::app::Acks;
use super::script::{DialAnswer, OpenAnswer};
use crate::step::{Call, OwnedInput, Step};

impl World {
    /// Calls the machine, and does what it asks for.
    pub(super) fn call(&mut self, call: Call) -> Result<(), AckRefusal> {
        self.catch_up();
        let step = Step { at: self.agenda.now(), call };
        let (result, outputs) = self.subject.take(step).unwrap_or_else(|broken| panic!("{broken}"));
        self.pending = outputs;
        self.catch_up();
        assert_eq!(self.stats().stray_inputs, 0, "an input of a perfect driver was not wanted");
        self.look_at_the_queue();
        result
    }

    pub(super) fn timeout(&mut self) {
        let _ = self.call(Call::Timeout);
        while self.machine().is_reading() {
            let Some((since, id, wire)) = self.unread.pop_front() else { return };
            self.longest_unread = self.longest_unread.max(self.now().saturating_since(since));
            self.arrive(id, wire);
        }
    }

    fn input(&mut self, id: ConnectionId, input: OwnedInput) {
        let _ = self.call(Call::Input(id, input));
    }

    /// Does what has been asked for.
    pub(super) fn catch_up(&mut self) {
        for output in core::mem::take(&mut self.pending) {
            match output {
                Output::Action { connection, action } => self.perform(connection, action),
                Output::Transmit { connection, write, text } => {
                    self.agenda.after(Duration::from_millis(1), WorldEvent::Written(connection, write));
                    self.agenda.after(self.slack.latency, WorldEvent::Heard(connection, Sent::Text(text)));
                }
                told if self.app.reads => self.tell(told),
                told => self.app.queue.push(told),
            }
        }
        self.watch_the_dark();
    }

    pub(super) fn tell(&mut self, output: Output) {
        if let Some((delay, token)) = self.app.told(self.agenda.now(), output) {
            self.agenda.after(delay, WorldEvent::Acks(token));
        }
    }

    /// Says when the application's queue gets full or has room again.
    pub(super) fn look_at_the_queue(&mut self) {
        let full = self.app.queue.len() >= self.app.queue_capacity;
        if full != self.machine().is_backlogged() && !self.machine().is_stopping() {
            let _ = self.call(Call::Backlog { full });
        }
    }

    fn perform(&mut self, id: ConnectionId, action: Action) {
        let sent = match action {
            Action::Open => {
                self.opens.push(self.agenda.now());
                self.sockets.insert(id, None);
                let answer = self.slack.answers.pop_front().unwrap_or(self.slack.default_answer.clone());
                self.agenda.after(self.slack.open_latency, WorldEvent::Answered(id, answer));
                return;
            }
            Action::Dial { url } => {
                self.sockets.insert(id, Some(url.expose_secret().to_owned()));
                let dial = self.slack.dials.pop_front().unwrap_or(DialAnswer::Link);
                self.agenda.after(self.slack.dial_latency, WorldEvent::Dialed(id, dial));
                return;
            }
            Action::SendPing => Sent::Ping,
            Action::Close { .. } => Sent::Close,
            Action::Abort => {
                self.sockets.remove(&id);
                Sent::Gone
            }
        };
        self.agenda.after(self.slack.latency, WorldEvent::Heard(id, sent));
    }

    pub(super) fn happen(&mut self, event: WorldEvent) {
        let Self { slack, agenda, .. } = self;
        match event {
            WorldEvent::Answered(id, answer) => self.answer(id, answer),
            WorldEvent::Dialed(id, dial) => self.dialed(id, dial),
            WorldEvent::Written(id, write) => {
                if self.sockets.contains_key(&id) {
                    self.input(id, OwnedInput::Written(write));
                }
            }
            WorldEvent::Arrives(id, wire) => self.arrive(id, wire),
            WorldEvent::Heard(id, sent) => slack.hear(agenda, id, &sent),
            WorldEvent::Greets(id) => slack.greet(agenda, id),
            WorldEvent::Pings(id) => slack.ping(agenda, id),
            WorldEvent::Warns(id) => slack.warn(agenda, id, "warning"),
            WorldEvent::Cuts(id) => slack.cut(agenda, id),
            WorldEvent::Redelivers(id) => slack.redeliver(agenda, id),
            WorldEvent::Says => {
                if let Some((every, events)) = self.load {
                    for _ in 0..events {
                        self.say();
                    }
                    self.agenda.after(every, WorldEvent::Says);
                }
            }
            WorldEvent::Acks(token) => self.ack_by_app(token),
        }
    }

    /// The application may be too late; that is counted by the machine, not here.
    fn ack_by_app(&mut self, token: AckToken) {
        let payload = match &self.app.acks {
            Acks::With(payload) => Some(payload.clone()),
            Acks::AtOnce | Acks::After(_) | Acks::Never => None,
        };
        let refused = self.acknowledge(token, payload.as_deref());
        if refused == Err(AckRefusal::PayloadNotAccepted) {
            let _ = self.acknowledge(token, None);
        }
    }

    fn answer(&mut self, id: ConnectionId, answer: OpenAnswer) {
        if !self.sockets.contains_key(&id) {
            return;
        }
        let (status, retry_after, body) = match answer {
            OpenAnswer::Link => (200, None, self.slack.ticket()),
            OpenAnswer::Error(code) => (200, None, format!(r#"{{"ok":false,"error":"{code}"}}"#)),
            OpenAnswer::Status(status, retry_after, body) => (status, retry_after, body),
            OpenAnswer::Drop => {
                self.sockets.remove(&id);
                return self.input(id, OwnedInput::OpenFailed);
            }
            OpenAnswer::Hang => return,
        };
        let retry_after = retry_after.map(str::to_owned);
        self.input(id, OwnedInput::Opened { status, retry_after, body: body.into_bytes() });
    }

    fn dialed(&mut self, id: ConnectionId, dial: DialAnswer) {
        let Some(url) = self.sockets.get(&id).cloned() else { return };
        match dial {
            DialAnswer::Link => {
                let Some(url) = url else { return };
                self.slack.accept(&mut self.agenda, id, &url);
                self.input(id, OwnedInput::Dialed);
            }
            DialAnswer::Status(status) => self.dial_failed(id, Some(status)),
            DialAnswer::Drop => self.dial_failed(id, None),
            DialAnswer::Hang => {}
        }
    }

    fn dial_failed(&mut self, id: ConnectionId, status: Option<u16>) {
        self.sockets.remove(&id);
        self.input(id, OwnedInput::DialFailed(status));
    }

    fn arrive(&mut self, id: ConnectionId, wire: Wire) {
        if !self.sockets.contains_key(&id) || self.slack.is_frozen(id) {
            return;
        }
        if !self.machine().is_reading() {
            self.unread.push_back((self.now(), id, wire));
            return;
        }
        match wire {
            Wire::Text(text) => self.input(id, OwnedInput::Text(text)),
            Wire::Binary(bytes) => self.input(id, OwnedInput::Binary(bytes)),
            Wire::Ping => self.input(id, OwnedInput::Ping),
            Wire::Pong => self.input(id, OwnedInput::Pong),
            Wire::Close(code) => self.input(id, OwnedInput::CloseFrame(code)),
            Wire::Eof => {
                self.sockets.remove(&id);
                self.input(id, OwnedInput::Eof);
            }
            Wire::Reset => {
                self.sockets.remove(&id);
                self.input(id, OwnedInput::ReadError);
            }
        }
    }

    fn watch_the_dark(&mut self) {
        let now = self.agenda.now();
        let up = |phase| matches!(phase, ConnectionPhase::Active | ConnectionPhase::Draining);
        let lit = self.machine().connections().any(|c| up(c.phase) && self.slack.is_live(c.connection));
        match (lit, self.dark_since) {
            (true, Some(since)) => {
                self.dark += now.saturating_since(since);
                self.longest_dark = self.longest_dark.max(now.saturating_since(since));
                self.dark_since = None;
            }
            (false, None) if self.machine().stats().connected > 0 => self.dark_since = Some(now),
            _ => {}
        }
    }
}
