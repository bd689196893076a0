//! Texts as they may be stored and shown.

use serde_json::Value;

/// The longest title, in characters.
const LONGEST_LINE: usize = 200;

/// A text without NUL, at which SQLite's text functions end.
pub fn clean(text: &str) -> String {
    text.replace('\0', "\u{FFFD}")
}

/// A text on one line and of bounded length: titles, names of models and folders.
pub fn line(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control());
    let mut line = String::new();
    for word in words.filter(|word| !word.is_empty()) {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        if line.len() > 4 * LONGEST_LINE {
            break;
        }
    }
    match line.char_indices().nth(LONGEST_LINE) {
        Some((cut, _)) => format!("{}…", line[..cut].trim_end()),
        None => line,
    }
}

/// A fenced block of code, with a fence that the code does not hold.
pub fn fenced(language: &str, code: &str) -> String {
    let longest = code.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    let language: String =
        language.chars().filter(|c| c.is_alphanumeric() || "+-#.".contains(*c)).collect();
    format!("{fence}{language}\n{}\n{fence}", code.trim_end_matches('\n'))
}

/// The text of a message in parts, as APIs of models have them, one paragraph each.
pub fn of_parts(parts: &Value) -> String {
    let part = |part: &Value| match part["type"].as_str() {
        Some("text" | "input_text" | "output_text") | None => {
            let text = [part, &part["text"], &part["text"]["value"]];
            text.into_iter().find_map(Value::as_str).map(str::to_owned)
        }
        Some(kind) if kind.contains("image") => Some("[image]".to_owned()),
        Some(kind) if kind.contains("audio") => Some("[audio]".to_owned()),
        Some(kind) if kind.contains("file") => Some("[attachment]".to_owned()),
        Some(_) => None,
    };
    let parts: Vec<String> = parts.as_array().into_iter().flatten().filter_map(part).collect();
    parts.join("\n\n")
}

/// A value of JSON, also where strings hold halves of surrogate pairs.
pub fn value(json: &str) -> Result<Value, serde_json::Error> {
    serde_json::from_str(json)
        .or_else(|error| serde_json::from_str(&without_lone_surrogates(json)).map_err(|_| error))
}

/// JSON in which halves of surrogate pairs are replaced. Programs that cut a title in the middle of
/// an emoji write them, and no string of ours can hold one.
fn without_lone_surrogates(json: &str) -> String {
    let mut mended = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(at) = rest.find('\\') {
        mended.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = match (escaped_unit(rest), escaped_unit(rest.get(6..).unwrap_or_default())) {
            (Some(0xD800..0xDC00), Some(0xDC00..0xE000)) => 12,
            (Some(0xD800..0xE000), _) => {
                mended.push_str("\\ufffd");
                rest = &rest[6..];
                continue;
            }
            // A backslash and what it escapes, which may be a backslash itself.
            _ => rest.char_indices().nth(2).map_or(rest.len(), |(end, _)| end),
        };
        mended.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    mended.push_str(rest);
    mended
}

/// The UTF-16 unit of the `\uXXXX` that a text begins with.
fn escaped_unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_stand_on_one_line() {
        let check = |text: &str, expected: &str| assert_eq!(line(text), expected, "{text:?}");
        check(" Fire\n\tplaces ", "Fire places");
        check("a\0b\u{7}c", "a b c");
        check("", "");
        check(&"ä".repeat(500), &format!("{}…", "ä".repeat(200)));
    }

    #[test]
    fn a_fence_is_longer_than_any_in_the_code() {
        assert_eq!(fenced("py", "print(1)\n"), "```py\nprint(1)\n```");
        assert_eq!(fenced("a b\n`", "````"), "`````ab\n````\n`````");
    }

    #[test]
    fn halves_of_pairs_are_replaced() {
        let check = |json: &str, expected: &str| {
            assert_eq!(without_lone_surrogates(json), expected, "{json}");
        };
        check(r#""\ud83d\ude00""#, r#""\ud83d\ude00""#);
        check(r#""a\ud83d""#, r#""a\ufffd""#);
        check(r#""\ude00b\n""#, r#""\ufffdb\n""#);
        check(r#""\\ud83d""#, r#""\\ud83d""#);
        check(r#""\ud83d\ud83d\ude00""#, r#""\ufffd\ud83d\ude00""#);
        check("\"\\", "\"\\");
    }
}
