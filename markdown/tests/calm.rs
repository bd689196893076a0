//! What is held back of a growing text, and for how long.

#[path = "support/corpus.rs"]
mod corpus;
#[path = "support/generate.rs"]
mod generate;
#[path = "support/pieces.rs"]
mod pieces;

use corpus::corpus;
use markdown::Calm;
use pieces::{in_pieces_of, in_pieces_of_sizes};
use proptest::prelude::*;
use proptest::sample::select;

/// Pushes a text character by character. What stands between ⟨ and ⟩ must not show before its last character came, and
/// then at once; everything else shows as it comes. A ⟨ without its ⟩ is held to the end.
#[track_caller]
fn check(marked: &str) {
    let mut calm = Calm::default();
    let (mut pushed, mut shown, mut expected) = (String::new(), String::new(), String::new());
    let parts: Vec<&str> = marked.split(['⟨', '⟩']).collect();
    for (index, part) in parts.iter().enumerate() {
        let is_held = index % 2 == 1;
        let is_let_go = index + 1 < parts.len();
        for (at, c) in part.char_indices() {
            shown.push_str(&calm.push(c.encode_utf8(&mut [0; 4])));
            pushed.push(c);
            let is_last = at + c.len_utf8() == part.len();
            if !is_held || (is_last && is_let_go) {
                expected.clone_from(&pushed);
            }
            assert_eq!(shown, expected, "of {marked:?}");
        }
    }
    assert_eq!(calm.holds(), expected != pushed, "{marked:?}");
    assert_eq!(expected + &calm.release(), pushed, "{marked:?}");
}

#[track_caller]
fn check_all(texts: &[&str]) {
    texts.iter().for_each(|text| check(text));
}

#[test]
fn emphasis_waits_for_its_end() {
    check_all(&[
        "It ⟨**is** ⟩so.",
        "It ⟨*is*,⟩ so ⟨_it_ ⟩is.",
        "Not ⟨~~this~~.⟩",
        "⟨***Both***,⟩ ⟨**out *in* out** ⟩and",
        "Left ⟨**to the end",
        "Left ⟨**to the end**",
        "中文⟨**粗体**中⟩文",
        "⟨**A [link](https://e.x/**) in it**:⟩",
        "⟨**a `**` b**.⟩",
        "⟨**a \\** b**.⟩",
        // A new line ends it.
        "An ⟨*asterisk\n⟩more",
        "An ⟨*asterisk\r\n⟩more",
    ]);
}

#[test]
fn what_is_no_emphasis_shows() {
    check_all(&["⟨5 ⟩⟨* ⟩3 = 15", "snake⟨_c⟩ase⟨__n⟩ame", "about ⟨~5⟩ or ⟨~6⟩", "a ⟨*****\n⟩"]);
}

#[test]
fn code_waits_for_its_end() {
    check_all(&[
        "Use ⟨`this`.⟩",
        "Use ⟨``a ` b``.⟩",
        "Use ⟨`a *b`.⟩",
        "An ⟨`a\n⟩b",
        "At the end ⟨`a`",
    ]);
}

#[test]
fn links_wait_for_their_addresses() {
    check_all(&[
        "See ⟨[this](https://e.x/a_(b) \"A (title)\")⟩, and",
        "See ⟨[the [inner] one][ref]⟩, and ⟨[this][]⟩.",
        "See ⟨[RFC].⟩ And ⟨[1],⟩ ⟨[2](https://e.x)⟩.",
        "See ⟨[this](no a⟩ddress",
        "Look: ⟨![alt](https://e.x/a.png)⟩ or",
        "Fine! and ⟨!",
        "A note⟨[^1]⟩.",
        "At ⟨<https://e.x/a?b>⟩ or ⟨<me@e.x>⟩, but 1 ⟨< ⟩2 and a⟨<b ⟩c",
        "At ⟨https://e.x/a ⟩or ⟨www.e.x\n⟩but ⟨ho⟩w and ⟨we⟩ll",
    ]);
}

#[test]
fn escapes_and_entities_wait() {
    check_all(&["a ⟨\\*⟩b ⟨\\n⟩ ⟨&amp;⟩ AT⟨&T ⟩", "a line⟨\\\nb⟩ more"]);
}

