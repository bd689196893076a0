//! What went wrong with an upstream, in the closed set of kinds that people are shown.

use std::{error::Error, io};

use jiff::{Timestamp, fmt::rfc2822};
use protocol::{Failure, FailureKind};
use reqwest::{
    StatusCode,
    header::{HeaderMap, LOCATION, RETRY_AFTER},
};
use serde_json::Value;

use super::{
    detail::{detail, words_of_body, words_of_error},
    provider::{Provider, bare},
};

/// A failure of `kind` with words that came from outside.
pub(super) fn failure(provider: &Provider, kind: FailureKind, words: &str) -> Failure {
    let detail = detail(words, provider.secrets());
    Failure { detail, ..Failure::new(kind, &provider.name) }
}

/// The failure that an HTTP status other than success stands for.
pub(super) fn of_status(
    provider: &Provider,
    status: StatusCode,
    headers: &HeaderMap,
    body: &str,
) -> Failure {
    let error = serde_json::from_str::<Value>(body)
        .ok()
        .and_then(|mut json| json.get_mut("error").map(Value::take))
        .unwrap_or(Value::Null);
    let mut words = words_of_body(body);
    let kind = kind_of_words(&codes(&error), &words)
        .or_else(|| kind_of_missing_model(status, &words))
        .or_else(|| kind_of_status(status))
        .unwrap_or(FailureKind::Refused);
    if kind == FailureKind::Malformed {
        let address = bare(&provider.base_url);
        words = format!("{status} for a request below {address}: {words}");
    } else if status.is_redirection() {
        let target = headers.get(LOCATION).map(|value| String::from_utf8_lossy(value.as_bytes()));
        let target = target.unwrap_or("nowhere".into());
        words = format!("{status}: it redirects to {target}, and redirects are not followed");
    } else if words.trim().is_empty() {
        words = status.to_string();
    }
    Failure { retry_after_s: retry_after(headers), ..failure(provider, kind, &words) }
}

/// The failure that an `error` within an answer stands for.
pub(super) fn of_error(provider: &Provider, error: &Value) -> Failure {
    let words = words_of_error(error);
    let kind = kind_of_words(&codes(error), &words)
        .or_else(|| kind_of_status(status_within(error)?))
        .unwrap_or(FailureKind::UpstreamError);
    failure(provider, kind, &words)
}

/// The failure of a request that got no answer.
pub(super) fn of_request(provider: &Provider, error: &reqwest::Error) -> Failure {
    let kind = match error.is_connect() {
        true => FailureKind::Unreachable,
        false => FailureKind::CutOff,
    };
    failure(provider, kind, &reason(provider, error))
}

/// The failure of an answer that broke off.
pub(super) fn of_body(provider: &Provider, error: &reqwest::Error) -> Failure {
    failure(provider, FailureKind::CutOff, &reason(provider, error))
}

/// The failure of an upstream that said nothing for as long as it may.
pub(super) fn silence(provider: &Provider) -> Failure {
    let words = format!("nothing came for {} s", provider.idle_timeout.as_secs_f64());
    failure(provider, FailureKind::TimedOut, &words)
}

fn kind_of_status(status: StatusCode) -> Option<FailureKind> {
    Some(match status.as_u16() {
        401 => FailureKind::Unauthorised,
        // Of a key that is none this is said seldom, and of a question that was flagged often:
        // <https://openrouter.ai/docs/api/reference/errors-and-debugging>.
        403 => FailureKind::Forbidden,
        402 => FailureKind::OutOfQuota,
        // An address without such an API, most often a base_url that lacks its `/v1`.
        404 | 405 => FailureKind::Malformed,
        429 => FailureKind::RateLimited,
        300..=499 => FailureKind::Refused,
        500..=599 => FailureKind::UpstreamError,
        _ => return None,
    })
}

