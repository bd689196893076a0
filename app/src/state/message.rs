//! The messages on the page.

use std::sync::Arc;

use leptos::prelude::*;
use protocol::{AnswerStatus, End, FileInfo, MessageId, Timings, Usage};

use crate::view::{AnswerView, Growing, MessageView};

/// A message on the page. Cheap to clone: what changes is in signals.
#[derive(Debug, Clone)]
pub struct Message {
    pub id: MessageId,
    /// Differs each time an open answer is loaded, so that a continued one gets a fresh view.
    pub revision: u64,
    pub text: String,
    pub html: Arc<str>,
    /// The messages that stand beside it, itself included, where there are several.
    pub siblings: RwSignal<Vec<MessageId>>,
    pub answer: Option<Answer>,
    /// The files that a question was sent with.
    pub files: Vec<FileInfo>,
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

    fn is_open_untracked(&self) -> bool {
        self.end.with_untracked(|end| end.status == AnswerStatus::Open)
    }
}

/// Messages as they are loaded. `revision` is that of open answers.
pub(super) fn all(views: Vec<MessageView>, revision: u64) -> Vec<Message> {
    views.into_iter().map(|view| message(view, revision)).collect()
}

/// Takes over what the server has now. What is shown and has not changed keeps its view, and an
/// answer that grows here goes on growing.
pub(super) fn merge(messages: &mut Vec<Message>, views: Vec<MessageView>, revision: u64) {
    let mut shown = std::mem::take(messages);
    *messages = views
        .into_iter()
        .map(|view| {
            let known = shown.iter().position(|message| message.id == view.id);
            let Some(known) = known.map(|place| shown.swap_remove(place)) else {
                return message(view, revision);
            };
            if known.siblings.with_untracked(|siblings| *siblings != view.siblings) {
                known.siblings.set(view.siblings.clone());
            }
            let is_same = match (&known.answer, &view.answer) {
                (Some(here), Some(there)) => {
                    here.is_open_untracked() || here.end.with_untracked(|end| *end == there.end)
                }
                _ => true,
            };
            if is_same { known } else { Message { revision, ..message(view, revision) } }
        })
        .collect();
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
        siblings: RwSignal::new(view.siblings),
        answer: view.answer.map(|answer| answer_state(answer, has_content)),
        files: view.files,
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

/// A question that was just sent.
pub(super) fn question(id: MessageId, text: String, files: Vec<FileInfo>) -> Message {
    Message {
        id,
        revision: 0,
        text,
        html: Arc::default(),
        siblings: RwSignal::default(),
        answer: None,
        files,
    }
}

/// An answer that nothing has come of yet.
pub(super) fn empty_answer(id: MessageId, model: String) -> Message {
    let end = End {
        status: AnswerStatus::Open,
        failure: None,
        finish_reason: None,
        model,
        usage: Usage::default(),
        cost: None,
        estimated: false,
        timings: Timings::default(),
        left_out: 0,
        seams: Vec::new(),
        choice: None,
    };
    let answer = AnswerView {
        end,
        provider: String::new(),
        reasoning_html: Arc::default(),
        sequence: 0,
        growing: None,
    };
    Message { answer: Some(answer_state(answer, false)), ..question(id, String::new(), Vec::new()) }
}