#[test]
fn marks_wait_for_content() {
    check_all(&[
        "A list:\n⟨- a⟩ b\n⟨- c⟩",
        "Steps:\n⟨1. a⟩\n⟨12. b⟩\n⟨1.5⟩ litres\n⟨2026 ⟩is",
        "⟨# T⟩itle\n⟨## **A**:⟩\n",
        "a\n⟨---\n⟩b\n⟨===\n⟩⟨* * *\n⟩c",
        "⟨> q⟩uote\n⟨> > - d⟩eep\n⟨>\n⟩",
        "⟨> [!NOTE]\n⟩⟨> T⟩ext",
        "⟨- [ ] t⟩ask\n⟨- [x] **d**,⟩\n⟨* [link](https://e.x)⟩",
        "⟨<div>\n⟩",
        "⟨[a]: https://e.x 'Title'\n⟩⟨[^1]: n⟩ote\n",
        "⟨-",
        "⟨- ",
    ]);
}

#[test]
fn tables_wait_for_their_second_row() {
    check_all(&[
        "⟨| a | **b |\n|---|:-:|\n⟩⟨| c⟩ | ⟨*d*|⟩ ⟨*e |⟩\n⟨| `x` ⟩|",
        "⟨> | a |\n> |---|\n⟩⟨> | c⟩ |",
        "⟨| a |\nb⟩ c",
        "⟨| a |\n\n⟩b",
        "text\n⟨| a⟩ |\n",
        "⟨| a |\r\n|---|\r\n⟩",
    ]);
}

#[test]
fn formulas_wait_for_their_end() {
    check_all(&[
        "So ⟨$x^2$,⟩ and ⟨\\(y_1\\)⟩ and ⟨$$z$$.⟩",
        "⟨$$\nx^2\n= y\n$$\n⟩⟨\\[\nx\n\\]⟩\nso",
        "⟨- $$\n  x\n  $$\n⟩",
        "⟨$$\nx\n\n⟩b",
        "It costs ⟨$5 a⟩nd ⟨$1,000;⟩ or US$5, ⟨$6/m⟩onth",
    ]);
}

#[test]
fn code_blocks_show_at_once() {
    check_all(&[
        "⟨```rust\n⟩a *b [c\n⟨```\n⟩a ⟨*b",
        "⟨- ```\n⟩⟨  a⟩ *b\n⟨  ```\n⟩⟨  *b",
        "⟨> ~~~~\n⟩⟨> a⟩ *b\n⟨> ~~~\n⟩⟨> a⟩ *b\n⟨> ~~~~\n⟩⟨*b",
        // A line that leaves the item leaves the fence.
        "⟨- ```\n⟩⟨  a⟩ *b\nc ⟨*d",
        "⟨> ```\n⟩⟨> a⟩ *b\nc ⟨*d",
        "a\n\n⟨    c⟩ode *b\n",
    ]);
}

#[test]
fn waiting_has_an_end() {
    let mut calm = Calm::default();
    let star = "*".to_owned() + &"a".repeat(300);
    assert_eq!(calm.push(&star), star);
    let mut calm = Calm::default();
    let formula = "$$\n".to_owned() + &"a\n".repeat(2_000);
    assert_eq!(calm.push(&formula), formula);
    assert!(!calm.holds());
}

#[test]
fn what_was_shown_half_is_not_waited_for() {
    let mut calm = Calm::after("Some **bo");
    assert!(!calm.holds());
    assert_eq!(calm.push("ld** *"), "ld** ");
    assert_eq!(calm.release(), "*");
    assert_eq!(calm.push("a *b"), "a ");
    // What a line is matters for those after it, also if its start was shown.
    let mut calm = Calm::after("Code:\n\n``");
    assert_eq!(calm.push("`rs\n*a"), "`rs\n*a");
    let mut calm = Calm::after("```rust\nlet *a");
    assert_eq!(calm.push(" = *b\n```\n*c"), " = *b\n```\n");
}

