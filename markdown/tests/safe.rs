//! Whatever a model writes, the page gets elements, attributes and addresses from a short list only, and a browser
//! makes of our HTML exactly the tree that the patches count on.

#[path = "support/allowed.rs"]
mod allowed;
#[path = "support/attacks.rs"]
mod attacks;
#[path = "support/browser.rs"]
mod browser;
#[path = "support/corpus.rs"]
mod corpus;
#[path = "support/dompurify.rs"]
mod dompurify;
#[path = "support/examples.rs"]
mod examples;
#[path = "support/page.rs"]
mod page;
#[path = "support/pieces.rs"]
mod pieces;
#[path = "support/safety.rs"]
mod safety;

use pieces::in_pieces_of_sizes;

/// The sizes of deltas that attacks are streamed in, in turn: an attack may hide in any cut.
const SIZES: [&[usize]; 4] = [&[1], &[2, 7, 3], &[3, 5], &[11, 1, 5, 23]];

/// Checks every document, at once and streamed, and tells all that fail.
fn check(documents: impl IntoIterator<Item = String>) {
    let mut failures = Vec::new();
    for (source, sizes) in documents.into_iter().zip(SIZES.into_iter().cycle()) {
        let streamed = || safety::check_streamed(in_pieces_of_sizes(&source, sizes));
        failures.extend(safety::check(&source).and_then(|()| streamed()).err());
    }
    assert!(failures.is_empty(), "{} fail:\n\n{}", failures.len(), failures.join("\n\n"));
}

#[test]
fn html_stays_text() {
    check(attacks::HTML.iter().flat_map(|attack| {
        [
            (*attack).to_owned(),
            format!("- {attack}\n"),
            format!("> a {attack} b\n"),
            format!("a\n\n{attack}\n\nb {attack}"),
            format!("| a |\n|---|\n| {attack} |"),
            format!("# {attack}\n[{attack}](https://e.x/ '{attack}') ![{attack}](https://e.x/)"),
            format!("```{attack}\n{attack}\n```\n[^{attack}]\n\n[^{attack}]: {attack}"),
        ]
    }));
}

#[test]
fn addresses_lead_where_they_say_or_nowhere() {
    let every = |form: &&str| {
        attacks::ADDRESSES.iter().map(|address| form.replace("{}", address)).collect::<Vec<_>>()
    };
    check(attacks::FORMS.iter().flat_map(every));
}

#[test]
fn documents_made_to_break_out_do_not() {
    check(attacks::DOCUMENTS.iter().map(|document| (*document).to_owned()));
}

#[test]
fn examples_and_answers_are_safe() {
    for name in examples::files() {
        check(examples::examples(name).into_iter().map(|(source, _)| source));
    }
    for (name, document) in corpus::corpus() {
        if let Err(error) = safety::check(&document) {
            panic!("{name}: {error}");
        }
    }
}

/// In pieces of random sizes, from a seed that stays, so that no change is blamed for what another one did.
#[test]
fn published_vectors_stay_text() {
    let mut random = fastrand::Rng::with_seed(1);
    let mut failures = Vec::new();
    for vector in dompurify::VECTORS {
        for source in [
            (*vector).to_owned(),
            format!("a {vector} **b\n\n> - {vector}\n\n| a |\n|---|\n| {vector} |\n"),
            format!("```html\n{vector}\n```\n\n[{vector}](https://e.x/ '{vector}')\n\n{vector}"),
        ] {
            let sizes: Vec<usize> = (0..8).map(|_| random.usize(1..24)).collect();
            let streamed = || safety::check_streamed(in_pieces_of_sizes(&source, &sizes));
            failures.extend(safety::check(&source).and_then(|()| streamed()).err());
        }
    }
    assert!(failures.is_empty(), "{} fail:\n\n{}", failures.len(), failures.join("\n\n"));
}

/// Code that is plain would pass every check without being one.
#[test]
fn code_is_coloured_wherever_safety_is_checked() {
    let html = markdown::render("```x\n<é> &amp; \"漢字\"\n```", &safety::options());
    assert!(html.contains("<span class=\"hl-"), "{html}");
    #[cfg(feature = "highlight")]
    for (class, _) in markdown::highlight::CLASSES {
        assert!(allowed::COLOURS.contains(class), "{class} is not allowed");
    }
}

/// A browser's parser gives up nesting at 512, and a program that recurses without bounds runs out of stack.
#[test]
fn nesting_has_an_end() {
    for (before, after) in [
        (">", ""),
        ("- ", ""),
        ("1. ", ""),
        ("> - ", ""),
        ("*", "*"),
        ("*a **b ", " b** a*"),
        ("~a *b ", " b* a~"),
        ("![", "](https://e.x/)"),
        ("[", "](https://e.x/)"),
        ("[^1]: ", ""),
    ] {
        for depth in [99, 100, 101, 600, 5_000] {
            let source = [&before.repeat(depth), "x", &after.repeat(depth)].concat();
            safety::check(&source)
                .unwrap_or_else(|error| panic!("{before:?} {depth}: {error:.200}"));
        }
        let source = [&before.repeat(110), "x", &after.repeat(110), "\n\ny\n"].concat();
        safety::check_streamed(in_pieces_of_sizes(&source, &[7]))
            .expect("safe while it is streamed");
    }
}

/// A list that allows everything would let every test pass.
#[test]
fn the_checks_can_fail() {
    for html in [
        "<img src=\"https://e.x/\">",
        "<p onclick=\"x\">a</p>",
        "<a href=\"javascript:x\">a</a>",
        "<a href=\"https://evil.example/\" title=\"good.example\">a</a>",
        "<a href=\"https://e.x/\" title=\"e.x (\u{202e})\">a</a>",
        "<a href=\"#m-note-1\">1</a>",
        "<h1 id=\"m-1\">a</h1><h1 id=\"m-1\">b</h1>",
        "<h1 id=\"body\">a</h1>",
        "<span class=\"line overlay\">a</span>",
        "<span class=\"hl-string copy\">a</span>",
        "<span class=\"hl-other\">a</span>",
        "<code class=\"language-x copy\">a</code>",
        "<button type=\"button\" data-src=\"data:x\">a</button>",
        "<button type=\"button\" title=\"e.x\">a</button>",
        "<button type=\"button\" data-src=\"https://e.x/\" title=\"Download\" aria-label=\"Download\"></button>",
        "<span class=\"math\" title=\"\u{202e}\">a</span>",
        "<math href=\"https://e.x/\"></math>",
        "<math><mi class=\"red overlay\">x</mi></math>",
        "<math><mspace width=\"-9em\"></mspace></math>",
        "<math><mi style=\"color: red\">x</mi></math>",
    ] {
        assert!(allowed::check(&browser::parse(html, "div")).is_err(), "{html}");
    }
    let repaired = "<p>a<p>b</p></p>";
    assert_ne!(browser::parse(repaired, "div"), page::parse(repaired));
}
