//! Any step after any other.

use super::must;
use crate::choice::{Bytes, Choice};
use crate::chooser::{self, Chooser};
use crate::subject::Subject;

/// Envelopes that differ: few, so that they meet again.
const ENVELOPES: u64 = 8;
/// Steps after which a run is long enough; more cost more than they find.
const LONGEST: u64 = 300;

/// The bytes choose the settings of a machine, then one step after the other, a byte or two for each.
pub fn steps(bytes: &[u8]) {
    walk(bytes);
}

/// The same, and the machine as it then is.
pub(super) fn walk(bytes: &[u8]) -> Subject {
    let mut choice = Bytes::new(bytes);
    let slots = *choice.pick(&[1, 2, 3, 10]);
    // The last byte decides, and not one more in front: the files that were found keep their meaning.
    let among_ghosts = bytes.last().is_some_and(|last| last % 4 == 3);
    let config = chooser::config(&mut choice, slots, among_ghosts);
    let start = chooser::start(&mut choice);
    let (mut subject, outputs) = must(Subject::new(&config, choice.below(256), start));
    let mut chooser = Chooser::new(start, ENVELOPES).among_ghosts(among_ghosts);
    chooser.remember(&outputs);
    while !choice.is_over() && subject.steps() < LONGEST {
        let step = chooser.step(&mut choice, subject.machine());
        let (_, outputs) = must(subject.take(step));
        chooser.remember(&outputs);
    }
    must(subject.check_secrets());
    subject
}
