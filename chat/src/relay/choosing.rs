//! Which of the configured providers a program's request goes to. Nothing that a program sends
//! ever names a host: it can only say which of those it means that are configured.

use secrecy::{ExposeSecret, SecretString};

use crate::{
    providers::{Picked, Providers},
    upstream::{Dialect, Provider},
};

/// What a program says beside its request about where that should go.
#[derive(Debug, Default)]
pub struct Wish {
    /// A provider by its name.
    pub provider: Option<String>,
    /// A provider by the address of its API, as older relays want it.
    pub end_point: Option<String>,
    /// A provider by the proxy on the way to it, as older relays want it.
    pub proxy_url: Option<String>,
    /// The program's own key for the provider.
    pub key: Option<SecretString>,
}

/// Why a wish cannot be met.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WishError {
    /// No provider is configured.
    #[error("no provider is set up to answer")]
    NoProvider,
    /// The name is not configured.
    #[error("x-inglenook-provider: there is no such provider; name one that is configured")]
    UnknownProvider,
    /// The address is not configured.
    #[error(
        "end_point: it is not the base_url of a configured provider, and no other address is ever asked"
    )]
    UnknownEndPoint,
    /// The proxy is not configured.
    #[error(
        "proxy_url: it is not the proxy of a configured provider, and no other proxy is ever used"
    )]
    UnknownProxy,
    /// Each is configured, but not for the same provider.
    #[error("x-inglenook-provider, end_point and proxy_url name different providers")]
    DifferentProviders,
    /// A key was sent for a provider that takes none.
    #[error("x-upstream-key: this provider does not take keys of clients; leave the header out")]
    KeyNotTaken,
    /// The provider wants a key and has none.
    #[error("x-upstream-key: this provider needs a key of yours; send it in this header")]
    KeyNeeded,
    /// The key holds what no header can.
    #[error("x-upstream-key: a key holds letters, digits and marks only")]
    OddKey,
    /// The provider of the model does not understand the request.
    #[error(
        "model: the provider {provider} does not understand /v1/{path}; ask it by /v1/{understood}, or name a model of another provider"
    )]
    OtherDialect {
        /// The provider's name.
        provider: String,
        /// The address that was asked, below `/v1`.
        path: String,
        /// The address by which it can be asked for answers.
        understood: &'static str,
    },
    /// The model is to be chosen, and its provider is not left open.
    #[error(
        "model: auto chooses the provider, too; leave out x-inglenook-provider, end_point and proxy_url"
    )]
    AutoChooses,
}

impl Wish {
    /// The provider and the model for a request to an address below `/v1`. With a program's own key,
    /// the provider has that one alone.
    pub(super) fn choose(
        &self,
        providers: &Providers,
        path: &str,
        model: Option<&str>,
    ) -> Result<Picked, WishError> {
        if !providers.any(|_| true) {
            return Err(WishError::NoProvider);
        }
        if !providers.any(|provider| self.names(provider)) {
            return Err(WishError::UnknownProvider);
        }
        if !providers.any(|provider| self.is_at(provider)) {
            return Err(WishError::UnknownEndPoint);
        }
        if !providers.any(|provider| self.is_behind(provider)) {
            return Err(WishError::UnknownProxy);
        }
        // The default model is one of a certain provider, which need not be among those meant.
        let model = model.or(if self.is_free() { providers.default_model() } else { None });
        let prefers = |provider: &Provider| understands(provider.dialect, path);
        let picked = providers.pick_among(|provider| self.means(provider), prefers, model);
        let picked = picked.ok_or(WishError::DifferentProviders)?;
        let provider = picked.upstream.provider();
        if !understands(provider.dialect, path) {
            return Err(WishError::OtherDialect {
                provider: provider.name.clone(),
                path: path.to_owned(),
                understood: provider.dialect.path(),
            });
        }
        self.check_key(provider)?;
        match &self.key {
            Some(key) => {
                let upstream = picked.upstream.with_key_of_program(key);
                let upstream = upstream.map_err(|_| WishError::OddKey)?;
                Ok(Picked { upstream, ..picked })
            }
            None => Ok(picked),
        }
    }

