//! The upstream of the benches: it says numbered deltas at a given pace.
//!
//! The model's name is the script: `200x20` stands for 200 deltas at 20 a second, `5000x0` for 5,000
//! as fast as they are taken. Before them comes the chunk with the role, after them the reason to
//! finish, the usage if it is asked for, and `[DONE]`.

use std::convert::Infallible;

use bytes::Bytes;
use futures_util::stream;
use http_body_util::{BodyExt, Full, StreamBody, combinators::BoxBody};
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Frame, Incoming},
    header::CONTENT_TYPE,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::{
    io::AsyncReadExt,
    net::TcpListener,
    time::{Duration, Instant, sleep_until},
};

use crate::{LoadError, marker};

/// What is said, and how fast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Script {
    /// How many deltas.
    pub deltas: u64,
    /// How many in a second; 0 for as fast as they are taken.
    pub pace: u64,
}

impl Script {
    /// The model that stands for it.
    pub fn model(self) -> String {
        format!("{}x{}", self.deltas, self.pace)
    }

    fn of_model(model: &str) -> Option<Self> {
        let name = model.rsplit('/').next()?;
        let (deltas, pace) = name.split_once('x')?;
        Some(Self { deltas: deltas.parse().ok()?, pace: pace.parse().ok()? })
    }
}

/// Serves until standard input ends, which it does with the process that holds the other end.
pub async fn serve() -> Result<(), LoadError> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on http://{}", listener.local_addr()?);
    let accepting = async {
        loop {
            let (connection, _) = listener.accept().await?;
            connection.set_nodelay(true)?;
            tokio::spawn(async move {
                let answering = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(connection), service_fn(answer));
                // A client that leaves is nothing to tell of.
                answering.await.ok();
            });
        }
    };
    let mut nothing = [0; 1];
    tokio::select! {
        ended = accepting => ended,
        _ = async { tokio::io::stdin().read(&mut nothing).await } => Ok(()),
    }
}

type Body = BoxBody<Bytes, Infallible>;

async fn answer(request: Request<Incoming>) -> Result<Response<Body>, hyper::Error> {
    let (head, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    Ok(match (head.method, head.uri.path()) {
        (Method::GET, _) => {
            whole(StatusCode::OK, &json!({"object": "list", "data": [{"id": "200x20"}]}))
        }
        (Method::POST, "/v1/chat/completions") => completion(&body),
        _ => whole(StatusCode::NOT_FOUND, &json!({"error": {"message": "no such address"}})),
    })
}

fn whole(status: StatusCode, json: &Value) -> Response<Body> {
    let mut response = Response::new(Full::new(Bytes::from(json.to_string())).boxed());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, "application/json".parse().expect("is a value"));
    response
}

fn completion(body: &[u8]) -> Response<Body> {
    let asked: Value = serde_json::from_slice(body).unwrap_or_default();
    let Some(script) = asked["model"].as_str().and_then(Script::of_model) else {
        let words = "the model is a script, such as 200x20";
        return whole(StatusCode::NOT_FOUND, &json!({"error": {"message": words}}));
    };
    let with_usage = asked["stream_options"]["include_usage"] == true;
    let begun = Instant::now();
    let chunks = stream::unfold(0, move |step| async move {
        let chunk = match step {
            0 => chunk(&json!({"role": "assistant", "content": ""}), &Value::Null),
            step if step <= script.deltas => {
                if let Some(nanos) = (step * 1_000_000_000).checked_div(script.pace) {
                    sleep_until(begun + Duration::from_nanos(nanos)).await;
                }
                chunk(&json!({"content": marker::written(step - 1)}), &Value::Null)
            }
            step if step == script.deltas + 1 => last(script.deltas, with_usage),
            _ => return None,
        };
        Some((Ok(Frame::data(Bytes::from(chunk))), step + 1))
    });
    let mut response = Response::new(StreamBody::new(chunks).boxed());
    response.headers_mut().insert(CONTENT_TYPE, "text/event-stream".parse().expect("is a value"));
    response
}

fn chunk(delta: &Value, finish_reason: &Value) -> String {
    event(&json!({
        "id": "chatcmpl-load",
        "object": "chat.completion.chunk",
        "created": 1_764_000_000,
        "model": "load",
        "choices": [{"index": 0, "delta": delta, "finish_reason": finish_reason}],
    }))
}

fn last(deltas: u64, with_usage: bool) -> String {
    let mut events = chunk(&json!({}), &Value::from("stop"));
    if with_usage {
        events += &event(&json!({
            "id": "chatcmpl-load",
            "object": "chat.completion.chunk",
            "created": 1_764_000_000,
            "model": "load",
            "choices": [],
            "usage": {"prompt_tokens": 8, "completion_tokens": deltas, "total_tokens": 8 + deltas},
        }));
    }
    events + "data: [DONE]\n\n"
}

fn event(json: &Value) -> String {
    format!("data: {json}\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_are_scripts() {
        let script = Script { deltas: 200, pace: 20 };
        assert_eq!(Script::of_model(&script.model()), Some(script));
        assert_eq!(Script::of_model("load/5000x0"), Some(Script { deltas: 5000, pace: 0 }));
        assert_eq!(Script::of_model("gpt-5"), None);
    }
}
