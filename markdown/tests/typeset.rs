//! Formulas as models write them are typeset, and whatever they write, the page gets what it may hold and no more.

#![cfg(feature = "maths")]

#[path = "support/allowed.rs"]
mod allowed;
#[path = "support/browser.rs"]
mod browser;
#[path = "support/corpus.rs"]
mod corpus;
#[path = "support/exactness.rs"]
mod exactness;
#[path = "support/latex.rs"]
mod latex;
#[path = "support/page.rs"]
mod page;
#[path = "support/pieces.rs"]
mod pieces;
#[path = "support/safety.rs"]
mod safety;

use std::time::{Duration, Instant};

use latex::{COMMON, ENCLOSING, HOSTILE, PIECES, REPEATED};
use markdown::typeset::Latex;
use markdown::{Typeset, render};
use pieces::in_pieces_of;
use proptest::prelude::*;
use proptest::sample::select;

/// What a formula becomes: what is inside of its `<math>`, or the reason why it shows its source.
fn typeset(latex: &str, is_display: bool) -> Result<String, String> {
    let source = if is_display { format!("\\[{latex}\\]") } else { format!("\\({latex}\\)") };
    let html = render(&source, &safety::options());
    safety::check(&source).expect(latex);
    let between = |before: &str, after: &str| {
        html.split_once(before)?.1.split_once(after).map(|(found, _)| found.to_owned())
    };
    match between("<semantics><mrow>", "</mrow><annotation") {
        Some(found) => Ok(found),
        None => Err(between(" title=\"", "\"").unwrap_or(html).replace("&amp;", "&")),
    }
}

#[track_caller]
fn check(latex: &str, expected: &str) {
    assert_eq!(typeset(latex, true).as_deref(), Ok(expected), "{latex}");
}

#[track_caller]
fn check_same(latex: &str, other: &str) {
    assert_eq!(typeset(latex, true), typeset(other, true), "{latex}");
    assert!(typeset(latex, true).is_ok(), "{latex}");
}

#[track_caller]
fn check_reason(latex: &str, reason: &str) {
    assert_eq!(typeset(latex, true), Err(reason.to_owned()), "{latex}");
}

#[test]
fn what_is_written_becomes_mathml() {
    check("\\frac{a}2", "<mfrac><mi>a</mi><mn>2</mn></mfrac>");
    check("\\frac12", "<mfrac><mn>1</mn><mn>2</mn></mfrac>");
    check("x_1^{2}", "<msubsup><mi>x</mi><mn>1</mn><mn>2</mn></msubsup>");
    check("\\sqrt[3]x", "<mroot><mi>x</mi><mn>3</mn></mroot>");
    check(
        "\\sum_{i}^n",
        "<munderover><mo movablelimits=\"false\">∑</mo><mi>i</mi><mi>n</mi></munderover>",
    );
    check("\\mathbb R", "<mi>ℝ</mi>");
    check("\\hat x", "<mover accent=\"true\"><mi>x</mi><mo stretchy=\"false\">ˆ</mo></mover>");
    check("\\overline{AB}", "<mrow class=\"overline\"><mrow><mi>A</mi><mi>B</mi></mrow></mrow>");
    check("\\mu/n", "<mi>μ</mi><mi>/</mi><mi>n</mi>");
    check("\\boxed{x}", "<mrow class=\"boxed\"><mi>x</mi></mrow>");
    check("\\textcolor{red}{x}", "<mrow class=\"red\"><mi>x</mi></mrow>");
    check("a\\!b", "<mi>a</mi><mspace class=\"back-3\"></mspace><mi>b</mi>");
    check(
        "\\begin{pmatrix} a & b \\\\ c & d \\end{pmatrix}",
        "<mrow><mo stretchy=\"true\">(</mo><mtable class=\"menv-arraylike\"><mtr><mtd><mi>a</mi></mtd><mtd><mi>b</mi></mtd></mtr><mtr><mtd><mi>c</mi></mtd><mtd><mi>d</mi></mtd></mtr></mtable><mo stretchy=\"true\">)</mo></mrow>",
    );
    check("\\text{if } x", "<mtext>if\u{a0}</mtext><mi>x</mi>");
}

