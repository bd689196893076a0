//! What the page knows while it is open.

use std::sync::Arc;

use leptos::prelude::*;
use protocol::{AnswerStatus, ConversationId, End, MessageId};

use crate::{
    Language, Theme, browser,
    rpc::{self, Problem},
    view::{
        AnswerView, ConversationLink, ConversationView, Growing, MessageView, PageView,
        ProviderView,
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

/// A message on the page. Cheap to clone: what changes is in signals.
#[derive(Debug, Clone)]
pub struct Message {
    pub id: MessageId,
    /// Differs each time an open answer is loaded, so that a continued one gets a fresh view.
    pub revision: u64,
    pub text: String,
    pub html: Arc<str>,
    pub answer: Option<Answer>,
}

/// An answer on the page.
#[derive(Debug, Clone)]
pub struct Answer {
    pub end: RwSignal<End>,
    pub provider: String,
    pub reasoning_html: Arc<str>,
    pub sequence: u64,
    pub growing: Growing,
    /// True once there is anything to read.
    pub has_content: RwSignal<bool>,
    /// True once there is any reasoning.
    pub has_reasoning: RwSignal<bool>,
    /// For how long this page has seen it reason, in seconds.
    pub thinking_s: RwSignal<u64>,
}

impl Answer {
    /// True while it is being written.
    pub fn is_open(&self) -> bool {
        self.end.with(|end| end.status == AnswerStatus::Open)
    }
}

/// The state of the page. Copied freely; all copies are the same state.
#[derive(Debug, Clone, Copy)]
pub struct State {
    pub conversations: RwSignal<Vec<ConversationLink>>,
    /// The conversation that is shown; `None` while a new one is being begun.
    pub shown: RwSignal<Option<ConversationId>>,
    pub messages: RwSignal<Vec<Message>>,
    /// A question on its way to the server.
    pub sending: RwSignal<Option<String>>,
    pub not_found: RwSignal<bool>,
    pub problem: RwSignal<Option<Problem>>,
    /// What was written in a form that was refused, as HTML for the field. Only the server has it.
    pub written_html: StoredValue<String>,
    pub connection: RwSignal<Connection>,
    pub theme: RwSignal<Theme>,
    pub language: Language,
    pub model: RwSignal<String>,
    pub providers: StoredValue<Vec<ProviderView>>,
    pub can_sign_out: bool,
    /// The open answer is streamed into the HTML of this response, for browsers without scripts.
    pub streams: bool,
    /// The server's time when the page was made, in milliseconds.
    pub now: i64,
    /// How often a conversation was loaded.
    loads: StoredValue<u64>,
    /// The conversation that the last question of this page began.
    pub began: StoredValue<Option<ConversationId>>,
    /// The view follows the growing end until the reader scrolls up.
    pub at_end: RwSignal<bool>,
}

impl State {
    /// The state of a fresh page.
    pub fn new(page: PageView) -> Self {
        let (shown, messages) = match page.conversation {
            Some(conversation) => (Some(conversation.id), messages(conversation, 0)),
            None => (None, Vec::new()),
        };
        Self {
            conversations: RwSignal::new(page.conversations),
            shown: RwSignal::new(shown),
            messages: RwSignal::new(messages),
            sending: RwSignal::new(None),
            not_found: RwSignal::new(page.not_found),
            problem: RwSignal::new(page.problem),
            written_html: StoredValue::new(page.written_html),
            connection: RwSignal::new(Connection::Fine),
            theme: RwSignal::new(page.theme),
            language: page.language,
            model: RwSignal::new(page.default_model.unwrap_or_default()),
            providers: StoredValue::new(page.providers),
            can_sign_out: page.can_sign_out,
            streams: page.streams,
            now: page.now,
            loads: StoredValue::new(0),
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

    /// The title of what is shown.
    pub fn title(self) -> Option<String> {
        let shown = self.shown.get()?;
        self.conversations.with(|conversations| {
            conversations.iter().find(|link| link.id == shown).map(|link| link.title.clone())
        })
    }

    /// Shows a conversation, or the page for a new one. The address is the caller's business.
    pub async fn open(self, conversation: Option<ConversationId>) {
        let loaded = match conversation {
            Some(id) => Some(rpc::conversation(id).await),
            None => None,
        };
        if conversation != browser::address() {
            // The person has gone elsewhere meanwhile.
            return;
        }
        self.problem.set(None);
        self.not_found.set(false);
        self.at_end.set(true);
        match loaded {
            None => {
                self.messages.set(Vec::new());
                self.shown.set(None);
            }
            Some(Ok(view)) => {
                let id = view.id;
                self.loads.update_value(|loads| *loads += 1);
                self.messages.set(messages(view, self.loads.get_value()));
                self.shown.set(Some(id));
            }
            Some(Err(Problem::NotFound)) => {
                self.messages.set(Vec::new());
                self.shown.set(None);
                self.not_found.set(true);
            }
            Some(Err(problem)) => self.problem.set(Some(problem)),
        }
        browser::to_the_end();
    }

    /// Sends a question. Its text comes back where it could not be sent.
    pub async fn ask(self, text: String) -> Result<(), String> {
        let conversation = self.shown.get_untracked();
        self.problem.set(None);
        self.at_end.set(true);
        self.sending.set(Some(text.clone()));
        browser::to_the_end();
        let asked = rpc::ask(conversation, text.clone(), self.picked_model()).await;
        self.sending.set(None);
        let asked = match asked {
            Ok(asked) => asked,
            Err(problem) => {
                self.problem.set(Some(problem));
                return Err(text);
            }
        };
        if self.shown.get_untracked() == conversation {
            self.messages.update(|messages| {
                messages.push(question(asked.question, text));
                messages.push(empty_answer(asked.answer, asked.model));
            });
            if conversation.is_none() {
                self.not_found.set(false);
                self.began.set_value(Some(asked.conversation));
                self.shown.set(Some(asked.conversation));
                browser::go_to(Some(asked.conversation));
            }
        }
        self.refresh_list().await;
        Ok(())
    }

    /// Answers the last question again.
    pub async fn retry(self, answer: MessageId) {
        match rpc::retry(answer, self.picked_model()).await {
            Ok(asked) => {
                self.problem.set(None);
                self.at_end.set(true);
                self.messages.update(|messages| {
                    if let Some(place) = messages.iter().position(|message| message.id == answer) {
                        messages.truncate(place);
                    }
                    messages.push(empty_answer(asked.answer, asked.model));
                });
            }
            Err(problem) => self.problem.set(Some(problem)),
        }
    }

    /// Has a cut answer continued.
    pub async fn continue_answer(self, answer: MessageId) {
        match rpc::continue_answer(answer).await {
            // The page's Markdown of an ended answer is gone, so the server says it again.
            Ok(_) => {
                self.at_end.set(true);
                self.open(self.shown.get_untracked()).await;
            }
            Err(problem) => self.problem.set(Some(problem)),
        }
    }

    /// Stops an answer. How it ended is told by its stream.
    pub async fn stop(self, answer: MessageId) {
        if let Err(problem) = rpc::stop(answer).await {
            self.problem.set(Some(problem));
        }
    }

    /// Reads the list of conversations again.
    pub async fn refresh_list(self) {
        if let Ok(links) = rpc::conversations().await {
            self.conversations.set(links);
        }
    }

    fn picked_model(self) -> Option<String> {
        Some(self.model.get_untracked()).filter(|model| !model.is_empty())
    }
}

fn messages(view: ConversationView, revision: u64) -> Vec<Message> {
    view.messages.into_iter().map(|view| message(view, revision)).collect()
}

fn message(view: MessageView, revision: u64) -> Message {
    let is_open = view.answer.as_ref().is_some_and(AnswerView::is_open);
    let has_content = !view.html.is_empty()
        || view.answer.as_ref().is_some_and(|answer| {
            answer.growing.as_ref().is_some_and(|growing| !growing.content.is_empty())
        });
    Message {
        id: view.id,
        revision: if is_open { revision } else { 0 },
        text: view.text,
        html: view.html,
        answer: view.answer.map(|answer| answer_state(answer, has_content)),
    }
}

fn answer_state(view: AnswerView, has_content: bool) -> Answer {
    Answer {
        end: RwSignal::new(view.end),
        provider: view.provider,
        has_reasoning: RwSignal::new(!view.reasoning_html.is_empty()),
        reasoning_html: view.reasoning_html,
        sequence: view.sequence,
        growing: view.growing.unwrap_or_default(),
        has_content: RwSignal::new(has_content),
        thinking_s: RwSignal::new(0),
    }
}

fn question(id: MessageId, text: String) -> Message {
    Message { id, revision: 0, text, html: Arc::default(), answer: None }
}

fn empty_answer(id: MessageId, model: String) -> Message {
    let end = End {
        status: AnswerStatus::Open,
        failure: None,
        finish_reason: None,
        model,
        usage: protocol::Usage::default(),
        timings: protocol::Timings::default(),
    };
    let answer = AnswerView {
        end,
        provider: String::new(),
        reasoning_html: Arc::default(),
        sequence: 0,
        growing: None,
    };
    Message {
        id,
        revision: 0,
        text: String::new(),
        html: Arc::default(),
        answer: Some(answer_state(answer, false)),
    }
}