    /// Whether a fallback can answer in place of a provider, with the same bytes. It must know the
    /// model by the same name, or by one that the owner has said; and a program's own key, and its
    /// wish for a provider, are for nobody else.
    pub(super) fn may_stand_in(&self, asked: &Picked, next: &Picked, path: &str) -> bool {
        let provider = next.upstream.provider();
        let fallback = asked.upstream.provider().fallback.as_ref();
        let is_named = fallback.is_some_and(|fallback| fallback.model.is_some());
        self.key.is_none()
            && self.means(provider)
            && understands(provider.dialect, path)
            && (is_named || next.model == asked.model)
    }

    /// True if it says nothing of providers.
    pub(super) fn is_free(&self) -> bool {
        self.provider.is_none() && self.end_point.is_none() && self.proxy_url.is_none()
    }

    /// True if the provider may be meant.
    fn means(&self, provider: &Provider) -> bool {
        self.names(provider) && self.is_at(provider) && self.is_behind(provider)
    }

    /// True if the provider may be meant, which it may be by a wish that says nothing.
    fn names(&self, provider: &Provider) -> bool {
        self.provider.as_ref().is_none_or(|name| *name == provider.name)
    }

    fn is_at(&self, provider: &Provider) -> bool {
        self.end_point.as_ref().is_none_or(|address| provider.is_at(address))
    }

    fn is_behind(&self, provider: &Provider) -> bool {
        self.proxy_url.as_ref().is_none_or(|proxy| provider.is_behind(proxy))
    }

    fn check_key(&self, provider: &Provider) -> Result<(), WishError> {
        match &self.key {
            Some(_) if !provider.client_key => Err(WishError::KeyNotTaken),
            Some(key) => {
                let text = key.expose_secret();
                let fits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
                if fits { Ok(()) } else { Err(WishError::OddKey) }
            }
            None if provider.client_key && provider.keys.is_empty() => Err(WishError::KeyNeeded),
            None => Ok(()),
        }
    }
}

