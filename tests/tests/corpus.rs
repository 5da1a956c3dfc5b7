//! The committed corpora of the fuzz targets: every file through its target, with the compiler that everybody has.
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test that fails panics")]

use std::fs;
use std::path::{Path, PathBuf};

use socketmode_tests::fuzzing::seeds::seeds;
use socketmode_tests::fuzzing::{TARGETS, Target};

/// Of no target fewer files are committed.
const FEWEST: usize = 24;

#[test]
fn every_file_of_the_corpora_passes_its_target() {
    for (name, target) in TARGETS {
        let files = files(name);
        assert!(files.len() >= FEWEST, "{name}: {} files", files.len());
        for file in files {
            run(*target, &file);
        }
    }
}

/// After a change of the seeds: `UPDATE_CORPUS=1 cargo test -p socketmode-tests --test corpus`.
#[test]
fn the_seeds_are_committed_as_they_are_made() {
    for (name, _) in TARGETS {
        for (file, bytes) in seeds(name) {
            let path = folder(name).join(file);
            if std::env::var_os("UPDATE_CORPUS").is_some() {
                fs::create_dir_all(folder(name)).unwrap();
                fs::write(&path, &bytes).unwrap();
            }
            let committed = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            assert!(committed == bytes, "{} is not what is made for it", path.display());
        }
    }
}

#[test]
fn each_target_has_a_program_in_the_fuzz_folder() {
    for (name, _) in TARGETS {
        let program = fuzz().join(format!("fuzz_targets/{name}.rs"));
        let text =
            fs::read_to_string(&program).unwrap_or_else(|error| panic!("{}: {error}", program.display()));
        assert!(text.contains(&format!("fuzzing::{name}(bytes)")), "{text}");
    }
}

/// Runs one, and says which if it does not pass.
fn run(target: Target, file: &Path) {
    let bytes = fs::read(file).unwrap();
    if std::panic::catch_unwind(|| target(&bytes)).is_err() {
        panic!("{} does not pass", file.display());
    }
}

fn files(target: &str) -> Vec<PathBuf> {
    let folder = folder(target);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn folder(target: &str) -> PathBuf {
    fuzz().join("corpus").join(target)
}

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz")
}
