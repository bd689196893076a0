//! What is changed in other tabs beside conversations and their list, and what other tabs are told of.

use leptos::prelude::*;
use protocol::Changed;

use super::State;
use crate::{browser, rpc};

impl State {
    /// Takes over what has changed in another tab. Conversations and their list are read again with
    /// [`State::refresh`] and [`State::refresh_list`].
    pub fn take_over_change(self, changed: Changed) {
        let is_all = changed == Changed::Everything;
        let is_draft = is_all || self.shown.get_untracked().map(Changed::Draft) == Some(changed);
        // Whoever writes is told of what they have written, too.
        if is_draft && !browser::is_writing() {
            browser::spawn(self.refresh_draft());
        }
        if is_all || changed == Changed::Preferences {
            browser::spawn(self.refresh_favourites());
        }
        if is_all || changed == Changed::Look {
            self.theme.set(browser::show_look(self.language));
        }
    }

    /// Reads the draft again, and shows it where nobody is writing another.
    async fn refresh_draft(self) {
        let Some(id) = self.shown.get_untracked() else { return };
        let reading = self.draft_readings.begin();
        let Ok(draft) = rpc::kept_draft(id).await else { return };
        let is_here = self.shown.get_untracked() == Some(id);
        // The field holds an earlier question while that is written anew.
        let is_free = self.editing.with_untracked(Option::is_none);
        if is_here
            && is_free
            && self.draft_readings.show(reading)
            && browser::take_over_draft(&draft)
        {
            self.draft.set_value(draft);
            self.drafts_come.update(|count| *count += 1);
        }
    }

    async fn refresh_favourites(self) {
        let reading = self.favourite_readings.begin();
        let Ok(favourites) = rpc::favourites().await else { return };
        let shown = self.library.favourites;
        if self.favourite_readings.show(reading)
            && shown.with_untracked(|shown| *shown != favourites)
        {
            shown.set(favourites);
        }
    }

    /// Goes on to the next theme, here and in the other tabs.
    pub async fn next_theme(self) {
        let next = self.theme.get_untracked().next();
        self.theme.set(next);
        browser::show_theme(next);
        browser::keep_theme(next);
        // Where they do not hear of it, they have it when they are loaded again.
        rpc::look_chosen().await.ok();
    }
}
