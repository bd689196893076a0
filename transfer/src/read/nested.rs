//! Messages that lie in each other, told apart in one pass.
//!
//! A conversation whose replies are `children` of what they reply to is nested as deep as it is
//! long, which is deeper than a JSON parser goes, or ought to. Here the depth costs neither stack nor
//! time: what is open is kept in a list, and every byte is looked at once.

/// The text of a message, without its children.
#[derive(Debug, PartialEq, Eq)]
pub struct Flat {
    /// The message whose child it is: an index into the same list.
    pub parent: Option<usize>,
    /// An object, as JSON.
    pub json: String,
}

#[derive(Clone, Copy)]
enum Level {
    /// A list of messages, those below the message of this index.
    Messages(Option<usize>),
    /// The fields of a message.
    Fields(usize),
    /// Inside a field of a message.
    Value(usize),
    /// What is in a list of messages and is no message.
    Ignored,
}

/// Takes a list of messages apart, or one message. Each stands behind the one whose child it is.
/// The text must be JSON.
pub fn flat(json: &str) -> Vec<Flat> {
    let mut messages: Vec<Flat> = Vec::new();
    let mut levels = if json.starts_with('[') { Vec::new() } else { vec![Level::Messages(None)] };
    let mut rest = json;
    while !rest.is_empty() {
        let length = token(rest);
        let (this, after) = rest.split_at(length);
        rest = after;
        let level = levels.last().copied();
        if let Some(Level::Fields(message)) = level
            && this == "\"children\""
            && let Some(children) = list_of_field(rest)
        {
            messages[message].json.push_str("\"children\":null");
            levels.push(Level::Messages(Some(message)));
            rest = children;
            continue;
        }
        let inner = match (level, this) {
            (None, "[") => Some(Level::Messages(None)),
            (Some(Level::Messages(parent)), "{") => {
                messages.push(Flat { parent, json: String::new() });
                Some(Level::Fields(messages.len() - 1))
            }
            (Some(Level::Fields(message) | Level::Value(message)), "{" | "[") => {
                Some(Level::Value(message))
            }
            (_, "{" | "[") => Some(Level::Ignored),
            _ => None,
        };
        levels.extend(inner);
        if let Some(Level::Fields(message) | Level::Value(message)) = inner.or(level) {
            messages[message].json.push_str(this);
        }
        if matches!(this, "}" | "]") {
            levels.pop();
        }
    }
    messages
}

/// The length of a string, of a bracket, or of what stands before the next of these.
fn token(json: &str) -> usize {
    let bytes = json.as_bytes();
    match bytes.first() {
        Some(b'"') => {
            let mut at = 1;
            while let Some(byte) = bytes.get(at) {
                match byte {
                    b'"' => return at + 1,
                    b'\\' => at += 2,
                    _ => at += 1,
                }
            }
            json.len()
        }
        Some(b'{' | b'}' | b'[' | b']') => 1,
        _ => json.find(['"', '{', '}', '[', ']']).unwrap_or(json.len()),
    }
}

/// What stands behind the opening bracket, if the value of a field is a list.
fn list_of_field(rest: &str) -> Option<&str> {
    rest.trim_start().strip_prefix(':')?.trim_start().strip_prefix('[')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_message_stands_alone_behind_its_parent() {
        let check = |json: &str, expected: &[(Option<usize>, &str)]| {
            let flat: Vec<_> = flat(json).into_iter().map(|one| (one.parent, one.json)).collect();
            let expected: Vec<_> =
                expected.iter().map(|(parent, json)| (*parent, (*json).to_owned())).collect();
            assert_eq!(flat, expected, "{json}");
        };
        let leaf = r#"{"children":null}"#;
        check("[]", &[]);
        check(r#"{"a":1}"#, &[(None, r#"{"a":1}"#)]);
        check(
            r#"[{"a":[{}]},{"b":"}\"]"}]"#,
            &[(None, r#"{"a":[{}]}"#), (None, r#"{"b":"}\"]"}"#)],
        );
        check(
            r#"[{"children" : [{"children":[]},{}],"a":2},{"children":5}]"#,
            &[
                (None, r#"{"children":null,"a":2}"#),
                (Some(0), leaf),
                (Some(0), "{}"),
                (None, r#"{"children":5}"#),
            ],
        );
        check(
            r#"[7,"x",[{"children":[{}]}],{"a":{"children":[{}]}}]"#,
            &[(None, r#"{"a":{"children":[{}]}}"#)],
        );
        check(r#"[{"a":"children","b":[]}]"#, &[(None, r#"{"a":"children","b":[]}"#)]);
    }
}
