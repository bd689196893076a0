//! The settings as data: what each is called in the file, in the environment and on the command
//! line, what holds when it is not set, and what it is for. The README's table says the same.

use std::net::SocketAddr;
use std::path::PathBuf;

use axum::http::HeaderValue;
use secrecy::SecretString;
use url::Url;

use super::reading::{self, Reading};
use crate::password::OwnerPassword;

/// One setting that does not belong to a provider.
pub struct Setting<T> {
    /// Its key in the file, with its section before a dot.
    pub key: &'static str,
    /// Its variable in the environment.
    pub variable: &'static str,
    /// Its option on the command line, with dashes.
    pub option: Option<&'static str>,
    /// What holds when it is not set, in words.
    pub default: &'static str,
    /// What it is for, in one sentence.
    pub meaning: &'static str,
    /// How it is read.
    pub reading: Reading<T>,
}

pub const ADDR: Setting<SocketAddr> = Setting {
    key: "addr",
    variable: "INGLENOOK_ADDR",
    option: Some("--addr"),
    default: "127.0.0.1:3000",
    meaning: "Address and port to listen on. Beyond loopback a password is needed.",
    reading: reading::ADDRESS,
};

pub const DATA: Setting<PathBuf> = Setting {
    key: "data",
    variable: "INGLENOOK_DATA",
    option: Some("--data"),
    default: "$XDG_DATA_HOME/inglenook, else ~/.local/share/inglenook",
    meaning: "Folder for the conversations. In the file it is relative to the file.",
    reading: reading::FOLDER,
};

pub const PASSWORD: Setting<SecretString> = Setting {
    key: "password",
    variable: "INGLENOOK_PASSWORD",
    option: None,
    default: "none",
    meaning: "Password of the owner, as it is typed. Rather use `password_hash`.",
    reading: reading::PASSWORD,
};

pub const PASSWORD_HASH: Setting<OwnerPassword> = Setting {
    key: "password_hash",
    variable: "INGLENOOK_PASSWORD_HASH",
    option: None,
    default: "none",
    meaning: "The owner's password as an argon2id hash, made by `inglenook hash-password`.",
    reading: reading::PASSWORD_HASH,
};

pub const PUBLIC_URL: Setting<Url> = Setting {
    key: "public_url",
    variable: "INGLENOOK_PUBLIC_URL",
    option: None,
    default: "none",
    meaning: "Address under which people open the page, when it stands behind a proxy. With https \
              the session cookie is sent over https only.",
    reading: reading::PUBLIC_URL,
};

pub const CORS_ORIGINS: Setting<HeaderValue> = Setting {
    key: "cors_origins",
    variable: "INGLENOOK_CORS_ORIGINS",
    option: None,
    default: "none",
    meaning: "Other sites whose pages may call `/v1` and `/chat` from a browser, with a token: a \
              list, in the environment with commas.",
    reading: reading::ORIGIN,
};

pub const MODEL: Setting<String> = Setting {
    key: "model",
    variable: "INGLENOOK_MODEL",
    option: None,
    default: "the first provider's first model; where OpenAI lists many, gpt-5-mini",
    meaning: "Model that answers unless another is chosen: `provider/model`, a model's name, or `auto` \
              where there is an `[auto]` section.",
    reading: reading::MODEL,
};

pub const TITLE_MODEL: Setting<String> = Setting {
    key: "title_model",
    variable: "INGLENOOK_TITLE_MODEL",
    option: None,
    default: "none",
    meaning: "Model that gives conversations their titles, or `none`: the question's first words.",
    reading: reading::MODEL,
};

pub const CONTINUE_WHEN_CUT: Setting<bool> = Setting {
    key: "continue_when_cut",
    variable: "INGLENOOK_CONTINUE_WHEN_CUT",
    option: None,
    default: "true",
    meaning: "Whether an answer whose provider breaks off goes on by itself, with the next key or the \
              fallback. The page says where.",
    reading: reading::SWITCH,
};

pub const MAX_MESSAGE_BYTES: Setting<usize> = Setting {
    key: "limits.max_message_bytes",
    variable: "INGLENOOK_MAX_MESSAGE_BYTES",
    option: None,
    default: "1048576",
    meaning: "Longest message that is accepted, in bytes.",
    reading: reading::MESSAGE_BYTES,
};

pub const MAX_OPEN_ANSWERS: Setting<usize> = Setting {
    key: "limits.max_open_answers",
    variable: "INGLENOOK_MAX_OPEN_ANSWERS",
    option: None,
    default: "64",
    meaning: "Answers that may be written at the same time.",
    reading: reading::OPEN_ANSWERS,
};

pub const MAX_IMPORT_BYTES: Setting<u64> = Setting {
    key: "limits.max_import_bytes",
    variable: "INGLENOOK_MAX_IMPORT_BYTES",
    option: None,
    default: "536870912",
    meaning: "Largest file with conversations that can be imported, in bytes.",
    reading: reading::IMPORT_BYTES,
};

