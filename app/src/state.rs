//! What the page knows while it is open.

mod asking;
mod elsewhere;
mod message;
mod organising;
mod readings;

use leptos::prelude::*;
use protocol::{ConversationId, MessageId};

pub use message::{Answer, Message};
pub use organising::Arrangement;
use readings::Readings;

use crate::{
    Language, Theme,
    attachments::Attachments,
    browser,
    library_state::Library,
    library_view::SettingsView,
    rpc::{self, Problem},
    view::{
        ConversationLink, ConversationView, HitView, ListView, PageView, ProviderView, QueuedView,
    },
};

/// Whether the server can be heard.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Connection {
    /// It can, or nothing is wanted of it.
    #[default]
    Fine,
    /// The stream of an answer was cut and is being taken up again.
    Reconnecting,
    /// The device has no network.
    Offline,
}

/// Something that was done and can be undone, said in passing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The words.
    pub words: &'static str,
    /// The conversation whose deletion can be undone.
    pub undo: Option<ConversationId>,
}

/// The state of the page. Copied freely; all copies are the same state.
#[derive(Debug, Clone, Copy)]
pub struct State {
    pub list: RwSignal<ListView>,
    /// What is looked for; empty while the list is shown.
    pub typed: RwSignal<String>,
    /// What is found; `None` until the server has said.
    pub hits: RwSignal<Option<Vec<HitView>>>,
    /// The conversation that is shown; `None` while a new one is being begun.
    pub shown: RwSignal<Option<ConversationId>>,
    /// How the list shows it, also where it is not in the list.
    pub link: RwSignal<ConversationLink>,
    pub messages: RwSignal<Vec<Message>>,
    pub has_older: RwSignal<bool>,
    /// Older messages are on their way.
    pub asks_older: RwSignal<bool>,
    pub queued: RwSignal<Vec<QueuedView>>,
    /// A question on its way to the server.
    pub sending: RwSignal<Option<String>>,
    /// The files that go with the next question.
    pub attached: Attachments,
    /// The question that is being written anew.
    pub editing: RwSignal<Option<MessageId>>,
    /// The conversation to be begun is a temporary one.
    pub temporary: RwSignal<bool>,
    pub not_found: RwSignal<bool>,
    pub problem: RwSignal<Option<Problem>>,
    pub said: RwSignal<Option<Said>>,
    /// What the menu of a conversation is open for.
    pub menu: RwSignal<Option<ConversationLink>>,
    /// What the menu of a message is open for.
    pub message_menu: RwSignal<Option<Message>>,
    /// The message that is being read aloud.
    pub reading: RwSignal<Option<MessageId>>,
    /// What was written in a form that was refused, as HTML for the field. Only the server has it.
    pub written_html: StoredValue<String>,
    /// What was written and not sent in what is shown, as the server keeps it.
    pub draft: StoredValue<String>,
    /// The same on the page for a new conversation.
    pub new_draft: StoredValue<String>,
    /// How many drafts that were written in another tab have been put into the field.
    pub drafts_come: RwSignal<u64>,
    pub connection: RwSignal<Connection>,
    pub theme: RwSignal<Theme>,
    pub language: Language,
    pub model: RwSignal<String>,
    pub library: Library,
    pub providers: StoredValue<Vec<ProviderView>>,
    pub can_sign_out: bool,
    /// The open answer is streamed into the HTML of this response, for browsers without scripts.
    pub streams: bool,
    /// The server's time when the page was made, in milliseconds.
    pub now: i64,
    /// The version of what is shown, see [`protocol::Notice`].
    pub version: StoredValue<u64>,
    /// What is shown, and the list, are read again when they change.
    readings: Readings,
    list_readings: Readings,
    draft_readings: Readings,
    favourite_readings: Readings,
    /// The conversation that the last question of this page began.
    pub began: StoredValue<Option<ConversationId>>,
    /// The view follows the growing end until the reader scrolls up.
    pub at_end: RwSignal<bool>,
}

