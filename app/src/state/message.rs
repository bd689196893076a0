//! The messages on the page.

use std::sync::Arc;

use leptos::prelude::*;
use protocol::{AnswerStatus, End, FileInfo, MessageId, Timings, Usage};

use crate::view::{AnswerView, Growing, MessageView};

/// A message on the page. Cheap to clone: what changes is in signals, which go with the last clone, for a
/// page outlives thousands of messages.
#[derive(Debug, Clone)]
pub struct Message {
    pub id: MessageId,
    /// Differs each time an open answer is loaded, so that a continued one gets a fresh view.
    pub revision: u64,
    pub text: String,
    pub html: Arc<str>,
    /// The messages that stand beside it, itself included, where there are several.
    pub siblings: ArcRwSignal<Vec<MessageId>>,
    pub answer: Option<Answer>,
    /// The files that a question was sent with.
    pub files: Vec<FileInfo>,
}

/// An answer on the page.
#[derive(Debug, Clone)]
pub struct Answer {
    pub end: ArcRwSignal<End>,
    pub provider: String,
    pub reasoning_html: Arc<str>,
    pub sequence: u64,
    pub growing: Growing,
    /// True once there is anything to read.
    pub has_content: ArcRwSignal<bool>,
    /// True once there is any reasoning.
    pub has_reasoning: ArcRwSignal<bool>,
    /// For how long this page has seen it reason, in seconds.
    pub thinking_s: ArcRwSignal<u64>,
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

/// The answers that are being written.
pub(super) fn open(messages: &[Message]) -> Vec<MessageId> {
    let is_open =
        |message: &&Message| message.answer.as_ref().is_some_and(Answer::is_open_untracked);
    messages.iter().filter(is_open).map(|message| message.id).collect()
}

/// Takes over what the server had when it was asked. What is shown and has not changed keeps its
/// view, and an answer that grows here goes on growing. One that was `open` when the server was
/// asked and has ended since stays as it ended, since its reader heard of that first.
pub(super) fn merge(
    messages: &mut Vec<Message>,
    views: Vec<MessageView>,
    open: &[MessageId],
    revision: u64,
) {
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
                    here.is_open_untracked()
                        || here.end.with_untracked(|end| *end == there.end)
                        || (there.is_open() && open.contains(&known.id))
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
        siblings: ArcRwSignal::new(view.siblings),
        answer: view.answer.map(|answer| answer_state(answer, has_content)),
        files: view.files,
    }
}

fn answer_state(view: AnswerView, has_content: bool) -> Answer {
    Answer {
        end: ArcRwSignal::new(view.end),
        provider: view.provider,
        has_reasoning: ArcRwSignal::new(!view.reasoning_html.is_empty()),
        reasoning_html: view.reasoning_html,
        sequence: view.sequence,
        growing: view.growing.unwrap_or_default(),
        has_content: ArcRwSignal::new(has_content),
        thinking_s: ArcRwSignal::new(0),
    }
}

/// A question that was just sent.
pub(super) fn question(id: MessageId, text: String, files: Vec<FileInfo>) -> Message {
    Message {
        id,
        revision: 0,
        text,
        html: Arc::default(),
        siblings: ArcRwSignal::default(),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u128) -> MessageId {
        format!("00000000-0000-0000-0000-{n:012}").parse().unwrap()
    }

    fn view(n: u128, status: AnswerStatus) -> MessageView {
        let mut message = empty_answer(id(n), String::new());
        let answer = message.answer.take().unwrap();
        let end = End { status, ..answer.end.get_untracked() };
        let answer = AnswerView {
            end,
            provider: answer.provider,
            reasoning_html: answer.reasoning_html,
            sequence: answer.sequence,
            growing: None,
        };
        MessageView {
            id: message.id,
            role: protocol::Role::Assistant,
            text: String::new(),
            html: Arc::default(),
            siblings: Vec::new(),
            answer: Some(answer),
            files: Vec::new(),
        }
    }

    #[test]
    fn an_answer_that_ended_while_the_server_was_asked_stays_as_it_is() {
        Owner::new().with(|| {
            let check = |open: &[MessageId], ended: bool, there, expected| {
                let mut messages = all(vec![view(1, AnswerStatus::Open)], 1);
                let here = messages[0].answer.clone().unwrap();
                if ended {
                    here.end.update(|end| end.status = AnswerStatus::Finished);
                }
                merge(&mut messages, vec![view(1, there)], open, 2);
                let end = messages[0].answer.as_ref().unwrap().end.get_untracked();
                assert_eq!(
                    (end.status, messages[0].revision),
                    expected,
                    "{open:?} {ended} {there:?}"
                );
            };
            let (open, finished) = (AnswerStatus::Open, AnswerStatus::Finished);
            check(&[id(1)], false, open, (open, 1));
            check(&[id(1)], true, open, (finished, 1));
            check(&[id(1)], true, finished, (finished, 1));
            // It had ended before, so it is being continued from elsewhere.
            check(&[], true, open, (open, 2));
        });
    }

    #[test]
    fn a_continued_answer_that_has_ended_already_gets_a_fresh_view() {
        Owner::new().with(|| {
            let mut messages = all(vec![view(1, AnswerStatus::Stopped)], 1);
            merge(&mut messages, vec![view(1, AnswerStatus::Finished)], &[], 2);
            assert_eq!(messages[0].revision, 2);
        });
    }
}
