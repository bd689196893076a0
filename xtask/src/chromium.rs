//! The browser that tests and benches run in.

use std::env;
use std::path::PathBuf;

use crate::failure::Failure;
use crate::steps::{Done, Step};
use crate::workspace::{Workspace, find_program};

/// The browser: the one named by CHROMIUM, else the first that is installed.
pub fn program() -> Result<PathBuf, Failure> {
    find().ok_or_else(|| Failure::new("no Chromium is found", "set CHROMIUM to its path"))
}

fn find() -> Option<PathBuf> {
    let named = env::var_os("CHROMIUM").map(PathBuf::from).filter(|program| program.is_file());
    named.or_else(|| find_program(&["chromium", "chromium-browser", "google-chrome"]))
}

/// What installs it where it is missing.
pub fn needs(workspace: &Workspace) -> Result<Option<Step>, Failure> {
    if find().is_some() {
        return Ok(None);
    }
    // The fonts are for screenshots, which show Chinese and emoji too.
    let packages = ["chromium", "fonts-noto-cjk", "fonts-noto-color-emoji"];
    let by_hand = format!("install it, on Debian by `apt-get install {}`", packages.join(" "));
    let user = workspace.command(["id", "-u"]).output();
    let is_root = user.is_ok_and(|output| output.stdout.trim_ascii() == b"0");
    if !is_root || find_program(&["apt-get"]).is_none() {
        let remedy = format!("{by_hand}, or set CHROMIUM to the path of a Chromium or Chrome");
        return Err(Failure::new("no Chromium is found", remedy));
    }
    let update = workspace.command(["apt-get", "update"]);
    let mut install = workspace.command(["apt-get", "install", "--yes", "--no-install-recommends"]);
    install.args(packages).env("DEBIAN_FRONTEND", "noninteractive");
    Ok(Some(Step {
        name: "chromium",
        why: "the browser of tests and benches (from Debian, with fonts)".to_owned(),
        done: Done::Missing,
        commands: vec![update, install],
        remedy: by_hand,
    }))
}
