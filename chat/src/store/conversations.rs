//! The rows of conversations and of the trees of messages in them.

use protocol::{ConversationId, FileInfo, MessageId, Role};
use sqlx::{Row, sqlite::SqliteRow};
use uuid::Uuid;

use super::{Answer, ConversationSummary, Store, StoreError, Write, list, stored_answer};

/// A message to store.
#[derive(Debug, Clone, Copy)]
pub struct NewMessage<'a> {
    /// Its id.
    pub id: MessageId,
    /// The conversation it stands in.
    pub conversation: ConversationId,
    /// The message it replies to; `None` at the root.
    pub parent: Option<MessageId>,
    /// Who wrote it.
    pub role: Role,
    /// Its text.
    pub content: &'a str,
    /// When it was written, in milliseconds.
    pub created_at: i64,
}

/// A message as it is stored. The text of an open answer is what was folded before, without its
/// journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// The message it replies to.
    pub parent: Option<MessageId>,
    /// Who wrote it.
    pub role: Role,
    /// Its text.
    pub content: String,
    /// When it was written, in milliseconds.
    pub created_at: i64,
    /// What answers have beside their text.
    pub answer: Option<Answer>,
    /// The files that were sent with it, in their order.
    pub files: Vec<FileInfo>,
}

impl Write {
    /// Makes an empty conversation.
    pub async fn add_conversation(
        &mut self,
        id: ConversationId,
        title: &str,
        temporary: bool,
        now: i64,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO conversations (id, title, temporary, created_at, updated_at)
             VALUES (?, ?, ?, ?, ?)",
        )
        .bind(id.0)
        .bind(title)
        .bind(temporary)
        .bind(now)
        .bind(now)
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Gives a conversation the title that a model found, unless a person chose one. False then.
    pub async fn set_title(&mut self, id: ConversationId, title: &str) -> Result<bool, StoreError> {
        let done = sqlx::query("UPDATE conversations SET title = ? WHERE id = ? AND named = 0")
            .bind(title)
            .bind(id.0)
            .execute(&mut *self.transaction)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Adds a message to the tree and makes it the end of the path that is shown.
    pub async fn add_message(&mut self, message: NewMessage<'_>) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO messages (id, conversation_id, parent_id, role, content, created_at)
             VALUES (?, ?, ?, ?, ?, ?)",
        )
        .bind(message.id.0)
        .bind(message.conversation.0)
        .bind(message.parent.map(|parent| parent.0))
        .bind(message.role.as_str())
        .bind(message.content)
        .bind(message.created_at)
        .execute(&mut *self.transaction)
        .await?;
        sqlx::query("UPDATE conversations SET active_leaf = ?, updated_at = ? WHERE id = ?")
            .bind(message.id.0)
            .bind(message.created_at)
            .bind(message.conversation.0)
            .execute(&mut *self.transaction)
            .await?;
        Ok(())
    }
}

impl Store {
    /// One conversation as the list shows it, with the end of the path that is shown. `None` also
    /// for one in the bin.
    pub async fn conversation(
        &self,
        id: ConversationId,
    ) -> Result<Option<(ConversationSummary, Option<MessageId>)>, StoreError> {
        let row = sqlx::query("SELECT * FROM conversations WHERE id = ? AND deleted_at IS NULL")
            .bind(id.0)
            .fetch_optional(&self.readers)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let leaf: Option<Uuid> = row.try_get("active_leaf")?;
        Ok(Some((list::read_summary(&row)?, leaf.map(MessageId))))
    }

    /// The conversation a message stands in, and the message it replies to.
    pub async fn place_of(
        &self,
        message: MessageId,
    ) -> Result<Option<(ConversationId, Option<MessageId>)>, StoreError> {
        let row: Option<(Uuid, Option<Uuid>)> =
            sqlx::query_as("SELECT conversation_id, parent_id FROM messages WHERE id = ?")
                .bind(message.0)
                .fetch_optional(&self.readers)
                .await?;
        Ok(row.map(|(conversation, parent)| (ConversationId(conversation), parent.map(MessageId))))
    }

    /// The messages from the root of the tree to `leaf`, in the order they are read.
    pub async fn path_to(&self, leaf: MessageId) -> Result<Vec<Message>, StoreError> {
        let rows = sqlx::query(
            "WITH RECURSIVE path (id, depth) AS (
                 SELECT ?, 0
                 UNION ALL
                 SELECT messages.parent_id, path.depth + 1
                 FROM path JOIN messages ON messages.id = path.id
                 WHERE messages.parent_id IS NOT NULL
             )
             SELECT messages.*, answers.*
             FROM path
             JOIN messages ON messages.id = path.id
             LEFT JOIN answers ON answers.message_id = messages.id
             ORDER BY path.depth DESC",
        )
        .bind(leaf.0)
        .fetch_all(&self.readers)
        .await?;
        let mut path = rows.iter().map(read_message).collect::<Result<Vec<_>, _>>()?;
        self.read_files(&mut path).await?;
        Ok(path)
    }
}

pub(super) fn read_message(row: &SqliteRow) -> Result<Message, StoreError> {
    let role =
        Role::from_word(row.try_get("role")?).ok_or(StoreError::Unreadable { what: "role" })?;
    Ok(Message {
        id: MessageId(row.try_get("id")?),
        parent: row.try_get::<Option<Uuid>, _>("parent_id")?.map(MessageId),
        role,
        content: row.try_get("content")?,
        created_at: row.try_get("created_at")?,
        answer: stored_answer::read_answer(row)?,
        files: Vec::new(),
    })
}
