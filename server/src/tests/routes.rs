//! Who may call which route. The table must name every route that the source does.

use std::collections::BTreeSet;

use axum::body::Body;

use super::{
    actors::{Actor, request, with},
    house::House,
    reply::Reply,
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum OpenTo {
    All,
    Owner,
}
use OpenTo::{All, Owner};

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
    ("GET", "/metrics", "/metrics", Owner),
    ("GET", "/usage", "/usage", Owner),
    ("GET", "/usage.csv", "/usage.csv", Owner),
    ("GET", "/archive", "/archive", Owner),
    ("GET", "/inspect/{answer}", "/inspect/0193a5c0000070008000000000000001", Owner),
    ("POST", "/rpc/markdown", "/rpc/markdown", Owner),
    ("POST", "/rpc/prompts", "/rpc/prompts", Owner),
    ("POST", "/rpc/prompt", "/rpc/prompt", Owner),
    ("POST", "/rpc/personas", "/rpc/personas", Owner),
    ("POST", "/rpc/settings", "/rpc/settings", Owner),
    ("POST", "/rpc/model", "/rpc/model", Owner),
    ("POST", "/rpc/favourite", "/rpc/favourite", Owner),
    (
        "GET",
        "/api/answers/{id}/events",
        "/api/answers/0193a5c0000070008000000000000001/events",
        Owner,
    ),
    ("GET", "/export", "/export", Owner),
    ("GET", "/export/{id}", "/export/0193a5c0000070008000000000000001", Owner),
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
fn kept_out(reply: &Reply) -> bool {
    reply.status == 401 || reply.header("location").starts_with("/login?next=")
}

#[tokio::test]
async fn visitors_meet_what_is_open_to_all_only() {
    let house = House::locked().await;
    let visitor = house.visitor();
    for (method, _, address, open_to) in ROUTES {
        for accept in ["text/html", "application/json"] {
            let reply = call(&visitor, method, address, accept).await;
            assert_eq!(kept_out(&reply), *open_to == Owner, "{method} {address}: {reply:?}");
        }
    }
    for (method, address) in ELSEWHERE {
        let reply = call(&visitor, method, address, "text/html").await;
        assert!(kept_out(&reply), "{method} {address}: {reply:?}");
    }
}

#[tokio::test]
async fn the_owner_and_local_users_meet_everything() {
    let locked = House::locked().await;
    let open = House::open().await;
    let local_user = open.local_user();
    for (method, _, address, _) in ROUTES {
        // The events of a page have no end, so no body is waited for.
        let ask = || {
            with(request(method.parse().unwrap(), address, Body::empty()), "accept", "text/html")
        };
        // A fresh session for each, since one of the routes ends it.
        for met in [locked.owner().await.open(ask()).await, local_user.open(ask()).await] {
            let leads_out = met.header("location").starts_with("/login?next=");
            assert!(met.status != 401 && !leads_out, "{method} {address}: {}", met.status);
        }
    }
}

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
