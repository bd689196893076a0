//! How an answer is written: an upstream is read into the journal, and where it fails, whoever else
//! may answer takes over.
//!
//! Nothing is seen of that while the answer is empty. Once it has begun, the next one is asked to go
//! on with it, and a [`Seam`] says where. Each attempt is a row of the ledger.

use std::sync::Arc;

use protocol::{AnswerStatus, End, Failure, FailureKind, Price, Seam, Timings, Usage};
use tokio::time::Instant;

use super::{Job, Start, chat_call};
use crate::{
    auto, context,
    engine::Inner,
    inspect,
    journal::{EndedCall, OpenAnswer},
    ledger::{Counter, Spent},
    limits::AdmitError,
    providers::{Picked, Turn},
    resume::{self, Resumed},
    store::{Redirected, StoreError, now_ms},
    title,
    upstream::{Completion, Piece, Request},
};

/// How often an answer that was cut goes on with another upstream by itself.
const MOST_SEAMS: usize = 2;

/// How many characters before a seam are kept to find it by.
const WORDS_BEFORE_SEAM: usize = 40;

/// Writes an answer to its end. Returns how it ended.
pub(super) async fn write_answer(inner: &Inner, mut job: Job, start: Start) -> AnswerStatus {
    let began = match &start {
        Start::Resume(resumed) => resumed.started(),
        Start::Ask(_) | Start::Choose(_) | Start::Nobody(_) => Instant::now(),
    };
    let mut text =
        Text { began, timings: Timings::default(), seams: job.seams.clone(), next: None };
    let mut attempt = Attempt::of(job.picked.as_ref(), began);
    let (status, failure) = match first_source(inner, &mut job, start).await {
        Ok(source) => write_from(inner, &mut job, source, &mut attempt, &mut text).await,
        Err(ended) => ended,
    };
    let point = resume::point_of(inner, &job).await;
    if status == AnswerStatus::Interrupted && point.is_some() && !attempt.is_lost {
        // The upstream writes on, and the next start takes the answer up again.
        inner.journal.settle().await;
        return status;
    }
    if let Some(failure) = &failure {
        log(&job, failure, "an answer failed");
    }
    text.timings.total_ms = Some(milliseconds(began));
    let of_call = attempt.end(&mut job, status, failure);
    let end = End {
        timings: text.timings,
        left_out: job.left_out,
        seams: text.seams,
        choice: job.choice,
        ..of_call.clone()
    };
    let call = job.call.map(|id| EndedCall { id, end: of_call });
    inner.journal.close(&job.answer, call, end).await;
    inner.notice_conversation(job.conversation);
    if let (Some(picked), Some(point)) = (&job.picked, point)
        && status != AnswerStatus::Finished
    {
        resume::cancel(inner, picked, point);
    }

    if let (Some(question), AnswerStatus::Finished) = (&job.title_from, status) {
        let answer = job.answer.text().content;
        if let Err(error) = title::ask_for_title(inner, job.conversation, question, &answer).await {
            tracing::error!(conversation = %job.conversation, %error, "a title could not be stored");
        }
    }
    status
}

/// How an answer ended, and why if it failed.
type Ended = (AnswerStatus, Option<Failure>);

/// Where an answer is read from.
enum Source {
    /// Somebody who is to be asked for it.
    Turn(Turn),
    /// A response that was begun before this server was.
    Resumed(Resumed),
}

/// Who writes the answer first, once that is found out.
async fn first_source(inner: &Inner, job: &mut Job, start: Start) -> Result<Source, Ended> {
    let failed = |failure| (AnswerStatus::Failed, Some(failure));
    match start {
        Start::Ask(turn) => Ok(Source::Turn(turn)),
        Start::Resume(resumed) => Ok(Source::Resumed(resumed)),
        Start::Nobody(failure) => Err(failed(failure)),
        Start::Choose(subject) => {
            let chosen = tokio::select! {
                biased;
                ended = cut_short(inner, &job.answer) => return Err(ended),
                chosen = auto::choose_for_answer(inner, job, &subject) => chosen.map_err(failed)?,
            };
            // Not within the `select!`, where a stop could drop it between its commit and its end.
            auto::settle_answer(inner, job, chosen).await.map(Source::Turn).map_err(failed)
        }
    }
}

