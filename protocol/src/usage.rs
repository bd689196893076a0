//! What an answer took: tokens and time.

use serde::{Deserialize, Serialize};

/// Tokens of one upstream call, as the upstream counted them. `None` where it did not say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Tokens of the request, cached ones included.
    pub prompt_tokens: Option<u64>,
    /// Tokens of the answer, reasoning included.
    pub completion_tokens: Option<u64>,
    /// The part of `prompt_tokens` that the upstream read from its cache.
    pub cached_tokens: Option<u64>,
    /// The part of `completion_tokens` that was spent on reasoning.
    pub reasoning_tokens: Option<u64>,
}

/// How long an answer took, in milliseconds since its request was sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timings {
    /// When the first delta came, reasoning or content. `None` if none came.
    pub first_token_ms: Option<u64>,
    /// When the first content came after reasoning: how long the model thought.
    pub reasoning_ms: Option<u64>,
    /// When the answer ended, however it ended.
    pub total_ms: Option<u64>,
}
