//! Programs out of Python packages, each in an environment of its own.

use std::path::{Path, PathBuf};

use crate::steps::{Done, Step};
use crate::workspace::Workspace;

/// What to do where Python's own tools fail.
pub const REMEDY: &str = "install Python 3.10 or newer with its venv module (Debian: apt-get install \
                          python3-venv) and check the network";

/// The step that installs these packages, with further options of pip, into a folder.
pub fn install(
    workspace: &Workspace,
    folder: &Path,
    name: &'static str,
    why: impl Into<String>,
    packages: &[&str],
    options: &[&str],
) -> Step {
    let mut create = workspace.command(["python3", "-m", "venv", "--clear"]);
    create.arg(folder);
    let mut install = workspace.command([program(folder, "python")]);
    install.args(["-m", "pip", "install", "--no-input"]).args(options).args(packages);
    Step {
        name,
        why: why.into(),
        done: Done::Stamp(folder.join("packages.txt"), packages.join("\n")),
        commands: vec![create, install],
        remedy: REMEDY.to_owned(),
    }
}

/// A program of the environment in a folder.
pub fn program(folder: &Path, name: &str) -> PathBuf {
    folder.join("bin").join(name)
}
