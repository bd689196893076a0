//! Everything that is kept: one SQLite database in the data folder. All SQL of the project is here.
//!
//! Writes take turns on one connection and differ in what they survive. A *durable* write is on the
//! disk when it returns (`synchronous=FULL`): user messages, ended answers, the ledger. A *quick*
//! write survives the death of the process but may be lost with the power (`synchronous=NORMAL`):
//! deltas. Reads have connections of their own and never wait for writes.

mod migrations;
mod checkpoints;
mod conversations;
mod list;
mod branches;
mod waiting;
mod search;
mod answers;
mod stored_answer;
mod journal;
mod cut_answers;
mod files;
mod ledger;
mod usage;
mod sessions;
mod tokens;
mod transfer;
mod personas;
mod prompts;
mod settings;

use std::{
    fs::{File, TryLockError},
    num::NonZero,
    path::{Path, PathBuf},
    sync::Arc,
    thread::available_parallelism,
    time::Duration,
};

use sqlx::{
    Sqlite, SqlitePool, Transaction,
    migrate::MigrateError,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::sync::{Mutex, OwnedMutexGuard, watch};
use tokio_util::task::AbortOnDropHandle;

pub use answers::{NewAnswer, Redirected};
pub use conversations::{Message, NewMessage};
pub use cut_answers::CutAnswer;
pub use files::{ContentHash, NewFile, StoredFile};
pub use journal::{JournalExtent, JournalRow};
pub use ledger::{LedgerEntry, LedgerId, NewCall, OpenCall, Purpose};
pub use list::{Change, ConversationSummary, Folder, ListCursor, Listed};
pub use search::SearchRow;
pub use stored_answer::{Answer, StoredText};
pub use transfer::{NewConversation, StoredTree, WholeMessage};
pub use usage::{
    CallKind, CallSum, FirstTokens, LedgerTotals, RecentFailure, Span, Sums, ToldFailure,
};
pub use waiting::Queued;

/// The fewest and the most reads that run at once; more wait for a connection. As many as there are
/// cores are enough, since little is read from the disk, and each takes a thread and its memory.
const READERS: (u32, u32) = (2, 4);

/// Why the store could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The data folder could not be made or entered.
    #[error("the data folder {folder} cannot be used: {source}")]
    Folder {
        /// The folder as configured.
        folder: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Another server uses the data folder.
    #[error(
        "another Inglenook uses the data folder {folder}: end it first, or name another folder with --data"
    )]
    InUse {
        /// The folder as configured.
        folder: PathBuf,
    },
    /// The database has a shape that this program does not know how to bring up to date.
    #[error("the database {file} cannot be brought up to date: {source}")]
    Migration {
        /// The database file.
        file: PathBuf,
        /// What went wrong.
        source: MigrateError,
    },
    /// Any other failure of the database: a full disk, a broken file.
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
    /// A stored value is not what its column promises.
    #[error("the database holds an unreadable {what}")]
    Unreadable {
        /// The kind of value.
        what: &'static str,
    },
}

/// The open database.
#[derive(Debug)]
pub struct Store {
    readers: SqlitePool,
    writer: SqlitePool,
    turn: Turn,
    /// How many writes have been committed, which tells checkpoints that there is something to move.
    commits: watch::Sender<u64>,
    checkpointing: SqlitePool,
    checkpoints: AbortOnDropHandle<()>,
    /// Locked while the store is open. A second server would take this one's open answers for
    /// those of a crash. The system unlocks it when the process ends, however it ends.
    lock: File,
}

/// The turn to write, with what the commits of the writing connection survive now, if that is certain.
/// SQLite allows one writer. Waiting here is fair and wakes at once, where its own busy handler
/// sleeps and polls.
type Turn = Arc<Mutex<Option<Survives>>>;

/// What a commit survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Survives {
    /// The end of the process.
    Crash,
    /// The end of the power, too.
    PowerCut,
}

impl Survives {
    const fn pragma(self) -> &'static str {
        match self {
            Self::Crash => "PRAGMA synchronous = NORMAL",
            Self::PowerCut => "PRAGMA synchronous = FULL",
        }
    }
}

/// A write transaction together with the turn to write. Dropped without [`Write::commit`], it is
/// rolled back.
pub struct Write {
    transaction: Transaction<'static, Sqlite>,
    commits: watch::Sender<u64>,
    _turn: OwnedMutexGuard<Option<Survives>>,
}

impl Write {
    /// Makes the changes visible to readers, and as lasting as the kind of write promises.
    pub async fn commit(self) -> Result<(), StoreError> {
        self.transaction.commit().await?;
        self.commits.send_modify(|commits| *commits += 1);
        Ok(())
    }
}

