//! What is known of a model before it is asked.

use serde::{Deserialize, Serialize};

use crate::{Usage, money};

/// A model, and what its owner or its provider says about it.
///
/// Written as a list, `["small", 128000, true, [250000, 2000000, null]]`, since hundreds of models
/// make part of a page, and names of fields would weigh in its code too.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub struct ModelInfo {
    /// Its name, as the provider calls it.
    pub name: String,
    /// The most tokens that a request and its answer may have together.
    pub context_window: Option<u64>,
    /// Whether it reads pictures. `None` if nobody says; it is then let try.
    pub sees: Option<bool>,
    /// What it costs.
    pub price: Option<Price>,
}

type Written = (String, Option<u64>, Option<bool>, Option<(u64, u64, Option<u64>)>);

impl From<Written> for ModelInfo {
    fn from((name, context_window, sees, price): Written) -> Self {
        let price =
            price.map(|(input, output, cached_input)| Price { input, output, cached_input });
        Self { name, context_window, sees, price }
    }
}

impl From<ModelInfo> for Written {
    fn from(model: ModelInfo) -> Self {
        let price = model.price.map(|price| (price.input, price.output, price.cached_input));
        (model.name, model.context_window, model.sees, price)
    }
}

impl ModelInfo {
    /// A model of which only the name is known.
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }
}

/// Prices in millionths of a US dollar for a million tokens, so that 0.25 dollars are 250,000.
/// Whole numbers add up exactly, and a token then costs as many picodollars.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Price {
    /// For tokens of the request.
    pub input: u64,
    /// For tokens of the answer, reasoning included.
    pub output: u64,
    /// For tokens of the request that the provider has cached; `None` if they cost as others.
    pub cached_input: Option<u64>,
}

impl Price {
    /// Of models that cost nothing, such as those on a machine of one's own.
    pub const FREE: Self = Self { input: 0, output: 0, cached_input: None };

    /// Reads a price in US dollars for a million tokens. `None` unless it is a decimal number from 0
    /// to a million.
    pub fn from_dollars(dollars: &str) -> Option<u64> {
        money::read_decimal(dollars, 6).filter(|price| *price <= 1_000_000_000_000)
    }

    /// True if it costs nothing.
    pub fn is_free(&self) -> bool {
        self.input == 0 && self.output == 0
    }

    /// What a call cost, in picodollars, exactly. Tokens from a cache are among those of the request.
    pub fn of(&self, usage: &Usage) -> u64 {
        let input = usage.prompt_tokens.unwrap_or_default();
        let cached = usage.cached_tokens.unwrap_or_default().min(input);
        let output = usage.completion_tokens.unwrap_or_default();
        let cached_input = self.cached_input.unwrap_or(self.input);
        (input - cached)
            .saturating_mul(self.input)
            .saturating_add(cached.saturating_mul(cached_input))
            .saturating_add(output.saturating_mul(self.output))
    }

    /// What so many tokens of a request cost, in picodollars.
    pub fn of_input(&self, tokens: u64) -> u64 {
        tokens.saturating_mul(self.input)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_are_written_shortly() {
        let check = |model: ModelInfo, json: &str| {
            assert_eq!(serde_json::to_string(&model).unwrap(), json);
            assert_eq!(serde_json::from_str::<ModelInfo>(json).unwrap(), model);
        };
        check(ModelInfo::named("small"), r#"["small",null,null,null]"#);
        let price = Price { input: 250_000, output: 2_000_000, cached_input: None };
        let known = ModelInfo {
            context_window: Some(128_000),
            sees: Some(true),
            price: Some(price),
            ..ModelInfo::named("large")
        };
        check(known, r#"["large",128000,true,[250000,2000000,null]]"#);
    }

    #[test]
    fn prices_are_exact() {
        let input = Price::from_dollars("0.25").unwrap();
        assert_eq!(input, 250_000);
        let price = Price { input, ..Price::default() };
        assert_eq!(price.of_input(4_000_000), money::DOLLAR);
        assert_eq!(price.of_input(1), 250_000);
        let usage = Usage {
            prompt_tokens: Some(1_000),
            cached_tokens: Some(600),
            completion_tokens: Some(3),
            reasoning_tokens: None,
        };
        let price = Price { cached_input: Some(25_000), output: 2_000_000, ..price };
        assert_eq!(price.of(&usage), 400 * 250_000 + 600 * 25_000 + 3 * 2_000_000);
        assert_eq!(price.of(&Usage::default()), 0);
        for wrong in ["-1", "NaN", "inf", "1e7"] {
            assert_eq!(Price::from_dollars(wrong), None);
        }
    }
}
