//! Everything that can happen to a machine, searched breadth-first: each state that can be reached, and from each state
//! each step of an alphabet, with the invariants checked after every one.
//!
//! Two states are the same if they are alike up to names and dates (`SocketMode::hash_canonical`); what the invariants
//! know of a state is what they saw on the shortest way to it. Time passes in ticks: every time-out of a [`Scope`] is a small number of them, so that
//! the search has an end. What it finds is printed as a test that can be pasted, see [`Scope::play`].

mod counterexample;
mod node;
mod op;
mod scope;
mod search;

pub use counterexample::Counterexample;
pub use scope::Scope;
pub use search::Report;
