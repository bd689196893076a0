//! All routes, and what every request passes on its way to them.

use std::{sync::Arc, time::SystemTime};

use app::Renderer;
use axum::{
    Extension, Router,
    extract::DefaultBodyLimit,
    http::HeaderValue,
    middleware,
    routing::{any, get, post},
};
use chat::Chat;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::{
    continued, conversation_settings, cors, edge,
    events::{self, OpenStreams},
    export, files, functions,
    gate::{self, Gate, bearer},
    health,
    import::{self, uploads::Uploads},
    metrics, pages,
    password::OwnerPassword,
    personas, prompts, relay, settings, site, tokens, usage, websocket,
};

/// What the routes share. Cheap to clone.
#[derive(Clone)]
pub struct App {
    /// The engine.
    pub chat: Chat,
    /// Renders its answers.
    pub renderer: Renderer,
    /// Who may enter.
    pub gate: Arc<Gate>,
    /// Where the page's parts are.
    pub assets: app::Assets,
    /// The event streams that are open.
    pub event_streams: OpenStreams,
    /// When the server started.
    pub started_at: SystemTime,
    /// Files that wait to be imported.
    pub uploads: Uploads,
    /// What is let in.
    pub edge: Edge,
    /// Cancelled when the server ends, so that streams without an end of their own end too. Each waits
    /// for a child of it: thousands would stand in one list otherwise, which each of them locks with
    /// each event.
    ending: CancellationToken,
}

/// What is let in from outside.
#[derive(Debug, Clone)]
pub struct Edge {
    /// The longest body of a page's request, in bytes.
    pub max_request_bytes: usize,
    /// The longest body of a program's request, in bytes.
    pub max_relay_bytes: usize,
    /// Pages of other sites that may call `/v1` and `/chat`, by their origins.
    pub cors_origins: Vec<HeaderValue>,
}

impl App {
    /// The routes' share of what was configured.
    pub fn new(
        chat: Chat,
        password: Option<OwnerPassword>,
        public_url: Option<Url>,
        edge: Edge,
        uploads: Uploads,
    ) -> Self {
        // An error means that it was done before, as tests with several servers do.
        any_spawner::Executor::init_tokio().ok();
        Self {
            chat,
            renderer: Renderer::new(),
            gate: Arc::new(Gate::new(password, public_url)),
            assets: site::assets(),
            event_streams: OpenStreams::default(),
            started_at: SystemTime::now(),
            uploads,
            edge,
            ending: CancellationToken::new(),
        }
    }

    /// Cancelled when the server ends.
    pub fn ending(&self) -> CancellationToken {
        self.ending.clone()
    }
}

/// More than what stands around a file in a form, in bytes.
const HEAD_OF_FORM: usize = 64 << 10;

/// The longest password and address to go on to, in bytes, as a form has them.
const LONGEST_SIGN_IN: usize = 4 << 10;

