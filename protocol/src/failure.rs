//! Why an answer failed, in a closed set of kinds, each with words for a person and a remedy.

use serde::{Deserialize, Serialize};

use crate::LimitReached;

/// What went wrong with an upstream call, or with storing what it said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// No provider is configured, or the one asked for is gone.
    NoProvider,
    /// No connection came about: name resolution, refusal, TLS, proxy.
    Unreachable,
    /// The upstream refused the key (401).
    Unauthorised,
    /// The upstream knows the key and does not allow this with it (403): a model that the account lacks, or
    /// a question that its rules forbid. Other requests may do well with the same key.
    Forbidden,
    /// Too many requests for now (429).
    RateLimited,
    /// The account has no credit left (402, or 429 with `insufficient_quota`).
    OutOfQuota,
    /// The conversation does not fit into the model's context window.
    ContextTooLong,
    /// The upstream does not know the model (404).
    ModelNotFound,
    /// The upstream refused the request for another reason (other 4xx).
    Refused,
    /// The upstream is overloaded or broken (5xx).
    UpstreamError,
    /// The upstream was silent for longer than its provider's timeout allows.
    TimedOut,
    /// The connection ended before the upstream said it was done.
    CutOff,
    /// The upstream sent something that is not a completion.
    Malformed,
    /// The answer could not be stored, so it was stopped.
    Storage,
    /// A file that belongs to the conversation cannot be read any more.
    FileMissing,
    /// The answer went beyond a limit that the owner has set, and was ended.
    LimitReached,
}

/// A failure as a person meets it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// Which kind of failure it is.
    pub kind: FailureKind,
    /// The name of the provider it happened with. Empty where there was none.
    pub provider: String,
    /// The upstream's own words, shortened and without secrets.
    pub detail: Option<String>,
    /// Seconds after which the upstream wants to be asked again.
    pub retry_after_s: Option<u64>,
    /// Which limit was reached, if one was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Box<LimitReached>>,
}

impl Failure {
    /// A failure of a kind at a provider, with nothing further known.
    pub fn new(kind: FailureKind, provider: impl Into<String>) -> Self {
        Self { kind, provider: provider.into(), detail: None, retry_after_s: None, limit: None }
    }

