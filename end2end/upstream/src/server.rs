//! The server: takes requests, chooses their scripts, and plays them.

use std::{
    collections::{HashMap, VecDeque},
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::Duration,
};

use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, OriginalUri, Path, Query, State},
    http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header},
    routing::{get, post},
    serve::ListenerExt,
};
use futures_util::{Stream, stream};
use serde_json::{Value, json};
use tokio::{net::TcpListener, runtime, sync::oneshot, task, time};

use crate::{
    Recorded, Script, Step,
    dialect::{Dialect, RESPONSE, Writer},
    record::{Ending, Ongoing, Record},
    scenarios,
};

/// What can be set about an upstream.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The port on the loopback interface; 0 takes a free one.
    pub port: u16,
    /// The key that requests must carry. Without one, any request is answered.
    pub require_key: Option<String>,
    /// What `GET /v1/models` lists.
    pub models: Vec<String>,
    /// Further fields of each of them, such as `context_length`: an object.
    pub about_models: Value,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            port: 0,
            require_key: None,
            models: vec!["scripted".to_owned()],
            about_models: Value::Null,
        }
    }
}

/// A running upstream. It stops when this is dropped, and cuts every connection.
#[derive(Debug)]
pub struct Upstream {
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    settings: Settings,
    scripts: Mutex<VecDeque<Script>>,
    /// The responses that go on in the background, by their names, each with its model.
    kept: Mutex<HashMap<String, (Script, String)>>,
    /// Requests for answers. Those for models are apart, since clients send them when they like,
    /// and the numbers of the others must not depend on that.
    record: Record,
    models_record: Record,
}

impl Upstream {
    /// Starts on a free port.
    ///
    /// # Panics
    /// If no socket can be opened.
    pub async fn start() -> Self {
        Self::start_with(Settings::default()).await.expect("a loopback port can be opened")
    }

    /// Starts as it is told. Fails if the port is taken.
    pub async fn start_with(settings: Settings) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            settings,
            scripts: Mutex::default(),
            kept: Mutex::default(),
            record: Record::default(),
            models_record: Record::default(),
        });
        let (stop, stopped) = oneshot::channel();
        let (ready, started) = oneshot::channel();
        let serving = Arc::clone(&shared);
        let thread = thread::Builder::new()
            .name("scripted-upstream".to_owned())
            .spawn(move || run(serving, ready, stopped))?;
        let address = started.await.map_err(io::Error::other)??;
        Ok(Self { address, shared, stop: Some(stop), thread: Some(thread) })
    }

    /// The address of the API, such as `http://127.0.0.1:4000/v1`.
    pub fn base_url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// Queues a script for the next request that has none yet.
    pub fn push(&self, script: Script) {
        self.shared.scripts().push_back(script);
    }

    /// Forgets every response that goes on in the background, as upstreams do after a while.
    pub fn forget(&self) {
        self.shared.kept().clear();
    }

    /// Every request for an answer so far, in the order they came.
    pub fn requests(&self) -> Vec<Recorded> {
        self.shared.record.requests()
    }

    /// Every request for the list of models so far.
    pub fn requests_for_models(&self) -> Vec<Recorded> {
        self.shared.models_record.requests()
    }

    /// Waits until request number `index`, from 0, has come.
    pub async fn wait_request(&self, index: usize) -> Recorded {
        self.shared.record.wait(index, |_| true).await
    }

    /// Waits until request number `index`, from 0, has ended in either way.
    pub async fn wait_ended(&self, index: usize) -> Recorded {
        self.shared.record.wait(index, |request| request.ending != Ending::Open).await
    }

    /// Waits until the client has closed the connection of request number `index`, from 0.
    ///
    /// # Panics
    /// If its script was played to the end instead.
    pub async fn wait_closed(&self, index: usize) -> Recorded {
        let request = self.wait_ended(index).await;
        assert_eq!(request.ending, Ending::Closed, "request {index} was answered to its end");
        request
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // If it panicked, that was printed already, and the test fails for lack of answers.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn scripts(&self) -> std::sync::MutexGuard<'_, VecDeque<Script>> {
        self.scripts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, HashMap<String, (Script, String)>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn admits(&self, headers: &HeaderMap) -> bool {
        let has = |name: &str, expected: &str| {
            headers.get(name).is_some_and(|value| value.as_bytes() == expected.as_bytes())
        };
        self.settings.require_key.as_ref().is_none_or(|key| {
            has("authorization", &format!("Bearer {key}")) || has("x-api-key", key)
        })
    }

    /// The script that answers a request: the next one that was pushed, or otherwise this one.
    fn script(&self, headers: &HeaderMap, otherwise: impl FnOnce() -> Script) -> Script {
        if !self.admits(headers) {
            return scenarios::wrong_key();
        }
        let pushed = self.scripts().pop_front();
        pushed.unwrap_or_else(otherwise)
    }
}

