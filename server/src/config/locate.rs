//! Where things lie: the configuration file, and the folders of the XDG specification.

use std::path::{Path, PathBuf};

use super::environment::Environment;
use super::mistake::{Mistake, Source};
use crate::command_line::Options;

/// A configuration file that was found.
pub struct FoundFile {
    /// What it is called in messages.
    pub name: String,
    /// Where it lies.
    pub path: PathBuf,
    /// What it says. It may hold keys.
    pub text: String,
}

/// The configuration file, if there is one.
///
/// # Errors
/// One that was asked for is missing, or one that is there cannot be read.
pub fn find_file(
    options: &Options,
    environment: &Environment,
    working_folder: &Path,
) -> Result<Option<FoundFile>, Mistake> {
    let asked = match options.get("--config") {
        Some(name) => Some((name, Source::CommandLine("--config"))),
        None => environment.get("INGLENOOK_CONFIG"),
    };
    if let Some((name, source)) = asked {
        let path = working_folder.join(name);
        return match std::fs::read_to_string(&path) {
            Ok(text) => Ok(Some(FoundFile { name: name.to_owned(), path, text })),
            Err(error) => {
                Err(Mistake::at(source, format!("the file {name:?} cannot be read: {error}")))
            }
        };
    }
    let own = base_folder(environment, "XDG_CONFIG_HOME", ".config")
        .map(|base| base.join("inglenook/inglenook.toml"));
    let here = (working_folder.join("inglenook.toml"), "inglenook.toml".to_owned());
    let candidates = [Some(here), own.map(|path| (path.clone(), path.display().to_string()))];
    for (path, name) in candidates.into_iter().flatten() {
        match std::fs::read_to_string(&path) {
            Ok(text) => return Ok(Some(FoundFile { name, path, text })),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(Mistake::overall(format!("{name}: cannot be read: {error}"))),
        }
    }
    Ok(None)
}

/// A base folder of the XDG specification, which has relative paths ignored.
pub fn base_folder(environment: &Environment, variable: &str, below_home: &str) -> Option<PathBuf> {
    let set = environment.get(variable).map(|(path, _)| PathBuf::from(path));
    set.filter(|path| path.is_absolute())
        .or_else(|| environment.get("HOME").map(|(home, _)| Path::new(home).join(below_home)))
}

/// A path with a leading `~` replaced by the home folder, since no shell does that in a file.
pub fn below_home(environment: &Environment, path: PathBuf) -> PathBuf {
    match (path.strip_prefix("~"), environment.get("HOME")) {
        (Ok(rest), Some((home, _))) => Path::new(home).join(rest),
        _ => path,
    }
}
