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
    let built = |name: &str, extension: &str| {
        let is_it = |file: &str| {
            let rest = file.strip_prefix("pkg/").and_then(|file| file.strip_prefix(name));
            let rest = rest.and_then(|rest| rest.strip_prefix('.'));
            rest.is_some_and(|rest| {
                rest.rsplit_once('.').map_or(rest, |(_, extension)| extension) == extension
            })
        };
        Site::iter().find(|file| is_it(file)).map(|file| format!("/{file}"))
    };
    let page = |extension: &str| {
        built("inglenook", extension).unwrap_or_else(|| format!("/pkg/inglenook.{extension}"))
    };
    let (js, wasm) = (page("js"), page("wasm"));
    let grammars = grammars::fingerprint();
    let worker = format!("/worker.js?js={js}&wasm={wasm}&grammars=/grammars/{grammars}");
    Assets { js, parts: built("__wasm_split", "js"), wasm, css: page("css"), worker }
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
    if fingerprint != grammars::fingerprint() {
        // Another version has it, which may be the next one again.
        return (StatusCode::NO_CONTENT, [(header::CACHE_CONTROL, "no-store")]).into_response();
    }
    let cached = [(header::CACHE_CONTROL, FOR_EVER)];
    match grammars::pack(&language) {
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
