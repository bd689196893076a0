//! Which model a setting means: `provider/model`, or the name of a model alone.

use std::fmt;

use chat::upstream::Provider;

use super::mistake::meant;

/// A model of a provider, or the virtual one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelChoice {
    /// The provider's name, which is one of those configured. Empty for the virtual model `auto`.
    pub provider: String,
    /// The model's name, as the provider knows it.
    pub model: String,
}

impl ModelChoice {
    /// The virtual model, for which one is chosen by the question.
    pub fn auto() -> Self {
        Self { provider: String::new(), model: chat::auto::AUTO.to_owned() }
    }

    /// Whether it is the virtual model.
    pub fn is_auto(&self) -> bool {
        *self == Self::auto()
    }
}

impl fmt::Display for ModelChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.provider.as_str() {
            "" => f.write_str(&self.model),
            provider => write!(f, "{provider}/{}", self.model),
        }
    }
}

/// What OpenAI answers with when no model was chosen. Its own list begins with models that do not
/// chat at all, so its first entry would be a bad choice.
const OPENAI_MODEL: &str = "gpt-5-mini";

/// The model that answers when none is configured: the first one of the first provider. `None` if
/// there is no provider, or if its models are known only to itself.
pub fn default_model(providers: &[Provider]) -> Option<ModelChoice> {
    let first = providers.first()?;
    let at_openai = first.base_url.host_str() == Some("api.openai.com");
    let model = match first.models.first() {
        Some(model) => model.clone(),
        None if at_openai => OPENAI_MODEL.to_owned(),
        None => return None,
    };
    Some(ModelChoice { provider: first.name.clone(), model })
}

/// The model that a text means.
///
/// A model's own name may hold slashes, so a text is first looked for among the models that the
/// configuration lists, then taken apart, and then given to the first provider without a list.
///
/// # Errors
/// Words that say what was expected: no provider can have this model.
pub fn resolve(text: &str, providers: &[Provider]) -> Result<ModelChoice, String> {
    let choice = |provider: &Provider, model: &str| ModelChoice {
        provider: provider.name.clone(),
        model: model.to_owned(),
    };
    if let Some(provider) = providers.iter().find(|p| p.models.iter().any(|model| model == text)) {
        return Ok(choice(provider, text));
    }
    let split = text.split_once('/').and_then(|(name, model)| {
        providers.iter().find(|provider| provider.name == name).map(|provider| (provider, model))
    });
    if let Some((provider, model)) = split {
        let listed = provider.models.is_empty() || provider.models.iter().any(|m| m == model);
        if listed && !model.is_empty() {
            return Ok(choice(provider, model));
        }
    } else if let Some(provider) = providers.iter().find(|provider| provider.models.is_empty()) {
        return Ok(choice(provider, text));
    }

    let allowed: Vec<String> = providers
        .iter()
        .flat_map(|provider| match provider.models.as_slice() {
            [] => vec![format!("{}/…", provider.name)],
            models => models.iter().map(|model| choice(provider, model).to_string()).collect(),
        })
        .collect();
    let suggestion = meant(text, allowed.iter().map(String::as_str))
        .map(|meant| format!("; did you mean {meant:?}?"))
        .unwrap_or_default();
    let allowed = allowed.join(", ");
    Err(format!("expected one of {allowed}, found {}{suggestion}", super::reading::shown(text)))
}
