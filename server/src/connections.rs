//! Connections: taken on up to a limit, served, and ended in order.
//!
//! `axum::serve` does the same without any limit: whoever opens connections and says nothing would
//! have them for ever.

use std::{io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::ConnectInfo, http::Request};
use hyper::{body::Incoming, server::conn::http1::Builder};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tokio_util::{
    sync::CancellationToken,
    task::{TaskTracker, task_tracker::TaskTrackerToken},
};
use tower::ServiceExt;

/// How long the head of a request may take to come, and a connection to say nothing between two of
/// them.
pub const LONGEST_HEAD: Duration = Duration::from_secs(30);

/// The most of a request's head that is read, in bytes. Browsers and clients stay far below.
const LARGEST_HEAD: usize = 64 << 10;

/// The most header fields of a request.
const MOST_FIELDS: usize = 100;

/// How long to wait before the next attempt when the system gives no more connections.
const BREATH: Duration = Duration::from_millis(200);

/// What a connection takes of the server for as long as it lasts. It is among the extensions of each of
/// its requests, for one that goes on as a socket to keep.
#[derive(Debug, Clone)]
pub struct Place {
    _of_connections: Arc<OwnedSemaphorePermit>,
    /// The server's end waits for it.
    _tracked: TaskTrackerToken,
}

/// Takes connections on until `ending`, up to so many at once; more wait in the system's queue.
/// Returns when the requests that were under way have been answered.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    max_connections: usize,
    ending: CancellationToken,
) {
    let places = Arc::new(Semaphore::new(max_connections));
    let open = TaskTracker::new();
    let (tracker, told_to_end) = (open.clone(), ending.clone());
    // It owns the listener, so that nothing more is taken on once it is over.
    let serving = async move {
        loop {
            // It is never closed, so waiting does not fail.
            let Ok(permit) = Arc::clone(&places).acquire_owned().await else { return };
            let (stream, from) = accept(&listener).await;
            let place = Place { _of_connections: Arc::new(permit), _tracked: tracker.token() };
            tokio::spawn(connection(
                stream,
                from,
                place,
                router.clone(),
                told_to_end.child_token(),
            ));
        }
    };
    tokio::select! {
        () = serving => {}
        () = ending.cancelled() => {}
    }
    open.close();
    open.wait().await;
}

/// The next connection. One that ended before it was taken on concerns nobody; where the system
/// has no more to give, others must end first.
async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                tracing::error!(%error, "no connection can be taken on");
                tokio::time::sleep(BREATH).await;
            }
        }
    }
}

fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
    )
}

/// Serves one connection to its end.
async fn connection(
    stream: TcpStream,
    from: SocketAddr,
    place: Place,
    router: Router,
    ending: CancellationToken,
) {
    // Nagle's algorithm would hold small events back for as long as 40 ms.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY could not be set");
    }
    let service = router.map_request(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(from));
        request.extensions_mut().insert(place.clone());
        request
    });
    // HTTP/2 without TLS is spoken by nobody who is not told to, and whoever has TLS in front has it
    // there.
    let served = Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(LONGEST_HEAD)
        .max_headers(MOST_FIELDS)
        .max_buf_size(LARGEST_HEAD)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service))
        .with_upgrades();
    let mut served = pin!(served);
    let mut told_to_end = pin!(ending.cancelled());
    let mut is_ending = false;
    loop {
        tokio::select! {
            outcome = served.as_mut() => {
                if let Err(error) = outcome {
                    // Peers hang up whenever they like.
                    tracing::debug!(error = %error, "a connection broke off");
                }
                return;
            }
            () = told_to_end.as_mut(), if !is_ending => {
                is_ending = true;
                served.as_mut().graceful_shutdown();
            }
        }
    }
}
