//! The rows of the journal: a log, which is written at its end and deleted from its front.
//!
//! Rows of different answers stand in the order in which they came, so a commit for many answers
//! writes few pages. No index finds the rows of one answer, because it would have to be written for
//! each of them: while the server runs, their text is in memory. Only a start has to look for them,
//! and makes the index for that. Rows may stay for a while after their answer is folded; what is
//! folded says itself up to where. Nor does a foreign key lead to the answer: it would look for the
//! answer with each row that comes, and through all rows with each answer that goes.

use std::collections::HashMap;

use protocol::{Delta, MessageId, Sequence};
use sqlx::QueryBuilder;
use uuid::Uuid;

use super::{Store, StoreError, Write, answers::tokens};

/// The most rows that one statement inserts.
const ROWS_PER_INSERT: usize = 128;

/// One commit of an answer's journal.
#[derive(Debug, Clone)]
pub struct JournalRow {
    /// Its place in the log.
    pub id: i64,
    /// The answer it belongs to.
    pub answer: MessageId,
    /// Its number in that answer.
    pub sequence: Sequence,
    /// What it appends to the content.
    pub content: String,
    /// What it appends to the reasoning.
    pub reasoning: String,
    /// The last event of the response that is in it, where the answer can be resumed by that.
    pub response_event: Option<u64>,
}

/// What the log holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JournalExtent {
    /// The place of the first row of each answer.
    pub first_rows: HashMap<MessageId, i64>,
    /// The place of the last row, 0 if there is none.
    pub last_row: i64,
}

/// The largest power of two that is not above `count`, nor above [`ROWS_PER_INSERT`]. Every commit
/// has another number of rows, and each statement would have to be prepared anew; made up of these,
/// eight statements are enough for all.
fn rows_of_statement(count: usize) -> usize {
    1 << count.clamp(1, ROWS_PER_INSERT).ilog2()
}

impl Write {
    /// Appends to the log.
    pub async fn append_journal(&mut self, mut rows: &[JournalRow]) -> Result<(), StoreError> {
        while !rows.is_empty() {
            let (now, later) = rows.split_at(rows_of_statement(rows.len()));
            rows = later;
            QueryBuilder::new(
                "INSERT INTO journal (id, answer_id, sequence, content, reasoning, response_event) ",
            )
            .push_values(now, |mut values, row| {
                values
                    .push_bind(row.id)
                    .push_bind(row.answer.0)
                    .push_bind(row.sequence.cast_signed())
                    .push_bind(&row.content)
                    .push_bind(&row.reasoning)
                    .push_bind(tokens(row.response_event));
            })
            .build()
            .execute(&mut *self.transaction)
            .await?;
        }
        Ok(())
    }

    /// Deletes rows from the front of the log, up to the one with the id `end`, which stays.
    pub async fn trim_journal(&mut self, end: i64) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM journal WHERE id < ?")
            .bind(end)
            .execute(&mut *self.transaction)
            .await?;
        Ok(())
    }

    /// Makes the rows of one answer quick to find, until [`Write::tidy_journal`].
    pub async fn index_journal(&mut self) -> Result<(), StoreError> {
        sqlx::query(
            "CREATE INDEX IF NOT EXISTS journal_by_answer ON journal (answer_id, sequence)",
        )
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Leaves the rows of open answers only, and takes the index away.
    pub async fn tidy_journal(&mut self) -> Result<(), StoreError> {
        for statement in [
            "DROP INDEX IF EXISTS journal_by_answer",
            "DELETE FROM journal
             WHERE answer_id NOT IN (SELECT message_id FROM answers WHERE status = 'open')",
        ] {
            sqlx::query(statement).execute(&mut *self.transaction).await?;
        }
        Ok(())
    }

    /// Moves the journal of an answer into the texts it belongs to. SQLite does the joining, so no
    /// text passes through here.
    pub(super) async fn fold_journal(&mut self, answer: MessageId) -> Result<(), StoreError> {
        const STATEMENTS: [&str; 2] = [
            "UPDATE messages SET content = content || coalesce(
                 (SELECT group_concat(content, '' ORDER BY sequence) FROM unfolded WHERE answer_id = ?1), '')
             WHERE id = ?1",
            "UPDATE answers SET
                 reasoning = reasoning || coalesce(
                     (SELECT group_concat(reasoning, '' ORDER BY sequence) FROM unfolded WHERE answer_id = ?1), ''),
                 sequence = coalesce(
                     (SELECT max(sequence) FROM unfolded WHERE answer_id = ?1), sequence)
             WHERE message_id = ?1",
        ];
        for statement in STATEMENTS {
            sqlx::query(statement).bind(answer.0).execute(&mut *self.transaction).await?;
        }
        Ok(())
    }
}

impl Store {
    /// What an answer's journal has beyond what is folded, and the number of its last entry, if there
    /// is any.
    pub async fn journal_of(
        &self,
        answer: MessageId,
    ) -> Result<(Option<Sequence>, Delta), StoreError> {
        let (sequence, content, reasoning): (Option<i64>, String, String) = sqlx::query_as(
            "SELECT max(sequence), coalesce(group_concat(content, '' ORDER BY sequence), ''),
                 coalesce(group_concat(reasoning, '' ORDER BY sequence), '')
             FROM unfolded WHERE answer_id = ?",
        )
        .bind(answer.0)
        .fetch_one(&self.readers)
        .await?;
        Ok((sequence.map(i64::unsigned_abs), Delta { content, reasoning }))
    }

    /// What the log holds.
    pub async fn journal_extent(&self) -> Result<JournalExtent, StoreError> {
        let rows: Vec<(Uuid, i64, i64)> =
            sqlx::query_as("SELECT answer_id, min(id), max(id) FROM journal GROUP BY answer_id")
                .fetch_all(&self.readers)
                .await?;
        Ok(JournalExtent {
            last_row: rows.iter().map(|(_, _, last)| *last).max().unwrap_or_default(),
            first_rows: rows.into_iter().map(|(id, first, _)| (MessageId(id), first)).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statements(rows: usize) -> Vec<usize> {
        let mut left = rows;
        let next = || {
            let now = (left > 0).then(|| rows_of_statement(left))?;
            left -= now;
            Some(now)
        };
        std::iter::from_fn(next).collect()
    }

    #[test]
    fn any_number_of_rows_is_made_up_of_few_statements() {
        for (rows, expected) in [
            (0, vec![]),
            (1, vec![1]),
            (7, vec![4, 2, 1]),
            (128, vec![128]),
            (500, vec![128, 128, 128, 64, 32, 16, 4]),
        ] {
            assert_eq!(statements(rows), expected);
        }
        for rows in 1..4_096 {
            let statements = statements(rows);
            assert_eq!(statements.iter().sum::<usize>(), rows);
            assert!(statements.len() <= rows / ROWS_PER_INSERT + 7, "{rows}");
        }
    }
}
