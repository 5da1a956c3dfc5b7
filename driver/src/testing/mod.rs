//! What tests of several files need.

pub(crate) mod delivering;
pub(crate) mod wakes;
