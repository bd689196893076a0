//! Memory grows as an answer does, and not faster. Counted in bytes that are allocated at once, never timed.

#[path = "support/corpus.rs"]
mod corpus;
#[path = "support/pieces.rs"]
mod pieces;

use allocation_counter::measure;
use corpus::corpus;
use markdown::{Options, Stream};
use pieces::in_pieces_of;

/// The most bytes that are allocated at once while a document streams.
fn most_bytes(document: &str) -> u64 {
    let deltas = in_pieces_of(document, 20);
    let stream = || {
        let mut stream = Stream::new(Options::default());
        for delta in &deltas {
            stream.push(delta);
        }
        stream.finish();
    };
    measure(stream).bytes_max
}

#[track_caller]
fn check(what: &str, document: &str) {
    let length = document.len() as u64;
    let once = most_bytes(document);
    let four_times = most_bytes(&document.repeat(4));
    assert!(
        four_times <= 5 * once,
        "{what}: {length} bytes take {once} bytes of memory, four times as many take {four_times}"
    );
}

#[test]
fn memory_is_linear_in_the_answer() {
    for (name, document) in corpus() {
        check(&name, &format!("{document}\n\n"));
    }
    check("paragraphs", &"A paragraph with **bold** words and `code`.\n\n".repeat(1_000));
    check("a list", &"- An item with **bold** words and `code`.\n".repeat(1_000));
    check("rows", &format!("| a | b |\n|---|---|\n{}", "| a | `b` |\n".repeat(1_000)));
    check("code", &format!("```\n{}", "let line = \"**text**\";\n".repeat(1_000)));
    check("one paragraph", &"A sentence with **bold** words and `code`. ".repeat(1_000));
}
