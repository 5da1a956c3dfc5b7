//! The code in the project's README, as a documentation test. Everything else of this package is in its tests, benches and
//! examples.

#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
mod readme {}
