//! `inglenook`: the binary. Reads what it is told, then serves the page and the API.

mod check;
mod command_line;
mod config;
mod connections;
mod continued;
mod conversation_settings;
mod cors;
mod disposition;
mod edge;
mod events;
mod export;
mod files;
mod functions;
mod gate;
mod health;
mod import;
mod metrics;
mod pages;
mod settings;
mod logging;
mod password;
mod personas;
mod prompts;
mod relay;
mod routes;
mod serve;
mod site;
mod usage;
mod tokens;
mod websocket;
#[cfg(test)]
mod tests;

use std::process::ExitCode;

use clap::Parser;
use command_line::{Command, CommandLine};

fn main() -> ExitCode {
    let command_line = CommandLine::parse();
    let command = command_line.command_or_serve();
    if let Command::HashPassword = command {
        let done =
            password::print_hash(&mut std::io::stdin().lock(), &mut std::io::stdout().lock());
        return match done {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("{error}");
                ExitCode::FAILURE
            }
        };
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("the async runtime could not start: {error}");
            return ExitCode::FAILURE;
        }
    };
    runtime.block_on(async {
        match command {
            Command::Check => check::command(&command_line.options).await,
            Command::Serve | Command::HashPassword => serve::command(&command_line.options).await,
        }
    })
}
