//! The tools that build the page, each with its pinned version. The quick ones stand first, so that
//! a machine without Node.js or network says so in seconds and not after minutes of compiling.

use std::fs;
use std::path::Path;

use crate::failure::Failure;
use crate::steps::{Done, Step};
use crate::workspace::Workspace;

const WASM_TARGET: &str = "wasm32-unknown-unknown";
/// The newest version whose lock file builds with the Rust version of this workspace.
const CARGO_LEPTOS: &str = "0.3.10";
/// Distributions still carry versions that do not know the instructions today's Rust emits.
const BINARYEN: &str = "132";

/// Everything a build of the page needs.
pub fn build_tools(workspace: &Workspace) -> Result<Vec<Step>, Failure> {
    let wasm_bindgen = locked_wasm_bindgen(workspace)?;
    Ok(vec![
        wasm_target(workspace),
        wasm_opt(workspace),
        wasm_bindgen_cli(workspace, &wasm_bindgen),
        cargo_leptos(workspace),
    ])
}

/// The packages of a folder's `package.json`, exactly as its lock file says.
pub fn npm_packages(name: &'static str, why: &str, workspace: &Workspace, folder: &Path) -> Step {
    let lock = fs::read_to_string(folder.join("package-lock.json")).unwrap_or_default();
    let mut install = workspace.command(["npm", "ci"]);
    install.current_dir(folder).env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
    Step {
        name,
        why: why.to_owned(),
        // The lock file itself is the stamp, so a change of it is never missed.
        done: Done::Stamp(folder.join("node_modules/.installed-lock.json"), lock),
        commands: vec![install],
        remedy: "install Node.js 20 or newer with npm, or check the network".to_owned(),
    }
}

/// The standard library for the browser.
pub fn wasm_target(workspace: &Workspace) -> Step {
    Step {
        name: "wasm32 target",
        why: "compiles the page for the browser".to_owned(),
        done: Done::Prints(
            workspace.command(["rustup", "target", "list", "--installed"]),
            WASM_TARGET.to_owned(),
        ),
        commands: vec![workspace.command(["rustup", "target", "add", WASM_TARGET])],
        remedy: "install Rust by rustup (https://rustup.rs), or check the network".to_owned(),
    }
}

fn wasm_opt(workspace: &Workspace) -> Step {
    let mut install = workspace.command(["npm", "install", "--no-save", "--ignore-scripts"]);
    install.arg("--prefix").arg(workspace.npm()).arg(format!("binaryen@{BINARYEN}.0.0"));
    Step {
        name: "wasm-opt",
        why: format!("shrinks the page's WASM (npm binaryen {BINARYEN})"),
        done: Done::Prints(workspace.command(["wasm-opt", "--version"]), BINARYEN.to_owned()),
        commands: vec![install],
        remedy: "install Node.js 20 or newer with npm, or check the network".to_owned(),
    }
}

fn wasm_bindgen_cli(workspace: &Workspace, version: &str) -> Step {
    Step {
        name: "wasm-bindgen",
        why: format!("connects the WASM to the browser ({version}, about a minute)"),
        done: Done::Prints(workspace.command(["wasm-bindgen", "--version"]), version.to_owned()),
        commands: vec![cargo_install(workspace, "wasm-bindgen-cli", version)],
        remedy: COMPILING.to_owned(),
    }
}

fn cargo_leptos(workspace: &Workspace) -> Step {
    let mut install = cargo_install(workspace, "cargo-leptos", CARGO_LEPTOS);
    // Without downloads a missing tool is an error here, not a surprise later.
    install.args(["--features", "no_downloads"]);
    Step {
        name: "cargo-leptos",
        why: format!("builds page and server together ({CARGO_LEPTOS}, about 6 minutes)"),
        done: Done::Prints(
            workspace.command(["cargo-leptos", "--version"]),
            CARGO_LEPTOS.to_owned(),
        ),
        commands: vec![install],
        remedy: COMPILING.to_owned(),
    }
}

const COMPILING: &str = "check the network and that a C compiler is installed, then start again";

fn cargo_install(workspace: &Workspace, name: &str, version: &str) -> std::process::Command {
    let mut command = workspace.command(["cargo", "install", "--locked", "--force", "--root"]);
    command.arg(workspace.tools()).arg(format!("{name}@{version}"));
    // Compiled without optimisation a tool is there in a third of the time, and costs a build only
    // some seconds.
    command.arg("--debug").env("CARGO_PROFILE_DEV_DEBUG", "0");
    command
}

/// The command-line tool must equal the library to the patch, so its version is not written twice.
fn locked_wasm_bindgen(workspace: &Workspace) -> Result<String, Failure> {
    let lock = fs::read_to_string(workspace.root.join("Cargo.lock")).unwrap_or_default();
    locked_version(&lock, "wasm-bindgen").ok_or_else(|| {
        Failure::new("Cargo.lock names no wasm-bindgen", "restore Cargo.lock from the repository")
    })
}

/// The version of a package in the text of a Cargo.lock; the first, if there are several.
fn locked_version(lock: &str, package: &str) -> Option<String> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name).skip(1);
    let version = lines.next()?.strip_prefix("version = \"")?.strip_suffix('"')?;
    Some(version.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_the_lock_file() {
        let lock = "version = 4\n\n[[package]]\nname = \"wasm-bindgen-futures\"\n\
                    version = \"0.4.1\"\n\n[[package]]\nname = \"wasm-bindgen\"\n\
                    version = \"0.2.129\"\nsource = \"registry\"\ndependencies = [\n \"once_cell\",\n]\n";
        for (package, expected) in [
            ("wasm-bindgen", Some("0.2.129")),
            ("wasm-bindgen-futures", Some("0.4.1")),
            ("wasm", None),
            ("once_cell", None),
        ] {
            assert_eq!(locked_version(lock, package).as_deref(), expected, "{package}");
        }
    }

    #[test]
    fn this_workspace_locks_wasm_bindgen() {
        assert!(locked_version(include_str!("../../Cargo.lock"), "wasm-bindgen").is_some());
    }
}
