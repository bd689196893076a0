//! The index for search. What words are is decided in `chat::search`.

use protocol::{ConversationId, MessageId};
use sqlx::Row;
use uuid::Uuid;

use super::{Store, StoreError, Write};

/// How many of the latest matches are ranked. Ranking all of a word that stands in every message
/// would take longer the more there is, and the old ones would seldom be wanted.
const RANKED: u32 = 1_000;

/// A row that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchRow {
    /// The conversation.
    pub conversation: ConversationId,
    /// Its title.
    pub title: String,
    /// The message; `None` if the title was found.
    pub message: Option<MessageId>,
    /// The message's text.
    pub content: Option<String>,
    /// When the message came, or the conversation's last one, in milliseconds.
    pub at: i64,
}

impl Write {
    /// Puts words into the index in place of what it had for the same thing.
    pub async fn index(
        &mut self,
        conversation: ConversationId,
        message: Option<MessageId>,
        words: &str,
    ) -> Result<(), StoreError> {
        let known: Option<i64> = match message {
            Some(message) => {
                sqlx::query_scalar("SELECT id FROM search_entries WHERE message_id = ?")
                    .bind(message.0)
            }
            None => sqlx::query_scalar(
                "SELECT id FROM search_entries WHERE conversation_id = ? AND message_id IS NULL",
            )
            .bind(conversation.0),
        }
        .fetch_optional(&mut *self.transaction)
        .await?;
        let entry = match known {
            Some(entry) => {
                sqlx::query("DELETE FROM search WHERE rowid = ?")
                    .bind(entry)
                    .execute(&mut *self.transaction)
                    .await?;
                entry
            }
            None => {
                sqlx::query_scalar(
                    "INSERT INTO search_entries (conversation_id, message_id) VALUES (?, ?) RETURNING id",
                )
                .bind(conversation.0)
                .bind(message.map(|message| message.0))
                .fetch_one(&mut *self.transaction)
                .await?
            }
        };
        sqlx::query("INSERT INTO search (rowid, text) VALUES (?, ?)")
            .bind(entry)
            .bind(words)
            .execute(&mut *self.transaction)
            .await?;
        Ok(())
    }

    /// Indexes messages and titles that are not in the index, the oldest first, at most `most` of
    /// each. Returns how many it found.
    pub async fn index_missing(
        &mut self,
        most: u32,
        words: fn(&str) -> String,
    ) -> Result<usize, StoreError> {
        let messages: Vec<(Uuid, Uuid, String)> = sqlx::query_as(
            "SELECT messages.conversation_id, messages.id, messages.content FROM messages
             JOIN conversations ON conversations.id = messages.conversation_id
             LEFT JOIN answers ON answers.message_id = messages.id
             WHERE conversations.temporary = 0 AND coalesce(answers.status, '') <> 'open'
             AND NOT EXISTS (SELECT 1 FROM search_entries WHERE search_entries.message_id = messages.id)
             ORDER BY messages.created_at LIMIT ?",
        )
        .bind(most)
        .fetch_all(&mut *self.transaction)
        .await?;
        let titles: Vec<(Uuid, String)> = sqlx::query_as(
            "SELECT id, title FROM conversations
             WHERE temporary = 0 AND NOT EXISTS (
                 SELECT 1 FROM search_entries
                 WHERE search_entries.conversation_id = conversations.id AND message_id IS NULL)
             LIMIT ?",
        )
        .bind(most)
        .fetch_all(&mut *self.transaction)
        .await?;
        for (conversation, message, content) in &messages {
            self.index(ConversationId(*conversation), Some(MessageId(*message)), &words(content))
                .await?;
        }
        for (conversation, title) in &titles {
            self.index(ConversationId(*conversation), None, &words(title)).await?;
        }
        Ok(messages.len() + titles.len())
    }
}

impl Store {
    /// What matches a query of FTS5: titles first, then messages, the best first.
    pub async fn search(&self, query: &str, limit: u32) -> Result<Vec<SearchRow>, StoreError> {
        let rows = sqlx::query(
            "WITH matches AS MATERIALIZED (
                 SELECT rowid AS entry, bm25(search) AS rank FROM search
                 WHERE search MATCH ? ORDER BY rowid DESC LIMIT ?
             )
             SELECT conversations.id, conversations.title, search_entries.message_id, messages.content,
                 coalesce(messages.created_at, conversations.updated_at) AS at
             FROM matches
             JOIN search_entries ON search_entries.id = matches.entry
             JOIN conversations ON conversations.id = search_entries.conversation_id
             LEFT JOIN messages ON messages.id = search_entries.message_id
             WHERE conversations.deleted_at IS NULL
             ORDER BY search_entries.message_id IS NOT NULL, matches.rank, matches.entry DESC LIMIT ?",
        )
        .bind(query)
        .bind(RANKED)
        .bind(limit)
        .fetch_all(&self.readers)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(SearchRow {
                    conversation: ConversationId(row.try_get("id")?),
                    title: row.try_get("title")?,
                    message: row.try_get::<Option<Uuid>, _>("message_id")?.map(MessageId),
                    content: row.try_get("content")?,
                    at: row.try_get("at")?,
                })
            })
            .collect()
    }
}
