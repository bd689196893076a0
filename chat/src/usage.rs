//! What was spent in a range of time, for a page with charts.

use jiff::{Timestamp, ToSpan, Zoned, tz::TimeZone};

pub use crate::store::{FirstTokens, RecentFailure, Span, Sums, ToldFailure};
use crate::{engine::Chat, store::StoreError};

/// How many failures are told of.
const FAILURES: u32 = 10;

/// A range of time up to now, in the time zone of the server.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Range {
    /// Since midnight, by hours.
    Today,
    /// Today and six days before, by days.
    Week,
    /// Today and 29 days before, by days.
    #[default]
    Month,
    /// This month and eleven before, by months.
    Year,
}

impl Range {
    /// Every range, the shortest first.
    pub const ALL: [Self; 4] = [Self::Today, Self::Week, Self::Month, Self::Year];

    /// The word for it in addresses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Today => "today",
            Self::Week => "7d",
            Self::Month => "30d",
            Self::Year => "12m",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|range| range.as_str() == word)
    }

    /// What its sums are made over.
    pub const fn span(self) -> Span {
        match self {
            Self::Today => Span::Hour,
            Self::Week | Self::Month => Span::Day,
            Self::Year => Span::Month,
        }
    }

    /// The names of all its periods, the oldest first, also of those without any call.
    fn periods(self, now: &Zoned) -> Vec<String> {
        let today = now.date();
        let back = |count: i64, step: fn(i64) -> jiff::Span, format: &str| {
            let before = |steps| today.saturating_sub(step(steps)).strftime(format).to_string();
            (0..count).rev().map(before).collect::<Vec<_>>()
        };
        match self {
            Self::Today => (0..24).map(|hour| format!("{today} {hour:02}")).collect(),
            Self::Week => back(7, |days| days.days(), "%Y-%m-%d"),
            Self::Month => back(30, |days| days.days(), "%Y-%m-%d"),
            Self::Year => back(12, |months| months.months(), "%Y-%m"),
        }
    }
}

/// What was spent in a range of time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UsageReport {
    /// The names of all periods of the range, the oldest first.
    pub periods: Vec<String>,
    /// What was spent in them.
    pub sums: Vec<Sums>,
    /// Times to the first token.
    pub first_tokens: Vec<FirstTokens>,
    /// The latest calls that failed, whenever that was.
    pub failures: Vec<RecentFailure>,
}

impl Chat {
    /// What was spent in a range of time. It takes as long for a million calls as for a thousand.
    pub async fn usage(&self, range: Range) -> Result<UsageReport, StoreError> {
        let store = &self.inner.store;
        let periods = range.periods(&self.inner.limiter.now());
        let since = periods.first().map(String::as_str).unwrap_or_default();
        Ok(UsageReport {
            sums: store.usage_sums(range.span(), since).await?,
            first_tokens: store.first_tokens(range.span(), since).await?,
            failures: store.recent_failures(FAILURES).await?,
            periods,
        })
    }
}

/// A time in milliseconds since 1970 to the minute, by the clock of the server.
pub fn local_time(ms: i64) -> String {
    let time = Timestamp::from_millisecond(ms).unwrap_or_default();
    time.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_end_with_now_and_have_no_gaps() {
        let check = |range: Range, count, first: &str, last: &str| {
            let now = jiff::civil::date(2026, 3, 31).at(17, 0, 0, 0);
            let now = now.to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(8))).unwrap();
            let periods = range.periods(&now);
            assert_eq!(periods.len(), count, "{range:?}");
            assert_eq!(periods.first().map(String::as_str), Some(first), "{range:?}");
            assert_eq!(periods.last().map(String::as_str), Some(last), "{range:?}");
            assert!(periods.is_sorted(), "{periods:?}");
        };
        check(Range::Today, 24, "2026-03-31 00", "2026-03-31 23");
        check(Range::Week, 7, "2026-03-25", "2026-03-31");
        check(Range::Month, 30, "2026-03-02", "2026-03-31");
        check(Range::Year, 12, "2025-04", "2026-03");
    }
}
