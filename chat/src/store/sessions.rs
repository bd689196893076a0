//! Who is signed in.

use super::{Store, StoreError, Write};

impl Write {
    /// Keeps a session under the hash of its token, until `expires_at` in milliseconds.
    pub async fn add_session(
        &mut self,
        token_hash: &[u8],
        created_at: i64,
        expires_at: i64,
    ) -> Result<(), StoreError> {
        sqlx::query("INSERT INTO sessions (token_hash, created_at, expires_at) VALUES (?, ?, ?)")
            .bind(token_hash)
            .bind(created_at)
            .bind(expires_at)
            .execute(&mut *self.transaction)
            .await?;
        Ok(())
    }

    /// Forgets a session, and with it all that have expired.
    pub async fn remove_session(&mut self, token_hash: &[u8], now: i64) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM sessions WHERE token_hash = ? OR expires_at <= ?")
            .bind(token_hash)
            .bind(now)
            .execute(&mut *self.transaction)
            .await?;
        Ok(())
    }
}

impl Store {
    /// True if the session exists and has not expired at `now`.
    pub async fn has_session(&self, token_hash: &[u8], now: i64) -> Result<bool, StoreError> {
        let found: Option<i64> =
            sqlx::query_scalar("SELECT 1 FROM sessions WHERE token_hash = ? AND expires_at > ?")
                .bind(token_hash)
                .bind(now)
                .fetch_optional(&self.readers)
                .await?;
        Ok(found.is_some())
    }
}
