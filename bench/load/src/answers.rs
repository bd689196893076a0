//! Answers on the page's own path: each delta is stored, then published to whoever follows.

use std::{fs, net::SocketAddr, path::Path, time::Duration};

use hyper::{Response, body::Incoming};
use serde::Serialize;
use serde_json::{Value, json};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, sleep, timeout},
};

use crate::{
    Bench, LoadError,
    client::{self, Client, Read},
    delays::{Percentiles, median, percentiles},
    marker, process, report, servers,
    upstream::Script,
};

/// How long the last of many answers may take to begin and end beyond its script.
const SLACK: Duration = Duration::from_secs(60);

/// How many answers are written at once, and how many readers follow each.
#[derive(Clone, Copy)]
struct Load {
    answers: usize,
    readers: usize,
}

/// What came of one load.
#[derive(Debug, Clone, Serialize)]
struct Round {
    delay_ms: Percentiles,
    direct_ms: Percentiles,
    deltas_per_s: f64,
    commits_per_s: f64,
    lost: u64,
    out_of_order: u64,
    failed: u64,
    /// Deltas that are not in the answers when they are read once more after their end.
    not_stored: u64,
    cpu_share: f64,
    database_bytes_per_delta: f64,
    memory_mb: f64,
}

/// Runs the bench.
pub async fn run(bench: &Bench) -> Result<(), LoadError> {
    let (rounds, seconds) = if bench.quick { (1, 5) } else { (3, 20) };
    let mut results = Vec::new();
    println!(
        "\nanswers at 20 deltas/s, stored and then published: delays in ms, medians of {rounds} rounds"
    );
    let mut rows = Vec::new();
    for load in [
        Load { answers: 1, readers: 1 },
        Load { answers: 100, readers: 1 },
        Load { answers: 1_000, readers: 1 },
        Load { answers: 1, readers: 10 },
        Load { answers: 100, readers: 10 },
        Load { answers: 1_000, readers: 10 },
    ] {
        let mut measured = Vec::new();
        for _ in 0..rounds {
            measured.push(measure(bench, load, Script { deltas: 20 * seconds, pace: 20 }).await?);
        }
        let of = |which: fn(&Round) -> f64| median(measured.iter().map(which));
        rows.push(
            std::iter::once(format!("{} x {}", load.answers, load.readers))
                .chain(
                    [
                        of(|r| r.delay_ms.p50),
                        of(|r| r.delay_ms.p50 - r.direct_ms.p50),
                        of(|r| r.delay_ms.p95),
                        of(|r| r.delay_ms.p99),
                        of(|r| r.delay_ms.max),
                        of(|r| r.deltas_per_s),
                        of(|r| r.commits_per_s),
                        measured.iter().map(|r| (r.lost + r.out_of_order) as f64).sum(),
                        measured.iter().map(|r| r.failed as f64).sum(),
                        measured.iter().map(|r| r.not_stored as f64).sum(),
                        of(|r| r.cpu_share),
                        of(|r| r.database_bytes_per_delta),
                        of(|r| r.memory_mb),
                    ]
                    .into_iter()
                    .map(report::number),
                )
                .collect(),
        );
        results.push(json!({
            "answers": load.answers, "readers": load.readers, "rounds": measured,
        }));
    }
    let headings = [
        "answers x readers",
        "p50",
        "added",
        "p95",
        "p99",
        "max",
        "deltas/s",
        "commits/s",
        "lost",
        "failed",
        "not stored",
        "cores",
        "DB bytes/delta",
        "MB",
    ];
    report::table(&headings, &rows);
    report::keep(&bench.out, json!({"bench": "answers", "rounds": rounds, "loads": results}))
}