/// Whether an address below `/v1` is one of a dialect's own, so that bytes can go on as they are.
fn understands(dialect: Dialect, path: &str) -> bool {
    match path {
        "chat/completions" => dialect == Dialect::ChatCompletions,
        "messages" => dialect == Dialect::Anthropic,
        // The Responses API stands beside OpenAI's other addresses.
        _ => dialect != Dialect::Anthropic,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::upstream::{Upstream, provider_for_tests};

    fn providers() -> Providers {
        let provider = |name: &str, base_url: &str, models: &[&str]| Provider {
            name: name.to_owned(),
            base_url: base_url.parse().unwrap(),
            models: models.iter().map(|model| model.to_string()).collect(),
            ..provider_for_tests()
        };
        let one = provider("one", "https://one.example/v1", &["a", "b"]);
        let two = Provider {
            proxy: Some("socks5://127.0.0.1:1080".parse().unwrap()),
            client_key: true,
            keys: Vec::new(),
            ..provider("two", "https://two.example/v1", &["c", "one/d"])
        };
        let upstreams = [one, two].map(|provider| Upstream::new(provider).unwrap());
        Providers::new(upstreams.into(), Some("one/b".to_owned()))
    }

    #[track_caller]
    fn check(wish: Wish, model: Option<&str>, expected: Result<&str, WishError>) {
        let picked = wish.choose(&providers(), "chat/completions", model).map(|picked| {
            format!("{} {}", picked.upstream.provider().name, picked.model.unwrap_or_default())
        });
        assert_eq!(picked, expected.map(str::to_owned), "{model:?}");
    }

    #[test]
    fn a_model_or_a_header_says_which() {
        let key = || Some(SecretString::from("sk-of-the-client"));
        let at_two = || Wish { provider: Some("two".to_owned()), key: key(), ..Wish::default() };
        check(Wish::default(), None, Ok("one b"));
        check(Wish::default(), Some("a"), Ok("one a"));
        check(Wish::default(), Some("one/x/y"), Ok("one x/y"));
        check(Wish::default(), Some("unknown"), Ok("one unknown"));
        check(Wish { key: key(), ..Wish::default() }, Some("c"), Ok("two c"));
        check(at_two(), None, Ok("two c"));
        check(at_two(), Some("one/d"), Ok("two one/d"));
        check(at_two(), Some("two/c"), Ok("two c"));
        let end_point = Some("https://two.example:443/v1/".to_owned());
        check(Wish { end_point, key: key(), ..Wish::default() }, Some("c"), Ok("two c"));
        let proxy_url = Some("socks5://127.0.0.1:1080".to_owned());
        check(Wish { proxy_url, key: key(), ..Wish::default() }, Some("c"), Ok("two c"));
    }

    #[test]
    fn a_provider_must_understand_the_address() {
        let provider = |name: &str, dialect: Dialect| Provider {
            name: name.to_owned(),
            models: vec!["same".to_owned(), name.to_owned()],
            dialect,
            ..provider_for_tests()
        };
        let providers = [
            provider("claude", Dialect::Anthropic),
            provider("newer", Dialect::Responses { background: false }),
            provider("older", Dialect::ChatCompletions),
        ];
        let upstreams = providers.map(|provider| Upstream::new(provider).unwrap());
        let providers = Providers::new(upstreams.into(), None);
        let check = |path: &str, model: Option<&str>, expected: Result<&str, &str>| {
            let picked = Wish::default().choose(&providers, path, model);
            let picked = picked.map(|picked| picked.upstream.provider().name.clone());
            let picked = picked.map_err(|error| match error {
                WishError::OtherDialect { understood, .. } => understood,
                other => panic!("{other}"),
            });
            assert_eq!(picked.as_deref(), expected.as_ref().copied(), "{path} {model:?}");
        };
        // Of those that have a model, one that understands comes first.
        for model in [None, Some("same"), Some("unknown")] {
            check("chat/completions", model, Ok("older"));
            check("messages", model, Ok("claude"));
            check("responses", model, Ok("newer"));
            check("embeddings", model, Ok("newer"));
        }
        check("responses", Some("older"), Ok("older"));
        check("chat/completions", Some("claude/same"), Err("messages"));
        check("chat/completions", Some("newer"), Err("responses"));
        check("messages", Some("older"), Err("chat/completions"));
        check("embeddings", Some("claude"), Err("messages"));
    }

    #[test]
    fn nothing_else_is_ever_asked() {
        let unknown = || Some("https://169.254.169.254/v1".to_owned());
        let wish = Wish { provider: Some("One".to_owned()), ..Wish::default() };
        check(wish, None, Err(WishError::UnknownProvider));
        let wish = Wish { end_point: unknown(), ..Wish::default() };
        check(wish, None, Err(WishError::UnknownEndPoint));
        let wish = Wish { proxy_url: unknown(), ..Wish::default() };
        check(wish, None, Err(WishError::UnknownProxy));
        let end_point = Some("https://two.example/v1".to_owned());
        let wish = Wish { provider: Some("one".to_owned()), end_point, ..Wish::default() };
        check(wish, None, Err(WishError::DifferentProviders));
        let none = Providers::new(Vec::new(), None);
        assert_eq!(
            Wish::default().choose(&none, "chat/completions", None).err(),
            Some(WishError::NoProvider)
        );
    }

    #[test]
    fn a_key_goes_only_where_it_is_taken() {
        let key = |text: &str| Wish { key: Some(text.into()), ..Wish::default() };
        check(key("sk-1"), Some("a"), Err(WishError::KeyNotTaken));
        check(key("sk-1"), Some("c"), Ok("two c"));
        check(key("sk 1"), Some("c"), Err(WishError::OddKey));
        check(Wish::default(), Some("c"), Err(WishError::KeyNeeded));
    }
}
