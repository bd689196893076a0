//! The configuration in effect, read once at start and never again.
//!
//! A setting is taken from the highest layer that has it: command line, environment (a `.env` file
//! in the working directory counts as environment, but real variables win), file, default. The file
//! is the one named by `--config` or `INGLENOOK_CONFIG`; otherwise `inglenook.toml` in the working
//! directory; otherwise `inglenook/inglenook.toml` in `$XDG_CONFIG_HOME` or `~/.config`.
//!
//! All keys, in an example:
//!
//! ```toml
#![doc = include_str!("config/example.toml")]
//! ```
//!
//! No key, password or hash occurs in a `Debug`, an error or a warning of this module.

mod auto;
mod environment;
mod file;
mod allowances;
mod layers;
mod limits;
mod locate;
mod facts;
mod fallback;
mod keys;
mod mistake;
mod model;
mod providers;
mod reading;
mod setting;
#[cfg(test)]
mod tests;

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use axum::http::HeaderValue;
use chat::auto::{AUTO, Auto};
use chat::limits::Rule;
use chat::upstream::Provider;
use url::Url;

pub use environment::Environment;
pub use layers::Origin;
pub use limits::Limits;
pub use mistake::{Mistake, Mistakes, Source};
pub use model::ModelChoice;
pub use setting::help;

use crate::command_line::Options;
use crate::password::OwnerPassword;
use file::File;
use layers::{Layers, Picked};
use locate::{base_folder, below_home, find_file};

/// Everything the server needs to know before it starts.
pub struct Config {
    /// Where to listen.
    pub addr: SocketAddr,
    /// The folder of the store. It need not exist yet.
    pub data: PathBuf,
    /// The owner's password. `None` only if `addr` is reached from this machine alone.
    pub password: Option<OwnerPassword>,
    /// Where people open the page: an http or https address without a path.
    pub public_url: Option<Url>,
    /// Pages of other sites that may call the relay from a browser, by their origins.
    pub cors_origins: Vec<HeaderValue>,
    /// The providers by precedence. Empty if none is configured, which the page explains.
    pub providers: Vec<Provider>,
    /// The model that answers unless another is chosen. `None` if only the first provider itself
    /// knows its models, or if there is no provider.
    pub model: Option<ModelChoice>,
    /// The model that makes titles. `None` if titles are the first words of the question.
    pub title_model: Option<ModelChoice>,
    /// Whether an answer whose provider breaks off goes on by itself.
    pub continue_when_cut: bool,
    /// How models are chosen for questions to `auto`. `None` if there is no such model.
    pub auto: Option<Auto>,
    /// What the server takes on at most.
    pub limits: Limits,
    /// How much may be spent.
    pub allowances: Vec<Rule>,
}

/// Leaves out the providers' addresses and keys: a proxy's address may hold a password.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let providers: Vec<&str> = self.providers.iter().map(|p| p.name.as_str()).collect();
        f.debug_struct("Config")
            .field("addr", &self.addr)
            .field("data", &self.data)
            .field("password", &self.password)
            .field("public_url", &self.public_url.as_ref().map(Url::as_str))
            .field("cors_origins", &self.cors_origins)
            .field("providers", &providers)
            .field("model", &self.model)
            .field("title_model", &self.title_model)
            .field("continue_when_cut", &self.continue_when_cut)
            .field("auto", &self.auto)
            .field("limits", &self.limits)
            .field("allowances", &self.allowances)
            .finish()
    }
}

/// The configuration, and how it came about.
#[derive(Debug)]
pub struct Loaded {
    /// What the server uses.
    pub config: Config,
    /// The file that was read, as it was named.
    pub file: Option<String>,
    /// Where each value came from, in the order of the documentation.
    pub origins: Vec<Origin>,
    /// What is allowed but probably not meant, for the log.
    pub warnings: Vec<String>,
}

impl Loaded {
    /// Reads the configuration of this process: its environment, `.env` and files.
    ///
    /// # Errors
    /// Every mistake that was found, each with its place and what is allowed.
    pub fn of_process(options: &Options) -> Result<Self, Mistakes> {
        let here = Path::new("");
        Self::read(options, &Environment::of_process(here)?, here)
    }

