//! The rows of the ledger: one for each call to an upstream.

use std::collections::HashMap;

use protocol::{ConversationId, End, Failure, MessageId, Usage};
use uuid::Uuid;

use super::{Store, StoreError, Write, answers::tokens};
use crate::{
    accounts::{Caller, PersonId, TokenId},
    limits::{OwnLimits, PastStart},
};

/// What a call was made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// An answer in a conversation.
    Chat,
    /// The title of a conversation.
    Title,
    /// The request of a program.
    Relay,
    /// The choice of a model for a question.
    Choice,
}

impl Purpose {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Title => "title",
            Self::Relay => "relay",
            Self::Choice => "choice",
        }
    }

    /// True if somebody waits for what is written, so that it counts among the answers that are
    /// written at the same time.
    pub(crate) const fn is_answer(self) -> bool {
        matches!(self, Self::Chat | Self::Relay)
    }
}

/// Names a row of the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LedgerId(pub(super) i64);

/// What is known of a call before it is made.
#[derive(Debug, Clone, Copy)]
pub struct NewCall<'a> {
    /// What it is made for.
    pub purpose: Purpose,
    /// Who causes it.
    pub caller: Caller,
    /// The conversation it belongs to, if any.
    pub conversation: Option<ConversationId>,
    /// The answer it writes, if any.
    pub answer: Option<MessageId>,
    /// The provider's name.
    pub provider: &'a str,
    /// The model asked for.
    pub model: &'a str,
}

/// A row as it is read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerEntry {
    /// What the call was made for: `chat`, `title`, `relay`, ….
    pub purpose: String,
    /// How it ended, or `open`.
    pub status: String,
    /// The provider's name.
    pub provider: String,
    /// The model asked for.
    pub model: String,
    /// The answer it wrote, if any.
    pub answer: Option<MessageId>,
    /// What the upstream counted, or what was estimated.
    pub usage: Usage,
    /// The upstream did not count all of it.
    pub estimated: bool,
    /// In picodollars; `None` where no price was known.
    pub cost: Option<u64>,
}

/// A call that the last end of the process left open.
#[derive(Debug, Clone)]
pub struct OpenCall {
    /// Its row.
    pub id: LedgerId,
    /// The answer it was writing, if any.
    pub answer: Option<MessageId>,
    /// The provider's name.
    pub provider: String,
    /// The model asked for.
    pub model: String,
    /// The reasoning and the text that came and were stored.
    pub came: String,
    /// How many of the oldest messages were not sent.
    pub left_out: u64,
}

impl Write {
    /// Opens the row of a call, before the call is made.
    pub async fn open_call(
        &mut self,
        call: NewCall<'_>,
        started_at: i64,
    ) -> Result<LedgerId, StoreError> {
        let id = sqlx::query_scalar(
            "INSERT INTO ledger (started_at, purpose, person_id, token_id, conversation_id, answer_id,
                 provider, model, status)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'open') RETURNING id",
        )
        .bind(started_at)
        .bind(call.purpose.as_str())
        .bind(call.caller.person.0)
        .bind(call.caller.token.map(|token| token.0))
        .bind(call.conversation.map(|id| id.0))
        .bind(call.answer.map(|id| id.0))
        .bind(call.provider)
        .bind(call.model)
        .fetch_one(&mut *self.transaction)
        .await?;
        Ok(LedgerId(id))
    }

    /// Closes the row of a call with what it took, and adds that to the sums. The cost is that of
    /// this call alone. Where no model was known when it was opened, it gets the one that answered.
    /// A row that is closed already stays as it is.
    pub async fn close_call(&mut self, id: LedgerId, end: &End) -> Result<(), StoreError> {
        let closed = sqlx::query(
            "UPDATE ledger SET status = ?, failure = ?, model = coalesce(nullif(model, ''), ?),
                 prompt_tokens = ?, completion_tokens = ?, cached_tokens = ?, reasoning_tokens = ?,
                 estimated = ?, cost = ?, first_token_ms = ?, total_ms = ?
             WHERE id = ? AND status = 'open'",
        )
        .bind(end.status.as_str())
        .bind(end.failure.as_ref().and_then(written_failure))
        .bind(&end.model)
        .bind(tokens(end.usage.prompt_tokens))
        .bind(tokens(end.usage.completion_tokens))
        .bind(tokens(end.usage.cached_tokens))
        .bind(tokens(end.usage.reasoning_tokens))
        .bind(end.estimated)
        .bind(tokens(end.cost))
        .bind(tokens(end.timings.first_token_ms))
        .bind(tokens(end.timings.total_ms))
        .bind(id.0)
        .execute(&mut *self.transaction)
        .await?;
        match closed.rows_affected() {
            1 => self.add_to_sums(id).await,
            _ => Ok(()),
        }
    }

    /// What all closed calls for an answer cost together, and whether any of it is an estimate.
    pub async fn cost_of(&mut self, answer: MessageId) -> Result<(Option<u64>, bool), StoreError> {
        let calls: Vec<(Option<i64>, bool)> = sqlx::query_as(
            "SELECT cost, estimated FROM ledger WHERE answer_id = ? AND status <> 'open'",
        )
        .bind(answer.0)
        .fetch_all(&mut *self.transaction)
        .await?;
        let costs = calls.iter().filter_map(|(cost, _)| *cost).map(i64::unsigned_abs);
        let cost = costs.reduce(u64::saturating_add);
        Ok((cost, calls.iter().any(|(_, estimated)| *estimated)))
    }

    /// The rows that the last end of the process left open.
    pub async fn open_calls(&mut self) -> Result<Vec<OpenCall>, StoreError> {
        type Row = (i64, Option<Uuid>, String, String, Option<String>, Option<i64>);
        let rows: Vec<Row> = sqlx::query_as(
            "SELECT ledger.id, answer_id, ledger.provider, ledger.model,
                 (SELECT group_concat(reasoning || content, '' ORDER BY sequence) FROM unfolded
                  WHERE unfolded.answer_id = ledger.answer_id),
                 left_out
             FROM ledger LEFT JOIN answers ON message_id = answer_id
             WHERE ledger.status = 'open'",
        )
        .fetch_all(&mut *self.transaction)
        .await?;
        let call = |(id, answer, provider, model, came, left_out): Row| OpenCall {
            id: LedgerId(id),
            answer: answer.map(MessageId),
            provider,
            model,
            came: came.unwrap_or_default(),
            left_out: left_out.unwrap_or_default().unsigned_abs(),
        };
        Ok(rows.into_iter().map(call).collect())
    }
}

