//! The rows of answers.

use protocol::{
    AnswerStatus, Choice, ConversationId, End, Failure, MessageId, Seam, Sequence, Timings, Usage,
};
use sqlx::{Row, sqlite::SqliteRow};
use uuid::Uuid;

use super::{Store, StoreError, Write};

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

/// What an answer has beside its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Its state.
    pub status: AnswerStatus,
    /// The last journal entry folded into the text.
    pub sequence: Sequence,
    /// The reasoning that is folded.
    pub reasoning: String,
    /// The provider's name.
    pub provider: String,
    /// The model, as the upstream names it once it has answered.
    pub model: String,
    /// What was last sent beside the messages, as a JSON object.
    pub parameters: String,
    /// Times.
    pub timings: Timings,
    /// Tokens of the last call for it.
    pub usage: Usage,
    /// What all calls for it cost, in picodollars. `None` where no price is known.
    pub cost: Option<u64>,
    /// Tokens or cost are estimates.
    pub estimated: bool,
    /// The upstream's word for why it ended.
    pub finish_reason: Option<String>,
    /// Why it failed, if it did.
    pub failure: Option<Failure>,
    /// How many of the oldest messages were not sent.
    pub left_out: u64,
    /// Where it was cut and another upstream went on with it.
    pub seams: Vec<Seam>,
    /// How the model was chosen, where nobody named it.
    pub choice: Option<Choice>,
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

impl Answer {
    /// How it ended, as its readers are told.
    pub fn end(&self) -> End {
        End {
            status: self.status,
            failure: self.failure.clone(),
            finish_reason: self.finish_reason.clone(),
            model: self.model.clone(),
            usage: self.usage,
            cost: self.cost,
            estimated: self.estimated,
            timings: self.timings,
            left_out: self.left_out,
            seams: self.seams.clone(),
            choice: self.choice.clone(),
        }
    }

    /// Takes on how it ended.
    pub(crate) fn conclude(&mut self, end: End) {
        self.status = end.status;
        self.failure = end.failure;
        self.finish_reason = end.finish_reason;
        self.model = end.model;
        self.usage = end.usage;
        self.cost = end.cost;
        self.estimated = end.estimated;
        self.timings = end.timings;
        self.left_out = end.left_out;
        self.seams = end.seams;
        self.choice = end.choice;
    }
}

/// The texts of an answer that is being written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StoredText {
    /// The number of the last entry in it.
    pub sequence: Sequence,
    /// The content.
    pub content: String,
    /// The reasoning.
    pub reasoning: String,
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

    /// Has another upstream write an open answer.
    pub async fn redirect_answer(
        &mut self,
        answer: MessageId,
        to: Redirected<'_>,
    ) -> Result<(), StoreError> {
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
        // Numbers of events count within one response.
        sqlx::query("UPDATE journal SET response_event = NULL WHERE answer_id = ?")
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

    /// An answer's conversation and its whole text, or `None` if it is not to be found by a search.
    pub async fn text_to_index(
        &mut self,
        answer: MessageId,
    ) -> Result<Option<(ConversationId, String)>, StoreError> {
        let row: Option<(Uuid, String)> = sqlx::query_as(
            "SELECT conversation_id, content FROM messages
             JOIN conversations ON conversations.id = messages.conversation_id
             WHERE messages.id = ? AND temporary = 0",
        )
        .bind(answer.0)
        .fetch_optional(&mut *self.transaction)
        .await?;
        Ok(row.map(|(conversation, content)| (ConversationId(conversation), content)))
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

impl Store {
    /// What was sent for an answer beside the messages, as a JSON object, and the hash of it all.
    pub async fn request_of(
        &self,
        answer: MessageId,
    ) -> Result<(String, Option<Vec<u8>>), StoreError> {
        let row =
            sqlx::query_as("SELECT parameters, request_hash FROM answers WHERE message_id = ?")
                .bind(answer.0)
                .fetch_optional(&self.readers)
                .await?;
        Ok(row.unwrap_or_default())
    }

    /// The answers that are being written in a conversation.
    pub async fn open_answers_in(
        &self,
        conversation: ConversationId,
    ) -> Result<Vec<MessageId>, StoreError> {
        let rows: Vec<Uuid> = sqlx::query_scalar(
            "SELECT message_id FROM answers JOIN messages ON messages.id = answers.message_id
             WHERE status = 'open' AND conversation_id = ?",
        )
        .bind(conversation.0)
        .fetch_all(&self.readers)
        .await?;
        Ok(rows.into_iter().map(MessageId).collect())
    }

    /// What is stored of an answer's text, its journal not included, and how it stands.
    pub async fn answer(
        &self,
        answer: MessageId,
    ) -> Result<Option<(StoredText, Answer)>, StoreError> {
        let row = sqlx::query(
            "SELECT messages.content, answers.* FROM answers
             JOIN messages ON messages.id = answers.message_id WHERE message_id = ?",
        )
        .bind(answer.0)
        .fetch_optional(&self.readers)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let Some(answer) = read_answer(&row)? else { return Ok(None) };
        let text = StoredText {
            sequence: answer.sequence,
            content: row.try_get("content")?,
            reasoning: answer.reasoning.clone(),
        };
        Ok(Some((text, answer)))
    }
}

/// Reads the columns of `answers` in a row, where they are set.
pub(super) fn read_answer(row: &SqliteRow) -> Result<Option<Answer>, StoreError> {
    let Some(_) = row.try_get::<Option<Uuid>, _>("message_id")? else { return Ok(None) };
    let status: &str = row.try_get("status")?;
    let status = AnswerStatus::ALL
        .into_iter()
        .find(|known| known.as_str() == status)
        .ok_or(StoreError::Unreadable { what: "answer status" })?;
    let count = |column| -> Result<Option<u64>, StoreError> {
        Ok(row.try_get::<Option<i64>, _>(column)?.map(i64::unsigned_abs))
    };
    let failure = match row.try_get::<Option<&str>, _>("failure")? {
        Some(json) => Some(
            serde_json::from_str(json).map_err(|_| StoreError::Unreadable { what: "failure" })?,
        ),
        None => None,
    };
    let choice = match row.try_get::<Option<&str>, _>("choice")? {
        Some(json) => Some(
            serde_json::from_str(json).map_err(|_| StoreError::Unreadable { what: "choice" })?,
        ),
        None => None,
    };
    Ok(Some(Answer {
        status,
        sequence: row.try_get::<i64, _>("sequence")?.unsigned_abs(),
        reasoning: row.try_get("reasoning")?,
        provider: row.try_get("provider")?,
        model: row.try_get("model")?,
        parameters: row.try_get("parameters")?,
        timings: Timings {
            first_token_ms: count("first_token_ms")?,
            reasoning_ms: count("reasoning_ms")?,
            total_ms: count("total_ms")?,
        },
        usage: Usage {
            prompt_tokens: count("prompt_tokens")?,
            completion_tokens: count("completion_tokens")?,
            cached_tokens: count("cached_tokens")?,
            reasoning_tokens: count("reasoning_tokens")?,
        },
        cost: count("cost")?,
        estimated: row.try_get("estimated")?,
        finish_reason: row.try_get("finish_reason")?,
        failure,
        left_out: row.try_get::<i64, _>("left_out")?.unsigned_abs(),
        seams: serde_json::from_str(row.try_get("seams")?)
            .map_err(|_| StoreError::Unreadable { what: "list of seams" })?,
        choice,
    }))
}