impl Store {
    /// Opens the database in `folder`, making both where missing, and brings it up to date.
    pub async fn open(folder: &Path) -> Result<Self, StoreError> {
        std::fs::create_dir_all(folder)
            .map_err(|source| StoreError::Folder { folder: folder.to_owned(), source })?;
        let lock = lock(folder)?;
        let file = folder.join("inglenook.db");
        let options = SqliteConnectOptions::new()
            .filename(&file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(10))
            // What is deleted is overwritten, or it would stand in the file until its page is used again.
            .pragma("secure_delete", "ON")
            // In KB. Each connection holds that much, and behind them is the system's own cache.
            .pragma("cache_size", "-500")
            .pragma("wal_autocheckpoint", "0")
            .pragma("journal_size_limit", checkpoints::KEPT.to_string());
        let lasting = |options: SqliteConnectOptions| {
            SqlitePoolOptions::new()
                .max_connections(1)
                .idle_timeout(None)
                .max_lifetime(None)
                .connect_with(options.synchronous(SqliteSynchronous::Full))
        };
        let writer = lasting(options.clone()).await?;
        migrations::migrations()
            .run(&writer)
            .await
            .map_err(|source| StoreError::Migration { file: file.clone(), source })?;
        let (turn, commits) = (Turn::default(), watch::Sender::default());
        let patience = checkpoints::WAIT_FOR_READERS;
        let checkpointing = lasting(options.clone().busy_timeout(patience)).await?;
        let keep = checkpoints::keep(checkpointing.clone(), Arc::clone(&turn), commits.subscribe());
        let checkpoints = AbortOnDropHandle::new(tokio::spawn(keep));
        let cores = available_parallelism().map_or(1, NonZero::get);
        let readers = u32::try_from(cores).unwrap_or(u32::MAX).clamp(READERS.0, READERS.1);
        let readers = SqlitePoolOptions::new()
            .max_connections(readers)
            .connect_with(options.clone().read_only(true))
            .await?;
        Ok(Self { readers, writer, turn, commits, checkpointing, checkpoints, lock })
    }

    /// Begins a write that is on the disk when its commit returns.
    pub async fn durable(&self) -> Result<Write, StoreError> {
        self.begin(Survives::PowerCut).await
    }

    /// Begins a write that outlives the process when its commit returns.
    pub async fn quick(&self) -> Result<Write, StoreError> {
        self.begin(Survives::Crash).await
    }

    /// How many writes have been committed since the store was opened.
    pub fn commits(&self) -> u64 {
        *self.commits.borrow()
    }

    async fn begin(&self, survives: Survives) -> Result<Write, StoreError> {
        let mut turn = Arc::clone(&self.turn).lock_owned().await;
        if *turn != Some(survives) {
            // Who waits for this may go away at any time.
            *turn = None;
            sqlx::query(survives.pragma()).execute(&self.writer).await?;
            *turn = Some(survives);
        }
        let transaction = self.writer.begin_with("BEGIN IMMEDIATE").await?;
        Ok(Write { transaction, commits: self.commits.clone(), _turn: turn })
    }

    /// Closes every connection, after which nothing is left in the write-ahead log.
    pub async fn close(&self) {
        self.checkpoints.abort();
        self.checkpointing.close().await;
        self.readers.close().await;
        self.writer.close().await;
        // Closing the file unlocks it as well.
        self.lock.unlock().ok();
    }
}

/// Takes the data folder for this process.
fn lock(folder: &Path) -> Result<File, StoreError> {
    let unusable = |source| StoreError::Folder { folder: folder.to_owned(), source };
    let lock = File::create(folder.join("inglenook.lock")).map_err(unusable)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(StoreError::InUse { folder: folder.to_owned() }),
        Err(TryLockError::Error(source)) => Err(unusable(source)),
    }
}

/// Milliseconds since 1970 in UTC, the form in which times are stored.
pub fn now_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_database_opens_again_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let mut counts = Vec::new();
        for _ in 0..2 {
            let store = Store::open(folder.path()).await.unwrap();
            let tables: i64 =
                sqlx::query_scalar("SELECT count(*) FROM sqlite_schema WHERE type = 'table'")
                    .fetch_one(&store.readers)
                    .await
                    .unwrap();
            counts.push(tables);
            store.close().await;
        }
        assert!(counts[0] > 7 && counts[0] == counts[1], "{counts:?}");
    }

    #[tokio::test]
    async fn a_folder_in_use_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let first = Store::open(folder.path()).await.unwrap();
        let error = Store::open(folder.path()).await.unwrap_err();
        assert!(matches!(error, StoreError::InUse { .. }), "{error}");
        first.close().await;
        Store::open(folder.path()).await.unwrap();
    }

    #[tokio::test]
    async fn a_newer_database_is_refused_rather_than_damaged() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        sqlx::query("UPDATE _sqlx_migrations SET version = 9999 WHERE version = 1")
            .execute(&store.writer)
            .await
            .unwrap();
        store.close().await;
        let error = Store::open(folder.path()).await.unwrap_err();
        assert!(matches!(error, StoreError::Migration { .. }), "{error}");
    }

    #[tokio::test]
    async fn a_dropped_write_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        let mut write = store.durable().await.unwrap();
        write.add_session(&[7; 32], 0, 10).await.unwrap();
        drop(write);
        assert!(!store.has_session(&[7; 32], 5).await.unwrap());
    }

    #[tokio::test]
    async fn each_write_survives_what_it_promises() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        let synchronous = async |mut write: Write, commits: bool| {
            let level: i64 = sqlx::query_scalar("PRAGMA synchronous")
                .fetch_one(&mut *write.transaction)
                .await
                .unwrap();
            if commits {
                write.commit().await.unwrap();
            }
            level
        };
        const NORMAL: i64 = 1;
        const FULL: i64 = 2;
        for commits in [true, false, true] {
            assert_eq!(synchronous(store.durable().await.unwrap(), commits).await, FULL);
            assert_eq!(synchronous(store.quick().await.unwrap(), commits).await, NORMAL);
            assert_eq!(synchronous(store.quick().await.unwrap(), commits).await, NORMAL);
        }
    }
}
