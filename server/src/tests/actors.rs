//! Who acts in the tests, and the requests they send.

use std::net::SocketAddr;

use app::rpc::Asked;
use axum::{
    body::Body,
    extract::{ConnectInfo, Request},
    http::{HeaderName, HeaderValue, Method, header},
};
use protocol::MessageId;
use scripted_upstream::Script;
use tower::ServiceExt;

use super::{
    events::Heard,
    house::House,
    reply::{Opened, Reply, within},
};

/// Where the page is opened, unless a request says otherwise.
pub const HERE: &str = "localhost:3000";

/// Someone whom a password keeps out.
pub struct Visitor<'a> {
    pub house: &'a House,
}

/// Someone who presents a session's cookie.
pub struct Owner<'a> {
    pub house: &'a House,
    pub cookie: String,
}

/// Someone at a server without a password.
pub struct LocalUser<'a> {
    pub house: &'a House,
}

/// A program that shows a token.
pub struct Program<'a> {
    pub house: &'a House,
    pub token: String,
}

impl Actor for Program<'_> {
    fn house(&self) -> &House {
        self.house
    }

    fn authorization(&self) -> Option<String> {
        Some(format!("Bearer {}", self.token))
    }
}

impl Actor for Visitor<'_> {
    fn house(&self) -> &House {
        self.house
    }
}

impl Actor for LocalUser<'_> {
    fn house(&self) -> &House {
        self.house
    }
}

impl Actor for Owner<'_> {
    fn house(&self) -> &House {
        self.house
    }

    fn cookie(&self) -> Option<&str> {
        Some(&self.cookie)
    }
}

/// What all of them can do.
pub trait Actor {
    fn house(&self) -> &House;

    fn cookie(&self) -> Option<&str> {
        None
    }

    fn authorization(&self) -> Option<String> {
        None
    }

    /// Sends a request and waits for the head of the response.
    async fn open(&self, mut request: Request) -> Opened {
        let headers = request.headers_mut();
        headers.entry(header::HOST).or_insert(HeaderValue::from_static(HERE));
        if let Some(cookie) = self.cookie() {
            headers.append(header::COOKIE, cookie.parse().unwrap());
        }
        if let Some(authorization) = self.authorization() {
            headers.insert(header::AUTHORIZATION, authorization.parse().unwrap());
        }
        let from = SocketAddr::from(([127, 0, 0, 1], 50_000));
        request.extensions_mut().insert(ConnectInfo(from));
        let router = self.house().router.clone();
        Opened::new(within(router.oneshot(request)).await.unwrap())
    }

    /// Sends a request and reads the whole response.
    async fn send(&self, request: Request) -> Reply {
        self.open(request).await.whole().await
    }

    /// Opens a page.
    async fn visit(&self, path: &str) -> Reply {
        self.send(page(path)).await
    }

    /// Asks in a new conversation and has a script played.
    async fn ask(&self, text: &str, script: Script) -> Asked {
        self.house().upstream.push(script);
        let reply = self.send(data("/rpc/ask", &[("text", text)])).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        reply.json()
    }

    /// The same, with the answer written to its end.
    async fn have_answered(&self, text: &str, script: Script) -> Asked {
        let asked = self.ask(text, script).await;
        let heard = self.hear(asked.answer).await;
        assert!(heard.end.is_some(), "the answer ended");
        asked
    }

    /// Follows an answer from its beginning to its end.
    async fn hear(&self, answer: MessageId) -> Heard {
        self.send(events(answer, "")).await.heard()
    }
}

/// A page, as a browser asks for it.
pub fn page(path: &str) -> Request {
    with(request(Method::GET, path, Body::empty()), "accept", "text/html,*/*;q=0.8")
}

/// A form, as a browser without scripts sends it.
pub fn form(path: &str, fields: &[(&str, &str)]) -> Request {
    with(fields_to(path, fields), "accept", "text/html,*/*;q=0.8")
}

/// The same from the page's scripts, which ask for data.
pub fn data(path: &str, fields: &[(&str, &str)]) -> Request {
    with(fields_to(path, fields), "accept", "application/json")
}

/// A program's request with a JSON body.
pub fn json(path: &str, body: &serde_json::Value) -> Request {
    let request = request(Method::POST, path, Body::from(body.to_string()));
    with(request, "content-type", "application/json")
}

/// The events of an answer; `query` may be empty.
pub fn events(answer: MessageId, query: &str) -> Request {
    let path = format!("/api/answers/{answer}/events{query}");
    with(request(Method::GET, &path, Body::empty()), "accept", "text/event-stream")
}

/// A request with nothing said about what is wanted.
pub fn request(method: Method, path: &str, body: Body) -> Request {
    Request::builder().method(method).uri(path).body(body).unwrap()
}

/// The same request with a header.
pub fn with(mut request: Request, name: &str, value: &str) -> Request {
    request.headers_mut().insert(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
    request
}

fn fields_to(path: &str, fields: &[(&str, &str)]) -> Request {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let length = body.len().to_string();
    let request = request(Method::POST, path, Body::from(body));
    let request = with(request, "content-type", "application/x-www-form-urlencoded");
    with(request, "content-length", &length)
}
