//! When the model of an answer is chosen: at once where a rule fits, and otherwise by the task of the
//! answer, so that nobody waits for the classifier before the question is stored.

use protocol::{Choice, Failure, FailureKind};
use serde_json::Value;

use super::{AUTO, Auto, Chosen, Subject};
use crate::{
    accounts::Caller,
    answer::{Job, chat_call},
    context::{self, Unfit},
    engine::Inner,
    limits::AdmitError,
    providers::{Picked, Turn},
    store::{NewAnswer, StoreError, now_ms},
};

/// Who answers, as far as it is decided.
#[derive(Debug)]
pub(crate) enum Decision {
    /// This upstream, if there is any, chosen like this.
    Made(Option<Picked>, Option<Choice>),
    /// The classifier is to be asked.
    Open,
}

impl Inner {
    /// How a model is chosen, if this one is named and can be.
    pub(crate) fn chooses(&self, wanted: Option<&str>) -> Option<&Auto> {
        self.auto.as_ref().filter(|_| wanted == Some(AUTO))
    }

    /// Who answers a question to the model that is wanted.
    pub(crate) fn decide(&self, wanted: Option<&str>, subject: &Subject) -> Decision {
        match self.chooses(wanted) {
            Some(auto) if auto.classifier.is_some() && auto.by_rules(subject).is_none() => {
                Decision::Open
            }
            _ => {
                let (picked, choice) = self.decide_unasked(wanted, subject);
                Decision::Made(picked, choice)
            }
        }
    }

    /// The same without asking anybody, for an answer that goes on.
    pub(crate) fn decide_unasked(
        &self,
        wanted: Option<&str>,
        subject: &Subject,
    ) -> (Option<Picked>, Option<Choice>) {
        match self.chooses(wanted) {
            Some(auto) => {
                let Chosen { model, choice } = auto.unasked(subject);
                (self.providers.pick(Some(&model)), Some(choice))
            }
            // A conversation may name the virtual model longer than it is configured.
            None => (self.providers.pick(wanted.filter(|wanted| *wanted != AUTO)), None),
        }
    }
}

/// Chooses the model of an answer that has none yet.
pub(crate) async fn choose_for_answer(
    inner: &Inner,
    job: &Job,
    subject: &Subject,
) -> Result<Chosen, Failure> {
    let gone = || Failure::new(FailureKind::NoProvider, "");
    let auto = inner.auto.as_ref().ok_or_else(gone)?;
    let chosen = inner.choose(auto, subject, Caller::OWNER, Some(job.conversation)).await;
    chosen.map_err(storage_failed)
}

/// Has the chosen model write an answer, and stores the choice with it and the row of its call,
/// before the call is made.
pub(crate) async fn settle_answer(
    inner: &Inner,
    job: &mut Job,
    Chosen { model, choice }: Chosen,
) -> Result<Turn, Failure> {
    let (turn, route) = inner.providers.set_out(inner.providers.pick(Some(&model)));
    let turn = turn?;
    let turns = context::turns(&job.messages);
    job.permit = match inner.admit_answer(Some(&turn.picked), Some(turns)).await {
        Ok(permit) => permit,
        Err(AdmitError::Limit(reached)) => return Err(Failure::of_limit(reached, turn.provider())),
        Err(AdmitError::Store(error)) => return Err(storage_failed(error)),
    };
    let known = inner.providers.known(&turn.picked);
    job.left_out = context::fit(&mut job.messages, known.as_ref())
        .map_err(|unfit| cannot_read(unfit, turn.provider()))?;
    let parameters = inner.fields(&job.settings, Some(&turn.picked));
    let stored = async {
        let mut write = inner.store.durable().await?;
        let decided = NewAnswer {
            id: job.answer.id,
            provider: turn.provider(),
            model: turn.model(),
            parameters: &Value::from(parameters).to_string(),
            left_out: job.left_out,
            choice: Some(&choice),
        };
        write.decide_answer(decided).await?;
        let call = chat_call(job.conversation, job.answer.id, &turn);
        let call = write.open_call(call, now_ms()).await?;
        write.commit().await?;
        Ok(call)
    };
    job.call = Some(stored.await.map_err(storage_failed)?);
    job.route = route;
    job.choice = Some(choice);
    Ok(turn)
}

fn storage_failed(error: StoreError) -> Failure {
    tracing::error!(%error, "the choice of a model could not be stored");
    Failure::new(FailureKind::Storage, "")
}

/// Why the model that was chosen is not asked.
fn cannot_read(unfit: Unfit, provider: &str) -> Failure {
    match unfit {
        Unfit::CannotSee => Failure::new(FailureKind::Refused, provider)
            .with_detail("the model that was chosen cannot read pictures"),
        Unfit::TooLong { tokens, window } => {
            let words = format!("about {tokens} tokens, where the model reads {window} at most");
            Failure::new(FailureKind::ContextTooLong, provider).with_detail(words)
        }
    }
}
