//! The rows of conversations and of the trees of messages in them.

use protocol::{ConversationId, MessageId, Role};
use sqlx::{Row, sqlite::SqliteRow};
use uuid::Uuid;

use super::{Answer, Store, StoreError, Write, answers};

/// A conversation as the list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationSummary {
    /// Its id.
    pub id: ConversationId,
    /// Its title.
    pub title: String,
    /// When a message last came, in milliseconds.
    pub updated_at: i64,
}

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
}

impl Write {
    /// Makes an empty conversation.
    pub async fn add_conversation(
        &mut self,
        id: ConversationId,
        title: &str,
        now: i64,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO conversations (id, title, created_at, updated_at) VALUES (?, ?, ?, ?)",
        )
        .bind(id.0)
        .bind(title)
        .bind(now)
        .bind(now)
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Gives a conversation another title.
    pub async fn set_title(&mut self, id: ConversationId, title: &str) -> Result<(), StoreError> {
        sqlx::query("UPDATE conversations SET title = ? WHERE id = ?")
            .bind(title)
            .bind(id.0)
            .execute(&mut *self.transaction)
            .await?;
        Ok(())
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
    /// The conversations whose last message came latest, newest first.
    pub async fn conversations(&self, limit: u32) -> Result<Vec<ConversationSummary>, StoreError> {
        let rows: Vec<(Uuid, String, i64)> = sqlx::query_as(
            "SELECT id, title, updated_at FROM conversations ORDER BY updated_at DESC, id DESC LIMIT ?",
        )
        .bind(limit)
        .fetch_all(&self.readers)
        .await?;
        Ok(rows
            .into_iter()
            .map(|(id, title, updated_at)| ConversationSummary {
                id: ConversationId(id),
                title,
                updated_at,
            })
            .collect())
    }

    /// One conversation as the list shows it, with the end of the path that is shown.
    pub async fn conversation(
        &self,
        id: ConversationId,
    ) -> Result<Option<(ConversationSummary, Option<MessageId>)>, StoreError> {
        let row: Option<(String, i64, Option<Uuid>)> =
            sqlx::query_as("SELECT title, updated_at, active_leaf FROM conversations WHERE id = ?")
                .bind(id.0)
                .fetch_optional(&self.readers)
                .await?;
        Ok(row.map(|(title, updated_at, leaf)| {
            (ConversationSummary { id, title, updated_at }, leaf.map(MessageId))
        }))
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
        rows.iter().map(read_message).collect()
    }
}

fn read_message(row: &SqliteRow) -> Result<Message, StoreError> {
    let role = match row.try_get("role")? {
        "system" => Role::System,
        "user" => Role::User,
        "assistant" => Role::Assistant,
        _ => return Err(StoreError::Unreadable { what: "role" }),
    };
    Ok(Message {
        id: MessageId(row.try_get("id")?),
        parent: row.try_get::<Option<Uuid>, _>("parent_id")?.map(MessageId),
        role,
        content: row.try_get("content")?,
        created_at: row.try_get("created_at")?,
        answer: answers::read_answer(row)?,
    })
}