pub const MAX_FILE_BYTES: Setting<usize> = Setting {
    key: "limits.max_file_bytes",
    variable: "INGLENOOK_MAX_FILE_BYTES",
    option: None,
    default: "20971520",
    meaning: "Longest file that is accepted, in bytes.",
    reading: reading::FILE_BYTES,
};

pub const MAX_FILES_PER_MESSAGE: Setting<usize> = Setting {
    key: "limits.max_files_per_message",
    variable: "INGLENOOK_MAX_FILES_PER_MESSAGE",
    option: None,
    default: "10",
    meaning: "Files that may be sent with one question.",
    reading: reading::FILES_PER_MESSAGE,
};

pub const MAX_RELAY_CALLS: Setting<usize> = Setting {
    key: "limits.max_relay_calls",
    variable: "INGLENOOK_MAX_RELAY_CALLS",
    option: None,
    default: "1024",
    meaning: "Requests of programs that may be answered at the same time.",
    reading: reading::RELAY_CALLS,
};

pub const MAX_RELAY_BYTES: Setting<usize> = Setting {
    key: "limits.max_relay_bytes",
    variable: "INGLENOOK_MAX_RELAY_BYTES",
    option: None,
    default: "33554432",
    meaning: "Longest request of a program, files included, in bytes.",
    reading: reading::RELAY_BYTES,
};

pub const MAX_CONNECTIONS: Setting<usize> = Setting {
    key: "limits.max_connections",
    variable: "INGLENOOK_MAX_CONNECTIONS",
    option: None,
    default: "16384",
    meaning: "Connections that may be open at the same time; more wait.",
    reading: reading::CONNECTIONS,
};

/// One row of `--help`: where a setting stands and what it means.
pub struct Row {
    /// Its key in the file.
    pub key: &'static str,
    /// Its variable in the environment; empty where there is none.
    pub variable: &'static str,
    /// What holds when it is not set.
    pub default: &'static str,
    /// What it is for.
    pub meaning: &'static str,
}

impl<T> Setting<T> {
    const fn row(&self) -> Row {
        Row { key: self.key, variable: self.variable, default: self.default, meaning: self.meaning }
    }
}

/// Every setting that does not belong to a provider, in the order of the documentation.
pub const SETTINGS: [Row; 17] = [
    ADDR.row(),
    DATA.row(),
    PASSWORD_HASH.row(),
    PASSWORD.row(),
    PUBLIC_URL.row(),
    CORS_ORIGINS.row(),
    MODEL.row(),
    TITLE_MODEL.row(),
    CONTINUE_WHEN_CUT.row(),
    MAX_MESSAGE_BYTES.row(),
    MAX_OPEN_ANSWERS.row(),
    MAX_IMPORT_BYTES.row(),
    MAX_FILE_BYTES.row(),
    MAX_FILES_PER_MESSAGE.row(),
    MAX_RELAY_CALLS.row(),
    MAX_RELAY_BYTES.row(),
    MAX_CONNECTIONS.row(),
];

/// The keys of a `[[providers]]` section. The variables belong to the provider named `openai`.
pub const PROVIDER_KEYS: [Row; 18] = [
    provider_key("name", "", "required", "What the page and `model` call it, such as `openai`."),
    provider_key(
        "type",
        "",
        "openai",
        "How it is spoken to: `openai` (chat completions), `anthropic` (messages), or `responses` (OpenAI's newer API).",
    ),
    provider_key(
        "base_url",
        "OPENAI_BASE_URL",
        "required, but for `openai` and the types `anthropic` and `responses`",
        "Address of its API, with the version.",
    ),
    provider_key("key", "OPENAI_API_KEY", "none", "Its key. Leave it out where none is needed."),
    provider_key(
        "keys",
        "",
        "none",
        "Several keys, each a text or a table of `key` or `key_env`, `weight`, `max_concurrent` and \
         `requests_per_minute`. The least busy one is used, and another where one is refused.",
    ),
    provider_key(
        "key_env",
        "",
        "none",
        "Name of a variable of the environment that holds the key.",
    ),
    provider_key(
        "fallback",
        "",
        "none",
        "Who answers when it cannot: another provider, or a model of it as `provider/model`.",
    ),
    provider_key(
        "models",
        "OPENAI_MODEL",
        "what the provider lists",
        "Models to offer. The first is the default one.",
    ),
    provider_key(
        "vision",
        "",
        "what the provider lists; where it says nothing, every model may try",
        "Whether its models read pictures: true, false, or a list of those that do.",
    ),
    provider_key(
        "context_window",
        "",
        "what the provider lists",
        "Most tokens of a request and its answer: a number, or a table of one for each model.",
    ),
    provider_key(
        "prices",
        "",
        "what the provider lists, else a table of well-known models; free in private networks",
        "US dollars for a million tokens, by model: `input`, `output` and `cached_input`.",
    ),
    provider_key("proxy", "", "none", "Proxy on the way to it: http, https, socks5 or socks5h."),
    provider_key("connect_timeout_s", "", "10", "Longest time to connect, in seconds."),
    provider_key("idle_timeout_s", "", "120", "Longest silence during an answer, in seconds."),
    provider_key(
        "max_tokens_field",
        "",
        "by its address",
        "What it calls the most tokens of an answer: `max_tokens`, or `max_completion_tokens` as at api.openai.com.",
    ),
    provider_key(
        "client_key",
        "",
        "false",
        "Whether programs may send a key of their own for it, in the header `x-upstream-key`.",
    ),
    provider_key(
        "background",
        "",
        "false",
        "With type `responses`: the provider keeps answers and writes them on while this server restarts.",
    ),
    provider_key("note", "", "none", "A sentence that the page shows beside its answers."),
];

