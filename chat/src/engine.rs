//! The engine as a whole: what it is made of, how it starts and how it ends.

use std::{
    path::PathBuf,
    sync::{Arc, RwLock},
    time::Duration,
};

use tokio::sync::{Mutex, Semaphore};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    auto::{AUTO, Auto},
    files::{self, Contents, FileError, PdfReader},
    journal::Journal,
    limits::{Limiter, Rule},
    notices::Notices,
    organise::Watched,
    preferences::Preferences,
    prices::{KnownPrice, ModelPrice},
    providers::{ProviderModels, Providers},
    resume,
    store::{CallKind, CallSum, LedgerEntry, LedgerTotals, Store, StoreError, now_ms},
    upstream::{Provider, ProviderError, ProviderHealth, Upstream},
};

/// How long open answers may take to be stored when the server ends.
const FAREWELL: Duration = Duration::from_secs(5);

/// What the engine is told at its start.
#[derive(Debug)]
pub struct Settings {
    /// The folder that holds the database.
    pub data: PathBuf,
    /// The upstreams, the preferred one first.
    pub providers: Vec<Provider>,
    /// The model that answers unless another is asked for: `provider/model` or a model's name.
    pub model: Option<String>,
    /// The model that writes titles; `None` for the first words of the question.
    pub title_model: Option<String>,
    /// An answer whose upstream breaks off goes on with another key or provider by itself.
    pub continue_when_cut: bool,
    /// How models are chosen for questions to `auto`; `None` if there is no such model.
    pub auto: Option<Auto>,
    /// What is refused.
    pub limits: Limits,
    /// How much may be spent.
    pub rules: Vec<Rule>,
}

/// How much the engine takes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The longest message, in bytes.
    pub max_message_bytes: usize,
    /// The most answers that are written at once.
    pub max_open_answers: usize,
    /// The longest file, in bytes.
    pub max_file_bytes: usize,
    /// The most files that are sent with one question.
    pub max_files_per_message: usize,
    /// The most requests of programs that are answered at once.
    pub max_relay_calls: usize,
}

impl Default for Limits {
    /// What holds unless the owner says otherwise.
    fn default() -> Self {
        Self {
            max_message_bytes: 1 << 20,
            max_open_answers: 64,
            max_file_bytes: 20 << 20,
            max_files_per_message: 10,
            max_relay_calls: 1024,
        }
    }
}

/// Why the engine could not start.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The folder of files failed.
    #[error(transparent)]
    Files(#[from] FileError),
    /// A provider cannot be used as it is configured.
    #[error("provider {provider}: {source}")]
    Provider {
        /// Its name.
        provider: String,
        /// What is wrong with it.
        source: ProviderError,
    },
}

/// The engine. Cheap to clone; all clones are the same engine.
#[derive(Debug, Clone)]
pub struct Chat {
    pub(crate) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) store: Arc<Store>,
    pub(crate) journal: Journal,
    pub(crate) contents: Contents,
    pub(crate) pdf_reader: PdfReader,
    pub(crate) providers: Arc<Providers>,
    pub(crate) title_model: Option<String>,
    pub(crate) continue_when_cut: bool,
    pub(crate) auto: Option<Auto>,
    /// Models are chosen unless one is named.
    pub(crate) auto_by_default: bool,
    pub(crate) limits: Limits,
    pub(crate) limiter: Arc<Limiter>,
    pub(crate) notices: Notices,
    pub(crate) watched: Watched,
    pub(crate) preferences: RwLock<Preferences>,
    /// Held by whoever changes the preferences.
    pub(crate) preferences_turn: Mutex<()>,
    /// One for each request of a program that may be answered at once.
    pub(crate) relay_permits: Arc<Semaphore>,
    /// Every task that talks to an upstream, so that the end can wait for them.
    pub(crate) tasks: TaskTracker,
    /// Cancelled when the server ends. Who waits for it beside a stream waits for a child of it: thousands
    /// would stand in one list otherwise, which each of them locks with each event.
    pub(crate) shutdown: CancellationToken,
}

impl Inner {
    /// The most answers that are written at once, if so many are.
    pub(crate) fn full(&self) -> Option<usize> {
        let limit = self.limits.max_open_answers;
        (self.journal.open_answers() >= limit).then_some(limit)
    }
}

