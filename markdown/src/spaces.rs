//! Line ends and spaces that the parser takes for such in some places only.

/// Adds text to a source in which every line ends with a line feed, perhaps after a carriage return, and in which a form
/// feed or vertical tab is a space.
pub(crate) fn push_plain(source: &mut String, added: &str) {
    if source.ends_with('\r') && !added.is_empty() && !added.starts_with('\n') {
        source.pop();
        source.push('\n');
    }
    let mut chars = added.chars().peekable();
    if !added.contains(['\r', '\u{b}', '\u{c}']) {
        return source.push_str(added);
    }
    while let Some(c) = chars.next() {
        source.push(match c {
            '\r' if chars.peek().is_some_and(|next| *next != '\n') => '\n',
            '\u{b}' | '\u{c}' => ' ',
            c => c,
        });
    }
}
