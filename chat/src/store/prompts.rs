//! The rows of the prompt library.

use protocol::PromptId;
use sqlx::{Row, sqlite::SqliteRow};
use uuid::Uuid;

use super::{Store, StoreError, Write};
use crate::prompts::{PromptText, SavedPrompt};

impl Write {
    /// Adds a prompt.
    pub async fn add_prompt(
        &mut self,
        id: PromptId,
        prompt: &PromptText,
        now: i64,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO prompts (id, title, command, text, description, created_at)
             VALUES (?, ?, ?, ?, ?, ?)",
        )
        .bind(id.0)
        .bind(&prompt.title)
        .bind(&prompt.command)
        .bind(&prompt.text)
        .bind(&prompt.description)
        .bind(now)
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Changes a prompt. False if there is none of that id.
    pub async fn change_prompt(
        &mut self,
        id: PromptId,
        prompt: &PromptText,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "UPDATE prompts SET title = ?, command = ?, text = ?, description = ? WHERE id = ?",
        )
        .bind(&prompt.title)
        .bind(&prompt.command)
        .bind(&prompt.text)
        .bind(&prompt.description)
        .bind(id.0)
        .execute(&mut *self.transaction)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Deletes a prompt. False if there is none of that id.
    pub async fn remove_prompt(&mut self, id: PromptId) -> Result<bool, StoreError> {
        let done = sqlx::query("DELETE FROM prompts WHERE id = ?")
            .bind(id.0)
            .execute(&mut *self.transaction)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// The prompt that has a command. Asked within a write, so that two cannot take the same.
    pub async fn prompt_of_command(
        &mut self,
        command: &str,
    ) -> Result<Option<PromptId>, StoreError> {
        let id: Option<Uuid> = sqlx::query_scalar("SELECT id FROM prompts WHERE command = ?")
            .bind(command)
            .fetch_optional(&mut *self.transaction)
            .await?;
        Ok(id.map(PromptId))
    }
}

impl Store {
    /// The prompts that came last, the newest first. Those that came together keep their order.
    pub async fn prompts(&self, limit: u32) -> Result<Vec<SavedPrompt>, StoreError> {
        let rows = sqlx::query("SELECT * FROM prompts ORDER BY created_at DESC, id LIMIT ?")
            .bind(limit)
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(read_prompt).collect()
    }

    /// One prompt.
    pub async fn prompt(&self, id: PromptId) -> Result<Option<SavedPrompt>, StoreError> {
        let row = sqlx::query("SELECT * FROM prompts WHERE id = ?")
            .bind(id.0)
            .fetch_optional(&self.readers)
            .await?;
        row.as_ref().map(read_prompt).transpose()
    }
}

fn read_prompt(row: &SqliteRow) -> Result<SavedPrompt, StoreError> {
    Ok(SavedPrompt {
        id: PromptId(row.try_get("id")?),
        prompt: PromptText {
            title: row.try_get("title")?,
            command: row.try_get("command")?,
            text: row.try_get("text")?,
            description: row.try_get("description")?,
        },
    })
}