type LedgerRow = (
    String,
    String,
    String,
    String,
    Option<Uuid>,
    Option<i64>,
    Option<i64>,
    Option<i64>,
    Option<i64>,
    bool,
    Option<i64>,
);

/// A failure as a row keeps it: without the upstream's own words, which may repeat what it was sent.
fn written_failure(failure: &Failure) -> Option<String> {
    serde_json::to_string(&Failure { detail: None, ..failure.clone() }).ok()
}

impl Store {
    /// The latest calls, newest first.
    pub async fn ledger(&self, limit: u32) -> Result<Vec<LedgerEntry>, StoreError> {
        let rows: Vec<LedgerRow> = sqlx::query_as(
            "SELECT purpose, status, provider, model, answer_id, prompt_tokens, completion_tokens,
                    cached_tokens, reasoning_tokens, estimated, cost
             FROM ledger ORDER BY id DESC LIMIT ?",
        )
        .bind(limit)
        .fetch_all(&self.readers)
        .await?;
        let count = |value: Option<i64>| value.and_then(|value| u64::try_from(value).ok());
        Ok(rows
            .into_iter()
            .map(
                |(
                    purpose,
                    status,
                    provider,
                    model,
                    answer,
                    prompt,
                    completion,
                    cached,
                    reasoning,
                    estimated,
                    cost,
                )| {
                    LedgerEntry {
                        purpose,
                        status,
                        provider,
                        model,
                        answer: answer.map(MessageId),
                        usage: Usage {
                            prompt_tokens: count(prompt),
                            completion_tokens: count(completion),
                            cached_tokens: count(cached),
                            reasoning_tokens: count(reasoning),
                        },
                        estimated,
                        cost: count(cost),
                    }
                },
            )
            .collect())
    }

    /// The open call of an answer, and when it was made.
    pub async fn open_call_of(
        &self,
        answer: MessageId,
    ) -> Result<Option<(LedgerId, i64)>, StoreError> {
        let row: Option<(i64, i64)> = sqlx::query_as(
            "SELECT id, started_at FROM ledger WHERE answer_id = ? AND status = 'open'
             ORDER BY id DESC LIMIT 1",
        )
        .bind(answer.0)
        .fetch_optional(&self.readers)
        .await?;
        Ok(row.map(|(id, started_at)| (LedgerId(id), started_at)))
    }

    /// The calls that began after a time in milliseconds, the oldest first.
    pub(crate) async fn starts_since(&self, after: i64) -> Result<Vec<PastStart>, StoreError> {
        let rows: Vec<(i64, i64, Option<i64>, String, String)> = sqlx::query_as(
            "SELECT started_at, person_id, token_id, provider, model FROM ledger
             WHERE started_at > ? ORDER BY started_at",
        )
        .bind(after)
        .fetch_all(&self.readers)
        .await?;
        Ok(rows
            .into_iter()
            .map(|(started_at, person, token, provider, model)| PastStart {
                started_at,
                caller: caller(person, token),
                provider,
                model,
            })
            .collect())
    }

    /// The names of all people.
    pub(crate) async fn people(&self) -> Result<HashMap<PersonId, String>, StoreError> {
        let rows: Vec<(i64, String)> =
            sqlx::query_as("SELECT id, name FROM people").fetch_all(&self.readers).await?;
        Ok(rows.into_iter().map(|(id, name)| (PersonId(id), name)).collect())
    }

    /// A token's name and what it may spend. `None` if there is no such token.
    pub(crate) async fn token_limits(
        &self,
        token: TokenId,
    ) -> Result<Option<OwnLimits>, StoreError> {
        let row: Option<(String, String)> =
            sqlx::query_as("SELECT name, limits FROM api_tokens WHERE id = ?")
                .bind(token.0)
                .fetch_optional(&self.readers)
                .await?;
        let Some((name, limits)) = row else { return Ok(None) };
        let limits = serde_json::from_str(&limits)
            .map_err(|_| StoreError::Unreadable { what: "limits of a token" })?;
        Ok(Some((name, limits)))
    }
}

pub(super) fn caller(person: i64, token: Option<i64>) -> Caller {
    Caller { person: PersonId(person), token: token.map(TokenId) }
}
