//! `cargo xtask bench`: what is measured, beside others in the same run. A bench never fails because
//! something is slow; its result is kept in the repository with the machine it ran on.

mod load;
mod markdown;
mod page;

use std::path::PathBuf;

use crate::failure::Failure;
use crate::release_build;
use crate::workspace::{Workspace, create};

/// One bench.
struct Bench {
    name: &'static str,
    run: fn(&Workspace, Effort) -> Result<(), Failure>,
}

const BENCHES: &[Bench] = &[
    Bench { name: "relay", run: load::relay },
    Bench { name: "answers", run: load::answers },
    Bench { name: "idle", run: load::idle },
    Bench { name: "page", run: page::page },
    Bench { name: "browser", run: page::browser },
    Bench { name: "markdown", run: markdown::run },
    Bench { name: "search", run: load::search },
    Bench { name: "usage", run: load::usage },
    Bench { name: "memory", run: load::memory },
    Bench { name: "all", run: all },
    Bench { name: "show", run: show },
];

/// How much is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effort {
    /// Everything, in several rounds; the result goes into `bench/`.
    Full,
    /// A first impression in a minute or two; the result goes into the target folder.
    Quick,
}

/// The names of the benches.
pub fn names() -> impl Iterator<Item = &'static str> {
    BENCHES.iter().map(|bench| bench.name)
}

/// Runs the named bench.
pub fn run(workspace: &Workspace, arguments: &[String]) -> Result<(), Failure> {
    let (bench, effort) = select(arguments)?;
    (bench.run)(workspace, effort)
}

fn all(workspace: &Workspace, effort: Effort) -> Result<(), Failure> {
    let measuring = BENCHES.iter().filter(|bench| !matches!(bench.name, "all" | "show"));
    measuring.into_iter().try_for_each(|bench| (bench.run)(workspace, effort))
}

/// Measures nothing: puts the newest kept results into the README.
fn show(workspace: &Workspace, _: Effort) -> Result<(), Failure> {
    let mut node = workspace.command(["node"]);
    node.arg(workspace.root.join("bench/show.js"));
    release_build::run(node)
}

/// Where a bench keeps its result: in the repository, unless it is a first impression only.
fn result_file(workspace: &Workspace, name: &str, effort: Effort) -> Result<PathBuf, Failure> {
    match effort {
        Effort::Full => {
            let folder = workspace.root.join("bench");
            Ok(folder.join(format!("{name}-{}.json", today(workspace)?)))
        }
        Effort::Quick => {
            let folder = workspace.target.join("bench");
            create(&folder)?;
            Ok(folder.join(format!("{name}-quick.json")))
        }
    }
}

fn today(workspace: &Workspace) -> Result<String, Failure> {
    let output = workspace.command(["date", "+%F"]).output();
    let date = output.ok().map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    date.filter(|date| !date.is_empty())
        .ok_or_else(|| Failure::new("`date` tells no date", "put it on PATH"))
}

fn select(arguments: &[String]) -> Result<(&'static Bench, Effort), Failure> {
    let (name, effort) = match arguments {
        [name] => (name, Effort::Full),
        [name, flag] | [flag, name] if flag == "--quick" => (name, Effort::Quick),
        _ => return Err(misused("which bench is to run?")),
    };
    match BENCHES.iter().find(|bench| bench.name == name) {
        Some(bench) => Ok((bench, effort)),
        None => Err(misused(&format!("there is no bench `{name}`"))),
    }
}

fn misused(what: &str) -> Failure {
    let names: Vec<_> = names().collect();
    Failure::new(what, format!("name one of: {}; with --quick for a short run", names.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bench_is_selected_by_name() {
        for (arguments, expected) in [
            (&["markdown"][..], Some(Effort::Full)),
            (&["markdown", "--quick"], Some(Effort::Quick)),
            (&["--quick", "markdown"], Some(Effort::Quick)),
            (&[], None),
            (&["--quick"], None),
            (&["markdwon"], None),
            (&["markdown", "--fast"], None),
            (&["all", "--quick"], Some(Effort::Quick)),
        ] {
            let words: Vec<_> = arguments.iter().map(|word| word.to_string()).collect();
            let found = select(&words).map(|(_, effort)| effort);
            assert_eq!(found.as_ref().ok(), expected.as_ref(), "{arguments:?}");
            if let Err(failure) = found {
                assert!(failure.to_string().contains("markdown"), "{failure}");
            }
        }
    }
}