/// Everything comes out, once and in order, and not too much is held on the way.
fn check_pieces<'a>(pieces: impl IntoIterator<Item = &'a str>, release_at: usize) {
    let mut calm = Calm::default();
    let (mut pushed, mut shown) = (String::new(), String::new());
    for (number, piece) in pieces.into_iter().enumerate() {
        pushed.push_str(piece);
        shown.push_str(&calm.push(piece));
        if number % release_at == release_at - 1 {
            shown.push_str(&calm.release());
            assert_eq!(shown, pushed);
        }
        assert!(calm.held() < Calm::MOST_HELD, "{} bytes are held", calm.held());
        assert_eq!(shown.len() + calm.held(), pushed.len());
        assert!(pushed.starts_with(&shown), "{shown:?} of {pushed:?}");
    }
    shown.push_str(&calm.release());
    assert_eq!(shown, pushed);
    assert!(!calm.holds());
}

#[test]
fn readers_wait_for_a_few_bytes() {
    let (mut held, mut deltas) = (0, 0);
    for (_, document) in corpus() {
        let mut calm = Calm::default();
        for delta in in_pieces_of(&document, 4) {
            calm.push(delta);
            held += calm.held();
            deltas += 1;
        }
    }
    assert!(held <= 5 * deltas, "{held} bytes are held in {deltas} deltas");
}

#[test]
fn nothing_is_lost_and_nothing_doubled() {
    for (_, document) in corpus() {
        let windows = document.replace('\n', "\r\n");
        for size in [1, 2, 3, 5, 8, 13, 100, 10_000] {
            check_pieces(in_pieces_of(&document, size), usize::MAX);
        }
        check_pieces(in_pieces_of(&document, 4), 7);
        check_pieces(in_pieces_of(&windows, 3), 50);
    }
}

#[test]
fn every_split_gives_the_same_at_the_end() {
    for (_, document) in corpus() {
        for (at, _) in document.char_indices().step_by(37) {
            let mut calm = Calm::default();
            let first = calm.push(&document[..at]);
            let second = calm.push(&document[at..]);
            assert_eq!(first + &second + &calm.release(), document);
        }
    }
}

#[test]
fn a_text_goes_on_after_any_part_that_is_shown() {
    for (_, document) in corpus() {
        for (at, _) in document.char_indices().step_by(101) {
            let mut calm = Calm::after(&document[..at]);
            assert!(!calm.holds());
            let mut rest = String::new();
            for delta in in_pieces_of(&document[at..], 5) {
                rest.push_str(&calm.push(delta));
            }
            assert_eq!(rest + &calm.release(), document[at..]);
        }
    }
}

/// Somebody who comes late, when a part was rendered at once, waits for the same.
#[test]
fn after_a_finished_block_it_is_as_if_all_had_been_pushed() {
    for (name, document) in corpus() {
        for (at, _) in document.match_indices("\n\n").step_by(3) {
            let (shown, rest) = document.split_at(at + 2);
            let mut late = Calm::after(shown);
            let mut early = Calm::default();
            for delta in in_pieces_of(shown, 4) {
                early.push(delta);
            }
            early.release();
            for delta in in_pieces_of(rest, 4) {
                assert_eq!(late.push(delta), early.push(delta), "{name} after {shown:?}");
            }
        }
    }
}

#[test]
fn what_is_held_does_not_depend_on_the_deltas() {
    for (name, document) in corpus() {
        let mut slow = Calm::default();
        let mut shown = 0;
        for (at, c) in document.char_indices() {
            shown += slow.push(c.encode_utf8(&mut [0; 4])).len();
            if at % 11 == 0 {
                let end = at + c.len_utf8();
                let fast = Calm::default().push(&document[..end]).len();
                assert_eq!(fast, shown, "{name} up to {end}");
            }
        }
    }
}

/// A megabyte of what makes it look ahead furthest: if that were more than one pass, it would take hours.
#[test]
fn a_large_delta_is_one_pass() {
    for part in [
        "*a ", "[a ", "`a ``b ", "$$a\n", "\\[a ", "\\[a\n", "| a\n", "> - ", "- ", "*[`$a ",
        "\\\n", "a", "a\n",
    ] {
        let text = part.repeat(1_000_000 / part.len());
        let mut calm = Calm::default();
        let shown = calm.push(&text);
        assert_eq!(shown + &calm.release(), text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pieces_in_any_order(
        pieces in select(generate::kinds()).prop_flat_map(|pieces| prop::collection::vec(select(pieces), 1..60)),
        cuts in prop::collection::vec(1usize..12, 1..6),
        release_at in 1usize..30,
    ) {
        check_pieces(in_pieces_of_sizes(&pieces.concat(), &cuts), release_at);
    }
}
