//! What was seen of a client from outside, and what must hold of it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use socketmode_driver::{AckError, AckErrorKind, Acked, Event, Notice};
use socketmode_protocol::limits::ACK_DEADLINE;
use socketmode_protocol::{ConnectionId, EndReason, Envelope, Instant, StopReason};

use super::transport::Link;
use socketmode_model::invariants::{Invariant, Violation, hold};
use socketmode_model::step::slack::{SECRET, acknowledged_id};

/// Everything that was seen.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    copies: BTreeMap<String, Copies>,
    /// Acknowledgements that the network may have, and of which the client does not know.
    unflushed: BTreeMap<Link, Vec<String>>,
    links: BTreeMap<ConnectionId, Link>,
    up: BTreeMap<ConnectionId, bool>,
    read: u64,
    delivered: u64,
    results: u64,
    /// Events are missing: what they would have said is not known.
    lagged: bool,
    /// A hello did not say which link it came by.
    unnamed: bool,
    stopped: Option<StopReason>,
    ended: bool,
    silence: Duration,
    /// By the client's clock: when something arrived last, and when the client gave the link up, after which nothing counts.
    arrived: BTreeMap<Link, Instant>,
    gone: BTreeMap<Link, Instant>,
    /// Links on which writing waited, which is a reason to give one up as well.
    excused: BTreeSet<Link>,
}

/// What was seen of one `envelope_id`.
#[derive(Debug, Default)]
struct Copies {
    read: Vec<(Link, Instant)>,
    written: Vec<(Link, Instant)>,
    unflushed: usize,
    sent: usize,
}

/// One delivery, as the application saw it.
#[derive(Clone, Debug)]
pub(super) struct Delivery {
    envelope_id: String,
    connection: ConnectionId,
}

impl Delivery {
    pub(super) fn of(envelope: &Envelope) -> Self {
        Self { envelope_id: envelope.envelope_id().to_owned(), connection: envelope.connection() }
    }
}

impl Ledger {
    pub(super) fn new(silence: Duration) -> Self {
        Self { silence, ..Self::default() }
    }

    /// Something arrived by a link, whether it is read or not.
    pub(super) fn arrived(&mut self, link: Link, now: Instant) {
        if !self.gone.contains_key(&link) {
            self.arrived.insert(link, now);
        }
    }

    /// Writing to the link has to wait.
    pub(super) fn excuse(&mut self, link: Link) {
        self.excused.insert(link);
    }

    /// A link that was given up as silent was silent.
    fn check_silence(&self, connection: ConnectionId) -> Result<(), Violation> {
        let Some(link) = self.links.get(&connection).filter(|link| !self.excused.contains(link)) else {
            return Ok(());
        };
        let (Some(&arrived), Some(&gone)) = (self.arrived.get(link), self.gone.get(link)) else {
            return Ok(());
        };
        hold(gone >= arrived + self.silence, Invariant::SilentLinksWereSilent, || {
            format!("{connection}: something came at {arrived:?}, and it was dropped at {gone:?}")
        })
    }

    /// The client took a text message from a link.
    pub(super) fn read(&mut self, link: Link, now: Instant, text: &str) {
        let Some(id) = text.split(r#""envelope_id":""#).nth(1).and_then(|rest| rest.split('"').next()) else {
            return;
        };
        self.read += 1;
        self.copies.entry(id.to_owned()).or_default().read.push((link, now));
    }

    /// The network has a text message of the client.
    pub(super) fn sent(&mut self, link: Link, now: Instant, text: &str) -> Result<(), Violation> {
        let id = acknowledged_id(text).unwrap_or_default();
        let Some(copies) = self.copies.get_mut(&id) else {
            return Err(Violation::new(Invariant::AcknowledgedWhatCame, format!("{text} never came")));
        };
        copies.written.push((link, now));
        copies.unflushed += 1;
        self.unflushed.entry(link).or_default().push(id.to_owned());
        Ok(())
    }

    /// The client knows what the network has.
    pub(super) fn flushed(&mut self, link: Link) -> Result<(), Violation> {
        for id in self.unflushed.remove(&link).unwrap_or_default() {
            let copies = self.copies.entry(id).or_default();
            copies.unflushed -= 1;
            // What the network had without saying so may go out again elsewhere.
            let once = copies.written.len() <= copies.read.len() + copies.unflushed;
            hold(once, Invariant::AcknowledgedWhatCame, || format!("{copies:?}"))?;
        }
        Ok(())
    }

    /// The client sent a close frame, and may keep the socket for a while.
    pub(super) fn given_up(&mut self, link: Link, now: Instant) {
        self.gone.entry(link).or_insert(now);
    }

