//! What the database is asked: few statements for each delta, and none that reads a large table from
//! end to end, which is quick in every test and slow in a store of years.

#![expect(clippy::unwrap_used, reason = "these are tests, their helpers too")]

#[path = "answers/house.rs"]
#[expect(dead_code, reason = "the tests of answers need all of it")]
mod house;

use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

use house::{House, Script};
use regex::Regex;
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Row, SqliteConnection, migrate::Migrator,
    sqlite::SqliteConnectOptions,
};
use tracing::{Event, Metadata, Subscriber, span};

/// Tables with a row for each message or call.
const LARGE: [&str; 4] = ["messages", "answers", "ledger", "search_entries"];

/// Indexes of the few rows of a large table that somebody looks for.
const OF_FEW: [&str; 3] = ["answers_open", "ledger_open", "ledger_failed"];

/// The beginnings of statements that read all, once in each life of the server.
const AT_START: [&str; 1] = ["SELECT messages.conversation_id, messages.id, messages.content"];

/// The statements that stand in the sources of the store, each with its file.
fn statements() -> Vec<(String, String)> {
    let literal =
        Regex::new(r#"(?s)"((?:SELECT|WITH|UPDATE|DELETE|INSERT)\b(?:[^"\\]|\\.)*)""#).unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store");
    let mut statements = Vec::new();
    for file in fs::read_dir(folder).unwrap() {
        let file = file.unwrap();
        let source = fs::read_to_string(file.path()).unwrap();
        let name = file.file_name().to_string_lossy().into_owned();
        statements.extend(
            literal.captures_iter(&source).map(|written| (name.clone(), written[1].to_owned())),
        );
    }
    statements
}

/// The steps by which a statement would be run. See <https://sqlite.org/eqp.html>.
async fn plan(database: &mut SqliteConnection, statement: &str) -> Vec<String> {
    let explained = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {statement}"));
    let steps = sqlx::query(explained).fetch_all(database).await;
    let steps = steps.unwrap_or_else(|error| panic!("{error}: {statement}"));
    steps.iter().map(|step| step.get("detail")).collect()
}

/// The step that reads a large table from end to end, if there is one.
fn reads_all<'a>(statement: &str, plan: &'a [String]) -> Option<&'a String> {
    let sorts = plan.iter().any(|step| step.contains("TEMP B-TREE"));
    let ends_early = statement.trim_end().ends_with("LIMIT ?") && !sorts;
    plan.iter().find(|step| {
        let mut words = step.split(' ').skip_while(|word| *word != "SCAN").skip(1);
        let is_large = words.next().is_some_and(|table| LARGE.contains(&table));
        is_large && !ends_early && !words.any(|word| OF_FEW.contains(&word))
    })
}

/// A store without anything. Its statements are not among those that a test counts.
async fn empty_database() -> SqliteConnection {
    let options = SqliteConnectOptions::new().in_memory(true).disable_statement_logging();
    let mut database = options.connect().await.unwrap();
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations"));
    Migrator::new(folder).await.unwrap().run(&mut database).await.unwrap();
    database
}

#[tokio::test]
async fn no_statement_reads_a_large_table_from_end_to_end() {
    let mut database = empty_database().await;
    let mut planned = 0;
    for (file, statement) in statements() {
        // Some are put together as they are needed, of parts that cannot be planned alone.
        let lacks_values = statement.starts_with("INSERT")
            && !["VALUES", "SELECT"].iter().any(|word| statement.contains(word));
        let is_part = statement.contains('{') || lacks_values;
        if is_part || AT_START.iter().any(|beginning| statement.starts_with(beginning)) {
            continue;
        }
        let plan = plan(&mut database, &statement).await;
        let found = reads_all(&statement, &plan);
        assert_eq!(found, None, "{file}: {statement}");
        planned += 1;
    }
    assert!(planned > 100, "only {planned} statements were found");
}

/// A message or a conversation that is deleted takes along what refers to it. Without an index all rows are read for
/// each, to find that.
#[tokio::test]
async fn what_refers_to_something_else_is_found_by_an_index() {
    let mut database = empty_database().await;
    let references = "SELECT tables.name, refers.\"from\",
         EXISTS (SELECT 1 FROM pragma_index_list(tables.name) AS indexes
                 WHERE indexes.partial = 0 AND (SELECT name FROM pragma_index_info(indexes.name)
                                                WHERE seqno = 0) = refers.\"from\")
         FROM sqlite_schema AS tables JOIN pragma_foreign_key_list(tables.name) AS refers
         WHERE tables.type = 'table' AND refers.\"table\" IN ('conversations', 'messages', 'answers')";
    let references: Vec<(String, String, bool)> =
        sqlx::query_as(references).fetch_all(&mut database).await.unwrap();
    assert!(references.len() > 3, "{references:?}");
    let read: Vec<_> = references.iter().filter(|(_, _, is_indexed)| !is_indexed).collect();
    assert!(read.is_empty(), "{read:?}");
}

#[tokio::test]
async fn every_list_of_conversations_is_read_from_an_index_of_its_own() {
    let mut database = empty_database().await;
    let mut indexes = Vec::new();
    for (_, statement) in statements() {
        if statement.contains("FROM conversations") && statement.contains("ORDER BY updated_at") {
            let steps = plan(&mut database, &statement).await;
            let index = steps[0].split(' ').skip_while(|word| *word != "INDEX").nth(1);
            indexes.push(index.unwrap_or_default().to_owned());
        }
    }
    let lists = ["archived", "by_folder", "loose", "pinned"];
    indexes.sort();
    assert_eq!(indexes, lists.map(|list| format!("conversations_{list}")));
}

/// Counts the statements that the store has executed, as SQLx tells of them.
struct Statements;

static EXECUTED: AtomicU64 = AtomicU64::new(0);

impl Subscriber for Statements {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "sqlx::query"
    }

    fn event(&self, _: &Event<'_>) {
        EXECUTED.fetch_add(1, Ordering::Relaxed);
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

/// How many statements an answer takes whose deltas come one after the other.
async fn statements_for(house: &House, deltas: u64) -> u64 {
    let script = (0..deltas).fold(Script::new(), |script, _| script.delta("word ").pause(2)).end();
    let before = EXECUTED.load(Ordering::Relaxed);
    let asked = house.ask(script).await;
    house.hear(asked.answer).await;
    EXECUTED.load(Ordering::Relaxed) - before
}

#[tokio::test]
async fn a_delta_takes_one_statement() {
    tracing::subscriber::set_global_default(Statements).unwrap();
    let house = House::open().await;
    let (few, many) = (statements_for(&house, 100).await, statements_for(&house, 300).await);
    let each = many.saturating_sub(few) as f64 / 200.0;
    assert!(0.0 < each && each <= 1.1, "{each}: {few} for 100 deltas, {many} for 300");
}

#[test]
fn it_is_seen_what_reads_all() {
    let all = ["SCAN messages USING INDEX sqlite_autoindex_messages_1".to_owned()];
    assert_eq!(reads_all("SELECT id FROM messages", &all), Some(&all[0]));
    assert_eq!(reads_all("SELECT id FROM messages ORDER BY id LIMIT ?", &all), None);
    let open = ["SCAN answers USING INDEX answers_open".to_owned()];
    assert_eq!(reads_all("SELECT message_id FROM answers", &open), None);
}
