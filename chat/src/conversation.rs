//! Conversations: trees of messages, of which one path is shown.

use protocol::{AnswerStatus, ConversationId, MessageId};

use crate::{
    conversation_settings::ConversationSettings,
    engine::Chat,
    store::{ConversationSummary, Message, StoreError},
};

/// A conversation along the path that is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Conversation {
    /// How the list shows it.
    pub summary: ConversationSummary,
    /// How it is answered.
    pub settings: ConversationSettings,
    /// The messages in the order they are read. An open answer has everything committed so far.
    pub messages: Vec<Message>,
}

impl Chat {
    /// A conversation along its active path, or `None` if there is none of that id.
    pub async fn conversation(
        &self,
        id: ConversationId,
    ) -> Result<Option<Conversation>, StoreError> {
        let Some((summary, leaf)) = self.inner.store.conversation(id).await? else {
            return Ok(None);
        };
        let messages = match leaf {
            Some(leaf) => self.live_path(leaf).await?,
            None => Vec::new(),
        };
        let settings = self.inner.store.conversation_settings(id).await?.unwrap_or_default();
        Ok(Some(Conversation { summary, settings, messages }))
    }

    /// The conversation that a message stands in, or `None` if there is no such message.
    pub async fn conversation_of(
        &self,
        message: MessageId,
    ) -> Result<Option<ConversationId>, StoreError> {
        let place = self.inner.store.place_of(message).await?;
        Ok(place.map(|(conversation, _)| conversation))
    }

    /// The stored path with what open answers have committed since.
    pub(crate) async fn live_path(&self, leaf: MessageId) -> Result<Vec<Message>, StoreError> {
        let mut path = self.inner.store.path_to(leaf).await?;
        self.bring_up_to_date(&mut path).await?;
        Ok(path)
    }

    /// Adds to stored messages what open answers have committed since.
    pub(crate) async fn bring_up_to_date(&self, path: &mut [Message]) -> Result<(), StoreError> {
        let open = |message: &Message| {
            message.answer.as_ref().is_some_and(|answer| answer.status == AnswerStatus::Open)
        };
        for message in path.iter_mut().filter(|message| open(message)) {
            let Some(answer) = &mut message.answer else { continue };
            if let Some(written) = self.inner.journal.find(message.id) {
                // Looked at before the text, which is whole if it has ended.
                let end = written.end();
                let text = written.text();
                message.content = text.content;
                answer.reasoning = text.reasoning;
                answer.sequence = text.sequence;
                if let Some(end) = end {
                    answer.conclude(end);
                }
            } else if let Some((text, ended)) = self.inner.store.answer(message.id).await? {
                // It ended between the two looks.
                message.content = text.content;
                *answer = ended;
            }
        }
        Ok(())
    }
}