    /// Reads the configuration from given layers; files are looked for from a given folder.
    ///
    /// # Errors
    /// Every mistake that was found, each with its place and what is allowed.
    pub fn read(
        options: &Options,
        environment: &Environment,
        working_folder: &Path,
    ) -> Result<Self, Mistakes> {
        let mut mistakes = Mistakes(Vec::new());
        let found = find_file(options, environment, working_folder)?;
        let file = match &found {
            Some(found) => File::parse(&found.name, &found.text, &mut mistakes),
            None => File::default(),
        };
        let mut layers = Layers {
            options,
            environment,
            file: &file,
            mistakes,
            origins: Vec::new(),
            warnings: Vec::new(),
        };
        let file_folder = found.as_ref().and_then(|found| found.path.parent());
        let config = compose(&mut layers, file_folder);
        warn_of_typos(&mut layers);
        let Layers { mut mistakes, origins, warnings, .. } = layers;
        mistakes.sort();
        match config {
            Some(config) if mistakes.0.is_empty() => {
                Ok(Self { config, file: found.map(|found| found.name), origins, warnings })
            }
            _ => Err(mistakes),
        }
    }
}

/// Puts the configuration together. `None` if there is a mistake without which nothing fits.
fn compose(layers: &mut Layers<'_>, file_folder: Option<&Path>) -> Option<Config> {
    let default_addr = SocketAddr::from((Ipv4Addr::LOCALHOST, 3000));
    let addr = layers.pick_or(&setting::ADDR, default_addr, ToString::to_string);
    let data = data_folder(layers, file_folder);
    let password = password(layers);
    let public_url = layers.pick(&setting::PUBLIC_URL).map(|picked| {
        layers.note("public_url", picked.value.as_str(), picked.source);
        picked.value
    });
    let cors_origins = layers.list(&setting::CORS_ORIGINS, |origin| {
        String::from_utf8_lossy(origin.as_bytes()).into_owned()
    });
    let limits = limits::read(layers);
    let providers = providers::read(layers);
    let (model, title_model) = models(layers, &providers);
    let continue_when_cut = layers.pick_or(&setting::CONTINUE_WHEN_CUT, true, ToString::to_string);
    let auto = auto::read(layers, &providers, model.as_ref());
    let allowances = allowances::read(layers, &providers);
    guard_exposure(layers, addr, password.as_ref(), public_url.as_ref());

    Some(Config {
        addr,
        data: data?,
        password,
        public_url,
        cors_origins,
        providers,
        model,
        title_model,
        auto,
        continue_when_cut,
        limits,
        allowances,
    })
}

fn data_folder(layers: &mut Layers<'_>, file_folder: Option<&Path>) -> Option<PathBuf> {
    let (path, source) = match layers.pick(&setting::DATA) {
        Some(Picked { value, source }) => {
            let base = match &source {
                Source::File { .. } => file_folder.unwrap_or(Path::new("")),
                _ => Path::new(""),
            };
            (base.join(below_home(layers.environment, value)), source)
        }
        None => match base_folder(layers.environment, "XDG_DATA_HOME", ".local/share") {
            Some(base) => (base.join("inglenook"), Source::Default),
            None => {
                layers.mistakes.0.push(Mistake::overall(
                    "the folder for the conversations is unknown, since HOME is not set: set \
                     INGLENOOK_DATA or pass --data",
                ));
                return None;
            }
        },
    };
    layers.note("data", path.display().to_string(), source);
    Some(path)
}

/// The password of the highest layer that has one in either form.
fn password(layers: &mut Layers<'_>) -> Option<OwnerPassword> {
    let plain = layers.pick(&setting::PASSWORD);
    let hash = layers.pick(&setting::PASSWORD_HASH);
    let height = |source: &Source| match source {
        Source::CommandLine(_) => 3,
        Source::Environment(_) => 2,
        Source::DotEnv(_) => 1,
        Source::File { .. } | Source::Default => 0,
    };
    let (password, key, source) = match (plain, hash) {
        (Some(plain), Some(hash)) if height(&plain.source) == height(&hash.source) => {
            let words = "expected either a password or its hash, found both";
            layers.mistakes.0.push(Mistake::at(plain.source, words));
            return None;
        }
        (plain, Some(hash))
            if plain.as_ref().is_none_or(|plain| height(&plain.source) < height(&hash.source)) =>
        {
            (hash.value, "password_hash", hash.source)
        }
        (Some(plain), _) => match OwnerPassword::hash(&plain.value) {
            Ok(password) => (password, "password", plain.source),
            Err(error) => {
                layers.mistakes.0.push(Mistake::at(plain.source, error.to_string()));
                return None;
            }
        },
        (None, _) => {
            layers.note("password", "none", Source::Default);
            return None;
        }
    };
    layers.note(key, "set, not shown", source);
    Some(password)
}

