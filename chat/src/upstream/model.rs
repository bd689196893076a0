//! What is known of models: what their owner configures, and what lists of `/models` say.
//!
//! The lists agree on a name and on nothing else. Read are the fields of OpenRouter
//! (`context_length`, `architecture.input_modalities`, `pricing`), vLLM (`max_model_len`), Groq
//! (`context_window`), Mistral (`max_context_length`, `capabilities.vision`), Anthropic
//! (`max_input_tokens`, `capabilities.image_input.supported`), and llama.cpp (`meta.n_ctx`,
//! `meta.n_ctx_train`, a list of `capabilities`, as Ollama has too).

use std::collections::BTreeMap;

use protocol::{ModelInfo, Price, money};
use serde_json::Value;

/// What is configured about the models of a provider. It wins over what the provider says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModelFacts {
    /// Their context windows, in tokens.
    pub context_window: ForModels<u64>,
    /// Whether they read pictures.
    pub sees: ForModels<bool>,
    /// What they cost.
    pub price: ForModels<Price>,
}

/// A fact about models: for all of them, and for some by their names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForModels<T> {
    /// Holds for those without a fact of their own.
    pub all: Option<T>,
    /// Holds for one.
    pub each: BTreeMap<String, T>,
}

impl<T> Default for ForModels<T> {
    fn default() -> Self {
        Self { all: None, each: BTreeMap::new() }
    }
}

impl<T: Copy> ForModels<T> {
    pub(crate) fn of(&self, model: &str) -> Option<T> {
        self.each.get(model).copied().or(self.all)
    }
}

impl ModelFacts {
    /// What is configured of a model, and otherwise what was known of it.
    pub(crate) fn complete(&self, known: ModelInfo) -> ModelInfo {
        ModelInfo {
            context_window: self.context_window.of(&known.name).or(known.context_window),
            sees: self.sees.of(&known.name).or(known.sees),
            price: self.price.of(&known.name).or(known.price),
            name: known.name,
        }
    }
}

/// The models in a list: `{"data": [{"id": …}]}`, with `models` and `name` in some.
pub(super) fn listed(list: &[u8]) -> Option<Vec<ModelInfo>> {
    let list: Value = serde_json::from_slice(list).ok()?;
    let models = [&list["data"], &list["models"], &list].into_iter().find_map(Value::as_array)?;
    Some(models.iter().filter_map(model).collect())
}

fn model(entry: &Value) -> Option<ModelInfo> {
    let name = ["id", "name"].into_iter().find_map(|field| entry[field].as_str())?;
    Some(ModelInfo {
        name: name.to_owned(),
        context_window: context_window(entry),
        sees: sees(entry),
        price: price(&entry["pricing"]),
    })
}

fn context_window(entry: &Value) -> Option<u64> {
    let meta = &entry["meta"];
    [
        &entry["context_length"],
        &entry["max_model_len"],
        &entry["context_window"],
        &entry["max_context_length"],
        &entry["max_input_tokens"],
        &meta["n_ctx"],
        &meta["n_ctx_train"],
    ]
    .into_iter()
    .filter_map(Value::as_u64)
    .find(|window| *window > 0)
}

/// A list that names what a model can do names seeing if it can, in one of several words.
fn sees(entry: &Value) -> Option<bool> {
    let capabilities = &entry["capabilities"];
    let said = [&capabilities["vision"], &capabilities["image_input"]["supported"]];
    if let Some(sees) = said.into_iter().find_map(Value::as_bool) {
        return Some(sees);
    }
    let named = [
        &entry["architecture"]["input_modalities"],
        &entry["input_modalities"],
        &entry["modalities"],
        capabilities,
    ];
    let words = named.into_iter().find_map(Value::as_array).filter(|words| !words.is_empty())?;
    let seeing = ["image", "vision", "multimodal"];
    Some(words.iter().filter_map(Value::as_str).any(|word| seeing.contains(&word)))
}

