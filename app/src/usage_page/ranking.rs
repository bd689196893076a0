//! Who spent most: tables whose rows have a bar.

use std::collections::HashMap;

use chat::usage::{FirstTokens, Sums};
use leptos::prelude::*;

use super::{
    chart::{Swatch, colour},
    figures::{Figures, percentile, seconds, short},
};
use crate::words::UsageWords;

/// Sums by a name, the one that cost most first; among those that cost the same, by tokens.
pub(super) fn ranked(sums: &[Sums], name: impl Fn(&Sums) -> String) -> Vec<(String, Figures)> {
    let mut by_name: HashMap<String, Figures> = HashMap::new();
    for sums in sums {
        by_name.entry(name(sums)).or_default().add(sums);
    }
    let mut rows: Vec<_> = by_name.into_iter().collect();
    rows.sort_unstable_by(|(one_name, one), (name, other)| {
        let most = |figures: &Figures| (figures.cost, figures.tokens(), figures.calls);
        most(other).cmp(&most(one)).then_with(|| one_name.cmp(name))
    });
    rows
}

/// A bar whose length says how much of the most it is.
#[component]
fn Bar(class: String, value: u64, most: u64) -> impl IntoView {
    let thousandths = u128::from(value) * 1_000 / u128::from(most.max(1));
    let width = format!("{}.{}", thousandths / 10, thousandths % 10);
    view! {
        <svg class="share" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
            <rect class=class width=width height="1" />
        </svg>
    }
}

/// The table of a ranking. Its bars are by money, or by tokens where nothing cost anything.
#[component]
pub(super) fn Ranking(
    words: &'static UsageWords,
    heading: &'static str,
    rows: Vec<(String, Figures)>,
    /// The bars have the colours of the charts.
    #[prop(optional)]
    coloured: bool,
) -> impl IntoView {
    let is_free = rows.iter().all(|(_, figures)| figures.cost == 0);
    let measured = move |figures: &Figures| match is_free {
        true => figures.tokens(),
        false => figures.cost,
    };
    let most = rows.iter().map(|(_, figures)| measured(figures)).max().unwrap_or_default();
    view! {
        <section>
            <h2>{heading}</h2>
            <table class="ranking">
                <thead>
                    <tr>
                        <th scope="col">
                            <span class="visually-hidden">{heading}</span>
                        </th>
                        <th scope="col">{words.money}</th>
                        <th scope="col">{words.tokens}</th>
                        <th scope="col">{words.calls}</th>
                    </tr>
                </thead>
                <tbody>
                    {rows
                        .into_iter()
                        .enumerate()
                        .map(|(place, (name, figures))| {
                            let class = colour(if coloured { place } else { 0 });
                            let swatch = coloured.then(|| view! { <Swatch class=class.clone() /> });
                            let about = figures.about();
                            view! {
                                <tr>
                                    <th scope="row">
                                        {swatch}
                                        <span dir="auto">{name}</span>
                                        <Bar class value=measured(&figures) most />
                                    </th>
                                    <td>{figures.money()}</td>
                                    <td>{format!("{about}{}", short(figures.tokens()))}</td>
                                    <td>{short(figures.calls)}</td>
                                </tr>
                            }
                        })
                        .collect_view()}
                </tbody>
            </table>
        </section>
    }
}

/// How soon each model begins to answer, the one that is asked most first.
#[component]
pub(super) fn FirstTokenTable(
    words: &'static UsageWords,
    counts: Vec<FirstTokens>,
) -> impl IntoView {
    let mut by_model: HashMap<String, Vec<FirstTokens>> = HashMap::new();
    for count in counts {
        by_model.entry(count.model.clone()).or_default().push(count);
    }
    let calls = |counts: &[FirstTokens]| counts.iter().map(|count| count.calls).sum::<u64>();
    let mut rows: Vec<(String, u64, u64, u64)> = by_model
        .into_iter()
        .filter_map(|(model, counts)| {
            let (half, most) = (percentile(&counts, 50)?, percentile(&counts, 95)?);
            Some((model, half, most, calls(&counts)))
        })
        .collect();
    rows.sort_unstable_by(|one, other| other.3.cmp(&one.3).then_with(|| one.0.cmp(&other.0)));
    // What took longer than all bounds would leave no room for the others.
    const LONGEST: u64 = 300_000;
    let longest = rows.iter().map(|row| row.2.min(LONGEST)).max().unwrap_or_default();
    (!rows.is_empty()).then(|| {
        view! {
            <section>
                <h2>{words.first_token}</h2>
                <p>{words.first_token_about}</p>
                <table class="ranking">
                    <thead>
                        <tr>
                            <th scope="col">{words.model}</th>
                            <th scope="col">{words.half_within}</th>
                            <th scope="col">{words.most_within}</th>
                            <th scope="col">{words.calls}</th>
                        </tr>
                    </thead>
                    <tbody>
                        {rows
                            .into_iter()
                            .map(|(model, half, most, calls)| {
                                view! {
                                    <tr>
                                        <th scope="row">
                                            <span dir="auto">{model}</span>
                                            <Bar class=colour(0) value=half.min(LONGEST) most=longest />
                                            <Bar class="faint".to_owned() value=most.min(LONGEST) most=longest />
                                        </th>
                                        <td>{seconds(half)}</td>
                                        <td>{seconds(most)}</td>
                                        <td>{short(calls)}</td>
                                    </tr>
                                }
                            })
                            .collect_view()}
                    </tbody>
                </table>
            </section>
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cost_most_comes_first() {
        let sums = |model: &str, cost, tokens| Sums {
            period: String::new(),
            purpose: String::new(),
            person: String::new(),
            token: None,
            provider: String::new(),
            model: model.to_owned(),
            status: "finished".to_owned(),
            calls: 1,
            estimated: 0,
            unpriced: 0,
            prompt_tokens: tokens,
            completion_tokens: 0,
            cached_tokens: 0,
            reasoning_tokens: 0,
            cost,
        };
        let all =
            [sums("a", 0, 9), sums("b", 5, 1), sums("c", 0, 10), sums("a", 5, 0), sums("d", 0, 9)];
        let rows = ranked(&all, |sums| sums.model.clone());
        let names: Vec<_> = rows.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["a", "b", "c", "d"]);
        assert_eq!((rows[0].1.calls, rows[0].1.tokens()), (2, 9));
    }
}