/// Writes an answer from a source and, where that fails, from whoever takes over.
async fn write_from(
    inner: &Inner,
    job: &mut Job,
    mut source: Source,
    attempt: &mut Attempt,
    text: &mut Text,
) -> Ended {
    loop {
        if let Source::Turn(turn) = &source {
            *attempt = Attempt::of(Some(&turn.picked), Instant::now());
            job.picked = Some(turn.picked.clone());
        }
        let answer = Arc::clone(&job.answer);
        let (status, failure) = tokio::select! {
            biased;
            ended = cut_short(inner, &answer) => ended,
            outcome = read_upstream(inner, job, source, attempt, text) => match outcome {
                Ok(()) => (AnswerStatus::Finished, None),
                Err(failure) => (AnswerStatus::Failed, Some(failure)),
            },
        };
        let Some(failure) = failure else { return (status, None) };
        if attempt.is_lost {
            log(job, &failure, "an answer could not be resumed");
            return (AnswerStatus::Interrupted, None);
        }
        // Not within the `select!`, as above.
        source = match take_over(inner, job, attempt, &failure, text).await {
            Ok(Some(next)) => Source::Turn(next),
            Ok(None) => return (status, Some(failure)),
            Err(error) => {
                tracing::error!(answer = %job.answer.id, %error, "an attempt could not be stored");
                return (AnswerStatus::Failed, Some(Failure::new(FailureKind::Storage, "")));
            }
        };
    }
}

/// Waits for whatever ends an answer before its upstream does.
async fn cut_short(inner: &Inner, answer: &OpenAnswer) -> Ended {
    tokio::select! {
        biased;
        () = answer.stop.cancelled() => (AnswerStatus::Stopped, None),
        () = inner.shutdown.cancelled() => (AnswerStatus::Interrupted, None),
        () = answer.broken.cancelled() => {
            (AnswerStatus::Failed, Some(Failure::new(FailureKind::Storage, "")))
        }
    }
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
    /// About how many tokens were sent.
    prompt_tokens: u64,
    /// What came, counted.
    came: Counter,
    price: Option<Price>,
    timings: Timings,
    finish_reason: Option<String>,
    /// The last event that was read, where the upstream writes in the background.
    response_event: Option<u64>,
    /// The last event before the connection broke, if it did. A response is resumed as long as each
    /// connection brings something.
    resumed_after: Option<u64>,
    /// The upstream was asked for the rest of what it had begun, and does not give it.
    is_lost: bool,
}

impl Attempt {
    fn of(picked: Option<&Picked>, began: Instant) -> Self {
        Self {
            began,
            model: picked.and_then(|picked| picked.model.clone()).unwrap_or_default(),
            usage: Usage::default(),
            prompt_tokens: 0,
            came: Counter::default(),
            price: None,
            timings: Timings::default(),
            finish_reason: None,
            response_event: None,
            resumed_after: None,
            is_lost: false,
        }
    }

    /// True once it has added to the answer.
    fn brought_something(&self) -> bool {
        self.timings.first_token_ms.is_some()
    }

    /// How it ended, for the ledger, and for the limits that it was allowed under.
    fn end(&self, job: &mut Job, status: AnswerStatus, failure: Option<Failure>) -> End {
        let is_whole = status == AnswerStatus::Finished || self.finish_reason.is_some();
        let prompt = || self.prompt_tokens;
        let spent = Spent::new(self.usage, is_whole, &self.came, prompt, self.price);
        if let Some(permit) = job.permit.take() {
            permit.settle(&spent);
        }
        End {
            status,
            failure,
            finish_reason: self.finish_reason.clone(),
            model: self.model.clone(),
            usage: spent.usage,
            cost: spent.cost,
            estimated: spent.estimated,
            timings: Timings { total_ms: Some(milliseconds(self.began)), ..self.timings },
            left_out: 0,
            seams: Vec::new(),
            choice: None,
        }
    }

