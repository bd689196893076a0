//! The rows of files, and of which messages they were sent with.

use std::collections::HashMap;

use protocol::{FileId, FileInfo, FileKind, MessageId, QueuedId, Role};
use sqlx::{Row, sqlite::SqliteRow};
use uuid::Uuid;

use super::{Message, Store, StoreError, Write};

/// SHA-256 of a file's content, under which it lies in the folder.
pub type ContentHash = [u8; 32];

/// A file to store.
#[derive(Debug, Clone, Copy)]
pub struct NewFile<'a> {
    /// What is shown of it.
    pub info: &'a FileInfo,
    /// Where its content lies.
    pub hash: &'a ContentHash,
    /// Its type as in HTTP, such as `image/png`.
    pub media_type: &'a str,
    /// What a model reads of it, for other files than pictures.
    pub text: Option<&'a str>,
    /// When it came, in milliseconds.
    pub created_at: i64,
}

/// A file as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFile {
    /// What is shown of it.
    pub info: FileInfo,
    /// Where its content lies.
    pub hash: ContentHash,
    /// Its type as in HTTP.
    pub media_type: String,
    /// What a model reads of it, for other files than pictures.
    pub text: Option<String>,
}

const FILES_OF_QUEUED: &str = "SELECT files.id, name, media_type, bytes, width, height, tokens
     FROM queued_files JOIN files ON files.id = queued_files.file_id
     WHERE queued_id = ? ORDER BY position";

impl Write {
    /// Adds a file that no message has yet, unless it is there.
    pub async fn add_file(&mut self, file: NewFile<'_>) -> Result<(), StoreError> {
        let (width, height) = file.info.size.unzip();
        sqlx::query(
            "INSERT INTO files (id, hash, name, media_type, bytes, text, width, height, tokens, created_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
        )
        .bind(file.info.id.0)
        .bind(&file.hash[..])
        .bind(&file.info.name)
        .bind(file.media_type)
        .bind(file.info.bytes.cast_signed())
        .bind(file.text)
        .bind(width)
        .bind(height)
        .bind(file.info.tokens.cast_signed())
        .bind(file.created_at)
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Gives a message its files, in their order.
    pub async fn attach_files(
        &mut self,
        message: MessageId,
        files: &[FileInfo],
    ) -> Result<(), StoreError> {
        for (position, file) in (0_i64..).zip(files) {
            sqlx::query(
                "INSERT INTO message_files (message_id, position, file_id) VALUES (?, ?, ?)",
            )
            .bind(message.0)
            .bind(position)
            .bind(file.id.0)
            .execute(&mut *self.transaction)
            .await?;
        }
        Ok(())
    }

    /// Gives a question that waits its files, in their order.
    pub(super) async fn attach_files_to_queued(
        &mut self,
        queued: QueuedId,
        files: &[FileInfo],
    ) -> Result<(), StoreError> {
        for (position, file) in (0_i64..).zip(files) {
            sqlx::query("INSERT INTO queued_files (queued_id, position, file_id) VALUES (?, ?, ?)")
                .bind(queued.0)
                .bind(position)
                .bind(file.id.0)
                .execute(&mut *self.transaction)
                .await?;
        }
        Ok(())
    }

    /// The files of a question that waits, as long as it does.
    pub(super) async fn files_of_queued(
        &mut self,
        queued: QueuedId,
    ) -> Result<Vec<FileInfo>, StoreError> {
        let rows =
            sqlx::query(FILES_OF_QUEUED).bind(queued.0).fetch_all(&mut *self.transaction).await?;
        rows.iter().map(read_info).collect()
    }

    /// Gives a copy of a message the same files.
    pub(super) async fn copy_files(
        &mut self,
        from: MessageId,
        to: MessageId,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO message_files (message_id, position, file_id)
             SELECT ?, position, file_id FROM message_files WHERE message_id = ?",
        )
        .bind(to.0)
        .bind(from.0)
        .execute(&mut *self.transaction)
        .await?;
        Ok(())
    }

    /// Forgets the files from before `before`, in milliseconds, that no message has, nor a
    /// question that waits. Returns the
    /// contents that are left without a file.
    pub async fn remove_unused_files(
        &mut self,
        before: i64,
    ) -> Result<Vec<ContentHash>, StoreError> {
        let removed: Vec<Vec<u8>> = sqlx::query_scalar(
            "DELETE FROM files WHERE created_at < ?
                 AND NOT EXISTS (SELECT 1 FROM message_files WHERE file_id = files.id)
                 AND NOT EXISTS (SELECT 1 FROM queued_files WHERE file_id = files.id)
             RETURNING hash",
        )
        .bind(before)
        .fetch_all(&mut *self.transaction)
        .await?;
        let mut unused = Vec::new();
        for hash in removed {
            let used: Option<i64> =
                sqlx::query_scalar("SELECT 1 FROM files WHERE hash = ? LIMIT 1")
                    .bind(&hash)
                    .fetch_optional(&mut *self.transaction)
                    .await?;
            if used.is_none() {
                unused.push(content_hash(hash)?);
            }
        }
        Ok(unused)
    }
}

