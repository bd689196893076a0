//! How the virtual model `auto` came to a model.

use serde::{Deserialize, Serialize};

/// How a model was chosen for a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// Who chose it.
    pub by: ChosenBy,
    /// The conditions of the rule, as they stand in the configuration, or the model that was asked.
    /// Empty where there is neither.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub because: String,
}

/// Who chose a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChosenBy {
    /// A rule that fits.
    Rule,
    /// A model that was asked to choose.
    Classifier,
    /// Nobody: no rule fits, and no model is there to be asked.
    Default,
    /// Nobody: the model that was asked gave no answer that could be used.
    Failure,
}
