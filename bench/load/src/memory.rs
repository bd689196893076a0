//! Memory at rest, under load, and after many answers have come and gone.

use std::{net::SocketAddr, time::Duration};

use serde_json::json;
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

use crate::{
    Bench, LoadError,
    answers::{ask, open, size},
    client::{self, Client},
    process::{self, Taken},
    report, servers,
    upstream::Script,
};

/// How many people ask all the time.
const PEOPLE: usize = 50;

/// What they ask for.
const SCRIPT: Script = Script { deltas: 200, pace: 100 };

/// What one of them has had.
#[derive(Default)]
struct Person {
    answers: u64,
    failed: u64,
    lost: u64,
}

impl Person {
    /// Has one question answered, and opens the first page again.
    async fn ask_and_read(&mut self, address: SocketAddr) -> Result<(), LoadError> {
        let mut client = Client::connect(address).await?;
        let answer = ask(&mut client, SCRIPT).await?;
        let response = open(&mut client, &answer).await?;
        self.lost += SCRIPT.deltas - client::read(response).await?.sequence.seen;
        client.fetch("GET", "/", &[("accept", "text/html")], "").await?;
        Ok(())
    }
}

/// Runs the bench.
pub async fn run(bench: &Bench) -> Result<(), LoadError> {
    let length = Duration::from_secs(if bench.quick { 60 } else { 3_600 });
    let upstream = servers::upstream().await?;
    let begun = Instant::now();
    let server = servers::inglenook(&bench.inglenook, upstream.address).await?;
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
            let mut person = Person::default();
            while Instant::now() < until {
                match person.ask_and_read(address).await {
                    Ok(()) => person.answers += 1,
                    Err(_) => {
                        person.failed += 1;
                        sleep(Duration::from_secs(1)).await;
                    }
                }
            }
            person
        });
    }
    for part in 1..=4_u32 {
        sleep(length / 4).await;
        rows.push((
            format!("after {} s", (length * part / 4).as_secs()),
            process::taken(server.id()),
        ));
    }
    let people = people.join_all().await;
    let sum = |of: fn(&Person) -> u64| people.iter().map(of).sum::<u64>();
    let (answers, failed, lost) = (sum(|p| p.answers), sum(|p| p.failed), sum(|p| p.lost));
    sleep(Duration::from_secs(10)).await;
    rows.push(("at rest again".to_owned(), process::taken(server.id())));

    println!("\nmemory while {PEOPLE} people ask without a pause: {answers} answers of 200 deltas");
    println!("{lost} deltas lost, {failed} times something failed");
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
        "bench": "memory", "people": PEOPLE, "answers": answers, "failed": failed, "lost": lost,
        "started_ms": started_ms, "first_page_ms": first_page_ms, "steps": steps,
        "database_bytes": size(&server.folder.path().join("data")),
    });
    report::keep(&bench.out, result)
}
