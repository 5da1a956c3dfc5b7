//! The handlers of the two drivers' examples: word for word the same.
//!
//! A reader wants one file, and a package holds no file of another. So the async-std examples have copies of the handlers
//! in the tokio ones. Edit those of tokio, and run this with `UPDATE_EXPECT=1`.

use std::fs;
use std::path::{Path, PathBuf};

/// The examples, and where their handlers begin. What is above depends on the runtime, as all of `ack_all` does.
const HANDLERS: [(&str, &str); 9] = [
    ("agent", "// What is below does not"),
    ("echo_bot", "/// The bot: what you would write."),
    ("graceful_shutdown", "/// Acknowledges first,"),
    ("health", "/// Acknowledges everything,"),
    ("modal", "async fn handle("),
    ("router", "/// The routes."),
    ("slash_command", "async fn lunch("),
    ("standup", "// What is below does not"),
    ("unfurl_any_event", "/// What is around every event."),
];

fn path(file: String) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file)
}

/// Everything above the handlers, and the handlers.
fn split<'a>(text: &'a str, handlers: &str) -> (&'a str, &'a str) {
    text.split_at(text.find(handlers).unwrap_or_else(|| panic!("there is no {handlers:?}")))
}

#[test]
fn both_drivers_examples_have_the_same_handlers() {
    for (name, handlers) in HANDLERS {
        let source = fs::read_to_string(path(format!("driver-tokio/examples/{name}.rs"))).unwrap();
        let copy = path(format!("driver-async-std/examples/async_std_{name}.rs"));
        let text = fs::read_to_string(&copy).unwrap();
        let ((_, wanted), (above, found)) = (split(&source, handlers), split(&text, handlers));
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            fs::write(&copy, format!("{above}{wanted}")).unwrap();
        } else {
            assert_eq!(found, wanted, "{name}: edit the one of tokio, and copy it with UPDATE_EXPECT=1");
        }
    }
}
