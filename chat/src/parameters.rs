//! What is asked of a model beside the conversation: temperature, length and the like.

mod reading;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use reading::ParameterTexts;

use crate::upstream::MaxTokensField;

/// The most sequences that end an answer. OpenAI takes four, other servers more.
const MOST_STOPS: usize = 16;

/// The most that the free fields may have as JSON, in bytes.
const LONGEST_MORE: usize = 16 << 10;

/// Fields that the engine itself decides.
const RESERVED: [&str; 5] = ["model", "messages", "stream", "stream_options", "n"];

/// The parameters of answers. What is not set is not sent, so that the provider decides.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Parameters {
    /// How freely words are drawn, from 0 to 2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// From how much of the probability words are drawn, from 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top_p: Option<f64>,
    /// The most tokens of an answer, at least 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<u32>,
    /// Texts that end an answer when they come.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stop: Vec<String>,
    /// What the drawing of words starts from, so that it can be repeated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<i64>,
    /// How long a reasoning model thinks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning_effort: Option<ReasoningEffort>,
    /// Any other fields of the request.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub more: Map<String, Value>,
}

/// How long a reasoning model thinks, in the words of
/// <https://platform.openai.com/docs/api-reference/chat/create>.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReasoningEffort {
    /// Not at all.
    None,
    /// As little as can be.
    Minimal,
    /// A little.
    Low,
    /// Neither little nor long.
    Medium,
    /// Long.
    High,
    /// As long as can be.
    XHigh,
}

impl ReasoningEffort {
    /// All of them, from none to most.
    pub const ALL: [Self; 6] =
        [Self::None, Self::Minimal, Self::Low, Self::Medium, Self::High, Self::XHigh];

    /// The word for it in requests.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Minimal => "minimal",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::XHigh => "xhigh",
        }
    }
}

/// One of the parameters, for saying which one is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are the fields of `Parameters`")]
pub enum ParameterField {
    Temperature,
    TopP,
    MaxTokens,
    Stop,
    Seed,
    ReasoningEffort,
    More,
}

impl ParameterField {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 7] = [
        Self::Temperature,
        Self::TopP,
        Self::MaxTokens,
        Self::Stop,
        Self::Seed,
        Self::ReasoningEffort,
        Self::More,
    ];

    /// Its name in forms and in [`Parameters`].
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Temperature => "temperature",
            Self::TopP => "top_p",
            Self::MaxTokens => "max_tokens",
            Self::Stop => "stop",
            Self::Seed => "seed",
            Self::ReasoningEffort => "reasoning_effort",
            Self::More => "more",
        }
    }
}

/// What is wrong with a parameter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParameterError {
    /// It is no number, or not a whole one where only those mean something.
    #[error("{}: expected a number, found {found:?}", field.as_str())]
    NotANumber {
        /// The parameter.
        field: ParameterField,
        /// What is there instead.
        found: String,
    },
    /// It is a number beyond what providers take.
    #[error("{}: expected {least} to {most}", field.as_str())]
    OutOfRange {
        /// The parameter.
        field: ParameterField,
        /// The least allowed.
        least: i64,
        /// The most allowed.
        most: i64,
    },
    /// It is none of the words for an effort.
    #[error(
        "reasoning_effort: expected none, minimal, low, medium, high or xhigh, found {found:?}"
    )]
    UnknownEffort {
        /// What is there instead.
        found: String,
    },
    /// A stop sequence has no text, so every answer would end at once.
    #[error("stop: a sequence is empty")]
    EmptyStop,
    /// There are too many stop sequences.
    #[error("stop: at most {most} sequences are allowed")]
    TooManyStops {
        /// The most allowed.
        most: usize,
    },
    /// The free fields are not JSON.
    #[error("more: this is not JSON: {detail}")]
    NotJson {
        /// What the parser says, with line and column.
        detail: String,
    },
    /// The free fields are JSON, and no object.
    #[error("more: expected a JSON object such as {{\"top_k\": 40}}")]
    NotAnObject,
    /// The free fields are too many or too long.
    #[error("more: at most {limit} bytes are allowed")]
    TooLong {
        /// The most bytes allowed.
        limit: usize,
    },
    /// A free field is one that the engine decides.
    #[error("more: {name:?} is set by Inglenook itself and cannot be changed here")]
    Reserved {
        /// Its name.
        name: String,
    },
    /// A free field is one of the other parameters.
    #[error("more: {name:?} has a field of its own; set it there")]
    HasItsOwnField {
        /// Its name.
        name: String,
    },
}