    pub(super) fn dropped(&mut self, link: Link, now: Instant) {
        self.given_up(link, now);
        self.unflushed.remove(&link);
    }

    /// The application was told something.
    pub(super) fn told(&mut self, event: &Event) -> Result<(), Violation> {
        hold(self.stopped.is_none() && !self.ended, Invariant::StoppedOnceAndLast, || format!("{event:?}"))?;
        hold(!format!("{event:?}").contains(SECRET), Invariant::NoSecretIsShown, || "an event".into())?;
        if event.envelope().is_some() {
            self.delivered += 1;
        }
        match event {
            Event::Notice(Notice::Hello { connection, hello }) => {
                let host = hello.host.as_deref().and_then(|host| host.strip_prefix("applink-"));
                match host.and_then(|link| link.parse().ok()) {
                    Some(link) => drop(self.links.insert(*connection, link)),
                    // An odd one, before the real one came.
                    None => self.unnamed = true,
                }
            }
            Event::Notice(Notice::Connected { connection, .. }) => {
                let before = self.up.insert(*connection, true);
                hold(before.is_none(), Invariant::ConnectedOnceByItsHello, || format!("{event:?}"))?;
            }
            Event::Notice(Notice::Disconnected { connection, reason }) => {
                let before = self.up.insert(*connection, false);
                let was_up = before == Some(true) || (before.is_none() && self.lagged);
                hold(was_up, Invariant::DisconnectedOnceAfterConnected, || format!("{event:?}"))?;
                if *reason == EndReason::Silent {
                    self.check_silence(*connection)?;
                }
            }
            Event::Lagged { .. } => self.lagged = true,
            Event::Stopped(reason) => self.stopped = Some(reason.clone()),
            _ => {}
        }
        Ok(())
    }

    pub(super) fn events_ended(&mut self) -> Result<(), Violation> {
        hold(!self.ended, Invariant::StoppedOnceAndLast, || "the stream ended twice".into())?;
        self.ended = true;
        Ok(())
    }

    /// The application was told what became of an acknowledgement.
    pub(super) fn acknowledged(
        &mut self,
        delivery: &Delivery,
        result: &Result<Acked, AckError>,
    ) -> Result<(), Violation> {
        self.results += 1;
        let acked = match result {
            Ok(acked) => acked,
            Err(error) => {
                let fits = !matches!(error.kind(), AckErrorKind::Serialize | AckErrorKind::Busy);
                return hold(fits, Invariant::OneOutcomeForEachAck, || format!("{error:?}"));
            }
        };
        let copies = self.copies.entry(delivery.envelope_id.clone()).or_default();
        copies.sent += 1;
        let Some(&link) = self.links.get(&acked.connection) else {
            // What came before the hello is acknowledged on its own link.
            let is_early = acked.connection == delivery.connection && copies.sent <= copies.written.len();
            let is_unknown = self.lagged || self.unnamed || is_early;
            return hold(is_unknown, Invariant::OutcomesAreTrue, || format!("{acked:?}: on no link"));
        };
        let written = copies.written.iter().rev().find(|(on, _)| *on == link);
        let is_written = written.is_some() && copies.sent <= copies.written.len();
        hold(is_written, Invariant::OutcomesAreTrue, || {
            format!("{delivery:?}: {acked:?} on link {link}; {copies:?}")
        })?;
        let elsewhere = acked.connection != delivery.connection;
        hold(acked.elsewhere == elsewhere, Invariant::OutcomesAreTrue, || {
            format!("{delivery:?}: {acked:?}")
        })?;
        // With several copies it cannot be said which one it was.
        if let ([(_, read)], [(_, written)]) = (&*copies.read, &*copies.written) {
            let late = *written >= *read + ACK_DEADLINE;
            // A leaked write has been on the network before the client knew.
            hold(acked.late || !late, Invariant::OutcomesAreTrue, || {
                format!("{delivery:?}: {acked:?}; {copies:?}")
            })?;
        }
        Ok(())
    }

    /// Envelopes that the client took from its links.
    pub(super) fn envelopes(&self) -> u64 {
        self.read
    }

    /// Envelopes that the application was handed.
    pub(super) fn delivered(&self) -> u64 {
        self.delivered
    }

    /// Results of acknowledgements.
    pub(super) fn results(&self) -> u64 {
        self.results
    }

    /// Why it stopped, once the application has been told.
    pub(super) fn stopped(&self) -> Option<&StopReason> {
        self.stopped.as_ref()
    }

    /// Whether the stream of events has ended.
    pub(super) fn has_ended(&self) -> bool {
        self.ended
    }

    /// Whether all that was connected is disconnected.
    pub(super) fn is_all_down(&self) -> bool {
        self.lagged || !self.up.values().any(|up| *up)
    }
}
