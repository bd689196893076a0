//! What is sent upstream for an answer: which messages fit, and what the model gets of each.

use protocol::{Failure, FailureKind, FileInfo, FileKind, MessageId, ModelInfo, Role, tokens};
use uuid::Uuid;

use crate::{
    engine::Inner,
    files::{self, FileError, Readable},
    store::Message,
    upstream::{Content, Part, Prompt},
};

/// Puts what models are told before the conversation in front of its messages.
pub(crate) fn instruct(path: &mut Vec<Message>, system_prompt: &str) {
    if system_prompt.is_empty() {
        return;
    }
    let instructions = Message {
        // It is sent and never stored, so nothing refers to it.
        id: MessageId(Uuid::nil()),
        parent: None,
        role: Role::System,
        content: system_prompt.to_owned(),
        created_at: 0,
        files: Vec::new(),
        answer: None,
    };
    path.insert(0, instructions);
}

/// Puts what an answer has so far behind the messages that it answers, so that the model is asked
/// to go on with it.
pub(crate) fn go_on_from(path: &mut Vec<Message>, answer: MessageId, so_far: String) {
    path.retain(|message| message.id != answer);
    path.push(Message {
        id: answer,
        parent: path.last().map(|message| message.id),
        role: Role::Assistant,
        content: so_far,
        created_at: 0,
        files: Vec::new(),
        answer: None,
    });
}

/// The most tokens of a context window that are left for the answer. A small window leaves a
/// quarter of it.
const ROOM_FOR_ANSWER: u64 = 8_192;

/// Why a model cannot be asked, found before it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Unfit {
    /// There are pictures, and the model does not see.
    CannotSee,
    /// The question alone is larger than the context window.
    TooLong { tokens: u64, window: u64 },
}

/// Leaves of a path what the model can read, and returns how many messages were left out for its
/// window. Where nothing is known of the model, everything stays.
///
/// The instructions at the beginning and the newest question always stay; of what is between, the
/// oldest questions go first, each with its answers. Answers that stayed empty are not counted:
/// many upstreams refuse empty messages, so they are never sent.
pub(crate) fn fit(path: &mut Vec<Message>, model: Option<&ModelInfo>) -> Result<u64, Unfit> {
    path.retain(|message| message.role != Role::Assistant || !message.content.is_empty());
    let left_out = match model.and_then(|model| model.context_window) {
        Some(window) => leave_out(path, window)?,
        None => 0,
    };
    let blind = model.is_some_and(|model| model.sees == Some(false));
    if blind && path.iter().any(has_images) {
        return Err(Unfit::CannotSee);
    }
    Ok(left_out)
}

fn leave_out(path: &mut Vec<Message>, window: u64) -> Result<u64, Unfit> {
    let costs: Vec<u64> = path.iter().map(cost).collect();
    let is_system = |message: &Message| message.role == Role::System;
    let first = path.iter().position(|message| !is_system(message)).unwrap_or(path.len());
    let questions: Vec<usize> =
        (first..path.len()).filter(|&index| path[index].role == Role::User).collect();
    let newest = questions.last().copied().unwrap_or(first);
    let mut total: u64 = costs[..first].iter().chain(&costs[newest..]).sum();
    if total > window {
        return Err(Unfit::TooLong { tokens: total, window });
    }
    let budget = window - ROOM_FOR_ANSWER.min(window / 4);
    let mut from = newest;
    for &question in questions.iter().rev().skip(1) {
        total += costs[question..from].iter().sum::<u64>();
        if total > budget {
            break;
        }
        from = question;
    }
    // What stands before the first question, if anything, goes with it.
    if questions.first() == Some(&from) {
        from = first;
    }
    Ok(path.drain(first..from).count() as u64)
}

/// Whether pictures are sent with a message.
pub(crate) fn has_images(message: &Message) -> bool {
    message.files.iter().any(|file| file.kind == FileKind::Image)
}

/// How many questions messages have.
pub(crate) fn turns(messages: &[Message]) -> u64 {
    messages.iter().filter(|message| message.role == Role::User).count() as u64
}

/// About how many tokens messages take.
pub(crate) fn tokens(messages: &[Message]) -> u64 {
    messages.iter().map(cost).sum()
}

/// About how many tokens a message takes.
pub(crate) fn cost(message: &Message) -> u64 {
    let files: u64 = message.files.iter().map(|file| file.tokens).sum();
    tokens::PER_MESSAGE + tokens::estimate(&message.content) + files
}

/// The messages as the upstream reads them. Fails if a file cannot be read any more.
pub(crate) async fn prompts(inner: &Inner, messages: &[Message]) -> Result<Vec<Prompt>, Failure> {
    let mut prompts = Vec::with_capacity(messages.len());
    for message in messages {
        let content = match message.files.as_slice() {
            [] => Content::Text(message.content.clone()),
            files => Content::Parts(parts(inner, files, &message.content).await?),
        };
        prompts.push(Prompt { role: message.role, content });
    }
    Ok(prompts)
}

/// The files of a question, and then its text.
async fn parts(inner: &Inner, files: &[FileInfo], text: &str) -> Result<Vec<Part>, Failure> {
    let mut parts = Vec::with_capacity(files.len() + 1);
    for file in files {
        let missing = |reason: Option<FileError>| {
            if let Some(error) = reason {
                tracing::error!(file = %file.id, %error, "a file cannot be read");
            }
            Failure::new(FailureKind::FileMissing, "").with_detail(&file.name)
        };
        let readable = files::read(&inner.store, &inner.contents, file.id).await;
        parts.push(match readable.map_err(|error| missing(Some(error)))? {
            Some(Readable::Text(text)) => Part::Text(named(&file.name, &text)),
            Some(Readable::Image { media_type, bytes }) => Part::Image { media_type, bytes },
            None => return Err(missing(None)),
        });
    }
    if !text.is_empty() {
        parts.push(Part::Text(text.to_owned()));
    }
    Ok(parts)
}

/// A text with its name, so that a question can refer to it and two are told apart.
fn named(name: &str, text: &str) -> String {
    let name = name.replace('"', "'");
    format!("<file name=\"{name}\">\n{}\n</file>", text.trim_end_matches('\n'))
}

#[cfg(test)]
mod tests;
