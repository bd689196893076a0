//! Tells the open pages that something has changed.

use std::sync::atomic::{AtomicU64, Ordering};

use protocol::{Changed, ConversationId, Notice};
use tokio::sync::broadcast::{self, error::RecvError};

use crate::{
    engine::{Chat, Inner},
    store::now_ms,
};

/// How many notices wait for a slow page; one that has missed some is told that everything changed.
const WAITING: usize = 64;

/// Whom to tell.
#[derive(Debug)]
pub(crate) struct Notices {
    readers: broadcast::Sender<Notice>,
    version: AtomicU64,
}

impl Default for Notices {
    fn default() -> Self {
        // A version must never come again after a restart, so it counts on from the time.
        let version = AtomicU64::new(now_ms().unsigned_abs() << 10);
        Self { readers: broadcast::channel(WAITING).0, version }
    }
}

/// The notices from a moment on.
#[derive(Debug)]
pub struct NoticeReader {
    chat: Chat,
    notices: broadcast::Receiver<Notice>,
    /// What is told first to a page that has missed something.
    missed: bool,
}

impl NoticeReader {
    /// Waits for the next one. `None` when the engine is gone.
    pub async fn next(&mut self) -> Option<Notice> {
        if std::mem::take(&mut self.missed) {
            return Some(self.everything());
        }
        match self.notices.recv().await {
            Ok(notice) => Some(notice),
            Err(RecvError::Lagged(_)) => Some(self.everything()),
            Err(RecvError::Closed) => None,
        }
    }

    fn everything(&self) -> Notice {
        Notice { changed: Changed::Everything, version: self.chat.version() }
    }
}

impl Inner {
    /// The list has changed.
    pub(crate) fn notice_list(&self) {
        self.notify(Changed::List);
    }

    /// A conversation has changed.
    pub(crate) fn notice_conversation(&self, id: ConversationId) {
        self.notify(Changed::Conversation(id));
    }

    /// The draft of a conversation has changed.
    pub(crate) fn notice_draft(&self, id: ConversationId) {
        self.notify(Changed::Draft(id));
    }

    /// What the owner chose for all conversations has changed.
    pub(crate) fn notice_preferences(&self) {
        self.notify(Changed::Preferences);
    }

    fn notify(&self, changed: Changed) {
        let version = self.notices.version.fetch_add(1, Ordering::Relaxed) + 1;
        // An error means that no page is open.
        self.notices.readers.send(Notice { changed, version }).ok();
    }
}

impl Chat {
    /// Grows with every change. A page is made from at least what had changed then.
    pub fn version(&self) -> u64 {
        self.inner.notices.version.load(Ordering::Relaxed)
    }

    /// Tells open pages that a browser has chosen how its pages look. The choice is in its cookies, and
    /// the engine does not know it.
    pub fn notice_look(&self) {
        self.inner.notify(Changed::Look);
    }

    /// The notices from now on, for a page that has seen everything up to a version.
    pub fn notices(&self, seen: u64) -> NoticeReader {
        // Subscribed before the look, so that nothing falls in between.
        let notices = self.inner.notices.readers.subscribe();
        NoticeReader { chat: self.clone(), notices, missed: self.version() != seen }
    }
}
