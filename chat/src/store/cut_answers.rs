//! Answers that the end of the process cuts, and from where they can be resumed.

use protocol::MessageId;
use uuid::Uuid;

use super::{Store, StoreError, Write, answers::tokens};
use crate::upstream::ResumePoint;

/// An answer that the last end of the process left open.
#[derive(Debug, Clone)]
pub struct CutAnswer {
    /// Its message.
    pub id: MessageId,
    /// The provider's name.
    pub provider: String,
    /// The model asked for.
    pub model: String,
    /// From where its upstream can be asked for the rest, if it can.
    pub point: Option<ResumePoint>,
}

type CutRow = (Uuid, String, String, Option<String>, Option<i64>);

/// The name of a response, and the number of its last event that is stored.
type PointRow = (Option<String>, Option<i64>);

fn point((response, event): PointRow) -> Option<ResumePoint> {
    let (response, event) = response.zip(event)?;
    Some(ResumePoint { response: response.into(), after: event.unsigned_abs() })
}

impl Store {
    /// The answers that the last end of the process left open.
    pub async fn cut_answers(&self) -> Result<Vec<CutAnswer>, StoreError> {
        let rows: Vec<CutRow> = sqlx::query_as(
            "SELECT message_id, provider, model, response, coalesce(
                 (SELECT max(response_event) FROM unfolded WHERE answer_id = message_id), response_event)
             FROM answers WHERE status = 'open' ORDER BY message_id",
        )
        .fetch_all(&self.readers)
        .await?;
        Ok(rows
            .into_iter()
            .map(|(id, provider, model, response, event)| CutAnswer {
                id: MessageId(id),
                provider,
                model,
                point: point((response, event)),
            })
            .collect())
    }

    /// From where an open answer can be resumed, if it can, as far as its text is committed.
    pub async fn resume_point_of(
        &self,
        answer: MessageId,
    ) -> Result<Option<ResumePoint>, StoreError> {
        let row: Option<PointRow> = sqlx::query_as(
            "SELECT response, coalesce(
                 (SELECT max(response_event) FROM unfolded WHERE answer_id = message_id), response_event)
             FROM answers WHERE message_id = ? AND status = 'open'",
        )
        .bind(answer.0)
        .fetch_optional(&self.readers)
        .await?;
        Ok(row.and_then(point))
    }
}

impl Write {
    /// Keeps from where an answer can be resumed that has no text yet. False if it is open no more.
    pub async fn set_response(
        &mut self,
        answer: MessageId,
        point: &ResumePoint,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "UPDATE answers SET response = ?, response_event = ?
             WHERE message_id = ? AND status = 'open'",
        )
        .bind(&*point.response)
        .bind(tokens(Some(point.after)))
        .bind(answer.0)
        .execute(&mut *self.transaction)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Folds an open answer and marks it as interrupted.
    pub async fn interrupt_answer(&mut self, answer: MessageId) -> Result<(), StoreError> {
        self.fold_journal(answer).await?;
        sqlx::query(
            "UPDATE answers SET status = 'interrupted', response = NULL, response_event = NULL
             WHERE message_id = ?",
        )
        .bind(answer.0)
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }
}
