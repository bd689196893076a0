//! A cheap model that is asked which model should answer.

use std::time::Duration;

use protocol::{ConversationId, Role};

use super::Subject;
use crate::{
    accounts::Caller,
    aside::{self, Question},
    engine::Inner,
    store::{Purpose, StoreError},
    upstream::Prompt,
};

/// How many characters of a question the classifier reads of its beginning, and of its end. A choice
/// costs the same for every question.
const EXCERPT_CHARS: usize = 1_000;

/// The longest answer that is read, in bytes. It is to be a number.
const LONGEST_ANSWER: usize = 200;

/// How long an answer may keep the question waiting.
const PATIENCE: Duration = Duration::from_secs(10);

/// Who is asked to choose, and among whom.
#[derive(Debug, Clone)]
pub struct Classifier {
    /// `provider/model` that is asked.
    pub model: String,
    /// The models it may choose, as `provider/model`, each with what it is good at.
    pub about: Vec<(String, String)>,
}

impl Classifier {
    /// The model it chooses. `None` if it gave no answer that can be used; the ledger tells of it.
    pub(super) async fn ask(
        &self,
        inner: &Inner,
        subject: &Subject,
        caller: Caller,
        conversation: Option<ConversationId>,
    ) -> Result<Option<String>, StoreError> {
        let question = Question {
            purpose: Purpose::Choice,
            caller,
            conversation,
            prompt: Prompt { role: Role::User, content: self.words(subject).into() },
            longest_answer: LONGEST_ANSWER,
            patience: PATIENCE,
        };
        let Some(answered) = aside::ask_and_close(inner, &self.model, question).await? else {
            return Ok(None);
        };
        Ok(self.understood(&answered))
    }

    /// What it is asked.
    fn words(&self, subject: &Subject) -> String {
        let models: String = (1..)
            .zip(&self.about)
            .map(|(number, (_, about))| format!("{number}. {}\n", about.trim()))
            .collect();
        let pictures = if subject.has_images { "\nThere are pictures with it." } else { "" };
        format!(
            "Several assistants can answer the question below. Which of them should? Answer with \
             the number alone, and do not answer the question.\n\n{models}\n\
             The conversation has about {} tokens.{pictures}\nQuestion:\n{}",
            subject.tokens,
            excerpt(&subject.question)
        )
    }

    /// The model that its answer names, by the first number in it.
    fn understood(&self, answer: &str) -> Option<String> {
        let digits = answer
            .split(|c: char| !c.is_ascii_digit())
            .find(|digits| !digits.is_empty())
            .and_then(|digits| digits.parse::<usize>().ok());
        let numbered = digits.and_then(|number| self.about.get(number.checked_sub(1)?));
        numbered.map(|(model, _)| model.clone())
    }
}

/// A text without its middle, if it is long.
fn excerpt(text: &str) -> String {
    let count = text.chars().count();
    if count <= 2 * EXCERPT_CHARS {
        return text.to_owned();
    }
    let start: String = text.chars().take(EXCERPT_CHARS).collect();
    let end: String = text.chars().skip(count - EXCERPT_CHARS).collect();
    format!("{start}\n[…]\n{end}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn classifier() -> Classifier {
        let about = [("a/small", "everyday questions"), ("b/large", "hard ones")];
        let about = about.map(|(model, about)| (model.to_owned(), about.to_owned())).to_vec();
        Classifier { model: "a/tiny".to_owned(), about }
    }

    #[test]
    fn an_answer_is_a_number() {
        let check = |answer: &str, expected: Option<&str>| {
            assert_eq!(classifier().understood(answer).as_deref(), expected, "{answer}");
        };
        check("1", Some("a/small"));
        check(" **2**.", Some("b/large"));
        check("Number 2, because 1 is small", Some("b/large"));
        check("0", None);
        check("3", None);
        check("99999999999999999999999999", None);
        check("the large one", None);
        check("", None);
    }

    #[test]
    fn a_long_question_is_asked_by_its_beginning_and_its_end() {
        let question = format!("start {} end", "长".repeat(1 << 20));
        let subject = Subject { question, has_images: true, tokens: 7 };
        let words = classifier().words(&subject);
        assert!(words.contains("1. everyday questions\n2. hard ones\n"));
        assert!(words.contains("about 7 tokens.\nThere are pictures with it."));
        assert!(words.contains("start ") && words.ends_with(" end"));
        assert!(words.chars().count() < 3 * EXCERPT_CHARS);
    }
}
