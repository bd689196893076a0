//! Streams through the relay, beside the upstream itself and other relays, in turn.

use std::{net::SocketAddr, time::Duration};

use serde::Serialize;
use serde_json::{Value, json};
use tokio::{
    task::JoinSet,
    time::{Instant, interval, sleep, timeout},
};

use crate::{
    Bench, LoadError, Peers,
    client::{self, Client, Read},
    delays::{Percentiles, median, percentiles},
    marker,
    process::{self, Taken},
    report,
    servers::{self, Server, TOKEN},
    upstream::Script,
};

/// How much longer than its script a stream may take before it is cut.
const SLACK: Duration = Duration::from_secs(30);

/// Over how long streams begin, so that they do not all speak in the same millisecond.
const RAMP: Duration = Duration::from_secs(1);

/// How often it is looked at how much memory a server takes.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// How long servers may go on with what was given up before the next one is measured beside them.
const LONGEST_AFTERWORK: Duration = Duration::from_secs(60);

/// How much of a core all servers together may take while nobody asks them.
const QUIET: f64 = 0.1;

/// What is measured: how many streams, saying what.
struct Load {
    streams: usize,
    script: Script,
}

/// A server that is measured.
struct Target {
    name: &'static str,
    server: Option<Server>,
    address: SocketAddr,
    /// What its clients identify themselves with. A program on the owner's own machine needs nothing.
    token: Option<&'static str>,
}

/// What one target did under one load in one round.
#[derive(Debug, Clone, Serialize)]
struct Round {
    delay_ms: Percentiles,
    first_event_ms: Percentiles,
    events_per_s: f64,
    lost: u64,
    out_of_order: u64,
    failed: u64,
    cpu_s_per_million_events: f64,
    /// The most that was seen while the streams were open.
    memory_mb: f64,
}

/// Runs the bench.
pub async fn run(bench: &Bench, peers: &Peers) -> Result<(), LoadError> {
    let upstream = servers::upstream().await?;
    let direct = upstream.address;
    let target = |name, server: Server, token| Target {
        name,
        address: server.address,
        server: Some(server),
        token,
    };
    let ours = servers::inglenook(&bench.inglenook, direct).await?;
    let mut targets = vec![
        Target { name: "direct", server: None, address: direct, token: Some(TOKEN) },
        target("inglenook", ours, None),
    ];
    if let Some(nginx) = &peers.nginx {
        targets.push(target("nginx", servers::nginx(nginx, direct).await?, Some(TOKEN)));
    }
    if let Some(litellm) = &peers.litellm {
        targets.push(target("litellm", servers::litellm(litellm, direct).await?, Some(TOKEN)));
    }
    let (rounds, seconds) = if bench.quick { (1, 3) } else { (3, 8) };
    let paced = |streams| Load { streams, script: Script { deltas: 20 * seconds, pace: 20 } };
    let full_speed = Load { streams: 8, script: Script { deltas: 2_000 * seconds, pace: 0 } };
    let mut results = Vec::new();
    for load in [paced(1), paced(100), paced(1_000), full_speed] {
        results.push(under(&load, &targets, rounds).await);
    }
    report::keep(&bench.out, json!({"bench": "relay", "rounds": rounds, "loads": results}))
}

/// Has every target carry a load, round by round, and prints the medians.
async fn under(load: &Load, targets: &[Target], rounds: usize) -> Value {
    let Load { streams, script } = load;
    let mut measured: Vec<Vec<Round>> = targets.iter().map(|_| Vec::new()).collect();
    for round in 0..rounds {
        for turn in 0..targets.len() {
            // Nobody always comes first.
            let turn = (turn + round) % targets.len();
            wait_for_quiet(targets).await;
            measured[turn].push(measure(&targets[turn], load).await);
        }
    }
    let pace = match script.pace {
        0 => "as fast as it goes".to_owned(),
        pace => format!("{pace} events/s each"),
    };
    println!("\n{streams} streams, {pace}: delays in ms, medians of {rounds} rounds");
    let headings = [
        "",
        "p50",
        "added",
        "p95",
        "added",
        "p99",
        "added",
        "max",
        "first event",
        "events/s",
        "lost",
        "failed",
        "CPU s/M",
        "MB",
    ];
    let of = |rounds: &[Round], which: fn(&Round) -> f64| median(rounds.iter().map(which));
    let direct = &measured[0];
    let added = |rounds: &[Round], which: fn(&Round) -> f64| {
        // Beside the direct stream of the same round, since the machine is never twice the same.
        median(rounds.iter().zip(direct).map(|(round, direct)| which(round) - which(direct)))
    };
    let rows: Vec<Vec<String>> = targets
        .iter()
        .zip(&measured)
        .map(|(target, rounds)| {
            let cells = [
                of(rounds, |r| r.delay_ms.p50),
                added(rounds, |r| r.delay_ms.p50),
                of(rounds, |r| r.delay_ms.p95),
                added(rounds, |r| r.delay_ms.p95),
                of(rounds, |r| r.delay_ms.p99),
                added(rounds, |r| r.delay_ms.p99),
                of(rounds, |r| r.delay_ms.max),
                of(rounds, |r| r.first_event_ms.p50),
                of(rounds, |r| r.events_per_s),
                rounds.iter().map(|r| (r.lost + r.out_of_order) as f64).sum(),
                rounds.iter().map(|r| r.failed as f64).sum(),
                of(rounds, |r| r.cpu_s_per_million_events),
                of(rounds, |r| r.memory_mb),
            ];
            let name = std::iter::once(target.name.to_owned());
            name.chain(cells.into_iter().map(report::number)).collect()
        })
        .collect();
    report::table(&headings, &rows);
    let targets: serde_json::Map<String, Value> = targets
        .iter()
        .zip(&measured)
        .map(|(target, rounds)| {
            let summary = json!({
                "added_p50_ms": added(rounds, |r| r.delay_ms.p50),
                "added_p95_ms": added(rounds, |r| r.delay_ms.p95),
                "added_p99_ms": added(rounds, |r| r.delay_ms.p99),
                "rounds": rounds,
            });
            (target.name.to_owned(), summary)
        })
        .collect();
    json!({
        "streams": streams, "deltas": script.deltas, "pace": script.pace, "targets": targets,
    })
}