/// What upstreams say in words or codes whatever the status: the same mistakes come with 400,
/// 403, 413, 429 or 500, or in the middle of an answer.
fn kind_of_words(codes: &[&str], words: &str) -> Option<FailureKind> {
    const QUOTA_CODES: [&str; 3] =
        ["insufficient_quota", "billing_hard_limit_reached", "billing_error"];
    const QUOTA_WORDS: [&str; 3] =
        ["insufficient balance", "insufficient credits", "credit balance is too low"];
    const CONTEXT_CODES: [&str; 2] = ["context_length_exceeded", "exceed_context_size_error"];
    const CONTEXT_WORDS: [&str; 6] = [
        "maximum context length",
        "available context size",
        "context length exceeded",
        "exceeds the context window",
        "prompt is too long",
        "exceed context limit",
    ];
    // Anthropic's types of errors: <https://platform.claude.com/docs/en/api/errors>.
    const KEY_CODES: [&str; 2] = ["invalid_api_key", "authentication_error"];
    const RATE_CODES: [&str; 2] = ["rate_limit_exceeded", "rate_limit_error"];
    let words = words.to_lowercase();
    let says = |wanted_codes: &[&str], wanted_words: &[&str]| {
        wanted_codes.iter().any(|code| codes.contains(code))
            || wanted_words.iter().any(|wanted| words.contains(wanted))
    };
    if says(&QUOTA_CODES, &QUOTA_WORDS) {
        Some(FailureKind::OutOfQuota)
    } else if says(&CONTEXT_CODES, &CONTEXT_WORDS) {
        Some(FailureKind::ContextTooLong)
    } else if says(&["model_not_found"], &[]) {
        Some(FailureKind::ModelNotFound)
    } else if says(&KEY_CODES, &[]) {
        Some(FailureKind::Unauthorised)
    } else if says(&["permission_error"], &[]) {
        Some(FailureKind::Forbidden)
    } else if says(&RATE_CODES, &[]) {
        Some(FailureKind::RateLimited)
    } else {
        None
    }
}

fn kind_of_missing_model(status: StatusCode, words: &str) -> Option<FailureKind> {
    let words = words.to_lowercase();
    let missing = ["not found", "not exist", "not a valid model", "unknown model"];
    let says_missing = missing.into_iter().any(|wanted| words.contains(wanted));
    let named = words.contains("model");
    let found = match status {
        StatusCode::NOT_FOUND => named,
        StatusCode::BAD_REQUEST => named && says_missing,
        _ => false,
    };
    found.then_some(FailureKind::ModelNotFound)
}

/// The words that classify an error: its `code` and its `type`.
fn codes(error: &Value) -> Vec<&str> {
    ["code", "type"].into_iter().filter_map(|name| error[name].as_str()).collect()
}

/// The HTTP status within an error, which some upstreams write as a number, others as a text.
fn status_within(error: &Value) -> Option<StatusCode> {
    ["code", "status"].into_iter().find_map(|name| {
        let code = error[name].as_u64().or_else(|| error[name].as_str()?.parse().ok())?;
        StatusCode::from_u16(u16::try_from(code).ok()?).ok()
    })
}

/// Seconds until the upstream wants to be asked again; it says so in seconds or as a date.
fn retry_after(headers: &HeaderMap) -> Option<u64> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse::<f64>() {
        return (0.0..=1e9).contains(&seconds).then_some(seconds.ceil() as u64);
    }
    let at = rfc2822::DateTimeParser::new().parse_timestamp(value).ok()?;
    u64::try_from(at.as_second().saturating_sub(Timestamp::now().as_second()).max(0)).ok()
}

/// Why a request failed, in words. The innermost error is the one that says so.
fn reason(provider: &Provider, error: &reqwest::Error) -> String {
    if error.is_dns() {
        let host = provider.base_url.host_str().unwrap_or_default();
        return match &provider.proxy {
            Some(_) => format!("a host name was not found: {host}, or the proxy's"),
            None => format!("the host name was not found: {host}"),
        };
    }
    if error.is_connect() && error.is_timeout() {
        return format!("no connection within {} s", provider.connect_timeout.as_secs_f64());
    }
    innermost(error)
}

/// What the innermost error says. The ones around it only say that a request failed.
fn innermost(mut error: &(dyn Error + 'static)) -> String {
    loop {
        if let Some(tls) = error.downcast_ref::<rustls::Error>() {
            return format!("TLS: {tls}");
        }
        // An I/O error made of another error does not give that one as its source, but skips it.
        let io = error.downcast_ref::<io::Error>();
        let within = io.and_then(io::Error::get_ref).map(|within| within as &(dyn Error + 'static));
        match (within.or_else(|| error.source()), io.map(io::Error::kind)) {
            (Some(source), _) => error = source,
            (None, Some(io::ErrorKind::ConnectionRefused)) => {
                return "the connection was refused".to_owned();
            }
            (None, Some(io::ErrorKind::ConnectionReset)) => {
                return "the connection was reset".to_owned();
            }
            (None, _) => return error.to_string(),
        }
    }
}

#[cfg(test)]
mod tests;
