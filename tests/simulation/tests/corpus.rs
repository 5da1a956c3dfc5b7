//! The committed corpus of the driver's fuzz target.

use socketmode_model::fuzzing::corpus;
use socketmode_simulation::driver_socket;

const NAME: &str = "driver_socket";

#[test]
fn every_file_of_the_corpus_passes_its_target() {
    corpus::replay(NAME, driver_socket);
}

#[test]
fn the_seeds_are_committed_as_they_are_made() {
    corpus::compare_with_seeds(NAME);
}

#[test]
fn the_target_has_a_program_in_the_fuzz_folder() {
    corpus::expect_program(NAME, "socketmode_simulation::driver_socket");
}
