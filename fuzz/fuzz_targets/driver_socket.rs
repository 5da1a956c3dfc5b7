//! See `socketmode_tests::simulation`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| socketmode_tests::simulation::driver_socket(bytes));
