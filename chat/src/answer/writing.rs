//! How an answer is written: an upstream is read into the journal, and where it fails, whoever else
//! may answer takes over.
//!
//! Nothing is seen of that while the answer is empty. Once it has begun, the next one is asked to go
//! on with it, and a [`Seam`] says where. Each attempt is a row of the ledger.

use std::sync::Arc;

use protocol::{AnswerStatus, End, Failure, FailureKind, Seam, Timings, Usage};
use tokio::time::Instant;

use super::{Job, chat_call};
use crate::{
    context,
    engine::Inner,
    inspect,
    journal::EndedCall,
    providers::Turn,
    store::{Redirected, StoreError, now_ms},
    title,
    upstream::{Piece, Request},
};

/// How often an answer that was cut goes on with another upstream by itself.
const MOST_SEAMS: usize = 2;

/// How many characters before a seam are kept to find it by.
const WORDS_BEFORE_SEAM: usize = 40;

/// Writes an answer to its end. `turn` is who is asked first, or why nobody can be. Returns how the
/// answer ended.
pub(super) async fn write_answer(
    inner: &Inner,
    mut job: Job,
    mut turn: Result<Turn, Failure>,
) -> AnswerStatus {
    let began = Instant::now();
    let mut text =
        Text { began, timings: Timings::default(), seams: job.seams.clone(), next: None };
    let mut attempt = Attempt::of(&job.model);
    let (status, failure) = loop {
        let asked = match turn {
            Ok(asked) => asked,
            Err(failure) => break (AnswerStatus::Failed, Some(failure)),
        };
        attempt = Attempt::of(asked.model());
        let answer = Arc::clone(&job.answer);
        let (status, failure) = tokio::select! {
            biased;
            () = answer.stop.cancelled() => (AnswerStatus::Stopped, None),
            () = inner.shutdown.cancelled() => (AnswerStatus::Interrupted, None),
            () = answer.broken.cancelled() => {
                (AnswerStatus::Failed, Some(Failure::new(FailureKind::Storage, "")))
            }
            outcome = read_upstream(inner, &job, asked, &mut attempt, &mut text) => match outcome {
                Ok(()) => (AnswerStatus::Finished, None),
                Err(failure) => (AnswerStatus::Failed, Some(failure)),
            },
        };
        let Some(failure) = failure else { break (status, None) };
        // Not within the `select!`, where a stop could drop it between its commit and its end.
        turn = match take_over(inner, &mut job, &attempt, &failure, &mut text).await {
            Ok(Some(next)) => Ok(next),
            Ok(None) => break (status, Some(failure)),
            Err(error) => {
                tracing::error!(answer = %job.answer.id, %error, "an attempt could not be stored");
                break (AnswerStatus::Failed, Some(Failure::new(FailureKind::Storage, "")));
            }
        };
    };
    if let Some(failure) = &failure {
        log(&job, failure, "an answer failed");
    }
    text.timings.total_ms = Some(milliseconds(began));
    let call = job.call.map(|id| EndedCall { id, end: attempt.end(status, failure.clone()) });
    let end = End {
        timings: text.timings,
        left_out: job.left_out,
        seams: text.seams,
        ..attempt.end(status, failure)
    };
    inner.journal.close(&job.answer, call, end).await;
    inner.notice_conversation(job.conversation);

    if let (Some(question), AnswerStatus::Finished) = (&job.title_from, status) {
        let answer = job.answer.text().content;
        if let Err(error) = title::ask_for_title(inner, job.conversation, question, &answer).await {
            tracing::error!(conversation = %job.conversation, %error, "a title could not be stored");
        }
    }
    status
}

/// What the attempts at an answer have in common.
struct Text {
    began: Instant,
    /// Counted from the beginning of the first attempt.
    timings: Timings,
    seams: Vec<Seam>,
    /// The seam that comes about if the present attempt brings anything.
    next: Option<Seam>,
}

/// What is learnt from one attempt.
struct Attempt {
    began: Instant,
    model: String,
    usage: Usage,
    timings: Timings,
    finish_reason: Option<String>,
}

impl Attempt {
    fn of(model: &str) -> Self {
        Self {
            began: Instant::now(),
            model: model.to_owned(),
            usage: Usage::default(),
            timings: Timings::default(),
            finish_reason: None,
        }
    }

    /// True once it has added to the answer.
    fn brought_something(&self) -> bool {
        self.timings.first_token_ms.is_some()
    }

    /// How it ended, for the ledger.
    fn end(&self, status: AnswerStatus, failure: Option<Failure>) -> End {
        End {
            status,
            failure,
            finish_reason: self.finish_reason.clone(),
            model: self.model.clone(),
            usage: self.usage,
            timings: Timings { total_ms: Some(milliseconds(self.began)), ..self.timings },
            left_out: 0,
            seams: Vec::new(),
        }
    }
}

