//! Realistic answers, streamed: the page equals the one-shot rendering, however they are cut.

#[path = "support/corpus.rs"]
mod corpus;
#[path = "support/exactness.rs"]
mod exactness;
#[path = "support/page.rs"]
mod page;
#[path = "support/pieces.rs"]
mod pieces;

use corpus::{corpus, long_answer};
use pieces::in_pieces_of;

/// A document of at most so many bytes is tried at every split; of a longer one a sample is taken.
const SMALL: usize = 1_100;

#[track_caller]
fn check(name: &str, pieces: &[&str], is_compared: impl Fn(usize) -> bool) {
    if let Err(error) = exactness::check(pieces.iter().copied(), is_compared) {
        panic!("{name}: {error}");
    }
}

/// Compares about `count` times on the way, at numbers that share no rhythm with the text.
fn about(count: usize, pieces: &[&str]) -> impl Fn(usize) -> bool + use<> {
    let step = (pieces.len() / count).max(1) | 1;
    move |number| number % step == 0
}

#[test]
fn the_corpus_is_broad() {
    let corpus = corpus();
    assert!(corpus.len() >= 30, "{} documents", corpus.len());
    assert!(corpus.iter().all(|(_, document)| (400..13_000).contains(&document.len())));
    let all: String = corpus.into_iter().map(|(_, document)| document).collect();
    assert!(all.len() > 100_000, "{} bytes", all.len());
    for word in ["的", "です", "니다", "что", "من", "של", "ที่", "🎉"] {
        assert!(all.contains(word), "nothing with {word}");
    }
}

#[test]
fn answers_split_in_two() {
    for (name, document) in corpus() {
        let splits: Vec<usize> = document.char_indices().skip(1).map(|(at, _)| at).collect();
        let step = if document.len() <= SMALL { 1 } else { splits.len() / 30 };
        for at in splits.into_iter().step_by(step) {
            check(&name, &[&document[..at], &document[at..]], |_| true);
        }
    }
}

#[test]
fn answers_in_deltas() {
    for (name, document) in corpus() {
        for size in [1, 5, 50] {
            let pieces = in_pieces_of(&document, size);
            check(&name, &pieces, about(60, &pieces));
        }
    }
}

#[test]
fn answers_with_carriage_returns() {
    for (name, document) in corpus() {
        let document = document.replace('\n', "\r\n");
        let pieces = in_pieces_of(&document, 7);
        check(&name, &pieces, about(20, &pieces));
    }
}

#[test]
fn a_megabyte() {
    let document = long_answer(1_000_000);
    let pieces = in_pieces_of(&document, 50);
    check("long", &pieces, about(3, &pieces));
}