impl ParameterError {
    /// The parameter that is wrong.
    pub fn field(&self) -> ParameterField {
        match self {
            Self::NotANumber { field, .. } | Self::OutOfRange { field, .. } => *field,
            Self::UnknownEffort { .. } => ParameterField::ReasoningEffort,
            Self::EmptyStop | Self::TooManyStops { .. } => ParameterField::Stop,
            Self::NotJson { .. }
            | Self::NotAnObject
            | Self::TooLong { .. }
            | Self::Reserved { .. }
            | Self::HasItsOwnField { .. } => ParameterField::More,
        }
    }
}

impl Parameters {
    /// True if nothing is set.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Everything that is wrong; empty if nothing is.
    pub fn mistakes(&self) -> Vec<ParameterError> {
        let mut mistakes = Vec::new();
        let ranges = [
            (ParameterField::Temperature, self.temperature, 0, 2),
            (ParameterField::TopP, self.top_p, 0, 1),
            (ParameterField::MaxTokens, self.max_tokens.map(f64::from), 1, i64::from(u32::MAX)),
        ];
        for (field, value, least, most) in ranges {
            if value.is_some_and(|value| !(least as f64..=most as f64).contains(&value)) {
                mistakes.push(ParameterError::OutOfRange { field, least, most });
            }
        }
        if self.stop.iter().any(String::is_empty) {
            mistakes.push(ParameterError::EmptyStop);
        }
        if self.stop.len() > MOST_STOPS {
            mistakes.push(ParameterError::TooManyStops { most: MOST_STOPS });
        }
        for name in self.more.keys() {
            let name = name.clone();
            if RESERVED.contains(&name.as_str()) {
                mistakes.push(ParameterError::Reserved { name });
            } else if has_its_own_field(&name) {
                mistakes.push(ParameterError::HasItsOwnField { name });
            }
        }
        let length = serde_json::to_string(&self.more).map_or(usize::MAX, |json| json.len());
        if length > LONGEST_MORE {
            mistakes.push(ParameterError::TooLong { limit: LONGEST_MORE });
        }
        mistakes
    }

    /// These, and where they say nothing, the defaults. Free fields are taken one by one.
    pub fn over(&self, defaults: &Self) -> Self {
        let mut more = defaults.more.clone();
        more.extend(self.more.clone());
        let stop = if self.stop.is_empty() { &defaults.stop } else { &self.stop };
        Self {
            temperature: self.temperature.or(defaults.temperature),
            top_p: self.top_p.or(defaults.top_p),
            max_tokens: self.max_tokens.or(defaults.max_tokens),
            stop: stop.clone(),
            seed: self.seed.or(defaults.seed),
            reasoning_effort: self.reasoning_effort.or(defaults.reasoning_effort),
            more,
        }
    }

    /// The fields of a request: those that are set, and nothing else.
    pub fn fields(&self, max_tokens: MaxTokensField) -> Map<String, Value> {
        let mut fields = self.more.clone();
        let mut set = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                fields.insert(name.to_owned(), value);
            }
        };
        set("temperature", self.temperature.map(Value::from));
        set("top_p", self.top_p.map(Value::from));
        set(max_tokens.as_str(), self.max_tokens.map(Value::from));
        set("stop", (!self.stop.is_empty()).then(|| Value::from(self.stop.clone())));
        set("seed", self.seed.map(Value::from));
        let effort = self.reasoning_effort.map(ReasoningEffort::as_str);
        set("reasoning_effort", effort.map(Value::from));
        fields
    }
}

