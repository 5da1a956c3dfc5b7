//! The guide: a page for each question. Its Rust code is compiled.
//!
//! | page | read it to |
//! |---|---|
//! | [`picture`] | know what goes where, under which names, and what a message looks like |
//! | [`guarantees`] | know what survives which failure, and what Slack, the log and `health()` say |
//! | [`once`] | make an effect happen once, though a handler may run twice |
//! | [`sizing`] | choose connections, partitions, sizes and times |
//! | [`rollouts`] | deploy workers and gateways while requests come |
//! | [`kubernetes`] | run it on Kubernetes, or with compose |
//! | [`when_not`] | decide whether you need it: most bots do not |

pub mod guarantees {
    #![doc = include_str!("guarantees.md")]
}
pub mod kubernetes {
    #![doc = include_str!("kubernetes.md")]
}
pub mod once {
    #![doc = include_str!("once.md")]
}
pub mod picture {
    #![doc = include_str!("picture.md")]
}
pub mod rollouts {
    #![doc = include_str!("rollouts.md")]
}
pub mod sizing {
    #![doc = include_str!("sizing.md")]
}
pub mod when_not {
    #![doc = include_str!("when_not.md")]
}