impl State {
    /// The state of a fresh page.
    pub fn new(page: PageView) -> Self {
        let conversation = page.conversation.unwrap_or_default();
        let shown =
            (conversation.link.id != ConversationId::default()).then_some(conversation.link.id);
        let shown_now = RwSignal::new(shown);
        let (typed, hits) = page.search.map(|search| (search.typed, search.hits)).unzip();
        let default_model = page.default_model.unwrap_or_default();
        let (library, model) = Library::new(page.library, conversation.settings, default_model);
        Self {
            list: RwSignal::new(page.list),
            typed: RwSignal::new(typed.unwrap_or_default()),
            hits: RwSignal::new(hits),
            shown: shown_now,
            menu: RwSignal::new(shown.map(|_| conversation.link.clone())),
            link: RwSignal::new(conversation.link),
            messages: RwSignal::new(message::all(conversation.messages, 0)),
            has_older: RwSignal::new(conversation.has_older),
            asks_older: RwSignal::new(false),
            queued: RwSignal::new(conversation.queued),
            sending: RwSignal::new(None),
            attached: Attachments::new(page.files, shown_now),
            editing: RwSignal::new(page.editing),
            temporary: RwSignal::new(page.temporary),
            not_found: RwSignal::new(page.not_found),
            problem: RwSignal::new(page.problem),
            said: RwSignal::new(None),
            message_menu: RwSignal::new(None),
            reading: RwSignal::new(None),
            written_html: StoredValue::new(page.written_html),
            draft: StoredValue::new(match shown {
                Some(_) => page.draft,
                None => page.new_draft.clone(),
            }),
            new_draft: StoredValue::new(page.new_draft),
            drafts_come: RwSignal::new(0),
            connection: RwSignal::new(Connection::Fine),
            theme: RwSignal::new(page.theme),
            language: page.language,
            model: RwSignal::new(model),
            library,
            providers: StoredValue::new(page.providers),
            can_sign_out: page.can_sign_out,
            streams: page.streams,
            now: page.now,
            version: StoredValue::new(page.version),
            readings: Readings::default(),
            list_readings: Readings::default(),
            draft_readings: Readings::default(),
            favourite_readings: Readings::default(),
            began: StoredValue::new(None),
            at_end: RwSignal::new(true),
        }
    }

    /// The state of the page this is called in.
    pub fn here() -> Self {
        expect_context()
    }

    /// The answer that is being written, if it is the last message.
    pub fn open_answer(self) -> Option<MessageId> {
        self.messages.with(|messages| {
            let last = messages.last()?;
            last.answer.as_ref()?.is_open().then_some(last.id)
        })
    }

    /// True for a question that no answer follows, since that was deleted.
    pub fn is_unanswered(self, question: MessageId) -> bool {
        self.messages.with(|messages| {
            let place = messages.iter().position(|message| message.id == question);
            place.is_some_and(|place| {
                let mut pair = messages[place..].iter().take(2);
                pair.all(|message| message.answer.is_none())
            })
        })
    }

    /// The title of what is shown.
    pub fn title(self) -> Option<String> {
        self.shown.get()?;
        self.link.with(|link| Some(link.title.clone()))
    }

    /// Shows a conversation, or the page for a new one, back to a message if one is named. The
    /// address is the caller's business.
    pub async fn open(self, conversation: Option<ConversationId>, back_to: Option<MessageId>) {
        let reading = self.readings.begin();
        let loaded = match conversation {
            Some(id) => Some(rpc::conversation(id, back_to, None).await),
            None => None,
        };
        if conversation != browser::address() {
            // The person has gone elsewhere meanwhile.
            return;
        }
        if let Some(Err(problem)) = loaded {
            // What is shown stays, and so the address names it.
            if !self.not_found.get_untracked() {
                browser::stay_at(self.shown.get_untracked());
            }
            self.problem.set(Some(problem));
            return;
        }
        self.readings.show(reading);
        self.leave();
        self.problem.set(None);
        self.not_found.set(false);
        self.editing.set(None);
        // What is on its way belongs to what was shown.
        self.sending.set(None);
        self.at_end.set(back_to.is_none());
        match loaded {
            Some(Ok(Some((view, draft)))) => {
                let messages = message::all(view.messages, reading);
                self.show_settings(view.settings);
                self.draft.set_value(draft);
                self.has_older.set(view.has_older);
                self.queued.set(view.queued);
                browser::leave_out();
                self.messages.set(messages);
                self.shown.set(Some(view.link.id));
                self.link.set(view.link);
            }
            other => {
                self.show_settings(SettingsView::default());
                self.messages.set(Vec::new());
                self.queued.set(Vec::new());
                self.has_older.set(false);
                self.draft.set_value(self.new_draft.get_value());
                self.shown.set(None);
                self.not_found.set(other.is_some());
            }
        }
        browser::listen_again(self);
        match back_to {
            Some(message) => browser::show_message(self, message),
            None => browser::show_end(self),
        }
    }

