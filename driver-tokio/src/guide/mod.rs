//! The guide: one page for each task. Its Rust code is compiled, and run where that needs no Slack; the few blocks with code of
//! other libraries are not.
//!
//! | page | read it to |
//! |---|---|
//! | [`first_bot`] | set up an app in Slack, and answer a command, a click and a mention |
//! | [`commands_and_modals`] | answer commands, open forms, check what was typed, fill menus |
//! | [`acknowledgements`] | know who acknowledges when, what Slack sends again, and what is lost |
//! | [`agents`] | write an answer while people read it, with tasks, a status and files |
//! | [`testing`] | test handlers without a network, and dialogues against a local Slack |
//! | [`deployment`] | shut down without losing work, and run on Kubernetes |
//! | [`proxies`] | connect through a company's proxy and its certificates |
//! | [`processes`] | run several processes, or one app in several workspaces |
//! | [`embedding`] | build a client of your own around the state machine |
//! | [`fuzzing`] | fuzz your own parts, and run the targets of this project |
//! | [`wire`] | read what is known of Socket Mode on the wire, and how well |
//! | [`from_slack_go`] | port a bot from slack-go |
//! | [`from_slack_morphism`] | port a bot from slack-morphism |
//! | [`from_bolt`] | port a bot from Bolt for JavaScript or Python |
//!
//! The examples in the repository are whole programs; the [crate documentation](crate) lists them.

pub mod acknowledgements {
    #![doc = include_str!("acknowledgements.md")]
}
pub mod agents {
    #![doc = include_str!("agents.md")]
}
pub mod commands_and_modals {
    #![doc = include_str!("commands_and_modals.md")]
}
pub mod deployment {
    #![doc = include_str!("deployment.md")]
}
pub mod embedding {
    #![doc = include_str!("embedding.md")]
}
pub mod first_bot {
    #![doc = include_str!("first_bot.md")]
}
pub mod from_bolt {
    #![doc = include_str!("from_bolt.md")]
}
pub mod from_slack_go {
    #![doc = include_str!("from_slack_go.md")]
}
pub mod from_slack_morphism {
    #![doc = include_str!("from_slack_morphism.md")]
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
pub mod testing {
    #![doc = include_str!("testing.md")]
}
pub mod wire {
    #![doc = include_str!("wire.md")]
}
