//! The rows behind the branches of a conversation: siblings, the path that is shown, and what is
//! moved when a message goes.

use std::collections::HashMap;

use protocol::{ConversationId, MessageId};
use sqlx::Row;
use uuid::Uuid;

use super::{Message, Store, StoreError, Write, conversations::read_message};

impl Write {
    /// Shows the path that ends with `leaf`.
    pub async fn show_path(
        &mut self,
        conversation: ConversationId,
        leaf: Option<MessageId>,
    ) -> Result<(), StoreError> {
        sqlx::query("UPDATE conversations SET active_leaf = ? WHERE id = ?")
            .bind(leaf.map(|leaf| leaf.0))
            .bind(conversation.0)
            .execute(&mut *self.transaction)
            .await?;
        Ok(())
    }

    /// The end of the path that leads through `message` and goes on with the latest reply each time.
    pub async fn latest_leaf(&mut self, message: MessageId) -> Result<MessageId, StoreError> {
        let leaf: Uuid = sqlx::query_scalar(
            "WITH RECURSIVE path (id, depth) AS (
                 SELECT ?, 0
                 UNION ALL
                 SELECT (SELECT id FROM messages WHERE parent_id = path.id ORDER BY created_at DESC, rowid DESC LIMIT 1), depth + 1
                 FROM path WHERE path.id IS NOT NULL
             )
             SELECT id FROM path WHERE id IS NOT NULL ORDER BY depth DESC LIMIT 1",
        )
        .bind(message.0)
        .fetch_one(&mut *self.transaction)
        .await?;
        Ok(MessageId(leaf))
    }

    /// Hangs the replies of `message` under its parent, and removes it.
    pub async fn remove_message(
        &mut self,
        message: MessageId,
        parent: Option<MessageId>,
    ) -> Result<(), StoreError> {
        sqlx::query("UPDATE messages SET parent_id = ? WHERE parent_id = ?")
            .bind(parent.map(|parent| parent.0))
            .bind(message.0)
            .execute(&mut *self.transaction)
            .await?;
        for statement in
            ["DELETE FROM journal WHERE answer_id = ?", "DELETE FROM messages WHERE id = ?"]
        {
            sqlx::query(statement).bind(message.0).execute(&mut *self.transaction).await?;
        }
        Ok(())
    }

    /// The replies to a message, and of each whether it is an answer.
    pub async fn replies(
        &mut self,
        message: MessageId,
    ) -> Result<Vec<(MessageId, bool)>, StoreError> {
        let rows: Vec<(Uuid, bool)> = sqlx::query_as(
            "SELECT id, role = 'assistant' FROM messages WHERE parent_id = ? ORDER BY created_at, rowid",
        )
        .bind(message.0)
        .fetch_all(&mut *self.transaction)
        .await?;
        Ok(rows.into_iter().map(|(id, answers)| (MessageId(id), answers)).collect())
    }

    /// The last message of a conversation that has no reply, or `None` in an empty one.
    pub async fn last_leaf(
        &mut self,
        conversation: ConversationId,
    ) -> Result<Option<MessageId>, StoreError> {
        let leaf: Option<Uuid> = sqlx::query_scalar(
            "SELECT id FROM messages WHERE conversation_id = ?
             AND NOT EXISTS (SELECT 1 FROM messages AS reply WHERE reply.parent_id = messages.id)
             ORDER BY created_at DESC, rowid DESC LIMIT 1",
        )
        .bind(conversation.0)
        .fetch_optional(&mut *self.transaction)
        .await?;
        Ok(leaf.map(MessageId))
    }

    /// Copies a message with what answers have beside it under another id and parent.
    pub async fn copy_message(
        &mut self,
        from: MessageId,
        to: MessageId,
        conversation: ConversationId,
        parent: Option<MessageId>,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO messages (id, conversation_id, parent_id, role, content, created_at)
             SELECT ?, ?, ?, role, content, created_at FROM messages WHERE id = ?",
        )
        .bind(to.0)
        .bind(conversation.0)
        .bind(parent.map(|parent| parent.0))
        .bind(from.0)
        .execute(&mut *self.transaction)
        .await?;
        sqlx::query(
            "INSERT INTO answers (message_id, status, sequence, reasoning, provider, model, parameters,
                 first_token_ms, reasoning_ms, total_ms, prompt_tokens, completion_tokens, cached_tokens,
                 reasoning_tokens, cost, estimated, finish_reason, failure, request_hash, left_out, seams)
             SELECT ?, status, sequence, reasoning, provider, model, parameters,
                 first_token_ms, reasoning_ms, total_ms, prompt_tokens, completion_tokens, cached_tokens,
                 reasoning_tokens, cost, estimated, finish_reason, failure, request_hash, left_out, seams
             FROM answers WHERE message_id = ?",
        )
        .bind(to.0)
        .bind(from.0)
        .execute(&mut *self.transaction)
        .await?;
        self.copy_files(from, to).await
    }
}

