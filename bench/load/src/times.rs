//! How long requests take, one after the other.

use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;

use crate::{
    LoadError,
    client::Client,
    delays::{Percentiles, percentiles},
    report,
};

/// How often each is sent.
pub const TIMES: usize = 50;

/// What was measured, for people and for machines.
#[derive(Default)]
pub struct Taken {
    rows: Vec<Vec<String>>,
    /// By what was asked for.
    pub results: serde_json::Map<String, serde_json::Value>,
}

impl Taken {
    /// Notes what [`times`] has measured.
    pub fn note(&mut self, what: &str, (times, bytes): (Percentiles, usize)) {
        let cells = [times.p50, times.p95, times.max, bytes as f64 / 1024.0];
        let cells = cells.into_iter().map(report::number);
        self.rows.push(std::iter::once(what.to_owned()).chain(cells).collect());
        self.results.insert(what.to_owned(), json!({"ms": times, "bytes": bytes}));
    }

    /// Prints it.
    pub fn show(&self) {
        report::table(&["", "p50", "p95", "max", "KB"], &self.rows);
    }
}

/// How long requests take, one after the other, and how long the last answer was. A form that has
/// no fields is a page.
pub async fn times(
    client: &mut Client,
    path: &str,
    form: &str,
) -> Result<(Percentiles, usize), LoadError> {
    let function = path.starts_with("/rpc/");
    let (method, accept) =
        if function { ("POST", "application/json") } else { ("GET", "text/html") };
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("accept", accept)];
    let headers = if function { &headers[..] } else { &headers[1..] };
    let mut taken = Vec::new();
    let mut bytes = 0;
    for _ in 0..TIMES {
        let begun = Instant::now();
        bytes = client.fetch(method, path, headers, form.to_owned()).await?.len();
        taken.push(u64::try_from(begun.elapsed().as_micros()).unwrap_or(u64::MAX));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok((percentiles(taken), bytes))
}
