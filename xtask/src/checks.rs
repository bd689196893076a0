//! `cargo xtask test`: every check of a change, the quick ones first, stopping at the first that
//! fails. Flags for the compiler are the same in all of them, so that nothing is compiled twice.

use std::env;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use crate::chromium;
use crate::clients;
use crate::failure::Failure;
use crate::local_model::{self, LocalModel};
use crate::release_build;
use crate::steps::{self, Step};
use crate::tools;
use crate::weight;
use crate::workspace::Workspace;

/// One check, with what it needs on the machine.
struct Check {
    name: &'static str,
    what: &'static str,
    needs: fn(&Workspace) -> Result<Vec<Step>, Failure>,
    run: fn(&Workspace, &[String]) -> Result<(), Failure>,
}

/// Says how long `fuzz` runs, so that it can run all night.
const FUZZ_SECONDS: &str = "INGLENOOK_FUZZ_SECONDS";

/// Says where `fuzz` starts.
const FUZZ_SEED: &str = "INGLENOOK_FUZZ_SEED";

/// From a random seed, a change could be blamed for what another one did. Only a search of its own, which says for how
/// long, goes where none has been.
const USUAL_SEED: &str = "1";

const CHECKS: &[Check] = &[
    Check {
        name: "fmt",
        what: "the code is formatted",
        needs: nothing,
        run: |workspace, _| cargo(workspace, &["fmt", "--all", "--check"]),
    },
    Check {
        name: "clippy",
        what: "lints, for server and tests",
        needs: nothing,
        run: |workspace, _| cargo(workspace, &["clippy", "--all-targets", "--", "--deny=warnings"]),
    },
    Check {
        name: "clippy-wasm",
        what: "lints, for the page in the browser",
        needs: |workspace| Ok(vec![tools::wasm_target(workspace)]),
        run: |workspace, _| {
            let target = "--target=wasm32-unknown-unknown";
            cargo(workspace, &["clippy", "--package=frontend", target, "--", "--deny=warnings"])
        },
    },
    Check {
        name: "doc",
        what: "the documentation builds, and its links lead somewhere",
        needs: nothing,
        run: |workspace, _| {
            let mut doc = workspace.command(["cargo", "doc", "--no-deps"]);
            doc.env("RUSTDOCFLAGS", "--deny=warnings");
            release_build::run(doc)
        },
    },
    Check {
        name: "unit",
        what: "unit and HTTP tests",
        needs: nothing,
        run: |workspace, _| cargo(workspace, &["test"]),
    },
    Check {
        name: "clients",
        what: "clients of other makes against the relay",
        needs: |workspace| Ok(vec![playwright_step(workspace), clients::needs(workspace)]),
        run: |workspace, _| clients::run(workspace, &end2end(workspace)),
    },
    Check {
        name: "fuzz",
        what: "a minute of random Markdown: streamed exactly, and safe",
        needs: nothing,
        run: |workspace, _| {
            // Both tests run at once, a minute each; optimised, since a minute is then worth fifty. With
            // the server named beside it, what both depend on is compiled once and not twice.
            let words = "cargo test --release --package=markdown --package=server --test=fuzz";
            let mut fuzz = workspace.command(words.split(' '));
            fuzz.args(["--", "--nocapture"]);
            if env::var_os(FUZZ_SECONDS).is_none() {
                fuzz.env(FUZZ_SECONDS, "60");
                if env::var_os(FUZZ_SEED).is_none() {
                    fuzz.env(FUZZ_SEED, USUAL_SEED);
                }
            }
            release_build::run(fuzz)
        },
    },
    Check {
        name: "build",
        what: "page and server in release, and what a first visit weighs",
        needs: tools::build_tools,
        run: |workspace, _| {
            release_build::ensure(workspace)?;
            weight::check(workspace)
        },
    },
    Check { name: "browser", what: "browser tests", needs: browser_needs, run: browser },
];

/// The names of the checks, in the order they run.
pub fn names() -> impl Iterator<Item = &'static str> {
    CHECKS.iter().map(|check| check.name)
}

