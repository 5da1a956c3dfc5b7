//! The committed corpora of the state machine's fuzz targets.
//!
//! After a change of the seeds: `UPDATE_CORPUS=1 cargo test --workspace --test corpus`.

use socketmode_model::fuzzing::{TARGETS, corpus};

#[test]
fn every_file_of_the_corpora_passes_its_target() {
    for (name, target) in TARGETS {
        corpus::replay(name, *target);
    }
}

#[test]
fn the_seeds_are_committed_as_they_are_made() {
    for (name, _) in TARGETS {
        corpus::compare_with_seeds(name);
    }
}

#[test]
fn each_target_has_a_program_in_the_fuzz_folder() {
    for (name, _) in TARGETS {
        corpus::expect_program(name, &format!("socketmode_model::fuzzing::{name}"));
    }
}
