//! What a link was asked to write, until its fate is known.

use alloc::collections::VecDeque;
use core::hash::{Hash, Hasher};

use crate::ids::{AckToken, WriteId};
use crate::machine::View;
use crate::time::Instant;

/// The writes of one link that were asked for and are neither written nor known to be not written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Writes(VecDeque<Write>);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Write {
    id: WriteId,
    at: Instant,
    /// The delivery that it acknowledges; a duplicate's acknowledgement has none.
    token: Option<AckToken>,
}

impl Writes {
    /// Adds a write, with an id above all others.
    pub(crate) fn push(&mut self, id: WriteId, at: Instant, token: Option<AckToken>) {
        self.0.push_back(Write { id, at, token });
    }

    pub(crate) fn contains(&self, id: WriteId) -> bool {
        self.0.binary_search_by_key(&id, |write| write.id).is_ok()
    }

    /// Takes out the oldest write up to `id`; inside it the delivery that it acknowledges, if any.
    pub(crate) fn pop_up_to(&mut self, id: WriteId) -> Option<Option<AckToken>> {
        let is_one = self.0.front().is_some_and(|write| write.id <= id);
        if is_one { self.0.pop_front().map(|write| write.token) } else { None }
    }

    /// Takes out this write and all later ones; the deliveries that they acknowledge.
    pub(crate) fn take_from(&mut self, id: WriteId) -> impl Iterator<Item = AckToken> + use<> {
        let at = self.0.partition_point(|write| write.id < id);
        self.0.split_off(at).into_iter().filter_map(|write| write.token)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Since when the oldest waits.
    pub(crate) fn oldest(&self) -> Option<Instant> {
        self.0.front().map(|write| write.at)
    }

    /// See [`SocketMode::hash_canonical`](crate::SocketMode::hash_canonical). The times count only on a link that can
    /// be found dead.
    pub(crate) fn hash_canonical(&self, hasher: &mut impl Hasher, view: &View<'_>, with_times: bool) {
        for Write { at, token, .. } in &self.0 {
            with_times.then(|| view.distance(*at)).hash(hasher);
            token.map(|token| view.rank_of(token)).hash(hasher);
        }
        self.0.len().hash(hasher);
    }
}
