//! A chart of columns over time, each stacked by model. The drawing is stretched to the room there
//! is, so its words stand beside it as HTML; the numbers follow as a table.

use chat::usage::Sums;
use leptos::prelude::*;

use crate::words::UsageWords;

/// How many models have a colour of their own. The others share one.
pub(super) const COLOURED: usize = 6;

/// What a chart is drawn from.
#[derive(Debug, Clone)]
pub(super) struct Columns {
    /// What is stacked, with the class of its colour, from below.
    series: Vec<(String, String)>,
    /// The periods, each with a value for each of the series.
    columns: Vec<(Period, Vec<u64>)>,
    /// How many periods share one label below.
    label_every: usize,
}

/// A period by its names.
#[derive(Debug, Clone)]
struct Period {
    /// As it stands below the chart.
    short: String,
    /// As it stands in a table.
    full: String,
}

impl Columns {
    /// Sums by period and model. `models` are in the order in which they get their colours.
    pub(super) fn new(
        periods: &[String],
        sums: &[Sums],
        models: &[String],
        words: &UsageWords,
        value: fn(&Sums) -> u64,
    ) -> Self {
        let mut series: Vec<(String, String)> = models
            .iter()
            .take(COLOURED)
            .enumerate()
            .map(|(place, name)| (name.clone(), colour(place)))
            .collect();
        if models.len() > COLOURED {
            series.push((words.others.to_owned(), colour(COLOURED)));
        }
        let place_of = |sums: &Sums| {
            models.iter().position(|model| *model == sums.model).unwrap_or(COLOURED).min(COLOURED)
        };
        Self::stacked(periods, sums, series, words, |sums| (place_of(sums), value(sums)))
    }

    /// Failed calls by period.
    pub(super) fn of_failures(periods: &[String], sums: &[Sums], words: &UsageWords) -> Self {
        let series = vec![(words.failures.to_owned(), "failures".to_owned())];
        let failed = |sums: &Sums| if sums.status == "failed" { sums.calls } else { 0 };
        Self::stacked(periods, sums, series, words, |sums| (0, failed(sums)))
    }

    fn stacked(
        periods: &[String],
        sums: &[Sums],
        series: Vec<(String, String)>,
        words: &UsageWords,
        value: impl Fn(&Sums) -> (usize, u64),
    ) -> Self {
        let mut columns: Vec<(Period, Vec<u64>)> =
            periods.iter().map(|name| (period(name, words), vec![0; series.len()])).collect();
        for sums in sums {
            // What began after the page's time was read is told next time.
            let Ok(place) = periods.binary_search(&sums.period) else { continue };
            let (layer, value) = value(sums);
            if let Some(cell) = columns[place].1.get_mut(layer) {
                *cell = cell.saturating_add(value);
            }
        }
        let label_every = match periods.len() {
            0..13 => 1,
            13..25 => 4,
            _ => 5,
        };
        Self { series, columns, label_every }
    }

    /// True if there is nothing to draw.
    pub(super) fn is_empty(&self) -> bool {
        self.columns.iter().all(|(_, values)| values.iter().all(|value| *value == 0))
    }

    /// The column with the most, and how much that is.
    fn highest(&self) -> Option<(&Period, u64)> {
        let totals = self.columns.iter().map(|(period, values)| (period, total(values)));
        totals.max_by_key(|(_, total)| *total)
    }
}

/// The class of a series' colour.
pub(super) fn colour(place: usize) -> String {
    format!("series-{}", place.min(COLOURED) + 1)
}

fn total(values: &[u64]) -> u64 {
    values.iter().fold(0, |total, value| total.saturating_add(*value))
}

/// `2026-11-26 17`, `2026-11-26` or `2026-11` in words.
fn period(name: &str, words: &UsageWords) -> Period {
    let month = |name: &str| name.get(5..7).and_then(|month| month.parse().ok()).unwrap_or(0);
    match (name.get(11..13), name.get(8..10)) {
        (Some(hour), _) => Period { short: format!("{hour}:00"), full: format!("{}:00", name) },
        (None, Some(day)) => Period { short: (words.day)(month(name), day), full: name.to_owned() },
        (None, None) => Period { short: (words.month)(month(name)), full: name.to_owned() },
    }
}

/// The smallest of 1, 2, 2.5 and 5 with any zeros behind it that is no less.
fn rounded_up(most: u64) -> u64 {
    let mut step = 1_u64;
    while step.saturating_mul(10) < most && step < u64::MAX / 10 {
        step *= 10;
    }
    let steps = [step, step.saturating_mul(2), step.saturating_mul(5) / 2, step.saturating_mul(5)];
    steps.into_iter().find(|top| *top >= most).unwrap_or_else(|| step.saturating_mul(10))
}

/// How high a value is drawn, in hundredths of a part of a hundred. Whatever is not nothing is seen.
fn height(value: u64, top: u64) -> u64 {
    let drawn = u128::from(value) * 10_000 / u128::from(top.max(1));
    match value {
        0 => 0,
        _ => u64::try_from(drawn).unwrap_or(10_000).clamp(60, 10_000),
    }
}

fn hundredths(value: u64) -> String {
    format!("{}.{:02}", value / 100, value % 100)
}

