//! How text becomes a value, and how to say what was expected instead.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use axum::http::HeaderValue;
use chat::auto::{Language, Likeness, Pattern};
use chat::upstream::{Dialect, Fallback, MaxTokensField};
use secrecy::SecretString;
use url::Url;

use super::file::Value;
use crate::password::OwnerPassword;

/// How one kind of value is read.
pub struct Reading<T> {
    /// What is allowed, to stand after the word "expected".
    pub expected: &'static str,
    /// What it looks like in the file.
    pub kind: Kind,
    /// Reads the text, or gives `None` where it is not what was expected.
    pub read: fn(&str) -> Option<T>,
}

/// What a value looks like in the file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A string.
    Text,
    /// A string that is never repeated in an error.
    Secret,
    /// A whole number.
    Number,
    /// True or false.
    Switch,
}

impl<T> Reading<T> {
    /// Reads text of the command line or the environment.
    ///
    /// # Errors
    /// Words that say what was expected and what was found.
    pub fn text(&self, text: &str) -> Result<T, String> {
        (self.read)(text).ok_or_else(|| {
            let found =
                if self.kind == Kind::Secret { "something else".to_owned() } else { shown(text) };
            self.refusal(&found)
        })
    }

    /// Reads a value of the file.
    ///
    /// # Errors
    /// Words that say what was expected and what was found.
    pub fn value(&self, value: &Value) -> Result<T, String> {
        match (value, self.kind) {
            (Value::Text(text), Kind::Text | Kind::Secret) => self.text(text),
            (Value::Number(number), Kind::Number) => {
                (self.read)(&number.to_string()).ok_or_else(|| self.refusal(&number.to_string()))
            }
            (Value::Switch(on), Kind::Switch) => self.text(&on.to_string()),
            (Value::Text(text), Kind::Number | Kind::Switch) => Err(self.refusal(&shown(text))),
            (Value::Number(number), Kind::Text | Kind::Switch) => {
                Err(self.refusal(&number.to_string()))
            }
            (other, _) => Err(self.refusal(other.kind())),
        }
    }

    fn refusal(&self, found: &str) -> String {
        format!("expected {}, found {found}", self.expected)
    }
}

/// A value as it may be repeated in an error. A key or a password can end up in the wrong place,
/// so what looks like one is left out.
pub fn shown(text: &str) -> String {
    let secret_looking = text.contains('@') || text.contains("sk-") || text.contains('$');
    match text.char_indices().nth(60) {
        _ if secret_looking => "something else (not shown: it looks like a secret)".to_owned(),
        Some((cut, _)) => format!("{:?}", format!("{}…", &text[..cut])),
        None => format!("{text:?}"),
    }
}

pub const ADDRESS: Reading<SocketAddr> = Reading {
    expected: "an IP address and a port, such as 127.0.0.1:3000 or [::1]:3000",
    kind: Kind::Text,
    read: |text| match text.trim().strip_prefix("localhost:") {
        Some(port) => Some(SocketAddr::from((Ipv4Addr::LOCALHOST, port.parse().ok()?))),
        None => text.trim().parse().ok(),
    },
};

pub const FOLDER: Reading<PathBuf> = Reading {
    expected: "the path of a folder",
    kind: Kind::Text,
    read: |text| some_text(text).map(PathBuf::from),
};

pub const PASSWORD: Reading<SecretString> = Reading {
    expected: "a password of at least one character",
    kind: Kind::Secret,
    read: |text| (!text.is_empty()).then(|| SecretString::from(text)),
};

pub const PASSWORD_HASH: Reading<OwnerPassword> = Reading {
    expected: "what `inglenook hash-password` prints (in .env and in a shell between single \
               quotes, since it holds dollar signs)",
    kind: Kind::Secret,
    read: |text| OwnerPassword::from_hash(text.trim()).ok(),
};

pub const PUBLIC_URL: Reading<Url> = Reading {
    expected: "the http or https address under which people open the page, without a path, such \
               as https://chat.example.org",
    kind: Kind::Text,
    read: |text| {
        let url = web_address(text)?;
        (url.path() == "/" && url.query().is_none()).then_some(url)
    },
};

