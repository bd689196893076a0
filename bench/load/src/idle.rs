//! Event streams that are open while nothing happens: what each holds, and what it costs to keep them open,
//! which is a comment each quarter of a minute.

use std::time::Duration;

use serde_json::json;
use tokio::{task::JoinSet, time::sleep};

use crate::{Bench, LoadError, client::Client, process, report, servers};
use http_body_util::BodyExt;

/// How many connections are opened at once.
const AT_ONCE: usize = 200;

/// Runs the bench. Each stream needs a file descriptor here and one in the server.
pub async fn run(bench: &Bench) -> Result<(), LoadError> {
    let (streams, watched) = match bench.quick {
        true => (1_000, Duration::from_secs(10)),
        false => (10_000, Duration::from_secs(60)),
    };
    let upstream = servers::upstream().await?;
    let server = servers::inglenook(&bench.inglenook, upstream.address).await?;
    sleep(Duration::from_secs(2)).await;
    let rest = process::taken(server.id());

    let mut open = JoinSet::new();
    let mut readers = JoinSet::new();
    let (mut opened, mut failed) = (0_usize, 0_usize);
    let mut begun = 0;
    while opened + failed < streams {
        while begun < streams && open.len() < AT_ONCE {
            let address = server.address;
            open.spawn(async move {
                let mut client = Client::connect(address).await?;
                let headers = [("accept", "text/event-stream")];
                let response = client.send("GET", "/api/events", &headers, "").await?;
                Ok::<_, LoadError>((client, response))
            });
            begun += 1;
        }
        match open.join_next().await {
            Some(Ok(Ok((client, response)))) => {
                opened += 1;
                readers.spawn(async move {
                    let mut body = response.into_body();
                    while let Some(Ok(_)) = body.frame().await {}
                    drop(client);
                });
            }
            _ => failed += 1,
        }
    }
    sleep(Duration::from_secs(3)).await;
    let full = process::taken(server.id());
    sleep(watched).await;
    let later = process::taken(server.id());
    let still_open = readers.len() - std::iter::from_fn(|| readers.try_join_next()).count();
    readers.abort_all();

    let each_kb = (full.memory_mb - rest.memory_mb) * 1024.0 / opened.max(1) as f64;
    let cores = (later.cpu_s - full.cpu_s) / watched.as_secs_f64();
    println!("\n{opened} open event streams, watched for {} s", watched.as_secs());
    let row =
        [rest.memory_mb, full.memory_mb, each_kb, cores * 100.0, still_open as f64, failed as f64];
    let headings = ["MB at rest", "MB", "KB each", "CPU %", "still open", "failed"];
    report::table(&headings, &[row.into_iter().map(report::number).collect()]);
    let result = json!({
        "bench": "idle", "streams": opened, "failed": failed, "still_open": still_open,
        "at_rest": rest, "open": full, "kb_each": each_kb, "cpu_cores": cores,
        "watched_s": watched.as_secs(),
    });
    report::keep(&bench.out, result)
}
