//! Which upstream answers, and with which model.

use std::sync::Mutex;

use protocol::{Failure, FailureKind, ModelInfo};

use crate::upstream::{Provider, Upstream};

/// Parts of the names of models that do not chat, as lists of `/models` mix them in.
const NOT_FOR_CHAT: [&str; 10] = [
    "embed",
    "whisper",
    "tts",
    "dall-e",
    "moderation",
    "audio",
    "image",
    "realtime",
    "transcribe",
    "sora",
];

/// The models of one provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderModels {
    /// The provider's name.
    pub provider: String,
    /// What the owner wants said about it.
    pub note: Option<String>,
    /// The models, as far as they are configured or the provider has listed them.
    pub models: Vec<ModelInfo>,
}

impl ProviderModels {
    /// The names of its models.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.models.iter().map(|model| model.name.as_str())
    }
}

/// An upstream picked for an answer.
#[derive(Debug, Clone)]
pub(crate) struct Picked {
    pub(crate) upstream: Upstream,
    /// `None` until the provider has listed its models.
    pub(crate) model: Option<String>,
}

/// The configured providers in their order.
#[derive(Debug)]
pub(crate) struct Providers {
    entries: Vec<Entry>,
    default_model: Option<String>,
}

#[derive(Debug)]
struct Entry {
    upstream: Upstream,
    /// What the provider listed, once it has been asked.
    listed: Mutex<Option<Vec<ModelInfo>>>,
}

impl Entry {
    /// The models that are configured, or else those that the provider lists for chat.
    fn known_models(&self) -> Vec<ModelInfo> {
        let provider = self.upstream.provider();
        let listed = self.listed.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let listed = listed.as_deref().unwrap_or_default();
        let models: Vec<ModelInfo> = if provider.models.is_empty() {
            let chats =
                |model: &&ModelInfo| !NOT_FOR_CHAT.iter().any(|part| model.name.contains(part));
            listed.iter().filter(chats).cloned().collect()
        } else {
            let of_list = |name: &String| {
                listed
                    .iter()
                    .find(|model| model.name == *name)
                    .cloned()
                    .unwrap_or_else(|| ModelInfo::named(name))
            };
            provider.models.iter().map(of_list).collect()
        };
        models.into_iter().map(|model| provider.facts.complete(model)).collect()
    }

    /// The first model of those that answer.
    fn first_model(&self) -> Option<String> {
        Some(self.known_models().into_iter().next()?.name)
    }

    /// Asks the provider for its list.
    async fn list_models(&self) -> Result<(), Failure> {
        let listed = self.upstream.models().await?;
        *self.listed.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(listed);
        Ok(())
    }
}

impl Providers {
    pub(crate) fn new(upstreams: Vec<Upstream>, default_model: Option<String>) -> Self {
        let entries = upstreams
            .into_iter()
            .map(|upstream| Entry { upstream, listed: Mutex::default() })
            .collect();
        Self { entries, default_model }
    }

    /// The upstream for a model written as `provider/model` or as the model alone, or for the
    /// default model. `None` only where no provider is configured.
    pub(crate) fn pick(&self, wanted: Option<&str>) -> Option<Picked> {
        self.pick_among(|_| true, wanted.filter(|name| !name.is_empty()).or(self.default_model()))
    }

    /// The same among some of the providers, where the first model of the first one stands in for
    /// a missing name. A name that begins with one of the others is a model's own.
    pub(crate) fn pick_among(
        &self,
        may: impl Fn(&Provider) -> bool,
        wanted: Option<&str>,
    ) -> Option<Picked> {
        let entries = || self.entries.iter().filter(|entry| may(entry.upstream.provider()));
        let Some(wanted) = wanted.filter(|name| !name.is_empty()) else {
            let first = entries().next()?;
            return Some(Picked { upstream: first.upstream.clone(), model: first.first_model() });
        };
        let by_provider = wanted.split_once('/').and_then(|(provider, model)| {
            let entry = entries().find(|entry| entry.upstream.provider().name == provider)?;
            Some((entry, model))
        });
        let (entry, model) = by_provider
            .or_else(|| {
                let has =
                    |entry: &&Entry| entry.known_models().iter().any(|model| model.name == wanted);
                Some((entries().find(has)?, wanted))
            })
            .or_else(|| Some((entries().next()?, wanted)))?;
        Some(Picked { upstream: entry.upstream.clone(), model: Some(model.to_owned()) })
    }

    /// True if one of the providers is meant.
    pub(crate) fn any(&self, means: impl Fn(&Provider) -> bool) -> bool {
        self.entries.iter().any(|entry| means(entry.upstream.provider()))
    }

    /// The configured default model, if there is one.
    pub(crate) fn default_model(&self) -> Option<&str> {
        self.default_model.as_deref()
    }

    /// The model to name in a request. Asks the provider for its list where none is configured.
    pub(crate) async fn settle(&self, picked: &Picked) -> Result<String, Failure> {
        if let Some(model) = &picked.model {
            return Ok(model.clone());
        }
        let provider = &picked.upstream.provider().name;
        let none = || {
            Failure::new(FailureKind::ModelNotFound, provider)
                .with_detail("the provider lists no model")
        };
        let entry = self
            .entries
            .iter()
            .find(|entry| entry.upstream.provider().name == *provider)
            .ok_or_else(none)?;
        if entry.first_model().is_none() {
            entry.list_models().await?;
        }
        entry.first_model().ok_or_else(none)
    }

    /// What is known of a picked model. `None` while even its name is not.
    pub(crate) fn known(&self, picked: &Picked) -> Option<ModelInfo> {
        let model = picked.model.as_deref()?;
        let provider = picked.upstream.provider();
        let entry =
            self.entries.iter().find(|entry| entry.upstream.provider().name == provider.name)?;
        let listed = entry.listed.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let known = listed.iter().flatten().find(|listed| listed.name == model).cloned();
        Some(provider.facts.complete(known.unwrap_or_else(|| ModelInfo::named(model))))
    }

    /// Asks the providers for their lists, which say what models there are and what they can read.
    /// Where models are configured that is good to know and no more; where none are, what fails is
    /// asked again when it is needed.
    pub(crate) async fn discover(&self) {
        for entry in &self.entries {
            if let Err(failure) = entry.list_models().await {
                let provider = &entry.upstream.provider();
                let (name, failure) = (&provider.name, failure.words());
                match provider.models.is_empty() {
                    true => tracing::warn!(provider = name, failure, "models are not listed"),
                    false => tracing::debug!(provider = name, failure, "models are not listed"),
                }
            }
        }
    }

    /// The names of every model of each provider, those that do not chat as well.
    pub(crate) fn all_models(&self) -> Vec<(String, Vec<String>)> {
        let names = |entry: &Entry| {
            let provider = entry.upstream.provider();
            let listed = entry.listed.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            match provider.models.is_empty() {
                true => listed.iter().flatten().map(|model| model.name.clone()).collect(),
                false => provider.models.clone(),
            }
        };
        let named = |entry: &Entry| (entry.upstream.provider().name.clone(), names(entry));
        self.entries.iter().map(named).collect()
    }

    /// What is known of each provider's models, without asking.
    pub(crate) fn models(&self) -> Vec<ProviderModels> {
        self.entries
            .iter()
            .map(|entry| ProviderModels {
                provider: entry.upstream.provider().name.clone(),
                note: entry.upstream.provider().note.clone(),
                models: entry.known_models(),
            })
            .collect()
    }
}
