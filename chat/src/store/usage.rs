//! Sums over the ledger by month, day and hour, which are kept as its rows are closed.

use protocol::Failure;
use sqlx::{Row, sqlite::SqliteRow};

use super::{LedgerId, Store, StoreError, Write, ledger::caller};
use crate::limits::PastCalls;

/// Over how long sums are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// `2026-11-26 17`.
    Hour,
    /// `2026-11-26`.
    Day,
    /// `2026-11`.
    Month,
}

/// What calls of one kind took within a span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sums {
    /// The span, by its name in the server's time, see [`Span`].
    pub period: String,
    /// What the calls were made for: `chat`, `title`, `relay`, ….
    pub purpose: String,
    /// The name of the person who caused them.
    pub person: String,
    /// The name of the program's token, if one asked.
    pub token: Option<String>,
    /// The provider's name.
    pub provider: String,
    /// The model's name.
    pub model: String,
    /// How the calls ended.
    pub status: String,
    /// How many there were.
    pub calls: u64,
    /// How many of them have tokens that are estimates.
    pub estimated: u64,
    /// How many of them have no known price.
    pub unpriced: u64,
    /// Tokens of requests.
    pub prompt_tokens: u64,
    /// Tokens of answers.
    pub completion_tokens: u64,
    /// The part of the requests' tokens that was read from caches.
    pub cached_tokens: u64,
    /// The part of the answers' tokens that was spent on reasoning.
    pub reasoning_tokens: u64,
    /// In picodollars.
    pub cost: u64,
}

/// How many calls of one kind had their first token within a bound, and not within the one below.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstTokens {
    /// What the calls were made for.
    pub purpose: String,
    /// The provider's name.
    pub provider: String,
    /// The model's name.
    pub model: String,
    /// The bound, in milliseconds.
    pub up_to_ms: u64,
    /// How many there were.
    pub calls: u64,
}

/// A call that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecentFailure {
    /// When it began, in milliseconds since 1970.
    pub started_at: i64,
    /// What it was made for.
    pub purpose: String,
    /// The provider's name.
    pub provider: String,
    /// The model's name.
    pub model: String,
    /// What happened.
    pub told: ToldFailure,
}

/// What the ledger tells of a failure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ToldFailure {
    /// The failure, without the upstream's own words.
    Failure(Failure),
    /// A sentence in English, as older rows have it.
    Words(String),
}

impl ToldFailure {
    fn read(written: String) -> Self {
        serde_json::from_str(&written).map_or(Self::Words(written), Self::Failure)
    }
}

/// Sums over all calls.
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
#[derive(Debug, Clone, PartialEq, Eq)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

impl Span {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Month => "month",
        }
    }
}

impl Write {
    /// Adds a closed call to the sums.
    pub(super) async fn add_to_sums(&mut self, id: LedgerId) -> Result<(), StoreError> {
        const STATEMENTS: [&str; 2] = [
            "INSERT INTO usage_sums
                 SELECT span, period, purpose, person_id, token_id, provider, model, status, calls,
                     estimated, unpriced, prompt_tokens, completion_tokens, cached_tokens,
                     reasoning_tokens, cost
                 FROM calls_by_time WHERE id = ?
             ON CONFLICT DO UPDATE SET
                 calls = calls + excluded.calls,
                 estimated = estimated + excluded.estimated,
                 unpriced = unpriced + excluded.unpriced,
                 prompt_tokens = prompt_tokens + excluded.prompt_tokens,
                 completion_tokens = completion_tokens + excluded.completion_tokens,
                 cached_tokens = cached_tokens + excluded.cached_tokens,
                 reasoning_tokens = reasoning_tokens + excluded.reasoning_tokens,
                 cost = min(cost + excluded.cost, 9223372036854775807)",
            "INSERT INTO first_token_counts
                 SELECT span, period, purpose, provider, model,
                     (SELECT min(up_to_ms) FROM first_token_bounds WHERE up_to_ms >= first_token_ms),
                     calls
                 FROM calls_by_time WHERE id = ? AND first_token_ms IS NOT NULL
             ON CONFLICT DO UPDATE SET calls = calls + excluded.calls",
        ];
        for statement in STATEMENTS {
            sqlx::query(statement).bind(id.0).execute(&mut *self.transaction).await?;
        }
        Ok(())
    }
}

