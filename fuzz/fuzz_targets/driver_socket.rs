//! See `socketmode_simulation`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| socketmode_simulation::driver_socket(bytes));
