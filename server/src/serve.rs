//! `inglenook serve`: from the configuration to a listening server, and to its orderly end.

use std::{net::SocketAddr, process::ExitCode, time::Duration};

use chat::{Chat, OpenError, Settings};
use tokio::net::TcpListener;

use crate::{
    command_line::Options,
    config::{Config, Limits, Loaded, Mistakes},
    connections,
    import::uploads::Uploads,
    logging,
    routes::{self, App, Edge},
};

/// How long requests that are under way may take after the server was told to end.
const FAREWELL: Duration = Duration::from_secs(5);

/// Why the server could not start or go on.
#[derive(Debug, thiserror::Error)]
enum ServeError {
    #[error(transparent)]
    Configuration(#[from] Mistakes),
    #[error(transparent)]
    Engine(#[from] OpenError),
    #[error("cannot listen on {addr}: {source}. Choose another address with --addr")]
    Listen { addr: SocketAddr, source: std::io::Error },
}

/// The command. Logs to standard error; prints `listening on http://…` to standard output when a
/// page can be opened.
pub async fn command(options: &Options) -> ExitCode {
    logging::start();
    match serve(options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(options: &Options) -> Result<(), ServeError> {
    let Loaded { config, warnings, .. } = Loaded::of_process(options)?;
    for warning in warnings {
        tracing::warn!("{warning}");
    }
    let Config {
        addr,
        data,
        password,
        public_url,
        cors_origins,
        providers,
        model,
        title_model,
        auto,
        continue_when_cut,
        limits,
        allowances,
    } = config;
    #[cfg(unix)]
    take_open_files(&limits);
    // Bound before the store is opened, so that a second server on the same port changes nothing.
    let listener =
        TcpListener::bind(addr).await.map_err(|source| ServeError::Listen { addr, source })?;
    let imports = data.clone();
    let chat = Chat::open(Settings {
        data,
        providers,
        model: model.map(|model| model.to_string()),
        title_model: title_model.map(|model| model.to_string()),
        continue_when_cut,
        auto,
        limits: chat::Limits {
            max_message_bytes: limits.max_message_bytes,
            max_open_answers: limits.max_open_answers,
            max_file_bytes: limits.max_file_bytes,
            max_files_per_message: limits.max_files_per_message,
            max_relay_calls: limits.max_relay_calls,
        },
        rules: allowances,
    })
    .await?;
    // After the store has taken the folder, so that another server's files are left alone.
    let uploads = Uploads::below(&imports, limits.max_import_bytes);
    let edge = Edge {
        max_request_bytes: limits.max_request_bytes(),
        max_relay_bytes: limits.max_relay_bytes,
        cors_origins,
    };
    let app = App::new(chat.clone(), password, public_url, edge, uploads);
    let ending = app.ending();
    let router = routes::router(app);

    let addr = listener.local_addr().unwrap_or(addr);
    println!("listening on http://{addr}");

    let served = connections::serve(listener, router, limits.max_connections, ending.clone());
    let mut server = tokio::spawn(served);
    tokio::select! {
        () = told_to_end() => tracing::info!("ending"),
        // It ends by itself only where it panics, which has been printed by then.
        _ = &mut server => tracing::error!("connections are taken on no more"),
    }
    // Readers learn how their answers ended before their streams are closed.
    chat.shut_down().await;
    ending.cancel();
    if !server.is_finished() && tokio::time::timeout(FAREWELL, server).await.is_err() {
        tracing::warn!("some requests were cut off");
    }
    Ok(())
}

/// Takes as many open files as the system gives, since a shell gives a process a thousand at first, and one
/// too few looks like a provider that cannot be reached.
#[cfg(unix)]
fn take_open_files(limits: &Limits) {
    // A call of a program has two connections, an answer one.
    let wanted = limits.max_connections + limits.max_relay_calls + limits.max_open_answers;
    match rlimit::increase_nofile_limit(u64::MAX) {
        Ok(given) if given < wanted as u64 => tracing::warn!(
            given,
            wanted,
            "the system gives fewer open files than limits.max_connections and its neighbours ask for: \
             raise its hard limit (LimitNOFILE= of systemd, ulimit -Hn), or lower these"
        ),
        Ok(_) => {}
        Err(error) => tracing::warn!(%error, "the limit of open files cannot be raised"),
    }
}

/// Returns on Ctrl-C or SIGTERM.
async fn told_to_end() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => {
                tokio::select! {
                    _ = interrupt => {}
                    _ = terminate.recv() => {}
                }
            }
            Err(error) => {
                tracing::warn!(%error, "SIGTERM is not heard");
                interrupt.await.ok();
            }
        }
    }
    #[cfg(not(unix))]
    interrupt.await.ok();
}
