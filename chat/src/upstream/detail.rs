//! An upstream's own words, made fit to be shown: short, one line, and without secrets.

use serde_json::Value;

/// The most characters of an upstream's words that are shown.
const LONGEST: usize = 300;

/// How much of a page is looked at, in bytes. Its words come early, and tags that never close would
/// have the rest searched again and again.
const LARGEST_PAGE: usize = 16 << 10;

/// What is put in place of a secret.
const REDACTED: &str = "[redacted]";

/// Words fit to be shown, from the body of an answer or an error's text. `None` if nothing is left.
pub(super) fn detail<'a>(text: &str, secrets: impl Iterator<Item = &'a str>) -> Option<String> {
    let mut line = one_line(text);
    // Secrets go before the text is shortened, lest half of one be left at the end.
    for secret in secrets {
        line = line.replace(secret, REDACTED);
    }
    if let Some((end, _)) = line.char_indices().nth(LONGEST) {
        line.truncate(end);
        line.push('…');
    }
    (!line.is_empty()).then_some(line)
}

/// A body that goes on to a program as it is, without secrets.
pub(super) fn without_secrets<'a>(
    body: Vec<u8>,
    secrets: impl Iterator<Item = &'a str>,
) -> Vec<u8> {
    let text = String::from_utf8_lossy(&body);
    let held: Vec<_> = secrets.filter(|secret| text.contains(secret)).collect();
    match held.is_empty() {
        true => body,
        false => held
            .iter()
            .fold(text.into_owned(), |text, secret| text.replace(secret, REDACTED))
            .into(),
    }
}

/// The words of a body that says why a request failed: JSON, a page, or plain text.
pub(super) fn words_of_body(body: &str) -> String {
    if let Ok(json) = serde_json::from_str::<Value>(body) {
        let error = json.get("error").filter(|error| !error.is_null()).unwrap_or(&json);
        return words_of_error(error);
    }
    match body.trim_start().starts_with('<') {
        true => words_of_page(body),
        false => body.to_owned(),
    }
}

/// The words of an `error` field, which may be an object, a text, or anything.
pub(super) fn words_of_error(error: &Value) -> String {
    let nested = ["message", "detail", "error", "msg"].into_iter().find_map(|name| error.get(name));
    match nested.unwrap_or(error) {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// The text of a page without its tags, scripts and styles.
fn words_of_page(page: &str) -> String {
    let mut words = String::new();
    let mut rest = &page[..page.floor_char_boundary(LARGEST_PAGE)];
    while let Some((before, tag)) = rest.split_once('<') {
        words.push_str(before);
        words.push(' ');
        let hidden = ["script", "style", "!--"].into_iter().zip(["</script", "</style", "-->"]);
        let end = hidden
            .filter(|(name, _)| tag.get(..name.len()).is_some_and(|t| t.eq_ignore_ascii_case(name)))
            .find_map(|(_, end)| tag.find(end))
            .unwrap_or(0);
        rest = tag[end..].split_once('>').map_or("", |(_, after)| after);
    }
    words.push_str(rest);
    words
}

/// The text with every run of white space and control characters made one space.
fn one_line(text: &str) -> String {
    let mut line = String::new();
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        if !word.is_empty() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_become_words() {
        let check = |body: &str, expected: &str| {
            assert_eq!(
                detail(&words_of_body(body), std::iter::empty()).unwrap_or_default(),
                expected
            );
        };
        check(r#"{"error":{"message":"no such key","code":"x"}}"#, "no such key");
        check(r#"{"error":"text"}"#, "text");
        check(r#"{"error":null,"message":"text"}"#, "text");
        check(r#"{"detail":"Not Found"}"#, "Not Found");
        check(r#"{"detail":[{"msg":"bad"}]}"#, r#"[{"msg":"bad"}]"#);
        check(r#"{"error":{"code":500}}"#, r#"{"code":500}"#);
        check("plain\r\n\ttext\u{1b}[31m", "plain text [31m");
        check("", "");
        check(
            "<!DOCTYPE html><html><head><title>502 Bad Gateway</title><style>a{}</style>\
             <script>if (1 < 2) x()</script></head><body><h1>502</h1><!-- <b> -->nginx</body>",
            "502 Bad Gateway 502 nginx",
        );
        check("<html><script>never closed", "never closed");
    }

    #[test]
    fn secrets_are_removed_before_the_text_is_shortened() {
        let secrets = ["sk-1234567890"];
        let text = format!("{} sk-1234567890", "a".repeat(LONGEST - 5));
        let shown = detail(&text, secrets.into_iter()).unwrap();
        assert!(!shown.contains("sk-"), "{shown}");
        assert_eq!(shown.chars().count(), LONGEST + 1);
        let body = |text: &str| without_secrets(text.into(), secrets.into_iter());
        assert_eq!(body("{\"key\": \"sk-1234567890\"}"), b"{\"key\": \"[redacted]\"}");
        assert_eq!(without_secrets(vec![0xff, b'a'], secrets.into_iter()), [0xff, b'a']);
        assert_eq!(
            detail("key sk-1234567890 is wrong", secrets.into_iter()).unwrap(),
            "key [redacted] is wrong"
        );
    }
}