impl Chat {
    /// Opens the store, takes up again or marks as interrupted what the last end left open, and asks
    /// the providers for their models in the background.
    pub async fn open(settings: Settings) -> Result<Self, OpenError> {
        let upstreams = settings
            .providers
            .into_iter()
            .map(|provider| {
                let name = provider.name.clone();
                Upstream::new(provider)
                    .map_err(|source| OpenError::Provider { provider: name, source })
            })
            .collect::<Result<Vec<_>, _>>()?;
        let store = Arc::new(Store::open(&settings.data).await?);
        let auto_by_default = settings.auto.is_some() && settings.model.as_deref() == Some(AUTO);
        let model = match &settings.auto {
            Some(auto) if auto_by_default => Some(auto.default.clone()),
            _ => settings.model,
        };
        let providers = Arc::new(Providers::new(upstreams, model));
        let resumable = resume::sort_out(&store, &providers).await?;
        let limiter = Arc::new(Limiter::of_ledger(settings.rules, &store).await?);
        let contents = Contents::new(&settings.data);
        files::tidy(&store, &contents).await?;
        let preferences = Preferences::read(&store).await?;
        let inner = Arc::new(Inner {
            contents,
            pdf_reader: PdfReader::default(),
            journal: Journal::start(Arc::clone(&store)).await?,
            store,
            providers,
            title_model: settings.title_model,
            continue_when_cut: settings.continue_when_cut,
            auto: settings.auto,
            auto_by_default,
            relay_permits: Arc::new(Semaphore::new(settings.limits.max_relay_calls)),
            limits: settings.limits,
            limiter,
            notices: Notices::default(),
            watched: Watched::default(),
            preferences: RwLock::new(preferences),
            preferences_turn: Mutex::default(),
            tasks: TaskTracker::new(),
            shutdown: CancellationToken::new(),
        });
        let discovering = Arc::clone(&inner);
        inner.tasks.spawn(async move {
            tokio::select! {
                () = discovering.shutdown.cancelled() => {}
                () = discovering.providers.discover() => {}
            }
        });
        let chat = Self { inner };
        // What the last end left half deleted goes first, so that nobody sees it again.
        chat.purge_or_log().await;
        chat.index_what_is_not().await?;
        chat.resume(resumable).await?;
        chat.ask_what_was_to_be_next().await?;
        let sweeping = Arc::clone(&chat.inner);
        chat.inner.tasks.spawn(async move {
            tokio::select! {
                () = sweeping.shutdown.cancelled() => {}
                () = Self::sweep(Arc::clone(&sweeping)) => {}
            }
        });
        Ok(chat)
    }

    /// What the engine takes on.
    pub fn limits(&self) -> Limits {
        self.inner.limits
    }

    /// What is known of each provider's models.
    pub fn models(&self) -> Vec<ProviderModels> {
        self.inner.providers.models()
    }

    /// What is known of each provider's keys. No key is in it.
    pub fn provider_health(&self) -> Vec<ProviderHealth> {
        self.inner.providers.health()
    }

    /// Lets a key be used again that was parked or backs off; it is named by its place among its
    /// provider's keys. False if there is no such key.
    pub fn use_key_again(&self, provider: &str, index: usize) -> bool {
        self.inner.providers.use_key_again(provider, index)
    }

    /// The model that answers unless another is asked for, as far as it is known.
    pub fn default_model(&self) -> Option<String> {
        let preferred = self.inner.preferred_model();
        if self.inner.chooses(preferred.as_deref()).is_some() {
            return preferred;
        }
        let picked = self.inner.providers.pick(preferred.as_deref())?;
        Some(format!("{}/{}", picked.upstream.provider().name, picked.model?))
    }

    /// What a model of a provider costs, and where that is known from.
    pub fn price(&self, provider: &str, model: &str) -> Option<KnownPrice> {
        self.inner.providers.price(provider, model)
    }

    /// The same for all models that can be asked.
    pub fn prices(&self) -> Vec<ModelPrice> {
        self.inner.providers.prices()
    }

    /// The latest calls to upstreams, newest first.
    pub async fn ledger(&self, limit: u32) -> Result<Vec<LedgerEntry>, StoreError> {
        self.inner.store.ledger(limit).await
    }

    /// What all calls to upstreams took.
    pub async fn ledger_totals(&self) -> Result<LedgerTotals, StoreError> {
        self.inner.store.ledger_totals().await
    }

    /// Sums over all calls that have ended, by provider, model, purpose and status, in this order.
    pub async fn call_sums(&self) -> Result<Vec<(CallKind, CallSum)>, StoreError> {
        self.inner.store.call_sums().await
    }

    /// How many answers are being written.
    pub fn open_answers(&self) -> usize {
        self.inner.journal.open_answers()
    }

    /// How many writes the store has committed since the start.
    pub fn commits(&self) -> u64 {
        self.inner.store.commits()
    }

    /// Keeps a signed-in session by the hash of its token, for `lifetime`.
    pub async fn add_session(
        &self,
        token_hash: &[u8],
        lifetime: Duration,
    ) -> Result<(), StoreError> {
        let now = now_ms();
        let lifetime = i64::try_from(lifetime.as_millis()).unwrap_or(i64::MAX);
        let mut write = self.inner.store.durable().await?;
        write.add_session(token_hash, now, now.saturating_add(lifetime)).await?;
        write.commit().await
    }

    /// Forgets a session.
    pub async fn remove_session(&self, token_hash: &[u8]) -> Result<(), StoreError> {
        let mut write = self.inner.store.durable().await?;
        write.remove_session(token_hash, now_ms()).await?;
        write.commit().await
    }

    /// True if the session is known and has not expired.
    pub async fn has_session(&self, token_hash: &[u8]) -> Result<bool, StoreError> {
        self.inner.store.has_session(token_hash, now_ms()).await
    }

    /// Ends: open answers are stored as interrupted with what they have, and the store is closed.
    pub async fn shut_down(&self) {
        self.inner.shutdown.cancel();
        self.inner.tasks.close();
        if tokio::time::timeout(FAREWELL, self.inner.tasks.wait()).await.is_err() {
            tracing::warn!(
                "some answers were not stored in time; the next start marks them interrupted"
            );
        }
        self.inner.store.close().await;
    }
}
