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
    store::StoreError,
};

/// What became of the files that messages were sent with, or would.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ImportedFiles {
    /// How many come in.
    pub came: usize,
    /// How many do not: their contents are not there, or are not accepted here.
    pub left_out: usize,
}

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

    /// How many files [`import_files`](Self::import_files) would bring in, as far as can be said without
    /// looking into them. `is_there` tells whether the content with a hash is in what is imported.
    pub async fn preview_files(
        &self,
        source: Source,
        conversations: &[Conversation],
        is_there: impl Fn(&str) -> bool,
    ) -> Result<ImportedFiles, StoreError> {
        let mut named = HashSet::new();
        let mut would = ImportedFiles::default();
        for conversation in conversations {
            if conversation.files().next().is_none() {
                continue;
            }
            let plan = Plan::new(&self.inner.store, source, conversation, &mut named).await?;
            for (_, files) in self.files_to_come(&plan, conversation).await? {
                let allowed = files.iter().take(self.inner.limits.max_files_per_message);
                let came = allowed.filter(|file| is_there(&file.sha256)).count();
                would.came += came;
                would.left_out += files.len() - came;
            }
        }
        Ok(would)
    }

    /// Gives messages that have come in the files that they were sent with, unless they have files. A
    /// file whose content is not there, or is not accepted here, is left out.
    pub async fn import_files(
        &self,
        source: Source,
        conversations: &[Conversation],
        contents: &Arc<FindContent>,
    ) -> Result<ImportedFiles, FileError> {
        let mut named = HashSet::new();
        let mut became = ImportedFiles::default();
        for conversation in conversations {
            if conversation.files().next().is_none() {
                continue;
            }
            let plan = Plan::new(&self.inner.store, source, conversation, &mut named).await?;
            for (message, files) in self.files_to_come(&plan, conversation).await? {
                if plan.is_stored(message) {
                    let came = self.import_files_of(message, files, contents).await?;
                    became.came += came;
                    became.left_out += files.len() - came;
                }
            }
        }
        Ok(became)
    }

    /// The questions of a conversation that were sent with files and have none here.
    async fn files_to_come<'a>(
        &self,
        plan: &Plan,
        conversation: &'a Conversation,
    ) -> Result<Vec<(MessageId, &'a [SentFile])>, StoreError> {
        let mut to_come = Vec::new();
        for (message, id) in conversation.messages.iter().zip(&plan.messages) {
            if message.role == Role::User
                && !message.files.is_empty()
                && self.inner.store.files_of(*id).await?.is_empty()
            {
                to_come.push((*id, message.files.as_slice()));
            }
        }
        Ok(to_come)
    }

    async fn import_files_of(
        &self,
        message: MessageId,
        files: &[SentFile],
        contents: &Arc<FindContent>,
    ) -> Result<usize, FileError> {
        let inner = &self.inner;
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
