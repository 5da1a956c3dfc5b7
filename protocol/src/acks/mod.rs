//! What is known of deliveries and their acknowledgements.

pub(crate) mod copies;
pub(crate) mod dedup;
pub(crate) mod deliveries;
mod policy;

pub use policy::AckPolicy;
