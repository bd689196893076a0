//! What a person wrote to be kept: how it is looked at, and why it is not saved.

use crate::{
    parameters::{ParameterError, Parameters},
    store::StoreError,
};

/// The longest name, title or command, in characters.
pub(crate) const LONGEST_NAME: usize = 80;

/// The longest description, in characters.
pub(crate) const LONGEST_DESCRIPTION: usize = 300;

/// The longest prompt or system prompt, in characters.
pub(crate) const LONGEST_TEXT: usize = 50_000;

/// Why something was not saved.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// A text without which the rest means nothing is missing.
    #[error("{field} is missing")]
    Missing {
        /// The name of the field.
        field: &'static str,
    },
    /// A text is too long.
    #[error("{field} is too long: at most {limit} characters are allowed")]
    TooLong {
        /// The name of the field.
        field: &'static str,
        /// The most characters allowed.
        limit: usize,
    },
    /// A command has characters that none may have.
    #[error("command: expected letters, digits, `-` and `_`, found {found:?}")]
    NotACommand {
        /// What is there instead.
        found: String,
    },
    /// Another prompt has the command.
    #[error("another prompt has the command /{command}")]
    CommandTaken {
        /// The command.
        command: String,
    },
    /// A text that should be a number is none that is allowed.
    #[error("{field}: expected a number above 0, found {found:?}")]
    NotANumber {
        /// The name of the field.
        field: &'static str,
        /// What is there instead.
        found: String,
    },
    /// A parameter is wrong.
    #[error(transparent)]
    Parameter(#[from] ParameterError),
    /// The system gave no random bytes, without which a token would be no secret.
    #[error("the system gave no random bytes: try again")]
    NoRandomness,
    /// What was to be changed does not exist.
    #[error("it does not exist any more")]
    NotFound,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A text as it is kept: without white space around it, and without NUL characters, at which
/// SQLite's text functions end.
///
/// # Errors
/// If it is too long.
pub(crate) fn text(field: &'static str, text: &str, limit: usize) -> Result<String, SaveError> {
    let kept = text.replace('\0', "\u{FFFD}").replace("\r\n", "\n");
    let kept = kept.trim();
    match kept.chars().nth(limit) {
        Some(_) => Err(SaveError::TooLong { field, limit }),
        None => Ok(kept.to_owned()),
    }
}

/// The same, where there must be something.
pub(crate) fn some_text(
    field: &'static str,
    written: &str,
    limit: usize,
) -> Result<String, SaveError> {
    let kept = text(field, written, limit)?;
    if kept.is_empty() { Err(SaveError::Missing { field }) } else { Ok(kept) }
}

/// A model as it is kept; none if nothing is named.
pub(crate) fn model(model: Option<&str>) -> Result<Option<String>, SaveError> {
    let model = text("model", model.unwrap_or_default(), 200)?;
    Ok((!model.is_empty()).then_some(model))
}

/// Parameters with nothing wrong in them.
pub(crate) fn parameters(parameters: &Parameters) -> Result<(), SaveError> {
    match parameters.mistakes().into_iter().next() {
        Some(mistake) => Err(mistake.into()),
        None => Ok(()),
    }
}
