//! The list of conversations, search, and what is done with a conversation as a whole.

use leptos::prelude::*;
use protocol::{ConversationId, FolderId};

use super::{Said, State};
use crate::{
    aside::{self, Action},
    browser,
    rpc::{self, Arrange},
    sidebar::SIDEBAR,
    view::ConversationLink,
};

/// What is changed about a conversation: the fields of the form in its menu.
#[derive(Debug, Clone, Default)]
pub struct Arrangement {
    pub title: String,
    pub folder: Option<FolderId>,
    pub new_folder: String,
}

impl State {
    /// Reads the list of conversations again.
    pub async fn refresh_list(self) {
        let reading = self.list_readings.begin();
        let Ok(mut list) = rpc::list().await else { return };
        if !self.list_readings.show(reading) {
            return;
        }
        // What was loaded by scrolling stays, as far as it is older than what comes first.
        self.list.with_untracked(|shown| {
            let last = list.loose.last().map(|last| (last.updated_at, last.id));
            if let Some(last) = last.filter(|_| list.has_more) {
                let older = shown.loose.iter().filter(|link| (link.updated_at, link.id) < last);
                list.loose.extend(older.cloned());
                list.has_more = shown.has_more || shown.loose.len() <= list.loose.len();
            }
        });
        if self.list.with_untracked(|shown| *shown != list) {
            self.list.set(list);
        }
        self.update_link();
    }

    /// How the list shows what is shown may have changed with the list.
    fn update_link(self) {
        let id = self.link.with_untracked(|link| link.id);
        let found = self.list.with_untracked(|list| {
            let folders = list.folders.iter().flat_map(|folder| &folder.conversations);
            let mut all = list.pinned.iter().chain(folders).chain(&list.loose);
            all.find(|link| link.id == id).cloned()
        });
        if let Some(found) = found.filter(|found| self.link.with_untracked(|link| link != found)) {
            self.link.set(found);
        }
    }

    /// Loads more of the list.
    pub async fn load_more(self) {
        let last = self.list.with_untracked(|list| {
            list.loose.last().filter(|_| list.has_more).map(|last| (last.updated_at, last.id))
        });
        let Some((updated_at, id)) = last else { return };
        self.list.update(|list| list.has_more = false);
        let more = self.tell(rpc::more(Some(id), updated_at, false).await);
        self.list.update(|list| match more {
            // The list may have been read again meanwhile, and then has these already.
            Some((links, has_more)) if list.loose.last().is_some_and(|last| last.id == id) => {
                list.loose.extend(links);
                list.has_more = has_more;
            }
            Some((_, has_more)) => list.has_more |= has_more,
            None => list.has_more = true,
        });
    }

    /// Looks for what was typed.
    pub async fn search(self) {
        let typed = self.typed.get_untracked();
        if typed.trim().is_empty() {
            self.hits.set(None);
            return;
        }
        let found = rpc::search(typed.clone()).await;
        // Answers may overtake one another; only the latest counts.
        if self.typed.get_untracked() == typed
            && let Some(hits) = self.tell(found)
        {
            self.hits.set(Some(hits));
        }
    }

    /// Changes where a conversation stands, or what it is called.
    pub async fn arrange(self, id: ConversationId, what: Arrange, how: Arrangement) {
        let done = rpc::arrange_conversation(id, what, how.title, how.folder, how.new_folder).await;
        if self.tell(done).is_none() {
            return;
        }
        let words = &self.language.words().list;
        let said = match what {
            Arrange::Delete => Some(Said { words: words.deleted, undo: Some(id) }),
            Arrange::Archive => Some(Said { words: words.archived, undo: None }),
            _ => None,
        };
        let leaves = matches!(what, Arrange::Delete | Arrange::End);
        if leaves && self.shown.get_untracked() == Some(id) {
            browser::go_to(None);
            self.open(None, None).await;
            browser::go_on();
        }
        let can_be_undone = said.as_ref().is_some_and(|said| said.undo.is_some());
        if can_be_undone {
            browser::focus_undo();
        }
        if let Some(said) = said {
            browser::say(self, said);
        }
        self.refresh_list().await;
        if self.shown.get_untracked() == Some(id) {
            self.refresh().await;
        }
        // Where it can be undone, the focus is on that. Undoing it may be under way when this list comes:
        // the focus is then lost for a moment, and goes where undoing it leads.
        if !can_be_undone {
            // Its button in the list may have been made anew.
            let button = format!("#{SIDEBAR} li:has(> a[href='/c/{id}']) button");
            browser::refocus(vec![button]);
        }
    }

    /// Brings a deleted conversation back and shows it.
    pub async fn undo_deletion(self, id: ConversationId) {
        self.said.set(None);
        let back =
            rpc::arrange_conversation(id, Arrange::Undelete, String::new(), None, String::new())
                .await;
        if self.tell(back).is_some() {
            browser::go_to(Some(id));
            self.open(Some(id), None).await;
            self.refresh_list().await;
        }
        browser::refocus(vec![format!("#{SIDEBAR} a[href='/c/{id}']")]);
    }

    /// Gives a folder another name, or removes it.
    pub async fn change_folder(self, folder: FolderId, name: String, remove: bool) {
        self.tell(rpc::change_folder(folder, name, remove).await);
        self.refresh_list().await;
    }

    /// A temporary conversation ends when its page goes elsewhere.
    pub(super) fn leave(self) {
        let left = self.link.with_untracked(|link| link.temporary.then_some(link.id));
        let goes = left.is_some() && left != browser::address();
        if let Some(id) = left.filter(|_| goes) {
            self.link.set(ConversationLink::default());
            aside::act(self, Action::Leave(id));
        }
    }
}