/// The model that answers and the one that makes titles.
fn models(
    layers: &mut Layers<'_>,
    providers: &[Provider],
) -> (Option<ModelChoice>, Option<ModelChoice>) {
    let has_auto = layers.file.auto.is_some() && !providers.is_empty();
    let model = match layers.pick(&setting::MODEL) {
        Some(picked) if has_auto && picked.value == AUTO => {
            layers.note("model", AUTO, picked.source);
            Some(ModelChoice::auto())
        }
        Some(picked) => chosen(layers, "model", picked, providers),
        None => {
            let default = model::default_model(providers);
            let shown = match (&default, providers.first()) {
                (Some(choice), _) => choice.to_string(),
                (None, Some(first)) => format!("the first that {} lists", first.name),
                (None, None) => "none".to_owned(),
            };
            layers.note("model", shown, Source::Default);
            default
        }
    };
    let title_model = match layers.pick(&setting::TITLE_MODEL) {
        Some(picked) if picked.value != "none" => chosen(layers, "title_model", picked, providers),
        nothing => {
            layers.note("title_model", "none", nothing.map_or(Source::Default, |p| p.source));
            None
        }
    };
    (model, title_model)
}

fn chosen(
    layers: &mut Layers<'_>,
    key: &str,
    picked: Picked<String>,
    providers: &[Provider],
) -> Option<ModelChoice> {
    if providers.is_empty() {
        let value = reading::shown(&picked.value);
        layers.warnings.push(format!("{key} = {value} has no effect, since there is no provider"));
        return None;
    }
    match model::resolve(&picked.value, providers) {
        Ok(choice) => {
            layers.note(key, choice.to_string(), picked.source);
            Some(choice)
        }
        Err(words) => {
            layers.mistakes.0.push(Mistake::at(picked.source, words));
            None
        }
    }
}

/// Refuses to let others in without a password.
fn guard_exposure(
    layers: &mut Layers<'_>,
    addr: SocketAddr,
    password: Option<&OwnerPassword>,
    public_url: Option<&Url>,
) {
    // Whoever has set a password that cannot be read is told that, rather than to set one.
    if password.is_some() || !layers.mistakes.0.is_empty() {
        return;
    }
    if !is_loopback(addr.ip()) {
        layers.mistakes.0.push(Mistake::overall(format!(
            "a password is needed to listen on {addr}: set INGLENOOK_PASSWORD or password_hash in \
             inglenook.toml (made by `inglenook hash-password`), or listen on 127.0.0.1"
        )));
    } else if let Some(url) = public_url {
        layers.warnings.push(format!(
            "there is no password: whoever can open {url} can read and write everything, unless \
             the proxy in front asks for one"
        ));
    }
}

/// Whether an address is reached from this machine alone, also when it is written as IPv6.
fn is_loopback(ip: IpAddr) -> bool {
    ip.to_canonical().is_loopback()
}

/// A variable that is nearly one of ours was probably meant to be. It is no mistake, since others
/// make such names too: Kubernetes sets INGLENOOK_PORT for a service called inglenook.
fn warn_of_typos(layers: &mut Layers<'_>) {
    const PREFIX: &str = "INGLENOOK_";
    let known: Vec<&str> = setting::SETTINGS
        .iter()
        .map(|row| row.variable)
        .chain(setting::OTHER_VARIABLES)
        .filter_map(|name| name.strip_prefix(PREFIX))
        .collect();
    for name in layers.environment.names().filter_map(|name| name.strip_prefix(PREFIX)) {
        if !known.contains(&name)
            && let Some(meant) = mistake::meant(name, known.iter().copied())
        {
            let words = format!("{PREFIX}{name} has no effect, did you mean {PREFIX}{meant}?");
            layers.warnings.push(words);
        }
    }
}