    /// The same failure with the upstream's own words.
    pub fn with_detail(self, detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..self }
    }

    /// Whether the same request may do better with another key or at another provider: what is wrong
    /// lies with the key, the provider or the way to it, and not with the request.
    pub fn may_pass_elsewhere(&self) -> bool {
        match self.kind {
            FailureKind::Unreachable
            | FailureKind::Unauthorised
            | FailureKind::Forbidden
            | FailureKind::RateLimited
            | FailureKind::OutOfQuota
            | FailureKind::UpstreamError
            | FailureKind::TimedOut
            | FailureKind::CutOff => true,
            FailureKind::NoProvider
            | FailureKind::ContextTooLong
            | FailureKind::ModelNotFound
            | FailureKind::Refused
            | FailureKind::Malformed
            | FailureKind::Storage
            | FailureKind::FileMissing
            | FailureKind::LimitReached => false,
        }
    }

    /// An answer that was ended because it went beyond a limit.
    pub fn of_limit(reached: LimitReached, provider: impl Into<String>) -> Self {
        Self { limit: Some(Box::new(reached)), ..Self::new(FailureKind::LimitReached, provider) }
    }

    /// What happened, in one sentence.
    pub fn words(&self) -> String {
        let provider = match self.provider.as_str() {
            "" => "the provider",
            name => name,
        };
        match self.kind {
            FailureKind::NoProvider => "No provider is set up to answer.".to_owned(),
            FailureKind::Unreachable => format!("Could not connect to {provider}."),
            FailureKind::Unauthorised => format!("The key for {provider} was not accepted."),
            FailureKind::Forbidden => format!("This is not allowed by {provider}."),
            FailureKind::RateLimited => format!("Too many requests to {provider} just now."),
            FailureKind::OutOfQuota => format!("The account at {provider} has no credit left."),
            FailureKind::ContextTooLong => {
                "The conversation is longer than this model can read.".to_owned()
            }
            FailureKind::ModelNotFound => format!("The model was not found at {provider}."),
            FailureKind::Refused => format!("The request was refused by {provider}."),
            FailureKind::UpstreamError => format!("An error happened at {provider}."),
            FailureKind::TimedOut => {
                format!("No more came from {provider} within the time allowed.")
            }
            FailureKind::CutOff => format!("The connection to {provider} was cut."),
            FailureKind::Malformed => format!("Something unreadable came from {provider}."),
            FailureKind::Storage => "The answer could not be stored, so it was stopped.".to_owned(),
            FailureKind::FileMissing => {
                "A file of this conversation cannot be read any more.".to_owned()
            }
            FailureKind::LimitReached => match &self.limit {
                Some(limit) => format!("The answer was ended by a limit: {limit}."),
                None => "The answer was ended by a limit.".to_owned(),
            },
        }
    }

    /// What the person, or the operator, can do about it, in one sentence.
    pub fn remedy(&self) -> String {
        match self.kind {
            FailureKind::NoProvider => {
                "Set OPENAI_API_KEY or add a provider to inglenook.toml, then start again."
            }
            FailureKind::Unreachable => {
                "Check the network and the provider's base_url, then retry."
            }
            FailureKind::Unauthorised => {
                "Correct the key in inglenook.toml or OPENAI_API_KEY and restart Inglenook, or let it be used again on the page of settings; then retry."
            }
            FailureKind::Forbidden => {
                "Read what the provider says below: the key may not be allowed this, or the question may break its rules."
            }
            FailureKind::RateLimited => match self.retry_after_s {
                Some(seconds) => return format!("Retry in {}.", in_words(seconds)),
                None => "Wait a little, then retry.",
            },
            FailureKind::OutOfQuota => match self.retry_after_s {
                Some(seconds) => {
                    return format!(
                        "Add credit at the provider, then let the key be used again on the page of settings; by itself it is in {}.",
                        in_words(seconds)
                    );
                }
                None => "Add credit at the provider, or use another one.",
            },
            FailureKind::ContextTooLong => "Start a new conversation, or choose a larger model.",
            FailureKind::ModelNotFound => "Choose another model, or correct its name in inglenook.toml.",
            FailureKind::Refused => "Read what the provider says below, change the question or the settings, then retry.",
            FailureKind::UpstreamError => "This is usually brief: retry.",
            FailureKind::TimedOut => "Retry, or raise idle_timeout_s for this provider.",
            FailureKind::CutOff => "What came is kept: continue or retry.",
            FailureKind::Malformed => "Check that base_url points at an OpenAI-compatible API, then retry.",
            FailureKind::Storage => "Make room on the disk that holds the data folder, then retry.",
            FailureKind::FileMissing => {
                "Put the folder `files` of the data folder back from a backup, or ask anew without the file."
            }
            FailureKind::LimitReached => {
                "What came is kept. Continue when there is room again, or raise the limit in inglenook.toml."
            }
        }
        .to_owned()
    }
}

/// A length of time in the unit that suits it, rounded up, in English.
pub fn in_words(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds.div_ceil(60)),
        _ => format!("{} h", seconds.div_ceil(3_600)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_name_the_provider_and_remedies_say_when() {
        let mut failure = Failure::new(FailureKind::RateLimited, "openai");
        assert_eq!(failure.words(), "Too many requests to openai just now.");
        failure.retry_after_s = Some(20);
        assert_eq!(failure.remedy(), "Retry in 20 s.");
        failure.retry_after_s = Some(121);
        assert_eq!(failure.remedy(), "Retry in 3 min.");
        let failure =
            Failure { kind: FailureKind::OutOfQuota, retry_after_s: Some(21_599), ..failure };
        assert!(failure.remedy().ends_with("by itself it is in 6 h."), "{}", failure.remedy());
    }
}
