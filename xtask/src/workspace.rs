//! Where things are: the checkout, cargo's target folder, and the cache for what is set up once per
//! machine rather than once per checkout.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::Failure;

/// The folders that every command works with, all absolute.
#[derive(Debug)]
pub struct Workspace {
    /// The checkout.
    pub root: PathBuf,
    /// Where cargo puts what it builds.
    pub target: PathBuf,
    /// Tools and models, shared by all checkouts of one person.
    pub cache: PathBuf,
}

impl Workspace {
    /// Finds the folders and creates those that the commands write to.
    pub fn find() -> Result<Workspace, Failure> {
        let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = crate_folder.parent().unwrap_or(crate_folder).to_owned();
        let target = root.join(env::var_os("CARGO_TARGET_DIR").unwrap_or("target".into()));
        let cache =
            cache_folder(env::var_os("XDG_CACHE_HOME"), env::var_os("HOME")).ok_or_else(|| {
                Failure::new("no folder is known for tools", "set HOME to your home folder")
            })?;
        let workspace = Workspace { root, target, cache };
        for folder in [workspace.logs(), workspace.cache.clone()] {
            create(&folder)?;
        }
        Ok(workspace)
    }

    /// A command that runs in the checkout and finds the tools set up by this crate first.
    pub fn command<S: AsRef<OsStr>>(&self, line: impl IntoIterator<Item = S>) -> Command {
        let mut words = line.into_iter();
        let mut command = Command::new(words.next().as_ref().map_or(OsStr::new(""), AsRef::as_ref));
        command.args(words).current_dir(&self.root).env("PATH", self.path());
        for (name, _) in env::vars_os().filter(|(name, _)| describes_this_crate(name)) {
            command.env_remove(name);
        }
        command
    }

    /// Where tools are installed by cargo.
    pub fn tools(&self) -> PathBuf {
        self.cache.join("tools")
    }

    /// Where tools are installed by npm.
    pub fn npm(&self) -> PathBuf {
        self.cache.join("npm")
    }

    /// Where quiet commands leave their output.
    pub fn logs(&self) -> PathBuf {
        self.target.join("xtask-logs")
    }

    fn path(&self) -> OsString {
        let own = [self.tools().join("bin"), self.npm().join("node_modules/.bin")];
        let inherited = env::var_os("PATH").unwrap_or_default();
        let folders = own.into_iter().chain(env::split_paths(&inherited));
        // Joining fails only for a folder with a colon in its name, which PATH cannot hold anyway.
        env::join_paths(folders).unwrap_or(inherited)
    }
}

/// Whether `cargo run` has set this variable to describe this crate. Build scripts of dependencies
/// watch some of them (ring's does), so if they were passed on, half of the server would be compiled
/// again whenever plain cargo and this program take turns.
fn describes_this_crate(variable: &OsStr) -> bool {
    let variable = variable.to_string_lossy();
    ["CARGO_PKG_", "CARGO_MANIFEST_"].iter().any(|prefix| variable.starts_with(prefix))
}

/// Creates a folder and those above it.
pub fn create(folder: &Path) -> Result<(), Failure> {
    fs::create_dir_all(folder).map_err(|error| {
        let what = format!("the folder {} cannot be created: {error}", folder.display());
        Failure::new(what, "make the folder above it writable for you")
    })
}

/// The first of these programs that PATH leads to.
pub fn find_program(names: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let folders: Vec<_> = env::split_paths(&path).collect();
    names
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)))
        .find(|program| program.is_file())
}

/// Follows the XDG specification: a relative path in the variable counts as not set.
fn cache_folder(xdg: Option<OsString>, home: Option<OsString>) -> Option<PathBuf> {
    let absolute = |text: OsString| Some(PathBuf::from(text)).filter(|path| path.is_absolute());
    xdg.and_then(absolute)
        .or_else(|| home.and_then(absolute).map(|home| home.join(".cache")))
        .map(|base| base.join("inglenook"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_describes_this_crate_is_kept_back() {
        for (variable, expected) in [
            ("CARGO_PKG_NAME", true),
            ("CARGO_MANIFEST_DIR", true),
            ("CARGO_HOME", false),
            ("CARGO_TARGET_DIR", false),
            ("LEPTOS_OUTPUT_NAME", false),
        ] {
            assert_eq!(describes_this_crate(OsStr::new(variable)), expected, "{variable}");
        }
    }

    #[test]
    fn the_cache_follows_the_xdg_specification() {
        for (xdg, home, expected) in [
            (Some("/xdg"), Some("/home/me"), Some("/xdg/inglenook")),
            (Some("relative"), Some("/home/me"), Some("/home/me/.cache/inglenook")),
            (Some(""), Some("/home/me"), Some("/home/me/.cache/inglenook")),
            (None, Some("/home/me"), Some("/home/me/.cache/inglenook")),
            (None, None, None),
        ] {
            let found = cache_folder(xdg.map(OsString::from), home.map(OsString::from));
            assert_eq!(found, expected.map(PathBuf::from), "{xdg:?} {home:?}");
        }
    }
}
