//! The branches of a conversation, and the part of the shown one that a page loads.

use std::collections::HashMap;

use protocol::{AnswerStatus, ConversationId, MessageId};
use uuid::Uuid;

use crate::{
    engine::Chat,
    store::{ConversationSummary, Message, StoreError, now_ms},
};

/// A message with those that stand beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The message.
    pub message: Message,
    /// Every message with the same parent, itself included, the oldest first.
    pub siblings: Vec<MessageId>,
}

/// A part of the path that is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// How the list shows the conversation.
    pub summary: ConversationSummary,
    /// Messages in the order they are read.
    pub messages: Vec<Shown>,
    /// There are older ones before the first of them.
    pub has_older: bool,
}

/// Why a branch could not be changed.
#[derive(Debug, thiserror::Error)]
pub enum BranchError {
    /// There is no such message.
    #[error("there is no such message")]
    NotFound,
    /// An answer is being written to it.
    #[error("an answer is still being written there")]
    StillOpen,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Chat {
    /// The last `most` messages of the path that is shown, or those before a message of it.
    /// `None` if there is no such conversation.
    pub async fn page(
        &self,
        id: ConversationId,
        before: Option<MessageId>,
        most: u32,
    ) -> Result<Option<Page>, StoreError> {
        let store = &self.inner.store;
        let Some((summary, leaf)) = store.conversation(id).await? else { return Ok(None) };
        let end = match before {
            Some(message) => match store.place_of(message).await? {
                Some((conversation, parent)) if conversation == id => parent,
                _ => return Ok(None),
            },
            None => leaf,
        };
        let (mut path, mut siblings) = match end {
            Some(end) => {
                (store.end_of_path(end, most).await?, store.siblings_on_path(end, most).await?)
            }
            None => Default::default(),
        };
        self.bring_up_to_date(&mut path).await?;
        let has_older = path.first().is_some_and(|first| first.parent.is_some());
        let mut messages = Vec::with_capacity(path.len());
        for message in path {
            let siblings = match message.parent {
                Some(parent) => siblings.remove(&parent).unwrap_or_default(),
                None => store.siblings(id, None).await?,
            };
            messages.push(Shown { message, siblings });
        }
        Ok(Some(Page { summary, messages, has_older }))
    }

    /// The path that is shown from its end to at least a message, which is brought into it if it
    /// stands on another branch. `None` if there is no such message in the conversation.
    pub async fn page_with(
        &self,
        id: ConversationId,
        message: MessageId,
        most: u32,
    ) -> Result<Option<Page>, StoreError> {
        match self.inner.store.place_of(message).await? {
            Some((conversation, _)) if conversation == id => {}
            _ => return Ok(None),
        }
        let mut most = most;
        let mut has_turned = false;
        loop {
            let Some(page) = self.page(id, None, most).await? else { return Ok(None) };
            if page.messages.iter().any(|shown| shown.message.id == message) {
                return Ok(Some(page));
            }
            if page.has_older {
                most = most.saturating_mul(4);
            } else if has_turned {
                // It was deleted in this moment.
                return Ok(None);
            } else {
                has_turned = true;
                match self.show_branch(message).await {
                    Ok(_) => {}
                    Err(BranchError::Store(error)) => return Err(error),
                    Err(_) => return Ok(None),
                }
            }
        }
    }

    /// Shows the branch that a message stands in. Returns its conversation.
    pub async fn show_branch(&self, message: MessageId) -> Result<ConversationId, BranchError> {
        let store = &self.inner.store;
        let (conversation, _) = store.place_of(message).await?.ok_or(BranchError::NotFound)?;
        let mut write = store.durable().await?;
        let leaf = write.latest_leaf(message).await?;
        write.show_path(conversation, Some(leaf)).await?;
        write.commit().await?;
        self.inner.notice_conversation(conversation);
        Ok(conversation)
    }

    /// Removes a message. With a question go its answers; what was asked after it moves up.
    /// Returns the conversation.
    pub async fn delete_message(&self, message: MessageId) -> Result<ConversationId, BranchError> {
        let store = &self.inner.store;
        let (conversation, parent) = store.place_of(message).await?.ok_or(BranchError::NotFound)?;
        let (_, leaf) = store.conversation(conversation).await?.ok_or(BranchError::NotFound)?;
        let siblings = store.siblings(conversation, parent).await?;
        let mut write = store.durable().await?;
        // An answer is opened only in a turn to write, so none can begin from here on.
        let open = store.open_answers_in(conversation).await?;
        let replies = write.replies(message).await?;
        let goes = |id: &MessageId| {
            *id == message || replies.iter().any(|(reply, answers)| reply == id && *answers)
        };
        if open.iter().any(goes) {
            return Err(BranchError::StillOpen);
        }
        for (reply, answers) in &replies {
            if *answers {
                write.remove_message(*reply, Some(message)).await?;
            }
        }
        write.remove_message(message, parent).await?;
        // Another branch is shown where the end of the shown one went.
        let leaf = match leaf {
            Some(leaf) if !goes(&leaf) => Some(leaf),
            _ => {
                let beside = siblings.into_iter().rev().find(|sibling| *sibling != message);
                match beside.or(parent) {
                    Some(near) => Some(write.latest_leaf(near).await?),
                    None => write.last_leaf(conversation).await?,
                }
            }
        };
        write.show_path(conversation, leaf).await?;
        write.commit().await?;
        self.inner.notice_conversation(conversation);
        Ok(conversation)
    }

    /// Begins a conversation with a copy of everything up to a message.
    pub async fn fork(&self, message: MessageId) -> Result<ConversationId, BranchError> {
        let store = &self.inner.store;
        let (from, _) = store.place_of(message).await?.ok_or(BranchError::NotFound)?;
        let (summary, _) = store.conversation(from).await?.ok_or(BranchError::NotFound)?;
        let mut path = store.path_to(message).await?;
        let is_open = |message: &Message| {
            message.answer.as_ref().is_some_and(|answer| answer.status == AnswerStatus::Open)
        };
        if path.iter().any(is_open) {
            return Err(BranchError::StillOpen);
        }
        let conversation = ConversationId(Uuid::now_v7());
        let mut write = store.durable().await?;
        write.add_conversation(conversation, &summary.title, summary.temporary, now_ms()).await?;
        if let Some(settings) = store.conversation_settings(from).await? {
            write.set_conversation_settings(conversation, &settings).await?;
        }
        let mut copies: HashMap<MessageId, MessageId> = HashMap::new();
        let mut leaf = None;
        for message in path.drain(..) {
            let copy = MessageId(Uuid::now_v7());
            let parent = message.parent.and_then(|parent| copies.get(&parent).copied());
            write.copy_message(message.id, copy, conversation, parent).await?;
            if !summary.temporary {
                write.make_findable(conversation, copy, &message.content).await?;
            }
            copies.insert(message.id, copy);
            leaf = Some(copy);
        }
        write.show_path(conversation, leaf).await?;
        if !summary.temporary {
            write.make_title_findable(conversation, &summary.title).await?;
        }
        write.commit().await?;
        self.inner.notice_list();
        Ok(conversation)
    }
}
