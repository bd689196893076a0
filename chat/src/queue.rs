//! Questions that wait for the answer before them, and drafts.
//!
//! Both are kept on the server: a phone may sleep before the answer ends, and a draft is found
//! again on another device.

use std::{future::Future, pin::Pin};

use protocol::{ConversationId, FileId, QueuedId};
use uuid::Uuid;

use crate::{
    asking::{Ask, AskError, Asked, Place, checked},
    engine::Chat,
    store::{Queued, StoreError, now_ms},
};

/// How many questions wait in a conversation at most.
const MOST_QUEUED: usize = 20;

impl Chat {
    /// Lets a question wait until the answer that is being written in its conversation is finished.
    pub async fn queue(
        &self,
        conversation: ConversationId,
        text: &str,
        model: Option<&str>,
        files: &[FileId],
    ) -> Result<QueuedId, AskError> {
        let files = self.known_files(files).await?;
        let content = checked(text, &files, self.inner.limits.max_message_bytes)?;
        let store = &self.inner.store;
        if store.conversation(conversation).await?.is_none() {
            return Err(AskError::NotFound);
        }
        if store.queued(conversation).await?.len() >= MOST_QUEUED {
            return Err(AskError::QueueFull { limit: MOST_QUEUED });
        }
        let queued = Queued {
            id: QueuedId(Uuid::now_v7()),
            conversation,
            content,
            model: model.map(str::to_owned),
            files,
        };
        let mut write = store.durable().await?;
        write.add_queued(&queued, now_ms()).await?;
        write.commit().await?;
        self.inner.notice_conversation(conversation);
        // The answer may have finished while this was stored, and then nobody else will ask it.
        if self.inner.store.open_answers_in(conversation).await?.is_empty() {
            self.ask_next(conversation).await;
        }
        Ok(queued.id)
    }

    /// The questions that wait in a conversation, the next one first.
    pub async fn queued(&self, conversation: ConversationId) -> Result<Vec<Queued>, StoreError> {
        self.inner.store.queued(conversation).await
    }

    /// Takes a question out of the queue. It comes back; `None` if it is not there any more.
    pub async fn unqueue(&self, id: QueuedId) -> Result<Option<Queued>, StoreError> {
        let mut write = self.inner.store.durable().await?;
        let taken = write.take_queued(id).await?;
        write.commit().await?;
        if let Some(taken) = &taken {
            self.inner.notice_conversation(taken.conversation);
        }
        Ok(taken)
    }

    /// Asks a waiting question now. It leaves the queue in the transaction that stores it as asked.
    pub async fn ask_queued(&self, id: QueuedId) -> Result<Asked, AskError> {
        let queued = self.inner.store.queued_by_id(id).await?.ok_or(AskError::NotFound)?;
        let files: Vec<FileId> = queued.files.iter().map(|file| file.id).collect();
        self.ask(Ask {
            model: queued.model.as_deref(),
            queued: Some(id),
            files: &files,
            ..Ask::new(Place::End(queued.conversation), &queued.content)
        })
        .await
    }

    /// Asks what waits in a conversation whose answer has finished.
    ///
    /// An answer's task calls this, and this begins an answer's task: the box is where the types
    /// of the two stop containing one another.
    pub(crate) fn ask_next(
        &self,
        conversation: ConversationId,
    ) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let chat = self.clone();
        Box::pin(async move {
            let next = match chat.inner.store.queued(conversation).await {
                Ok(queued) => queued.into_iter().next(),
                Err(error) => {
                    tracing::error!(%conversation, %error, "the queue could not be read");
                    None
                }
            };
            let Some(next) = next else { return };
            if let Err(error) = chat.ask_queued(next.id).await {
                tracing::warn!(%conversation, %error, "a queued question waits on");
            }
        })
    }

    /// Asks what was to be asked when the server ended: an answer had finished, and the question behind
    /// it still waits.
    pub(crate) async fn ask_what_was_to_be_next(&self) -> Result<(), StoreError> {
        for conversation in self.inner.store.waiting_for_nothing().await? {
            self.inner.tasks.spawn(self.ask_next(conversation));
        }
        Ok(())
    }

    /// Keeps what is written and not sent; an empty text forgets it. `None` is for the
    /// conversation that is not begun yet.
    pub async fn set_draft(
        &self,
        conversation: Option<ConversationId>,
        text: &str,
    ) -> Result<(), AskError> {
        let limit = self.inner.limits.max_message_bytes;
        if text.len() > limit {
            return Err(AskError::TooLong { bytes: text.len(), limit });
        }
        let mut write = self.inner.store.quick().await?;
        write.set_draft(conversation, &text.replace('\0', "\u{FFFD}"), now_ms()).await?;
        write.commit().await?;
        // Two questions to begin with may be written at once, so nobody shares that draft.
        if let Some(conversation) = conversation {
            self.inner.notice_draft(conversation);
        }
        Ok(())
    }

    /// What was written and not sent.
    pub async fn draft(&self, conversation: Option<ConversationId>) -> Result<String, StoreError> {
        self.inner.store.draft(conversation).await
    }
}
