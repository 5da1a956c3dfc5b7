//! The committed corpora of the fuzz targets, for the compiler that everybody has.

use std::fs;
use std::path::{Path, PathBuf};

use super::Target;
use super::seeds::seeds;

/// Of no target fewer files are committed.
const FEWEST: usize = 24;

/// Runs every file of a target's corpus.
///
/// # Panics
/// One does not pass, and this says which; or there are too few of them.
pub fn replay(name: &str, target: Target) {
    let folder = folder(name);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() >= FEWEST, "{name}: {} files", files.len());
    for file in files {
        let bytes = fs::read(&file).unwrap();
        if std::panic::catch_unwind(|| target(&bytes)).is_err() {
            panic!("{} does not pass", file.display());
        }
    }
}

/// Makes the seeds of a target again and compares. With `UPDATE_CORPUS` in the environment it writes them.
///
/// # Panics
/// What is committed is not what is made.
pub fn compare_with_seeds(name: &str) {
    let folder = folder(name);
    for (file, bytes) in seeds(name) {
        let path = folder.join(file);
        if std::env::var_os("UPDATE_CORPUS").is_some() {
            fs::create_dir_all(&folder).unwrap();
            fs::write(&path, &bytes).unwrap();
        }
        let committed = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert!(committed == bytes, "{} is not what is made for it", path.display());
    }
}

/// Looks for the program that runs a function as the target of this name.
///
/// # Panics
/// There is none, or it runs something else.
pub fn expect_program(name: &str, function: &str) {
    let program = fuzz().join(format!("fuzz_targets/{name}.rs"));
    let text = fs::read_to_string(&program).unwrap_or_else(|error| panic!("{}: {error}", program.display()));
    assert!(text.contains(&format!("{function}(bytes)")), "{text}");
}

fn folder(target: &str) -> PathBuf {
    fuzz().join("corpus").join(target)
}

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz")
}
