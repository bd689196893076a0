//! Keeping conversations in order: the list, titles, pins, folders, the archive, the bin.

use std::{collections::HashMap, sync::Mutex, time::Duration};

use protocol::{ConversationId, FolderId, MessageId};
use uuid::Uuid;

use crate::{
    engine::{Chat, Inner},
    store::{Change, ConversationSummary, Folder, ListCursor, Listed, StoreError, now_ms},
};

/// The longest title or name of a folder, in characters.
pub const MAX_NAME_CHARS: usize = 200;

/// For how long a deletion can be undone.
const BIN: Duration = Duration::from_secs(10 * 60);

/// For how long a temporary conversation stays when no page shows it: a phone may sleep, and a page
/// may be loaded again.
const UNWATCHED: Duration = Duration::from_secs(15 * 60);

/// For how long one stays whose page has said that it goes: it may be loaded again.
const LEFT: Duration = Duration::from_secs(60);

/// How often it is looked what is to go.
const SWEEP: Duration = Duration::from_secs(60);

/// Why a name was not taken.
#[derive(Debug, thiserror::Error)]
pub enum NameError {
    /// It has no letters.
    #[error("a name needs at least one character")]
    Empty,
    /// It is too long.
    #[error("a name has at most {MAX_NAME_CHARS} characters")]
    TooLong,
    /// What was to be named does not exist.
    #[error("there is no such conversation or folder")]
    NotFound,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Where pages are, as far as temporary conversations depend on it.
#[derive(Debug, Default)]
pub(crate) struct Watched(Mutex<Pages>);

#[derive(Debug, Default)]
struct Pages {
    /// How many show each conversation.
    shown: HashMap<ConversationId, usize>,
    /// When a page of a conversation has said that it goes.
    left: HashMap<ConversationId, i64>,
}

/// A page shows a temporary conversation for as long as this lives.
#[derive(Debug)]
pub struct Watching {
    chat: Chat,
    id: ConversationId,
}

impl Drop for Watching {
    fn drop(&mut self) {
        let shown = &mut self.chat.inner.watched.lock().shown;
        if let Some(pages) = shown.get_mut(&self.id) {
            *pages -= 1;
            if *pages == 0 {
                shown.remove(&self.id);
            }
        }
    }
}

impl Watched {
    fn lock(&self) -> std::sync::MutexGuard<'_, Pages> {
        // A panic elsewhere leaves the maps whole.
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn shows(&self, id: ConversationId) -> bool {
        self.lock().shown.contains_key(&id)
    }

    /// Takes those out that were left before a moment. What another page shows was not left for good.
    fn left_before(&self, moment: i64) -> Vec<ConversationId> {
        let Pages { shown, left } = &mut *self.lock();
        let gone = left.extract_if(|_, since| *since < moment).map(|(id, _)| id);
        gone.filter(|id| !shown.contains_key(id)).collect()
    }
}

impl Chat {
    /// A part of the list of conversations.
    pub async fn list(
        &self,
        listed: Listed,
        after: Option<ListCursor>,
        limit: u32,
    ) -> Result<Vec<ConversationSummary>, StoreError> {
        self.inner.store.list(listed, after, limit).await
    }

    /// The folders by their names.
    pub async fn folders(&self) -> Result<Vec<Folder>, StoreError> {
        self.inner.store.folders().await
    }

    /// Gives a conversation the title a person wants.
    pub async fn rename(&self, id: ConversationId, title: &str) -> Result<(), NameError> {
        let title = name(title)?;
        let mut write = self.inner.store.durable().await?;
        if !write.change_conversation(id, Change::Title(&title), now_ms()).await? {
            return Err(NameError::NotFound);
        }
        write.make_title_findable(id, &title).await?;
        write.commit().await?;
        self.inner.notice_list();
        Ok(())
    }

    /// Changes where a conversation stands. False if there is none.
    pub async fn change(&self, id: ConversationId, change: Change<'_>) -> Result<bool, StoreError> {
        let mut write = self.inner.store.durable().await?;
        let deleted = matches!(change, Change::Deleted(true));
        let known = write.change_conversation(id, change, now_ms()).await?;
        write.commit().await?;
        if deleted {
            // Nobody is going to read what is still being written there.
            self.stop_all_in(id).await?;
        }
        self.inner.notice_list();
        self.inner.notice_conversation(id);
        Ok(known)
    }

