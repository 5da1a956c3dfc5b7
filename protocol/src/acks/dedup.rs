//! De-duplication: the ids of outstanding and of recently acknowledged deliveries.

use alloc::collections::btree_map::{BTreeMap, Entry};
use alloc::collections::vec_deque::VecDeque;
use alloc::sync::Arc;
use core::time::Duration;

use crate::ids::AckToken;
use crate::limits::{MAX_EVENT_ID_BYTES, MAX_REMEMBERED};
use crate::time::Instant;

/// The id of each delivery, from its arrival until the window after its acknowledgement is over, or until it is settled
/// without an acknowledgement.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Dedup {
    known: BTreeMap<Arc<str>, Known>,
    /// When the acknowledged ones were written, the oldest first.
    by_age: VecDeque<(Instant, Arc<str>)>,
    /// When an id was last forgotten before the window was over.
    shortened: Option<Instant>,
}

/// What is known of an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Known {
    /// This delivery has no outcome yet.
    Outstanding(AckToken),
    /// Its acknowledgement was written.
    Acknowledged,
}

impl Dedup {
    /// The id that the copies of an envelope share: the payload's `event_id`, or else the `envelope_id`.
    pub(crate) fn key(envelope_id: &Arc<str>, event_id: Option<&str>) -> Arc<str> {
        match event_id {
            Some(id) if !id.is_empty() && id.len() <= MAX_EVENT_ID_BYTES => id.into(),
            _ => Arc::clone(envelope_id),
        }
    }

    /// Adds the id of a new delivery. `Err` if the id is known.
    pub(crate) fn begin(
        &mut self,
        now: Instant,
        window: Duration,
        key: &Arc<str>,
        token: AckToken,
    ) -> Result<(), Known> {
        self.forget_old(now, window);
        match self.known.entry(Arc::clone(key)) {
            Entry::Occupied(known) => Err(*known.get()),
            Entry::Vacant(new) => {
                new.insert(Known::Outstanding(token));
                Ok(())
            }
        }
    }

    /// A copy replaces a delivery that was settled without an acknowledgement.
    pub(crate) fn replace(&mut self, key: &str, token: AckToken) {
        if let Some(known) = self.known.get_mut(key) {
            *known = Known::Outstanding(token);
        }
    }

    /// The delivery was not acknowledged: the next copy counts as new.
    pub(crate) fn release(&mut self, key: &str) {
        self.known.remove(key);
    }

    /// The acknowledgement was written: copies are recognised for a window from now on. If ids are remembered for a shorter
    /// time at the moment, returns that time, unless it was told within the last window.
    pub(crate) fn remember(&mut self, now: Instant, window: Duration, key: Arc<str>) -> Option<Duration> {
        self.forget_old(now, window);
        let forgotten = if self.by_age.len() >= MAX_REMEMBERED { self.forget_oldest() } else { None };
        if let Some(known) = self.known.get_mut(&key) {
            *known = Known::Acknowledged;
            self.by_age.push_back((now, key));
        }
        let effective = now.saturating_since(forgotten?);
        let is_told = self.shortened.is_some_and(|at| now < at + window);
        self.shortened = Some(now);
        (!is_told).then_some(effective)
    }

    /// What is remembered at this time, the oldest first.
    #[cfg(feature = "explore")]
    pub(crate) fn by_age(&self, now: Instant, window: Duration) -> impl Iterator<Item = (Instant, &str)> {
        let counts = move |&&(at, _): &&(Instant, Arc<str>)| now < at + window;
        self.by_age.iter().filter(counts).map(|(at, key)| (*at, &**key))
    }

    /// When an id was last forgotten too early.
    #[cfg(feature = "explore")]
    pub(crate) fn shortened(&self) -> Option<Instant> {
        self.shortened
    }

