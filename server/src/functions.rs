//! The page's server functions, which are also what plain forms are sent to.

use app::rpc::Problem;
use axum::{
    Json,
    body::{self, Body, Bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use leptos::prelude::provide_context;
use url::form_urlencoded;

use crate::{
    pages::{self, RefusedForm},
    routes::App,
};

/// Calls a server function, with what it needs in its context. The body is read here, because it
/// would call one beyond the limit an error of the server.
pub async fn call(State(app): State<App>, parts: Parts, body: Bytes) -> Response {
    let mut request = Request::from_parts(parts.clone(), Body::from(body.clone()));
    // A function that refuses a form would lead back to where the form was, with the reason in the
    // address, and no address is long enough for what was written. So it is called as by a script;
    // from its context it still knows whom to lead on.
    request.headers_mut().insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    let provide = {
        let (app, parts) = (app.clone(), parts.clone());
        move || {
            provide_context(app.chat.clone());
            provide_context(app.renderer.clone());
            provide_context(pages::look(&parts.headers).language);
            provide_context(parts.clone());
        }
    };
    let response =
        leptos_axum::handle_server_fns_with_context(provide, request).await.into_response();
    let refused = response.status().is_client_error() || response.status().is_server_error();
    if !refused {
        return response;
    }
    let (mut head, said) = response.into_parts();
    let Ok(said) = body::to_bytes(said, usize::MAX).await else {
        return Response::from_parts(head, Body::empty());
    };
    match serde_json::from_slice::<Problem>(&said) {
        Ok(problem) if is_plain_form(&parts.headers) => {
            pages::refused(app, &parts.headers, refused_form(&body), problem).await
        }
        Ok(problem) => {
            head.status = status(&problem);
            if let Problem::Limit { reached } = &problem
                && let Some(seconds) = reached.retry_after_s
            {
                head.headers.insert(header::RETRY_AFTER, seconds.into());
            }
            Response::from_parts(head, Body::from(said))
        }
        Err(_) => Response::from_parts(head, Body::from(said)),
    }
}

/// What a refusal is to HTTP. The functions themselves call every one an error of the server.
const fn status(problem: &Problem) -> StatusCode {
    match problem {
        Problem::NotFound => StatusCode::NOT_FOUND,
        Problem::StillOpen => StatusCode::CONFLICT,
        Problem::Limit { .. } => StatusCode::TOO_MANY_REQUESTS,
        Problem::SignedOut => StatusCode::UNAUTHORIZED,
        Problem::Storage => StatusCode::INTERNAL_SERVER_ERROR,
        // What the function says of its own accord: the arguments could not be read.
        Problem::Connection { .. } => StatusCode::BAD_REQUEST,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    }
}

/// What the page's own call gets when the session has ended.
pub fn signed_out() -> Response {
    let problem = Problem::SignedOut;
    (status(&problem), Json(problem)).into_response()
}

/// Nothing can be read at a function's address. A browser that shows the page of a refused form
/// there may still come back to it, for instance after its theme was chosen.
pub async fn leave() -> Redirect {
    Redirect::to("/")
}

/// True if a browser sent the form by itself, and shows what it gets.
fn is_plain_form(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"))
}

/// What a page is shown from that answers a form.
fn refused_form(body: &[u8]) -> RefusedForm {
    let mut form = RefusedForm::default();
    for (name, value) in form_urlencoded::parse(body) {
        match &*name {
            "conversation" => form.conversation = value.parse().ok(),
            "answer" => form.answer = value.parse().ok(),
            "text" => form.text = value.into_owned(),
            _ => {}
        }
    }
    form
}
