//! The client of upstreams against one that plays scripts, over real connections.

#![expect(clippy::unwrap_used, reason = "these are tests, their helpers too")]

// The files of an integration test lie beside it by default, where each would be a test of its own.
#[path = "upstream/answers.rs"]
mod answers;
#[path = "upstream/dialects.rs"]
mod dialects;
#[path = "upstream/failures.rs"]
mod failures;
#[path = "upstream/keys.rs"]
mod keys;
#[path = "upstream/connections.rs"]
mod connections;
#[path = "upstream/proxies.rs"]
mod proxies;

use std::time::Duration;

use chat::upstream::{
    Completion, Dialect, ModelFacts, Piece, Prompt, Provider, Request, ResumePoint, Upstream,
};
use protocol::{Delta, Failure, Role, Usage};
use scripted_upstream::{Script, Upstream as Scripted};
use serde_json::Map;

const KEY: &str = "sk-of-the-test";

fn provider(base_url: &str) -> Provider {
    Provider {
        name: "scripted".to_owned(),
        base_url: base_url.parse().unwrap(),
        keys: vec![KEY.into()],
        fallback: None,
        dialect: Dialect::default(),
        models: Vec::new(),
        facts: ModelFacts::default(),
        proxy: None,
        connect_timeout: Duration::from_secs(5),
        idle_timeout: Duration::from_secs(5),
        max_tokens_field: None,
        client_key: false,
        note: None,
    }
}

fn upstream(scripted: &Scripted) -> Upstream {
    Upstream::new(provider(&scripted.base_url())).unwrap()
}

fn request(question: &str) -> Request {
    Request {
        model: "a-model".to_owned(),
        messages: vec![Prompt { role: Role::User, content: question.into() }],
        parameters: Map::new(),
    }
}

/// All that came of an answer, however it ended.
#[derive(Debug, Default, Clone, PartialEq)]
struct Heard {
    text: Delta,
    finish: Option<String>,
    usage: Option<Usage>,
    model: Option<String>,
    point: Option<ResumePoint>,
    failure: Option<Failure>,
}

/// Asks with the key whose turn it is.
async fn stream(upstream: &Upstream, request: &Request) -> Result<Completion, Failure> {
    let lease = upstream.lease(&[], true).map_err(|refused| refused.unwrap())?;
    upstream.stream(lease, request).await
}

async fn hear(upstream: &Upstream, request: &Request) -> Heard {
    let mut heard = Heard::default();
    let mut completion = match stream(upstream, request).await {
        Ok(completion) => completion,
        Err(failure) => return Heard { failure: Some(failure), ..heard },
    };
    loop {
        match completion.next().await {
            Ok(Some(Piece::Delta(delta))) => {
                heard.text.content += &delta.content;
                heard.text.reasoning += &delta.reasoning;
            }
            Ok(Some(Piece::Finish(reason))) => heard.finish = Some(reason),
            Ok(Some(Piece::Usage(usage))) => heard.usage = Some(usage),
            Ok(Some(Piece::Model(model))) => heard.model = Some(model),
            Ok(Some(Piece::Resumable(point))) => heard.point = Some(point),
            Ok(None) => break,
            Err(failure) => {
                assert_eq!(completion.next().await, Err(failure.clone()), "it stays failed");
                heard.failure = Some(failure);
                break;
            }
        }
    }
    heard
}

async fn hear_script(script: Script) -> Heard {
    let scripted = Scripted::start().await;
    scripted.push(script);
    hear(&upstream(&scripted), &request("?")).await
}
