//! On the server: what was spent, in charts that are drawn into the page, with their numbers as
//! tables beside them.

mod chart;
mod figures;
mod ranking;

use chat::usage::{Range, RecentFailure, Sums, ToldFailure, UsageReport};
use leptos::prelude::*;
use protocol::money;

use crate::{Assets, Look, language, plain_page::plain_page, words::UsageWords};
use chart::{Chart, Columns};
use figures::{Figures, percentile, seconds, short};
use ranking::{FirstTokenTable, Ranking, ranked};

/// What of the usage is shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UsageQuery {
    /// The time.
    pub range: Range,
    /// What the calls were made for, by the ledger's word; empty for everything.
    pub purpose: String,
    /// The model's name; empty for all.
    pub model: String,
}

impl UsageQuery {
    /// True for what is shown.
    pub fn includes(&self, purpose: &str, model: &str) -> bool {
        (self.purpose.is_empty() || self.purpose == purpose)
            && (self.model.is_empty() || self.model == model)
    }

    /// The address that shows the same of another range.
    fn address(&self, path: &str, range: Range) -> String {
        let mut address =
            url::form_urlencoded::Serializer::for_suffix(format!("{path}?"), path.len() + 1);
        address.append_pair("range", range.as_str());
        for (name, value) in [("purpose", &self.purpose), ("model", &self.model)] {
            if !value.is_empty() {
                address.append_pair(name, value);
            }
        }
        address.finish()
    }
}

/// The page. The report holds everything of the range; what is looked for is picked from it.
pub fn usage_page(
    assets: Assets,
    look: Look,
    query: UsageQuery,
    report: UsageReport,
) -> impl IntoView {
    let words = look.language.words().usage;
    let controls = view! { <Controls words query=query.clone() sums=report.sums.clone() /> };
    let UsageReport { periods, mut sums, mut first_tokens, mut failures } = report;
    sums.retain(|sums| query.includes(&sums.purpose, &sums.model));
    first_tokens.retain(|count| query.includes(&count.purpose, &count.model));
    failures.retain(|failure| query.includes(&failure.purpose, &failure.model));
    let total = Figures::of(&sums);
    plain_page(assets, look, words.title, move || {
        view! {
            {controls}
            {(total.calls == 0).then(|| view! { <p class="effect">{words.nothing}</p> })}
            {(total.calls > 0)
                .then(|| {
                    let models = ranked(&sums, |sums| sums.model.clone());
                    let people = ranked(&sums, |sums| sums.person.clone());
                    let names: Vec<String> = models.iter().map(|(name, _)| name.clone()).collect();
                    let columns = |value: fn(&Sums) -> u64| Columns::new(&periods, &sums, &names, words, value);
                    view! {
                        <Tiles words total half=percentile(&first_tokens, 50) most=percentile(&first_tokens, 95) />
                        {(total.cost > 0)
                            .then(|| {
                                view! {
                                    <section>
                                        <h2>{words.money_over_time}</h2>
                                        <Chart words columns=columns(|sums| sums.cost) show=money::rounded />
                                    </section>
                                }
                            })}
                        <section>
                            <h2>{words.tokens_over_time}</h2>
                            <Chart words columns=columns(|sums| sums.prompt_tokens + sums.completion_tokens) show=short />
                        </section>
                        <Ranking words heading=words.by_model rows=models coloured=true />
                        <Ranking words heading=words.by_provider rows=ranked(&sums, |sums| sums.provider.clone()) />
                        <Ranking
                            words
                            heading=words.by_purpose
                            rows=ranked(&sums, |sums| purpose_name(words, &sums.purpose))
                        />
                        {(people.len() > 1)
                            .then(|| view! { <Ranking words heading=words.by_person rows=people /> })}
                        {sums
                            .iter()
                            .any(|sums| sums.token.is_some())
                            .then(|| {
                                let by_hand = || words.by_hand.to_owned();
                                let rows = ranked(&sums, |sums| sums.token.clone().unwrap_or_else(by_hand));
                                view! { <Ranking words heading=words.by_token rows /> }
                            })}
                        <FirstTokenTable words counts=first_tokens />
                        <Failures words columns=Columns::of_failures(&periods, &sums, words) failures />
                    }
                })}
        }
    })
}

/// What a purpose is called; one without a name is called as the ledger does.
fn purpose_name(words: &UsageWords, purpose: &str) -> String {
    (words.purposes)(purpose).map_or_else(|| purpose.to_owned(), str::to_owned)
}

