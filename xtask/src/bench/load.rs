//! Load on the server itself: `bench/load` starts it, stands around it on both sides and measures.

use std::{path::PathBuf, process::Command};

use super::{Effort, result_file};
use crate::failure::Failure;
use crate::python;
use crate::release_build;
use crate::steps::{self, Done, Step};
use crate::workspace::{Workspace, create, find_program};

/// The relay that most people would pick instead, from PyPI.
const LITELLM: &str = "litellm[proxy]==1.108.7";

/// The relay beside others.
pub fn relay(workspace: &Workspace, effort: Effort) -> Result<(), Failure> {
    steps::set_up(workspace, vec![litellm(workspace)])?;
    let nginx = nginx(workspace)?;
    let litellm = python::program(&litellm_folder(workspace), "litellm");
    measure(workspace, "relay", effort, |load| {
        load.arg("--nginx").arg(nginx).arg("--litellm").arg(litellm);
    })
}

/// Answers, stored and then published.
pub fn answers(workspace: &Workspace, effort: Effort) -> Result<(), Failure> {
    measure(workspace, "answers", effort, |_| {})
}

/// Event streams while nothing happens.
pub fn idle(workspace: &Workspace, effort: Effort) -> Result<(), Failure> {
    measure(workspace, "idle", effort, |_| {})
}

/// Search and lists in a large store.
pub fn search(workspace: &Workspace, effort: Effort) -> Result<(), Failure> {
    measure(workspace, "search", effort, |_| {})
}

/// Usage and metrics over a large ledger.
pub fn usage(workspace: &Workspace, effort: Effort) -> Result<(), Failure> {
    measure(workspace, "usage", effort, |_| {})
}

/// Memory over an hour.
pub fn memory(workspace: &Workspace, effort: Effort) -> Result<(), Failure> {
    measure(workspace, "memory", effort, |_| {})
}

fn measure(
    workspace: &Workspace,
    name: &str,
    effort: Effort,
    further: impl FnOnce(&mut Command),
) -> Result<(), Failure> {
    release_build::ensure(workspace)?;
    release_build::run(workspace.command(["cargo", "build", "--release", "--package=load"]))?;
    let mut load = workspace.command([workspace.target.join("release/load")]);
    load.arg(name).arg("--inglenook").arg(release_build::program(workspace));
    load.arg("--out").arg(result_file(workspace, name, effort)?);
    if effort == Effort::Quick {
        load.arg("--quick");
    }
    further(&mut load);
    release_build::run(load)
}

fn litellm(workspace: &Workspace) -> Step {
    let why = format!("is measured beside the relay ({LITELLM} from PyPI)");
    python::install(workspace, &litellm_folder(workspace), "litellm", why, &[LITELLM], &[])
}

fn litellm_folder(workspace: &Workspace) -> PathBuf {
    workspace.cache.join("litellm")
}

/// nginx where it is installed, and otherwise out of Debian's package, which need not be installed.
fn nginx(workspace: &Workspace) -> Result<PathBuf, Failure> {
    if let Some(installed) = find_program(&["nginx"]) {
        return Ok(installed);
    }
    let folder = workspace.cache.join("nginx");
    create(&folder)?;
    let mut download = workspace.command(["apt-get", "download", "nginx"]);
    download.current_dir(&folder);
    let mut unpack = workspace.command(["sh", "-c", "dpkg -x nginx_*.deb ."]);
    unpack.current_dir(&folder);
    let program = folder.join("usr/sbin/nginx");
    if !program.is_file() {
        let step = Step {
            name: "nginx",
            why: "is measured beside the relay (from Debian)".to_owned(),
            done: Done::Missing,
            commands: vec![download, unpack],
            remedy: "install nginx".to_owned(),
        };
        steps::set_up(workspace, vec![step])?;
    }
    Ok(program)
}
