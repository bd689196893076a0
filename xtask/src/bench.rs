//! `cargo xtask bench`: what is measured, beside others in the same run. A bench never fails because
//! something is slow; its result is kept in the repository with the machine it ran on.

mod markdown;

use crate::failure::Failure;
use crate::workspace::Workspace;

/// One bench.
struct Bench {
    name: &'static str,
    run: fn(&Workspace, Effort) -> Result<(), Failure>,
}

const BENCHES: &[Bench] = &[Bench { name: "markdown", run: markdown::run }];

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
