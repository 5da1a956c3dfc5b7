//! The examples' executables, built if they are not.

use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

/// Where the example with this name is.
pub(crate) fn example(name: &str) -> &'static Path {
    static BUILT: LazyLock<BTreeMap<String, PathBuf>> = LazyLock::new(build);
    BUILT.get(name).unwrap_or_else(|| panic!("there is no example {name}; there are {:?}", BUILT.keys()))
}

/// Builds all examples, which is nothing to do after `cargo test --workspace` has built them.
fn build() -> BTreeMap<String, PathBuf> {
    // Below the target directory of whoever runs this test, wherever that is.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| env!("CARGO").into()));
    // The whole workspace has one set of features: those that the tests were built with.
    cargo.args(["build", "--workspace", "--examples", "--message-format=json", "--target-dir"]).arg(target);
    cargo.current_dir(env!("CARGO_MANIFEST_DIR"));
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    // What cargo tells this test of its package would have build scripts of other packages run again.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_CRATE_", "CARGO_BIN_"]
            .iter()
            .any(|own| text.starts_with(own))
        {
            cargo.env_remove(&name);
        }
    }
    let built = cargo.output().unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let messages = built.stdout.split(|byte| *byte == b'\n');
    messages.filter_map(|message| executable(&serde_json::from_slice(message).ok()?)).collect()
}

/// The name and the path, if the message is of an example.
fn executable(message: &Value) -> Option<(String, PathBuf)> {
    let target = message.get("target")?;
    let is_example = target.get("kind")?.as_array()?.iter().any(|kind| kind == "example");
    let path = message.get("executable")?.as_str()?.into();
    is_example.then_some((target.get("name")?.as_str()?.to_owned(), path))
}
