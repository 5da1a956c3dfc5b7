//! A perfect driver: it does what the machine asks for, and feeds it what happens.

use std::time::Duration;

use socketmode_protocol::{AckRefusal, AckToken, Action, ConnectionId, ConnectionPhase};

use crate::output::Output;

use super::World;
use super::agenda::{Happening, Sent, Wire};
use super::app::Acks;
use super::script::{Answer, Dial};
use crate::step::{Call, Happening as Input, Step};

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

    fn input(&mut self, id: ConnectionId, input: Input) {
        let _ = self.call(Call::Input(id, input));
    }

    /// Does what has been asked for.
    pub(super) fn catch_up(&mut self) {
        for output in core::mem::take(&mut self.pending) {
            match output {
                Output::Action { connection, action } => self.perform(connection, action),
                Output::Transmit { connection, write, text } => {
                    self.agenda.after(Duration::from_millis(1), Happening::Written(connection, write));
                    self.agenda.after(self.slack.latency, Happening::Heard(connection, Sent::Text(text)));
                }
                told if self.app.reads => self.tell(told),
                told => self.app.queue.push(told),
            }
        }
        self.watch_the_dark();
    }

    pub(super) fn tell(&mut self, output: Output) {
        if let Some((delay, token)) = self.app.told(self.agenda.now(), output) {
            self.agenda.after(delay, Happening::Acks(token));
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
                self.agenda.after(self.slack.open_latency, Happening::Answered(id, answer));
                return;
            }
            Action::Dial { url } => {
                self.sockets.insert(id, Some(url.expose_secret().to_owned()));
                let dial = self.slack.dials.pop_front().unwrap_or(Dial::Connected);
                self.agenda.after(self.slack.dial_latency, Happening::Dialed(id, dial));
                return;
            }
            Action::SendPing => Sent::Ping,
            Action::Close { .. } => Sent::Close,
            Action::Abort => {
                self.sockets.remove(&id);
                Sent::Gone
            }
        };
        self.agenda.after(self.slack.latency, Happening::Heard(id, sent));
    }

    pub(super) fn happen(&mut self, happening: Happening) {
        let Self { slack, agenda, .. } = self;
        match happening {
            Happening::Answered(id, answer) => self.answer(id, answer),
            Happening::Dialed(id, dial) => self.dialed(id, dial),
            Happening::Written(id, write) => {
                if self.sockets.contains_key(&id) {
                    self.input(id, Input::Written(write));
                }
            }
            Happening::Arrives(id, wire) => self.arrive(id, wire),
            Happening::Heard(id, sent) => slack.hear(agenda, id, &sent),
            Happening::Greets(id) => slack.greet(agenda, id),
            Happening::Pings(id) => slack.ping(agenda, id),
            Happening::Warns(id) => slack.warn(agenda, id, "warning"),
            Happening::Cuts(id) => slack.cut(agenda, id),
            Happening::Redelivers(id) => slack.redeliver(agenda, id),
            Happening::Says => {
                if let Some((every, events)) = self.load {
                    for _ in 0..events {
                        self.say();
                    }
                    self.agenda.after(every, Happening::Says);
                }
            }
            Happening::Acks(token) => self.ack_by_app(token),
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

    fn answer(&mut self, id: ConnectionId, answer: Answer) {
        if !self.sockets.contains_key(&id) {
            return;
        }
        let (status, retry_after, body) = match answer {
            Answer::Url => (200, None, self.slack.ticket()),
            Answer::Error(code) => (200, None, format!(r#"{{"ok":false,"error":"{code}"}}"#)),
            Answer::Http(status, retry_after, body) => (status, retry_after, body),
            Answer::Fails => {
                self.sockets.remove(&id);
                return self.input(id, Input::OpenFailed);
            }
            Answer::Silence => return,
        };
        let retry_after = retry_after.map(str::to_owned);
        self.input(id, Input::Opened { status, retry_after, body: body.into_bytes() });
    }

    fn dialed(&mut self, id: ConnectionId, dial: Dial) {
        let Some(url) = self.sockets.get(&id).cloned() else { return };
        match dial {
            Dial::Connected => {
                let Some(url) = url else { return };
                self.slack.accept(&mut self.agenda, id, &url);
                self.input(id, Input::Dialed);
            }
            Dial::Refused(status) => {
                self.sockets.remove(&id);
                self.input(id, Input::DialFailed(status));
            }
            Dial::Silence => {}
        }
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
            Wire::Text(text) => self.input(id, Input::Text(text)),
            Wire::Binary(bytes) => self.input(id, Input::Binary(bytes)),
            Wire::Ping => self.input(id, Input::Ping),
            Wire::Pong => self.input(id, Input::Pong),
            Wire::Close(code) => self.input(id, Input::CloseFrame(code)),
            Wire::Eof => {
                self.sockets.remove(&id);
                self.input(id, Input::Eof);
            }
            Wire::Reset => {
                self.sockets.remove(&id);
                self.input(id, Input::ReadError);
            }
        }
    }

    fn watch_the_dark(&mut self) {
        let now = self.agenda.now();
        let up = |phase| matches!(phase, ConnectionPhase::Active | ConnectionPhase::Draining);
        let lit = self.machine().connections().any(|c| up(c.phase) && self.slack.is_live(c.connection));
        match (lit, self.dark_since) {
            (true, Some(since)) => {
                self.longest_dark = self.longest_dark.max(now.saturating_since(since));
                self.dark_since = None;
            }
            (false, None) if self.machine().stats().connected > 0 => self.dark_since = Some(now),
            _ => {}
        }
    }
}
