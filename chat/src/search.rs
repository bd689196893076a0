//! Search over titles and messages.

mod snippet;
mod words;

use protocol::{ConversationId, MessageId};

use crate::{
    engine::Chat,
    store::{SearchRow, StoreError, Write},
};
pub use snippet::Part;
use snippet::{highlighted, snippet};

/// How many results there are at most.
const MOST_HITS: u32 = 30;

/// How many messages are indexed in one transaction when an index is built.
const BATCH: u32 = 500;

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// The conversation.
    pub conversation: ConversationId,
    /// Its title, with what was looked for.
    pub title: Vec<Part>,
    /// The message; `None` if the title was found.
    pub message: Option<MessageId>,
    /// The place in the message, with what was looked for.
    pub snippet: Vec<Part>,
    /// When the message came, or the conversation's last one, in milliseconds.
    pub at: i64,
}

impl Chat {
    /// Finds titles and messages that have every word of what was typed, the best first.
    pub async fn search(&self, typed: &str) -> Result<Vec<Hit>, StoreError> {
        let terms = words::terms(typed);
        let Some(query) = words::query(&terms) else { return Ok(Vec::new()) };
        let rows = self.inner.store.search(&query, MOST_HITS).await?;
        let hit = |row: SearchRow| Hit {
            conversation: row.conversation,
            title: highlighted(&row.title, &terms),
            snippet: row.content.map(|content| snippet(&content, &terms)).unwrap_or_default(),
            message: row.message,
            at: row.at,
        };
        Ok(rows.into_iter().map(hit).collect())
    }

    /// Indexes what is not: conversations from before there was an index, and imported ones.
    pub(crate) async fn index_what_is_not(&self) -> Result<(), StoreError> {
        loop {
            let mut write = self.inner.store.durable().await?;
            let found = write.index_missing(BATCH, words::indexed).await?;
            write.commit().await?;
            if found == 0 {
                return Ok(());
            }
        }
    }
}

impl Write {
    /// Makes a message findable, or what has become of it.
    pub(crate) async fn make_findable(
        &mut self,
        conversation: ConversationId,
        message: MessageId,
        content: &str,
    ) -> Result<(), StoreError> {
        self.index(conversation, Some(message), &words::indexed(content)).await
    }

    /// Makes a conversation findable by its title.
    pub(crate) async fn make_title_findable(
        &mut self,
        conversation: ConversationId,
        title: &str,
    ) -> Result<(), StoreError> {
        self.index(conversation, None, &words::indexed(title)).await
    }
}
