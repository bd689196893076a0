//! Memory at rest, under load, and after many answers have come and gone.

use std::time::Duration;

use serde_json::json;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

use crate::{
    Bench, LoadError,
    answers::{ask, size},
    client::{self, Client},
    process::{self, Taken},
    report, servers,
    upstream::Script,
};

/// How many people ask all the time.
const PEOPLE: usize = 50;

/// Runs the bench.
pub async fn run(bench: &Bench) -> Result<(), LoadError> {
    let length = Duration::from_secs(if bench.quick { 60 } else { 3_600 });
    let upstream = servers::upstream().await?;
    let begun = Instant::now();
    let server = servers::inglenook(&bench.inglenook, upstream.address, "").await?;
    let started_ms = begun.elapsed().as_secs_f64() * 1_000.0;
    let first = Instant::now();
    Client::connect(server.address)
        .await?
        .fetch("GET", "/", &[("accept", "text/html")], "")
        .await?;
    let first_page_ms = first.elapsed().as_secs_f64() * 1_000.0;
    sleep(Duration::from_secs(3)).await;
    let mut rows: Vec<(String, Taken)> = vec![("at rest".to_owned(), process::taken(server.id()))];

    let mut people = JoinSet::new();
    let until = Instant::now() + length;
    for _ in 0..PEOPLE {
        let address = server.address;
        people.spawn(async move {
            let mut answers = 0_u64;
            while Instant::now() < until {
                let mut client = Client::connect(address).await?;
                let answer = ask(&mut client, Script { deltas: 200, pace: 100 }).await?;
                let path = format!("/api/answers/{answer}/events");
                let response =
                    client.send("GET", &path, &[("accept", "text/event-stream")], "").await?;
                client::read(response).await?;
                client.fetch("GET", "/", &[("accept", "text/html")], "").await?;
                answers += 1;
            }
            Ok::<_, LoadError>(answers)
        });
    }
    for part in 1..=4_u32 {
        sleep(length / 4).await;
        rows.push((
            format!("after {} s", (length * part / 4).as_secs()),
            process::taken(server.id()),
        ));
    }
    let mut answers = 0;
    while let Some(person) = people.join_next().await {
        answers += person.ok().and_then(Result::ok).unwrap_or_default();
    }
    sleep(Duration::from_secs(10)).await;
    rows.push(("at rest again".to_owned(), process::taken(server.id())));

    println!("\nmemory while {PEOPLE} people ask without a pause: {answers} answers of 200 deltas");
    println!("start to listening {started_ms:.0} ms, first page {first_page_ms:.0} ms");
    let cells = |taken: &Taken| [taken.memory_mb, taken.peak_mb, taken.cpu_s].map(report::number);
    let table: Vec<Vec<String>> = rows
        .iter()
        .map(|(when, taken)| std::iter::once(when.clone()).chain(cells(taken)).collect())
        .collect();
    report::table(&["", "MB", "peak MB", "CPU s"], &table);
    let steps: Vec<_> =
        rows.iter().map(|(when, taken)| json!({"when": when, "taken": taken})).collect();
    let result = json!({
        "bench": "memory", "people": PEOPLE, "answers": answers, "started_ms": started_ms,
        "first_page_ms": first_page_ms, "steps": steps,
        "database_bytes": size(&server.folder.path().join("data")),
    });
    report::keep(&bench.out, result)
}
