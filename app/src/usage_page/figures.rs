//! Sums, percentiles, and numbers as people read them.

use chat::usage::{FirstTokens, Sums};
use protocol::money;

/// What calls came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Figures {
    pub(super) calls: u64,
    pub(super) failed: u64,
    pub(super) estimated: u64,
    pub(super) unpriced: u64,
    pub(super) prompt_tokens: u64,
    pub(super) completion_tokens: u64,
    pub(super) cached_tokens: u64,
    /// In picodollars.
    pub(super) cost: u64,
}

impl Figures {
    pub(super) fn of<'a>(sums: impl IntoIterator<Item = &'a Sums>) -> Self {
        let mut figures = Self::default();
        for sums in sums {
            figures.add(sums);
        }
        figures
    }

    pub(super) fn add(&mut self, sums: &Sums) {
        self.calls += sums.calls;
        self.failed += if sums.status == "failed" { sums.calls } else { 0 };
        self.estimated += sums.estimated;
        self.unpriced += sums.unpriced;
        self.prompt_tokens += sums.prompt_tokens;
        self.completion_tokens += sums.completion_tokens;
        self.cached_tokens += sums.cached_tokens;
        self.cost = self.cost.saturating_add(sums.cost);
    }

    pub(super) fn tokens(&self) -> u64 {
        self.prompt_tokens + self.completion_tokens
    }

    /// The money as people read it.
    pub(super) fn money(&self) -> String {
        let about = if self.cost > 0 { self.about() } else { "" };
        format!("{about}{}", money::rounded(self.cost))
    }

    /// A mark before numbers that are estimates in part.
    pub(super) fn about(&self) -> &'static str {
        if self.estimated > 0 { "≈ " } else { "" }
    }
}

/// The time within which so many of a hundred answers began, in milliseconds: the bound that
/// counts are kept up to. `None` if none began. The counts may be of several kinds of calls.
pub(super) fn percentile(counts: &[FirstTokens], percent: u64) -> Option<u64> {
    let mut by_bound: Vec<(u64, u64)> =
        counts.iter().map(|count| (count.up_to_ms, count.calls)).collect();
    by_bound.sort_unstable();
    let all: u64 = by_bound.iter().map(|(_, calls)| calls).sum();
    let wanted = (all * percent).div_ceil(100);
    let mut within = 0;
    by_bound
        .into_iter()
        .find(|(_, calls)| {
            within += calls;
            within >= wanted
        })
        .map(|(bound, _)| bound)
}

/// Milliseconds in seconds. The last bound is none, so beyond a day it says that it was long.
pub(super) fn seconds(ms: u64) -> String {
    match ms {
        0..10_000 => format!("{}.{:02} s", ms / 1_000, ms % 1_000 / 10),
        10_000..86_400_000 => format!("{} s", ms / 1_000),
        _ => "> 300 s".to_owned(),
    }
}

/// A count in three digits or so: `940`, `1.2 k`, `34 M`.
pub(super) fn short(count: u64) -> String {
    const UNITS: [&str; 4] = ["", " k", " M", " G"];
    let mut unit = 0;
    let mut tenths = count.saturating_mul(10);
    while tenths >= 10_000 && unit + 1 < UNITS.len() {
        tenths /= 1_000;
        unit += 1;
    }
    match (unit, tenths) {
        (0, _) => count.to_string(),
        (_, 0..100) => format!("{}.{}{}", tenths / 10, tenths % 10, UNITS[unit]),
        _ => format!("{}{}", tenths / 10, UNITS[unit]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_short() {
        let check = |count, expected: &str| assert_eq!(short(count), expected);
        check(0, "0");
        check(999, "999");
        check(1_000, "1.0 k");
        check(9_999, "9.9 k");
        check(12_345, "12 k");
        check(999_999, "999 k");
        check(1_234_567, "1.2 M");
        check(123_456_789_012, "123 G");
    }

    #[test]
    fn percentiles_are_bounds() {
        let count = |up_to_ms, calls| FirstTokens {
            purpose: String::new(),
            provider: String::new(),
            model: String::new(),
            up_to_ms,
            calls,
        };
        let counts = [count(2_000, 5), count(100, 40), count(500, 10), count(100, 45)];
        assert_eq!(percentile(&counts, 50), Some(100));
        assert_eq!(percentile(&counts, 86), Some(500));
        assert_eq!(percentile(&counts, 95), Some(500));
        assert_eq!(percentile(&counts, 96), Some(2_000));
        assert_eq!(percentile(&[], 50), None);
        assert_eq!(percentile(&[count(300, 1)], 1), Some(300));
    }

    #[test]
    fn times_are_in_seconds() {
        let check = |ms, expected: &str| assert_eq!(seconds(ms), expected);
        check(50, "0.05 s");
        check(1_250, "1.25 s");
        check(15_000, "15 s");
        check(9_007_199_254_740_991, "> 300 s");
    }
}
