//! A model of Slack: tickets, links, envelopes, redeliveries. It knows of the client what a server can know.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt::Display;
use std::time::Duration;

use socketmode_protocol::{ConnectionId, Instant, limits};

use super::agenda::{Agenda, Sent, Wire, WorldEvent};
use super::script::{DialAnswer, Greeting, OpenAnswer, Tally};
use crate::step::slack::SECRET;

/// Slack. Its fields are how it behaves; change them at any time. `L` names a link.
#[derive(Clone, Debug)]
pub struct Slack<L = ConnectionId> {
    /// The answers of the next open calls; when there are none left, [`default_answer`](Self::default_answer).
    pub answers: VecDeque<OpenAnswer>,
    /// The answer of every other open call.
    pub default_answer: OpenAnswer,
    /// How the next dials end; when there are none left, [`DialAnswer::Link`].
    pub dials: VecDeque<DialAnswer>,
    /// The first messages of the next links; when there are none left, [`default_greeting`](Self::default_greeting).
    pub greetings: VecDeque<Greeting>,
    /// The first message of every other link.
    pub default_greeting: Greeting,
    /// How long an open call takes.
    pub open_latency: Duration,
    /// How long a handshake takes.
    pub dial_latency: Duration,
    /// How long after the handshake the hello comes.
    pub hello_latency: Duration,
    /// How long a frame is under way.
    pub latency: Duration,
    /// The lifetime that the hello announces, in seconds.
    pub announces: Option<u64>,
    /// How long after the hello Slack warns; it cuts the link 10 s later.
    pub warns_after: Option<Duration>,
    /// How often it pings.
    pub ping_every: Option<Duration>,
    /// Whether it answers pings.
    pub pongs: bool,
    /// Whether it leaves TCP open after the close handshake.
    pub holds_tcp: bool,
    /// Whether it sends again what was not acknowledged within 3 s, three times at most.
    pub redelivers: bool,
    /// Links of the app that nobody reads, of processes that died or of other computers: they are counted, and get their
    /// share of the envelopes.
    pub ghosts: usize,
    /// How long a frozen link is counted.
    pub counts_dead_for: Duration,
    /// Whether a redelivery has an `envelope_id` of its own.
    pub renews_ids: bool,
    /// What it has counted.
    pub tally: Tally,
    links: BTreeMap<L, Link>,
    /// What the client sent on frozen links.
    stuck: BTreeMap<L, Vec<Sent>>,
    tickets: BTreeSet<String>,
    issued: u64,
    said: u64,
    envelopes: BTreeMap<String, Envelope<L>>,
    waiting: VecDeque<String>,
    turn: usize,
}

#[derive(Clone, Copy, Debug, Default)]
struct Link {
    greeted: bool,
    closed: bool,
    frozen: bool,
}

#[derive(Clone, Debug)]
struct Envelope<L> {
    number: u64,
    kind: &'static str,
    attempt: u32,
    sent: u64,
    acks: u64,
    last: Option<(L, Instant)>,
}

const RETRIES: u32 = 3;
const CUT_AFTER: Duration = Duration::from_secs(10);

impl<L> Default for Slack<L> {
    fn default() -> Self {
        Self {
            answers: VecDeque::new(),
            default_answer: OpenAnswer::Link,
            dials: VecDeque::new(),
            greetings: VecDeque::new(),
            default_greeting: Greeting::Hello,
            open_latency: Duration::from_millis(150),
            dial_latency: Duration::from_millis(120),
            hello_latency: Duration::from_millis(60),
            latency: Duration::from_millis(20),
            announces: Some(18_060),
            warns_after: None,
            ping_every: Some(limits::SERVER_PING_INTERVAL),
            pongs: true,
            holds_tcp: false,
            redelivers: true,
            ghosts: 0,
            counts_dead_for: Duration::from_secs(60),
            renews_ids: false,
            tally: Tally::default(),
            links: BTreeMap::new(),
            stuck: BTreeMap::new(),
            tickets: BTreeSet::new(),
            issued: 0,
            said: 0,
            envelopes: BTreeMap::new(),
            waiting: VecDeque::new(),
            turn: 0,
        }
    }
}