/// Every route, in the order of the outward contract.
pub fn router(app: App) -> Router {
    let behind_the_gate = Router::new()
        .route("/", get(pages::new_chat))
        .route("/c/{id}", get(pages::conversation))
        .route("/settings", get(settings::show).post(settings::save))
        .route("/settings/keys", post(settings::use_key_again))
        .route("/usage", get(usage::show))
        .route("/archive", get(settings::archive))
        .route("/inspect/{answer}", get(settings::inspect))
        .route(
            "/c/{id}/settings",
            get(conversation_settings::open).post(conversation_settings::change),
        )
        .route("/settings/parameters", post(conversation_settings::change_defaults))
        .route("/prompts", get(prompts::list).post(prompts::add))
        .route("/prompts/import", post(prompts::import))
        .route("/prompts/export", get(prompts::export))
        .route("/prompts/{id}", get(prompts::edit).post(prompts::change))
        .route("/prompts/{id}/delete", post(prompts::remove))
        .route("/personas", get(personas::list).post(personas::add))
        .route("/personas/{id}", get(personas::edit).post(personas::change))
        .route("/personas/{id}/delete", post(personas::remove))
        .route("/tokens", get(tokens::list).post(tokens::add))
        .route("/tokens/{id}/revoke", post(tokens::revoke))
        .route("/theme", post(pages::choose_theme))
        .route("/logout", post(gate::sign_out))
        .route("/rpc/{function}", get(functions::leave).post(functions::call))
        .route("/import/{id}", get(import::preview).post(import::confirm))
        .route("/api/files/{id}", get(files::get))
        .fallback(pages::not_found)
        // Not a `route_layer`, which would leave the fallback open, and its page lists everything.
        .layer(middleware::from_fn_with_state(app.clone(), gate::require_owner));

    // They are open for hours, and a body that may be compressed takes 6 KB of memory even where it
    // is not.
    let event_streams = Router::new()
        .route("/api/events", get(events::listen))
        .route("/api/answers/{id}/events", get(events::follow))
        .layer(middleware::from_fn_with_state(app.clone(), gate::require_owner));

    // The owner reads these, and programs with a token that lets them read.
    let behind_the_gate_for_readers = Router::new()
        .route("/export", get(export::all))
        .route("/export/{id}", get(export::one))
        .route("/usage.csv", get(usage::csv))
        .route("/metrics", get(metrics::show))
        .layer(middleware::from_fn_with_state(app.clone(), bearer::require_reader));

    // Programs show a token and no cookie, so no other site can act in their name. What they send and
    // get is passed on as it is: nothing is compressed here, and bodies have a limit of their own.
    let for_programs = Router::new()
        .route("/v1/chat/completions", post(relay::pass))
        .route("/v1/completions", post(relay::pass))
        .route("/v1/responses", post(relay::pass))
        .route("/v1/messages", post(relay::pass))
        .route("/v1/embeddings", post(relay::pass))
        .route("/v1/audio/speech", post(relay::pass))
        .route("/v1/audio/transcriptions", post(relay::pass))
        .route("/v1/audio/translations", post(relay::pass))
        .route("/v1/images/generations", post(relay::pass))
        .route("/v1/images/edits", post(relay::pass))
        .route("/v1/images/variations", post(relay::pass))
        .route("/v1/{*rest}", any(relay::unknown))
        .layer(middleware::from_fn_with_state(app.clone(), bearer::require_relay));
    let lists_for_programs = Router::new()
        .route("/v1/models", get(relay::list))
        .route("/v1/models/{*id}", get(relay::one))
        .layer(middleware::from_fn_with_state(app.clone(), bearer::require_any));
    let for_programs =
        for_programs.merge(lists_for_programs).layer(cors::layer(&app.edge.cors_origins));

    // The token may come after the connection has become a socket, so the route looks at it itself.
    let for_programs = for_programs.route("/chat", get(websocket::open));

    // Its body is as long as an export of years, goes to the disk as it comes, and has a limit there,
    // beyond which it is read on for a while, see `Uploads::keep`. Here is the end of that: what reads
    // forms takes all that is ready into memory.
    let longest_upload = usize::try_from(app.uploads.max_bytes).unwrap_or(usize::MAX);
    let imports = Router::new()
        .route("/import", get(import::choose).post(import::upload))
        .layer(DefaultBodyLimit::max(longest_upload.saturating_mul(2).saturating_add(HEAD_OF_FORM)))
        .layer(middleware::from_fn_with_state(app.clone(), gate::require_owner));

    let open_to_all = Router::new()
        // Who writes here has shown no password yet.
        .route(
            "/login",
            get(gate::sign_in_page)
                .post(gate::sign_in)
                .layer(DefaultBodyLimit::max(LONGEST_SIGN_IN)),
        )
        .route("/health", get(health::health))
        .route("/pkg/{*file}", get(site::file))
        .route("/worker.js", get(site::worker))
        .route("/grammars/{fingerprint}/{language}", get(site::grammar))
        .route("/icon.svg", get(site::file))
        .route("/robots.txt", get(site::file));

    // Files have a limit of their own, beyond which the route says so in words.
    let uploads = Router::new()
        .route("/api/files", post(files::add))
        .layer(DefaultBodyLimit::max(app.chat.limits().max_file_bytes))
        .layer(middleware::from_fn_with_state(app.clone(), gate::require_owner));

    let max_request_bytes = app.edge.max_request_bytes;
    let known_hosts = Arc::clone(&app.gate);
    open_to_all
        .merge(behind_the_gate)
        .merge(behind_the_gate_for_readers)
        .layer(DefaultBodyLimit::max(max_request_bytes))
        .layer(tower_http::limit::RequestBodyLimitLayer::new(max_request_bytes))
        .merge(imports)
        .merge(uploads)
        .layer(edge::same_site_only(known_hosts.public_url()))
        .layer(edge::compression(continued::is_streamed))
        .merge(event_streams)
        .merge(for_programs)
        .layer(middleware::from_fn_with_state(known_hosts, gate::require_known_host))
        .layer(middleware::from_fn(edge::safe_headers))
        .layer(middleware::from_fn(edge::patience_with_bodies))
        .layer(Extension(app.ending.clone()))
        .with_state(app)
}
