//! All routes, and what every request passes on its way to them.

use std::{sync::Arc, time::SystemTime};

use app::Renderer;
use axum::{
    Extension, Router,
    extract::DefaultBodyLimit,
    middleware,
    routing::{get, post},
};
use chat::Chat;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::{
    continued, conversation_settings, edge,
    events::{self, OpenStreams},
    export, files, functions,
    gate::{self, Gate},
    health,
    import::{self, uploads::Uploads},
    metrics, pages,
    password::OwnerPassword,
    personas, prompts, settings, site, usage,
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
    /// The longest body of a request, in bytes.
    max_request_bytes: usize,
    /// Cancelled when the server ends, so that streams without an end of their own end too.
    ending: CancellationToken,
}

impl App {
    /// The routes' share of what was configured.
    pub fn new(
        chat: Chat,
        password: Option<OwnerPassword>,
        public_url: Option<Url>,
        max_request_bytes: usize,
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
            max_request_bytes,
            ending: CancellationToken::new(),
        }
    }

    /// Cancelled when the server ends.
    pub fn ending(&self) -> CancellationToken {
        self.ending.clone()
    }
}

/// Every route, in the order of the outward contract.
pub fn router(app: App) -> Router {
    let behind_the_gate = Router::new()
        .route("/", get(pages::new_chat))
        .route("/c/{id}", get(pages::conversation))
        .route("/settings", get(settings::show).post(settings::save))
        .route("/settings/keys", post(settings::use_key_again))
        .route("/usage", get(usage::show))
        .route("/usage.csv", get(usage::csv))
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
        .route("/theme", post(pages::choose_theme))
        .route("/logout", post(gate::sign_out))
        .route("/rpc/{function}", get(functions::leave).post(functions::call))
        .route("/api/events", get(events::listen))
        .route("/api/answers/{id}/events", get(events::follow))
        .route("/metrics", get(metrics::show))
        .route("/export", get(export::all))
        .route("/export/{id}", get(export::one))
        .route("/import/{id}", get(import::preview).post(import::confirm))
        .route("/api/files/{id}", get(files::get))
        .fallback(pages::not_found)
        // Not a `route_layer`, which would leave the fallback open, and its page lists everything.
        .layer(middleware::from_fn_with_state(app.clone(), gate::require_owner));

    // Its body is as long as an export of years, goes to the disk as it comes, and has a limit there.
    let behind_the_gate_unbounded = Router::new()
        .route("/import", get(import::choose).post(import::upload))
        .layer(DefaultBodyLimit::disable())
        .layer(middleware::from_fn_with_state(app.clone(), gate::require_owner));

    let open_to_all = Router::new()
        .route("/login", get(gate::sign_in_page).post(gate::sign_in))
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

    let max_request_bytes = app.max_request_bytes;
    let known_hosts = Arc::clone(&app.gate);
    open_to_all
        .merge(behind_the_gate)
        .layer(DefaultBodyLimit::max(max_request_bytes))
        .layer(tower_http::limit::RequestBodyLimitLayer::new(max_request_bytes))
        .merge(behind_the_gate_unbounded)
        .merge(uploads)
        .layer(edge::same_site_only(known_hosts.public_url()))
        .layer(middleware::from_fn_with_state(known_hosts, gate::require_known_host))
        .layer(middleware::from_fn(edge::safe_headers))
        .layer(edge::compression(continued::is_streamed))
        .layer(Extension(app.ending.clone()))
        .with_state(app)
}
