//! The rows of personas.

use protocol::PersonaId;
use sqlx::{Row, sqlite::SqliteRow};

use super::{Store, StoreError, Write, settings::from_json};
use crate::personas::{Persona, Profile};

impl Write {
    /// Adds a persona after the others.
    pub async fn add_persona(
        &mut self,
        id: PersonaId,
        profile: &Profile,
        now: i64,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO personas (id, name, emoji, description, system_prompt, model, parameters,
                 starters, position, created_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?,
                 (SELECT coalesce(max(position), 0) + 1 FROM personas), ?)",
        )
        .bind(id.0)
        .bind(&profile.name)
        .bind(&profile.emoji)
        .bind(&profile.description)
        .bind(&profile.system_prompt)
        .bind(&profile.model)
        .bind(serde_json::to_string(&profile.parameters).unwrap_or_default())
        .bind(serde_json::to_string(&profile.starters).unwrap_or_default())
        .bind(now)
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Changes a persona. False if there is none of that id.
    pub async fn change_persona(
        &mut self,
        id: PersonaId,
        profile: &Profile,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "UPDATE personas SET name = ?, emoji = ?, description = ?, system_prompt = ?, model = ?,
                 parameters = ?, starters = ?
             WHERE id = ?",
        )
        .bind(&profile.name)
        .bind(&profile.emoji)
        .bind(&profile.description)
        .bind(&profile.system_prompt)
        .bind(&profile.model)
        .bind(serde_json::to_string(&profile.parameters).unwrap_or_default())
        .bind(serde_json::to_string(&profile.starters).unwrap_or_default())
        .bind(id.0)
        .execute(&mut *self.transaction)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Deletes a persona. What was copied from it stays.
    pub async fn remove_persona(&mut self, id: PersonaId) -> Result<bool, StoreError> {
        let done = sqlx::query("DELETE FROM personas WHERE id = ?")
            .bind(id.0)
            .execute(&mut *self.transaction)
            .await?;
        Ok(done.rows_affected() == 1)
    }
}

impl Store {
    /// All personas in their order.
    pub async fn personas(&self) -> Result<Vec<Persona>, StoreError> {
        let rows = sqlx::query("SELECT * FROM personas ORDER BY position, id")
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(read_persona).collect()
    }

    /// One persona.
    pub async fn persona(&self, id: PersonaId) -> Result<Option<Persona>, StoreError> {
        let row = sqlx::query("SELECT * FROM personas WHERE id = ?")
            .bind(id.0)
            .fetch_optional(&self.readers)
            .await?;
        row.as_ref().map(read_persona).transpose()
    }
}

fn read_persona(row: &SqliteRow) -> Result<Persona, StoreError> {
    Ok(Persona {
        id: PersonaId(row.try_get("id")?),
        profile: Profile {
            name: row.try_get("name")?,
            emoji: row.try_get("emoji")?,
            description: row.try_get("description")?,
            system_prompt: row.try_get("system_prompt")?,
            model: row.try_get("model")?,
            parameters: from_json(row.try_get("parameters")?, "persona's parameters")?,
            starters: from_json(row.try_get("starters")?, "persona's starters")?,
        },
    })
}
