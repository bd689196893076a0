//! Whether somebody else than the small local model can answer. The server alone reads and judges
//! the configuration; this only looks for the traces of a provider, so that nothing is fetched for
//! people who have one. What cannot be read counts as empty: the server then says what is wrong.

use std::env;
use std::fs;
use std::path::PathBuf;

/// Variables that make a provider by themselves.
const ENOUGH: [&str; 3] = ["OPENAI_API_KEY", "OPENAI_BASE_URL", crate::local_model::URL_VARIABLE];

/// Whether the server, started here with these arguments, will have a provider.
pub fn configured(arguments: &[String]) -> bool {
    let dot_env = fs::read_to_string(".env").unwrap_or_default();
    let variable = |name: &str| variable(name, env::var(name).ok(), &dot_env);
    if ENOUGH.iter().any(|name| variable(name).is_some()) {
        return true;
    }
    let named = option(arguments, "--config").or_else(|| variable("INGLENOOK_CONFIG"));
    let files = match named {
        Some(file) => vec![PathBuf::from(file)],
        None => standard_files(variable("XDG_CONFIG_HOME"), variable("HOME")),
    };
    let file = files.into_iter().find(|file| file.is_file());
    file.and_then(|file| fs::read_to_string(file).ok()).is_some_and(|text| has_providers(&text))
}

/// Where the server looks for its file if none is named.
fn standard_files(config_home: Option<String>, home: Option<String>) -> Vec<PathBuf> {
    let base = config_home
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .or_else(|| home.map(|home| PathBuf::from(home).join(".config")));
    let personal = base.map(|base| base.join("inglenook/inglenook.toml"));
    [Some(PathBuf::from("inglenook.toml")), personal].into_iter().flatten().collect()
}

/// A variable of the environment, else of the `.env` file; an empty one counts as not set.
fn variable(name: &str, environment: Option<String>, dot_env: &str) -> Option<String> {
    let filled = |value: &String| !value.trim().is_empty();
    let mut in_file = dot_env.lines().filter_map(|line| assignment(line, name));
    environment.filter(filled).or_else(|| in_file.find(filled))
}

/// The value if this line of a `.env` file sets the variable.
fn assignment(line: &str, name: &str) -> Option<String> {
    let line = line.trim_start();
    let (key, value) = line.strip_prefix("export ").unwrap_or(line).split_once('=')?;
    if key.trim() != name {
        return None;
    }
    let value = value.trim();
    let bare = value.split(" #").next().unwrap_or(value);
    let bare = if bare.starts_with('#') { "" } else { bare };
    Some(bare.trim().trim_matches(['"', '\'']).to_owned())
}

/// The value of `--name value` or `--name=value`.
fn option(arguments: &[String], name: &str) -> Option<String> {
    arguments.iter().enumerate().find_map(|(at, argument)| {
        if argument == name {
            return arguments.get(at + 1).cloned();
        }
        argument.strip_prefix(name)?.strip_prefix('=').map(str::to_owned)
    })
}

/// Whether a TOML file has a `providers` table or list. Reading lines is exact enough here and
/// spares every first start the compiling of a TOML parser.
fn has_providers(toml: &str) -> bool {
    toml.lines().any(|line| {
        let line: String = line.split('#').next().unwrap_or("").split_whitespace().collect();
        line == "[[providers]]" || line.starts_with("providers=[{") || line == "providers=["
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_found_in_the_environment_and_in_dot_env() {
        for (environment, dot_env, expected) in [
            (Some("sk-1"), "", Some("sk-1")),
            (Some("sk-1"), "OPENAI_API_KEY=sk-2", Some("sk-1")),
            (Some(" "), "OPENAI_API_KEY=sk-2", Some("sk-2")),
            (None, "OTHER=1\nOPENAI_API_KEY=sk-2\n", Some("sk-2")),
            (None, "  export OPENAI_API_KEY = \"sk-2\" # mine", Some("sk-2")),
            (None, "OPENAI_API_KEY='sk-2'", Some("sk-2")),
            (None, "# OPENAI_API_KEY=sk-2", None),
            (None, "OPENAI_API_KEY=", None),
            (None, "OPENAI_API_KEY=\"\"", None),
            (None, "OPENAI_API_KEY= # to be filled in", None),
            (None, "OPENAI_API_KEY", None),
            (None, "MY_OPENAI_API_KEY=sk-2", None),
        ] {
            let found = variable("OPENAI_API_KEY", environment.map(str::to_owned), dot_env);
            assert_eq!(found.as_deref(), expected, "{environment:?} {dot_env:?}");
        }
    }

    #[test]
    fn providers_are_found_in_a_configuration() {
        for (toml, expected) in [
            ("", false),
            ("addr = '127.0.0.1:1'\n[[providers]]\nname = 'home'", true),
            ("  [[ providers ]]  # mine", true),
            ("providers = [{ name = 'home' }]", true),
            ("providers = [\n  { name = 'home' },\n]", true),
            ("providers = []", false),
            ("# [[providers]]", false),
            ("[limits]\nmax_open_answers = 2", false),
        ] {
            assert_eq!(has_providers(toml), expected, "{toml}");
        }
    }

    #[test]
    fn the_configuration_file_can_be_named() {
        for (arguments, expected) in [
            (&["--config", "a.toml"][..], Some("a.toml")),
            (&["serve", "--config=a.toml"], Some("a.toml")),
            (&["--addr", "127.0.0.1:1"], None),
            (&["--configuration=a.toml"], None),
            (&["--config"], None),
        ] {
            let arguments: Vec<_> = arguments.iter().map(|word| word.to_string()).collect();
            assert_eq!(option(&arguments, "--config").as_deref(), expected, "{arguments:?}");
        }
    }

    #[test]
    fn the_file_here_goes_before_the_personal_one() {
        let paths = |config: Option<&str>, home: Option<&str>| {
            standard_files(config.map(str::to_owned), home.map(str::to_owned))
        };
        let here = PathBuf::from("inglenook.toml");
        let home = PathBuf::from("/me/.config/inglenook/inglenook.toml");
        let xdg = PathBuf::from("/xdg/inglenook/inglenook.toml");
        for (config_home, home_folder, personal) in [
            (None, None, None),
            (None, Some("/me"), Some(&home)),
            (Some("relative"), Some("/me"), Some(&home)),
            (Some("/xdg"), Some("/me"), Some(&xdg)),
        ] {
            let expected: Vec<_> = [Some(&here), personal].into_iter().flatten().cloned().collect();
            assert_eq!(paths(config_home, home_folder), expected);
        }
    }
}
