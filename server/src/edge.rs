//! What every response and request passes: compression, safe headers, same-site posts only, and no
//! endless waiting for bodies.

use std::{io, time::Duration};

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::Request,
    http::{Extensions, HeaderMap, HeaderValue, StatusCode, Version, header},
    middleware::Next,
    response::Response,
};
use futures_util::{Stream, StreamExt, stream};
use tokio::time::{Instant, timeout};
use tower_http::{
    CompressionLevel,
    compression::{
        CompressionLayer, Predicate,
        predicate::{DefaultPredicate, NotForContentType},
    },
    csrf::CsrfLayer,
};
use url::Url;

/// The longest pause within the body of a request.
pub const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// The least that must come of a body in a second, on the average and after a first pause. Whoever
/// sends a byte now and then, to hold many connections open, is cut off.
const LEAST_SPEED: u64 = 1024;

/// For whatever is not one of our documents: it can load and run nothing.
const NOTHING: &str = "default-src 'none'; frame-ancestors 'none'";

/// What our documents may load. Everything comes from here, except images that a reader asked for
/// with a click, for the renderer writes none.
pub fn content_security_policy(nonce: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; worker-src 'self'; \
         style-src 'self'; img-src 'self' data: https: http:; connect-src 'self'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'"
    )
}

/// Sets the headers that make browsers careful, where the route has not set its own.
pub async fn safe_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, NOTHING),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// Compresses what is worth it: not event streams, which a compressor would hold back, and
/// not what `streamed` names.
pub fn compression(streamed: fn(&Extensions) -> bool) -> CompressionLayer<impl Predicate> {
    let not_packed = NotForContentType::const_new("application/zip");
    let worth_it = DefaultPredicate::new().and(not_packed).and(
        move |_: StatusCode, _: Version, _: &HeaderMap, extensions: &Extensions| {
            !streamed(extensions)
        },
    );
    CompressionLayer::new().quality(CompressionLevel::Fastest).compress_when(worth_it)
}

/// Gives up on bodies of requests that pause, or that come too slowly.
pub async fn patience_with_bodies(request: Request, next: Next) -> Response {
    let request = match request.body().is_end_stream() {
        true => request,
        false => request.map(|body| Body::from_stream(patient(body))),
    };
    next.run(request).await
}

fn patient(body: Body) -> impl Stream<Item = io::Result<Bytes>> {
    // Only time that is spent in waiting counts, not what we need to go on with what came.
    let begun = (body.into_data_stream(), Duration::ZERO, 0);
    stream::unfold(begun, async |(mut body, waited, received)| {
        let allowed = LONGEST_PAUSE + Duration::from_secs(received / LEAST_SPEED);
        let since = Instant::now();
        let come = timeout(allowed.saturating_sub(waited).min(LONGEST_PAUSE), body.next()).await;
        let bytes = match come {
            Ok(bytes) => bytes?.map_err(io::Error::other),
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
        };
        let received = received + bytes.as_ref().map_or(0, |bytes| bytes.len() as u64);
        Some((bytes, (body, waited + since.elapsed(), received)))
    })
}

/// Refuses posts that another site makes a browser send.
pub fn same_site_only(public_url: Option<&Url>) -> CsrfLayer {
    let layer = CsrfLayer::new();
    match public_url {
        // A proxy may change the Host that the origin is compared with.
        Some(url) => layer
            .add_trusted_origin(url.origin().ascii_serialization())
            .unwrap_or_else(|_| CsrfLayer::new()),
        None => layer,
    }
}
