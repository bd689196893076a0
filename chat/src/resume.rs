//! Answers that an upstream writes in the background, and that go on after this server has ended or
//! a connection has broken.
//!
//! The name of such a response is kept with its answer before any text, and the number of the last
//! event with the text it is in. So the upstream is asked for what comes after what is stored, and
//! the answer lacks nothing and repeats nothing.

use std::{sync::Arc, time::Duration};

use protocol::{Delta, Failure, FailureKind, MessageId};
use tokio::{
    sync::oneshot,
    time::{Instant, sleep},
};

use crate::{
    answer::{Job, Start},
    conversation_settings::ConversationSettings,
    engine::{Chat, Inner},
    ledger,
    providers::{Picked, Providers, Route, Turn},
    store::{CutAnswer, Store, StoreError, StoredText, now_ms},
    upstream::{Completion, Request, ResumePoint, Upstream},
};

/// An answer that was begun before this server was.
#[derive(Debug)]
pub(crate) struct Resumed {
    pub(crate) point: ResumePoint,
    /// What is stored of this response. An answer that was continued has text from before it.
    pub(crate) so_far: Delta,
    /// About how many tokens were sent for it.
    pub(crate) prompt_tokens: u64,
    /// How long ago its upstream was asked.
    age: Duration,
}

impl Resumed {
    /// When its upstream was asked, as far back as this machine's clock goes.
    pub(crate) fn started(&self) -> Instant {
        let now = Instant::now();
        now.checked_sub(self.age).unwrap_or(now)
    }
}

/// Returns the open answers that their upstreams have kept over the last end of the server. Folds the
/// others, and marks them as interrupted, with their calls.
pub(crate) async fn sort_out(
    store: &Store,
    providers: &Providers,
) -> Result<Vec<CutAnswer>, StoreError> {
    let mut write = store.quick().await?;
    write.index_journal().await?;
    write.commit().await?;
    let mut write = store.durable().await?;
    let open = store.cut_answers().await?;
    let (resumable, lost): (Vec<_>, Vec<_>) = open
        .into_iter()
        .partition(|cut| cut.point.is_some() && upstream_of(cut, providers).is_some());
    let on: Vec<_> = resumable.iter().map(|cut| cut.id).collect();
    ledger::close_cut_calls(&mut write, store, providers, &on).await?;
    for cut in &lost {
        write.interrupt_answer(cut.id).await?;
    }
    write.tidy_journal().await?;
    write.commit().await?;
    if !resumable.is_empty() || !lost.is_empty() {
        tracing::info!(
            interrupted = lost.len(),
            resumed = resumable.len(),
            "answers were open at the last end of the server"
        );
    }
    Ok(resumable)
}

/// The upstream that writes an answer, if it is configured to do so still.
fn upstream_of(cut: &CutAnswer, providers: &Providers) -> Option<Picked> {
    let picked = providers.pick(Some(&format!("{}/{}", cut.provider, cut.model)))?;
    let provider = picked.upstream.provider();
    (provider.name == cut.provider && provider.dialect.is_background()).then_some(picked)
}

/// Asks for an answer in the background, and waits until it is begun and its name is kept. A task of
/// its own does both: before that the response has no name, so one whose answer is stopped in this
/// moment could not be cancelled otherwise.
pub(crate) async fn begin(
    inner: &Inner,
    answer: MessageId,
    turn: Turn,
    request: Request,
) -> Result<Completion, Failure> {
    let provider = turn.provider().to_owned();
    let Turn { picked: Picked { upstream, .. }, lease } = turn;
    let (store, shutdown) = (Arc::clone(&inner.store), inner.shutdown.clone());
    let (begun, beginning) = oneshot::channel();
    inner.tasks.spawn(async move {
        let started = async {
            let mut completion = upstream.stream(lease, &request).await?;
            let point = completion.begun().await?;
            Ok((completion, point))
        };
        let (completion, point) = match started.await {
            Ok((completion, Some(point))) => (completion, point),
            // The upstream does not keep it, so it is an answer like any other.
            Ok((completion, None)) => return drop(begun.send(Ok(completion))),
            Err(failure) => return drop(begun.send(Err(failure))),
        };
        let noted = note(&store, answer, &point).await;
        let is_noted = matches!(noted, Ok(true));
        let handed_over = begun.send(match noted {
            Ok(_) => Ok(completion),
            Err(error) => {
                tracing::error!(%answer, %error, "a response could not be noted");
                Err(Failure::new(FailureKind::Storage, &upstream.provider().name))
            }
        });
        // What was noted in time is taken up again by the next start.
        if !is_noted || (handed_over.is_err() && !shutdown.is_cancelled()) {
            cancel_at(&upstream, &point).await;
        }
    });
    // No word comes only while the runtime goes down.
    let lost = |_| Err(Failure::new(FailureKind::CutOff, provider));
    beginning.await.unwrap_or_else(lost)
}

/// Keeps from where an answer can be resumed, before any of its text. False if it is open no more.
async fn note(store: &Store, answer: MessageId, point: &ResumePoint) -> Result<bool, StoreError> {
    let mut write = store.quick().await?;
    let noted = write.set_response(answer, point).await?;
    write.commit().await?;
    Ok(noted)
}

/// From where an answer that is open can be resumed, if its upstream keeps it.
pub(crate) async fn point_of(inner: &Inner, job: &Job) -> Option<ResumePoint> {
    let picked = job.picked.as_ref()?;
    if !picked.upstream.provider().dialect.is_background() {
        return None;
    }
    let point = inner.store.resume_point_of(job.answer.id).await;
    point.unwrap_or_else(|error| {
        tracing::error!(answer = %job.answer.id, %error, "a response could not be looked up");
        None
    })
}

