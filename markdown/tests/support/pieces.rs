//! Deltas as a test wants them: a text in pieces of certain sizes.

/// The text in pieces of at least `size` bytes, cut between characters; the last may be shorter.
#[allow(dead_code, reason = "not every test file cuts evenly")]
pub fn in_pieces_of(source: &str, size: usize) -> Vec<&str> {
    in_pieces_of_sizes(source, &[size])
}

/// The text in pieces of at least these sizes in bytes, in turn, cut between characters.
#[allow(dead_code, reason = "not every test file cuts unevenly")]
pub fn in_pieces_of_sizes<'a>(source: &'a str, sizes: &[usize]) -> Vec<&'a str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    for size in sizes.iter().cycle() {
        if start >= source.len() {
            break;
        }
        let mut end = (start + (*size).max(1)).min(source.len());
        while !source.is_char_boundary(end) {
            end += 1;
        }
        pieces.push(&source[start..end]);
        start = end;
    }
    pieces
}
