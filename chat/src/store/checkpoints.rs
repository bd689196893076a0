//! Moves what the write-ahead log holds into the database, beside the writes rather than within one.
//!
//! SQLite by itself has the commit that makes the log long do that, and every write behind it waits
//! for hundreds of pages and two syncs. A checkpoint of a connection of its own holds up nobody. Only
//! the log is never begun anew that way while writes come without a pause, so when it has grown long
//! the rest of it is moved within a turn to write, which is short because little is left by then.
//!
//! That fails while somebody reads what only the log holds. Where the cores have no time to spare somebody
//! always does, the log grows, and a longer one makes reading take longer. So when it is far too long, writes
//! wait until those who read have finished.

use std::time::Duration;

use sqlx::SqlitePool;
use tokio::{sync::watch, time::sleep};

use super::Turn;

/// How long writes gather before they are moved.
const GATHER: Duration = Duration::from_secs(3);

/// How long they gather while the log is long. Somebody who reads may keep it from being begun anew.
const GATHER_WHILE_LONG: Duration = Duration::from_millis(300);

/// From how many pages of 4 KB on the log is long.
const LONG: i64 = 4_096;

/// From how many pages on the log is far too long.
const FAR_TOO_LONG: i64 = 4 * LONG;

/// How long writes then wait for those who read.
pub(super) const WAIT_FOR_READERS: Duration = Duration::from_millis(200);

/// The most bytes that the file of the log keeps on the disk when it is begun anew.
pub(super) const KEPT: i64 = 4_096 * LONG;

/// Moves the log from time to time for as long as it is written to, of which the count of commits tells.
pub(super) async fn keep(connection: SqlitePool, turn: Turn, mut commits: watch::Receiver<u64>) {
    let mut pause = GATHER;
    while commits.changed().await.is_ok() {
        sleep(pause).await;
        let moved = move_log(&connection, &turn);
        let log = moved.await.unwrap_or_else(|error| {
            // Nothing is lost: the log keeps it all, and the next write brings the next try.
            tracing::warn!(%error, "the write-ahead log could not be moved into the database");
            Log::Short
        });
        pause = match log {
            Log::Long => GATHER_WHILE_LONG,
            // Writes do not wait again at once for somebody who reads for long.
            Log::Short | Log::KeptByReaders => GATHER,
        };
    }
}

/// What was found of the log.
#[derive(Debug, PartialEq)]
pub(super) enum Log {
    Short,
    Long,
    /// It is far too long, and was read for longer than writes wait.
    KeptByReaders,
}

/// Moves the log, so that the next write begins it anew if it is long.
pub(super) async fn move_log(connection: &SqlitePool, turn: &Turn) -> Result<Log, sqlx::Error> {
    let Checkpoint { pages, .. } = checkpoint(connection, PASSIVE).await?;
    if pages < LONG {
        return Ok(Log::Short);
    }
    let _turn = turn.lock().await;
    if pages < FAR_TOO_LONG {
        checkpoint(connection, PASSIVE).await?;
        return Ok(Log::Long);
    }
    let Checkpoint { is_busy, .. } = checkpoint(connection, RESTART).await?;
    Ok(if is_busy { Log::KeptByReaders } else { Log::Long })
}

struct Checkpoint {
    /// Somebody kept it from its end.
    is_busy: bool,
    /// How many pages the log has.
    pages: i64,
}

/// Moves what can be moved without waiting for anybody.
const PASSIVE: &str = "PRAGMA wal_checkpoint(PASSIVE)";

/// Moves all, and waits for those who read until nobody reads what the log holds.
const RESTART: &str = "PRAGMA wal_checkpoint(RESTART)";

/// Executes one of the above, see <https://www.sqlite.org/pragma.html#pragma_wal_checkpoint>.
async fn checkpoint(
    connection: &SqlitePool,
    statement: &'static str,
) -> Result<Checkpoint, sqlx::Error> {
    let (is_busy, pages, _moved): (bool, i64, i64) =
        sqlx::query_as(statement).fetch_one(connection).await?;
    Ok(Checkpoint { is_busy, pages })
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;
    use tokio::task::yield_now;

    use super::*;
    use crate::store::Store;

    async fn open() -> (Store, TempDir) {
        let folder = tempfile::tempdir().unwrap();
        (Store::open(folder.path()).await.unwrap(), folder)
    }

    /// Writes so many bytes. Returns how many the file of the log has then.
    async fn write(store: &Store, folder: &TempDir, bytes: i64) -> i64 {
        let mut write = store.quick().await.unwrap();
        let statement =
            "INSERT INTO settings (key, value) VALUES (hex(randomblob(8)), hex(zeroblob(?)))";
        let written = sqlx::query(statement).bind(bytes / 2).execute(&mut *write.transaction);
        written.await.unwrap();
        write.commit().await.unwrap();
        folder.path().join("inglenook.db-wal").metadata().unwrap().len().cast_signed()
    }

    async fn moved(store: &Store) -> Log {
        move_log(&store.checkpointing, &store.turn).await.unwrap()
    }

    #[tokio::test]
    async fn a_long_log_is_begun_anew_and_a_short_one_left_alone() {
        let (store, folder) = open().await;
        assert!(write(&store, &folder, 1_000).await < KEPT);
        assert_eq!(moved(&store).await, Log::Short);
        assert!(write(&store, &folder, 2 * KEPT).await > 2 * KEPT);
        assert_eq!(moved(&store).await, Log::Long);
        assert_eq!(write(&store, &folder, 1_000).await, KEPT);
        assert_eq!(moved(&store).await, Log::Short);
        store.close().await;
        assert!(!folder.path().join("inglenook.db-wal").exists(), "nothing is left in it");
    }

    #[tokio::test]
    async fn a_log_that_is_far_too_long_is_begun_anew_when_those_who_read_have_finished() {
        let (store, folder) = open().await;
        let mut reading = store.readers.begin().await.unwrap();
        sqlx::query("SELECT count(*) FROM settings").execute(&mut *reading).await.unwrap();
        assert!(write(&store, &folder, 5 * KEPT).await > 5 * KEPT);
        assert_eq!(moved(&store).await, Log::KeptByReaders);
        assert!(write(&store, &folder, 1_000).await > 5 * KEPT, "it was read all the time");

        let finish = async {
            while store.turn.try_lock().is_ok() {
                yield_now().await;
            }
            reading.rollback().await.unwrap();
        };
        let (log, ()) = tokio::join!(moved(&store), finish);
        assert_eq!(log, Log::Long);
        assert_eq!(write(&store, &folder, 1_000).await, KEPT);
    }
}