/// Prices in dollars for one token, written as texts so that they stay exact.
fn price(pricing: &Value) -> Option<Price> {
    let dollars = |field: &str| {
        // A number is read as it is written, since no binary fraction is exactly a price.
        let for_one = match &pricing[field] {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => return None,
        };
        money::read_decimal(&for_one, 12)
    };
    Some(Price {
        input: dollars("prompt")?,
        output: dollars("completion")?,
        cached_input: dollars("input_cache_read"),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lists_of_models() {
        let check = |list: Value, expected: Option<&[&str]>| {
            let found = listed(list.to_string().as_bytes())
                .map(|models| models.into_iter().map(|model| model.name).collect::<Vec<_>>());
            let expected = expected.map(|names| names.iter().map(|&name| name.into()).collect());
            assert_eq!(found, expected);
        };
        check(json!({"object": "list", "data": [{"id": "b"}, {"id": "a"}]}), Some(&["b", "a"]));
        check(json!({"models": [{"name": "a"}, {"x": 1}]}), Some(&["a"]));
        check(json!([{"id": "a"}]), Some(&["a"]));
        check(json!({"data": []}), Some(&[]));
        check(json!({"error": "x"}), None);
    }

    #[test]
    fn what_lists_say_of_a_model() {
        let check = |mut entry: Value, context_window, sees| {
            entry["id"] = "m".into();
            let expected = ModelInfo { context_window, sees, ..ModelInfo::named("m") };
            assert_eq!(model(&entry), Some(expected), "{entry}");
        };
        check(json!({}), None, None);
        let open_router = json!({
            "context_length": 400_000,
            "architecture": {"input_modalities": ["text", "image"], "modality": "text+image->text"},
        });
        check(open_router, Some(400_000), Some(true));
        check(json!({"architecture": {"input_modalities": ["text"]}}), None, Some(false));
        check(json!({"max_model_len": 32_768}), Some(32_768), None);
        check(json!({"context_window": 131_072, "active": true}), Some(131_072), None);
        let mistral = json!({"max_context_length": 32_000, "capabilities": {"vision": false}});
        check(mistral, Some(32_000), Some(false));
        let anthropic = json!({
            "max_input_tokens": 1_000_000, "capabilities": {"image_input": {"supported": true}},
        });
        check(anthropic, Some(1_000_000), Some(true));
        check(json!({"meta": {"n_ctx_train": 8_192}}), Some(8_192), None);
        check(json!({"meta": {"n_ctx_train": 8_192, "n_ctx": 4_096}}), Some(4_096), None);
        check(json!({"capabilities": ["completion", "vision"]}), None, Some(true));
        check(json!({"capabilities": ["completion", "multimodal"]}), None, Some(true));
        check(json!({"capabilities": ["completion"]}), None, Some(false));
        check(json!({"capabilities": [], "context_length": 0, "meta": null}), None, None);
        check(json!({"context_length": "many", "capabilities": {"chat": true}}), None, None);
    }

    #[test]
    fn prices_of_lists_are_for_one_token() {
        let check = |pricing: Value, expected| assert_eq!(price(&pricing), expected, "{pricing}");
        let pricing = json!({"prompt": "0.00000025", "completion": "0.000002", "input_cache_read": "0.000000025"});
        let expected = Price { input: 250_000, output: 2_000_000, cached_input: Some(25_000) };
        check(pricing, Some(expected));
        check(json!({"prompt": "0", "completion": "0"}), Some(Price::default()));
        check(json!({"prompt": "-1", "completion": "-1"}), None);
        check(json!({"prompt": "0.1"}), None);
        check(Value::Null, None);
    }

    #[test]
    fn what_is_configured_wins() {
        let facts = ModelFacts {
            context_window: ForModels { all: Some(8_000), each: BTreeMap::new() },
            sees: ForModels { all: Some(false), each: [("eye".to_owned(), true)].into() },
            price: ForModels::default(),
        };
        let listed = ModelInfo { context_window: Some(1), sees: None, ..ModelInfo::named("eye") };
        let expected =
            ModelInfo { context_window: Some(8_000), sees: Some(true), ..listed.clone() };
        assert_eq!(facts.complete(listed.clone()), expected);
        assert_eq!(facts.complete(ModelInfo::named("other")).sees, Some(false));
        assert_eq!(ModelFacts::default().complete(listed.clone()), listed);
    }
}