async fn measure(bench: &Bench, load: Load, script: Script) -> Result<Round, LoadError> {
    let upstream = servers::upstream().await?;
    let server = servers::inglenook(&bench.inglenook, upstream.address).await?;
    let data = server.folder.path().join("data");
    let direct_ms = direct(upstream.address).await?;
    let mut asking = Client::connect(server.address).await?;
    let (before, size_before) = (process::taken(server.id()), size(&data));
    let commits_before = commits(&mut asking).await?;
    let begun = Instant::now();
    let longest = Duration::from_secs(script.deltas / script.pace) + SLACK;
    // Delays count from when the last answer is followed: until then the machine is busy with asking.
    let (all_follow, following) = watch::channel(0_u64);
    let mut readers = JoinSet::new();
    let mut answers = Vec::new();
    let mut lost_before_reading = 0;
    for _ in 0..load.answers {
        let Ok(answer) = ask(&mut asking, script).await else {
            lost_before_reading += load.readers as u64;
            continue;
        };
        for _ in 0..load.readers {
            let (address, answer, following) = (server.address, answer.clone(), following.clone());
            readers
                .spawn(async move { timeout(longest, follow(address, &answer, following)).await });
        }
        answers.push(answer);
    }
    sleep(Duration::from_millis(200)).await;
    all_follow.send_replace(marker::now_us());
    let (mut seen, mut out_of_order, mut failed) = (0, 0, lost_before_reading);
    let mut delays = Vec::new();
    while let Some(joined) = readers.join_next().await {
        let Ok(Ok(Ok((since, read)))) = joined else {
            failed += 1;
            continue;
        };
        seen += read.sequence.seen;
        out_of_order += read.sequence.wrong;
        failed += u64::from(!read.ended);
        delays.extend(read.delays.into_iter().filter(|(sent, _)| *sent >= since).map(|(_, d)| d));
    }
    let seconds = begun.elapsed().as_secs_f64();
    let after = process::taken(server.id());
    let committed = commits(&mut asking).await? - commits_before;
    let grown = size(&data).saturating_sub(size_before) as f64;
    let mut stored = 0;
    for answer in &answers {
        let response = open(&mut asking, answer).await?;
        stored += client::read(response).await?.sequence.seen;
    }
    let deltas = (load.answers as u64 * script.deltas) as f64;
    Ok(Round {
        delay_ms: percentiles(delays),
        direct_ms,
        deltas_per_s: deltas / seconds,
        commits_per_s: committed / seconds,
        lost: (load.answers * load.readers) as u64 * script.deltas - seen,
        out_of_order,
        failed,
        not_stored: load.answers as u64 * script.deltas - stored,
        cpu_share: (after.cpu_s - before.cpu_s) / seconds,
        database_bytes_per_delta: grown / deltas,
        memory_mb: after.memory_mb,
    })
}

/// The delay of one stream from the upstream itself, on this machine at this moment.
async fn direct(upstream: SocketAddr) -> Result<Percentiles, LoadError> {
    let script = Script { deltas: 40, pace: 20 };
    let body = json!({"model": script.model(), "messages": [], "stream": true}).to_string();
    let mut client = Client::connect(upstream).await?;
    let response = client.send("POST", "/v1/chat/completions", &[], body).await?;
    let read = client::read(response).await?;
    Ok(percentiles(read.delays.into_iter().map(|(_, delay)| delay).collect()))
}

/// Asks in a new conversation, as the page does. Returns the answer's id.
pub async fn ask(client: &mut Client, script: Script) -> Result<String, LoadError> {
    let form = format!("text=Say+it.&model=load%2F{}", script.model());
    let headers =
        [("content-type", "application/x-www-form-urlencoded"), ("accept", "application/json")];
    let reply = client.fetch("POST", "/rpc/ask", &headers, form).await?;
    let asked: Value = serde_json::from_slice(&reply).unwrap_or_default();
    let unexpected = || LoadError::Unexpected {
        what: "the id of an answer",
        found: String::from_utf8_lossy(&reply).into_owned(),
    };
    asked["answer"].as_str().map(str::to_owned).ok_or_else(unexpected)
}

/// Follows an answer to its end. Returns from when on its delays count, too.
async fn follow(
    address: SocketAddr,
    answer: &str,
    following: watch::Receiver<u64>,
) -> Result<(u64, Read), LoadError> {
    let mut client = Client::connect(address).await?;
    let response = open(&mut client, answer).await?;
    let read = client::read(response).await?;
    let since = *following.borrow();
    Ok((since, read))
}

/// Asks for the events of an answer, from its beginning.
pub async fn open(client: &mut Client, answer: &str) -> Result<Response<Incoming>, LoadError> {
    let path = format!("/api/answers/{answer}/events");
    client.send("GET", &path, &[("accept", "text/event-stream")], "").await
}

/// How many writes the server has committed, by its own count.
async fn commits(client: &mut Client) -> Result<f64, LoadError> {
    let metrics = client.fetch("GET", "/metrics", &[], "").await?;
    let metrics = String::from_utf8_lossy(&metrics);
    let counted =
        metrics.lines().find_map(|line| line.strip_prefix("inglenook_store_commits_total "));
    counted.and_then(|count| count.parse().ok()).ok_or_else(|| LoadError::Unexpected {
        what: "a count of commits",
        found: metrics.chars().take(300).collect(),
    })
}

/// The bytes of all files in a folder and below.
pub fn size(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(about) if about.is_dir() => size(&entry.path()),
            Ok(about) => about.len(),
            Err(_) => 0,
        })
        .sum()
}
