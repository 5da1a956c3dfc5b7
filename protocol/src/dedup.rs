//! What was delivered lately.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::sync::Arc;
use core::time::Duration;

use crate::limits::{MAX_EVENT_ID_BYTES, MAX_REMEMBERED};
use crate::time::Instant;

/// Ids of deliveries, for a while. The oldest goes first when there are too many.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct DedupWindow {
    delivered: BTreeMap<Arc<str>, Instant>,
    by_age: VecDeque<(Instant, Arc<str>)>,
}

impl DedupWindow {
    /// The id to remember a delivery by: the payload's `event_id`, or else the `envelope_id`.
    pub(crate) fn key(envelope_id: &Arc<str>, event_id: Option<&str>) -> Arc<str> {
        match event_id {
            Some(id) if !id.is_empty() && id.len() <= MAX_EVENT_ID_BYTES => id.into(),
            _ => Arc::clone(envelope_id),
        }
    }

    pub(crate) fn contains(&mut self, now: Instant, window: Duration, key: &str) -> bool {
        self.forget_old(now, window);
        self.delivered.contains_key(key)
    }

    pub(crate) fn insert(&mut self, now: Instant, key: Arc<str>) {
        if self.by_age.len() >= MAX_REMEMBERED {
            self.forget_oldest();
        }
        self.delivered.insert(Arc::clone(&key), now);
        self.by_age.push_back((now, key));
    }

    /// The application let it go: the next copy is to be delivered again.
    pub(crate) fn remove(&mut self, key: &str) {
        if self.delivered.remove(key).is_some() {
            self.by_age.retain(|(_, old)| &**old != key);
        }
    }

    /// What is remembered, the oldest first.
    pub(crate) fn by_age(&self) -> impl Iterator<Item = (Instant, &str)> {
        self.by_age.iter().map(|(at, key)| (*at, &**key))
    }

    fn forget_old(&mut self, now: Instant, window: Duration) {
        while self.by_age.front().is_some_and(|&(at, _)| at + window <= now) {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        if let Some((_, key)) = self.by_age.pop_front() {
            self.delivered.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    const WINDOW: Duration = Duration::from_secs(600);

    #[test]
    fn an_id_is_remembered_for_the_window_and_no_longer() {
        let mut window = DedupWindow::default();
        window.insert(Instant::ZERO, "Ev1".into());
        assert!(window.contains(Instant::from_millis(599_999), WINDOW, "Ev1"));
        assert!(!window.contains(Instant::from_millis(600_000), WINDOW, "Ev1"));
        assert_eq!(window, DedupWindow::default());
    }

    #[test]
    fn the_oldest_goes_when_there_are_too_many() {
        let mut window = DedupWindow::default();
        for n in 0..=MAX_REMEMBERED {
            window.insert(Instant::ZERO, format!("Ev{n}").into());
        }
        assert!(!window.contains(Instant::ZERO, WINDOW, "Ev0"));
        assert!(window.contains(Instant::ZERO, WINDOW, "Ev1"));
        assert_eq!(window.by_age.len(), MAX_REMEMBERED);
    }

    #[test]
    fn what_the_application_let_go_may_come_again() {
        let mut window = DedupWindow::default();
        window.insert(Instant::ZERO, "Ev1".into());
        window.remove("Ev1");
        assert_eq!(window, DedupWindow::default());
    }

    #[test]
    fn the_event_id_is_preferred_when_it_is_usable() {
        let envelope: Arc<str> = "envelope".into();
        assert_eq!(&*DedupWindow::key(&envelope, Some("Ev1")), "Ev1");
        for unusable in [None, Some(""), Some("x".repeat(MAX_EVENT_ID_BYTES + 1).as_str())] {
            assert_eq!(DedupWindow::key(&envelope, unusable), envelope);
        }
    }
}
