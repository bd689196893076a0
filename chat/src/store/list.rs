//! The rows behind the list of conversations: its order, folders, the archive and the bin.

use protocol::{ConversationId, FolderId};
use sqlx::{Row, sqlite::SqliteRow};
use uuid::Uuid;

use super::{Store, StoreError, Write};

/// A conversation as the list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationSummary {
    /// Its id.
    pub id: ConversationId,
    /// Its title.
    pub title: String,
    /// When a message last came, in milliseconds.
    pub updated_at: i64,
    /// It stands above the others.
    pub pinned: bool,
    /// It is out of the way.
    pub archived: bool,
    /// It is in no list, and goes when its page is closed.
    pub temporary: bool,
    /// The folder it is in.
    pub folder: Option<FolderId>,
}

/// A folder of conversations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    /// Its id.
    pub id: FolderId,
    /// Its name.
    pub name: String,
}

/// Which conversations a list is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listed {
    /// Those that stand above the others, in whatever order they were pinned.
    Pinned,
    /// Those in no folder, neither pinned nor archived.
    Loose,
    /// Those of a folder.
    In(FolderId),
    /// Those that are out of the way.
    Archived,
}

/// Where a part of a list begins: after the conversation with this time and id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListCursor {
    /// [`ConversationSummary::updated_at`] of the last one shown.
    pub updated_at: i64,
    /// Its id.
    pub id: ConversationId,
}

/// What is changed about a conversation beside its messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change<'a> {
    /// A person gives it a title.
    Title(&'a str),
    /// It goes above the others, or back.
    Pinned(bool),
    /// It goes out of the way, or back.
    Archived(bool),
    /// It goes to the bin, or back.
    Deleted(bool),
    /// It goes into a folder, or into none.
    Folder(Option<FolderId>),
}

impl Write {
    /// Makes a change. False if there is no such conversation.
    pub async fn change_conversation(
        &mut self,
        id: ConversationId,
        change: Change<'_>,
        now: i64,
    ) -> Result<bool, StoreError> {
        let since = |on: bool| on.then_some(now);
        let query = match change {
            Change::Title(title) => {
                sqlx::query("UPDATE conversations SET title = ?, named = 1 WHERE id = ?")
                    .bind(title)
            }
            Change::Pinned(on) => {
                sqlx::query("UPDATE conversations SET pinned_at = ? WHERE id = ?").bind(since(on))
            }
            Change::Archived(on) => {
                sqlx::query("UPDATE conversations SET archived_at = ? WHERE id = ?").bind(since(on))
            }
            Change::Deleted(on) => {
                sqlx::query("UPDATE conversations SET deleted_at = ? WHERE id = ?").bind(since(on))
            }
            Change::Folder(folder) => {
                sqlx::query("UPDATE conversations SET folder_id = ? WHERE id = ?")
                    .bind(folder.map(|folder| folder.0))
            }
        };
        let done = query.bind(id.0).execute(&mut *self.transaction).await?;
        Ok(done.rows_affected() == 1)
    }

    /// Removes a conversation with everything in it.
    pub async fn remove_conversation(&mut self, id: ConversationId) -> Result<(), StoreError> {
        for statement in [
            "DELETE FROM drafts WHERE conversation_id = ?",
            "DELETE FROM journal
             WHERE answer_id IN (SELECT id FROM messages WHERE conversation_id = ?)",
            // A message takes its replies along, those take theirs, and SQLite refuses to go deeper than a
            // thousand: <https://www.sqlite.org/limits.html#max_trigger_depth>.
            "UPDATE messages SET parent_id = NULL WHERE conversation_id = ?",
            "DELETE FROM conversations WHERE id = ?",
        ] {
            sqlx::query(statement).bind(id.0).execute(&mut *self.transaction).await?;
        }
        Ok(())
    }

    /// Makes a folder.
    pub async fn add_folder(
        &mut self,
        id: FolderId,
        name: &str,
        now: i64,
    ) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO folders (id, name, created_at) VALUES (?, ?, ?)")
            .bind(id.0)
            .bind(name)
            .bind(now)
            .execute(&mut *self.transaction)
            .await?;
        Ok(())
    }

    /// Gives a folder another name. False if there is none.
    pub async fn rename_folder(&mut self, id: FolderId, name: &str) -> Result<bool, StoreError> {
        let done = sqlx::query("UPDATE folders SET name = ? WHERE id = ?")
            .bind(name)
            .bind(id.0)
            .execute(&mut *self.transaction)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Removes a folder. What was in it stays, in no folder.
    pub async fn remove_folder(&mut self, id: FolderId) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM folders WHERE id = ?")
            .bind(id.0)
            .execute(&mut *self.transaction)
            .await?;
        Ok(())
    }
}

