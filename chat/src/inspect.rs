//! What exactly was sent for an answer.
//!
//! Requests are not kept: each repeats the conversation so far, so that a long one would be kept
//! many times over. What was sent follows from the conversation, and a hash that is kept with the
//! answer says whether it still does.

use protocol::{ConversationId, End, MessageId};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{
    context,
    engine::{Chat, Inner},
    store::StoreError,
    upstream::{Dialect, Request},
};

/// What was sent for an answer, and what came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Sent {
    /// The conversation.
    pub conversation: ConversationId,
    /// The provider that was asked.
    pub provider: String,
    /// Where it was asked; `None` if the provider is configured no more.
    pub address: Option<String>,
    /// The headers that say who asks, with dots in place of the key.
    pub headers: Vec<(String, String)>,
    /// The body of the request, as it follows from the conversation.
    pub body: Value,
    /// True if that is exactly what was sent, false if something was changed since, `None` if the
    /// answer never came as far as being asked for.
    pub is_exact: Option<bool>,
    /// How the answer ended, or its state.
    pub end: End,
}

/// Why it cannot be told what was sent.
#[derive(Debug, thiserror::Error)]
pub enum InspectError {
    /// There is no such answer.
    #[error("there is no such answer")]
    NotFound,
    /// A file that was sent is gone.
    #[error("a file that was sent with the question cannot be read any more")]
    FileMissing,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Chat {
    /// What was sent for an answer, without any key.
    pub async fn sent(&self, answer: MessageId) -> Result<Sent, InspectError> {
        let inner = &self.inner;
        let store = &inner.store;
        let (conversation, question) =
            store.place_of(answer).await?.ok_or(InspectError::NotFound)?;
        let question = question.ok_or(InspectError::NotFound)?;
        let (_, stored) = store.answer(answer).await?.ok_or(InspectError::NotFound)?;
        let (parameters, hash) = store.request_of(answer).await?;
        let settings = store.conversation_settings(conversation).await?.unwrap_or_default();
        let mut messages = store.path_to(question).await?;
        context::instruct(&mut messages, &settings.system_prompt);
        let model = format!("{}/{}", stored.provider, stored.model);
        let picked = inner.providers.pick(Some(&model));
        let known = picked.as_ref().and_then(|picked| inner.providers.known(picked));
        // Whatever was against it did not keep it from being asked.
        context::fit(&mut messages, known.as_ref()).ok();
        let prompts =
            context::prompts(inner, &messages).await.map_err(|_| InspectError::FileMissing)?;
        let parameters = match serde_json::from_str(&parameters) {
            Ok(Value::Object(parameters)) => parameters,
            _ => serde_json::Map::new(),
        };
        let request = Request { model: stored.model.clone(), messages: prompts, parameters };
        let asked = picked.filter(|picked| picked.upstream.provider().name == stored.provider);
        let dialect = asked.as_ref().map(|asked| asked.upstream.provider().dialect);
        let dialect = dialect.unwrap_or_default();
        Ok(Sent {
            conversation,
            provider: stored.provider.clone(),
            address: asked.map(|asked| asked.upstream.completions_address()),
            headers: dialect.headers_shown(),
            is_exact: hash.map(|hash| hash == fingerprint(dialect, &request)),
            body: dialect.body(&request, false),
            end: stored.end(),
        })
    }
}

/// Keeps with an answer what its request was.
pub(crate) async fn note_request(
    inner: &Inner,
    answer: MessageId,
    dialect: Dialect,
    request: &Request,
) -> Result<(), StoreError> {
    let mut write = inner.store.quick().await?;
    write.set_request_hash(answer, &fingerprint(dialect, request)).await?;
    write.commit().await
}

/// A hash of everything in a request but the model's name, for which an upstream may say another,
/// and what some upstreams refuse.
fn fingerprint(dialect: Dialect, request: &Request) -> Vec<u8> {
    let mut body = dialect.body(request, true);
    if let Value::Object(fields) = &mut body {
        fields.remove("model");
    }
    Sha256::digest(body.to_string().as_bytes()).to_vec()
}
