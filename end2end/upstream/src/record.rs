//! What the upstream was sent, and how each request ended.

use std::{collections::BTreeMap, time::Instant};

use axum::http::HeaderMap;
use serde::Serialize;
use serde_json::Value;
use tokio::sync::watch;

/// A request to the API.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Recorded {
    /// The path, such as `/v1/chat/completions`.
    pub path: String,
    /// The headers, by their names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The body as JSON, or as a text if it is none.
    pub body: Value,
    /// How it ended, if it has.
    pub ending: Ending,
    /// When it ended, in milliseconds since it came.
    pub ended_after_ms: Option<u64>,
}

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// It is still being answered.
    Open,
    /// Its script was played to the end.
    Played,
    /// The client closed the connection before the end of the script.
    Closed,
}

/// All requests so far, in the order they came. Clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Record {
    requests: watch::Sender<Vec<Recorded>>,
}

impl Record {
    pub(crate) fn requests(&self) -> Vec<Recorded> {
        self.requests.borrow().clone()
    }

    /// Adds a request. It counts as closed by the client once the returned value is dropped,
    /// unless it was said before that its script was played.
    pub(crate) fn add(&self, path: &str, headers: &HeaderMap, body: Value) -> Ongoing {
        let headers = headers
            .iter()
            .map(|(name, value)| {
                (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
            })
            .collect();
        let path = path.to_owned();
        let request = Recorded { path, headers, body, ending: Ending::Open, ended_after_ms: None };
        let mut index = 0;
        self.requests.send_modify(|requests| {
            index = requests.len();
            requests.push(request);
        });
        Ongoing { record: self.clone(), index, since: Instant::now() }
    }

    /// Waits until the request is there and fulfils a condition.
    pub(crate) async fn wait(&self, index: usize, fulfils: impl Fn(&Recorded) -> bool) -> Recorded {
        let mut requests = self.requests.subscribe();
        let requests = requests
            .wait_for(|requests| requests.get(index).is_some_and(&fulfils))
            .await
            .expect("the sender is held by self");
        requests[index].clone()
    }

    fn end(&self, ongoing: &Ongoing, ending: Ending) {
        self.requests.send_if_modified(|requests| {
            let request = &mut requests[ongoing.index];
            let open = request.ending == Ending::Open;
            if open {
                request.ending = ending;
                request.ended_after_ms = u64::try_from(ongoing.since.elapsed().as_millis()).ok();
            }
            open
        });
    }
}

/// A request that is being answered.
#[derive(Debug)]
pub(crate) struct Ongoing {
    record: Record,
    index: usize,
    since: Instant,
}

impl Ongoing {
    pub(crate) fn played(&self) {
        self.record.end(self, Ending::Played);
    }
}

impl Drop for Ongoing {
    fn drop(&mut self) {
        self.record.end(self, Ending::Closed);
    }
}
