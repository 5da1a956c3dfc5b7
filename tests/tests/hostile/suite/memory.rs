//! The memory of a process.

/// The resident memory of this process in KiB; `None` where the system does not tell in this way.
pub(super) fn resident() -> Option<u64> {
    field("self", "VmRSS:")
}

/// The most that was resident in a process since it began, in KiB.
pub(super) fn peak(process: &str) -> Option<u64> {
    field(process, "VmHWM:")
}

fn field(process: &str, name: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}
