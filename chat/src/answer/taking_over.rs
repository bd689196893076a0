//! What is done when an attempt at an answer fails: whoever is next takes over.

use protocol::{AnswerStatus, Failure, Seam};

use super::{
    Job,
    attempt::Attempt,
    chat_call,
    writing::{Text, log},
};
use crate::{
    context,
    engine::Inner,
    limits::AdmitError,
    providers::Turn,
    resume,
    store::{Redirected, StoreError, now_ms},
};

/// How often an answer that was cut goes on with another upstream by itself.
const MOST_SEAMS: usize = 2;

/// How many characters before a seam are kept to find it by.
const WORDS_BEFORE_SEAM: usize = 40;

/// Lets whoever is next take over from an attempt that failed, and says who. `None` if that would
/// not help, if the answer is not wanted any more, or if nobody is left.
pub(super) async fn take_over(
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
    let ended = attempt.end(job, AnswerStatus::Failed, Some(failure.clone()));
    job.permit = match inner.admit_answer(Some(&turn.picked), None).await {
        Ok(permit) => permit,
        // Whoever has nothing left to spend there is told what went wrong here.
        Err(AdmitError::Limit(_)) => return Ok(None),
        Err(AdmitError::Store(error)) => return Err(error),
    };
    log(job, failure, "an attempt at an answer failed, and the next one takes over");
    if let (Some(picked), Some(point)) = (&job.picked, resume::point_of(inner, job).await) {
        // Two must not write the same answer, and be paid for it.
        resume::cancel(inner, picked, point);
    }
    let by = turn.name();
    if attempt.brought_something() {
        inner.journal.settle().await;
        let so_far = job.answer.text().content;
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
        write.close_call(call, &ended).await?;
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