/// Provider, model, purpose, status; calls, tokens of requests and of answers, cost.
type CallRow = (String, String, String, String, i64, i64, i64, i64);

impl Store {
    /// Sums by spans of a kind since one of them, in the order of their fields.
    pub async fn usage_sums(&self, span: Span, since: &str) -> Result<Vec<Sums>, StoreError> {
        let rows = sqlx::query(
            "SELECT usage_sums.*, coalesce(people.name, '') AS person, api_tokens.name AS token
             FROM usage_sums
             LEFT JOIN people ON people.id = usage_sums.person_id
             LEFT JOIN api_tokens ON api_tokens.id = usage_sums.token_id
             WHERE span = ? AND period >= ?
             ORDER BY period, purpose, person_id, token_id, provider, model, status",
        )
        .bind(span.as_str())
        .bind(since)
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(read_sums).collect()
    }

    /// Sums over all calls that have ended, by provider, model, purpose and status.
    pub async fn call_sums(&self) -> Result<Vec<(CallKind, CallSum)>, StoreError> {
        // Sums that went beyond what an integer holds are capped, and adding them up as integers
        // would be an error.
        let rows: Vec<CallRow> = sqlx::query_as(
            "SELECT provider, model, purpose, status, sum(calls), sum(prompt_tokens),
                 sum(completion_tokens), CAST(total(cost) AS INTEGER)
             FROM usage_sums WHERE span = 'month' GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4",
        )
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

    /// Sums over every call ever made.
    pub async fn ledger_totals(&self) -> Result<LedgerTotals, StoreError> {
        let (calls, prompt, completion): (i64, i64, i64) = sqlx::query_as(
            "SELECT coalesce(sum(calls), 0) + (SELECT count(*) FROM ledger WHERE status = 'open'),
                 coalesce(sum(prompt_tokens), 0), coalesce(sum(completion_tokens), 0)
             FROM usage_sums WHERE span = 'month'",
        )
        .fetch_one(&self.readers)
        .await?;
        Ok(LedgerTotals {
            calls: calls.unsigned_abs(),
            prompt_tokens: prompt.unsigned_abs(),
            completion_tokens: completion.unsigned_abs(),
        })
    }

    /// What closed calls took since a day, such as `2026-11-01`, each day by itself.
    pub(crate) async fn calls_since(&self, day: &str) -> Result<Vec<PastCalls>, StoreError> {
        let rows: Vec<(String, i64, i64, String, String, i64, i64)> = sqlx::query_as(
            "SELECT period, person_id, token_id, provider, model, prompt_tokens + completion_tokens, cost
             FROM usage_sums WHERE span = 'day' AND period >= ?",
        )
        .bind(day)
        .fetch_all(&self.readers)
        .await?;
        Ok(rows
            .into_iter()
            .map(|(day, person, token, provider, model, tokens, money)| PastCalls {
                day,
                caller: caller(person, Some(token).filter(|token| *token != 0)),
                provider,
                model,
                tokens: tokens.unsigned_abs(),
                money: money.unsigned_abs(),
            })
            .collect())
    }

    /// Times to the first token since a period, the shorter ones first.
    pub async fn first_tokens(
        &self,
        span: Span,
        since: &str,
    ) -> Result<Vec<FirstTokens>, StoreError> {
        let rows: Vec<(String, String, String, i64, i64)> = sqlx::query_as(
            "SELECT purpose, provider, model, up_to_ms, sum(calls) FROM first_token_counts
             WHERE span = ? AND period >= ? GROUP BY 1, 2, 3, 4 ORDER BY 4",
        )
        .bind(span.as_str())
        .bind(since)
        .fetch_all(&self.readers)
        .await?;
        Ok(rows
            .into_iter()
            .map(|(purpose, provider, model, up_to_ms, calls)| FirstTokens {
                purpose,
                provider,
                model,
                up_to_ms: up_to_ms.unsigned_abs(),
                calls: calls.unsigned_abs(),
            })
            .collect())
    }

    /// The latest calls that failed, newest first.
    pub async fn recent_failures(&self, most: u32) -> Result<Vec<RecentFailure>, StoreError> {
        let rows: Vec<(i64, String, String, String, Option<String>)> = sqlx::query_as(
            "SELECT started_at, purpose, provider, model, failure FROM ledger
             WHERE status = 'failed' ORDER BY id DESC LIMIT ?",
        )
        .bind(most)
        .fetch_all(&self.readers)
        .await?;
        Ok(rows
            .into_iter()
            .map(|(started_at, purpose, provider, model, written)| RecentFailure {
                started_at,
                purpose,
                provider,
                model,
                told: ToldFailure::read(written.unwrap_or_default()),
            })
            .collect())
    }
}

fn read_sums(row: &SqliteRow) -> Result<Sums, StoreError> {
    let count = |column| Ok::<_, StoreError>(row.try_get::<i64, _>(column)?.unsigned_abs());
    Ok(Sums {
        period: row.try_get("period")?,
        purpose: row.try_get("purpose")?,
        person: row.try_get("person")?,
        token: row.try_get("token")?,
        provider: row.try_get("provider")?,
        model: row.try_get("model")?,
        status: row.try_get("status")?,
        calls: count("calls")?,
        estimated: count("estimated")?,
        unpriced: count("unpriced")?,
        prompt_tokens: count("prompt_tokens")?,
        completion_tokens: count("completion_tokens")?,
        cached_tokens: count("cached_tokens")?,
        reasoning_tokens: count("reasoning_tokens")?,
        cost: count("cost")?,
    })
}

#[cfg(test)]
mod tests {
    use sqlx::{SqlitePool, migrate::Migrator, sqlite::SqliteConnectOptions};