/// The range by links, the rest by a form.
#[component]
fn Controls(words: &'static UsageWords, query: UsageQuery, sums: Vec<Sums>) -> impl IntoView {
    let mut purposes: Vec<String> = sums.iter().map(|sums| sums.purpose.clone()).collect();
    let mut models: Vec<String> = sums.into_iter().map(|sums| sums.model).collect();
    for (names, picked) in [(&mut purposes, &query.purpose), (&mut models, &query.model)] {
        // What is picked stays to be seen, also where it has nothing in this range.
        names.extend(Some(picked.clone()).filter(|name| !name.is_empty()));
        names.sort_unstable();
        names.dedup();
    }
    let purposes = purposes.into_iter().map(|name| (purpose_name(words, &name), name)).collect();
    let models = models.into_iter().map(|name| (name.clone(), name)).collect();
    let range = query.range;
    view! {
        <nav class="ranges" aria-label=words.range>
            {Range::ALL
                .into_iter()
                .map(|choice| {
                    let current = (choice == range).then_some("page");
                    view! {
                        <a href=query.address("/usage", choice) aria-current=current>
                            {(words.ranges)(choice)}
                        </a>
                    }
                })
                .collect_view()}
        </nav>
        <form class="filter" method="get" action="/usage">
            <input type="hidden" name="range" value=range.as_str() />
            <Choice name="purpose" label=words.purpose all=words.all options=purposes picked=query.purpose.clone() />
            <Choice name="model" label=words.model all=words.all options=models picked=query.model.clone() />
            <button type="submit" class="plain">{words.show}</button>
            <a class="plain" href=query.address("/usage.csv", range) download="usage.csv">{words.download}</a>
        </form>
    }
}

/// A field with everything, or one thing, to choose.
#[component]
fn Choice(
    name: &'static str,
    label: &'static str,
    all: &'static str,
    /// What each is called, and what it is.
    options: Vec<(String, String)>,
    picked: String,
) -> impl IntoView {
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <select id=name name=name>
                <option value="">{all}</option>
                {options
                    .into_iter()
                    .map(|(called, value)| {
                        let selected = value == picked;
                        view! {
                            <option value=value selected=selected>
                                {called}
                            </option>
                        }
                    })
                    .collect_view()}
            </select>
        </div>
    }
}

/// What it came to, in four numbers.
#[component]
fn Tiles(
    words: &'static UsageWords,
    total: Figures,
    half: Option<u64>,
    most: Option<u64>,
) -> impl IntoView {
    let in_and_out =
        (words.tokens_in_and_out)(&short(total.prompt_tokens), &short(total.completion_tokens));
    let tokens = match total.cached_tokens {
        0 => in_and_out,
        cached => format!("{in_and_out}, {}", (words.cached)(&short(cached))),
    };
    let exact = money::exact(total.cost);
    let tiles = [
        (
            words.money,
            total.money(),
            Some(exact).filter(|exact| total.cost > 0 && *exact != total.money()),
        ),
        (words.tokens, format!("{}{}", total.about(), short(total.tokens())), Some(tokens)),
        (words.calls, short(total.calls), (total.failed > 0).then(|| (words.failed)(total.failed))),
        (
            words.first_token,
            half.map_or_else(|| "–".to_owned(), seconds),
            most.map(|most| (words.most_short)(&seconds(most))),
        ),
    ];
    view! {
        <dl class="tiles">
            {tiles
                .into_iter()
                .map(|(name, value, more)| {
                    view! {
                        <div>
                            <dt>{name}</dt>
                            <dd>
                                <b>{value}</b>
                                {more.map(|more| view! { <small>{more}</small> })}
                            </dd>
                        </div>
                    }
                })
                .collect_view()}
        </dl>
        {(total.estimated > 0).then(|| view! { <p class="effect">{(words.estimated)(total.estimated)}</p> })}
        {(total.unpriced > 0).then(|| view! { <p class="effect">{(words.unpriced)(total.unpriced)}</p> })}
    }
}

/// When calls failed, and why the last of them did.
#[component]
fn Failures(
    words: &'static UsageWords,
    columns: Columns,
    failures: Vec<RecentFailure>,
) -> impl IntoView {
    let none = columns.is_empty();
    let told = language::words().failure;
    let words_of = move |failure| match failure {
        ToldFailure::Failure(failure) => told(&failure).0,
        ToldFailure::Words(words) => words,
    };
    view! {
        <section>
            <h2>{words.failures}</h2>
            {match none {
                true => leptos::either::Either::Left(view! { <p>{words.no_failures}</p> }),
                false => leptos::either::Either::Right(view! { <Chart words columns show=short /> }),
            }}
            {(!failures.is_empty())
                .then(|| {
                    view! {
                        <h3>{words.latest_failures}</h3>
                        <div class="wide">
                            <table class="numbers words">
                                <thead>
                                    <tr>
                                        <th scope="col">{words.time}</th>
                                        <th scope="col">{words.model}</th>
                                        <th scope="col">{words.what_happened}</th>
                                    </tr>
                                </thead>
                                <tbody>
                                    {failures
                                        .into_iter()
                                        .map(|failure| {
                                            view! {
                                                <tr>
                                                    <td>{chat::usage::local_time(failure.started_at)}</td>
                                                    <td dir="auto">{failure.model}</td>
                                                    <td dir="auto">{words_of(failure.told)}</td>
                                                </tr>
                                            }
                                        })
                                        .collect_view()}
                                </tbody>
                            </table>
                        </div>
                    }
                })}
        </section>
    }
}
