//! Conversations as wholes: what an import writes and an export reads.

use std::collections::{HashMap, HashSet};

use protocol::{ConversationId, FolderId, MessageId, Role};
use sqlx::Row;
use uuid::Uuid;

use super::{Message, Store, StoreError, Write, conversations::read_message};

/// A conversation that comes from elsewhere.
#[derive(Debug, Clone, Copy)]
pub struct NewConversation<'a> {
    /// Its id.
    pub id: ConversationId,
    /// Its title.
    pub title: &'a str,
    /// When it began, in milliseconds.
    pub created_at: i64,
    /// When its last message came, in milliseconds.
    pub updated_at: i64,
    /// It goes above the others.
    pub pinned: bool,
    /// It goes out of the way.
    pub archived: bool,
    /// The folder it goes into.
    pub folder: Option<FolderId>,
    /// Instructions that stand before it, or nothing.
    pub system: &'a str,
}

/// A message that comes from elsewhere. If it is an answer, it is finished.
#[derive(Debug, Clone, Copy)]
pub struct WholeMessage<'a> {
    /// Its id.
    pub id: MessageId,
    /// The conversation it stands in.
    pub conversation: ConversationId,
    /// The message it replies to, which must be stored before.
    pub parent: Option<MessageId>,
    /// Who wrote it.
    pub role: Role,
    /// Its text.
    pub content: &'a str,
    /// What the model thought before.
    pub reasoning: &'a str,
    /// Where it comes from, in place of the provider.
    pub provider: &'a str,
    /// The model that wrote it, or nothing.
    pub model: &'a str,
    /// When it was written, in milliseconds.
    pub created_at: i64,
}

/// What is stored of a conversation that is to come in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredTree {
    /// Where the path that is shown ends.
    pub leaf: Option<MessageId>,
    /// It is in the bin.
    pub in_bin: bool,
    /// All of its messages.
    pub messages: HashSet<MessageId>,
}

impl Write {
    /// Adds a conversation without messages. If it is there, it is only taken out of the bin. Its
    /// title is one that somebody wanted, so no model changes it.
    pub async fn import_conversation(
        &mut self,
        new: NewConversation<'_>,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO conversations (id, title, named, created_at, updated_at, pinned_at, archived_at, folder_id, system_prompt)
             VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?)
             ON CONFLICT (id) DO UPDATE SET deleted_at = NULL",
        )
        .bind(new.id.0)
        .bind(new.title)
        .bind(new.created_at)
        .bind(new.updated_at)
        .bind(new.pinned.then_some(new.updated_at))
        .bind(new.archived.then_some(new.updated_at))
        .bind(new.folder.map(|folder| folder.0))
        .bind(new.system)
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Adds a message, unless it is there. False then.
    pub async fn import_message(&mut self, new: WholeMessage<'_>) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "INSERT OR IGNORE INTO messages (id, conversation_id, parent_id, role, content, created_at)
             VALUES (?, ?, ?, ?, ?, ?)",
        )
        .bind(new.id.0)
        .bind(new.conversation.0)
        .bind(new.parent.map(|parent| parent.0))
        .bind(new.role.as_str())
        .bind(new.content)
        .bind(new.created_at)
        .execute(&mut *self.transaction)
        .await?;
        if done.rows_affected() == 0 {
            return Ok(false);
        }
        if new.role == Role::Assistant {
            sqlx::query(
                "INSERT INTO answers (message_id, status, reasoning, provider, model)
                 VALUES (?, 'finished', ?, ?, ?)",
            )
            .bind(new.id.0)
            .bind(new.reasoning)
            .bind(new.provider)
            .bind(new.model)
            .execute(&mut *self.transaction)
            .await?;
        }
        Ok(true)
    }

    /// Shows the path to a message that came in, if that to `before` is still shown.
    pub async fn show_imported(
        &mut self,
        conversation: ConversationId,
        before: Option<MessageId>,
        leaf: MessageId,
        updated_at: i64,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE conversations SET active_leaf = ?, updated_at = max(updated_at, ?)
             WHERE id = ? AND active_leaf IS ?",
        )
        .bind(leaf.0)
        .bind(updated_at)
        .bind(conversation.0)
        .bind(before.map(|before| before.0))
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }
}

