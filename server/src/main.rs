//! The binary: reads the configuration and does what the command line asks for.

mod check;
mod command_line;
mod config;
mod password;

use std::io;
use std::process::ExitCode;

use clap::Parser;

use command_line::{Command, CommandLine};
use config::Loaded;

#[tokio::main]
async fn main() -> ExitCode {
    let line = CommandLine::parse();
    match line.command_or_serve() {
        Command::Serve => match Loaded::of_process(&line.options) {
            Ok(_) => ExitCode::SUCCESS,
            Err(mistakes) => fail(&mistakes),
        },
        Command::Check => check::command(&line.options).await,
        Command::HashPassword => {
            match password::print_hash(&mut io::stdin().lock(), &mut io::stdout().lock()) {
                Ok(()) => ExitCode::SUCCESS,
                Err(error) => fail(&error),
            }
        }
    }
}

/// Tells a person why nothing was done.
fn fail(error: &dyn std::error::Error) -> ExitCode {
    eprintln!("inglenook: {error}");
    ExitCode::FAILURE
}
