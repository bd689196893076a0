//! Tables of what upstreams say, and what it means.

use jiff::{SignedDuration, tz::TimeZone};
use serde_json::json;

use super::*;
use crate::upstream::provider::tests::provider;

fn failed(status: u16, headers: &[(&'static str, &str)], body: &str) -> Failure {
    let headers = headers
        .iter()
        .map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()))
        .collect();
    of_status(&provider(), StatusCode::from_u16(status).unwrap(), &headers, body)
}

#[test]
fn statuses_become_kinds() {
    #[track_caller]
    fn check(status: u16, body: &str, expected: FailureKind) {
        assert_eq!(failed(status, &[], body).kind, expected, "{status} {body}");
    }
    check(401, "", FailureKind::Unauthorised);
    check(403, "<html>no</html>", FailureKind::Forbidden);
    check(403, r#"{"error":{"code":"invalid_api_key"}}"#, FailureKind::Unauthorised);
    check(402, "", FailureKind::OutOfQuota);
    check(429, "", FailureKind::RateLimited);
    check(429, r#"{"error":{"code":"insufficient_quota"}}"#, FailureKind::OutOfQuota);
    check(429, r#"{"error":{"type":"insufficient_quota","code":null}}"#, FailureKind::OutOfQuota);
    check(400, r#"{"error":{"message":"Insufficient Balance"}}"#, FailureKind::OutOfQuota);
    check(404, r#"{"error":{"message":"model \"x\" not found"}}"#, FailureKind::ModelNotFound);
    check(404, r#"{"error":{"message":"x","code":"model_not_found"}}"#, FailureKind::ModelNotFound);
    check(400, r#"{"error":{"message":"x is not a valid model ID"}}"#, FailureKind::ModelNotFound);
    check(404, "<html>Not Found</html>", FailureKind::Malformed);
    check(405, "", FailureKind::Malformed);
    check(400, r#"{"error":{"code":"context_length_exceeded"}}"#, FailureKind::ContextTooLong);
    check(
        400,
        r#"{"error":{"message":"This model's maximum context length is 8192 tokens."}}"#,
        FailureKind::ContextTooLong,
    );
    check(
        400,
        r#"{"error":{"message":"the request exceeds the available context size","code":400}}"#,
        FailureKind::ContextTooLong,
    );
    check(400, r#"{"error":{"message":"bad temperature"}}"#, FailureKind::Refused);
    check(422, r#"{"detail":"x"}"#, FailureKind::Refused);
    check(418, "", FailureKind::Refused);
    check(302, "", FailureKind::Refused);
    for status in [500, 502, 503, 504, 529] {
        check(status, "<html>broken</html>", FailureKind::UpstreamError);
    }
}

#[test]
fn details_help() {
    let detail = |status, headers: &[_], body| failed(status, headers, body).detail.unwrap();
    assert_eq!(detail(500, &[], ""), "500 Internal Server Error");
    assert_eq!(detail(502, &[], "<html><h1>Bad\n Gateway</h1></html>"), "Bad Gateway");
    assert_eq!(
        detail(404, &[], r#"{"detail":"Not Found"}"#),
        "404 Not Found for a request below http://127.0.0.1:1/v1: Not Found"
    );
    assert_eq!(
        detail(301, &[("location", "https://elsewhere/")], ""),
        "301 Moved Permanently: it redirects to https://elsewhere/, and redirects are not followed"
    );
    assert_eq!(
        detail(401, &[], r#"{"error":{"message":"Incorrect API key provided: sk-secret."}}"#),
        "Incorrect API key provided: [redacted]."
    );
}

#[test]
fn retry_after_in_every_form() {
    let check = |value: &str, expected: Option<u64>| {
        assert_eq!(failed(429, &[("retry-after", value)], "").retry_after_s, expected, "{value}");
    };
    check("20", Some(20));
    check("0", Some(0));
    check("1.2", Some(2));
    check("-5", None);
    check("soon", None);
    check("NaN", None);
    check("Sun, 06 Nov 1994 08:49:37 GMT", Some(0));
    let soon = (Timestamp::now() + SignedDuration::from_secs(90)).to_zoned(TimeZone::UTC);
    let date = soon.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    let seconds = failed(503, &[("retry-after", &date)], "").retry_after_s.unwrap();
    assert!((85..=90).contains(&seconds), "{seconds}");
}

#[test]
fn errors_within_answers_become_kinds() {
    let check = |error: Value, kind, words: &str| {
        let failure = of_error(&provider(), &error);
        assert_eq!((failure.kind, failure.detail.as_deref().unwrap_or("")), (kind, words));
    };
    check(json!({"message": "busy", "code": 429}), FailureKind::RateLimited, "busy");
    check(json!({"message": "busy", "code": "429"}), FailureKind::RateLimited, "busy");
    check(json!({"message": "x", "code": 502}), FailureKind::UpstreamError, "x");
    check(json!({"message": "x", "code": "server_error"}), FailureKind::UpstreamError, "x");
    check(json!({"message": "x", "type": "insufficient_quota"}), FailureKind::OutOfQuota, "x");
    check(json!("text"), FailureKind::UpstreamError, "text");
    check(json!({"message": "for sk-secret"}), FailureKind::UpstreamError, "for [redacted]");
}
