//! The rows of the ledger: one for each call to an upstream.

use protocol::{ConversationId, End, Failure, MessageId, Usage};

use super::{Store, StoreError, Write, answers::tokens};
use crate::accounts::Caller;

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
}

/// Names a row of the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LedgerId(i64);

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
    /// What the upstream counted.
    pub usage: Usage,
}

/// Sums over the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LedgerTotals {
    /// How many calls were made.
    pub calls: u64,
    /// Tokens of requests, where upstreams counted them.
    pub prompt_tokens: u64,
    /// Tokens of answers, where upstreams counted them.
    pub completion_tokens: u64,
}

/// What calls that are counted together have in common.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CallKind {
    /// The provider's name.
    pub provider: String,
    /// The model asked for.
    pub model: String,
    /// What they were made for: `chat`, `title`, `relay`, ….
    pub purpose: String,
    /// How they ended.
    pub status: String,
}

/// What calls took together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CallSum {
    /// How many they are.
    pub calls: u64,
    /// Tokens of requests, cached ones included.
    pub prompt_tokens: u64,
    /// Tokens of answers, reasoning included.
    pub completion_tokens: u64,
    /// What they cost, in picodollars, where prices are known.
    pub cost: u64,
}

impl CallSum {
    /// Adds what others took.
    pub(crate) fn add(&mut self, other: &Self) {
        self.calls += other.calls;
        self.prompt_tokens += other.prompt_tokens;
        self.completion_tokens += other.completion_tokens;
        self.cost += other.cost;
    }
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

    /// Closes the row of a call with what it took. Where no model was known when it was opened, it
    /// gets the one that answered.
    pub async fn close_call(&mut self, id: LedgerId, end: &End) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE ledger SET status = ?, failure = ?, model = coalesce(nullif(model, ''), ?),
                 prompt_tokens = ?, completion_tokens = ?, cached_tokens = ?, reasoning_tokens = ?,
                 first_token_ms = ?, total_ms = ?
             WHERE id = ?",
        )
        .bind(end.status.as_str())
        .bind(end.failure.as_ref().map(Failure::words))
        .bind(&end.model)
        .bind(tokens(end.usage.prompt_tokens))
        .bind(tokens(end.usage.completion_tokens))
        .bind(tokens(end.usage.cached_tokens))
        .bind(tokens(end.usage.reasoning_tokens))
        .bind(tokens(end.timings.first_token_ms))
        .bind(tokens(end.timings.total_ms))
        .bind(id.0)
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Closes every row that the last end of the process left open, but those of answers that are
    /// open still.
    pub async fn interrupt_open_calls(&mut self) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE ledger SET status = 'interrupted' WHERE status = 'open' AND (
                 answer_id IS NULL
                 OR answer_id NOT IN (SELECT message_id FROM answers WHERE status = 'open'))",
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }
}

type LedgerRow = (
    String,
    String,
    String,
    String,
    Option<uuid::Uuid>,
    Option<i64>,
    Option<i64>,
    Option<i64>,
    Option<i64>,
);

/// Provider, model, purpose, status; calls, tokens of requests and of answers, cost.
type SumRow = (String, String, String, String, i64, i64, i64, i64);

impl Store {
    /// The latest calls, newest first.
    pub async fn ledger(&self, limit: u32) -> Result<Vec<LedgerEntry>, StoreError> {
        let rows: Vec<LedgerRow> = sqlx::query_as(
            "SELECT purpose, status, provider, model, answer_id, prompt_tokens, completion_tokens,
                    cached_tokens, reasoning_tokens
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
                    }
                },
            )
            .collect())
    }

    /// The last row of the ledger up to which every call has ended, so that none of them changes.
    pub async fn settled_calls(&self) -> Result<i64, StoreError> {
        Ok(sqlx::query_scalar(
            "SELECT coalesce((SELECT min(id) FROM ledger WHERE status = 'open') - 1,
                 (SELECT max(id) FROM ledger), 0)",
        )
        .fetch_one(&self.readers)
        .await?)
    }

    /// Sums over the calls that have ended, of the rows after one and up to another.
    pub async fn call_sums(
        &self,
        after: i64,
        up_to: i64,
    ) -> Result<Vec<(CallKind, CallSum)>, StoreError> {
        let rows: Vec<SumRow> = sqlx::query_as(
            "SELECT provider, model, purpose, status, count(*), coalesce(sum(prompt_tokens), 0),
                 coalesce(sum(completion_tokens), 0), coalesce(sum(cost), 0)
             FROM ledger WHERE id > ? AND id <= ? AND status <> 'open'
             GROUP BY provider, model, purpose, status",
        )
        .bind(after)
        .bind(up_to)
        .fetch_all(&self.readers)
        .await?;
        let sums = rows.into_iter().map(
            |(provider, model, purpose, status, calls, prompt, completion, cost)| {
                let sum = CallSum {
                    calls: calls.unsigned_abs(),
                    prompt_tokens: prompt.unsigned_abs(),
                    completion_tokens: completion.unsigned_abs(),
                    cost: cost.unsigned_abs(),
                };
                (CallKind { provider, model, purpose, status }, sum)
            },
        );
        Ok(sums.collect())
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

    /// Sums over every call ever made.
    pub async fn ledger_totals(&self) -> Result<LedgerTotals, StoreError> {
        let (calls, prompt, completion): (i64, i64, i64) = sqlx::query_as(
            "SELECT count(*), coalesce(sum(prompt_tokens), 0), coalesce(sum(completion_tokens), 0) FROM ledger",
        )
        .fetch_one(&self.readers)
        .await?;
        Ok(LedgerTotals {
            calls: calls.unsigned_abs(),
            prompt_tokens: prompt.unsigned_abs(),
            completion_tokens: completion.unsigned_abs(),
        })
    }
}
