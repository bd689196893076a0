//! `cargo xtask audit`: may we use what we depend on, and does it come from where we think? What is
//! allowed stands in `deny.toml`. Known vulnerabilities are left out: their list is fetched from the
//! network and changes without us, so it cannot be part of a check that must say the same twice.

use std::process::Stdio;

use crate::failure::Failure;
use crate::release_build;
use crate::workspace::Workspace;

/// Runs cargo-deny.
pub fn run(workspace: &Workspace, arguments: &[String]) -> Result<(), Failure> {
    if let Some(argument) = arguments.first() {
        let what = format!("`audit` takes no arguments, found `{argument}`");
        return Err(Failure::new(what, "leave it out"));
    }
    let mut version = workspace.command(["cargo", "deny", "--version"]);
    let found = version.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !found.is_ok_and(|status| status.success()) {
        let remedy = "install it by `cargo install --locked cargo-deny`, which takes some minutes";
        return Err(Failure::new("cargo-deny is not installed", remedy));
    }
    release_build::run(workspace.command(["cargo", "deny", "check", "bans", "licenses", "sources"]))
}
