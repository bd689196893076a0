//! What is configured about an upstream, and the HTTP client that follows from it.

use std::{fmt, net::IpAddr, sync::Once, time::Duration};

use reqwest::{Client, Proxy, redirect};
use secrecy::ExposeSecret;
use url::{Host, Url};

use super::{Dialect, ModelFacts, keys::ProviderKey};

/// One configured upstream: where it is, how it is reached, what it may be asked.
#[derive(Clone)]
pub struct Provider {
    /// What people call it. Failures carry this name.
    pub name: String,
    /// The folder of its API, such as `https://api.openai.com/v1`.
    pub base_url: Url,
    /// Its keys. May be empty, as for models on this computer.
    pub keys: Vec<ProviderKey>,
    /// Who answers when it cannot.
    pub fallback: Option<Fallback>,
    /// How it is spoken to.
    pub dialect: Dialect,
    /// The models it may be asked for. If empty, it is asked for its models.
    pub models: Vec<String>,
    /// What is configured about its models.
    pub facts: ModelFacts,
    /// The outbound proxy: `http://`, `https://` or `socks5://`, which resolves names too.
    pub proxy: Option<Url>,
    /// How long a connection may take to come about.
    pub connect_timeout: Duration,
    /// The longest silence between bytes, also before the first.
    pub idle_timeout: Duration,
    /// What it calls the most tokens of an answer; `None` to go by its address.
    pub max_tokens_field: Option<MaxTokensField>,
    /// Programs may send a key of their own for it, in place of those configured.
    pub client_key: bool,
    /// Words about this provider that the page shows.
    pub note: Option<String>,
}

/// Who answers in place of a provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fallback {
    /// The name of the other provider.
    pub provider: String,
    /// The model to ask it for; `None` for one of the same name, or else its first.
    pub model: Option<String>,
}

impl Fallback {
    /// Reads `provider` or `provider/model`.
    pub fn read(text: &str) -> Self {
        match text.split_once('/') {
            Some((provider, model)) => {
                Self { provider: provider.to_owned(), model: Some(model.to_owned()) }
            }
            None => Self { provider: text.to_owned(), model: None },
        }
    }
}

/// The same, as it is read.
impl fmt::Display for Fallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.provider)?;
        match &self.model {
            Some(model) => write!(f, "/{model}"),
            None => Ok(()),
        }
    }
}

/// What a provider calls the most tokens of an answer. OpenAI's reasoning models refuse the older
/// name, and most other servers do not know the newer one:
/// <https://platform.openai.com/docs/api-reference/chat/create#chat-create-max_completion_tokens>.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum MaxTokensField {
    /// `max_tokens`.
    #[default]
    MaxTokens,
    /// `max_completion_tokens`.
    MaxCompletionTokens,
}

impl MaxTokensField {
    /// Both.
    pub const ALL: [Self; 2] = [Self::MaxTokens, Self::MaxCompletionTokens];

    /// Its name in requests and in the configuration.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MaxTokens => "max_tokens",
            Self::MaxCompletionTokens => "max_completion_tokens",
        }
    }

    /// The name where none is configured: the newer one at OpenAI itself.
    fn at(base_url: &Url) -> Self {
        match base_url.host_str() {
            Some("api.openai.com") => Self::MaxCompletionTokens,
            _ => Self::MaxTokens,
        }
    }
}

impl Provider {
    /// What it calls the most tokens of an answer: as configured, otherwise as its address says.
    pub(crate) fn max_tokens_field(&self) -> MaxTokensField {
        self.max_tokens_field.unwrap_or_else(|| MaxTokensField::at(&self.base_url))
    }

    /// True if an address that somebody wrote is the one where its API is.
    pub(crate) fn is_at(&self, address: &str) -> bool {
        Url::parse(address.trim()).is_ok_and(|url| is_same(&url, &self.base_url))
    }

    /// True if an address that somebody wrote is the one of its proxy. A user and a password are
    /// no part of it: they are ours alone.
    pub(crate) fn is_behind(&self, proxy: &str) -> bool {
        let written = Url::parse(proxy.trim()).ok();
        written
            .zip(self.proxy.as_ref())
            .is_some_and(|(url, ours)| is_same(&url, &without_user(ours)))
    }

