//! What a process takes, as Linux counts it. Elsewhere everything is zero.

use std::fs;

use serde::Serialize;

/// What a process has taken up to a moment.
#[derive(Debug, Default, Clone, Copy, PartialEq, Serialize)]
pub struct Taken {
    /// Seconds of processors, in the process and in the kernel for it.
    pub cpu_s: f64,
    /// Memory that is resident now, in megabytes.
    pub memory_mb: f64,
    /// The most memory that was ever resident, in megabytes.
    pub peak_mb: f64,
}

/// Clock ticks in a second; Linux has shown user space 100 on every platform for decades.
const TICKS: f64 = 100.0;

/// A process and those that it has started. nginx and LiteLLM work in children.
pub fn family(process: u32) -> Vec<u32> {
    let mut all = vec![process];
    all.extend(children(process).into_iter().flat_map(family));
    all
}

/// What a process and those that it has started have taken.
pub fn taken(process: u32) -> Taken {
    let mut all = Taken::default();
    for of_one in family(process).into_iter().map(of_one) {
        all.cpu_s += of_one.cpu_s;
        all.memory_mb += of_one.memory_mb;
        all.peak_mb += of_one.peak_mb;
    }
    all
}

fn of_one(process: u32) -> Taken {
    let read = |file: &str| fs::read_to_string(format!("/proc/{process}/{file}"));
    let cpu_s = read("stat").ok().and_then(|stat| cpu_seconds(&stat)).unwrap_or_default();
    let status = read("status").unwrap_or_default();
    let megabytes = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name))?;
        Some(line.split_ascii_whitespace().next()?.parse::<f64>().ok()? / 1024.0)
    };
    Taken {
        cpu_s,
        memory_mb: megabytes("VmRSS:").unwrap_or_default(),
        peak_mb: megabytes("VmHWM:").unwrap_or_default(),
    }
}

/// The fields after the name, which may hold spaces and parentheses itself: proc(5).
fn cpu_seconds(stat: &str) -> Option<f64> {
    let (_, rest) = stat.rsplit_once(')')?;
    let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
    let ticks = |index: usize| fields.get(index)?.parse::<f64>().ok();
    Some((ticks(11)? + ticks(12)?) / TICKS)
}

fn children(process: u32) -> Vec<u32> {
    let file = format!("/proc/{process}/task/{process}/children");
    let list = fs::read_to_string(file).unwrap_or_default();
    list.split_ascii_whitespace().filter_map(|id| id.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_may_hold_anything() {
        let stat = "7 (a) b) S 1 7 7 0 -1 0 1 2 3 4 250 150 0 0 20 0";
        assert_eq!(cpu_seconds(stat), Some(4.0));
        assert_eq!(cpu_seconds("7 (a"), None);
    }
}
