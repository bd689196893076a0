//! Limits that were reached, in words for a person.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::money;

/// What a limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitKind {
    /// Calls that begin within a minute.
    RequestsPerMinute,
    /// Tokens of requests and answers together, within a day.
    TokensPerDay,
    /// Questions of a conversation.
    TurnsPerConversation,
    /// Answers that are being written at the same time.
    ConcurrentAnswers,
    /// Money within a day.
    MoneyPerDay,
    /// Money within a month of the calendar.
    MoneyPerMonth,
}

impl LimitKind {
    /// So much of what it counts, in English: `1 request a minute`, `$5.00 a day`.
    pub fn amount(self, allowed: u64) -> String {
        let s = if allowed == 1 { "" } else { "s" };
        match self {
            Self::RequestsPerMinute => format!("{allowed} request{s} a minute"),
            Self::TokensPerDay => format!("{allowed} token{s} a day"),
            Self::TurnsPerConversation => format!("{allowed} question{s} in a conversation"),
            Self::ConcurrentAnswers => format!("{allowed} answer{s} at the same time"),
            Self::MoneyPerDay => format!("{} a day", money::exact(allowed)),
            Self::MoneyPerMonth => format!("{} a month", money::exact(allowed)),
        }
    }
}

/// A limit that a call would go beyond, or that an answer has gone beyond while it came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitReached {
    /// What it counts.
    pub kind: LimitKind,
    /// How much is allowed; money in picodollars.
    pub allowed: u64,
    /// Whom it holds for: the names of a model, a provider, a person or a token. Empty for all.
    pub holds_for: String,
    /// When there is room again, in the server's time, such as `2026-11-27 00:00:00`. `None` for
    /// what no time resets: turns, and answers that are being written.
    pub resets_at: Option<String>,
    /// The same in seconds from when this was said.
    pub retry_after_s: Option<u64>,
}

/// In English, for programs and the log.
impl fmt::Display for LimitReached {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at most {}", self.kind.amount(self.allowed))?;
        if !self.holds_for.is_empty() {
            write!(f, " for {}", self.holds_for)?;
        }
        match &self.resets_at {
            Some(time) => write!(f, "; there is room again at {time}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for LimitReached {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_says_whom_it_holds_for_and_when_it_resets() {
        let mut reached = LimitReached {
            kind: LimitKind::MoneyPerDay,
            allowed: 5 * money::DOLLAR,
            holds_for: "openai/gpt-5".to_owned(),
            resets_at: Some("2026-11-27 00:00:00".to_owned()),
            retry_after_s: Some(60),
        };
        let words =
            "at most $5.00 a day for openai/gpt-5; there is room again at 2026-11-27 00:00:00";
        assert_eq!(reached.to_string(), words);
        reached = LimitReached {
            kind: LimitKind::ConcurrentAnswers,
            allowed: 2,
            holds_for: String::new(),
            resets_at: None,
            retry_after_s: None,
        };
        assert_eq!(reached.to_string(), "at most 2 answers at the same time");
    }
}