impl<L: Copy + Ord + Display> Slack<L> {
    /// The body of a good answer: a URL with a ticket that was never given out.
    pub fn ticket(&mut self) -> String {
        self.issued += 1;
        let ticket = format!("{SECRET}-{}", self.issued);
        let body =
            format!(r#"{{"ok":true,"url":"wss://wss-primary.slack.com/link/?ticket={ticket}&app_id=A1"}}"#);
        self.tickets.insert(ticket);
        body
    }

    /// Somebody connects with a URL.
    pub fn accept(&mut self, agenda: &mut Agenda<L>, id: L, url: &str) {
        let ticket = url.split("ticket=").nth(1).and_then(|rest| rest.split('&').next()).expect("a ticket");
        assert!(self.tickets.remove(ticket), "the ticket {ticket} is used or unknown");
        self.links.insert(id, Link::default());
        agenda.after(self.hello_latency, WorldEvent::Greets(id));
    }

    /// The first message is due.
    pub fn greet(&mut self, agenda: &mut Agenda<L>, id: L) {
        if !self.links.contains_key(&id) {
            return;
        }
        let open = self.counted();
        if open >= limits::MAX_CONNECTIONS {
            self.tally.refused_links += 1;
            self.send(agenda, id, Wire::Text(disconnect("too_many_websockets")));
            return;
        }
        let first = self.greetings.pop_front().unwrap_or(self.default_greeting.clone());
        match first {
            Greeting::NoHello => {}
            Greeting::Disconnect(reason) => self.send(agenda, id, Wire::Text(disconnect(reason))),
            Greeting::Close => self.cut(agenda, id),
            Greeting::Hello => self.hello(agenda, id, open + 1),
            Greeting::HelloAndDisconnect(reason) => {
                self.hello(agenda, id, open + 1);
                self.send(agenda, id, Wire::Text(disconnect(reason)));
            }
        }
    }

    fn hello(&mut self, agenda: &mut Agenda<L>, id: L, links: usize) {
        let lifetime = self.announces.map_or("null".to_owned(), |seconds| seconds.to_string());
        let hello = format!(
            r#"{{"type":"hello","num_connections":{links},"debug_info":{{"host":"applink-{id}","approximate_connection_time":{lifetime}}}}}"#
        );
        self.send(agenda, id, Wire::Text(hello));
        self.links.entry(id).or_default().greeted = true;
        self.tally.most_links = self.tally.most_links.max(links);
        if let Some(every) = self.ping_every {
            agenda.after(every, WorldEvent::Pings(id));
        }
        if let Some(lifetime) = self.warns_after {
            agenda.after(lifetime, WorldEvent::Warns(id));
        }
        for envelope in core::mem::take(&mut self.waiting) {
            // It may have been sent again meanwhile, under an id of its own.
            if self.envelopes.contains_key(&envelope) {
                self.route(agenda, envelope);
            }
        }
    }

    /// Pings, now and ever after.
    pub fn ping(&mut self, agenda: &mut Agenda<L>, id: L) {
        if let (true, Some(every)) = (self.is_live(id), self.ping_every) {
            self.send(agenda, id, Wire::Ping);
            agenda.after(every, WorldEvent::Pings(id));
        }
    }

    /// Announces the end of a link, and cuts it 10 s later.
    pub fn warn(&mut self, agenda: &mut Agenda<L>, id: L, reason: &str) {
        if self.is_live(id) {
            self.send(agenda, id, Wire::Text(disconnect(reason)));
            agenda.after(CUT_AFTER, WorldEvent::Cuts(id));
        }
    }

    /// Closes a link.
    pub fn cut(&mut self, agenda: &mut Agenda<L>, id: L) {
        if self.is_frozen(id) {
            self.links.remove(&id);
        }
        self.send(agenda, id, Wire::Close(Some(1000)));
        if let Some(link) = self.links.get_mut(&id) {
            link.closed = true;
        }
    }

    /// Resets a link.
    pub fn reset(&mut self, agenda: &mut Agenda<L>, id: L) {
        self.links.remove(&id);
        agenda.after(self.latency, WorldEvent::Arrives(id, Wire::Reset));
    }

    /// How many links of the app it counts.
    #[must_use]
    pub fn counted(&self) -> usize {
        self.ghosts + self.links.values().filter(|link| link.greeted && !link.closed).count()
    }

    /// What the client sent on a frozen link arrives, and frames pass again.
    pub fn thaw(&mut self, agenda: &mut Agenda<L>, id: L) {
        if let Some(link) = self.links.get_mut(&id) {
            link.frozen = false;
        }
        for sent in self.stuck.remove(&id).unwrap_or_default() {
            agenda.after(self.latency, WorldEvent::Heard(id, sent));
        }
    }

    /// Nothing passes a link any more in either direction; Slack itself notices after
    /// [`counts_dead_for`](Self::counts_dead_for).
    pub fn freeze(&mut self, agenda: &mut Agenda<L>, id: L) {
        if let Some(link) = self.links.get_mut(&id) {
            link.frozen = true;
            agenda.after(self.counts_dead_for, WorldEvent::Cuts(id));
        }
    }

    /// Whether frames pass.
    #[must_use]
    pub fn is_frozen(&self, id: L) -> bool {
        self.links.get(&id).is_some_and(|link| link.frozen)
    }

    /// Whether envelopes can come by a link.
    #[must_use]
    pub fn is_live(&self, id: L) -> bool {
        self.links.get(&id).is_some_and(|link| link.greeted && !link.closed && !link.frozen)
    }

    /// Sends something on a link.
    pub fn send(&mut self, agenda: &mut Agenda<L>, id: L, wire: Wire) {
        if self.links.get(&id).is_some_and(|link| !link.closed) {
            agenda.after(self.latency, WorldEvent::Arrives(id, wire));
        }
    }

    /// Something came from the client.
    pub fn hear(&mut self, agenda: &mut Agenda<L>, id: L, sent: &Sent) {
        let Some(link) = self.links.get(&id).copied() else { return };
        if link.frozen {
            self.stuck.entry(id).or_default().push(sent.clone());
            return;
        }
        match sent {
            Sent::Text(text) => self.acknowledged(agenda.now(), id, text),
            Sent::Ping => {
                self.tally.pings += 1;
                if self.pongs {
                    self.send(agenda, id, Wire::Pong);
                }
            }
            Sent::Close => {
                let mut after = vec![Wire::Eof];
                if !link.closed {
                    after.insert(0, Wire::Close(Some(1000)));
                }
                if self.holds_tcp {
                    after.pop();
                }
                for wire in after {
                    agenda.after(self.latency, WorldEvent::Arrives(id, wire));
                }
                self.links.remove(&id);
            }
            Sent::Gone => {
                self.links.remove(&id);
            }
        }
    }

    /// Somebody does something. The `envelope_id` is returned.
    pub fn say(&mut self, agenda: &mut Agenda<L>, kind: &'static str) -> String {
        self.said += 1;
        self.tally.said += 1;
        let id = format!("e{}", self.said);
        let envelope = Envelope { number: self.said, kind, attempt: 0, sent: 0, acks: 0, last: None };
        self.envelopes.insert(id.clone(), envelope);
        self.route(agenda, id.clone());
        id
    }

    /// Slack looks whether an envelope was acknowledged.
    pub fn redeliver(&mut self, agenda: &mut Agenda<L>, mut id: String) {
        let Some(envelope) = self.envelopes.get_mut(&id) else { return };
        if envelope.acks > 0 || envelope.attempt >= RETRIES {
            return;
        }
        envelope.attempt += 1;
        self.tally.redelivered += 1;
        if self.renews_ids {
            let envelope = self.envelopes.remove(&id).expect("just seen");
            id = format!("e{}-{}", envelope.number, envelope.attempt);
            self.envelopes.insert(id.clone(), envelope);
        }
        self.route(agenda, id);
    }

    /// An envelope goes out once more though it may be acknowledged, perhaps under another `envelope_id`.
    pub fn repeat(&mut self, agenda: &mut Agenda<L>, id: &str, renew: bool) {
        let Some(envelope) = self.envelopes.get(id) else { return };
        let mut id = id.to_owned();
        if renew {
            let copy = Envelope { sent: 0, acks: 0, last: None, ..envelope.clone() };
            self.issued += 1;
            id = format!("{id}-again-{}", self.issued);
            self.envelopes.insert(id.clone(), copy);
        }
        self.route(agenda, id);
    }

    /// Whether an envelope was acknowledged.
    #[must_use]
    pub fn is_acknowledged(&self, id: &str) -> bool {
        self.envelopes.get(id).is_some_and(|envelope| envelope.acks > 0)
    }

    /// Envelopes for which there was no link yet.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    fn route(&mut self, agenda: &mut Agenda<L>, id: String) {
        let open: Vec<_> =
            self.links.iter().filter(|(_, link)| link.greeted && !link.closed).map(|(&id, _)| id).collect();
        self.turn += 1;
        let turn = self.turn % (open.len() + self.ghosts).max(1);
        match open.get(turn) {
            Some(&link) => self.send_envelope(agenda, link, id),
            None if turn < open.len() + self.ghosts => {
                self.tally.swallowed += 1;
                self.expect_ack(agenda, id);
            }
            None => self.waiting.push_back(id),
        }
    }

