//! The server under test: an engine on a folder of its own, an upstream that plays scripts, and
//! the routes.

use std::{net::SocketAddr, time::Duration};

use app::Renderer;
use axum::{Router, http::HeaderValue};
use chat::{
    Allowance, Chat, Limits, Settings,
    limits::Rule,
    upstream::{Dialect, ForModels, ModelFacts, Provider},
};
use protocol::Price;
use scripted_upstream::{Settings as UpstreamSettings, Upstream};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::actors::{Actor, LocalUser, Owner, Program, Visitor, form};
use crate::{
    connections,
    import::uploads::Uploads,
    password::{OwnerPassword, SessionToken},
    routes::{App, Edge, router},
};

/// The upstream answers only to this, so it is sent to it in every test, and must never come back.
pub const KEY: &str = "sk-known-to-the-server-alone";
/// A quarter of a dollar and two dollars for a million tokens.
pub const PRICE: Price = Price { input: 250_000, output: 2_000_000, cached_input: None };
pub const PASSWORD: &str = "hearth";
pub const MAX_MESSAGE_BYTES: usize = 2 * 1024;
pub const MAX_REQUEST_BYTES: usize = 8 * 1024;
pub const MAX_OPEN_ANSWERS: usize = 4;
pub const MAX_IMPORT_BYTES: u64 = 64 * 1024;
pub const MAX_FILE_BYTES: usize = 16 * 1024;
pub const MAX_FILES: usize = 3;
/// A provider that takes keys of clients.
pub const BRING_YOUR_OWN: &str = "own";
pub const MAX_CONNECTIONS: usize = 2;
pub const MAX_RELAY_BYTES: usize = 128 * 1024;
/// Whose pages may call the relay.
pub const OTHER_SITE: &str = "https://app.example.org";

pub struct House {
    pub router: Router,
    pub upstream: Upstream,
    /// Cancelled when the server ends.
    pub ending: CancellationToken,
    /// The engine's own door, for what no route gives.
    pub chat: Chat,
    /// Counts what it renders.
    pub renderer: Renderer,
    pub folder: TempDir,
    is_locked: bool,
    /// What sessions are kept under.
    mark: Vec<u8>,
}

impl House {
    /// Without a password, as on one's own computer.
    pub async fn open() -> Self {
        Self::open_with(Renderer::new()).await
    }

    /// With a renderer that another server may share.
    pub async fn open_with(renderer: Renderer) -> Self {
        Self::build(None, None, renderer, |_| {}).await
    }

    /// With other settings of the engine, and without a password.
    pub async fn open_changed(change: impl FnOnce(&mut Settings)) -> Self {
        Self::build(None, None, Renderer::new(), change).await
    }

    /// Without a password, where not everything may be spent.
    pub async fn limited(allowance: Allowance) -> Self {
        let rule = Rule { allowance, ..Rule::default() };
        Self::open_changed(|settings| settings.rules.push(rule)).await
    }

    /// With a password.
    pub async fn locked() -> Self {
        Self::build(Some(PASSWORD), None, Renderer::new(), |_| {}).await
    }

    /// With a password, and with a second provider, [`BRING_YOUR_OWN`], that takes keys of clients.
    pub async fn locked_for_own_keys() -> Self {
        let add_provider = |settings: &mut Settings| {
            let takes_keys = Provider {
                name: BRING_YOUR_OWN.to_owned(),
                keys: Vec::new(),
                models: vec!["large".to_owned()],
                client_key: true,
                ..settings.providers[0].clone()
            };
            settings.providers.push(takes_keys);
        };
        Self::build(Some(PASSWORD), None, Renderer::new(), add_provider).await
    }

    /// With a password, where people open the page at an address of its own.
    pub async fn locked_at(public_url: &str) -> Self {
        Self::build(Some(PASSWORD), Some(public_url), Renderer::new(), |_| {}).await
    }

    /// With the key twice, so that there is another where one fails.
    pub async fn with_two_keys() -> Self {
        Self::open_changed(|settings| settings.providers[0].keys = vec![KEY.into(); 2]).await
    }

