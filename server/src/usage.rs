//! What was spent: the page with charts, and the same numbers as CSV.

use app::UsageQuery;
use axum::{
    extract::{Query, Request, State},
    response::Response,
};
use chat::usage::{Range, Sums};
use protocol::money;
use serde::Deserialize;

use crate::{
    disposition::download,
    pages::{self, failed},
    routes::App,
};

/// What the address may carry. A word that is not known means what holds without it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct AddressQuery {
    range: String,
    purpose: String,
    model: String,
}

impl From<AddressQuery> for UsageQuery {
    fn from(query: AddressQuery) -> Self {
        let AddressQuery { range, purpose, model } = query;
        Self { range: Range::from_word(&range).unwrap_or_default(), purpose, model }
    }
}

/// `GET /usage`.
pub async fn show(
    State(app): State<App>,
    Query(query): Query<AddressQuery>,
    request: Request,
) -> Response {
    let query = UsageQuery::from(query);
    let look = pages::look(request.headers());
    let report = match app.chat.usage(query.range).await {
        Ok(report) => report,
        Err(error) => return failed(&error),
    };
    pages::render(app.assets.clone(), request, move |assets| {
        app::usage_page(assets, look, query.clone(), report.clone())
    })
    .await
}

/// `GET /usage.csv`: the sums that the page is drawn from.
pub async fn csv(State(app): State<App>, Query(query): Query<AddressQuery>) -> Response {
    let query = UsageQuery::from(query);
    let report = match app.chat.usage(query.range).await {
        Ok(report) => report,
        Err(error) => return failed(&error),
    };
    let shown = report.sums.iter().filter(|sums| query.includes(&sums.purpose, &sums.model));
    match written(shown) {
        Ok(text) => download("text/csv; charset=utf-8", "usage.csv", text),
        Err(error) => failed(&error),
    }
}

const COLUMNS: [&str; 14] = [
    "time",
    "purpose",
    "person",
    "token",
    "provider",
    "model",
    "status",
    "calls",
    "calls_estimated",
    "input_tokens",
    "output_tokens",
    "cached_tokens",
    "reasoning_tokens",
    "cost_usd",
];

fn written<'a>(all: impl Iterator<Item = &'a Sums>) -> Result<Vec<u8>, csv::Error> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(COLUMNS)?;
    for sums in all {
        let names = [
            &sums.period,
            &sums.purpose,
            &sums.person,
            sums.token.as_ref().unwrap_or(&String::new()),
            &sums.provider,
            &sums.model,
            &sums.status,
        ]
        .map(|name| harmless(name));
        let counts = [
            sums.calls,
            sums.estimated,
            sums.prompt_tokens,
            sums.completion_tokens,
            sums.cached_tokens,
            sums.reasoning_tokens,
        ]
        .map(|count| count.to_string());
        let cost = money::exact(sums.cost).trim_start_matches('$').to_owned();
        csv.write_record(names.into_iter().chain(counts).chain([cost]))?;
    }
    csv.into_inner().map_err(|error| error.into_error().into())
}

/// A name that a spreadsheet does not take for a formula. Some upstreams choose their models' names.
fn harmless(name: &str) -> String {
    match name.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{name}"),
        false => name.to_owned(),
    }
}