/// Within text the limits of a sum stand beside it.
#[test]
fn a_formula_within_text_is_lower() {
    let found = typeset("\\sum_i^n", false);
    assert_eq!(
        found.as_deref(),
        Ok("<msubsup><mo movablelimits=\"false\">∑</mo><mi>i</mi><mi>n</mi></msubsup>")
    );
}

/// The space before an operator is no base for its scripts.
#[test]
fn an_operator_with_scripts_is_one_operator() {
    check(
        "2\\sin^2 x",
        "<mn>2</mn><mspace width=\"0.1667em\"></mspace><msup><mi>sin</mi><mn>2</mn></msup><mo>\u{2061}</mo><mspace width=\"0.1667em\"></mspace><mi>x</mi>",
    );
}

#[test]
fn what_models_write_is_typeset() {
    let unknown: Vec<_> = COMMON
        .iter()
        .flat_map(|latex| [(latex, true), (latex, false)])
        .filter_map(|(latex, is_display)| {
            typeset(latex, is_display).err().map(|reason| format!("{latex}: {reason}"))
        })
        .collect();
    assert!(unknown.is_empty(), "{}", unknown.join("\n"));
}

#[test]
fn one_way_to_write_is_as_good_as_another() {
    check_same("\\hat\\hat x", "\\hat{\\hat{x}}");
    check_same("x^\\frac12", "x^{\\frac{1}{2}}");
    check_same("x_1 ^2", "x_1^2");
    check_same("{a \\over b}", "{\\frac ab}");
    check_same("a &= b \\\\ c &= d", "\\begin{align} a &= b \\\\ c &= d \\end{align}");
    check_same("a \\\\ b", "\\begin{gather*} a \\\\ b \\\\ \\end{gather*}");
    check_same("\\begin{equation} a \\nonumber \\end{equation}", "{a}");
    check_same("\\left( a \\rightarrow b \\right)", "\\left( a \\to b \\right)");
    check_same("\\operatorname*{arg\\,max}_x", "\\argmax_x");
    check_same("\\mathop{\\rm argmax}_x", "\\operatorname*{argmax}_x");
    check_same("\\mathop{\\mathrm{argmax}}\\limits_x", "\\operatorname*{argmax}\\limits_x");
    check_same("\\nicefrac12", "{1/}2");
    check_same(
        "\\begin{array}{*{2}{c}} a & b \\end{array}",
        "\\begin{array}{cc} a & b \\end{array}",
    );
    check_same("\\color{white} x \\textcolor{#123456}{y}", "x {y}");
    check_same("a \\hspace{-99em} b", "ab");
    check_same("\\mkern 18mu", "\\kern 1em");
    check_same("\\kern 1em\u{a0}x", "\\kern 1em x");
    check_same("\\begin{array}{@{}||c||} x \\end{array}", "\\begin{array}{|c|} x \\end{array}");
    check_same("a \\\\[4pt] b", "a \\\\ b");
    check_same("\\href{javascript:alert(1)}{x}", "{x}");
    check_same("50%", "50\\%");
    check_same("a % c\nb", "ab");
}

