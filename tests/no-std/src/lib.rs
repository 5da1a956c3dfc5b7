//! The state machine in a static library with a panic handler of its own: were `std` in the tree, there would be two, and
//! it would not compile.
#![no_std]
#![forbid(unsafe_code)]

use core::panic::PanicInfo;

use socketmode_protocol::{Config, ConfigError, Instant, SocketMode};

#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

#[panic_handler]
fn on_panic(_: &PanicInfo<'_>) -> ! {
    loop {}
}

/// Makes a machine, so that the allocator and all that it needs is linked.
///
/// # Errors
/// None with the default configuration.
pub fn machine(seed: u64) -> Result<SocketMode, ConfigError> {
    SocketMode::new(Config::default(), seed, Instant::from_millis(0))
}
