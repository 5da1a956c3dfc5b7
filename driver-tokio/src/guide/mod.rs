//! The guide: one page for each task. Every code block in it is compiled, and those that need no Slack are run.
//!
//! | page | read it to |
//! |---|---|
//! | [`proxies`] | connect through a company's proxy and its certificates |
//! | [`processes`] | run several processes, or one app in several workspaces |
//! | [`embedding`] | build a client of your own around the state machine |
//! | [`fuzzing`] | fuzz your own parts, and run the targets of this project |
//! | [`wire`] | read what is known of Socket Mode on the wire, and how well |
//!
//! The examples in the repository are whole programs; the [crate documentation](crate) lists them.

pub mod embedding {
    #![doc = include_str!("embedding.md")]
}
pub mod fuzzing {
    #![doc = include_str!("fuzzing.md")]
}
pub mod processes {
    #![doc = include_str!("processes.md")]
}
pub mod proxies {
    #![doc = include_str!("proxies.md")]
}
pub mod wire {
    #![doc = include_str!("wire.md")]
}
