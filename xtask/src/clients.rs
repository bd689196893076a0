//! The relay, tried with the clients that people use: OpenAI's own for Node and Python, and wscat. Those of
//! Node are packages of `end2end`; the one of Python has a virtual environment in the cache.

use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::release_build;
use crate::steps::{Done, Step};
use crate::workspace::Workspace;

/// OpenAI's client for Python.
const PACKAGE: &str = "openai==3.57.0";

/// What has to be in place for the client of Python.
pub fn needs(workspace: &Workspace) -> Step {
    let mut create = workspace.command(["python3", "-m", "venv", "--clear"]);
    create.arg(folder(workspace));
    let mut install = workspace.command([python(workspace)]);
    install.args(["-m", "pip", "install", "--no-input", "--only-binary=:all:", PACKAGE]);
    Step {
        name: "openai client",
        why: "asks the relay as programs in Python do (openai from PyPI, 20 MB)".to_owned(),
        done: Done::Stamp(folder(workspace).join("packages.txt"), PACKAGE.to_owned()),
        commands: vec![create, install],
        remedy: "install Python 3.10 or newer with its venv module (Debian: apt-get install \
                 python3-venv) and check the network"
            .to_owned(),
    }
}

/// Runs the clients against the server as the tests have built it: pages play no part here, so the
/// minutes of a release build would be for nothing.
pub fn run(workspace: &Workspace, end2end: &Path) -> Result<(), Failure> {
    let packages = ["--package=server", "--package=scripted-upstream"];
    release_build::run(workspace.command(["cargo", "build"].iter().chain(&packages)))?;
    let programs = workspace.target.join("debug");
    let line = ["npx", "--no-install", "playwright", "test", "--config", "clients.config.ts"];
    let mut playwright = workspace.command(line);
    playwright
        .current_dir(end2end)
        .env("INGLENOOK_BIN", programs.join("inglenook"))
        .env("SCRIPTED_UPSTREAM_BIN", programs.join("scripted-upstream"))
        .env("CLIENT_PYTHON", python(workspace));
    release_build::run(playwright)
}

fn folder(workspace: &Workspace) -> PathBuf {
    workspace.cache.join("openai-client")
}

fn python(workspace: &Workspace) -> PathBuf {
    folder(workspace).join("bin/python")
}
