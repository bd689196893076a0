//! The variables of the environment, with those of `.env` beneath them. They are a plain map, so
//! that a test can bring its own and nothing changes the environment of the process.

use std::collections::BTreeMap;
use std::path::Path;

use super::mistake::{Mistake, Source};

/// Variables by name. There is no `Debug` on purpose: most of them are none of our business, and
/// some are secret.
#[derive(Default)]
pub struct Environment {
    variables: BTreeMap<String, String>,
    dot_env: BTreeMap<String, String>,
}

impl Environment {
    /// The variables of this process, and of `.env` in a folder.
    ///
    /// # Errors
    /// `.env` is there but cannot be read.
    pub fn of_process(folder: &Path) -> Result<Self, Mistake> {
        let variables = std::env::vars_os()
            .map(|(name, value)| {
                (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned())
            })
            .collect();
        match std::fs::read_to_string(folder.join(".env")) {
            Ok(text) => Self::new(variables, &text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Self::new(variables, ""),
            Err(error) => Err(Mistake::overall(format!(".env: cannot be read: {error}"))),
        }
    }

    /// Given variables, over those of the text of a `.env` file.
    ///
    /// # Errors
    /// A line of the text is not of the form `NAME=value`.
    pub fn new(variables: BTreeMap<String, String>, dot_env: &str) -> Result<Self, Mistake> {
        let read: BTreeMap<String, String> = dotenvy::from_read_iter(dot_env.as_bytes())
            .collect::<Result<_, _>>()
            .map_err(|error| bad_line(dot_env, &error))?;
        refuse_cut_password(dot_env, &read)?;
        Ok(Self { variables, dot_env: read })
    }

    /// A variable and where it stands. An empty one counts as not set, so that a variable can be
    /// switched off in a shell script.
    pub fn get(&self, name: &str) -> Option<(&str, Source)> {
        let set = |variables: &'_ BTreeMap<String, String>| {
            variables.get(name).is_some_and(|value| !value.trim().is_empty())
        };
        if set(&self.variables) {
            Some((&self.variables[name], Source::Environment(name.to_owned())))
        } else if set(&self.dot_env) {
            Some((&self.dot_env[name], Source::DotEnv(name.to_owned())))
        } else {
            None
        }
    }

    /// The names of all variables, set or empty.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.variables.keys().chain(self.dot_env.keys()).map(String::as_str)
    }
}

/// A `$` begins the name of a variable in `.env`, so `pa$word` would quietly become `pa`, and its
/// owner would be locked out.
fn refuse_cut_password(text: &str, read: &BTreeMap<String, String>) -> Result<(), Mistake> {
    const NAME: &str = "INGLENOOK_PASSWORD";
    let written = |line: &&str| {
        let line = line.trim_start();
        let line = line.strip_prefix("export ").unwrap_or(line);
        line.strip_prefix(NAME).is_some_and(|rest| rest.trim_start().starts_with('='))
    };
    let has_dollar = text.lines().filter(written).any(|line| line.contains('$'));
    if has_dollar && read.get(NAME).is_some_and(|password| !password.contains('$')) {
        let words = "expected single quotes around it, since it holds a `$`";
        return Err(Mistake::at(Source::DotEnv(NAME.to_owned()), words));
    }
    Ok(())
}

/// Says which line is wrong, without repeating it, since it may hold a key.
fn bad_line(text: &str, error: &dotenvy::Error) -> Mistake {
    let line = match error {
        dotenvy::Error::LineParse(found, _) => {
            let first = found.lines().next().unwrap_or_default();
            text.lines().position(|line| !first.is_empty() && line.starts_with(first))
        }
        _ => None,
    };
    let words = "expected NAME=value; a value with spaces, quotes, `#` or `$` stands between \
                 single quotes";
    match line {
        Some(index) => Mistake::overall(format!(".env:{}: {words}", index + 1)),
        None => Mistake::overall(format!(".env: {words}")),
    }
}
