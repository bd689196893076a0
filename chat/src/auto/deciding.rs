//! When the model of an answer is chosen: at once where a rule fits, and otherwise by the task of the
//! answer, so that nobody waits for the classifier before the question is stored.

use protocol::{Choice, Failure, FailureKind};
use serde_json::Value;

use super::{AUTO, Auto, Chosen, Subject};
use crate::{
    accounts::Caller,
    answer::{Job, chat_call},
    context::{self, Unfit},
    conversation_settings::ConversationSettings,
    engine::Inner,
    providers::Picked,
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

/// An answer whose model is not chosen yet.
#[derive(Debug)]
pub(crate) struct Undecided {
    pub(crate) subject: Subject,
    /// How its conversation is answered.
    pub(crate) settings: ConversationSettings,
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

/// Chooses the model of an answer that has none yet, and stores the choice with it and the row of
/// its call, before the call is made.
pub(crate) async fn decide_open_answer(inner: &Inner, job: &mut Job) -> Result<(), Failure> {
    let Some(undecided) = job.undecided.take() else { return Ok(()) };
    let Some(auto) = &inner.auto else { return Ok(()) };
    let Undecided { subject, settings } = undecided;
    let storage_failed = |error: StoreError| {
        tracing::error!(%error, "the choice of a model could not be stored");
        Failure::new(FailureKind::Storage, "")
    };
    let conversation = Some(job.conversation);
    let chosen = inner.choose(auto, &subject, Caller::OWNER, conversation).await;
    let Chosen { model, choice } = chosen.map_err(storage_failed)?;
    let Some(picked) = inner.providers.pick(Some(&model)) else {
        return Err(Failure::new(FailureKind::NoProvider, ""));
    };
    let provider = picked.upstream.provider().name.clone();
    let known = inner.providers.known(&picked);
    job.left_out = context::fit(&mut job.messages, known.as_ref())
        .map_err(|unfit| cannot_read(unfit, &provider))?;
    job.parameters = inner.fields(&settings, Some(&picked));

    let stored = async {
        let mut write = inner.store.durable().await?;
        let decided = NewAnswer {
            id: job.answer.id,
            provider: &provider,
            model: picked.model.as_deref().unwrap_or_default(),
            parameters: &Value::from(job.parameters.clone()).to_string(),
            left_out: job.left_out,
            choice: Some(&choice),
        };
        write.decide_answer(decided).await?;
        let call = chat_call(job.conversation, job.answer.id, &picked);
        let call = write.open_call(call, now_ms()).await?;
        write.commit().await?;
        Ok(call)
    };
    job.call = Some(stored.await.map_err(storage_failed)?);
    job.picked = Some(picked);
    job.choice = Some(choice);
    Ok(())
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
