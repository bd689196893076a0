//! Who may call which route. The table must name every route that the source does.

use std::{collections::BTreeSet, convert::Infallible};

use axum::body::{Body, Bytes};
use futures_util::stream;

use super::{
    actors::{Actor, request, with},
    house::{House, MAX_FILE_BYTES, MAX_IMPORT_BYTES, MAX_RELAY_BYTES, MAX_REQUEST_BYTES},
    reply::Reply,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OpenTo {
    /// Everybody.
    All,
    /// The owner alone.
    Owner,
    /// The owner, and programs that may read.
    Readers,
    /// Programs that may ask models.
    Relay,
    /// Programs, whatever they may.
    Programs,
}
use OpenTo::{All, Owner, Programs, Readers, Relay};

/// Method, route as the source writes it, an address of it, and who may call it.
const ROUTES: &[(&str, &str, &str, OpenTo)] = &[
    ("GET", "/", "/", Owner),
    ("GET", "/c/{id}", "/c/0193a5c0000070008000000000000001", Owner),
    ("GET", "/c/{id}/settings", "/c/0193a5c0000070008000000000000001/settings", Owner),
    ("POST", "/c/{id}/settings", "/c/0193a5c0000070008000000000000001/settings", Owner),
    ("POST", "/settings/parameters", "/settings/parameters", Owner),
    ("GET", "/prompts", "/prompts", Owner),
    ("POST", "/prompts", "/prompts", Owner),
    ("POST", "/prompts/import", "/prompts/import", Owner),
    ("GET", "/prompts/export", "/prompts/export", Owner),
    ("GET", "/prompts/{id}", "/prompts/0193a5c0000070008000000000000001", Owner),
    ("POST", "/prompts/{id}", "/prompts/0193a5c0000070008000000000000001", Owner),
    ("POST", "/prompts/{id}/delete", "/prompts/0193a5c0000070008000000000000001/delete", Owner),
    ("GET", "/personas", "/personas", Owner),
    ("POST", "/personas", "/personas", Owner),
    ("GET", "/personas/{id}", "/personas/0193a5c0000070008000000000000001", Owner),
    ("POST", "/personas/{id}", "/personas/0193a5c0000070008000000000000001", Owner),
    ("POST", "/personas/{id}/delete", "/personas/0193a5c0000070008000000000000001/delete", Owner),
    ("POST", "/theme", "/theme", Owner),
    ("POST", "/logout", "/logout", Owner),
    ("GET", "/rpc/{function}", "/rpc/ask", Owner),
    ("POST", "/rpc/{function}", "/rpc/unknown", Owner),
    ("POST", "/rpc/ask", "/rpc/ask", Owner),
    ("POST", "/rpc/stop", "/rpc/stop", Owner),
    ("POST", "/rpc/retry", "/rpc/retry", Owner),
    ("POST", "/rpc/continue", "/rpc/continue", Owner),
    ("POST", "/rpc/conversation", "/rpc/conversation", Owner),
    ("POST", "/rpc/queue", "/rpc/queue", Owner),
    ("POST", "/rpc/unqueue", "/rpc/unqueue", Owner),
    ("POST", "/rpc/ask_queued", "/rpc/ask_queued", Owner),
    ("POST", "/rpc/draft", "/rpc/draft", Owner),
    ("POST", "/rpc/kept_draft", "/rpc/kept_draft", Owner),
    ("POST", "/rpc/look", "/rpc/look", Owner),
    ("POST", "/rpc/older", "/rpc/older", Owner),
    ("POST", "/rpc/list", "/rpc/list", Owner),
    ("POST", "/rpc/more", "/rpc/more", Owner),
    ("POST", "/rpc/search", "/rpc/search", Owner),
    ("POST", "/rpc/arrange", "/rpc/arrange", Owner),
    ("POST", "/rpc/folder", "/rpc/folder", Owner),
    ("POST", "/rpc/branch", "/rpc/branch", Owner),
    ("GET", "/api/events", "/api/events", Owner),
    ("GET", "/settings", "/settings", Owner),
    ("POST", "/settings", "/settings", Owner),
    ("POST", "/settings/keys", "/settings/keys", Owner),
    ("GET", "/metrics", "/metrics", Readers),
    ("GET", "/usage", "/usage", Owner),
    ("GET", "/usage.csv", "/usage.csv", Readers),
    ("GET", "/archive", "/archive", Owner),
    ("GET", "/inspect/{answer}", "/inspect/0193a5c0000070008000000000000001", Owner),
    ("POST", "/rpc/markdown", "/rpc/markdown", Owner),
    ("POST", "/rpc/prompts", "/rpc/prompts", Owner),
    ("POST", "/rpc/prompt", "/rpc/prompt", Owner),
    ("POST", "/rpc/personas", "/rpc/personas", Owner),
    ("POST", "/rpc/settings", "/rpc/settings", Owner),
    ("POST", "/rpc/model", "/rpc/model", Owner),
    ("POST", "/rpc/favourite", "/rpc/favourite", Owner),
    ("POST", "/rpc/favourites", "/rpc/favourites", Owner),
    (
        "GET",
        "/api/answers/{id}/events",
        "/api/answers/0193a5c0000070008000000000000001/events",
        Owner,
    ),
    ("GET", "/export", "/export", Readers),
    ("GET", "/export/{id}", "/export/0193a5c0000070008000000000000001", Readers),
    ("GET", "/tokens", "/tokens", Owner),
    ("POST", "/tokens", "/tokens", Owner),
    ("POST", "/tokens/{id}/revoke", "/tokens/7/revoke", Owner),
    ("POST", "/v1/chat/completions", "/v1/chat/completions", Relay),
    ("POST", "/v1/completions", "/v1/completions", Relay),
    ("POST", "/v1/responses", "/v1/responses", Relay),
    ("POST", "/v1/messages", "/v1/messages", Relay),
    ("POST", "/v1/embeddings", "/v1/embeddings", Relay),
    ("POST", "/v1/audio/speech", "/v1/audio/speech", Relay),
    ("POST", "/v1/audio/transcriptions", "/v1/audio/transcriptions", Relay),
    ("POST", "/v1/audio/translations", "/v1/audio/translations", Relay),
    ("POST", "/v1/images/generations", "/v1/images/generations", Relay),
    ("POST", "/v1/images/edits", "/v1/images/edits", Relay),
    ("POST", "/v1/images/variations", "/v1/images/variations", Relay),
    ("ANY", "/v1/{*rest}", "/v1/files", Relay),
    ("GET", "/v1/models", "/v1/models", Programs),
    ("GET", "/v1/models/{*id}", "/v1/models/scripted/small", Programs),
    // A program may show its token after the connection has become a socket.
    ("GET", "/chat", "/chat", All),
    ("GET", "/import", "/import", Owner),
    ("POST", "/import", "/import", Owner),
    ("GET", "/import/{id}", "/import/0123456789abcdef0123456789abcdef", Owner),
    ("POST", "/import/{id}", "/import/0123456789abcdef0123456789abcdef", Owner),
    ("POST", "/api/files", "/api/files", Owner),
    ("GET", "/api/files/{id}", "/api/files/0193a5c0000070008000000000000001", Owner),
    ("GET", "/login", "/login", All),
    ("POST", "/login", "/login", All),
    ("GET", "/health", "/health", All),
    ("GET", "/pkg/{*file}", "/pkg/some.css", All),
    ("GET", "/worker.js", "/worker.js", All),
    ("GET", "/grammars/{fingerprint}/{language}", "/grammars/0/rust", All),
    ("GET", "/icon.svg", "/icon.svg", All),
    ("GET", "/robots.txt", "/robots.txt", All),
];

/// Addresses without a route. They are answered with a page, which lists the conversations.
const ELSEWHERE: &[(&str, &str)] =
    &[("GET", "/nowhere"), ("POST", "/nowhere"), ("GET", "/c/"), ("HEAD", "/"), ("PUT", "/theme")];

#[test]
fn the_table_names_every_route() {
    let named: BTreeSet<_> =
        ROUTES.iter().map(|(method, route, ..)| format!("{method} {route}")).collect();
    let mut written = routes_in(include_str!("../routes.rs"));
    assert!(written.contains("GET /login") && written.contains("POST /login"), "{written:?}");
    let functions = server_functions_in(include_str!("../../../app/src/rpc.rs"));
    assert!(functions.contains("POST /rpc/ask"), "{functions:?}");
    written.extend(functions);
    written.extend(server_functions_in(include_str!("../../../app/src/rpc/library.rs")));
    assert_eq!(named, written);
}

/// Every `.route("path", get(…).post(…))` of a source text.
fn routes_in(source: &str) -> BTreeSet<String> {
    let mut routes = BTreeSet::new();
    for call in source.split(".route(").skip(1) {
        let (path, handlers) = call.split_once(',').unwrap();
        let path = path.trim().trim_matches('"');
        let handlers = up_to_closing_parenthesis(handlers);
        for method in ["get", "post", "put", "patch", "delete", "any"] {
            if handlers.split(|c: char| !c.is_alphanumeric()).any(|word| word == method) {
                routes.insert(format!("{} {path}", method.to_uppercase()));
            }
        }
    }
    routes
}

fn up_to_closing_parenthesis(text: &str) -> &str {
    let mut depth = 1;
    let end = text.find(|c| {
        depth += match c {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        depth == 0
    });
    &text[..end.unwrap()]
}

fn server_functions_in(source: &str) -> BTreeSet<String> {
    let endpoints = source.split("endpoint = \"").skip(1);
    endpoints.map(|rest| format!("POST /rpc/{}", rest.split_once('"').unwrap().0)).collect()
}

async fn call(actor: &impl Actor, method: &str, address: &str, accept: &str) -> Reply {
    let request = request(method.parse().unwrap(), address, Body::empty());
    actor.send(with(request, "accept", accept)).await
}

/// True if the gate refused, or led to the sign-in page.
fn kept_out(status: u16, location: &str) -> bool {
    matches!(status, 401 | 403) || location.starts_with("/login?next=")
}

/// True if an actor gets beyond the gate. The events of a page have no end, so no body is waited for.
async fn gets_in(actor: &impl Actor, method: &str, address: &str, accept: &str) -> bool {
    let request = request(method.parse().unwrap(), address, Body::empty());
    let met = actor.open(with(request, "accept", accept)).await;
    !kept_out(met.status.as_u16(), met.header("location"))
}

#[tokio::test]
async fn each_actor_meets_what_is_open_to_them_and_nothing_else() {
    let locked = House::locked().await;
    let open = House::open().await;
    let [relay, read] = [locked.program(&["relay"]).await, locked.program(&["read"]).await];
    let both = locked.program(&["relay", "read"]).await;
    let forged = locked.owner_with("inglenook_session=0");
    for (method, _, address, open_to) in ROUTES {
        for accept in ["text/html", "application/json"] {
            let is_open_to = |scopes: &[OpenTo]| *open_to == All || scopes.contains(open_to);
            let place = format!("{method} {address} {accept}");
            let met = gets_in(&locked.visitor(), method, address, accept).await;
            assert_eq!(met, is_open_to(&[]), "a visitor at {place}");
            let met = gets_in(&forged, method, address, accept).await;
            assert_eq!(met, is_open_to(&[]), "a forged cookie at {place}");
            // A fresh session for each, since one of the routes ends it.
            let met = gets_in(&locked.owner().await, method, address, accept).await;
            assert_eq!(met, is_open_to(&[Owner, Readers]), "the owner at {place}");
            let met = gets_in(&relay, method, address, accept).await;
            assert_eq!(met, is_open_to(&[Relay, Programs]), "a program that asks at {place}");
            let met = gets_in(&read, method, address, accept).await;
            assert_eq!(met, is_open_to(&[Readers, Programs]), "a program that reads at {place}");
            let met = gets_in(&both, method, address, accept).await;
            assert_eq!(
                met,
                is_open_to(&[Readers, Relay, Programs]),
                "one that does both at {place}"
            );
            let met = gets_in(&open.local_user(), method, address, accept).await;
            assert!(met, "a local user at {place}");
        }
    }
    for (method, address) in ELSEWHERE {
        assert!(
            !gets_in(&locked.visitor(), method, address, "text/html").await,
            "{method} {address}"
        );
        assert!(!gets_in(&both, method, address, "text/html").await, "{method} {address}");
    }
}

#[tokio::test]
async fn no_route_reads_a_body_without_an_end() {
    let house = House::open().await;
    let user = house.local_user();
    const PIECE: usize = 1024;
    let longest = [MAX_RELAY_BYTES, MAX_FILE_BYTES, MAX_REQUEST_BYTES, MAX_IMPORT_BYTES as usize];
    // Some is read beyond, so that a browser comes to reading the answer.
    let most = 2 * longest.into_iter().max().unwrap() + 128 * PIECE;
    for (method, _, address, _) in ROUTES.iter().filter(|(method, ..)| *method != "GET") {
        let method = if *method == "ANY" { "POST" } else { method };
        for kind in ["application/x-www-form-urlencoded", "application/json", FORM_WITH_FILES] {
            let mut pieces = 0;
            let endless = stream::repeat_with(move || {
                let taken = pieces * PIECE;
                assert!(taken <= most, "{method} {address} {kind} takes all that comes");
                pieces += 1;
                let text = if pieces == 1 { BEGINNING.to_vec() } else { vec![b'a'; PIECE] };
                Ok::<_, Infallible>(Bytes::from(text))
            });
            let request = request(method.parse().unwrap(), address, Body::from_stream(endless));
            // It is answered, whatever it is answered.
            user.open(with(request, "content-type", kind)).await;
        }
    }
}

const FORM_WITH_FILES: &str = "multipart/form-data; boundary=x";

/// A file that goes on and on.
const BEGINNING: &[u8] =
    b"--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n";

#[tokio::test]
async fn pages_lead_to_the_sign_in_page_and_anything_else_is_refused() {
    let house = House::locked().await;
    let visitor = house.visitor();
    let check = async |method: &str, address: &str, accept: &str, expected: &str| {
        let reply = call(&visitor, method, address, accept).await;
        let met = format!("{} {}", reply.status.as_u16(), reply.header("location"));
        assert_eq!(met.trim_end(), expected, "{method} {address} {accept}");
    };
    check("GET", "/", "text/html", "303 /login?next=%2F").await;
    check("GET", "/c/1?stream", "text/html", "303 /login?next=%2Fc%2F1%3Fstream").await;
    check("GET", "/nowhere", "text/html,*/*", "303 /login?next=%2Fnowhere").await;
    check("GET", "/", "*/*", "401").await;
    check("POST", "/rpc/ask", "text/html", "401").await;
    check("POST", "/rpc/more", "application/json", "401").await;
    check("GET", "/api/answers/1/events", "text/event-stream", "401").await;
}
