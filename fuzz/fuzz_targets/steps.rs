//! See `socketmode_tests::fuzzing`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| socketmode_tests::fuzzing::steps(bytes));
