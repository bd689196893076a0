//! The virtual model `auto`: which model answers a question is found out from the question.
//!
//! Rules are looked at in their order, and the first that fits counts. Where none does, a cheap
//! model may be asked to choose; if it fails, or where there is none, the default answers. How the
//! choice came about is stored with the answer.

mod rule;
mod signs;
mod classifier;
mod deciding;

use protocol::{Choice, ChosenBy, ConversationId, Role};

use crate::{
    accounts::Caller,
    context,
    engine::{Chat, Inner},
    store::{Message, StoreError},
    upstream::{Content, Part, Prompt},
};

pub use classifier::Classifier;
pub(crate) use deciding::{Decision, choose_for_answer, settle_answer};
pub use rule::{Pattern, PatternError, Rule};
pub use signs::{Language, Likeness};

/// What people and programs name to have a model chosen.
pub const AUTO: &str = "auto";

/// How models are chosen.
#[derive(Debug, Clone)]
pub struct Auto {
    /// The rules, the first of which that fits counts.
    pub rules: Vec<Rule>,
    /// `provider/model` that answers where nothing else is found.
    pub default: String,
    /// Who is asked where no rule fits.
    pub classifier: Option<Classifier>,
}

/// What of a question a choice goes by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Subject {
    /// The text of the newest question.
    pub question: String,
    /// Whether any picture is sent.
    pub has_images: bool,
    /// About how many tokens are sent in all.
    pub tokens: u64,
}

impl Subject {
    /// What is to be known of the messages of a request.
    pub fn of(messages: &[Prompt]) -> Self {
        let is_image = |part: &Part| matches!(part, Part::Image { .. });
        let has_images = |said: &Prompt| match &said.content {
            Content::Parts(parts) => parts.iter().any(is_image),
            Content::Text(_) => false,
        };
        let cost = |said: &Prompt| {
            protocol::tokens::PER_MESSAGE + protocol::tokens::estimate(&said.content.text())
        };
        let newest = messages.iter().rev().find(|said| said.role == Role::User);
        Self {
            question: newest.map(|said| said.content.text()).unwrap_or_default(),
            has_images: messages.iter().any(has_images),
            tokens: messages.iter().map(cost).sum(),
        }
    }

    /// The same of a path of stored messages.
    pub(crate) fn of_path(path: &[Message]) -> Self {
        let newest = path.iter().rev().find(|message| message.role == Role::User);
        Self {
            question: newest.map(|message| message.content.clone()).unwrap_or_default(),
            has_images: path.iter().any(context::has_images),
            tokens: path.iter().map(context::cost).sum(),
        }
    }
}

/// A model that was chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// `provider/model`.
    pub model: String,
    /// How it came about.
    pub choice: Choice,
}

impl Auto {
    /// What the rules say of a question.
    fn by_rules(&self, subject: &Subject) -> Option<Chosen> {
        let rule = self.rules.iter().find(|rule| rule.fits(subject))?;
        Some(chosen(&rule.model, ChosenBy::Rule, rule.conditions()))
    }

    /// The choice without asking anybody.
    fn unasked(&self, subject: &Subject) -> Chosen {
        self.by_rules(subject)
            .unwrap_or_else(|| chosen(&self.default, ChosenBy::Default, String::new()))
    }
}

fn chosen(model: &str, by: ChosenBy, because: String) -> Chosen {
    Chosen { model: model.to_owned(), choice: Choice { by, because } }
}

impl Inner {
    /// Chooses a model, and asks the classifier if it must.
    async fn choose(
        &self,
        auto: &Auto,
        subject: &Subject,
        caller: Caller,
        conversation: Option<ConversationId>,
    ) -> Result<Chosen, StoreError> {
        match (auto.by_rules(subject), &auto.classifier) {
            (Some(chosen), _) => Ok(chosen),
            (None, None) => Ok(auto.unasked(subject)),
            (None, Some(classifier)) => {
                let model = classifier.ask(self, subject, caller, conversation).await?;
                let because = classifier.model.clone();
                Ok(match model {
                    Some(model) => chosen(&model, ChosenBy::Classifier, because),
                    None => chosen(&auto.default, ChosenBy::Failure, because),
                })
            }
        }
    }
}

impl Chat {
    /// Chooses a model for a question, or gives `None` where no choice is configured. It may take
    /// seconds, if the classifier must be asked; that call has a row in the ledger for `caller`.
    pub async fn choose(
        &self,
        subject: &Subject,
        caller: Caller,
        conversation: Option<ConversationId>,
    ) -> Result<Option<Chosen>, StoreError> {
        match &self.inner.auto {
            Some(auto) => self.inner.choose(auto, subject, caller, conversation).await.map(Some),
            None => Ok(None),
        }
    }

    /// True if models can be chosen, so that `auto` may be named as one.
    pub fn has_auto(&self) -> bool {
        self.inner.auto.is_some()
    }

    /// Everything that can be named as a model, `auto` first if it can.
    pub fn model_names(&self) -> Vec<String> {
        let auto = self.has_auto().then(|| AUTO.to_owned());
        let models = self.models();
        let named = models.iter().flat_map(|provider| {
            provider.names().map(|model| format!("{}/{model}", provider.provider))
        });
        auto.into_iter().chain(named).collect()
    }
}

#[cfg(test)]
mod tests;
