//! Bare addresses in running text: GFM's autolink extension for `http://`, `https://` and `www.`.

use std::ops::Range;

/// A longer address is no link: nobody reads it, and every letter that it grows by would be a change of all of it.
pub(crate) const LONGEST: usize = 2048;

/// A bare address found in text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Bare {
    /// Where it stands in the text, in bytes.
    pub(crate) range: Range<usize>,
    /// Where it leads: the text itself, with `http://` before `www.`.
    pub(crate) address: String,
}

/// Finds the first bare address in `text` at or after `from`.
///
/// Follows <https://github.github.com/gfm/#autolinks-extension->: trailing punctuation and unbalanced closing
/// parentheses stay outside.
pub(crate) fn find(text: &str, from: usize) -> Option<Bare> {
    let mut at = from;
    while at < text.len() {
        let offset = text[at..].find(['h', 'H', 'w', 'W'])?;
        let start = at + offset;
        if let Some(end) = starts_here(text, start) {
            let bare = &text[start..end];
            let scheme =
                if bare.as_bytes()[0].eq_ignore_ascii_case(&b'w') { "http://" } else { "" };
            return Some(Bare { range: start..end, address: format!("{scheme}{bare}") });
        }
        at = start + 1;
    }
    None
}

fn starts_here(text: &str, start: usize) -> Option<usize> {
    let before = text[..start].chars().next_back();
    if !before.is_none_or(|c| c.is_whitespace() || matches!(c, '*' | '_' | '~' | '(')) {
        return None;
    }
    let rest = &text[start..];
    let domain_at = ["https://", "http://", "www."]
        .into_iter()
        .find(|prefix| {
            rest.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix))
        })?
        .len();
    let is_end = |c: char| c.is_whitespace() || c == '<';
    let (end, _) =
        rest.char_indices().chain([(rest.len(), ' ')]).take(LONGEST).find(|(_, c)| is_end(*c))?;
    let end = trim_end(&rest[..end]);
    let domain = rest.get(domain_at..end)?;
    let domain = domain.split(['/', '?', '#', ':']).next().unwrap_or_default();
    is_domain(domain).then_some(start + end)
}

/// At least two labels, and no underscore in the last two, says the specification; a local host needs no dot.
fn is_domain(domain: &str) -> bool {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    let mut labels = domain.rsplit('.');
    let last = labels.next().unwrap_or_default();
    let second = labels.next().unwrap_or_default();
    (!second.is_empty() || domain == "localhost")
        && !last.is_empty()
        && domain.chars().all(plain)
        && !last.contains('_')
        && !second.contains('_')
}

fn trim_end(address: &str) -> usize {
    let mut end = address.len();
    loop {
        let head = &address[..end];
        let Some(last) = head.chars().next_back() else { return 0 };
        let unbalanced = last == ')' && head.matches(')').count() > head.matches('(').count();
        let punctuation =
            matches!(last, '?' | '!' | '.' | ',' | ':' | '*' | '_' | '~' | '\'' | '"' | ';' | ']');
        if !unbalanced && !punctuation {
            return end;
        }
        end -= last.len_utf8();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, found: Option<(&str, &str)>) {
        let bare = find(text, 0);
        let bare = bare.as_ref().map(|bare| (&text[bare.range.clone()], bare.address.as_str()));
        assert_eq!(bare, found, "{text:?}");
    }

    #[test]
    fn addresses_end_where_a_reader_would_end_them() {
        check(
            "see https://example.com/a.",
            Some(("https://example.com/a", "https://example.com/a")),
        );
        check("www.example.com!", Some(("www.example.com", "http://www.example.com")));
        check(
            "(https://example.com/a_(b))",
            Some(("https://example.com/a_(b)", "https://example.com/a_(b)")),
        );
        check(
            "http://localhost:3000/x",
            Some(("http://localhost:3000/x", "http://localhost:3000/x")),
        );
        check("https://example.com<b", Some(("https://example.com", "https://example.com")));
        check("xhttps://example.com", None);
        check("https://", None);
        check("www.", None);
        check("https://nodots/", None);
    }
}