#[test]
fn what_is_not_typeset_says_why() {
    check_reason("\\foo{x}", "\\foo is not known");
    check_reason("\\begin{foo} x \\end{foo}", "\\begin{foo} is not known");
    check_reason("\\frac{1}{", "a brace is not closed");
    check_reason("\\frac 1", "\\frac lacks an argument");
    check_reason("x^", "nothing follows ^");
    check_reason("x}", "a brace is closed that was not opened");
    check_reason("\\left( x", "\\left has no \\right");
    check_reason("x \\right)", "\\right has no \\left");
    check_reason("\\left x \\right", "no delimiter follows \\left");
    check_reason("\\begin{matrix} x", "\\begin{matrix} is not ended");
    check_reason("x_1_2", "there is a subscript twice");
    check_reason("x^1^2", "there is a superscript twice");
    check_reason("{a & b}", "& cannot stand here");
    check_reason("{a \\\\ b}", "\\\\ cannot stand here");
    check_reason("\\def\\a{\\a\\a}\\a", "\\def is not supported");
    check_reason("\\newcommand{\\a}{b}\\a", "\\newcommand is not supported");
    check_reason("\\char99999999999999999999", "\\char is not supported");
    check_reason("\\style{color:red}{x}", "\\style is not known");
    check_reason("\\html\u{202e}", "\\html is not known");
    check_reason(&"{x".repeat(1_000), "it is nested too deeply");
    check_reason(&"\\hat".repeat(500), "it is nested too deeply");
}

/// Each of these once took a parser of LaTeX down, or could: by its stack, its memory, its time, or by cutting a
/// character in two.
#[test]
fn a_formula_made_to_break_the_typesetter_does_not() {
    let repeated = REPEATED.iter().flat_map(|piece| {
        [9, 40, 10_000 / piece.len()].map(|count| [&piece.repeat(count), "x"].concat())
    });
    let hostile = HOSTILE.iter().map(|latex| (*latex).to_owned());
    // The stack of a page's WebAssembly is as large.
    let run = move || {
        for latex in repeated.chain(hostile) {
            let start = Instant::now();
            let _ = Latex.typeset(&latex, true);
            assert!(start.elapsed() < SLOWEST, "{latex:.60}");
            let short: String = latex.chars().take(300).collect();
            safety::check(&format!("\\[{short}\\]")).expect(&short);
            safety::check(&format!("${short}$")).expect(&short);
        }
    };
    let thread = std::thread::Builder::new().stack_size(1 << 20).spawn(run).expect("a thread");
    thread.join().expect("no panic");
}

/// A stopped clock would be a better test, but none that a machine under load passes.
const SLOWEST: Duration = Duration::from_secs(5);

/// Random LaTeX, some of it well-formed.
fn formula() -> impl Strategy<Value = String> {
    let pieces: Vec<&'static str> =
        [REPEATED, HOSTILE, COMMON, PIECES].into_iter().flatten().copied().collect();
    let leaf =
        prop_oneof![select(PIECES), select(REPEATED), select(pieces)].prop_map(str::to_owned);
    leaf.prop_recursive(6, 60, 6, |inner| {
        let several = prop::collection::vec(inner, 1..6).prop_map(|pieces| pieces.concat());
        let enclosed = (select(ENCLOSING), several.clone())
            .prop_map(|((before, after), inside)| [before, &inside, after].concat());
        prop_oneof![several, enclosed]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_latex_is_safe(latex in formula(), is_display in any::<bool>()) {
        let start = Instant::now();
        let _ = Latex.typeset(&latex, is_display);
        prop_assert!(start.elapsed() < SLOWEST);
        let latex: String = latex.chars().filter(|c| *c != '\n').collect();
        let source = if is_display { format!("\\[{latex}\\]") } else { format!("\\({latex}\\)") };
        safety::check(&source).map_err(TestCaseError::fail)?;
    }
}

#[test]
fn what_is_long_shows_its_source() {
    assert!(Latex.typeset(&"x".repeat(10_000), true).is_ok());
    assert_eq!(Latex.typeset(&"x".repeat(10_001), true), Err("it is too long".to_owned()));
}

#[test]
fn a_stream_typesets_what_a_document_does() {
    for (name, document) in corpus::corpus() {
        if matches!(name.as_str(), "maths" | "formulas") {
            for size in [1, 7] {
                exactness::check_with(&safety::options(), in_pieces_of(&document, size), |_| true)
                    .unwrap_or_else(|error| panic!("{name}: {error}"));
            }
            safety::check_streamed(in_pieces_of(&document, 5)).expect(&name);
        }
    }
}
