//! What programs present instead of a session.

use sqlx::{Row, sqlite::SqliteRow};

use super::{Store, StoreError, Write};
use crate::accounts::{ApiToken, PersonId, Scope, TokenId};

impl Write {
    /// Keeps a token under the hash of its text. Its id is given by the database.
    pub async fn add_token(&mut self, token: &ApiToken, hash: &[u8]) -> Result<(), StoreError> {
        let words: Vec<_> = token.scopes.iter().map(|scope| scope.as_str()).collect();
        sqlx::query(
            "INSERT INTO api_tokens (person_id, name, token_hash, ending, scopes, limits, created_at, expires_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(token.person.0)
        .bind(&token.name)
        .bind(hash)
        .bind(&token.ending)
        .bind(serde_json::json!(words).to_string())
        .bind(serde_json::json!(token.limits).to_string())
        .bind(token.created_at)
        .bind(token.expires_at)
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Revokes a token. False if there is none, or none that is not revoked.
    pub async fn revoke_token(&mut self, id: TokenId, now: i64) -> Result<bool, StoreError> {
        let done =
            sqlx::query("UPDATE api_tokens SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL")
                .bind(now)
                .bind(id.0)
                .execute(&mut *self.transaction)
                .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Notes that a token was presented.
    pub async fn note_use_of_token(&mut self, id: TokenId, now: i64) -> Result<(), StoreError> {
        sqlx::query("UPDATE api_tokens SET last_used_at = ? WHERE id = ?")
            .bind(now)
            .bind(id.0)
            .execute(&mut *self.transaction)
            .await?;
        Ok(())
    }
}

impl Store {
    /// Every token, the newest first.
    pub async fn tokens(&self) -> Result<Vec<ApiToken>, StoreError> {
        let rows = sqlx::query("SELECT * FROM api_tokens ORDER BY id DESC")
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(read_token).collect()
    }

    /// The token whose text has this hash.
    pub async fn token(&self, hash: &[u8]) -> Result<Option<ApiToken>, StoreError> {
        let row = sqlx::query("SELECT * FROM api_tokens WHERE token_hash = ?")
            .bind(hash)
            .fetch_optional(&self.readers)
            .await?;
        row.as_ref().map(read_token).transpose()
    }
}

fn read_token(row: &SqliteRow) -> Result<ApiToken, StoreError> {
    let words: Vec<String> = serde_json::from_str(row.try_get("scopes")?)
        .map_err(|_| StoreError::Unreadable { what: "list of scopes" })?;
    Ok(ApiToken {
        id: TokenId(row.try_get("id")?),
        person: PersonId(row.try_get("person_id")?),
        name: row.try_get("name")?,
        ending: row.try_get("ending")?,
        // A word of a later version gives nothing away here.
        scopes: words.iter().filter_map(|word| Scope::from_word(word)).collect(),
        limits: serde_json::from_str(row.try_get("limits")?)
            .map_err(|_| StoreError::Unreadable { what: "allowance of a token" })?,
        created_at: row.try_get("created_at")?,
        expires_at: row.try_get("expires_at")?,
        last_used_at: row.try_get("last_used_at")?,
        revoked_at: row.try_get("revoked_at")?,
    })
}
