//! What is sent upstream for an answer.

use protocol::{MessageId, Role};
use uuid::Uuid;

use crate::{store::Message, upstream::Prompt};

/// Asks a model to go on with an answer that was cut. Few providers continue a last message of the
/// assistant by themselves, so it is said in words.
const CONTINUE: &str = "Continue exactly where your last message broke off. \
    Do not repeat anything and do not comment on this.";

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
        answer: None,
    };
    path.insert(0, instructions);
}

/// The conversation up to and with the question, as the upstream reads it. Answers that stayed
/// empty are left out: many upstreams refuse empty messages.
pub(crate) fn prompts(path: &[Message]) -> Vec<Prompt> {
    path.iter()
        .filter(|message| message.role != Role::Assistant || !message.content.is_empty())
        .map(|message| Prompt { role: message.role, content: message.content.clone() })
        .collect()
}

/// The same for an answer to be continued, which is the last of the path.
pub(crate) fn prompts_to_continue(path: &[Message]) -> Vec<Prompt> {
    let mut prompts = prompts(path);
    if path.last().is_some_and(|last| last.role == Role::Assistant && !last.content.is_empty()) {
        prompts.push(Prompt { role: Role::User, content: CONTINUE.to_owned() });
    }
    prompts
}
