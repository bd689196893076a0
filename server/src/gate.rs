//! Who may enter: everyone on this machine where no password is set, else the signed-in owner.

pub mod bearer;

use std::net::{IpAddr, SocketAddr};

use axum::{
    Form,
    extract::{ConnectInfo, Query, Request, State},
    http::{HeaderMap, StatusCode, Uri, header},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

use crate::{
    functions, pages,
    password::{OwnerPassword, SESSION_AGE, SessionToken, SignIn, clearing_cookie},
    routes::App,
};

/// The door of the server.
pub struct Gate {
    /// `None` if there is no password.
    sign_in: Option<SignIn>,
    public_url: Option<Url>,
}

impl Gate {
    /// A door with or without a lock.
    pub fn new(password: Option<OwnerPassword>, public_url: Option<Url>) -> Self {
        Self { sign_in: password.map(SignIn::new), public_url }
    }

    /// True if one has to sign in.
    pub fn is_locked(&self) -> bool {
        self.sign_in.is_some()
    }

    /// Where people open the page, if that is configured.
    pub fn public_url(&self) -> Option<&Url> {
        self.public_url.as_ref()
    }

    /// True if a browser sent a request for a page that is not ours. Programs say nothing of pages.
    pub fn is_from_another_site(&self, headers: &HeaderMap) -> bool {
        let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
        if let Some(site) = text("sec-fetch-site") {
            return !matches!(site, "same-origin" | "none");
        }
        let Some(origin) = text("origin") else { return false };
        let host = text("host").unwrap_or_default();
        let public = self.public_url().map(|url| url.origin().ascii_serialization());
        let ours = ["http://", "https://"].map(|scheme| format!("{scheme}{host}"));
        !ours.iter().chain(&public).any(|ours| ours == origin)
    }

    /// Whose request this is. Behind a proxy on this machine every connection comes from there, and the proxy says in
    /// the last of `X-Forwarded-For` from where its own came.
    fn address_of(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let is_proxy = self.public_url().is_some() && peer.to_canonical().is_loopback();
        let told = headers.get_all("x-forwarded-for").iter().next_back();
        let last =
            told.and_then(|told| told.to_str().ok()?.rsplit(',').next()?.trim().parse().ok());
        last.filter(|_| is_proxy).unwrap_or(peer)
    }

    fn secure_cookies(&self) -> bool {
        self.public_url().is_some_and(|url| url.scheme() == "https")
    }

    /// True if a request to this host is meant for us. Where there is no password, another site
    /// could point a name of its own at 127.0.0.1 and read everything through the owner's browser.
    fn knows_host(&self, host: &str) -> bool {
        if self.is_locked() {
            return true;
        }
        let name = match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
            _ => host,
        };
        let address = name.trim_matches(['[', ']']).parse::<IpAddr>();
        name.eq_ignore_ascii_case("localhost")
            || address.is_ok_and(|address| address.to_canonical().is_loopback())
            || self.public_url().and_then(Url::host_str).is_some_and(|ours| ours == name)
    }
}

/// Refuses requests under a foreign name.
pub async fn require_known_host(
    State(gate): State<std::sync::Arc<Gate>>,
    request: Request,
    next: Next,
) -> Response {
    let from_header = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let host = from_header.or_else(|| request.uri().host()).unwrap_or_default();
    if gate.knows_host(host) {
        return next.run(request).await;
    }
    let words = "This server answers to localhost only. To reach it under another name, set a \
                 password, or set public_url in inglenook.toml.\n";
    (StatusCode::MISDIRECTED_REQUEST, words).into_response()
}

/// Lets the owner through. A page leads visitors to the sign-in page; anything else is refused.
pub async fn require_owner(State(app): State<App>, request: Request, next: Next) -> Response {
    if !app.gate.is_locked() {
        return next.run(request).await;
    }
    match is_signed_in(&app, request.headers()).await {
        Ok(true) => next.run(request).await,
        Ok(false) if wants_page(&request) => {
            let next = request.uri().path_and_query().map_or("/", |path| path.as_str());
            let query: String = url::form_urlencoded::Serializer::new(String::new())
                .append_pair("next", next)
                .finish();
            Redirect::to(&format!("/login?{query}")).into_response()
        }
        Ok(false) if request.uri().path().starts_with("/rpc/") => functions::signed_out(),
        Ok(false) => (StatusCode::UNAUTHORIZED, "Sign in first.\n").into_response(),
        Err(problem) => pages::failed(&problem),
    }
}

fn wants_page(request: &Request) -> bool {
    let accepts_html = request
        .headers()
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"));
    request.method() == axum::http::Method::GET && accepts_html
}

fn session(headers: &HeaderMap) -> Option<SessionToken> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|cookie| cookie.to_str().ok());
    SessionToken::from_cookies(cookies)
}

async fn is_signed_in(app: &App, headers: &HeaderMap) -> Result<bool, chat::StoreError> {
    match (&app.gate.sign_in, session(headers)) {
        (Some(door), Some(token)) => app.chat.has_session(&door.hash_of(&token)).await,
        _ => Ok(false),
    }
}

/// Where to go after signing in.
#[derive(Debug, Default, Deserialize)]
pub struct Destination {
    #[serde(default)]
    next: String,
}