impl Store {
    /// The last `most` messages of the path to `leaf`, in the order they are read.
    pub async fn end_of_path(
        &self,
        leaf: MessageId,
        most: u32,
    ) -> Result<Vec<Message>, StoreError> {
        let rows = sqlx::query(
            "WITH RECURSIVE path (id, depth) AS (
                 SELECT ?, 1
                 UNION ALL
                 SELECT messages.parent_id, path.depth + 1
                 FROM path JOIN messages ON messages.id = path.id
                 WHERE messages.parent_id IS NOT NULL AND path.depth < ?
             )
             SELECT messages.*, answers.*
             FROM path
             JOIN messages ON messages.id = path.id
             LEFT JOIN answers ON answers.message_id = messages.id
             ORDER BY path.depth DESC",
        )
        .bind(leaf.0)
        .bind(most)
        .fetch_all(&self.readers)
        .await?;
        let mut path = rows.iter().map(read_message).collect::<Result<Vec<_>, _>>()?;
        self.read_files(&mut path).await?;
        Ok(path)
    }

    /// The replies to each message that has one among the last `most` of the path to `leaf`, the
    /// oldest first: what stands beside the messages of the path, but for the first of a conversation.
    pub async fn siblings_on_path(
        &self,
        leaf: MessageId,
        most: u32,
    ) -> Result<HashMap<MessageId, Vec<MessageId>>, StoreError> {
        // A CROSS JOIN is done from left to right. SQLite would rather read every message of the
        // store in the order that is wanted than sort these few.
        let rows: Vec<(Uuid, Uuid)> = sqlx::query_as(
            "WITH RECURSIVE path (parent_id, depth) AS (
                 SELECT parent_id, 1 FROM messages WHERE id = ?
                 UNION ALL
                 SELECT messages.parent_id, path.depth + 1
                 FROM path JOIN messages ON messages.id = path.parent_id
                 WHERE path.depth < ?
             )
             SELECT messages.parent_id, messages.id
             FROM path CROSS JOIN messages ON messages.parent_id = path.parent_id
             ORDER BY messages.created_at, messages.rowid",
        )
        .bind(leaf.0)
        .bind(most)
        .fetch_all(&self.readers)
        .await?;
        let mut siblings: HashMap<MessageId, Vec<MessageId>> = HashMap::new();
        for (parent, id) in rows {
            siblings.entry(MessageId(parent)).or_default().push(MessageId(id));
        }
        Ok(siblings)
    }

    /// The messages that stand beside one another under `parent`, the oldest first.
    pub async fn siblings(
        &self,
        conversation: ConversationId,
        parent: Option<MessageId>,
    ) -> Result<Vec<MessageId>, StoreError> {
        let query = match parent {
            Some(parent) => {
                sqlx::query(
                    "SELECT id FROM messages WHERE parent_id = ? ORDER BY created_at, rowid",
                )
                .bind(parent.0)
            }
            None => sqlx::query(
                "SELECT id FROM messages WHERE conversation_id = ? AND +parent_id IS NULL ORDER BY created_at, rowid",
            )
            .bind(conversation.0),
        };
        let rows = query.fetch_all(&self.readers).await?;
        rows.iter().map(|row| Ok(MessageId(row.try_get("id")?))).collect()
    }
}
