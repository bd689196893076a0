//! The build that is served and tested: page and server in release, as one program.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::failure::{Failure, typed};
use crate::freshness;
use crate::steps;
use crate::tools;
use crate::workspace::Workspace;

/// How cargo-leptos is called: assets compressed ahead of time, and the parts of the page that are
/// needed later, such as syntax highlighting, in files of their own.
const CARGO_LEPTOS: [&str; 5] = ["cargo-leptos", "build", "--release", "--precompress", "--split"];

/// The program that the build makes.
pub fn program(workspace: &Workspace) -> PathBuf {
    workspace.target.join("release/inglenook")
}

/// Builds unless the last build still stands, after setting up the tools for it.
pub fn ensure(workspace: &Workspace) -> Result<(), Failure> {
    // The sources are looked at before the build: what changes meanwhile is built the next time.
    let wanted = wanted(workspace);
    let last = fs::read_to_string(stamp(workspace)).unwrap_or_default();
    let change = match last.split_once(PROGRAM_FOLLOWS) {
        Some((built, program)) if program == built_program(workspace) => {
            freshness::difference(built, &wanted)
        }
        _ => Some("no build of all sources yet"),
    };
    let Some(change) = change else {
        println!("in place: the build, nothing changed");
        return Ok(());
    };
    steps::set_up(workspace, tools::build_tools(workspace)?)?;
    println!("build page and server (changed: {change})");
    let start = Instant::now();
    run(workspace.command(CARGO_LEPTOS))?;
    let stamped = format!("{wanted}{PROGRAM_FOLLOWS}{}", built_program(workspace));
    // Without the stamp everything works, only the next start builds again.
    if let Err(error) = fs::write(stamp(workspace), stamped) {
        println!("{} cannot be written: {error}", stamp(workspace).display());
    }
    println!("built in {} s", start.elapsed().as_secs());
    Ok(())
}

/// Separates the sources from the program in the stamp.
const PROGRAM_FOLLOWS: &str = "\n---\n";

fn stamp(workspace: &Workspace) -> PathBuf {
    workspace.target.join("release/inglenook.stamp")
}

fn wanted(workspace: &Workspace) -> String {
    let version = Command::new("rustc").arg("--version").stdin(Stdio::null()).output();
    let compiler = version.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    let flags = std::env::var("RUSTFLAGS").unwrap_or_default();
    freshness::fingerprint(
        &workspace.root,
        &[
            ("the compiler", compiler.as_deref().unwrap_or("unknown")),
            ("the build command", &CARGO_LEPTOS.join(" ")),
            ("RUSTFLAGS", &flags),
        ],
    )
}

/// A program that something else has written meanwhile, plain cargo for example, is built again.
fn built_program(workspace: &Workspace) -> String {
    freshness::line(&workspace.target, &program(workspace)).unwrap_or_default()
}

/// Runs a command whose output goes straight to the terminal.
pub fn run(mut command: Command) -> Result<(), Failure> {
    let line = typed(&command);
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => {
            Err(Failure::new(format!("`{line}` ended with {status}"), "see its messages above"))
        }
        Err(error) => {
            let remedy = "install the program, or put its folder on PATH";
            Err(Failure::new(format!("`{line}` could not start: {error}"), remedy))
        }
    }
}
