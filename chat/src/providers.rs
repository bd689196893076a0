//! Which upstream answers, and with which model.

use std::sync::Mutex;

use protocol::{Failure, FailureKind};

use crate::upstream::Upstream;

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
    pub models: Vec<String>,
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
    listed: Mutex<Option<Vec<String>>>,
}

impl Entry {
    fn known_models(&self) -> Vec<String> {
        let configured = &self.upstream.provider().models;
        if !configured.is_empty() {
            return configured.clone();
        }
        self.listed
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .clone()
            .unwrap_or_default()
    }

    async fn list_models(&self) -> Result<Vec<String>, Failure> {
        let known = self.known_models();
        if !known.is_empty() {
            return Ok(known);
        }
        let mut listed = self.upstream.models().await?;
        listed.retain(|model| !NOT_FOR_CHAT.iter().any(|part| model.contains(part)));
        *self.listed.lock().unwrap_or_else(std::sync::PoisonError::into_inner) =
            Some(listed.clone());
        Ok(listed)
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
        let wanted = wanted.filter(|name| !name.is_empty()).or(self.default_model.as_deref());
        let Some(wanted) = wanted else {
            let first = self.entries.first()?;
            let model = first.known_models().into_iter().next();
            return Some(Picked { upstream: first.upstream.clone(), model });
        };
        let by_provider = wanted.split_once('/').and_then(|(provider, model)| {
            let entry =
                self.entries.iter().find(|entry| entry.upstream.provider().name == provider)?;
            Some((entry, model))
        });
        let (entry, model) = by_provider
            .or_else(|| {
                let has = |entry: &&Entry| entry.known_models().iter().any(|model| model == wanted);
                Some((self.entries.iter().find(has)?, wanted))
            })
            .or_else(|| Some((self.entries.first()?, wanted)))?;
        Some(Picked { upstream: entry.upstream.clone(), model: Some(model.to_owned()) })
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
        entry.list_models().await?.into_iter().next().ok_or_else(none)
    }

    /// Asks the providers whose models are not known for their lists. What fails is asked again
    /// when it is needed.
    pub(crate) async fn discover(&self) {
        for entry in &self.entries {
            if let Err(failure) = entry.list_models().await {
                tracing::warn!(
                    provider = entry.upstream.provider().name,
                    failure = failure.words(),
                    "models are not listed"
                );
            }
        }
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
