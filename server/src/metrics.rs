//! `GET /metrics`: how the server does, in the text format of Prometheus
//! (<https://prometheus.io/docs/instrumenting/exposition_formats/>).
//!
//! It is behind the gate, since it tells what is spent at whom. A key is named by its place and its
//! last four characters, and is nowhere in it.

use std::{fmt::Display, time::UNIX_EPOCH};

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use chat::{
    ledger::{CallKind, CallSum},
    upstream::{KeyState, ProviderHealth},
};

use crate::{pages, routes::App};

/// The version of the format.
const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// For what there is only one of.
const NO_LABELS: &[(&str, &str)] = &[];

/// The ledger counts in the former.
const PICODOLLARS_IN_A_DOLLAR: f64 = 1e12;

/// `GET /metrics`.
pub async fn show(State(app): State<App>) -> Response {
    let calls = match app.chat.call_sums().await {
        Ok(calls) => calls,
        Err(error) => return pages::failed(&error),
    };
    let mut text = Exposition::default();
    about_the_server(&mut text, &app);
    about_calls(&mut text, &calls);
    about_keys(&mut text, &app.chat.provider_health());
    ([(header::CONTENT_TYPE, CONTENT_TYPE)], text.text).into_response()
}

fn about_the_server(text: &mut Exposition, app: &App) {
    text.family("inglenook_build_info", "gauge", "The version that runs.");
    text.sample(&[("version", env!("CARGO_PKG_VERSION"))], 1);
    if let Ok(since) = app.started_at.duration_since(UNIX_EPOCH) {
        text.family(
            "process_start_time_seconds",
            "gauge",
            "When the server started, in Unix time.",
        );
        text.sample(NO_LABELS, since.as_secs());
    }
    if let Some(bytes) = resident_bytes() {
        text.family("process_resident_memory_bytes", "gauge", "Memory that the server holds.");
        text.sample(NO_LABELS, bytes);
    }
    text.family("inglenook_open_answers", "gauge", "Answers that are being written.");
    text.sample(NO_LABELS, app.chat.open_answers());
    text.family("inglenook_open_event_streams", "gauge", "Event streams that pages listen to.");
    text.sample(NO_LABELS, app.event_streams.count());
    text.family("inglenook_store_commits_total", "counter", "Writes committed since the start.");
    text.sample(NO_LABELS, app.chat.commits());
}

fn about_calls(text: &mut Exposition, calls: &[(CallKind, CallSum)]) {
    let labels = |kind: &CallKind| {
        [
            ("provider", kind.provider.clone()),
            ("model", kind.model.clone()),
            ("purpose", kind.purpose.clone()),
            ("status", kind.status.clone()),
        ]
    };
    text.family("inglenook_calls_total", "counter", "Calls to providers that have ended.");
    for (kind, sum) in calls {
        text.sample(&labels(kind), sum.calls);
    }
    text.family("inglenook_prompt_tokens_total", "counter", "Tokens of requests.");
    for (kind, sum) in calls {
        text.sample(&labels(kind), sum.prompt_tokens);
    }
    text.family("inglenook_completion_tokens_total", "counter", "Tokens of answers.");
    for (kind, sum) in calls {
        text.sample(&labels(kind), sum.completion_tokens);
    }
    text.family("inglenook_cost_dollars_total", "counter", "US dollars, where prices are known.");
    for (kind, sum) in calls {
        text.sample(&labels(kind), sum.cost as f64 / PICODOLLARS_IN_A_DOLLAR);
    }
}

fn about_keys(text: &mut Exposition, providers: &[ProviderHealth]) {
    text.family(
        "inglenook_provider_reachable",
        "gauge",
        "0 while a provider is passed over because connections to it failed.",
    );
    for provider in providers {
        let reachable = u8::from(provider.unreachable_for.is_none());
        text.sample(&[("provider", &provider.provider)], reachable);
    }
    let keys = || {
        providers.iter().flat_map(|provider| {
            provider.keys.iter().enumerate().map(|(index, key)| {
                let labels = [
                    ("provider", provider.provider.clone()),
                    ("index", index.to_string()),
                    ("key", key.ending.clone().unwrap_or_default()),
                ];
                (labels, key)
            })
        })
    };
    text.family("inglenook_key_open_requests", "gauge", "Requests that a key serves now.");
    for (labels, key) in keys() {
        text.sample(&labels, key.open);
    }
    text.family(
        "inglenook_key_state",
        "gauge",
        "1 for the state that a key is in: healthy, backing_off or parked.",
    );
    for (labels, key) in keys() {
        let now = match key.state {
            KeyState::Healthy => "healthy",
            KeyState::BackingOff { .. } => "backing_off",
            KeyState::Parked { .. } => "parked",
        };
        for state in ["healthy", "backing_off", "parked"] {
            let [provider, index, ending] = labels.clone();
            let labels = [provider, index, ending, ("state", state.to_owned())];
            text.sample(&labels, u8::from(state == now));
        }
    }
}

/// The memory that the process holds, where the system says so.
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}

/// The text, family by family.
#[derive(Default)]
struct Exposition {
    text: String,
    /// The family that is being written.
    family: &'static str,
}

impl Exposition {
    /// Begins a family, to which the samples after it belong.
    fn family(&mut self, name: &'static str, kind: &str, help: &str) {
        self.text.push_str(&format!("# HELP {name} {help}\n# TYPE {name} {kind}\n"));
        self.family = name;
    }

    fn sample<V: AsRef<str>>(&mut self, labels: &[(&str, V)], value: impl Display) {
        let labels: Vec<String> = labels
            .iter()
            .map(|(name, value)| format!("{name}=\"{}\"", escaped(value.as_ref())))
            .collect();
        self.text.push_str(self.family);
        if !labels.is_empty() {
            self.text.push_str(&format!("{{{}}}", labels.join(",")));
        }
        self.text.push_str(&format!(" {value}\n"));
    }
}

/// The value of a label. Names of models come from outside.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_cannot_break_out_of_its_line() {
        let mut text = Exposition::default();
        text.family("a_total", "counter", "Some.");
        text.sample(&[("model", "x\"} 1\nb_total \\")], 2);
        assert_eq!(
            text.text,
            "# HELP a_total Some.\n# TYPE a_total counter\n\
             a_total{model=\"x\\\"} 1\\nb_total \\\\\"} 2\n"
        );
    }
}
