//! The files of conversations that go out or come in. Their contents travel beside them, by their hashes.

use std::{collections::HashSet, io, sync::Arc};

use protocol::{FileId, MessageId, Role};
use tokio::task;
use transfer::{Conversation, SentFile, Source};
use uuid::Uuid;

use super::Plan;
use crate::{
    engine::Chat,
    files::{FileError, hash_of_digits},
};

/// Finds the content with a hash, given in hexadecimal digits, in what is imported. `None` where it is
/// not in there.
pub type FindContent = dyn Fn(&str) -> Option<Vec<u8>> + Send + Sync;

impl Chat {
    /// The content with a hash, as an export names it. `None` if there is none here.
    pub async fn content(&self, sha256: &str) -> Result<Option<Vec<u8>>, FileError> {
        let Some(hash) = hash_of_digits(sha256) else { return Ok(None) };
        match self.inner.contents.read(&hash).await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Gives messages that have come in the files that they were sent with, unless they have files. A
    /// file whose content is not there, or is not accepted here, is left out. Returns how many came.
    pub async fn import_files(
        &self,
        source: Source,
        conversations: &[Conversation],
        contents: &Arc<FindContent>,
    ) -> Result<usize, FileError> {
        let mut named = HashSet::new();
        let mut came = 0;
        for conversation in conversations {
            if conversation.files().next().is_none() {
                continue;
            }
            let plan = Plan::new(&self.inner.store, source, conversation, &mut named).await?;
            for (message, id) in conversation.messages.iter().zip(&plan.messages) {
                if message.role == Role::User && plan.is_stored(*id) && !message.files.is_empty() {
                    came += self.import_files_of(*id, &message.files, contents).await?;
                }
            }
        }
        Ok(came)
    }

    async fn import_files_of(
        &self,
        message: MessageId,
        files: &[SentFile],
        contents: &Arc<FindContent>,
    ) -> Result<usize, FileError> {
        let inner = &self.inner;
        if !inner.store.files_of(message).await?.is_empty() {
            return Ok(0);
        }
        let mut taken = Vec::new();
        for (place, file) in files.iter().enumerate().take(inner.limits.max_files_per_message) {
            let (find, sha256) = (Arc::clone(contents), file.sha256.clone());
            let found = task::spawn_blocking(move || find(&sha256));
            let Some(bytes) = found.await.map_err(io::Error::other)? else { continue };
            // The same place of the same message gets the same id in every import.
            let id = FileId(Uuid::new_v5(&message.0, &place.to_be_bytes()));
            match self.take_in(id, &file.name, bytes.into()).await {
                Ok(file) => taken.push(file),
                Err(FileError::Refused(problem)) => {
                    tracing::info!(%problem, "a file of an import was left out");
                }
                Err(error) => return Err(error),
            }
        }
        let infos: Vec<_> = taken.iter().map(|file| file.info.clone()).collect();
        let mut write = inner.store.durable().await?;
        for file in &taken {
            write.add_file(file.row()).await?;
        }
        write.attach_files(message, &infos).await?;
        write.commit().await?;
        Ok(infos.len())
    }
}
