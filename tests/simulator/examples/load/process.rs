//! What this process uses, from `/proc`.

use std::fs;

/// Each thread's name and the seconds it computed.
pub(crate) fn threads() -> Vec<(String, f64)> {
    let tasks = fs::read_dir("/proc/self/task").expect("/proc/self/task").flatten();
    tasks
        .filter_map(|task| {
            let name = fs::read_to_string(task.path().join("comm")).ok()?;
            // The first number is the nanoseconds on a core.
            let spent = fs::read_to_string(task.path().join("schedstat")).ok()?;
            let nanoseconds: f64 = spent.split_whitespace().next()?.parse().ok()?;
            Some((name.trim().to_owned(), nanoseconds / 1e9))
        })
        .collect()
}

/// The seconds that the thread of this name computed.
pub(crate) fn spent(threads: &[(String, f64)], name: &str) -> f64 {
    threads.iter().filter(|(thread, _)| thread == name).map(|(_, seconds)| seconds).sum()
}

/// The resident memory of the process.
pub(crate) fn memory_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("/proc/self/status");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or(0)
}
