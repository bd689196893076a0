//! The rows of answers, as they are written.

use protocol::{Choice, ConversationId, End, MessageId, Seam, Usage};
use uuid::Uuid;

use super::{StoreError, StoredText, Write};

/// What is known of an answer before it is asked for.
#[derive(Debug, Clone, Copy)]
pub struct NewAnswer<'a> {
    /// The message that will hold it.
    pub id: MessageId,
    /// The provider's name.
    pub provider: &'a str,
    /// The model asked for.
    pub model: &'a str,
    /// What is sent beside the messages, as a JSON object.
    pub parameters: &'a str,
    /// How many of the oldest messages are not sent.
    pub left_out: u64,
    /// How the model was chosen, where nobody named it.
    pub choice: Option<&'a Choice>,
}

/// Who writes an answer after another upstream has failed.
#[derive(Debug, Clone, Copy)]
pub struct Redirected<'a> {
    /// The provider's name.
    pub provider: &'a str,
    /// The model asked for.
    pub model: &'a str,
    /// What is sent beside the messages, as a JSON object.
    pub parameters: &'a str,
    /// How many of the oldest messages are not sent.
    pub left_out: u64,
    /// Where the answer was cut so far.
    pub seams: &'a [Seam],
}

/// A count as SQLite stores it: 64 bits with a sign.
pub(super) fn tokens(count: Option<u64>) -> Option<i64> {
    count.map(|count| i64::try_from(count).unwrap_or(i64::MAX))
}

/// Seams as they are stored: a list of JSON.
fn written_seams(seams: &[Seam]) -> String {
    serde_json::to_string(seams).unwrap_or_else(|_| "[]".to_owned())
}

/// How a choice is stored.
fn json(choice: Option<&Choice>) -> Option<String> {
    choice.and_then(|choice| serde_json::to_string(choice).ok())
}

impl Write {
    /// Adds what an answer has beside its message, open and empty.
    pub async fn add_answer(&mut self, answer: NewAnswer<'_>) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO answers (message_id, status, provider, model, parameters, left_out, choice)
             VALUES (?, 'open', ?, ?, ?, ?, ?)",
        )
        .bind(answer.id.0)
        .bind(answer.provider)
        .bind(answer.model)
        .bind(answer.parameters)
        .bind(answer.left_out.cast_signed())
        .bind(json(answer.choice))
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Records what was found out about an open answer before it is asked for.
    pub async fn decide_answer(&mut self, answer: NewAnswer<'_>) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE answers SET provider = ?, model = ?, parameters = ?, left_out = ?, choice = ?
             WHERE message_id = ?",
        )
        .bind(answer.provider)
        .bind(answer.model)
        .bind(answer.parameters)
        .bind(answer.left_out.cast_signed())
        .bind(json(answer.choice))
        .bind(answer.id.0)
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Opens an ended answer again, to be continued. False if it is open already, or is none.
    pub async fn reopen_answer(
        &mut self,
        answer: MessageId,
        provider: &str,
        parameters: &str,
        left_out: u64,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "UPDATE answers SET status = 'open', failure = NULL, provider = ?, parameters = ?, left_out = ?,
                 response = NULL, response_event = NULL
             WHERE message_id = ? AND status <> 'open'",
        )
        .bind(provider)
        .bind(parameters)
        .bind(left_out.cast_signed())
        .bind(answer.0)
        .execute(&mut *self.transaction)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Has another upstream write an open answer. What came of it by now is folded: neither what was spent on
    /// it nor the numbers of its events belong to whoever goes on.
    pub async fn redirect_answer(
        &mut self,
        answer: MessageId,
        to: Redirected<'_>,
    ) -> Result<(), StoreError> {
        self.fold_journal(answer).await?;
        sqlx::query(
            "UPDATE answers SET provider = ?, model = ?, parameters = ?, left_out = ?, seams = ?,
                 response = NULL, response_event = NULL
             WHERE message_id = ?",
        )
        .bind(to.provider)
        .bind(to.model)
        .bind(to.parameters)
        .bind(to.left_out.cast_signed())
        .bind(written_seams(to.seams))
        .bind(answer.0)
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Folds an answer, whose journal comes to this text, and records how it ended.
    pub async fn close_answer(
        &mut self,
        answer: MessageId,
        text: &StoredText,
        closing: &End,
    ) -> Result<(), StoreError> {
        sqlx::query("UPDATE messages SET content = ? WHERE id = ?")
            .bind(&text.content)
            .bind(answer.0)
            .execute(&mut *self.transaction)
            .await?;
        sqlx::query(
            "UPDATE answers SET reasoning = ?, sequence = ?, status = ?, failure = ?, finish_reason = ?, model = ?,
                 prompt_tokens = ?, completion_tokens = ?, cached_tokens = ?, reasoning_tokens = ?,
                 cost = ?, estimated = ?, first_token_ms = ?, reasoning_ms = ?, total_ms = ?, seams = ?,
                 response = NULL, response_event = NULL
             WHERE message_id = ?",
        )
        .bind(&text.reasoning)
        .bind(text.sequence.cast_signed())
        .bind(closing.status.as_str())
        .bind(closing.failure.as_ref().and_then(|failure| serde_json::to_string(failure).ok()))
        .bind(&closing.finish_reason)
        .bind(&closing.model)
        .bind(tokens(closing.usage.prompt_tokens))
        .bind(tokens(closing.usage.completion_tokens))
        .bind(tokens(closing.usage.cached_tokens))
        .bind(tokens(closing.usage.reasoning_tokens))
        .bind(tokens(closing.cost))
        .bind(closing.estimated)
        .bind(tokens(closing.timings.first_token_ms))
        .bind(tokens(closing.timings.reasoning_ms))
        .bind(tokens(closing.timings.total_ms))
        .bind(written_seams(&closing.seams))
        .bind(answer.0)
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// The conversation in which a search finds an answer, or `None` if none is to find it.
    pub async fn findable_in(
        &mut self,
        answer: MessageId,
    ) -> Result<Option<ConversationId>, StoreError> {
        let conversation: Option<Uuid> = sqlx::query_scalar(
            "SELECT conversation_id FROM messages
             JOIN conversations ON conversations.id = messages.conversation_id
             WHERE messages.id = ? AND temporary = 0",
        )
        .bind(answer.0)
        .fetch_optional(&mut *self.transaction)
        .await?;
        Ok(conversation.map(ConversationId))
    }

    /// Keeps the hash of what is sent for an answer.
    pub async fn set_request_hash(
        &mut self,
        answer: MessageId,
        hash: &[u8],
    ) -> Result<(), StoreError> {
        sqlx::query("UPDATE answers SET request_hash = ? WHERE message_id = ?")
            .bind(hash)
            .bind(answer.0)
            .execute(&mut *self.transaction)
            .await?;
        Ok(())
    }

    /// Notes what an answer took whose calls are closed, before it is closed itself.
    pub async fn note_spent(&mut self, answer: MessageId, usage: &Usage) -> Result<(), StoreError> {
        let (cost, estimated) = self.cost_of(answer).await?;
        sqlx::query(
            "UPDATE answers SET prompt_tokens = ?, completion_tokens = ?, cached_tokens = ?,
                 reasoning_tokens = ?, cost = ?, estimated = ?
             WHERE message_id = ?",
        )
        .bind(tokens(usage.prompt_tokens))
        .bind(tokens(usage.completion_tokens))
        .bind(tokens(usage.cached_tokens))
        .bind(tokens(usage.reasoning_tokens))
        .bind(tokens(cost))
        .bind(estimated)
        .bind(answer.0)
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }
}