/// Serves until the sender of `stopped` is dropped. The runtime ends with it, and with the runtime
/// every connection.
fn run(
    shared: Arc<Shared>,
    ready: oneshot::Sender<io::Result<SocketAddr>>,
    stopped: oneshot::Receiver<()>,
) {
    let runtime = match runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return drop(ready.send(Err(error))),
    };
    runtime.block_on(async {
        let listener = match TcpListener::bind(("127.0.0.1", shared.settings.port)).await {
            Ok(listener) => listener,
            Err(error) => return drop(ready.send(Err(error))),
        };
        drop(ready.send(listener.local_addr()));
        // Nagle's algorithm would hold small writes back for up to 40 ms.
        let listener = listener.tap_io(|connection| drop(connection.set_nodelay(true)));
        tokio::select! {
            _ = stopped => {}
            _ = axum::serve(listener, routes(shared)) => {}
        }
    });
}

fn routes(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/v1/chat/completions", post(completions))
        .route("/v1/messages", post(completions))
        .route("/v1/responses", post(completions))
        .route("/v1/responses/{id}", get(resume))
        .route("/v1/responses/{id}/cancel", post(cancel))
        .route("/v1/models", get(models))
        .route("/v1/{*rest}", post(completions))
        .route("/record", get(record))
        .layer(DefaultBodyLimit::disable())
        .with_state(shared)
}

async fn record(State(shared): State<Arc<Shared>>) -> Json<Vec<Recorded>> {
    Json(shared.record.requests())
}

async fn models(
    State(shared): State<Arc<Shared>>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
) -> Response<Body> {
    let ongoing = shared.models_record.add(uri.path(), &headers, Value::Null);
    let script = if shared.admits(&headers) {
        let models: Vec<_> = shared
            .settings
            .models
            .iter()
            .map(|id| {
                let mut model =
                    json!({"id": id, "object": "model", "created": 0, "owned_by": "scripted"});
                for (field, value) in shared.settings.about_models.as_object().into_iter().flatten()
                {
                    model[field] = value.clone();
                }
                model
            })
            .collect();
        Script::document(200, &json!({"object": "list", "data": models}))
    } else {
        scenarios::wrong_key()
    };
    play(script, Writer::new(Dialect::ChatCompletions, "", String::new()), ongoing).await
}

async fn completions(
    State(shared): State<Arc<Shared>>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let body: Value = serde_json::from_slice(&body)
        .unwrap_or_else(|_| String::from_utf8_lossy(&body).into_owned().into());
    let dialect = Dialect::of_path(uri.path());
    let model = body["model"].as_str().unwrap_or_default().to_owned();
    let script = shared.script(&headers, || scenarios::choose(last_question(&body)));
    let script = match body["stream"] {
        Value::Bool(true) => script,
        _ if script.status != 200
            || script.is_document()
            || dialect != Dialect::ChatCompletions =>
        {
            script
        }
        _ => script.unstreamed(&model),
    };
    let response = format!("{RESPONSE}{}", shared.record.requests().len());
    if body["background"] == true {
        shared.kept().insert(response.clone(), (script.clone(), model.clone()));
    }
    let ongoing = shared.record.add(uri.path(), &headers, body);
    play(script, Writer::new(dialect, &model, response), ongoing).await
}

