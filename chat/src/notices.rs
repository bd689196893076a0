//! Tells the open pages that something has changed.

use protocol::{ConversationId, Notice};
use tokio::sync::broadcast::{self, error::RecvError};

use crate::engine::{Chat, Inner};

/// How many notices wait for a slow page; one that has missed some is told that everything changed.
const WAITING: usize = 64;

/// Whom to tell.
#[derive(Debug)]
pub(crate) struct Notices(broadcast::Sender<Notice>);

impl Default for Notices {
    fn default() -> Self {
        Self(broadcast::channel(WAITING).0)
    }
}

/// The notices from a moment on.
#[derive(Debug)]
pub struct NoticeReader(broadcast::Receiver<Notice>);

impl NoticeReader {
    /// Waits for the next one. `None` when the engine is gone.
    pub async fn next(&mut self) -> Option<Notice> {
        match self.0.recv().await {
            Ok(notice) => Some(notice),
            Err(RecvError::Lagged(_)) => Some(Notice::Everything),
            Err(RecvError::Closed) => None,
        }
    }
}

impl Inner {
    /// The list has changed.
    pub(crate) fn notice_list(&self) {
        self.notify(Notice::List);
    }

    /// A conversation has changed.
    pub(crate) fn notice_conversation(&self, id: ConversationId) {
        self.notify(Notice::Conversation { id });
    }

    fn notify(&self, notice: Notice) {
        // An error means that no page is open.
        self.notices.0.send(notice).ok();
    }
}

impl Chat {
    /// The notices from now on.
    pub fn notices(&self) -> NoticeReader {
        NoticeReader(self.inner.notices.0.subscribe())
    }
}