impl Store {
    /// A part of a list, the conversation whose last message came latest first.
    pub async fn list(
        &self,
        listed: Listed,
        after: Option<ListCursor>,
        limit: u32,
    ) -> Result<Vec<ConversationSummary>, StoreError> {
        // Each has an index that holds no other conversations, so that none has to be passed over.
        let statement = match listed {
            Listed::Pinned => {
                "SELECT * FROM conversations
                 WHERE pinned_at IS NOT NULL AND archived_at IS NULL
                     AND deleted_at IS NULL AND temporary = 0 AND (updated_at, id) < (?1, ?2)
                 ORDER BY updated_at DESC, id DESC LIMIT ?3"
            }
            Listed::Loose => {
                "SELECT * FROM conversations
                 WHERE pinned_at IS NULL AND archived_at IS NULL AND folder_id IS NULL
                     AND deleted_at IS NULL AND temporary = 0 AND (updated_at, id) < (?1, ?2)
                 ORDER BY updated_at DESC, id DESC LIMIT ?3"
            }
            Listed::In(_) => {
                "SELECT * FROM conversations
                 WHERE pinned_at IS NULL AND archived_at IS NULL AND folder_id = ?4
                     AND deleted_at IS NULL AND temporary = 0 AND (updated_at, id) < (?1, ?2)
                 ORDER BY updated_at DESC, id DESC LIMIT ?3"
            }
            Listed::Archived => {
                "SELECT * FROM conversations
                 WHERE archived_at IS NOT NULL
                     AND deleted_at IS NULL AND temporary = 0 AND (updated_at, id) < (?1, ?2)
                 ORDER BY updated_at DESC, id DESC LIMIT ?3"
            }
        };
        let folder = match listed {
            Listed::In(folder) => Some(folder.0),
            Listed::Pinned | Listed::Loose | Listed::Archived => None,
        };
        let (time, id) =
            after.map_or((i64::MAX, Uuid::max()), |after| (after.updated_at, after.id.0));
        let rows = sqlx::query(statement)
            .bind(time)
            .bind(id)
            .bind(limit)
            .bind(folder)
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(read_summary).collect()
    }

    /// The folders by their names.
    pub async fn folders(&self) -> Result<Vec<Folder>, StoreError> {
        let rows: Vec<(Uuid, String)> =
            sqlx::query_as("SELECT id, name FROM folders ORDER BY name COLLATE NOCASE, id")
                .fetch_all(&self.readers)
                .await?;
        Ok(rows.into_iter().map(|(id, name)| Folder { id: FolderId(id), name }).collect())
    }

    /// The conversations whose time in the bin is over, and the temporary ones that nobody has
    /// written in since `idle_since`.
    pub async fn to_purge(
        &self,
        deleted_before: i64,
        idle_since: i64,
    ) -> Result<Vec<(ConversationId, bool)>, StoreError> {
        let rows: Vec<(Uuid, bool)> = sqlx::query_as(
            "SELECT id, temporary FROM conversations
             WHERE deleted_at < ? OR (temporary = 1 AND updated_at < ?)",
        )
        .bind(deleted_before)
        .bind(idle_since)
        .fetch_all(&self.readers)
        .await?;
        Ok(rows.into_iter().map(|(id, temporary)| (ConversationId(id), temporary)).collect())
    }
}

pub(super) fn read_summary(row: &SqliteRow) -> Result<ConversationSummary, StoreError> {
    Ok(ConversationSummary {
        id: ConversationId(row.try_get("id")?),
        title: row.try_get("title")?,
        updated_at: row.try_get("updated_at")?,
        pinned: row.try_get::<Option<i64>, _>("pinned_at")?.is_some(),
        archived: row.try_get::<Option<i64>, _>("archived_at")?.is_some(),
        temporary: row.try_get("temporary")?,
        folder: row.try_get::<Option<Uuid>, _>("folder_id")?.map(FolderId),
    })
}
