//! The memory of a process over time, from the outside.

use std::fmt;
use std::time::Duration;

/// What is compared: the first of the second half of the run, and its last. A single sample may be a peak. In the first half
/// what is remembered fills up, and the allocator's arenas with it.
pub(crate) const MINUTE: Duration = Duration::from_secs(60);
const BETWEEN_SAMPLES: Duration = Duration::from_secs(1);
/// The parts of the series that are printed: growth shows in all of them, a peak in one.
const PARTS: usize = 9;

/// The resident memory of a process in KiB, without that of its program's file, a sample a second.
pub(crate) struct Memory {
    process: u32,
    next: Duration,
    samples: Vec<(Duration, u64)>,
}

impl Memory {
    pub(crate) fn of(process: u32) -> Self {
        Self { process, next: Duration::ZERO, samples: Vec::new() }
    }

    /// Takes a sample where one is due, so long after the start.
    pub(crate) fn pass(&mut self, now: Duration) {
        if now >= self.next {
            self.next = now + BETWEEN_SAMPLES;
            self.samples.extend(resident(self.process).map(|kib| (now, kib)));
        }
    }

    /// The medians of the first minute of the second half and of its last; `None` where these are not two minutes.
    pub(crate) fn first_and_last(&self) -> Option<(u64, u64)> {
        let end = self.samples.last()?.0;
        let (half, last_begins) = (end / 2, end.checked_sub(MINUTE)?);
        let median_of = |holds: &dyn Fn(Duration) -> bool| {
            median(self.samples.iter().filter(|(at, _)| holds(*at)).map(|(_, kib)| *kib).collect())
        };
        if half + MINUTE > last_begins {
            return None;
        }
        Some((median_of(&|at| (half..half + MINUTE).contains(&at))?, median_of(&|at| at > last_begins)?))
    }
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all: Vec<u64> = self.samples.iter().map(|(_, kib)| *kib).collect();
        let (Some(min), Some(max)) = (all.iter().min(), all.iter().max()) else {
            return write!(f, "not measured");
        };
        let parts = all.chunks(all.len().div_ceil(PARTS)).map(<[u64]>::to_vec).filter_map(median);
        let parts: Vec<_> = parts.map(|kib| kib.to_string()).collect();
        let middle = median(all.clone()).unwrap_or(*max);
        writeln!(f, "{} samples in KiB: min {min}, median {middle}, max {max}", all.len())?;
        write!(f, "  medians over time: {}", parts.join(", "))?;
        match self.first_and_last() {
            Some((first, last)) => {
                write!(f, "; of the second half the first minute {first}, the last {last}")
            }
            None => Ok(()),
        }
    }
}

fn median(mut samples: Vec<u64>) -> Option<u64> {
    samples.sort_unstable();
    samples.get(samples.len() / 2).copied()
}

/// `None` where the system does not tell in this way.
fn resident(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}