impl Store {
    /// What is stored of a conversation, or `None` if there is none of that id.
    pub async fn stored_tree(
        &self,
        conversation: ConversationId,
    ) -> Result<Option<StoredTree>, StoreError> {
        let row: Option<(Option<Uuid>, bool)> = sqlx::query_as(
            "SELECT active_leaf, deleted_at IS NOT NULL FROM conversations WHERE id = ?",
        )
        .bind(conversation.0)
        .fetch_optional(&self.readers)
        .await?;
        let Some((leaf, in_bin)) = row else { return Ok(None) };
        let messages: Vec<Uuid> =
            sqlx::query_scalar("SELECT id FROM messages WHERE conversation_id = ?")
                .bind(conversation.0)
                .fetch_all(&self.readers)
                .await?;
        Ok(Some(StoredTree {
            leaf: leaf.map(MessageId),
            in_bin,
            messages: messages.into_iter().map(MessageId).collect(),
        }))
    }

    /// A folder of this name, if there is one.
    pub async fn folder_named(&self, name: &str) -> Result<Option<FolderId>, StoreError> {
        let id: Option<Uuid> =
            sqlx::query_scalar("SELECT id FROM folders WHERE name = ? ORDER BY id LIMIT 1")
                .bind(name)
                .fetch_optional(&self.readers)
                .await?;
        Ok(id.map(FolderId))
    }

    /// The ids of conversations behind the one given, in their order, at most `limit`. None that is
    /// temporary or in the bin.
    pub async fn conversation_ids(
        &self,
        after: Option<ConversationId>,
        limit: u32,
    ) -> Result<Vec<ConversationId>, StoreError> {
        let ids: Vec<Uuid> = sqlx::query_scalar(
            "SELECT id FROM conversations
             WHERE id > ? AND temporary = 0 AND deleted_at IS NULL ORDER BY id LIMIT ?",
        )
        // Smaller than any id.
        .bind(after.map_or(Vec::new(), |after| after.0.into_bytes().to_vec()))
        .bind(limit)
        .fetch_all(&self.readers)
        .await?;
        Ok(ids.into_iter().map(ConversationId).collect())
    }

    /// The files that the messages of a conversation were sent with, in their order.
    pub async fn sent_files(
        &self,
        id: ConversationId,
    ) -> Result<HashMap<MessageId, Vec<transfer::SentFile>>, StoreError> {
        let rows: Vec<(Uuid, String, String)> = sqlx::query_as(
            "SELECT message_id, name, lower(hex(hash)) FROM messages
             JOIN message_files ON message_files.message_id = messages.id
             JOIN files ON files.id = message_files.file_id
             WHERE conversation_id = ? ORDER BY message_id, position",
        )
        .bind(id.0)
        .fetch_all(&self.readers)
        .await?;
        let mut files: HashMap<MessageId, Vec<transfer::SentFile>> = HashMap::new();
        for (message, name, sha256) in rows {
            let file = transfer::SentFile { name, sha256 };
            files.entry(MessageId(message)).or_default().push(file);
        }
        Ok(files)
    }

    /// A conversation without its messages, the end of the path that is shown, and every message of
    /// its tree, the oldest first. The texts of open answers are as far as they are folded.
    pub async fn whole_conversation(
        &self,
        id: ConversationId,
    ) -> Result<Option<(transfer::Conversation, Option<MessageId>, Vec<Message>)>, StoreError> {
        let row = sqlx::query(
            "SELECT conversations.*, folders.name AS folder FROM conversations
             LEFT JOIN folders ON folders.id = conversations.folder_id
             WHERE conversations.id = ? AND deleted_at IS NULL",
        )
        .bind(id.0)
        .fetch_optional(&self.readers)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let conversation = transfer::Conversation {
            key: id.to_string(),
            title: row.try_get("title")?,
            created_at: row.try_get("created_at")?,
            updated_at: row.try_get("updated_at")?,
            pinned: row.try_get::<Option<i64>, _>("pinned_at")?.is_some(),
            archived: row.try_get::<Option<i64>, _>("archived_at")?.is_some(),
            folder: row.try_get("folder")?,
            system: Some(row.try_get("system_prompt")?)
                .filter(|system: &String| !system.is_empty()),
            ..transfer::Conversation::default()
        };
        let leaf: Option<Uuid> = row.try_get("active_leaf")?;
        let rows = sqlx::query(
            "SELECT messages.*, answers.* FROM messages
             LEFT JOIN answers ON answers.message_id = messages.id
             WHERE conversation_id = ? ORDER BY created_at, id",
        )
        .bind(id.0)
        .fetch_all(&self.readers)
        .await?;
        let messages = rows.iter().map(read_message).collect::<Result<_, _>>()?;
        Ok(Some((conversation, leaf.map(MessageId), messages)))
    }
}
