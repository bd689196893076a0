//! Puts load on Inglenook and on what stands beside it, and checks every frame that comes back.
//!
//! One program plays all parts around the servers that are measured: the upstream, as a process of
//! its own, and the clients. Every delta carries its number and the time at which it was sent, so a
//! reader knows what is missing and how long each one took. `cargo xtask bench` builds and starts it.

mod upstream;
mod marker;
mod client;
mod delays;
mod servers;
mod process;
mod report;
mod times;
mod relay;
mod answers;
mod idle;
mod lists;
mod usage;
mod memory;

use std::{io, path::PathBuf};

use clap::{Parser, Subcommand};

/// What is measured, and with what.
#[derive(Parser)]
#[command(about = "Puts load on Inglenook and on what stands beside it.")]
struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Plays the upstream until the process that started it is gone.
    Upstream,
    /// Streams through the relay, and through other relays.
    Relay {
        #[command(flatten)]
        bench: Bench,
        #[command(flatten)]
        peers: Peers,
    },
    /// Answers on the page's own path: stored, then published.
    Answers(Bench),
    /// Event streams that are open while nothing happens.
    Idle(Bench),
    /// Search and lists in a large store.
    Search(Bench),
    /// Usage and metrics over a large ledger.
    Usage(Bench),
    /// Memory at rest, after load and after an hour of it.
    Memory(Bench),
}

/// What every bench is told.
#[derive(clap::Args, Debug)]
struct Bench {
    /// The program that is measured.
    #[arg(long)]
    inglenook: PathBuf,
    /// Where the result goes, as JSON.
    #[arg(long)]
    out: PathBuf,
    /// A first impression, in a minute or two.
    #[arg(long)]
    quick: bool,
}

/// Other relays, to be measured beside Inglenook.
#[derive(clap::Args, Debug)]
struct Peers {
    #[arg(long)]
    nginx: Option<PathBuf>,
    /// LiteLLM's proxy.
    #[arg(long)]
    litellm: Option<PathBuf>,
}

/// Why a bench could not be run to its end.
#[derive(Debug, thiserror::Error)]
enum LoadError {
    #[error("{what} could not be started: {source}")]
    Start { what: String, source: io::Error },
    #[error("{what} was not ready in time; its log is {}", log.display())]
    NotReady { what: String, log: PathBuf },
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("a request failed: {0}")]
    Http(#[from] hyper::Error),
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
    #[error("the database was not made: {0}")]
    Migration(#[from] sqlx::migrate::MigrateError),
    #[error("{what} answered {status}: {body}")]
    Status { what: String, status: u16, body: String },
    #[error("this came in place of {what}: {found}")]
    Unexpected { what: &'static str, found: String },
}

#[tokio::main]
async fn main() -> Result<(), LoadError> {
    match Options::parse().command {
        Command::Upstream => upstream::serve().await,
        Command::Relay { bench, peers } => relay::run(&bench, &peers).await,
        Command::Answers(bench) => answers::run(&bench).await,
        Command::Idle(bench) => idle::run(&bench).await,
        Command::Search(bench) => lists::run(&bench).await,
        Command::Usage(bench) => usage::run(&bench).await,
        Command::Memory(bench) => memory::run(&bench).await,
    }
}