/// The chart with what it means.
#[component]
pub(super) fn Chart(
    words: &'static UsageWords,
    columns: Columns,
    /// Writes a value.
    show: fn(u64) -> String,
) -> impl IntoView {
    let (summary, most) = match columns.highest() {
        Some((period, most)) => ((words.highest)(&period.full, &show(most)), most),
        None => (String::new(), 0),
    };
    let top = rounded_up(most);
    let labels = columns.columns.chunks(columns.label_every);
    let labels: Vec<String> =
        labels.filter_map(|periods| Some(periods.first()?.0.short.clone())).collect();
    let centred = columns.label_every == 1;
    let drawing = view! { <Drawing columns=columns.clone() top show summary /> };
    view! {
        <figure class="chart">
            <div class="scale" aria-hidden="true">
                <span>{show(top)}</span>
                <span>{(top > 1).then(|| show(top / 2))}</span>
                <span>"0"</span>
            </div>
            {drawing}
            <div class="labels" class:centred=centred aria-hidden="true">
                {labels.into_iter().map(|label| view! { <span>{label}</span> }).collect_view()}
            </div>
        </figure>
        {(columns.series.len() > 1).then(|| view! { <Legend series=columns.series.clone() /> })}
        <Numbers words columns show />
    }
}

/// The columns themselves.
#[component]
fn Drawing(columns: Columns, top: u64, show: fn(u64) -> String, summary: String) -> impl IntoView {
    let width = columns.columns.len() * 10;
    let series = columns.series;
    let drawn = columns.columns.into_iter().enumerate().map(move |(place, (period, values))| {
        let mut below = 0;
        let parts: Vec<_> = series
            .iter()
            .zip(values)
            .filter(|(_, value)| *value > 0)
            .map(|((name, class), value)| {
                let high = height(value, top);
                below += high;
                let y = hundredths(10_000_u64.saturating_sub(below));
                let says = format!("{}, {name}: {}", period.full, show(value));
                view! {
                    <rect
                        class=class.clone()
                        x=(place * 10 + 1).to_string()
                        y=y
                        width="8"
                        height=hundredths(high)
                    >
                        <title>{says}</title>
                    </rect>
                }
            })
            .collect();
        parts
    });
    let label = summary.clone();
    view! {
        <svg
            viewBox=format!("0 0 {width} 100")
            preserveAspectRatio="none"
            role="img"
            aria-label=label
        >
            <desc>{summary}</desc>
            <path class="grid" d=format!("M0 0H{width}M0 50H{width}M0 100H{width}") />
            {drawn.collect_view()}
        </svg>
    }
}

/// Which colour is whose.
#[component]
fn Legend(series: Vec<(String, String)>) -> impl IntoView {
    view! {
        <ul class="legend">
            {series
                .into_iter()
                .map(|(name, class)| {
                    view! {
                        <li>
                            <Swatch class />
                            <span dir="auto">{name}</span>
                        </li>
                    }
                })
                .collect_view()}
        </ul>
    }
}

/// A spot of a series' colour.
#[component]
pub(super) fn Swatch(class: String) -> impl IntoView {
    view! {
        <svg class="swatch" viewBox="0 0 10 10" aria-hidden="true">
            <rect class=class width="10" height="10" rx="2" />
        </svg>
    }
}

/// The same as a table, the latest first, without the periods in which nothing was.
#[component]
fn Numbers(words: &'static UsageWords, columns: Columns, show: fn(u64) -> String) -> impl IntoView {
    let has_parts = columns.series.len() > 1;
    let rows = columns.columns.into_iter().rev().filter(|(_, values)| total(values) > 0);
    view! {
        <details class="more">
            <summary>{words.as_table}</summary>
            <div class="wide">
                <table class="numbers">
                    <thead>
                        <tr>
                            <th scope="col">{words.time}</th>
                            {columns
                                .series
                                .into_iter()
                                .map(|(name, _)| view! { <th scope="col" dir="auto">{name}</th> })
                                .collect_view()}
                            {has_parts.then(|| view! { <th scope="col">{words.total}</th> })}
                        </tr>
                    </thead>
                    <tbody>
                        {rows
                            .map(|(period, values)| {
                                let sum = has_parts.then(|| view! { <td>{show(total(&values))}</td> });
                                view! {
                                    <tr>
                                        <th scope="row">{period.full}</th>
                                        {values.into_iter().map(|value| view! { <td>{show(value)}</td> }).collect_view()}
                                        {sum}
                                    </tr>
                                }
                            })
                            .collect_view()}
                    </tbody>
                </table>
            </div>
        </details>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_ends_with_a_round_number() {
        let check = |most, expected| assert_eq!(rounded_up(most), expected, "{most}");
        check(0, 1);
        check(1, 1);
        check(3, 5);
        check(21, 25);
        check(60, 100);
        check(1_001, 2_000);
        assert!(rounded_up(u64::MAX) > 0);
    }

    #[test]
    fn whatever_is_not_nothing_is_seen_and_fits() {
        assert_eq!(height(0, 100), 0);
        assert_eq!(height(1, u64::MAX), 60);
        assert_eq!(height(50, 100), 5_000);
        assert_eq!(height(u64::MAX, u64::MAX), 10_000);
        assert_eq!(hundredths(4_205), "42.05");
    }

    #[test]
    fn periods_are_named_in_words() {
        let words = crate::Language::English.words().usage;
        let check = |name, short: &str, full: &str| {
            let period = period(name, words);
            assert_eq!((period.short.as_str(), period.full.as_str()), (short, full));
        };
        check("2026-11-26 07", "07:00", "2026-11-26 07:00");
        check("2026-11-26", "26 Nov", "2026-11-26");
        check("2026-11", "Nov", "2026-11");
        check("nonsense", "", "nonsense");
    }
}