    use super::*;
    use crate::store::migrations::migrations;

    /// A ledger from before there were sums, with calls of all kinds.
    async fn older_database(folder: &std::path::Path) {
        let older =
            migrations().iter().filter(|migration| migration.version < 6).cloned().collect();
        let options = SqliteConnectOptions::new()
            .filename(folder.join("inglenook.db"))
            .create_if_missing(true);
        let database = SqlitePool::connect_with(options).await.unwrap();
        Migrator::with_migrations(older).run(&database).await.unwrap();
        sqlx::query(
            "INSERT INTO ledger (started_at, purpose, person_id, provider, model, status,
                 prompt_tokens, completion_tokens, cost, first_token_ms)
             VALUES (1000, 'chat', 1, 'openai', 'gpt-5', 'finished', 10, 5, 70, 320),
                 (2000, 'chat', 1, 'openai', 'gpt-5', 'finished', 20, NULL, NULL, 9007199254740991),
                 (3000, 'title', 1, 'openai', 'gpt-5', 'failed', NULL, NULL, NULL, NULL),
                 (4000, 'chat', 1, 'openai', 'gpt-5', 'open', NULL, NULL, NULL, NULL)",
        )
        .execute(&database)
        .await
        .unwrap();
        database.close().await;
    }

    #[tokio::test]
    async fn an_older_ledger_is_summed_when_it_is_brought_up_to_date() {
        let folder = tempfile::tempdir().unwrap();
        older_database(folder.path()).await;
        let store = Store::open(folder.path()).await.unwrap();
        for span in [Span::Hour, Span::Day, Span::Month] {
            let sums = store.usage_sums(span, "1969").await.unwrap();
            let [chat, title] = &sums[..] else { panic!("{sums:?}") };
            assert_eq!((chat.calls, chat.unpriced, chat.cost), (2, 1, 70), "{span:?}");
            assert_eq!((chat.prompt_tokens, chat.completion_tokens), (30, 5), "{span:?}");
            assert_eq!((title.calls, title.status.as_str()), (1, "failed"), "{span:?}");
            assert_eq!(chat.person, "owner", "{span:?}");
            let within: Vec<_> = store.first_tokens(span, "1969").await.unwrap();
            let within: Vec<_> = within.iter().map(|count| count.up_to_ms).collect();
            assert_eq!(within, [400, 9_007_199_254_740_991], "{span:?}");
        }
        store.close().await;
    }
}
