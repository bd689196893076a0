//! Asking, answering again, going on, stopping; and what is asked next.

use leptos::prelude::*;
use protocol::{FileId, FileInfo, MessageId, QueuedId};

use super::{State, message};
use crate::{
    browser,
    rpc::{self, Asked, Branch, Problem},
};

impl State {
    /// Sends a question, or lets it wait where an answer is being written. Its text comes back
    /// where it could not be sent.
    pub async fn ask(self, text: String) -> Result<(), String> {
        let conversation = self.shown.get_untracked();
        let editing = self.editing.get_untracked();
        self.problem.set(None);
        let files = self.attached.take();
        let ids: Vec<FileId> = files.iter().map(|file| file.id).collect();
        if let (Some(id), None, Some(_)) = (conversation, editing, self.open_answer()) {
            let queued = rpc::queue(id, text.clone(), self.picked_model(), ids).await;
            let queued = self.tell(queued);
            self.attached.sent(conversation, queued.is_some());
            return queued.map(|_| ()).ok_or(text);
        }
        self.at_end.set(true);
        self.sending.set(Some(text.clone()));
        browser::to_the_end();
        let temporary = self.temporary.get_untracked();
        let model = self.picked_model();
        let (persona, settings) = self.library.beginning();
        let asked =
            rpc::ask(conversation, text.clone(), model, editing, temporary, ids, persona, settings);
        let asked = asked.await;
        // Another may be on its way by now, elsewhere.
        if self.sending.with_untracked(|sending| sending.as_ref() == Some(&text)) {
            self.sending.set(None);
        }
        let Some(asked) = self.tell(asked) else {
            self.attached.sent(conversation, false);
            return Err(text);
        };
        self.attached.sent(conversation, true);
        self.editing.set(None);
        if self.shown.get_untracked() == conversation {
            self.show_asked(&asked, Some((text, files)), editing);
            if conversation.is_none() {
                self.not_found.set(false);
                self.began.set_value(Some(asked.conversation));
                self.library.begun();
                self.link.update(|link| {
                    link.id = asked.conversation;
                    link.temporary = temporary;
                    link.title.clear();
                });
                self.attached.begun(asked.conversation);
                self.shown.set(Some(asked.conversation));
                browser::go_to(Some(asked.conversation));
            }
        }
        browser::listen_again(self);
        // Siblings, and the title of a new conversation.
        self.refresh_list().await;
        if editing.is_some() || conversation.is_none() {
            self.refresh().await;
        }
        Ok(())
    }

    /// Answers a question again, with another model if one is named. The question is named by its
    /// answer, or by itself where that was deleted.
    pub async fn retry(self, message: MessageId, model: Option<String>) {
        let shown = self.shown.get_untracked();
        let asked = rpc::retry(message, model.or_else(|| self.picked_model())).await;
        if let Some(asked) = self.tell(asked)
            && self.shown.get_untracked() == shown
        {
            self.at_end.set(true);
            let is_question = asked.question == message;
            let instead_of = match is_question {
                true => self.after(message),
                false => Some(message),
            };
            self.show_asked(&asked, None, instead_of);
            browser::refocus(Vec::new());
            self.refresh().await;
        }
    }

    /// What is shown after a message.
    fn after(self, message: MessageId) -> Option<MessageId> {
        self.messages.with_untracked(|messages| {
            let mut ids = messages.iter().map(|message| message.id);
            ids.find(|id| *id == message)?;
            ids.next()
        })
    }

    /// Puts a question and its empty answer on the page, in place of a message and what follows it.
    fn show_asked(
        self,
        asked: &Asked,
        question: Option<(String, Vec<FileInfo>)>,
        instead_of: Option<MessageId>,
    ) {
        self.messages.update(|messages| {
            let place = messages.iter().position(|message| Some(message.id) == instead_of);
            // A question that is asked in another way keeps its files.
            let kept = place.map(|place| messages[place].files.clone()).unwrap_or_default();
            if let Some(place) = place {
                messages.truncate(place);
            }
            // A notice may have been quicker.
            messages.retain(|message| {
                message.id != asked.answer && (message.id != asked.question || question.is_none())
            });
            if let Some((text, added)) = question {
                let files = kept.into_iter().chain(added).collect();
                messages.push(message::question(asked.question, text, files));
            }
            messages.push(message::empty_answer(asked.answer, asked.model.clone()));
        });
    }

    /// Has a cut answer continued.
    pub async fn continue_answer(self, answer: MessageId) {
        if self.tell(rpc::continue_answer(answer).await).is_some() {
            self.at_end.set(true);
            // The page's Markdown of an ended answer is gone, so the server says it again.
            self.refresh().await;
            browser::refocus(Vec::new());
        }
    }

    /// Stops an answer. How it ended is told by its stream.
    pub async fn stop(self, answer: MessageId) {
        self.tell(rpc::stop(answer).await);
    }

    /// Takes a waiting question back: its files at once, and its text is returned.
    pub async fn unqueue(self, queued: QueuedId) -> Option<String> {
        let taken = self.tell(rpc::unqueue(queued).await);
        self.queued.update(|waiting| waiting.retain(|question| question.id != queued));
        let taken = taken?;
        self.attached.put(taken.files);
        Some(taken.text)
    }

    /// Asks a waiting question now.
    pub async fn ask_queued(self, queued: QueuedId) {
        if self.tell(rpc::ask_queued(queued).await).is_some() {
            self.at_end.set(true);
            self.refresh().await;
        }
    }

    /// Shows the branch of a message, deletes it, or begins a conversation with all up to it.
    pub async fn branch(self, message: MessageId, what: Branch) {
        let arrows = browser::arrows_of(message);
        let Some(conversation) = self.tell(rpc::change_branches(message, what).await) else {
            return;
        };
        if what == Branch::Fork {
            browser::go_to(Some(conversation));
            self.open(Some(conversation), None).await;
            browser::go_on();
            self.refresh_list().await;
        } else {
            self.refresh().await;
            browser::refocus(arrows);
        }
    }

    /// What came of a call; a problem is shown.
    pub(crate) fn tell<T>(self, outcome: Result<T, Problem>) -> Option<T> {
        match outcome {
            Ok(value) => {
                self.problem.set(None);
                Some(value)
            }
            Err(problem) => {
                self.problem.set(Some(problem));
                None
            }
        }
    }
}
