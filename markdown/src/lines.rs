//! Lines of the text that is parsed: where they end, and whether the next one ends the block before it.

/// The start of the line after `from`, if that line's newline is there.
pub(crate) fn line_end(text: &str, from: usize) -> Option<usize> {
    if from > 0 && text.as_bytes()[from - 1] == b'\n' {
        return Some(from);
    }
    text[from..].find('\n').map(|at| from + at + 1)
}

/// Whether a line follows that cannot turn out to belong to the block before it.
pub(crate) fn line_follows(text: &str, from: usize) -> bool {
    let Some(end) = text[from..].find('\n').map(|at| from + at + 1) else {
        return begins_text(&text[from..]);
    };
    // Only the line after it decides whether such a line begins a table.
    let may_head_table = text[from..end].trim_start_matches([' ', '\t', '>']).starts_with('|');
    !may_head_table || text[end..].contains('\n')
}

/// Whether an unfinished line begins a paragraph, perhaps in an item of its own, or a footnote, whatever follows on it.
fn begins_text(line: &str) -> bool {
    let line = line.trim_start_matches([' ', '\t', '>']);
    if let Some((label, _)) = line.strip_prefix("[^").and_then(|rest| rest.split_once("]:")) {
        return !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-');
    }
    let number = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let marks: &[char] = if number.len() < line.len() { &['.', ')'] } else { &['-', '+', '*'] };
    match number.strip_prefix(marks) {
        // With a letter, it is neither a thematic break nor a heading's underline.
        Some(item) => item.starts_with(' ') && item.chars().any(char::is_alphabetic),
        None => line.starts_with(char::is_alphabetic),
    }
}