    /// Reads again what is shown, because it was changed elsewhere. What is shown already stays as
    /// it is.
    pub async fn refresh(self) {
        let Some(id) = self.shown.get_untracked() else {
            if self.not_found.get_untracked() {
                self.open(browser::address(), None).await;
            }
            return;
        };
        // A question that is on its way will be put in by whoever sent it.
        if self.sending.with_untracked(Option::is_some) {
            return;
        }
        let first = || self.messages.with_untracked(|messages| Some(messages.first()?.id));
        let (open, reading, loaded) = loop {
            let first_shown = first();
            // As many as are shown, since what was scrolled to must stay.
            let most = u32::try_from(self.messages.with_untracked(Vec::len)).ok();
            let open = self.messages.with_untracked(|messages| message::open(messages));
            let reading = self.readings.begin();
            let loaded = rpc::conversation(id, None, most).await;
            let unsure = self.sending.with_untracked(Option::is_some);
            if unsure || self.shown.get_untracked() != Some(id) {
                return;
            }
            // Otherwise older ones were put in meanwhile, which this reading does not have.
            if first() == first_shown {
                break (open, reading, loaded);
            }
        };
        match loaded {
            // The next notice, or the next look at the page, tries again.
            Err(_) => {}
            Ok(_) if !self.readings.show(reading) => {}
            Ok(Some((view, _))) => self.take_over(view, &open, reading),
            Ok(None) => {
                self.messages.set(Vec::new());
                self.shown.set(None);
                self.not_found.set(true);
            }
        }
    }

    /// Shows a conversation as it is now, without touching the messages that have not changed. These
    /// answers were open here when this reading began.
    fn take_over(self, view: ConversationView, open: &[MessageId], reading: u64) {
        self.messages.update(|messages| message::merge(messages, view.messages, open, reading));
        self.has_older.set(view.has_older);
        self.queued.set(view.queued);
        self.show_settings(view.settings);
        self.link.set(view.link);
        browser::stick_soon(self);
    }

    /// Puts older messages before the first one that is shown.
    pub async fn load_older(self) {
        let first = self.messages.with_untracked(|messages| messages.first().map(|first| first.id));
        let (Some(id), Some(first)) = (self.shown.get_untracked(), first) else { return };
        if self.asks_older.get_untracked() {
            return;
        }
        self.asks_older.set(true);
        let loaded = rpc::older(id, first).await;
        self.asks_older.set(false);
        if self.shown.get_untracked() != Some(id) {
            return;
        }
        match loaded {
            Ok((views, has_older)) => {
                let place = browser::place_of_reader();
                self.messages.update(|messages| {
                    let mut older = message::all(views, 0);
                    older.append(messages);
                    *messages = older;
                });
                browser::keep_place(place);
                let had_focus = browser::has_focus(".older");
                self.has_older.set(has_older);
                if had_focus {
                    browser::refocus(vec!["#transcript".to_owned()]);
                }
            }
            Err(problem) => self.problem.set(Some(problem)),
        }
    }

    fn picked_model(self) -> Option<String> {
        Some(self.model.get_untracked()).filter(|model| !model.is_empty())
    }
}