    /// Fails when the call goes beyond what it is allowed.
    fn stay_within_limits(&self, job: &Job, picked: &Picked) -> Result<(), Failure> {
        let Some(permit) = job.permit.as_ref().filter(|permit| permit.is_counted()) else {
            return Ok(());
        };
        let checked = permit.check(self.prompt_tokens, &self.came, self.price);
        let provider = &picked.upstream.provider().name;
        checked.map_err(|reached| Failure::of_limit(reached, provider))
    }
}

/// Reads an upstream into the journal until it ends. Dropping this closes the connection.
async fn read_upstream(
    inner: &Inner,
    job: &Job,
    source: Source,
    attempt: &mut Attempt,
    text: &mut Text,
) -> Result<(), Failure> {
    let Some(picked) = &job.picked else {
        return Err(Failure::new(FailureKind::NoProvider, ""));
    };
    let mut completion = match source {
        Source::Turn(turn) => ask_upstream(inner, job, turn, attempt).await?,
        Source::Resumed(resumed) => {
            let provider = &picked.upstream.provider().name;
            attempt.price = inner.providers.price(provider, &attempt.model).map(|it| it.price);
            attempt.came.push(&resumed.so_far.reasoning);
            attempt.came.push(&resumed.so_far.content);
            attempt.response_event = Some(resumed.point.after);
            let rest = picked.upstream.resume(&resumed.point, &resumed.so_far).await;
            rest.inspect_err(|_| attempt.is_lost = true)?
        }
    };
    let mut reasoned = false;
    loop {
        let piece = match completion.next().await {
            Ok(Some(piece)) => piece,
            Ok(None) => return Ok(()),
            Err(failure) => {
                if attempt.resumed_after >= attempt.response_event {
                    return Err(failure);
                }
                attempt.resumed_after = attempt.response_event;
                completion = resume::after_cut(inner, job, picked, failure).await?;
                continue;
            }
        };
        match piece {
            Piece::Delta(delta) if delta.is_empty() => {}
            Piece::Delta(delta) => {
                reasoned |= !delta.reasoning.is_empty();
                let concludes = reasoned && !delta.content.is_empty();
                note_times(&mut attempt.timings, attempt.began, concludes);
                note_times(&mut text.timings, text.began, concludes);
                text.seams.extend(text.next.take());
                attempt.came.push(&delta.reasoning);
                attempt.came.push(&delta.content);
                let appended = inner.journal.append(&job.answer, delta, attempt.response_event);
                appended.await.map_err(|_| storage_failed(picked))?;
                attempt.stay_within_limits(job, picked)?;
            }
            Piece::Resumable(point) => attempt.response_event = Some(point.after),
            Piece::Usage(usage) => attempt.usage = usage,
            Piece::Finish(reason) => attempt.finish_reason = Some(reason),
            Piece::Model(model) => attempt.model = model,
        }
    }
}

/// Sends the request of an answer.
async fn ask_upstream(
    inner: &Inner,
    job: &Job,
    turn: Turn,
    attempt: &mut Attempt,
) -> Result<Completion, Failure> {
    let model = inner.providers.settle(&turn).await?;
    attempt.model.clone_from(&model);
    attempt.price = inner.providers.price(turn.provider(), &model).map(|known| known.price);
    attempt.prompt_tokens = context::tokens(&job.messages);
    attempt.stay_within_limits(job, &turn.picked)?;
    let messages = context::prompts(inner, &job.messages).await?;
    let parameters = inner.fields(&job.settings, Some(&turn.picked));
    let request = Request { model, messages, parameters };
    let dialect = turn.picked.upstream.provider().dialect;
    if let Err(error) = inspect::note_request(inner, job.answer.id, dialect, &request).await {
        tracing::error!(answer = %job.answer.id, %error, "what is sent could not be noted");
        return Err(storage_failed(&turn.picked));
    }
    match dialect.is_background() {
        true => resume::begin(inner, job.answer.id, turn, request).await,
        false => turn.picked.upstream.stream(turn.lease, &request).await,
    }
}

fn storage_failed(picked: &Picked) -> Failure {
    Failure::new(FailureKind::Storage, &picked.upstream.provider().name)
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
