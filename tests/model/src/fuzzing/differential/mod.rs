//! Two ways to the same: a batch against single steps, and two readers of the same text.

mod decoders;
mod payloads;
mod reference;
mod text;

use super::{must, steps};
use crate::choice::{Bytes, Choice};
use crate::random::Random;

/// The first byte says which two ways; the rest are steps, a text, or choices of which a text is made.
pub fn differential(bytes: &[u8]) {
    let mut choice = Bytes::new(bytes);
    match choice.below(3) {
        0 => batches(choice.rest()),
        1 => {
            if let Ok(text) = std::str::from_utf8(choice.rest()) {
                readers(text);
            }
        }
        _ => readers(&text::any(&mut choice)),
    }
}

/// Outputs that are fetched after each step, or now and then, are the same again.
fn batches(bytes: &[u8]) {
    let subject = steps::walk(bytes);
    must(subject.replay());
    for seed in 0..3 {
        must(subject.replay_in_batches(&Random::new(seed)));
    }
}

fn readers(text: &str) {
    decoders::agree(text);
    payloads::agree(text);
}