pub const ORIGIN: Reading<HeaderValue> = Reading {
    expected: "the address of a site as browsers send it, such as https://app.example.org, without \
               a path",
    kind: Kind::Text,
    read: |text| {
        let url = web_address(text)?;
        let is_bare = url.path() == "/" && url.query().is_none();
        HeaderValue::from_str(&url.origin().ascii_serialization()).ok().filter(|_| is_bare)
    },
};

pub const BASE_URL: Reading<Url> = Reading {
    expected: "an http or https address up to and including the version, such as \
               https://api.openai.com/v1, without a key or password in it",
    kind: Kind::Text,
    read: web_address,
};

pub const PROXY: Reading<Url> = Reading {
    expected: "the address of a proxy, beginning with http://, https://, socks5:// or socks5h://",
    kind: Kind::Text,
    read: |text| {
        let url = Url::parse(text.trim()).ok()?;
        let known = ["http", "https", "socks5", "socks5h"].contains(&url.scheme());
        (known && url.host_str().is_some_and(|host| !host.is_empty())).then_some(url)
    },
};

pub const PROVIDER_NAME: Reading<String> = Reading {
    expected: "a short name of letters, digits, `-`, `_` or `.`",
    kind: Kind::Text,
    read: |text| {
        let fits = |c: char| c.is_alphanumeric() || "-_.".contains(c);
        (!text.is_empty() && text.chars().count() <= 40 && text.chars().all(fits))
            .then(|| text.to_owned())
    },
};

pub const KEY: Reading<SecretString> = Reading {
    expected: "a key without spaces or line breaks",
    kind: Kind::Secret,
    // The key is sent in a header, where anything but visible ASCII cannot stand.
    read: |text| {
        let key = text.trim();
        (!key.is_empty() && key.chars().all(|c| c.is_ascii_graphic())).then(|| key.into())
    },
};

pub const VARIABLE: Reading<String> = Reading {
    expected: "the name of a variable of the environment that holds a key",
    kind: Kind::Text,
    read: |text| {
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
        (!text.is_empty() && text.chars().all(fits)).then(|| text.to_owned())
    },
};

pub const MODEL: Reading<String> = Reading {
    expected: "the name of a model, or a provider and a model as in \"openai/gpt-5-mini\"",
    kind: Kind::Text,
    read: some_text,
};

pub const SWITCH: Reading<bool> = Reading {
    expected: "true or false",
    kind: Kind::Switch,
    read: |text| text.trim().parse().ok(),
};

pub const FALLBACK: Reading<Fallback> = Reading {
    expected: "the name of another provider, alone or with a model as in \"home/llama\"",
    kind: Kind::Text,
    read: |text| {
        let fallback = Fallback::read(text.trim());
        let is_whole = fallback.model.as_ref().is_none_or(|model| !model.is_empty());
        ((PROVIDER_NAME.read)(&fallback.provider).is_some() && is_whole).then_some(fallback)
    },
};

pub const WEIGHT: Reading<u32> = Reading {
    expected: "a whole number from 1 to 1000",
    kind: Kind::Number,
    read: |text| text.trim().parse().ok().filter(|weight| (1..=1000).contains(weight)),
};

pub const REQUESTS: Reading<u32> = Reading {
    expected: "a whole number of requests from 1 to 100000",
    kind: Kind::Number,
    read: |text| text.trim().parse().ok().filter(|requests| (1..=100_000).contains(requests)),
};

pub const NOTE: Reading<String> =
    Reading { expected: "a sentence", kind: Kind::Text, read: some_text };

pub const MAX_TOKENS_FIELD: Reading<MaxTokensField> = Reading {
    expected: "max_tokens or max_completion_tokens",
    kind: Kind::Text,
    read: |text| MaxTokensField::ALL.into_iter().find(|field| field.as_str() == text.trim()),
};

