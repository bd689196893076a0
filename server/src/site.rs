//! The built page: scripts, WASM and styles, inside the binary. Debug builds read the folder, so
//! that `cargo leptos watch` shows what was just built.

use app::Assets;
use axum::{
    extract::{Path, Request},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "../target/site"]
struct Site;

/// Files under `/pkg` have a hash of their content in their names, so they never change.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
const FOR_A_DAY: &str = "public, max-age=86400";

/// The addresses of the page's parts, found by their names: `inglenook.{hash}.js` and so on.
pub fn assets() -> Assets {
    let find = |extension: &str| {
        Site::iter()
            .find(|file| {
                file.strip_prefix("pkg/inglenook.").is_some_and(|rest| {
                    rest.rsplit_once('.').map_or(rest, |(_, extension)| extension) == extension
                })
            })
            .map_or_else(|| format!("/pkg/inglenook.{extension}"), |file| format!("/{file}"))
    };
    let (js, wasm) = (find("js"), find("wasm"));
    let grammars = grammars::fingerprint();
    let worker = format!("/worker.js?js={js}&wasm={wasm}&grammars=/grammars/{grammars}");
    Assets { js, wasm, css: find("css"), worker }
}

/// The worker. It is given what the page is given, but for what only a document needs.
pub async fn worker(request: Request) -> Response {
    let mut response = file(request).await;
    let policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'";
    let policy = header::HeaderValue::from_static(policy);
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}

/// The grammar of a language, for the worker, by what people call the language. An address with another fingerprint
/// is from before an update; its page will be loaded again, and until then its code is plain.
pub async fn grammar(Path((fingerprint, language)): Path<(String, String)>) -> Response {
    let pack =
        (fingerprint == grammars::fingerprint()).then(|| grammars::pack(&language)).flatten();
    let cached = [(header::CACHE_CONTROL, FOR_EVER)];
    match pack {
        Some(pack) => (cached, pack).into_response(),
        None => (StatusCode::NO_CONTENT, cached).into_response(),
    }
}

/// A file of the site, compressed when it was built.
pub async fn file(request: Request) -> Response {
    let path = request.uri().path().trim_start_matches('/');
    let cached = if path.starts_with("pkg/") { FOR_EVER } else { FOR_A_DAY };
    let compressed =
        [("br", "br"), ("gzip", "gz")].into_iter().find_map(|(encoding, extension)| {
            let file = accepts(request.headers(), encoding)
                .then(|| Site::get(&format!("{path}.{extension}")))??;
            Some((file, Some(encoding)))
        });
    let Some((file, encoding)) = compressed.or_else(|| Some((Site::get(path)?, None))) else {
        return (StatusCode::NOT_FOUND, "There is no such file.\n").into_response();
    };
    let mut response = file.data.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, content_type(path));
    headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static(cached));
    headers.insert(header::VARY, header::HeaderValue::from_static("accept-encoding"));
    if let Some(encoding) = encoding {
        headers.insert(header::CONTENT_ENCODING, header::HeaderValue::from_static(encoding));
    }
    response
}

fn accepts(headers: &HeaderMap, encoding: &str) -> bool {
    headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|offer| {
            let (name, quality) = offer.split_once(';').unwrap_or((offer, ""));
            name.trim() == encoding
                && !matches!(quality.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000")
        })
}

/// Our files have few kinds; anything else is not to be interpreted.
fn content_type(path: &str) -> header::HeaderValue {
    header::HeaderValue::from_static(match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("js") => "text/javascript; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("json") => "application/json",
        Some("txt") => "text/plain; charset=utf-8",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    })
}
