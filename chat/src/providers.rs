//! Which upstream answers, and with which model.

use std::{collections::VecDeque, sync::Mutex};

use protocol::{Failure, FailureKind, ModelInfo};

use crate::{
    prices::{self, KnownPrice, ModelPrice},
    upstream::{Lease, Provider, ProviderHealth, Upstream},
};

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

/// Who is asked next: an upstream, with the key that is leased for it.
#[derive(Debug)]
pub(crate) struct Turn {
    pub(crate) picked: Picked,
    pub(crate) lease: Lease,
}

impl Turn {
    /// The provider's name.
    pub(crate) fn provider(&self) -> &str {
        &self.picked.upstream.provider().name
    }

    /// The model, as far as it is known.
    pub(crate) fn model(&self) -> &str {
        self.picked.model.as_deref().unwrap_or_default()
    }

    /// `provider/model`, or the provider alone while its model is not known.
    pub(crate) fn name(&self) -> String {
        match &self.picked.model {
            Some(model) => format!("{}/{model}", self.provider()),
            None => self.provider().to_owned(),
        }
    }
}

/// The way of a request through those who may answer it: the keys of the provider that was picked,
/// then those of its fallback and so on, each at most once.
#[derive(Debug, Default)]
pub(crate) struct Route {
    /// Whose keys are tried, the present one first.
    stops: VecDeque<Picked>,
    /// The keys of the present one that were tried.
    tried: Vec<usize>,
}

impl Route {
    /// The next to be asked. Fails if nobody is left, with why nobody can be asked now where that is
    /// not because each was.
    pub(crate) fn next(&mut self) -> Result<Turn, Option<Failure>> {
        let mut refused = None;
        while let Some(stop) = self.stops.front() {
            let is_last = self.stops.len() == 1;
            match stop.upstream.lease(&self.tried, is_last) {
                Ok(lease) => {
                    self.tried.push(lease.index());
                    return Ok(Turn { picked: stop.clone(), lease });
                }
                Err(failure) => refused = refused.or(failure),
            }
            self.leave();
        }
        Err(refused)
    }

    /// True if another provider may answer where the present one does not.
    pub(crate) fn leads_elsewhere(&self) -> bool {
        self.stops.len() > 1
    }

    /// The next after one that failed.
    pub(crate) fn next_after(&mut self, failure: &Failure) -> Result<Turn, Option<Failure>> {
        if failure.kind == FailureKind::Unreachable {
            // Its other keys lead to the same place.
            self.leave();
        }
        self.next()
    }