/// Asks for the rest of an answer whose connection broke. Fails as it did where there is no rest to
/// be had.
pub(crate) async fn after_cut(
    inner: &Inner,
    job: &Job,
    picked: &Picked,
    failure: Failure,
) -> Result<Completion, Failure> {
    if !matches!(failure.kind, FailureKind::CutOff | FailureKind::TimedOut) {
        return Err(failure);
    }
    // What is stored is what the rest is asked for, so everything that came is stored first.
    inner.journal.settle().await;
    let stored = inner.store.journal_of(job.answer.id).await;
    let (Some(point), Ok((_, so_far))) = (point_of(inner, job).await, stored) else {
        return Err(failure);
    };
    ask_for_rest(job, picked, &point, &so_far).await.map_err(|lost| {
        let (provider, detail) = (&lost.provider, &lost.detail);
        tracing::warn!(answer = %job.answer.id, provider, detail, "an answer could not be resumed");
        failure
    })
}

/// How long an upstream that cannot be reached is asked for the rest of an answer. OpenAI keeps one for
/// about ten minutes.
const KEPT: Duration = Duration::from_mins(10);

/// How long to wait before an upstream is asked for the rest again: at first, and at most.
const PAUSES: [Duration; 2] = [Duration::from_millis(250), Duration::from_secs(30)];

/// Asks for the rest of an answer of which `so_far` was read up to a point. While the upstream or the
/// way to it is out of order it is asked again, unless another provider may go on with the answer.
pub(crate) async fn ask_for_rest(
    job: &Job,
    picked: &Picked,
    point: &ResumePoint,
    so_far: &Delta,
) -> Result<Completion, Failure> {
    let given_up = Instant::now() + KEPT;
    let [mut pause, longest] = PAUSES;
    loop {
        let lost = match picked.upstream.resume(point, so_far).await {
            Ok(completion) => return Ok(completion),
            Err(lost) => lost,
        };
        let passes = matches!(
            lost.kind,
            FailureKind::Unreachable
                | FailureKind::RateLimited
                | FailureKind::UpstreamError
                | FailureKind::TimedOut
                | FailureKind::CutOff
        );
        let wait = lost.retry_after_s.map_or(pause, Duration::from_secs);
        if !passes || job.route.leads_elsewhere() || Instant::now() + wait > given_up {
            return Err(lost);
        }
        let (provider, detail) = (&lost.provider, &lost.detail);
        tracing::info!(answer = %job.answer.id, provider, detail, "the rest is asked for again soon");
        sleep(wait).await;
        pause = longest.min(2 * pause);
    }
}

/// Tells the upstream that nobody waits for a response any more. Nothing waits for that.
pub(crate) fn cancel(inner: &Inner, picked: &Picked, point: ResumePoint) {
    let upstream = picked.upstream.clone();
    inner.tasks.spawn(async move { cancel_at(&upstream, &point).await });
}

async fn cancel_at(upstream: &Upstream, point: &ResumePoint) {
    // A response that has ended by itself is not cancelled, which is no trouble.
    if let Err(failure) = upstream.cancel(point).await {
        let provider = &failure.provider;
        tracing::info!(provider, detail = failure.detail, "a response was not cancelled");
    }
}

impl Chat {
    /// Has the rest of these answers written.
    pub(crate) async fn resume(&self, answers: Vec<CutAnswer>) -> Result<(), StoreError> {
        let inner = &self.inner;
        let mut on: Vec<_> = answers.iter().map(|cut| cut.id).collect();
        let count = on.len();
        for cut in answers {
            let place = inner.store.place_of(cut.id).await?;
            let stored = inner.store.answer(cut.id).await?;
            let call = inner.store.open_call_of(cut.id).await?;
            let picked = upstream_of(&cut, &inner.providers);
            let Some(point) = cut.point else { continue };
            let (Some((conversation, _)), Some((text, answer))) = (place, stored) else {
                // It went with its conversation, which was temporary.
                picked.iter().for_each(|picked| cancel(inner, picked, point.clone()));
                inner.journal.gone(cut.id).await;
                on.retain(|id| *id != cut.id);
                continue;
            };
            let path = inner.store.path_to(cut.id).await?;
            let listed = inner.store.conversation(conversation).await?;
            let listed = listed.is_some_and(|(summary, _)| !summary.temporary);
            let first = (listed && path.len() == 2).then(|| path[0].content.clone());
            let asked_at = call.map_or(now_ms(), |(_, started_at)| started_at);
            let age = u64::try_from(now_ms() - asked_at).unwrap_or_default();
            let (last, so_far) = inner.store.journal_of(cut.id).await?;
            let text = StoredText {
                sequence: last.unwrap_or(text.sequence),
                content: text.content + &so_far.content,
                reasoning: text.reasoning + &so_far.reasoning,
            };
            let job = Job {
                conversation,
                answer: inner.journal.open(cut.id, text),
                permit: picked.as_ref().map(|picked| inner.take_up_answer(picked, asked_at)),
                picked,
                route: Route::default(),
                call: call.map(|(id, _)| id),
                messages: Vec::new(),
                left_out: answer.left_out,
                settings: ConversationSettings::default(),
                seams: answer.seams,
                choice: answer.choice,
                title_from: first.filter(|question| !question.is_empty()),
            };
            let prompt_tokens = ledger::tokens_sent(path, job.left_out);
            let age = Duration::from_millis(age);
            let resumed = Resumed { point, so_far, prompt_tokens, age };
            inner.tasks.spawn(self.clone().write(job, Start::Resume(resumed)));
        }
        if on.len() < count {
            let mut write = inner.store.durable().await?;
            ledger::close_cut_calls(&mut write, &inner.store, &inner.providers, &on).await?;
            write.commit().await?;
        }
        Ok(())
    }
}
