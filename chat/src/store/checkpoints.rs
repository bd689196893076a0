//! Moves what the write-ahead log holds into the database, beside the writes rather than within one.
//!
//! SQLite by itself has the commit that makes the log long do that, and every write behind it waits
//! for hundreds of pages and two syncs. A checkpoint of a connection of its own holds up nobody. Only
//! the log is never begun anew that way while writes come without a pause, so when it has grown long
//! the rest of it is moved within a turn to write, which is short because little is left by then.

use std::{sync::Arc, time::Duration};

use sqlx::SqlitePool;
use tokio::{sync::Notify, time::sleep};

use super::Turn;

/// How long writes gather before they are moved.
const GATHER: Duration = Duration::from_secs(3);

/// How long they gather while the log is long. Somebody who reads may keep it from being begun anew.
const GATHER_WHILE_LONG: Duration = Duration::from_millis(300);

/// From how many pages of 4 KB on the log is long.
const LONG: i64 = 4_096;

/// The most bytes that the file of the log keeps on the disk when it is begun anew.
pub(super) const KEPT: i64 = 4_096 * LONG;

/// Moves the log from time to time for as long as it is written to. Never returns.
pub(super) async fn keep(connection: SqlitePool, turn: Turn, written: Arc<Notify>) {
    let mut pause = GATHER;
    loop {
        written.notified().await;
        sleep(pause).await;
        let moved = move_log(&connection, &turn);
        let is_long = moved.await.unwrap_or_else(|error| {
            // Nothing is lost: the log keeps it all, and the next write brings the next try.
            tracing::warn!(%error, "the write-ahead log could not be moved into the database");
            false
        });
        pause = if is_long { GATHER_WHILE_LONG } else { GATHER };
    }
}

/// Moves the log, so that the next write begins it anew if it is long. True if it is.
pub(super) async fn move_log(connection: &SqlitePool, turn: &Turn) -> Result<bool, sqlx::Error> {
    let is_long = checkpoint(connection).await? >= LONG;
    if is_long {
        let _turn = turn.lock().await;
        checkpoint(connection).await?;
    }
    Ok(is_long)
}

/// Moves what can be moved without waiting for anybody. Returns how many pages the log has.
async fn checkpoint(connection: &SqlitePool) -> Result<i64, sqlx::Error> {
    let (_busy, pages, _moved): (i64, i64, i64) =
        sqlx::query_as("PRAGMA wal_checkpoint(PASSIVE)").fetch_one(connection).await?;
    Ok(pages)
}
