//! Titles of conversations.

use protocol::{
    AnswerStatus, ConversationId, End, Failure, FailureKind, Role, Timings, Usage, tokens,
};

use crate::{
    accounts::Caller,
    engine::Inner,
    ledger::{Counter, Spent},
    limits::{self, Admission, AdmitError},
    store::{NewCall, Purpose, StoreError, now_ms},
    upstream::{Piece, Prompt, Request},
};

/// How many characters of the question make a title.
const TITLE_CHARS: usize = 60;

/// How much of the question and of the answer the title model reads. A title costs the same for
/// every conversation.
const EXCERPT_CHARS: usize = 1_000;

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
    let Some(wanted) = inner.title_model.as_deref() else { return Ok(()) };
    let Some(picked) = inner.providers.pick(Some(wanted)) else { return Ok(()) };
    let model = picked.model.clone().unwrap_or_default();
    let provider = &picked.upstream.provider().name;
    let admission = Admission {
        purpose: Purpose::Title,
        caller: Caller::OWNER,
        provider,
        model: &model,
        turns: None,
    };
    let permit = match limits::admit(&inner.limiter, &inner.store, admission).await {
        Ok(permit) => permit,
        // The first words of the question will do.
        Err(AdmitError::Limit(_)) => return Ok(()),
        Err(AdmitError::Store(error)) => return Err(error),
    };
    let price = inner.providers.price(provider, &model).map(|known| known.price);
    let started_at = now_ms();
    let mut write = inner.store.durable().await?;
    let call = NewCall {
        purpose: Purpose::Title,
        caller: Caller::OWNER,
        conversation: Some(conversation),
        answer: None,
        provider,
        model: &model,
    };
    let call = write.open_call(call, started_at).await?;
    write.commit().await?;

    let excerpt = |text: &str| text.chars().take(EXCERPT_CHARS).collect::<String>();
    let prompt = format!(
        "{INSTRUCTION}\n\nQuestion:\n{}\n\nAnswer:\n{}",
        excerpt(question),
        excerpt(answer)
    );
    let prompt_tokens = tokens::PER_MESSAGE + tokens::estimate(&prompt);
    let request = Request {
        model,
        messages: vec![Prompt { role: Role::User, content: prompt.into() }],
        parameters: serde_json::Map::new(),
    };
    let (mut usage, mut came) = (Usage::default(), Counter::default());
    let outcome = tokio::select! {
        () = inner.shutdown.cancelled() => None,
        outcome = read_title(&picked.upstream, &request, &mut usage, &mut came) => Some(outcome),
    };
    let (status, title, failure) = match outcome {
        Some(Ok(title)) => (AnswerStatus::Finished, shorten(&title), None),
        Some(Err(failure)) => (AnswerStatus::Failed, String::new(), Some(failure)),
        None => (AnswerStatus::Interrupted, String::new(), None),
    };
    let is_whole = status == AnswerStatus::Finished;
    let spent = Spent::new(usage, is_whole, &came, || prompt_tokens, price);
    permit.settle(&spent);
    let total_ms = Some((now_ms() - started_at).unsigned_abs());
    let end = End {
        status,
        failure,
        finish_reason: None,
        model: request.model,
        usage: spent.usage,
        cost: spent.cost,
        estimated: spent.estimated,
        timings: Timings { total_ms, ..Timings::default() },
        left_out: 0,
    };
    let mut write = inner.store.durable().await?;
    write.close_call(call, &end).await?;
    if !title.is_empty() && write.set_title(conversation, &title).await? {
        write.make_title_findable(conversation, &title).await?;
    }
    write.commit().await?;
    inner.notice_list();
    Ok(())
}

/// The first line of what the model says. A model that goes on is not listened to.
async fn read_title(
    upstream: &crate::upstream::Upstream,
    request: &Request,
    usage: &mut Usage,
    came: &mut Counter,
) -> Result<String, Failure> {
    let mut completion = upstream.stream(request).await?;
    let mut title = String::new();
    while let Some(piece) = completion.next().await? {
        match piece {
            Piece::Delta(delta) => {
                came.push(&delta.reasoning);
                came.push(&delta.content);
                title.push_str(&delta.content);
            }
            Piece::Usage(counted) => *usage = counted,
            Piece::Finish(_) | Piece::Model(_) => {}
        }
        if title.len() > EXCERPT_CHARS {
            return Err(Failure::new(FailureKind::Malformed, &upstream.provider().name)
                .with_detail("the title model wrote more than a title"));
        }
    }
    let line = title.trim().lines().next().unwrap_or_default();
    Ok(line.trim_matches(['"', '“', '”', '「', '」', '*', '#', ' ']).to_owned())
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