    /// Everything configured that must never be shown: keys, and passwords within addresses.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &str> {
        let keys = self.keys.iter().map(|key| key.value.expose_secret());
        let addresses = [Some(&self.base_url), self.proxy.as_ref()].into_iter().flatten();
        keys.chain(addresses.filter_map(Url::password)).filter(|secret| !secret.is_empty())
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider")
            .field("name", &self.name)
            .field("base_url", &bare(&self.base_url).as_str())
            .field("dialect", &self.dialect)
            .field("keys", &self.keys)
            .field("fallback", &self.fallback)
            .field("models", &self.models)
            .field("facts", &self.facts)
            .field("proxy", &self.proxy.as_ref().map(|proxy| bare(proxy).to_string()))
            .field("connect_timeout", &self.connect_timeout)
            .field("idle_timeout", &self.idle_timeout)
            .field("max_tokens_field", &self.max_tokens_field)
            .field("client_key", &self.client_key)
            .field("note", &self.note)
            .finish()
    }
}

/// Why a provider cannot be used as it is configured.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// The base URL has another scheme, or no host.
    #[error("base_url must start with http:// or https://")]
    BaseUrl,
    /// The proxy has another scheme, or no host.
    #[error("proxy must start with http://, https:// or socks5://")]
    Proxy,
    /// A key holds characters that no HTTP header can carry, such as a line break.
    #[error("a key holds a character that cannot be sent, such as a line break")]
    Key,
    /// The HTTP client could not be set up, as without any CA certificates on the machine.
    #[error("the HTTP client could not be set up")]
    Client(#[source] reqwest::Error),
}

