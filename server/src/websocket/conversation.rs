//! The conversation that a socket's plain questions belong to. It is kept nowhere else and ends with
//! the socket.

use serde_json::{Value, json};

/// The most that is kept, in bytes of text. The oldest questions and answers go first.
const LARGEST: usize = 1 << 20;

/// Questions and answers so far.
#[derive(Debug, Default)]
pub struct Conversation {
    messages: Vec<Message>,
}

#[derive(Debug)]
struct Message {
    role: &'static str,
    text: String,
}

impl Conversation {
    /// Adds a question, and gives the request for its answer.
    pub fn ask(&mut self, question: &str) -> String {
        self.add("user", question.to_owned());
        let messages: Vec<Value> = self
            .messages
            .iter()
            .map(|message| json!({"role": message.role, "content": message.text}))
            .collect();
        json!({"messages": messages, "stream": true}).to_string()
    }

    /// Takes a plain question back that got no answer, so that it is not asked again with the next.
    pub fn forget_question(&mut self, is_plain: bool) {
        if is_plain {
            self.messages.pop();
        }
    }

    /// Adds a piece to the answer that is coming, within bounds.
    pub fn keep(&self, whole: &mut String, piece: &str) {
        if whole.len() + piece.len() <= LARGEST {
            whole.push_str(piece);
        }
    }

    /// Adds an answer. Upstreams refuse a conversation in which somebody said nothing, so one without a text
    /// takes its question with it.
    pub fn answered(&mut self, text: String) {
        match text.is_empty() {
            true => self.forget_question(true),
            false => self.add("assistant", text),
        }
    }

    fn add(&mut self, role: &'static str, text: String) {
        self.messages.push(Message { role, text });
        let mut size: usize = self.messages.iter().map(|message| message.text.len()).sum();
        // The newest message stays, however long it is.
        while size > LARGEST && self.messages.len() > 1 {
            size -= self.messages.remove(0).text.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(request: &str) -> Vec<String> {
        let request: Value = serde_json::from_str(request).unwrap();
        let texts = request["messages"].as_array().unwrap().iter();
        texts.map(|message| message["content"].as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn answers_are_remembered_and_questions_without_one_are_not() {
        let mut conversation = Conversation::default();
        conversation.ask("one");
        conversation.answered("1".to_owned());
        conversation.ask("two");
        conversation.forget_question(true);
        conversation.forget_question(false);
        assert_eq!(messages(&conversation.ask("three")), ["one", "1", "three"]);
    }

    #[test]
    fn the_oldest_go_when_it_becomes_long() {
        let mut conversation = Conversation::default();
        conversation.ask("one");
        let mut answer = "x".repeat(LARGEST - 2);
        conversation.keep(&mut answer, "longer");
        assert_eq!(answer.len(), LARGEST - 2);
        conversation.answered(answer);
        assert_eq!(messages(&conversation.ask("two")), ["two"]);
    }
}
