//! Deltas that mean nothing but themselves: text that can be added to the last text node without parsing.

use std::borrow::Cow;

/// What the text from `before` on adds to an open paragraph, heading or cell, or `None` if it may mean more.
///
/// `window` is the part of the source that a parser would go through instead.
pub(crate) fn plain_text<'s>(source: &'s str, before: usize, window: &str) -> Option<Cow<'s, str>> {
    let delta = &source[before..];
    let open_link = window.contains("](");
    let open_tag = window.contains('<');
    let is_plain = |c: char| match c {
        c if c.is_alphanumeric() => true,
        ' ' | ',' | '.' | '\'' | '"' | '?' | '!' | '%' | '$' | '/' | '+' | '=' | '-' | '{'
        | '}' | '@' | ':' | '(' => true,
        ')' => !open_link,
        '>' => !open_tag,
        c => !c.is_ascii() && !c.is_whitespace() && !c.is_control(),
    };
    if !delta.chars().all(is_plain) {
        return None;
    }
    let settled = source[..before].trim_end_matches(' ');
    let last = settled.chars().next_back()?;
    let has_space = settled.len() < before;
    if !has_space
        && (!is_plain(last) || last == '!' || last == '(')
        && delta.starts_with(|c: char| c != ' ')
    {
        // The character before may pair with, escape or open something, depending on what follows it.
        if !matches!(last, '!' | '(') {
            return None;
        }
    }
    if !has_space && !is_plain(last) {
        return None;
    }
    // A bare address grows with the text after it.
    let word_start =
        settled.rfind([' ', '\n', '\t']).map_or(0, |at| at + 1).max(before.saturating_sub(200));
    let word_start = (word_start..=before).find(|at| source.is_char_boundary(*at))?;
    if may_hold_address(&source[word_start..]) {
        return None;
    }
    let added = delta.trim_end_matches(' ');
    if added.is_empty() {
        return Some(Cow::Borrowed(""));
    }
    Some(Cow::Borrowed(&source[settled.len()..before + added.len()]))
}

/// What a delta adds to an open line of code that cannot be a fence.
pub(crate) fn code(delta: &str) -> Option<Cow<'_, str>> {
    (!delta.contains(['\n', '\r'])).then_some(Cow::Borrowed(delta))
}

fn may_hold_address(text: &str) -> bool {
    text.contains("://")
        || text.as_bytes().windows(4).any(|window| window.eq_ignore_ascii_case(b"www."))
}