/// Runs the named checks, or all of them. What follows `--` goes to the browser tests.
pub fn run(workspace: &Workspace, arguments: &[String]) -> Result<(), Failure> {
    let start = Instant::now();
    let end = arguments.iter().position(|word| word == "--").unwrap_or(arguments.len());
    let checks = select(&arguments[..end])?;
    let for_browser = arguments.get(end + 1..).unwrap_or_default();
    // Everything is set up first, so that what a machine lacks is told before minutes of compiling.
    let mut needs = Vec::new();
    for check in &checks {
        needs.extend((check.needs)(workspace)?);
    }
    steps::set_up(workspace, needs)?;
    for check in &checks {
        println!("\n── {}: {}", check.name, check.what);
        let start = Instant::now();
        let result = (check.run)(workspace, for_browser);
        let verdict = if result.is_ok() { "passed" } else { "FAILED" };
        println!("── {} {verdict} after {}", check.name, spoken(start.elapsed()));
        result?;
    }
    println!(
        "\nall green: {} of {} checks in {}",
        checks.len(),
        CHECKS.len(),
        spoken(start.elapsed())
    );
    Ok(())
}

/// The named checks in the order of the table, whatever the order of the names.
fn select(wanted: &[String]) -> Result<Vec<&'static Check>, Failure> {
    if let Some(unknown) = wanted.iter().find(|name| !names().any(|known| known == *name)) {
        let remedy = format!("use some of: {}", names().collect::<Vec<_>>().join(", "));
        return Err(Failure::new(format!("there is no check `{unknown}`"), remedy));
    }
    let is_wanted = |check: &&Check| wanted.is_empty() || wanted.iter().any(|w| w == check.name);
    Ok(CHECKS.iter().filter(is_wanted).collect())
}

fn spoken(time: Duration) -> String {
    match time.as_secs() {
        seconds if seconds < 60 => format!("{seconds} s"),
        seconds => format!("{} min {} s", seconds / 60, seconds % 60),
    }
}

fn nothing(_: &Workspace) -> Result<Vec<Step>, Failure> {
    Ok(Vec::new())
}

fn cargo(workspace: &Workspace, arguments: &[&str]) -> Result<(), Failure> {
    release_build::run(workspace.command(["cargo"].iter().chain(arguments)))
}

fn end2end(workspace: &Workspace) -> PathBuf {
    workspace.root.join("end2end")
}

fn browser_needs(workspace: &Workspace) -> Result<Vec<Step>, Failure> {
    let mut steps = tools::build_tools(workspace)?;
    steps.extend(chromium::needs(workspace)?);
    steps.extend([playwright_step(workspace), local_model::needs(workspace)]);
    Ok(steps)
}

fn playwright_step(workspace: &Workspace) -> Step {
    tools::npm_packages(
        "playwright",
        "drives the browser (npm ci in end2end)",
        workspace,
        &end2end(workspace),
    )
}

fn browser(workspace: &Workspace, arguments: &[String]) -> Result<(), Failure> {
    let folder = end2end(workspace);
    if !folder.join("playwright.config.ts").is_file() {
        let what = "end2end/playwright.config.ts is missing, so there are no browser tests";
        return Err(Failure::new(what, "restore it from the repository"));
    }
    release_build::ensure(workspace)?;
    // Named alone, it would have most of what it depends on compiled again, with fewer features.
    let upstream = ["--package=scripted-upstream", "--package=server", "--bin=scripted-upstream"];
    cargo(workspace, &[&["build", "--release"], &upstream[..]].concat())?;
    let chromium = chromium::program()?;
    let model = LocalModel::start(workspace)?;
    let mut playwright = workspace.command(["npx", "--no-install", "playwright", "test"]);
    playwright
        .args(arguments)
        .current_dir(folder)
        .env("INGLENOOK_BIN", release_build::program(workspace))
        .env(local_model::URL_VARIABLE, &model.url)
        .env("CHROMIUM", chromium);
    // Tests must not spend a person's money, so their own provider is out of sight.
    for name in ["OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_MODEL", "INGLENOOK_CONFIG"] {
        playwright.env_remove(name);
    }
    release_build::run(playwright)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_are_selected_by_name_and_keep_their_order() {
        for (wanted, expected) in [
            (&[][..], names().collect::<Vec<_>>()),
            (&["clippy", "fmt"], vec!["fmt", "clippy"]),
            (&["unit", "unit"], vec!["unit"]),
        ] {
            let wanted: Vec<_> = wanted.iter().map(|name: &&str| name.to_string()).collect();
            let selected = select(&wanted).unwrap();
            assert_eq!(selected.iter().map(|check| check.name).collect::<Vec<_>>(), expected);
        }
        let error = select(&["clipy".to_owned()]).err().unwrap().to_string();
        assert!(error.contains("`clipy`") && error.contains("fmt, clippy"), "{error}");
    }

    #[test]
    fn times_are_spoken() {
        for (seconds, expected) in
            [(0, "0 s"), (59, "59 s"), (60, "1 min 0 s"), (754, "12 min 34 s")]
        {
            assert_eq!(spoken(Duration::from_secs(seconds)), expected);
        }
    }
}
