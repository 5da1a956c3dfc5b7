//! The page of the local Slack in a real browser, with a bot beside it.
//!
//! Without a Chromium each test says that it is skipped, and why. `SCREENSHOTS=1` writes the README's pictures.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod blocks;
mod bot;
mod chromium;
mod dialogue;
mod hostile;
mod keyboard;
mod links;
mod page;
mod pictures;
mod restart;
