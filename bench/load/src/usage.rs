//! What was spent, over a ledger of a million calls: the page, the CSV and the metrics.

use std::{path::Path, time::Instant};

use serde_json::json;
use sqlx::{Connection, SqliteConnection, migrate::Migrator, sqlite::SqliteConnectOptions};

use crate::{
    Bench, LoadError,
    client::Client,
    process, report, servers,
    times::{TIMES, Taken, times},
};

/// How many calls there are, spread over a year.
const CALLS: i64 = 1_000_000;

/// From this version on the server keeps sums over the ledger. The calls are stored as an older
/// version would have, so that the sums are the server's own.
const FIRST_WITH_SUMS: i64 = 6;

const MIGRATIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../chat/migrations");

/// Runs the bench.
pub async fn run(bench: &Bench) -> Result<(), LoadError> {
    let folder = tempfile::tempdir()?;
    let filling = Instant::now();
    fill(&folder.path().join("data")).await?;
    let filled_s = filling.elapsed().as_secs_f64();
    let upstream = servers::upstream().await?;
    let starting = Instant::now();
    let server = servers::inglenook_in(folder, &bench.inglenook, upstream.address).await?;
    let summed_s = starting.elapsed().as_secs_f64();
    println!(
        "\n{CALLS} calls, stored in {filled_s:.1} s and summed by the first start in {summed_s:.1} s; \
         ms of {TIMES} requests each"
    );
    let mut client = Client::connect(server.address).await?;
    let mut taken = Taken::default();
    for range in ["today", "7d", "30d", "12m"] {
        for page in ["/usage", "/usage.csv"] {
            let path = format!("{page}?range={range}");
            taken.note(&path, times(&mut client, &path, "").await?);
        }
    }
    taken.note("/metrics", times(&mut client, "/metrics", "").await?);
    taken.show();
    let result = json!({
        "bench": "usage", "calls": CALLS, "filled_s": filled_s, "summed_s": summed_s,
        "questions": taken.results, "server": process::taken(server.id()),
    });
    report::keep(&bench.out, result)
}

/// Makes a database whose ledger holds a year of two people, three tokens, four purposes and eight
/// models.
async fn fill(data: &Path) -> Result<(), LoadError> {
    std::fs::create_dir_all(data)?;
    let file = data.join("inglenook.db");
    let options = SqliteConnectOptions::new().filename(file).create_if_missing(true);
    let mut database = SqliteConnection::connect_with(&options).await?;
    let older = |version: i64| version < FIRST_WITH_SUMS;
    let all = Migrator::new(Path::new(MIGRATIONS)).await?;
    let older = all.iter().filter(|migration| older(migration.version)).cloned().collect();
    Migrator::with_migrations(older).run(&mut database).await?;
    const STATEMENTS: [&str; 3] = [
        "INSERT INTO people (id, name, created_at) VALUES (2, 'second', 0)",
        "INSERT INTO api_tokens (id, person_id, name, token_hash, ending, scopes, created_at)
             VALUES (1, 1, 'editor', x'0a', 'aaaa', '[]', 0), (2, 1, 'script', x'0b', 'bbbb', '[]', 0),
                 (3, 2, 'phone', x'0c', 'cccc', '[]', 0)",
        // Multiplied by primes, the numbers of the calls spread over all combinations.
        "WITH RECURSIVE calls (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM calls WHERE n < ?1)
         INSERT INTO ledger (started_at, purpose, person_id, token_id, provider, model, status,
             failure, prompt_tokens, completion_tokens, estimated, cost, first_token_ms, total_ms)
         SELECT 1000 * unixepoch() - (?1 - n) * (365 * 86400000 / ?1),
             CASE n * 7 % 10 WHEN 0 THEN 'title' WHEN 1 THEN 'choice' WHEN 2 THEN 'relay'
                 WHEN 3 THEN 'relay' WHEN 4 THEN 'relay' ELSE 'chat' END,
             1 + n * 13 % 3 / 2,
             CASE WHEN n * 7 % 10 BETWEEN 2 AND 4 THEN 1 + n * 11 % 3 END,
             'provider-' || (n * 17 % 8 / 4), 'model-' || (n * 17 % 8),
             CASE n * 19 % 50 WHEN 0 THEN 'failed' WHEN 1 THEN 'stopped' ELSE 'finished' END,
             CASE n * 19 % 50 WHEN 0 THEN 'The provider did not answer.' END,
             n * 23 % 5000, n * 29 % 900, n % 20 = 0, n * 31 % 90000000,
             100 + n * 37 % 4000, 4000 + n * 41 % 9000
         FROM calls",
    ];
    for statement in STATEMENTS {
        sqlx::query(statement).bind(CALLS).execute(&mut database).await?;
    }
    database.close().await?;
    Ok(())
}
