//! What Slack would drop does not compile, and the compiler says what to do instead.

use std::process::Command;

/// The compiler whose words are written down beside the cases.
const WORDS_OF: &str = "rustc 1.95.";

#[test]
fn what_slack_would_drop_does_not_compile() {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(rustc).arg("--version").output().unwrap().stdout;
    let version = String::from_utf8_lossy(&version);
    if version.starts_with(WORDS_OF) {
        trybuild::TestCases::new().compile_fail("tests/refused/*.rs");
    } else {
        // That it does not compile is a test in the documentation of `Request` as well, for every compiler.
        println!("passing over: the messages are those of {WORDS_OF}, and this is {version}");
    }
}
