//! Which pages of other sites may read what the relay answers, in a browser: none, unless the owner
//! names them. See <https://fetch.spec.whatwg.org/#http-cors-protocol>.

use std::time::Duration;

use axum::http::{HeaderName, HeaderValue, Method, header};
use tower_http::cors::{AllowHeaders, CorsLayer};

/// How long a browser may go on without asking again whether it may.
const MAX_AGE: Duration = Duration::from_secs(60 * 60);

/// Headers of answers that a page may read, besides the few that it always may.
const EXPOSED: [HeaderName; 3] = [
    header::RETRY_AFTER,
    HeaderName::from_static("x-request-id"),
    HeaderName::from_static("openai-processing-ms"),
];

/// Tells browsers that pages of these origins may ask and read. They show a token, never a cookie.
pub fn layer(origins: &[HeaderValue]) -> CorsLayer {
    CorsLayer::new()
        .allow_origin(origins.to_vec())
        .allow_methods([Method::GET, Method::POST])
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers(EXPOSED)
        .max_age(MAX_AGE)
}