    async fn build(
        password: Option<&str>,
        public_url: Option<&str>,
        renderer: Renderer,
        change: impl FnOnce(&mut Settings),
    ) -> Self {
        let settings =
            UpstreamSettings { require_key: Some(KEY.to_owned()), ..UpstreamSettings::default() };
        let upstream = Upstream::start_with(settings).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let mut settings = Settings {
            data: folder.path().to_owned(),
            providers: vec![provider(&upstream)],
            model: None,
            title_model: None,
            continue_when_cut: true,
            auto: None,
            rules: Vec::new(),
            limits: Limits {
                max_message_bytes: MAX_MESSAGE_BYTES,
                max_open_answers: MAX_OPEN_ANSWERS,
                max_file_bytes: MAX_FILE_BYTES,
                max_files_per_message: MAX_FILES,
                ..Limits::default()
            },
        };
        change(&mut settings);
        let chat = Chat::open(settings).await.unwrap();
        let is_locked = password.is_some();
        let password = password.map(|password| OwnerPassword::hash(&password.into()).unwrap());
        let public_url = public_url.map(|url| url.parse().unwrap());
        let uploads = Uploads::below(folder.path(), MAX_IMPORT_BYTES);
        let edge = Edge {
            max_request_bytes: MAX_REQUEST_BYTES,
            max_relay_bytes: MAX_RELAY_BYTES,
            cors_origins: vec![HeaderValue::from_static(OTHER_SITE)],
        };
        let mark = password.as_ref().map(|password| password.mark().to_vec()).unwrap_or_default();
        let mut app = App::new(chat.clone(), password, public_url, edge, uploads);
        app.renderer = renderer.clone();
        let ending = app.ending();
        Self { router: router(app), upstream, ending, chat, renderer, folder, is_locked, mark }
    }

    /// Serves the routes over connections, for what cannot be seen in process. At most two at once.
    pub async fn listen(&self) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (router, ending) = (self.router.clone(), self.ending.clone());
        tokio::spawn(connections::serve(listener, router, MAX_CONNECTIONS, ending));
        address
    }

    pub fn visitor(&self) -> Visitor<'_> {
        Visitor { house: self }
    }

    pub fn local_user(&self) -> LocalUser<'_> {
        LocalUser { house: self }
    }

    /// Signs in.
    pub async fn owner(&self) -> Owner<'_> {
        let reply = self.visitor().send(form("/login", &[("password", PASSWORD)])).await;
        let cookie = reply.header("set-cookie").split(';').next().unwrap();
        assert!(cookie.starts_with("inglenook_session="), "{cookie}");
        self.owner_with(cookie)
    }

    /// A program with a new token of these scopes, which the owner makes on the page.
    pub async fn program(&self, scopes: &[&str]) -> Program<'_> {
        let mut fields = vec![("name", "a program")];
        fields.extend(scopes.iter().map(|scope| ("scope", *scope)));
        // The page that comes back is the only place that ever shows it.
        let made = match self.is_locked {
            true => self.owner().await.send(form("/tokens", &fields)).await,
            false => self.local_user().send(form("/tokens", &fields)).await,
        };
        assert_eq!(made.status, 201, "{}", made.text);
        let (_, token) = made.text.split_once("value=\"ink_").unwrap();
        let token = format!("ink_{}", token.split_once('"').unwrap().0);
        Program { house: self, token }
    }

    /// Whoever presents this cookie.
    pub fn owner_with(&self, cookie: &str) -> Owner<'_> {
        Owner { house: self, cookie: cookie.to_owned() }
    }

    /// The cookie of a session that has just expired. It takes the engine's own door, because
    /// sessions that begin with a sign-in last for a month.
    pub async fn expired_cookie(&self) -> String {
        let token = SessionToken::generate().unwrap();
        self.chat.add_session(&token.hash(&self.mark), Duration::ZERO).await.unwrap();
        token.cookie(false).split(';').next().unwrap().to_owned()
    }
}

fn provider(upstream: &Upstream) -> Provider {
    Provider {
        name: "scripted".to_owned(),
        base_url: upstream.base_url().parse().unwrap(),
        fallback: None,
        dialect: Dialect::default(),
        keys: vec![KEY.into()],
        models: vec!["small".to_owned()],
        facts: ModelFacts {
            price: ForModels { all: Some(PRICE), ..ForModels::default() },
            ..ModelFacts::default()
        },
        proxy: None,
        connect_timeout: Duration::from_secs(5),
        // Longer than any test, also where the clock is moved.
        idle_timeout: Duration::from_secs(60 * 60),
        max_tokens_field: None,
        client_key: false,
        note: None,
    }
}