pub const DIALECT: Reading<Dialect> = Reading {
    expected: "openai (chat completions), anthropic (messages) or responses",
    kind: Kind::Text,
    read: |text| Dialect::ALL.into_iter().find(|dialect| dialect.as_str() == text.trim()),
};

pub const LANGUAGE: Reading<Language> = Reading {
    expected: "a language with letters of its own: ar, el, he, hi, ja, ko, ru, th or zh",
    kind: Kind::Text,
    read: |text| Language::ALL.into_iter().find(|language| language.as_str() == text.trim()),
};

pub const LIKENESS: Reading<Likeness> = Reading {
    expected: "code or translation",
    kind: Kind::Text,
    read: |text| Likeness::ALL.into_iter().find(|likeness| likeness.as_str() == text.trim()),
};

pub const PATTERN: Reading<Pattern> = Reading {
    expected: "a regular expression of moderate size, as in \"(?i)^summari[sz]e\"",
    kind: Kind::Text,
    read: |text| Pattern::new(text).ok(),
};

pub const SECONDS: Reading<Duration> = Reading {
    expected: "whole seconds from 1 to 3600",
    kind: Kind::Number,
    read: |text| whole(text, 1..=3600).map(|seconds| Duration::from_secs(seconds as u64)),
};

pub const MESSAGE_BYTES: Reading<usize> = Reading {
    expected: "a whole number of bytes from 1024 to 16777216",
    kind: Kind::Number,
    read: |text| whole(text, 1024..=16 << 20),
};

pub const OPEN_ANSWERS: Reading<usize> = Reading {
    expected: "a whole number from 1 to 100000",
    kind: Kind::Number,
    read: |text| whole(text, 1..=100_000),
};

pub const IMPORT_BYTES: Reading<u64> = Reading {
    expected: "a whole number of bytes from 1048576 to 17179869184",
    kind: Kind::Number,
    read: |text| text.trim().parse().ok().filter(|bytes| (1 << 20..=16 << 30).contains(bytes)),
};

pub const FILE_BYTES: Reading<usize> = Reading {
    expected: "a whole number of bytes from 1024 to 268435456",
    kind: Kind::Number,
    read: |text| whole(text, 1024..=256 << 20),
};

pub const FILES_PER_MESSAGE: Reading<usize> = Reading {
    expected: "a whole number from 1 to 100",
    kind: Kind::Number,
    read: |text| whole(text, 1..=100),
};

pub const RELAY_CALLS: Reading<usize> = Reading {
    expected: "a whole number from 1 to 100000",
    kind: Kind::Number,
    read: |text| whole(text, 1..=100_000),
};

pub const RELAY_BYTES: Reading<usize> = Reading {
    expected: "a whole number of bytes from 65536 to 1073741824",
    kind: Kind::Number,
    read: |text| whole(text, 64 << 10..=1 << 30),
};

pub const CONNECTIONS: Reading<usize> = Reading {
    expected: "a whole number from 16 to 1000000",
    kind: Kind::Number,
    read: |text| whole(text, 16..=1_000_000),
};

pub const TOKENS: Reading<u64> = Reading {
    expected: "a whole number of tokens from 256 to 100000000",
    kind: Kind::Number,
    read: |text| whole(text, 256..=100_000_000).map(|tokens| tokens as u64),
};

pub const QUESTION_TOKENS: Reading<u64> = Reading {
    expected: "a whole number of tokens from 1 to 100000000",
    kind: Kind::Number,
    read: |text| whole(text, 1..=100_000_000).map(|tokens| tokens as u64),
};

fn whole(text: &str, allowed: std::ops::RangeInclusive<usize>) -> Option<usize> {
    text.trim().parse().ok().filter(|number| allowed.contains(number))
}

fn some_text(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// An http or https address without credentials, which would otherwise show up in logs.
fn web_address(text: &str) -> Option<Url> {
    let url = Url::parse(text.trim()).ok()?;
    let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    (plain && ["http", "https"].contains(&url.scheme())).then_some(url)
}
