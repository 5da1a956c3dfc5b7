//! Builds the driver with shuttle's locks.

fn main() {
    println!("cargo::rustc-cfg=socketmode_schedules");
    println!("cargo::rerun-if-changed=build.rs");
}