impl Store {
    /// A file, or `None` if there is none of that id.
    pub async fn file(&self, id: FileId) -> Result<Option<StoredFile>, StoreError> {
        let row = sqlx::query("SELECT * FROM files WHERE id = ?")
            .bind(id.0)
            .fetch_optional(&self.readers)
            .await?;
        row.map(|row| {
            Ok(StoredFile {
                info: read_info(&row)?,
                hash: content_hash(row.try_get("hash")?)?,
                media_type: row.try_get("media_type")?,
                text: row.try_get("text")?,
            })
        })
        .transpose()
    }

    /// What is shown of these files, in their order; those that do not exist are left out.
    pub async fn file_infos(&self, ids: &[FileId]) -> Result<Vec<FileInfo>, StoreError> {
        let mut infos = Vec::with_capacity(ids.len());
        for id in ids {
            let row = sqlx::query(
                "SELECT id, name, media_type, bytes, width, height, tokens FROM files WHERE id = ?",
            )
            .bind(id.0)
            .fetch_optional(&self.readers)
            .await?;
            infos.extend(row.as_ref().map(read_info).transpose()?);
        }
        Ok(infos)
    }

    /// Gives these messages their files.
    pub(super) async fn read_files(&self, messages: &mut [Message]) -> Result<(), StoreError> {
        let questions = messages.iter().filter(|message| message.role == Role::User);
        let ids: Vec<String> = questions.map(|message| message.id.to_string()).collect();
        let rows = sqlx::query(
            "SELECT message_id, files.id, name, media_type, bytes, width, height, tokens
             FROM json_each(?)
             JOIN message_files ON message_files.message_id = unhex(json_each.value)
             JOIN files ON files.id = message_files.file_id
             ORDER BY message_id, position",
        )
        .bind(serde_json::to_string(&ids).unwrap_or_default())
        .fetch_all(&self.readers)
        .await?;
        let mut files: HashMap<MessageId, Vec<FileInfo>> = HashMap::new();
        for row in &rows {
            files.entry(MessageId(row.try_get("message_id")?)).or_default().push(read_info(row)?);
        }
        for message in messages {
            message.files = files.remove(&message.id).unwrap_or_default();
        }
        Ok(())
    }

    /// The files of a question that waits.
    pub(super) async fn files_of_queued(
        &self,
        queued: QueuedId,
    ) -> Result<Vec<FileInfo>, StoreError> {
        let rows = sqlx::query(FILES_OF_QUEUED).bind(queued.0).fetch_all(&self.readers).await?;
        rows.iter().map(read_info).collect()
    }

    /// The files of a message.
    pub async fn files_of(&self, message: MessageId) -> Result<Vec<FileInfo>, StoreError> {
        let rows = sqlx::query(
            "SELECT files.id, name, media_type, bytes, width, height, tokens
             FROM message_files JOIN files ON files.id = message_files.file_id
             WHERE message_id = ? ORDER BY position",
        )
        .bind(message.0)
        .fetch_all(&self.readers)
        .await?;
        rows.iter().map(read_info).collect()
    }
}

fn read_info(row: &SqliteRow) -> Result<FileInfo, StoreError> {
    let kind = match row.try_get::<&str, _>("media_type")? {
        "application/pdf" => FileKind::Pdf,
        image if image.starts_with("image/") => FileKind::Image,
        _ => FileKind::Text,
    };
    let size: (Option<u32>, Option<u32>) = (row.try_get("width")?, row.try_get("height")?);
    Ok(FileInfo {
        id: FileId(row.try_get::<Uuid, _>("id")?),
        name: row.try_get("name")?,
        kind,
        bytes: row.try_get::<i64, _>("bytes")?.unsigned_abs(),
        tokens: row.try_get::<i64, _>("tokens")?.unsigned_abs(),
        size: size.0.zip(size.1),
    })
}

fn content_hash(hash: Vec<u8>) -> Result<ContentHash, StoreError> {
    hash.try_into().map_err(|_| StoreError::Unreadable { what: "hash of a file" })
}
