//! The project's own commands: `cargo xtask serve`, `cargo xtask test` and a few more. They set up
//! what a fresh machine lacks, so nobody has to follow a list by hand, and they run everywhere the
//! same. This crate knows nothing of the others: it must compile in seconds, since it runs before
//! anything else, so it has no dependencies. It is written for Unix (Linux, macOS, WSL).

mod audit;
mod bench;
mod checks;
mod chromium;
mod clients;
mod failure;
mod freshness;
mod local_model;
mod providers;
mod python;
mod release_build;
mod serve;
mod steps;
mod tools;
mod weight;
mod workspace;

use std::process::ExitCode;

use failure::Failure;
use workspace::Workspace;

/// One command: what is typed, what it does, and the function that does it.
struct Entry {
    name: &'static str,
    arguments: &'static str,
    summary: &'static str,
    run: fn(&Workspace, &[String]) -> Result<(), Failure>,
}

const COMMANDS: &[Entry] = &[
    Entry {
        name: "serve",
        arguments: "[ARGUMENTS]",
        summary: "set up what is missing, build, and run Inglenook with these arguments",
        run: serve::run,
    },
    Entry {
        name: "test",
        arguments: "[CHECKS] [-- PLAYWRIGHT ARGUMENTS]",
        summary: "run every check of a change, or only those named",
        run: checks::run,
    },
    Entry {
        name: "bench",
        arguments: "WHAT [--quick]",
        summary: "measure, beside others, and keep the result in bench/",
        run: bench::run,
    },
    Entry {
        name: "local-model",
        arguments: "",
        summary: "run the small local model alone and print its address",
        run: local_model::run,
    },
    Entry {
        name: "audit",
        arguments: "",
        summary: "check the licences and origins of all dependencies by cargo-deny",
        run: audit::run,
    },
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[String]) -> Result<(), Failure> {
    let Some((name, rest)) = arguments.split_first() else {
        println!("{}", help());
        return Ok(());
    };
    if matches!(name.as_str(), "--help" | "-h" | "help") {
        println!("{}", help());
        return Ok(());
    }
    match COMMANDS.iter().find(|command| command.name == name) {
        Some(command) => (command.run)(&Workspace::find()?, rest),
        None => {
            let names: Vec<_> = COMMANDS.iter().map(|command| command.name).collect();
            let remedy = format!("use one of: {}", names.join(", "));
            Err(Failure::new(format!("there is no command `{name}`"), remedy))
        }
    }
}

fn help() -> String {
    let mut text = "Usage: cargo xtask COMMAND\n".to_owned();
    for Entry { name, arguments, summary, .. } in COMMANDS {
        text += &format!("\n  {}\n      {summary}", format!("{name} {arguments}").trim_end());
    }
    let checks: Vec<_> = checks::names().collect();
    text += &format!("\n\nThe checks of `test`: {}", checks.join(", "));
    let benches: Vec<_> = bench::names().collect();
    text += &format!("\nThe benches of `bench`: {}", benches.join(", "));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_names_every_command_check_and_bench() {
        let help = help();
        let commands = COMMANDS.iter().map(|command| command.name);
        for name in commands.chain(checks::names()).chain(bench::names()) {
            assert!(help.contains(name), "{name} is missing in:\n{help}");
        }
    }

    #[test]
    fn an_unknown_command_is_told_what_is_allowed() {
        let failure = dispatch(&["sevre".to_owned()]).unwrap_err().to_string();
        assert!(failure.contains("`sevre`") && failure.contains("serve, test"), "{failure}");
    }
}