    /// Makes a folder.
    pub async fn add_folder(&self, wanted: &str) -> Result<FolderId, NameError> {
        let id = FolderId(Uuid::now_v7());
        let mut write = self.inner.store.durable().await?;
        write.add_folder(id, &name(wanted)?, now_ms()).await?;
        write.commit().await?;
        self.inner.notice_list();
        Ok(id)
    }

    /// Gives a folder another name.
    pub async fn rename_folder(&self, id: FolderId, wanted: &str) -> Result<(), NameError> {
        let mut write = self.inner.store.durable().await?;
        if !write.rename_folder(id, &name(wanted)?).await? {
            return Err(NameError::NotFound);
        }
        write.commit().await?;
        self.inner.notice_list();
        Ok(())
    }

    /// Removes a folder. What was in it stays, in no folder.
    pub async fn remove_folder(&self, id: FolderId) -> Result<(), StoreError> {
        let mut write = self.inner.store.durable().await?;
        write.remove_folder(id).await?;
        write.commit().await?;
        self.inner.notice_list();
        Ok(())
    }

    /// Ends a temporary conversation: everything in it is removed at once. Others are left alone.
    pub async fn end_temporary(&self, id: ConversationId) -> Result<(), StoreError> {
        match self.inner.store.conversation(id).await? {
            Some((summary, _)) if summary.temporary => self.remove_for_good(id).await,
            _ => Ok(()),
        }
    }

    /// Notes that a page shows a conversation, so that a temporary one stays.
    pub fn watch(&self, id: ConversationId) -> Watching {
        let mut pages = self.inner.watched.lock();
        *pages.shown.entry(id).or_default() += 1;
        pages.left.remove(&id);
        drop(pages);
        Watching { chat: self.clone(), id }
    }

    /// Notes that a page of a temporary conversation goes. It ends soon, unless a page shows it again.
    pub async fn leave_temporary(&self, id: ConversationId) -> Result<(), StoreError> {
        if self.inner.store.conversation(id).await?.is_some_and(|(summary, _)| summary.temporary) {
            self.inner.watched.lock().left.insert(id, now_ms());
        }
        Ok(())
    }

    /// Removes what is to go: from the bin what has been there long enough, and temporary
    /// conversations that no page shows any more.
    pub async fn purge(&self, now: i64) -> Result<(), StoreError> {
        let ago = |time: Duration| now - i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
        for id in self.inner.watched.left_before(ago(LEFT)) {
            self.end_temporary(id).await?;
        }
        for (id, temporary) in self.inner.store.to_purge(ago(BIN), ago(UNWATCHED)).await? {
            if !(temporary && self.inner.watched.shows(id)) {
                self.remove_for_good(id).await?;
            }
        }
        Ok(())
    }

    async fn remove_for_good(&self, id: ConversationId) -> Result<(), StoreError> {
        loop {
            self.stop_all_in(id).await?;
            let mut write = self.inner.store.durable().await?;
            // An answer that was begun before this write had its turn must not lose the place for its text. One that
            // nobody here writes was open at the last end of the server.
            let open = self.inner.store.open_answers_in(id).await?;
            let is_written = |answer: &MessageId| {
                self.inner.journal.find(*answer).is_some_and(|answer| answer.end().is_none())
            };
            if !open.iter().any(is_written) {
                write.remove_conversation(id).await?;
                write.commit().await?;
                break;
            }
        }
        self.inner.notice_list();
        self.inner.notice_conversation(id);
        Ok(())
    }

    async fn stop_all_in(&self, id: ConversationId) -> Result<(), StoreError> {
        for answer in self.inner.store.open_answers_in(id).await? {
            self.stop(answer).await?;
        }
        Ok(())
    }

    /// Purges for as long as the engine lives.
    pub(crate) async fn sweep(inner: std::sync::Arc<Inner>) {
        let chat = Self { inner };
        let mut moments = tokio::time::interval(SWEEP);
        moments.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            moments.tick().await;
            chat.purge_or_log().await;
        }
    }

    /// Purges. Nobody waits for that, so a failure is the log's, and the next sweep tries again.
    pub(crate) async fn purge_or_log(&self) {
        if let Err(error) = self.purge(now_ms()).await {
            tracing::error!(%error, "what was deleted could not be removed; it is tried again");
        }
    }
}

/// A name as it is stored: one line without spaces around it.
fn name(wanted: &str) -> Result<String, NameError> {
    let name =
        wanted.split_whitespace().collect::<Vec<_>>().join(" ").replace(char::is_control, "");
    match name.chars().count() {
        0 => Err(NameError::Empty),
        1..=MAX_NAME_CHARS => Ok(name),
        _ => Err(NameError::TooLong),
    }
}
