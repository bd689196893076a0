//! How SQLite finds what each statement of the store asks for: not by reading a table from end to
//! end, which is quick in every test and slow in a store of years.

#![expect(clippy::unwrap_used, reason = "these are tests, their helpers too")]

use std::{fs, path::Path};

use regex::Regex;
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Row, SqliteConnection, sqlite::SqliteConnectOptions,
};

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

#[tokio::test]
async fn no_statement_reads_a_large_table_from_end_to_end() {
    let mut database = SqliteConnectOptions::new().in_memory(true).connect().await.unwrap();
    sqlx::migrate!("./migrations").run(&mut database).await.unwrap();
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

#[test]
fn it_is_seen_what_reads_all() {
    let all = ["SCAN messages USING INDEX sqlite_autoindex_messages_1".to_owned()];
    assert_eq!(reads_all("SELECT id FROM messages", &all), Some(&all[0]));
    assert_eq!(reads_all("SELECT id FROM messages ORDER BY id LIMIT ?", &all), None);
    let open = ["SCAN answers USING INDEX answers_open".to_owned()];
    assert_eq!(reads_all("SELECT message_id FROM answers", &open), None);
}
