//! Rules: what a question must be like for a model to answer it.

use regex::{Regex, RegexBuilder};

use super::{Language, Likeness, Subject, signs};

/// The most memory that a pattern may take, in bytes. A pattern of a page or two stays below.
const LARGEST_PATTERN: usize = 1 << 20;

/// A rule. All of its conditions must hold.
#[derive(Debug, Clone)]
pub struct Rule {
    /// `provider/model` that answers.
    pub model: String,
    /// Whether there are pictures.
    pub has_images: Option<bool>,
    /// About how many tokens are sent at least.
    pub min_tokens: Option<u64>,
    /// The language of the question.
    pub language: Option<Language>,
    /// What the question looks like.
    pub looks_like: Option<Likeness>,
    /// What is found in the question.
    pub pattern: Option<Pattern>,
}

/// A regular expression. Looking for it takes time in proportion to the text, whatever it is.
#[derive(Debug, Clone)]
pub struct Pattern(Regex);

/// Why a text is no pattern.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct PatternError(#[from] regex::Error);

impl Pattern {
    /// Reads a pattern in the syntax of <https://docs.rs/regex/latest/regex/#syntax>.
    ///
    /// # Errors
    /// If it is none, or a very large one.
    pub fn new(pattern: &str) -> Result<Self, PatternError> {
        Ok(Self(RegexBuilder::new(pattern).size_limit(LARGEST_PATTERN).build()?))
    }
}

impl Rule {
    /// Whether it is for a question.
    pub(super) fn fits(&self, subject: &Subject) -> bool {
        let question = subject.question.as_str();
        self.has_images.is_none_or(|wanted| wanted == subject.has_images)
            && self.min_tokens.is_none_or(|least| subject.tokens >= least)
            && self.language.is_none_or(|language| signs::language(question) == Some(language))
            && self.looks_like.is_none_or(|likeness| likeness.is_of(question))
            && self.pattern.as_ref().is_none_or(|pattern| pattern.0.is_match(question))
    }

    /// Its conditions, as they stand in the configuration.
    pub fn conditions(&self) -> String {
        let conditions = [
            self.has_images.map(|wanted| format!("has_images = {wanted}")),
            self.min_tokens.map(|least| format!("min_tokens = {least}")),
            self.language.map(|language| format!("language = {:?}", language.as_str())),
            self.looks_like.map(|likeness| format!("looks_like = {:?}", likeness.as_str())),
            self.pattern.as_ref().map(|pattern| format!("pattern = '{}'", pattern.0.as_str())),
        ];
        conditions.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}