/// Waits until nothing is left of the turn before: LiteLLM goes on for many seconds with streams that it has lost,
/// and whoever came next would be measured with it.
async fn wait_for_quiet(targets: &[Target]) {
    let taken = || -> f64 {
        let servers = targets.iter().filter_map(|target| target.server.as_ref());
        servers.map(|server| process::taken(server.id()).cpu_s).sum()
    };
    let begun = Instant::now();
    let mut before = taken();
    while begun.elapsed() < LONGEST_AFTERWORK {
        sleep(LOOK_EVERY).await;
        let now = taken();
        if now - before < QUIET * LOOK_EVERY.as_secs_f64() {
            return;
        }
        before = now;
    }
    eprintln!(
        "a server goes on with what nobody waits for, and the next one is measured beside it"
    );
}

async fn measure(target: &Target, load: &Load) -> Round {
    let taken = || target.server.as_ref().map(|server| process::taken(server.id()));
    let before = taken().unwrap_or_default();
    let begun = Instant::now();
    let mut streams = JoinSet::new();
    let longest = RAMP
        + SLACK
        + Duration::from_secs(load.script.deltas.checked_div(load.script.pace).unwrap_or(60));
    for index in 0..load.streams {
        let (address, script, token) = (target.address, load.script, target.token);
        let begin = RAMP.mul_f64(index as f64 / load.streams as f64);
        streams.spawn(async move {
            sleep(begin).await;
            timeout(longest, one(address, script, token)).await
        });
    }
    let mut delays = Vec::new();
    let mut firsts = Vec::new();
    let (mut seen, mut out_of_order, mut failed) = (0, 0, 0);
    let (mut memory_mb, mut looks) = (0.0_f64, interval(LOOK_EVERY));
    loop {
        let joined = tokio::select! {
            joined = streams.join_next() => joined,
            _ = looks.tick() => {
                // When the streams have ended, what they held is gone.
                memory_mb = memory_mb.max(taken().unwrap_or_default().memory_mb);
                continue;
            }
        };
        let Some(joined) = joined else { break };
        let Ok(Ok(Ok((asked, read)))) = joined else {
            failed += 1;
            continue;
        };
        seen += read.sequence.seen;
        out_of_order += read.sequence.wrong;
        failed += u64::from(!read.ended);
        firsts.extend(read.first_us.map(|first| first.saturating_sub(asked)));
        delays.extend(read.delays.into_iter().map(|(_, delay)| delay));
    }
    let seconds = begun.elapsed().as_secs_f64();
    let after: Taken = taken().unwrap_or_default();
    let events = seen as f64;
    Round {
        delay_ms: percentiles(delays),
        first_event_ms: percentiles(firsts),
        events_per_s: events / seconds,
        lost: load.streams as u64 * load.script.deltas - seen,
        out_of_order,
        failed,
        cpu_s_per_million_events: (after.cpu_s - before.cpu_s) * 1e6 / events.max(1.0),
        memory_mb,
    }
}

/// One request, read to its end. Returns when it was sent, too.
async fn one(
    address: SocketAddr,
    script: Script,
    token: Option<&str>,
) -> Result<(u64, Read), LoadError> {
    let mut client = Client::connect(address).await?;
    let body = json!({
        "model": script.model(),
        "messages": [{"role": "user", "content": "Say it."}],
        "stream": true,
        "stream_options": {"include_usage": true},
    });
    let authorization = token.map(|token| format!("Bearer {token}"));
    let mut headers = vec![("content-type", "application/json")];
    headers.extend(authorization.as_deref().map(|value| ("authorization", value)));
    let asked = marker::now_us();
    let response = client.send("POST", "/v1/chat/completions", &headers, body.to_string()).await?;
    Ok((asked, client::read(response).await?))
}
