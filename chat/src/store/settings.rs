//! What was chosen: for everything, by name, and for each conversation.

use protocol::{ConversationId, PersonaId};
use serde::{Serialize, de::DeserializeOwned};
use sqlx::Row;
use uuid::Uuid;

use super::{Store, StoreError, Write};
use crate::conversation_settings::ConversationSettings;

/// Reads a column that holds JSON.
pub(super) fn from_json<T: DeserializeOwned>(
    json: &str,
    what: &'static str,
) -> Result<T, StoreError> {
    serde_json::from_str(json).map_err(|_| StoreError::Unreadable { what })
}

impl Write {
    /// Keeps a setting under its name.
    pub async fn set_setting(
        &mut self,
        key: &'static str,
        value: &impl Serialize,
    ) -> Result<(), StoreError> {
        let json = serde_json::to_string(value)
            .map_err(|_| StoreError::Unreadable { what: "setting to be stored" })?;
        sqlx::query(
            "INSERT INTO settings (key, value) VALUES (?1, ?2)
             ON CONFLICT (key) DO UPDATE SET value = ?2",
        )
        .bind(key)
        .bind(json)
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Changes how a conversation is answered. False if there is none of that id.
    pub async fn set_conversation_settings(
        &mut self,
        id: ConversationId,
        settings: &ConversationSettings,
    ) -> Result<bool, StoreError> {
        // A persona that was deleted meanwhile is forgotten rather than refused.
        let done = sqlx::query(
            "UPDATE conversations SET persona_id = (SELECT id FROM personas WHERE id = ?),
                 system_prompt = ?, model = ?, parameters = ?
             WHERE id = ?",
        )
        .bind(settings.persona.map(|persona| persona.0))
        .bind(&settings.system_prompt)
        .bind(&settings.model)
        .bind(serde_json::to_string(&settings.parameters).unwrap_or_default())
        .bind(id.0)
        .execute(&mut *self.transaction)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Changes which model answers in a conversation. False if there is none of that id.
    pub async fn set_model(
        &mut self,
        id: ConversationId,
        model: Option<&str>,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query("UPDATE conversations SET model = ? WHERE id = ?")
            .bind(model)
            .bind(id.0)
            .execute(&mut *self.transaction)
            .await?;
        Ok(done.rows_affected() == 1)
    }
}

impl Store {
    /// A setting; `None` if it was never chosen, or if it is not what is expected under its name.
    pub async fn setting<T: DeserializeOwned>(
        &self,
        key: &'static str,
    ) -> Result<Option<T>, StoreError> {
        let json: Option<String> = sqlx::query_scalar("SELECT value FROM settings WHERE key = ?")
            .bind(key)
            .fetch_optional(&self.readers)
            .await?;
        Ok(json.and_then(|json| serde_json::from_str(&json).ok()))
    }

    /// How a conversation is answered.
    pub async fn conversation_settings(
        &self,
        id: ConversationId,
    ) -> Result<Option<ConversationSettings>, StoreError> {
        let row = sqlx::query(
            "SELECT persona_id, system_prompt, model, parameters FROM conversations WHERE id = ?",
        )
        .bind(id.0)
        .fetch_optional(&self.readers)
        .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(ConversationSettings {
            persona: row.try_get::<Option<Uuid>, _>("persona_id")?.map(PersonaId),
            system_prompt: row.try_get("system_prompt")?,
            model: row.try_get("model")?,
            parameters: from_json(row.try_get("parameters")?, "conversation's parameters")?,
        }))
    }
}
