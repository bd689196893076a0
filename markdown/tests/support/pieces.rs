//! Deltas as a test wants them: a text in pieces of a size.

/// The text in pieces of at least `size` bytes, cut between characters; the last may be shorter.
pub fn in_pieces_of(source: &str, size: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    while start < source.len() {
        let mut end = (start + size).min(source.len());
        while !source.is_char_boundary(end) {
            end += 1;
        }
        pieces.push(&source[start..end]);
        start = end;
    }
    pieces
}
