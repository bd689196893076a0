//! Delays, and what they come to.

use serde::Serialize;

/// Percentiles of delays, in milliseconds.
#[derive(Debug, Default, Clone, Copy, PartialEq, Serialize)]
pub struct Percentiles {
    /// Half of them are shorter.
    pub p50: f64,
    /// One of twenty is longer.
    pub p95: f64,
    /// One of a hundred is longer.
    pub p99: f64,
    /// The longest.
    pub max: f64,
}

/// The percentiles of delays in microseconds.
pub fn percentiles(mut delays: Vec<u64>) -> Percentiles {
    delays.sort_unstable();
    let at = |share: f64| {
        let index = (delays.len() as f64 * share) as usize;
        delays.get(index.min(delays.len().saturating_sub(1))).copied().unwrap_or_default() as f64
            / 1_000.0
    };
    Percentiles { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1.0) }
}

/// The middle one of some numbers; of an even count the lower of the two.
pub fn median(numbers: impl IntoIterator<Item = f64>) -> f64 {
    let mut numbers: Vec<f64> = numbers.into_iter().collect();
    numbers.sort_unstable_by(f64::total_cmp);
    numbers.get(numbers.len().saturating_sub(1) / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_of_a_hundred() {
        let found = percentiles((0..100).rev().map(|delay| delay * 1_000).collect());
        assert_eq!(found, Percentiles { p50: 50.0, p95: 95.0, p99: 99.0, max: 99.0 });
        assert_eq!(percentiles(Vec::new()), Percentiles::default());
    }

    #[test]
    fn medians() {
        assert_eq!(median([3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median([4.0, 1.0]), 1.0);
        assert_eq!(median([]), 0.0);
    }
}
