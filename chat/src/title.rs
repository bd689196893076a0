//! Titles of conversations.

use std::time::Duration;

use protocol::{ConversationId, Role};

use crate::{
    accounts::Caller,
    aside::{Aside, Asker, Question},
    engine::Inner,
    store::{Purpose, StoreError},
    upstream::Prompt,
};

/// How many characters of the question make a title.
const TITLE_CHARS: usize = 60;

/// How much of the question and of the answer the title model reads. A title costs the same for
/// every conversation.
const EXCERPT_CHARS: usize = 1_000;

/// How long a title may take. Nobody waits for it.
const PATIENCE: Duration = Duration::from_secs(120);

const INSTRUCTION: &str = "Write a title of at most six words for the conversation below, in its \
    own language. Answer with the title alone, without quotes.";

/// A title from the first words of a question.
pub(crate) fn first_words(question: &str) -> String {
    shorten(question.trim_start_matches(['#', '>', '-', '*', '`', ' ', '\n']))
}

/// One line of at most [`TITLE_CHARS`] characters, cut after a word where there are words.
fn shorten(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let Some((cut, _)) = line.char_indices().nth(TITLE_CHARS) else { return line };
    let kept = &line[..cut];
    let whole_words = match kept.rfind(' ') {
        Some(space) if space > cut / 2 => &kept[..space],
        _ => kept,
    };
    format!("{}…", whole_words.trim_end_matches([',', '.', ';', ':', ' ']))
}

/// Has the title model name a conversation by its first exchange. A failure leaves the first words
/// standing; the ledger tells of it.
pub(crate) async fn ask_for_title(
    inner: &Inner,
    conversation: ConversationId,
    question: &str,
    answer: &str,
) -> Result<(), StoreError> {
    let Some(asker) = inner.title_model.as_deref().and_then(|model| Asker::of(inner, model)) else {
        return Ok(());
    };
    let excerpt = |text: &str| text.chars().take(EXCERPT_CHARS).collect::<String>();
    let words = format!(
        "{INSTRUCTION}\n\nQuestion:\n{}\n\nAnswer:\n{}",
        excerpt(question),
        excerpt(answer)
    );
    let question = Question {
        purpose: Purpose::Title,
        caller: Caller::OWNER,
        conversation: Some(conversation),
        prompt: Prompt { role: Role::User, content: words.into() },
        longest_answer: EXCERPT_CHARS,
        patience: PATIENCE,
    };
    let Some(Aside { call, end, text }) = asker.ask(&question).await? else { return Ok(()) };
    let title = shorten(first_line(&text));
    let mut write = inner.store.durable().await?;
    write.close_call(call, &end).await?;
    if !title.is_empty() && write.set_title(conversation, &title).await? {
        write.make_title_findable(conversation, &title).await?;
    }
    write.commit().await?;
    inner.notice_list();
    Ok(())
}

/// The first line of what the model says, without the marks that models put around titles.
fn first_line(text: &str) -> &str {
    let line = text.trim().lines().next().unwrap_or_default();
    line.trim_matches(['"', '“', '”', '「', '」', '*', '#', ' '])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_the_first_words() {
        let check = |question: &str, expected: &str| assert_eq!(first_words(question), expected);
        check("Hello", "Hello");
        check("  # Why\nis the sky   blue? ", "Why is the sky blue?");
        check(
            "Explain the difference between a mutex and a semaphore, with examples",
            "Explain the difference between a mutex and a semaphore…",
        );
        check(&"长".repeat(70), &format!("{}…", "长".repeat(60)));
        check("", "");
    }
}
