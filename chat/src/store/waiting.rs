//! The rows of what is written and not sent yet: queued questions and drafts.

use protocol::{ConversationId, FileInfo, QueuedId};
use uuid::Uuid;

use super::{Store, StoreError, Write};

/// A question that waits for the answer before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queued {
    /// Its id.
    pub id: QueuedId,
    /// The conversation it will be asked in.
    pub conversation: ConversationId,
    /// Its text.
    pub content: String,
    /// Who is to answer.
    pub model: Option<String>,
    /// The files that are sent with it, in their order.
    pub files: Vec<FileInfo>,
}

impl Write {
    /// Lets a question wait.
    pub async fn add_queued(&mut self, queued: &Queued, now: i64) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO queued (id, conversation_id, content, model, created_at) VALUES (?, ?, ?, ?, ?)",
        )
        .bind(queued.id.0)
        .bind(queued.conversation.0)
        .bind(&queued.content)
        .bind(&queued.model)
        .bind(now)
        .execute(&mut *self.transaction)
        .await?;
        self.attach_files_to_queued(queued.id, &queued.files).await
    }

    /// Takes a question out. `None` if it is not there any more.
    pub async fn take_queued(&mut self, id: QueuedId) -> Result<Option<Queued>, StoreError> {
        // Before the question goes, and with it what says which they are.
        let files = self.files_of_queued(id).await?;
        let row: Option<QueuedRow> = sqlx::query_as(
            "DELETE FROM queued WHERE id = ? RETURNING id, conversation_id, content, model",
        )
        .bind(id.0)
        .fetch_optional(&mut *self.transaction)
        .await?;
        Ok(row.map(|row| read_queued(row, files)))
    }

    /// Keeps what is written and not sent; an empty text forgets it.
    pub async fn set_draft(
        &mut self,
        conversation: Option<ConversationId>,
        content: &str,
        now: i64,
    ) -> Result<(), StoreError> {
        let key = draft_key(conversation);
        if content.is_empty() {
            sqlx::query("DELETE FROM drafts WHERE conversation_id = ?")
                .bind(key)
                .execute(&mut *self.transaction)
                .await?;
            return Ok(());
        }
        sqlx::query(
            "INSERT INTO drafts (conversation_id, content, updated_at) VALUES (?1, ?2, ?3)
             ON CONFLICT (conversation_id) DO UPDATE SET content = ?2, updated_at = ?3",
        )
        .bind(key)
        .bind(content)
        .bind(now)
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }
}

impl Store {
    /// The questions that wait in a conversation, the next one first.
    pub async fn queued(&self, conversation: ConversationId) -> Result<Vec<Queued>, StoreError> {
        let rows: Vec<QueuedRow> = sqlx::query_as(
            "SELECT id, conversation_id, content, model FROM queued WHERE conversation_id = ? ORDER BY id",
        )
        .bind(conversation.0)
        .fetch_all(&self.readers)
        .await?;
        let mut queued = Vec::with_capacity(rows.len());
        for row in rows {
            let files = self.files_of_queued(QueuedId(row.0)).await?;
            queued.push(read_queued(row, files));
        }
        Ok(queued)
    }

    /// The conversations with a question that waits although the answer before it is finished.
    pub async fn waiting_for_nothing(&self) -> Result<Vec<ConversationId>, StoreError> {
        let rows: Vec<Uuid> = sqlx::query_scalar(
            "SELECT DISTINCT conversations.id FROM queued
                 JOIN conversations ON conversations.id = conversation_id
                 JOIN answers ON message_id = active_leaf
             WHERE status = 'finished' AND deleted_at IS NULL",
        )
        .fetch_all(&self.readers)
        .await?;
        Ok(rows.into_iter().map(ConversationId).collect())
    }

    /// A question that waits.
    pub async fn queued_by_id(&self, id: QueuedId) -> Result<Option<Queued>, StoreError> {
        let row: Option<QueuedRow> =
            sqlx::query_as("SELECT id, conversation_id, content, model FROM queued WHERE id = ?")
                .bind(id.0)
                .fetch_optional(&self.readers)
                .await?;
        let files = self.files_of_queued(id).await?;
        Ok(row.map(|row| read_queued(row, files)))
    }

    /// What was written and not sent.
    pub async fn draft(&self, conversation: Option<ConversationId>) -> Result<String, StoreError> {
        let content = sqlx::query_scalar("SELECT content FROM drafts WHERE conversation_id = ?")
            .bind(draft_key(conversation))
            .fetch_optional(&self.readers)
            .await?;
        Ok(content.unwrap_or_default())
    }
}

type QueuedRow = (Uuid, Uuid, String, Option<String>);

fn read_queued((id, conversation, content, model): QueuedRow, files: Vec<FileInfo>) -> Queued {
    Queued { id: QueuedId(id), conversation: ConversationId(conversation), content, model, files }
}

/// The conversation that is not begun yet has an id of zeros.
fn draft_key(conversation: Option<ConversationId>) -> Uuid {
    conversation.map_or(Uuid::nil(), |id| id.0)
}
