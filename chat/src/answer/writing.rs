//! How an answer is written: an upstream is read into the journal, and where it fails, whoever else
//! may answer takes over.
//!
//! Nothing is seen of that while the answer is empty. Once it has begun, the next one is asked to go
//! on with it, and a [`Seam`] says where. Each attempt is a row of the ledger.

use std::sync::Arc;

use protocol::{AnswerStatus, End, Failure, FailureKind, Seam, Timings};
use tokio::time::Instant;

use super::{
    Job, Start,
    attempt::{Attempt, milliseconds, note_times},
    taking_over::take_over,
};
use crate::{
    auto, context,
    engine::Inner,
    inspect,
    journal::{EndedCall, OpenAnswer},
    providers::{Picked, Turn},
    resume::{self, Resumed},
    title,
    upstream::{Completion, Piece, Request},
};

/// Writes an answer to its end. Returns how it ended.
pub(super) async fn write_answer(inner: &Arc<Inner>, mut job: Job, start: Start) -> AnswerStatus {
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

    if let (Some(question), AnswerStatus::Finished) = (job.title_from, status) {
        // What waits for the answer does not wait for the title.
        let (titled, answer) = (Arc::clone(inner), job.answer.text().content);
        inner.tasks.spawn(async move {
            let named = title::ask_for_title(&titled, job.conversation, &question, &answer);
            if let Err(error) = named.await {
                tracing::error!(conversation = %job.conversation, %error, "a title could not be stored");
            }
        });
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
    let shutdown = inner.shutdown.child_token();
    tokio::select! {
        biased;
        () = answer.stop.cancelled() => (AnswerStatus::Stopped, None),
        () = shutdown.cancelled() => (AnswerStatus::Interrupted, None),
        () = answer.broken.cancelled() => {
            (AnswerStatus::Failed, Some(Failure::new(FailureKind::Storage, "")))
        }
    }
}

/// What the attempts at an answer have in common.
pub(super) struct Text {
    began: Instant,
    /// Counted from the beginning of the first attempt.
    timings: Timings,
    pub(super) seams: Vec<Seam>,
    /// The seam that comes about if the present attempt brings anything.
    pub(super) next: Option<Seam>,
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
            attempt.prompt_tokens = resumed.prompt_tokens;
            attempt.came.push(&resumed.so_far.reasoning);
            attempt.came.push(&resumed.so_far.content);
            attempt.response_event = Some(resumed.point.after);
            let rest = resume::ask_for_rest(job, picked, &resumed.point, &resumed.so_far).await;
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

pub(super) fn log(job: &Job, failure: &Failure, message: &str) {
    tracing::warn!(
        answer = %job.answer.id, provider = failure.provider, kind = ?failure.kind,
        detail = failure.detail, "{message}"
    );
}