/// The client for a provider. It follows no redirects, so that nothing an upstream sends chooses a
/// host, and it takes no proxy from the environment, so that the configuration alone does.
pub(super) fn client(provider: &Provider) -> Result<Client, ProviderError> {
    install_ring();
    if !matches!(provider.base_url.scheme(), "http" | "https") || !provider.base_url.has_host() {
        return Err(ProviderError::BaseUrl);
    }
    let mut builder = Client::builder()
        .user_agent(concat!("inglenook/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .connect_timeout(provider.connect_timeout)
        .tcp_nodelay(true)
        .no_proxy();
    if let Some(proxy) = &provider.proxy {
        builder = builder.proxy(outbound(proxy)?);
    }
    let schemes = [Some(&provider.base_url), provider.proxy.as_ref()];
    if !schemes.into_iter().flatten().any(|url| url.scheme() == "https") {
        // Reading the system's certificates takes milliseconds and fails where there are none,
        // for connections that have no use for them.
        builder = builder.tls_certs_only([]);
    }
    builder.build().map_err(ProviderError::Client)
}

fn outbound(proxy: &Url) -> Result<Proxy, ProviderError> {
    let address = match proxy.scheme() {
        "http" | "https" | "socks5h" => proxy.as_str().to_owned(),
        // With plain `socks5` the client would resolve names itself, outside the proxy.
        "socks5" => proxy.as_str().replacen("socks5", "socks5h", 1),
        _ => return Err(ProviderError::Proxy),
    };
    if !proxy.has_host() {
        return Err(ProviderError::Proxy);
    }
    Proxy::all(address).map_err(|_| ProviderError::Proxy)
}

/// The client asks for the process's cryptography when it is built, and panics without one.
fn install_ring() {
    static INSTALL: Once = Once::new();
    INSTALL.call_once(|| {
        // It fails only if the process has installed one already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}

/// An address that can be shown: without a user, a password and a query.
pub(super) fn bare(url: &Url) -> Url {
    let mut bare = without_user(url);
    bare.set_query(None);
    bare
}

fn without_user(url: &Url) -> Url {
    let mut bare = url.clone();
    // Both fail only for addresses that cannot hold a user at all.
    let _ = bare.set_username("");
    let _ = bare.set_password(None);
    bare
}

/// True if two addresses lead to the same place, however they are spelled: parsing has already
/// made hosts and numbers equal, and left are IPv4 addresses that are written as IPv6, ports that go
/// without saying, and slashes at the end.
fn is_same(one: &Url, other: &Url) -> bool {
    let host = |url: &Url| match url.host() {
        Some(Host::Ipv6(address)) => Some(IpAddr::from(address).to_canonical().to_string()),
        host => host.map(|host| host.to_string()),
    };
    let user = |url: &Url| (url.username().to_owned(), url.password().map(str::to_owned));
    one.scheme() == other.scheme()
        && host(one) == host(other)
        && one.port_or_known_default() == other.port_or_known_default()
        && one.path().trim_end_matches('/') == other.path().trim_end_matches('/')
        && one.query() == other.query()
        && user(one) == user(other)
        && one.fragment().is_none()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn provider() -> Provider {
        Provider {
            name: "test".to_owned(),
            base_url: Url::parse("http://127.0.0.1:1/v1").unwrap(),
            keys: vec!["sk-secret".into()],
            fallback: None,
            dialect: Dialect::default(),
            models: Vec::new(),
            facts: ModelFacts::default(),
            proxy: None,
            connect_timeout: Duration::from_secs(1),
            idle_timeout: Duration::from_secs(1),
            max_tokens_field: None,
            client_key: false,
            note: None,
        }
    }

    #[test]
    fn debug_shows_no_secret() {
        let provider = Provider {
            proxy: Some(Url::parse("http://me:hunter2@proxy:8080").unwrap()),
            ..provider()
        };
        let shown = format!("{provider:?}");
        for secret in provider.secrets() {
            assert!(!shown.contains(secret), "{shown}");
        }
        assert_eq!(provider.secrets().count(), 2);
    }

    #[test]
    fn an_address_is_known_however_it_is_spelled() {
        let check = |base_url: &str, written: &str, expected| {
            let provider = Provider { base_url: Url::parse(base_url).unwrap(), ..provider() };
            assert_eq!(provider.is_at(written), expected, "{base_url} {written}");
        };
        check("https://api.openai.com/v1", "https://API.openai.com:443/v1/", true);
        check("http://127.0.0.1:80/v1", "http://[::ffff:127.0.0.1]/v1", true);
        check("http://127.0.0.1/v1", "http://0x7f.1/v1", true);
        check("https://api.openai.com/v1", "http://api.openai.com/v1", false);
        check("https://api.openai.com/v1", "https://api.openai.com/v1/models", false);
        check("https://api.openai.com/v1", "https://api.openai.com.evil.example/v1", false);
        check("https://api.openai.com/v1", "https://me@api.openai.com/v1", false);
        check("https://api.openai.com/v1", "https://api.openai.com@evil.example/v1", false);
        check("https://api.openai.com/v1", "api.openai.com/v1", false);
        check("https://api.openai.com/v1", "", false);
        let proxy = Some(Url::parse("socks5://me:pw@10.0.0.1:1080").unwrap());
        let provider = Provider { proxy, ..provider() };
        assert!(provider.is_behind("socks5://10.0.0.1:1080"));
        assert!(!provider.is_behind("socks5://you:pw@10.0.0.1:1080"));
        assert!(!super::tests::provider().is_behind(""));
    }

    #[test]
    fn the_newer_name_is_for_openai_itself() {
        for (address, expected) in [
            ("https://api.openai.com/v1", "max_completion_tokens"),
            ("https://api.openai.com.example/v1", "max_tokens"),
            ("http://127.0.0.1:11434/v1", "max_tokens"),
        ] {
            let field = MaxTokensField::at(&Url::parse(address).unwrap());
            assert_eq!(field.as_str(), expected, "{address}");
        }
    }

    #[test]
    fn addresses_are_checked() {
        let check = |base: &str, proxy: Option<&str>| {
            let base_url = Url::parse(base).unwrap();
            let proxy = proxy.map(|proxy| Url::parse(proxy).unwrap());
            client(&Provider { base_url, proxy, ..provider() }).map(drop).map_err(|e| e.to_string())
        };
        assert_eq!(check("http://localhost:11434/v1", None), Ok(()));
        assert_eq!(check("http://a/v1", Some("socks5://127.0.0.1:1080")), Ok(()));
        assert_eq!(check("http://a/v1", Some("socks5h://me:pw@127.0.0.1:1080")), Ok(()));
        assert_eq!(check("http://a/v1", Some("http://me:pw@127.0.0.1:3128")), Ok(()));
        assert!(check("file:///v1", None).unwrap_err().contains("base_url"));
        assert!(check("localhost:11434", None).unwrap_err().contains("base_url"));
        assert!(check("http://a/v1", Some("ftp://b")).unwrap_err().contains("proxy"));
    }
}