/// Reads an upstream into the journal until it ends. Dropping this closes the connection.
async fn read_upstream(
    inner: &Inner,
    job: &Job,
    turn: Turn,
    attempt: &mut Attempt,
    text: &mut Text,
) -> Result<(), Failure> {
    let provider = turn.provider().to_owned();
    let model = inner.providers.settle(&turn).await?;
    attempt.model.clone_from(&model);
    let messages = context::prompts(inner, &job.messages).await?;
    let parameters = inner.fields(&job.settings, Some(&turn.picked));
    let request = Request { model, messages, parameters };
    if let Err(error) = inspect::note_request(inner, job.answer.id, &request).await {
        tracing::error!(answer = %job.answer.id, %error, "what is sent could not be noted");
        return Err(Failure::new(FailureKind::Storage, provider));
    }
    let mut completion = turn.picked.upstream.stream(turn.lease, &request).await?;
    let mut reasoned = false;
    while let Some(piece) = completion.next().await? {
        match piece {
            Piece::Delta(delta) if delta.is_empty() => {}
            Piece::Delta(delta) => {
                reasoned |= !delta.reasoning.is_empty();
                let concludes = reasoned && !delta.content.is_empty();
                note_times(&mut attempt.timings, attempt.began, concludes);
                note_times(&mut text.timings, text.began, concludes);
                text.seams.extend(text.next.take());
                inner
                    .journal
                    .append(&job.answer, delta)
                    .await
                    .map_err(|_| Failure::new(FailureKind::Storage, &provider))?;
            }
            Piece::Usage(usage) => attempt.usage = usage,
            Piece::Finish(reason) => attempt.finish_reason = Some(reason),
            Piece::Model(model) => attempt.model = model,
        }
    }
    Ok(())
}

/// Lets whoever is next take over from an attempt that failed, and says who. `None` if that would
/// not help, if the answer is not wanted any more, or if nobody is left.
async fn take_over(
    inner: &Inner,
    job: &mut Job,
    attempt: &Attempt,
    failure: &Failure,
    text: &mut Text,
) -> Result<Option<Turn>, StoreError> {
    let is_wanted = !job.answer.stop.is_cancelled() && !inner.shutdown.is_cancelled();
    let seams = text.seams.len() - job.seams.len();
    let may_go_on = !attempt.brought_something() || (inner.continue_when_cut && seams < MOST_SEAMS);
    if !failure.may_pass_elsewhere() || !is_wanted || !may_go_on {
        return Ok(None);
    }
    let Ok(turn) = job.route.next_after(failure) else { return Ok(None) };
    log(job, failure, "an attempt at an answer failed, and the next one takes over");
    let by = turn.name();
    if attempt.brought_something() {
        let so_far = inner.journal.committed(&job.answer).await.content;
        text.next = Some(Seam { after: last_words(&so_far), why: failure.kind, by });
        context::go_on_from(&mut job.messages, job.answer.id, so_far);
    } else if let Some(seam) = &mut text.next {
        seam.by = by;
    }
    let known = inner.providers.known(&turn.picked);
    // Whatever is against its reading this is left to the upstream to say.
    job.left_out += context::fit(&mut job.messages, known.as_ref()).unwrap_or(0);

    let parameters = inner.fields(&job.settings, Some(&turn.picked));
    let seams: Vec<Seam> = text.seams.iter().chain(&text.next).cloned().collect();
    let mut write = inner.store.durable().await?;
    if let Some(call) = job.call {
        let end = attempt.end(AnswerStatus::Failed, Some(failure.clone()));
        write.close_call(call, &end).await?;
    }
    let call = write.open_call(chat_call(job.conversation, job.answer.id, &turn), now_ms()).await?;
    let redirected = Redirected {
        provider: turn.provider(),
        model: turn.model(),
        parameters: &serde_json::Value::from(parameters).to_string(),
        left_out: job.left_out,
        seams: &seams,
    };
    write.redirect_answer(job.answer.id, redirected).await?;
    write.commit().await?;
    job.call = Some(call);
    Ok(Some(turn))
}

fn log(job: &Job, failure: &Failure, message: &str) {
    tracing::warn!(
        answer = %job.answer.id, provider = failure.provider, kind = ?failure.kind,
        detail = failure.detail, "{message}"
    );
}

/// Takes note of the first delta, and of the first content after reasoning.
fn note_times(timings: &mut Timings, began: Instant, concludes: bool) {
    let now = milliseconds(began);
    timings.first_token_ms.get_or_insert(now);
    if concludes {
        timings.reasoning_ms.get_or_insert(now);
    }
}

/// The end of a text, on one line and from the beginning of a word where there are words.
fn last_words(text: &str) -> String {
    let skipped = text.chars().count().saturating_sub(WORDS_BEFORE_SEAM);
    let end: String = text.chars().skip(skipped).collect();
    let words: Vec<&str> = end.split_whitespace().collect();
    match words.as_slice() {
        [_, rest @ ..] if skipped > 0 && !rest.is_empty() => rest.join(" "),
        all => all.join(" "),
    }
}

fn milliseconds(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seam_is_found_by_the_words_before_it() {
        let check = |text: &str, expected: &str| assert_eq!(last_words(text), expected);
        check("", "");
        check("It is\n\nthis ", "It is this");
        check(
            "All that glitters is not gold; often have you heard that told",
            "gold; often have you heard that told",
        );
        check(&"字".repeat(50), &"字".repeat(40));
    }
}