/// Goes on with a response in the background, from after an event. It was written on meanwhile, so
/// nothing in its script holds it up or cuts it any more.
async fn resume(
    State(shared): State<Arc<Shared>>,
    OriginalUri(uri): OriginalUri,
    Path(id): Path<String>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response<Body> {
    let path = uri.path_and_query().map_or_else(|| uri.path(), |whole| whole.as_str());
    let ongoing = shared.record.add(path, &headers, Value::Null);
    let kept = shared.kept().get(&id).cloned();
    let (mut written, model) =
        kept.unwrap_or_else(|| (scenarios::no_such_response(), String::new()));
    written.head_after_ms = 0;
    written.steps.retain(|step| !matches!(step, Step::Pause(_) | Step::Stall | Step::Cut));
    let script = shared.script(&headers, || written);
    let writer = Writer::new(Dialect::Responses, &model, id);
    let after = query.get("starting_after").and_then(|after| after.parse().ok());
    let writer = match after {
        Some(after) => writer.after(after),
        None => writer,
    };
    play(script, writer, ongoing).await
}

/// Ends a response in the background.
async fn cancel(
    State(shared): State<Arc<Shared>>,
    OriginalUri(uri): OriginalUri,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response<Body> {
    let ongoing = shared.record.add(uri.path(), &headers, Value::Null);
    let script = match shared.kept().remove(&id) {
        Some(_) => Script::document(200, &json!({"id": id, "status": "cancelled"})),
        None => scenarios::no_such_response(),
    };
    play(script, Writer::new(Dialect::Responses, "", id), ongoing).await
}

/// The text of the last message of the user.
fn last_question(body: &Value) -> &str {
    let messages = ["messages", "input"].into_iter().find_map(|name| body[name].as_array());
    let messages = messages.map(Vec::as_slice).unwrap_or_default();
    let question = messages.iter().rev().find(|message| message["role"] == "user");
    let content = question.map_or(&Value::Null, |message| &message["content"]);
    // Files stand before the question.
    let text_of_last = || content.as_array()?.iter().rev().find_map(|part| part["text"].as_str());
    content.as_str().or_else(text_of_last).unwrap_or_default()
}

async fn play(script: Script, writer: Writer, ongoing: Ongoing) -> Response<Body> {
    time::sleep(Duration::from_millis(script.head_after_ms)).await;
    let mut response = Response::new(Body::from_stream(steps(script.steps, writer, ongoing)));
    *response.status_mut() =
        StatusCode::from_u16(script.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    for (name, value) in script.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.insert(name, value);
        }
    }
    response
}

/// What is sent for each step. The client closed the connection if this is dropped before its end.
fn steps(
    steps: Vec<Step>,
    writer: Writer,
    ongoing: Ongoing,
) -> impl Stream<Item = Result<Bytes, io::Error>> + Send {
    stream::unfold(
        (steps.into_iter(), writer, ongoing),
        |(mut steps, mut writer, ongoing)| async move {
            loop {
                // Without this, the server would join what it sends, and a cut would lose it.
                task::yield_now().await;
                let step = steps.next();
                if steps.len() == 0 && !matches!(step, Some(Step::Pause(_) | Step::Stall)) {
                    // A client may close as soon as it has the last step, and did not do so early.
                    ongoing.played();
                }
                let sent = match step? {
                    Step::Pause(ms) => {
                        time::sleep(Duration::from_millis(ms)).await;
                        continue;
                    }
                    Step::Stall => std::future::pending().await,
                    Step::Cut => Err(io::ErrorKind::ConnectionAborted.into()),
                    step => Ok(writer.write(step).unwrap_or_default().into()),
                };
                return Some((sent, (steps, writer, ongoing)));
            }
        },
    )
}
