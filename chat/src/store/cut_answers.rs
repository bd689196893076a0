//! Answers that the end of the process cuts, and from where they can be resumed.

use protocol::MessageId;
use uuid::Uuid;

use super::{StoreError, Write, answers::tokens};
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

impl Write {
    /// Keeps from where an answer can be resumed that has no text yet.
    pub async fn set_response(
        &mut self,
        answer: MessageId,
        point: &ResumePoint,
    ) -> Result<(), StoreError> {
        sqlx::query("UPDATE answers SET response = ?, response_event = ? WHERE message_id = ?")
            .bind(&*point.response)
            .bind(tokens(Some(point.after)))
            .bind(answer.0)
            .execute(&mut *self.transaction)
            .await?;
        Ok(())
    }

    /// Folds every answer that the last end of the process left open. They stay open.
    pub async fn fold_open_answers(&mut self) -> Result<Vec<CutAnswer>, StoreError> {
        let open: Vec<Uuid> =
            sqlx::query_scalar("SELECT message_id FROM answers WHERE status = 'open'")
                .fetch_all(&mut *self.transaction)
                .await?;
        for answer in open {
            self.fold_journal(MessageId(answer)).await?;
        }
        let rows: Vec<CutRow> = sqlx::query_as(
            "SELECT message_id, provider, model, response, response_event
             FROM answers WHERE status = 'open' ORDER BY message_id",
        )
        .fetch_all(&mut *self.transaction)
        .await?;
        Ok(rows
            .into_iter()
            .map(|(id, provider, model, response, event)| CutAnswer {
                id: MessageId(id),
                provider,
                model,
                point: response.zip(event).map(|(response, event)| ResumePoint {
                    response: response.into(),
                    after: event.unsigned_abs(),
                }),
            })
            .collect())
    }

    /// Marks an open answer as interrupted.
    pub async fn interrupt_answer(&mut self, answer: MessageId) -> Result<(), StoreError> {
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
