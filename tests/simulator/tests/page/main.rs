//! The page's scripts that need no browser, in Node. Without Node the test says that it is skipped.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;

/// The first one whose `--test` has everything that is used here.
const OLDEST_NODE: u32 = 20;

/// The major version of the Node in the path.
fn node() -> Option<u32> {
    let said = Command::new("node").arg("--version").output().ok()?.stdout;
    String::from_utf8(said).ok()?.strip_prefix('v')?.split('.').next()?.parse().ok()
}

#[test]
fn the_scripts_of_the_page_pass_their_tests_in_node() {
    if node().is_none_or(|version| version < OLDEST_NODE) {
        let words = format!(
            "the_scripts_of_the_page_pass_their_tests_in_node: skipped, for there is no `node` {OLDEST_NODE} or later in \
             the path\n"
        );
        std::io::stderr().write_all(words.as_bytes()).unwrap();
        return;
    }
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("page-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    for from in ["src/page/ui", "tests/page"] {
        for entry in fs::read_dir(package.join(from)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|kind| kind == "js" || kind == "mjs") {
                fs::copy(&path, folder.join(path.file_name().unwrap())).unwrap();
            }
        }
    }
    // Node takes a `.js` for another kind of script unless it is told.
    fs::write(folder.join("package.json"), r#"{"type":"module"}"#).unwrap();
    let run =
        Command::new("node").arg("--test").arg("--test-reporter=tap").current_dir(&folder).output().unwrap();
    let said = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{said}\n{}", String::from_utf8_lossy(&run.stderr));
    assert!(said.contains("# pass") && !said.contains("# pass 0"), "{said}");
    fs::remove_dir_all(&folder).unwrap();
}