    fn send_envelope(&mut self, agenda: &mut Agenda<L>, link: L, id: String) {
        let envelope = self.envelopes.get_mut(&id).expect("an envelope");
        envelope.sent += 1;
        envelope.last = Some((link, agenda.now()));
        let accepts = envelope.kind != "events_api";
        let text = format!(
            r#"{{"envelope_id":"{id}","type":"{}","accepts_response_payload":{accepts},"retry_attempt":{},"retry_reason":"{}","payload":{{"type":"event_callback","event_id":"Ev{}","event":{{"text":"{SECRET}"}}}}}}"#,
            envelope.kind,
            envelope.attempt,
            if envelope.attempt > 0 { "timeout" } else { "" },
            envelope.number,
        );
        self.send(agenda, link, Wire::Text(text));
        self.expect_ack(agenda, id);
    }

    /// Events are sent again, and what people do is not: they see an error.
    fn expect_ack(&self, agenda: &mut Agenda<L>, id: String) {
        let is_event = self.envelopes.get(&id).is_some_and(|envelope| envelope.kind == "events_api");
        if self.redelivers && is_event {
            agenda.after(limits::ACK_DEADLINE, WorldEvent::Redelivers(id));
        }
    }

    fn acknowledged(&mut self, now: Instant, link: L, text: &str) {
        let id = text.split('"').nth(3).unwrap_or_default();
        let Some(envelope) = self.envelopes.get_mut(id) else {
            self.tally.acked_nothing += 1;
            return;
        };
        envelope.acks += 1;
        self.tally.acked += u64::from(envelope.acks == 1);
        self.tally.acked_twice += u64::from(envelope.acks > envelope.sent);
        if let Some((last, at)) = envelope.last {
            self.tally.acked_elsewhere += u64::from(last != link);
            self.tally.acked_late += u64::from(now > at + limits::ACK_DEADLINE);
        }
    }
}

/// The text of a `disconnect`.
#[must_use]
pub fn disconnect(reason: &str) -> String {
    format!(r#"{{"type":"disconnect","reason":"{reason}","debug_info":{{"host":"applink-2"}}}}"#)
}