/// The keys of the `[auto]` section.
pub const AUTO_KEYS: [Row; 4] = [
    provider_key("default", "", "`model`", "Model that answers where nothing else is found."),
    provider_key(
        "rules",
        "",
        "none",
        "Tables with a `model` and what a question must be like for it. The first that fits counts.",
    ),
    provider_key(
        "classifier",
        "",
        "none",
        "A cheap model that is asked to choose where no rule fits, among those of `about`.",
    ),
    provider_key(
        "about",
        "",
        "none",
        "What each model that the classifier may choose is good at, by `provider/model`.",
    ),
];

/// The keys of a rule of `[auto]`. All that are set must hold.
pub const RULE_KEYS: [Row; 6] = [
    provider_key("model", "", "required", "The model that answers."),
    provider_key("has_images", "", "", "Whether there are pictures in the conversation."),
    provider_key("min_tokens", "", "", "About how many tokens the conversation has at least."),
    provider_key(
        "language",
        "",
        "",
        "The language of the question, by its letters: ar, el, he, hi, ja, ko, ru, th or zh.",
    ),
    provider_key("looks_like", "", "", "`code`, or `translation`: a request for one."),
    provider_key("pattern", "", "", "A regular expression that is found in the question."),
];

const fn provider_key(
    key: &'static str,
    variable: &'static str,
    default: &'static str,
    meaning: &'static str,
) -> Row {
    Row { key, variable, default, meaning }
}

/// The keys of an `[[allowances]]` section.
pub const ALLOWANCE_KEYS: [Row; 9] = [
    allowance_key("provider", "all", "Provider whose calls it holds for."),
    allowance_key("model", "all", "Model whose calls it holds for."),
    allowance_key(
        "each",
        "all",
        "Whose calls are counted together: those of `all`, of each `person`, or of each `token`.",
    ),
    allowance_key("money_per_day", "no limit", "US dollars a day, by the prices that are known."),
    allowance_key("money_per_month", "no limit", "US dollars in a month of the calendar."),
    allowance_key("tokens_per_day", "no limit", "Tokens a day, of requests and answers together."),
    allowance_key("requests_per_minute", "no limit", "Calls that begin within any minute."),
    allowance_key("concurrent_answers", "no limit", "Answers that are written at the same time."),
    allowance_key("turns_per_conversation", "no limit", "Questions in a conversation."),
];

const fn allowance_key(key: &'static str, default: &'static str, meaning: &'static str) -> Row {
    Row { key, variable: "", default, meaning }
}

/// The variables that are no setting of their own.
pub const OTHER_VARIABLES: [&str; 2] = ["INGLENOOK_CONFIG", "INGLENOOK_LOCAL_MODEL_URL"];

/// Every setting in words, for `--help`.
pub fn help() -> String {
    let described = |row: &Row| {
        let variable = if row.variable.is_empty() { "" } else { &format!(", {}", row.variable) };
        let default = match row.default.strip_prefix("required") {
            Some(_) => row.default.to_owned(),
            None => format!("default: {}", row.default),
        };
        format!("  {}{variable}\n      {} [{default}]\n", row.key, row.meaning)
    };
    let settings: String = SETTINGS.iter().map(described).collect();
    let provider: String = PROVIDER_KEYS.iter().map(described).collect();
    let auto: String = AUTO_KEYS.iter().map(described).collect();
    let rule: String =
        RULE_KEYS.iter().map(|row| format!("  {}\n      {}\n", row.key, row.meaning)).collect();
    let allowance: String = ALLOWANCE_KEYS.iter().map(described).collect();
    format!(
        "Settings of inglenook.toml, and their variables in the environment or .env:\n{settings}\n\
         Keys of a [[providers]] section, and the variables for the one named openai:\n{provider}\n\
         Keys of the [auto] section:\n{auto}\n\
         Keys of its rules:\n{rule}\n\
         Keys of an [[allowances]] section, of which there may be several:\n{allowance}"
    )
}