    fn leave(&mut self) {
        self.stops.pop_front();
        self.tried.clear();
    }
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
        models.into_iter().map(|model| prices::complete(provider, model)).collect()
    }

    fn price(&self, model: &str) -> Option<KnownPrice> {
        let listed = self.listed.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let listed = listed.iter().flatten().find(|listed| listed.name == model);
        prices::price_of(self.upstream.provider(), model, listed)
    }

    /// The first model of those that answer.
    fn first_model(&self) -> Option<String> {
        Some(self.known_models().into_iter().next()?.name)
    }

    fn keep(&self, listed: Vec<ModelInfo>) {
        *self.listed.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(listed);
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
        self.pick_among(
            |_| true,
            |_| true,
            wanted.filter(|name| !name.is_empty()).or(self.default_model()),
        )
    }

    /// The same among some of the providers, where the first model of the first one stands in for
    /// a missing name. A name that begins with one of the others is a model's own. Those that one
    /// `prefers` come before the others.
    pub(crate) fn pick_among(
        &self,
        may: impl Fn(&Provider) -> bool,
        prefers: impl Fn(&Provider) -> bool,
        wanted: Option<&str>,
    ) -> Option<Picked> {
        let is_meant = |entry: &&Entry| may(entry.upstream.provider());
        let mut entries: Vec<&Entry> = self.entries.iter().filter(is_meant).collect();
        entries.sort_by_key(|entry| !prefers(entry.upstream.provider()));
        let entries = || entries.iter().copied();
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

    /// Sets a request on its way: who is asked first, or why nobody can be, and the rest of the way.
    pub(crate) fn set_out(&self, picked: Option<Picked>) -> (Result<Turn, Failure>, Route) {
        self.set_out_if(picked, |_, _| true)
    }

    /// The same where not every fallback will do: `may` is told in place of whom one would answer.
    pub(crate) fn set_out_if(
        &self,
        picked: Option<Picked>,
        may: impl Fn(&Picked, &Picked) -> bool,
    ) -> (Result<Turn, Failure>, Route) {
        let mut route = self.route(picked, may);
        let first = route.next();
        let nobody = || Failure::new(FailureKind::NoProvider, "");
        (first.map_err(|refused| refused.unwrap_or_else(nobody)), route)
    }

    /// Who may answer for a picked upstream: itself, then its fallbacks.
    fn route(&self, picked: Option<Picked>, may: impl Fn(&Picked, &Picked) -> bool) -> Route {
        let mut stops = VecDeque::from_iter(picked);
        let stands_in = |last: &Picked| self.fallback_of(last).filter(|next| may(last, next));
        while let Some(next) = stops.back().and_then(stands_in) {
            let provider = &next.upstream.provider().name;
            if stops.iter().any(|stop| stop.upstream.provider().name == *provider) {
                break;
            }
            stops.push_back(next);
        }
        Route { stops, tried: Vec::new() }
    }

    /// Who answers in place of an upstream. Without a model of its own, the fallback is asked for
    /// one of the same name if it has one, and otherwise for its first.
    fn fallback_of(&self, picked: &Picked) -> Option<Picked> {
        let fallback = picked.upstream.provider().fallback.as_ref()?;
        let entry = self.entry(&fallback.provider)?;
        let same = || {
            let wanted = picked.model.as_deref()?;
            entry.known_models().into_iter().map(|model| model.name).find(|name| name == wanted)
        };
        let model = fallback.model.clone().or_else(same).or_else(|| entry.first_model());
        Some(Picked { upstream: entry.upstream.clone(), model })
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
    pub(crate) async fn settle(&self, turn: &Turn) -> Result<String, Failure> {
        if let Some(model) = &turn.picked.model {
            return Ok(model.clone());
        }
        let none = || {
            Failure::new(FailureKind::ModelNotFound, turn.provider())
                .with_detail("the provider lists no model")
        };
        let entry = self.entry(turn.provider()).ok_or_else(none)?;
        if entry.first_model().is_none() {
            entry.keep(entry.upstream.models_with(&turn.lease).await?);
        }
        entry.first_model().ok_or_else(none)
    }

    fn entry(&self, provider: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.upstream.provider().name == provider)
    }

    /// What is known of a picked model. `None` while even its name is not.
    pub(crate) fn known(&self, picked: &Picked) -> Option<ModelInfo> {
        let model = picked.model.as_deref()?;
        let provider = picked.upstream.provider();
        let entry = self.entry(&provider.name)?;
        let listed = entry.listed.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let known = listed.iter().flatten().find(|listed| listed.name == model).cloned();
        Some(prices::complete(provider, known.unwrap_or_else(|| ModelInfo::named(model))))
    }

    /// What a model of a provider costs, and where that is known from.
    pub(crate) fn price(&self, provider: &str, model: &str) -> Option<KnownPrice> {
        self.entries.iter().find(|entry| entry.upstream.provider().name == provider)?.price(model)
    }

    /// The same for all models that can be asked.
    pub(crate) fn prices(&self) -> Vec<ModelPrice> {
        let of_entry = |entry: &Entry| {
            let priced = |model: ModelInfo| ModelPrice {
                provider: entry.upstream.provider().name.clone(),
                price: entry.price(&model.name),
                model: model.name,
            };
            entry.known_models().into_iter().map(priced).collect::<Vec<_>>()
        };
        self.entries.iter().flat_map(of_entry).collect()
    }

    /// Asks the providers for their lists, which say what models there are and what they can read.
    /// Where models are configured that is good to know and no more; where none are, what fails is
    /// asked again when it is needed.
    pub(crate) async fn discover(&self) {
        for entry in &self.entries {
            let listed = entry.upstream.models().await.map(|listed| entry.keep(listed));
            if let Err(failure) = listed {
                let provider = &entry.upstream.provider();
                let (name, failure) = (&provider.name, failure.words());
                match provider.models.is_empty() {
                    true => tracing::warn!(provider = name, failure, "models are not listed"),
                    false => tracing::debug!(provider = name, failure, "models are not listed"),
                }
            }
        }
    }

    /// What is known of each provider's keys.
    pub(crate) fn health(&self) -> Vec<ProviderHealth> {
        self.entries.iter().map(|entry| entry.upstream.health()).collect()
    }

    /// Lets a provider's key be used again. False if there is no such key.
    pub(crate) fn use_key_again(&self, provider: &str, index: usize) -> bool {
        self.entry(provider).is_some_and(|entry| entry.upstream.use_key_again(index))
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
