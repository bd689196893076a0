//! A mistake in the configuration: where it stands, and what is allowed there.

use std::fmt;

/// Where a value stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// An option of the command line, by its name with dashes.
    CommandLine(&'static str),
    /// A variable of the environment.
    Environment(String),
    /// A variable in the `.env` file of the working directory.
    DotEnv(String),
    /// A line of the configuration file.
    File {
        /// The file, as it was named.
        file: String,
        /// The line, counted from 1.
        line: usize,
        /// The key with the way to it, such as `providers[0].name`; empty for the line itself.
        key: String,
    },
    /// Nowhere: it is what holds when nothing was said.
    Default,
}

/// Where a value came from, as `inglenook check` prints it.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CommandLine(option) => write!(f, "command line, {option}"),
            Self::Environment(variable) => write!(f, "environment, {variable}"),
            Self::DotEnv(variable) => write!(f, ".env, {variable}"),
            Self::File { file, line, .. } => write!(f, "{file}, line {line}"),
            Self::Default => write!(f, "default"),
        }
    }
}

/// One mistake. Its words never hold a secret, so it may be printed and logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    source: Option<Source>,
    words: String,
}

impl Mistake {
    /// A mistake in one value.
    pub fn at(source: Source, words: impl Into<String>) -> Self {
        Self { source: Some(source), words: words.into() }
    }

    /// A mistake that lies in no single value.
    pub fn overall(words: impl Into<String>) -> Self {
        Self { source: None, words: words.into() }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.source {
            Some(Source::CommandLine(name)) => write!(f, "{name}: ")?,
            Some(Source::Environment(name)) => write!(f, "{name}: ")?,
            Some(Source::DotEnv(name)) => write!(f, ".env: {name}: ")?,
            Some(Source::File { file, line, key }) if key.is_empty() => {
                write!(f, "{file}:{line}: ")?
            }
            Some(Source::File { file, line, key }) => write!(f, "{file}:{line}: {key}: ")?,
            Some(Source::Default) | None => {}
        }
        f.write_str(&self.words)
    }
}

/// All mistakes found, one to a line, so that they can be mended in one go.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct Mistakes(pub Vec<Mistake>);

impl From<Mistake> for Mistakes {
    fn from(mistake: Mistake) -> Self {
        Self(vec![mistake])
    }
}

impl Mistakes {
    /// Puts them in the order in which they are read: by layer, within the file by line.
    pub fn sort(&mut self) {
        self.0.sort_by_key(|mistake| match &mistake.source {
            Some(Source::CommandLine(_)) => (0, 0),
            Some(Source::Environment(_)) => (1, 0),
            Some(Source::DotEnv(_)) => (2, 0),
            Some(Source::File { line, .. }) => (3, *line),
            Some(Source::Default) | None => (4, 0),
        });
    }
}

/// The allowed name that was most likely meant: one with few other letters, or a longer or shorter
/// form of the same word.
pub fn meant<'a>(typed: &str, allowed: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let alike = |name: &str, distance: usize| {
        let same_beginning = typed.starts_with(name) || name.starts_with(typed);
        distance <= 1 + name.len() / 4 || (typed.len() > 2 && same_beginning)
    };
    allowed
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(typed, name), name))
        .filter(|(distance, name)| alike(name, *distance))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}
