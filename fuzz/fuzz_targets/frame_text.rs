//! See `socketmode_model::fuzzing`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| socketmode_model::fuzzing::frame_text(bytes));
