//! An answer as it is read back.

use protocol::{
    AnswerStatus, Choice, ConversationId, End, Failure, MessageId, Seam, Sequence, Timings, Usage,
};
use sqlx::{Row, sqlite::SqliteRow};
use uuid::Uuid;

use super::{Store, StoreError};

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