    fn forget_old(&mut self, now: Instant, window: Duration) {
        while self.by_age.front().is_some_and(|&(at, _)| at + window <= now) {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) -> Option<Instant> {
        let (at, key) = self.by_age.pop_front()?;
        self.known.remove(&key);
        Some(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    const WINDOW: Duration = Duration::from_secs(3600);
    const TOKEN: AckToken = AckToken(0);

    fn at(millis: u64) -> Instant {
        Instant::from_millis(millis)
    }

    fn acknowledge(dedup: &mut Dedup, now: Instant, key: &str) -> Option<Duration> {
        let key = key.into();
        assert_eq!(dedup.begin(now, WINDOW, &key, TOKEN), Ok(()), "{key}");
        dedup.remember(now, WINDOW, key)
    }

    /// What a copy would be told, without a trace.
    fn look(dedup: &Dedup, now: Instant, key: &str) -> Result<(), Known> {
        dedup.clone().begin(now, WINDOW, &key.into(), AckToken(1))
    }

    #[test]
    fn an_acknowledged_id_is_known_for_the_window_and_no_longer() {
        let mut dedup = Dedup::default();
        assert_eq!(acknowledge(&mut dedup, at(5), "Ev1"), None);
        assert_eq!(look(&dedup, at(5 + 3_599_999), "Ev1"), Err(Known::Acknowledged));
        assert_eq!(look(&dedup, at(5 + 3_600_000), "Ev1"), Ok(()));
        dedup.forget_old(at(5 + 3_600_000), WINDOW);
        assert_eq!(dedup, Dedup::default());
    }

    #[test]
    fn an_outstanding_id_is_known_until_it_is_released() {
        let mut dedup = Dedup::default();
        assert_eq!(dedup.begin(at(0), WINDOW, &"Ev1".into(), TOKEN), Ok(()));
        assert_eq!(look(&dedup, at(u64::MAX / 2), "Ev1"), Err(Known::Outstanding(TOKEN)));
        dedup.replace("Ev1", AckToken(7));
        assert_eq!(look(&dedup, at(0), "Ev1"), Err(Known::Outstanding(AckToken(7))));
        dedup.release("Ev1");
        assert_eq!(dedup, Dedup::default());
    }

    #[test]
    fn one_id_more_than_the_bound_and_the_oldest_is_forgotten() {
        let mut dedup = Dedup::default();
        for n in 0..MAX_REMEMBERED {
            assert_eq!(acknowledge(&mut dedup, at(n as u64), &format!("Ev{n}")), None);
        }
        let now = at(MAX_REMEMBERED as u64);
        assert_eq!(look(&dedup, now, "Ev0"), Err(Known::Acknowledged));
        let effective = Duration::from_millis(MAX_REMEMBERED as u64);
        assert_eq!(acknowledge(&mut dedup, now, "one more"), Some(effective));
        assert_eq!(look(&dedup, now, "Ev0"), Ok(()));
        assert_eq!(look(&dedup, now, "Ev1"), Err(Known::Acknowledged));
        assert_eq!((dedup.by_age.len(), dedup.known.len()), (MAX_REMEMBERED, MAX_REMEMBERED));
    }

    #[test]
    fn a_shortened_window_is_told_again_after_a_window_that_held() {
        let mut dedup = Dedup::default();
        let full_at = |dedup: &mut Dedup, now: Instant| {
            dedup.forget_old(now, WINDOW);
            for n in dedup.by_age.len()..MAX_REMEMBERED {
                assert_eq!(acknowledge(dedup, now, &format!("{now:?} {n}")), None);
            }
        };
        full_at(&mut dedup, at(0));
        assert!(acknowledge(&mut dedup, at(10), "first").is_some());
        assert!(acknowledge(&mut dedup, at(11), "second").is_none());
        let held = 11 + 3_600_000;
        full_at(&mut dedup, at(held - 1));
        assert!(acknowledge(&mut dedup.clone(), at(held - 1), "too soon").is_none());
        full_at(&mut dedup, at(held));
        assert!(acknowledge(&mut dedup, at(held), "third").is_some());
    }

    #[cfg(feature = "explore")]
    #[test]
    fn only_what_still_counts_is_part_of_a_state() {
        let mut dedup = Dedup::default();
        acknowledge(&mut dedup, at(5), "Ev1");
        let counts = |now| dedup.by_age(at(now), WINDOW).count();
        assert_eq!([counts(5 + 3_599_999), counts(5 + 3_600_000)], [1, 0]);
        assert_eq!(dedup.shortened(), None);
        for n in 0..MAX_REMEMBERED {
            acknowledge(&mut dedup, at(6), &format!("{n}"));
        }
        assert_eq!(dedup.shortened(), Some(at(6)));
    }

    #[test]
    fn the_event_id_is_preferred_when_it_is_usable() {
        let envelope: Arc<str> = "envelope".into();
        assert_eq!(&*Dedup::key(&envelope, Some("Ev1")), "Ev1");
        for unusable in [None, Some(""), Some("x".repeat(MAX_EVENT_ID_BYTES + 1).as_str())] {
            assert_eq!(Dedup::key(&envelope, unusable), envelope);
        }
    }
}