impl Destination {
    fn path(&self) -> &str {
        path_here(&self.next)
    }
}

/// A path on this server, in place of which `/` is taken if it is none. Anything else could lead a
/// person who trusts this server elsewhere: to browsers, two slashes begin the name of a host.
pub fn path_here(path: &str) -> &str {
    let ours = path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains('\\')
        && path.parse::<Uri>().is_ok();
    if ours { path } else { "/" }
}

/// `GET /login`.
pub async fn sign_in_page(
    State(app): State<App>,
    Query(next): Query<Destination>,
    headers: HeaderMap,
) -> Response {
    match is_signed_in(&app, &headers).await {
        _ if !app.gate.is_locked() => Redirect::to("/").into_response(),
        Ok(true) => Redirect::to(next.path()).into_response(),
        Ok(false) => {
            pages::sign_in(&app, pages::look(&headers), StatusCode::OK, None, next.path()).await
        }
        Err(problem) => pages::failed(&problem),
    }
}

/// What the sign-in form sends.
#[derive(Deserialize)]
pub struct Credentials {
    password: SecretString,
    #[serde(flatten)]
    next: Destination,
}

/// `POST /login`.
pub async fn sign_in(
    State(app): State<App>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Form(credentials): Form<Credentials>,
) -> Response {
    let Some(door) = &app.gate.sign_in else { return Redirect::to("/").into_response() };
    let look = pages::look(&headers);
    let from = app.gate.address_of(from.ip(), &headers);
    if let Err(refused) = door.attempt(from, credentials.password).await {
        tracing::warn!(%from, %refused, "a sign-in was refused");
        let status = match refused {
            crate::password::Refused::WrongPassword => StatusCode::UNAUTHORIZED,
            crate::password::Refused::TryAgainIn(_) => StatusCode::TOO_MANY_REQUESTS,
        };
        let words = Some(refused.to_string());
        return pages::sign_in(&app, look, status, words, credentials.next.path()).await;
    }
    let token = match SessionToken::generate() {
        Ok(token) => token,
        Err(error) => return pages::failed(&error),
    };
    if let Err(error) = app.chat.add_session(&door.hash_of(&token), SESSION_AGE).await {
        return pages::failed(&error);
    }
    let cookie = token.cookie(app.gate.secure_cookies());
    ([(header::SET_COOKIE, cookie)], Redirect::to(credentials.next.path())).into_response()
}

/// `POST /logout`.
pub async fn sign_out(State(app): State<App>, headers: HeaderMap) -> Response {
    if let (Some(door), Some(token)) = (&app.gate.sign_in, session(&headers))
        && let Err(error) = app.chat.remove_session(&door.hash_of(&token)).await
    {
        return pages::failed(&error);
    }
    let cookie = clearing_cookie(app.gate.secure_cookies());
    ([(header::SET_COOKIE, cookie)], Redirect::to("/login")).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_password_only_this_machine_is_meant() {
        let gate = Gate::new(None, Some("https://chat.example.org".parse().unwrap()));
        let check = |host: &str, expected| assert_eq!(gate.knows_host(host), expected, "{host:?}");
        check("localhost:3000", true);
        check("127.0.0.1:3000", true);
        check("[::1]:3000", true);
        check("chat.example.org", true);
        check("evil.example.org", false);
        check("127.0.0.1.evil.example.org", false);
        check("", false);
    }

    #[test]
    fn a_proxy_on_this_machine_says_who_asks() {
        let check = |public: Option<&str>, peer: &str, told: &[&str], expected: &str| {
            let gate = Gate::new(None, public.map(|url| url.parse().unwrap()));
            let told =
                told.iter().map(|told| ("x-forwarded-for".parse().unwrap(), told.parse().unwrap()));
            let headers: HeaderMap = told.collect();
            let address = gate.address_of(peer.parse().unwrap(), &headers);
            assert_eq!(address.to_string(), expected, "{public:?} {peer} {headers:?}");
        };
        let public = Some("https://chat.example.org");
        check(public, "127.0.0.1", &["203.0.113.7"], "203.0.113.7");
        check(public, "::1", &["10.0.0.1, 2001:db8::7"], "2001:db8::7");
        check(public, "127.0.0.1", &["10.0.0.1", "203.0.113.7"], "203.0.113.7");
        check(public, "127.0.0.1", &[], "127.0.0.1");
        check(public, "127.0.0.1", &["unknown"], "127.0.0.1");
        // Whoever else says so is not believed.
        check(public, "203.0.113.9", &["203.0.113.7"], "203.0.113.9");
        check(None, "127.0.0.1", &["203.0.113.7"], "127.0.0.1");
    }

    #[test]
    fn after_signing_in_one_stays_here() {
        let check = |next: &str, expected: &str| {
            assert_eq!(Destination { next: next.to_owned() }.path(), expected, "{next:?}");
        };
        check("/c/0193a5c0000070008000000000000001", "/c/0193a5c0000070008000000000000001");
        check("", "/");
        check("https://evil.example.org", "/");
        check("//evil.example.org", "/");
        check("/\\evil.example.org", "/");
    }
}