fn has_its_own_field(name: &str) -> bool {
    let max_tokens = [MaxTokensField::MaxTokens, MaxTokensField::MaxCompletionTokens];
    ParameterField::ALL.iter().any(|field| field.as_str() == name)
        || max_tokens.iter().any(|field| field.as_str() == name)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parameters(json: Value) -> Parameters {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn what_is_wrong_is_said_precisely() {
        #[track_caller]
        fn check(json: Value, expected: &[&str]) {
            let mistakes = parameters(json).mistakes();
            let words: Vec<_> = mistakes.iter().map(ToString::to_string).collect();
            assert_eq!(words, expected);
        }
        check(json!({}), &[]);
        check(json!({"temperature": 0, "top_p": 1, "max_tokens": 1, "seed": -1}), &[]);
        check(json!({"temperature": 2, "top_p": 0, "max_tokens": 4_294_967_295_u32}), &[]);
        check(json!({"temperature": 2.01}), &["temperature: expected 0 to 2"]);
        check(json!({"temperature": -0.1}), &["temperature: expected 0 to 2"]);
        check(json!({"top_p": 1.5}), &["top_p: expected 0 to 1"]);
        check(json!({"max_tokens": 0}), &["max_tokens: expected 1 to 4294967295"]);
        check(json!({"stop": ["a", ""]}), &["stop: a sequence is empty"]);
        check(json!({"stop": vec!["a"; 17]}), &["stop: at most 16 sequences are allowed"]);
        for name in ["model", "messages", "stream", "stream_options", "n"] {
            let words =
                format!("more: {name:?} is set by Inglenook itself and cannot be changed here");
            check(json!({"more": {name: 1}}), &[&words]);
        }
        for name in ["temperature", "stop", "more", "max_completion_tokens"] {
            let words = format!("more: {name:?} has a field of its own; set it there");
            check(json!({"more": {name: 1}}), &[&words]);
        }
        let long = "x".repeat(16 << 10);
        check(json!({"more": {"long": long}}), &["more: at most 16384 bytes are allowed"]);
        let both = ["temperature: expected 0 to 2", "top_p: expected 0 to 1"];
        check(json!({"temperature": 9, "top_p": 9}), &both);
    }

    #[test]
    fn no_number_beyond_all_numbers_passes() {
        for temperature in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let parameters = Parameters { temperature: Some(temperature), ..Parameters::default() };
            assert_eq!(parameters.mistakes().len(), 1, "{temperature}");
        }
    }

    #[test]
    fn own_parameters_stand_over_the_defaults() {
        #[track_caller]
        fn check(own: Value, defaults: Value, expected: Value) {
            let effective = parameters(own).over(&parameters(defaults));
            assert_eq!(serde_json::to_value(effective).unwrap(), expected);
        }
        check(json!({}), json!({}), json!({}));
        check(json!({}), json!({"temperature": 1.0}), json!({"temperature": 1.0}));
        check(
            json!({"temperature": 0.0}),
            json!({"temperature": 1.0}),
            json!({"temperature": 0.0}),
        );
        check(json!({"stop": ["a"]}), json!({"stop": ["b", "c"]}), json!({"stop": ["a"]}));
        check(
            json!({"more": {"top_k": 1}}),
            json!({"more": {"top_k": 2, "min_p": 0.1}, "seed": 3}),
            json!({"more": {"top_k": 1, "min_p": 0.1}, "seed": 3}),
        );
    }

    #[test]
    fn only_what_is_set_is_sent() {
        #[track_caller]
        fn check(json: Value, field: MaxTokensField, expected: Value) {
            assert_eq!(Value::Object(parameters(json).fields(field)), expected);
        }
        check(json!({}), MaxTokensField::MaxTokens, json!({}));
        check(json!({"max_tokens": 9}), MaxTokensField::MaxTokens, json!({"max_tokens": 9}));
        check(
            json!({"max_tokens": 9}),
            MaxTokensField::MaxCompletionTokens,
            json!({"max_completion_tokens": 9}),
        );
        check(
            json!({
                "temperature": 0.5, "top_p": 0.9, "stop": ["END"], "seed": 7,
                "reasoning_effort": "xhigh", "more": {"top_k": 40, "logit_bias": {"1": -100}},
            }),
            MaxTokensField::MaxTokens,
            json!({
                "temperature": 0.5, "top_p": 0.9, "stop": ["END"], "seed": 7,
                "reasoning_effort": "xhigh", "top_k": 40, "logit_bias": {"1": -100},
            }),
        );
    }

    #[test]
    fn efforts_have_one_word_everywhere() {
        for effort in ReasoningEffort::ALL {
            assert_eq!(serde_json::to_value(effort).unwrap(), effort.as_str());
        }
    }
}
