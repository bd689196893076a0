//! `cargo xtask serve`: from a fresh checkout to a page that answers.

use std::os::unix::process::CommandExt;
use std::process::Command;

use crate::failure::Failure;
use crate::local_model::{self, LocalModel};
use crate::providers;
use crate::release_build;
use crate::steps;
use crate::workspace::Workspace;

/// Sets up, builds, and becomes the server.
pub fn run(workspace: &Workspace, arguments: &[String]) -> Result<(), Failure> {
    let needs_model = !providers::configured(arguments);
    if needs_model {
        // Before the build: it is quick, and a machine without Python should hear so at once.
        steps::set_up(workspace, vec![local_model::needs(workspace)])?;
    }
    release_build::ensure(workspace)?;
    // Not in the checkout but where the person is, so that relative paths mean what they typed.
    let mut server = Command::new(release_build::program(workspace));
    server.args(server_arguments(arguments));
    if !needs_model {
        return become_server(server);
    }
    let model = LocalModel::start(workspace)?;
    println!("no provider is configured: a small local model answers at {}", model.url);
    server.env(local_model::URL_VARIABLE, &model.url);
    // The model watches this process, which from here on is the server: it ends with the server,
    // however that ends. If the server cannot start, dropping `model` ends it.
    become_server(server)
}

/// Replaces this process, so that signals reach the server and its exit code is what is seen.
fn become_server(mut server: Command) -> Result<(), Failure> {
    let error = server.exec();
    let program = server.get_program().to_string_lossy();
    Err(Failure::new(
        format!("{program} could not start: {error}"),
        "remove it and start again: it is built anew",
    ))
}

/// Flags belong to the server's `serve`; a word first is another command of the server, `check`
/// for example.
fn server_arguments(arguments: &[String]) -> Vec<&str> {
    let words = arguments.iter().map(String::as_str);
    match arguments.first() {
        Some(first) if !first.starts_with('-') => words.collect(),
        _ => std::iter::once("serve").chain(words).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_those_of_serve() {
        for (arguments, expected) in [
            (&[][..], &["serve"][..]),
            (&["--addr", "127.0.0.1:4000"], &["serve", "--addr", "127.0.0.1:4000"]),
            (&["serve", "--data", "here"], &["serve", "--data", "here"]),
            (&["check"], &["check"]),
        ] {
            let arguments: Vec<_> = arguments.iter().map(|word| word.to_string()).collect();
            assert_eq!(server_arguments(&arguments), expected);
        }
    }
}
