//! The relay, tried with the clients that people use: OpenAI's own for Node and Python, and wscat. Those of
//! Node are packages of `end2end`; the one of Python has a virtual environment in the cache.

use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::python;
use crate::release_build;
use crate::steps::Step;
use crate::workspace::Workspace;

/// OpenAI's client for Python.
const PACKAGE: &str = "openai==3.57.0";

/// What has to be in place for the client of Python.
pub fn needs(workspace: &Workspace) -> Step {
    let why = "asks the relay as programs in Python do (openai from PyPI, 20 MB)";
    let ready_made = ["--only-binary=:all:"];
    python::install(workspace, &folder(workspace), "openai client", why, &[PACKAGE], &ready_made)
}

/// Runs the clients against the server as the tests have built it: pages play no part here, so the
/// minutes of a release build would be for nothing. Named as what two tests run, the programs have the
/// features of all tests; named alone they have fewer, and most of the server is compiled once more.
pub fn run(workspace: &Workspace, end2end: &Path) -> Result<(), Failure> {
    release_build::run(
        workspace.command("cargo test --no-run --test=kill --test=http".split(' ')),
    )?;
    let programs = workspace.target.join("debug");
    let line = ["npx", "--no-install", "playwright", "test", "--config", "clients.config.ts"];
    let mut playwright = workspace.command(line);
    playwright
        .current_dir(end2end)
        .env("INGLENOOK_BIN", programs.join("inglenook"))
        .env("SCRIPTED_UPSTREAM_BIN", programs.join("scripted-upstream"))
        .env("CLIENT_PYTHON", python::program(&folder(workspace), "python"));
    release_build::run(playwright)
}

fn folder(workspace: &Workspace) -> PathBuf {
    workspace.cache.join("openai-client")
}
