//! What is fuzzed, and how: shared by the runner in `tests/fuzz.rs` and by the targets in `fuzz/`.

use crate::pieces::in_pieces_of_sizes;
use crate::{exactness, safety};

/// The longest document, in bytes: every prefix of it is rendered, so time grows with the square.
const LONGEST: usize = 2_000;

/// A document, and the sizes in bytes of the deltas that it comes in, in turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    pub document: String,
    pub sizes: Vec<usize>,
}

impl Input {
    pub fn new(mut document: String, sizes: Vec<usize>) -> Self {
        document.truncate(document.floor_char_boundary(LONGEST));
        Input { document, sizes }
    }

    /// Reads any bytes: the number of sizes, the sizes, the document.
    #[allow(dead_code, reason = "the runner makes its inputs itself")]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (count, rest) = bytes.split_first()?;
        let (sizes, document) = rest.split_at_checked(usize::from(count % 4) + 1)?;
        let sizes = sizes.iter().map(|size| usize::from(size % 16) + 1).collect();
        Some(Input::new(String::from_utf8_lossy(document).into_owned(), sizes))
    }

    fn pieces(&self) -> Vec<&str> {
        in_pieces_of_sizes(&self.document, &self.sizes)
    }
}

/// The streamed page equals the one-shot rendering after every delta.
#[allow(dead_code, reason = "each target in `fuzz/` calls one of the two")]
pub fn exact(input: &Input) -> Result<(), String> {
    exactness::check(input.pieces(), |_| true)
}

/// A browser makes our elements of the HTML and of every patch, and only allowed ones.
#[allow(dead_code, reason = "each target in `fuzz/` calls one of the two")]
pub fn safe(input: &Input) -> Result<(), String> {
    safety::check(&input.document)?;
    safety::check_streamed(input.pieces())
}
