//! For every prefix and every way of splitting a document, the patched page equals the one-shot rendering.

#[path = "support/exactness.rs"]
mod exactness;
#[path = "support/examples.rs"]
mod examples;
#[path = "support/page.rs"]
mod page;
#[path = "support/pieces.rs"]
mod pieces;

use examples::{examples, files};
use pieces::in_pieces_of;

#[track_caller]
fn check<'a>(pieces: impl IntoIterator<Item = &'a str>) {
    if let Err(error) = exactness::check(pieces, |_| true) {
        panic!("{error}");
    }
}

fn by_char(source: &str) -> impl Iterator<Item = &str> {
    source.char_indices().map(|(at, c)| &source[at..at + c.len_utf8()])
}

fn failures(name: &str, run: impl Fn(&str) + std::panic::RefUnwindSafe) {
    let mut failed = Vec::new();
    std::panic::set_hook(Box::new(|_| ()));
    let examples = examples(name);
    for (index, (source, _)) in examples.iter().enumerate() {
        if let Err(error) = std::panic::catch_unwind(|| run(source)) {
            failed.push((index, error.downcast_ref::<String>().cloned().unwrap_or_default()));
        }
    }
    let _ = std::panic::take_hook();
    if let Some((index, error)) = failed.first() {
        let all: Vec<_> = failed.iter().map(|(index, _)| index).collect();
        panic!(
            "{name}: {} of {} fail: {all:?}; example {index}: {error}",
            failed.len(),
            examples.len()
        );
    }
}

/// Documents that were once streamed to something else, as `tests/fuzz.rs` found and shrank them.
const FOUND: &[&str] = &[
    "*[*[] b]()",
    "[^a  b]\n\n[^a b]:",
    "[^a\nb]\n\n[^a b]: c\n\nd[^a\nb]\n\ne",
    "| a | b |\n|---|---|\n| [x][b | c |\n| d] | e |\n\n[b | c |\n| d]: https://e.x",
    "| a | b |\n|---|---|\n| [x](https://e.x \"t |\n| u\") | e |\n| <b title=\"t |\n| u\"> | e |",
    "[a] ![b] [c]\n\n[a]: https://e.x/y\n[b]: https://e.x\n[c]: mailto:a@e.x\n[a]: https://f.x\n\"t\"",
    "[a]\n\n[a]: https://e.x/y\n    code\n\n[b]: https://e.x/y\n<b>\n\n[c]: x\n2. d\n\n[d]: x\n-\n",
    "[a]\n\n> [a]: https://e.x/y\nb\n\n- [c]: https://e.x\n[d]: https://e.x\n\n[c] [d] [e]\n===",
    "| [a] | [b] |\n|---|---|\n| [b] | c |\n| d | ![a] |\n\n> | a |\n> |---|\n> | [a] |\n> | [b] |\n\n[a]: https://e.x\n[b]: https://e.x/b",
    "[x [a] y](https://e.x) [[a]](https://e.x) [![i][a]][b] [a][] www.[a].x\n\n[b]: mailto:a@e.x\n[a]: https://e.x/y",
    "1. A\n1.     w\n\n       >A",
    "# \\[\n\\] x$$1$$",
    "`\nx` ``$a$`",
    "[ []:\\[^a\\]",
    "text\n[a] b c]: $x$",
    "~~~\\[\nf\n\\]",
    "]<-@b>",
    "a\n2. $$\n$$",
    "[<ps:]>c=]()",
    ",<s s=(www.3.r/>\"o",
    "[a]: \"\n\n[a][foo<https://e.x=]>\n\n[a][foo`x]` b\n\n[a][foo <b c=\"]\"> d",
    "</ו ",
    "<div>\na\n\n- <!--\n  a\n\n  b-->\n  c\n\n<pre\nx>\n</PRE>\n</pre>\nd",
    "    a\n\n\tb\n     c \n\n> -     d\n>       e\n>\n>       f\ng",
    "<!A\nb\n> <?a\n> b\nc\n\n<![CDATA[\n\na]]>\nb",
    "1||\n-|-\n\\[\n| a",
    "><r\n>z\n m>",
    "`\n[^a`-2]:",
    "<http:>//o.b",
    "[o]:/ \"|o\n-|-\no\n*\n\"",
    "[o]:/ \"|o\n-|-\no\n2. x\n\"",
    "[m]:h\n[|b\n-|-\n]:m",
    "| a | b |\n|---|---|\n| [c](https://e.x|d) | e |",
    "| a | b |\n|---|---|\n| [c][d | e] | f |\n\n[d | e]: https://e.x",
    "| a | b |\n|---|---|\n| <https://e.x | d> | <b title=\"|\"> |",
    "| a | b |\n|---|---|\n| *c | d* | $e | f$ |\n| `g | h` | `i` |",
    "| a | b | c |\n|:--|:-:|--:|\n| *d* | e\\|f **g** | h\n| i\n| | | *j*\nk | l *m* n | o *p*",
    "> | a | b |\n> |---|---|\n> | *c* | d *e* |\n> | f | *g*\n\n- | a | b |\n  |---|---|\n  | *c* | d *e* f\n\n- h",
    // A bracket in an address closes nothing.
    "[<ps:]>e.]()",
    // Quote markers inside a tag.
    "><e\n>  e=\"\">",
    "><v e\n>=\"<ft:\">",
    "><W\n>  g>",
    "><a f\n>=\"\r\n\">",
    // A label goes on over what looked like a table.
    "[|r\n-|-\n]:x",
    "[|r\n-|-\nb|c\n]: x",
    "[o]:l\n'|b\n-|-\n'",
    "[s]:2 \"\n|||\n| \"",
    "[s]:2\n\"\n|||\n| \"",
    "> [o]:l\n> 'a|b\n> -|-\nc\n'",
    "> [|r\n> -|-\na\nb\n]: x",
    // A row after a line that opens a formula.
    "a|\n-|\n\\[\n| h",
    // Code as the search for formulas sees it, line by line, and as the parser does.
    "``a`\n`ce` `\\(x\\)`",
    "a\n[x](y) bc]: $v$ c",
    "a\n2. $$x\ny$$",
    // Dollars of a formula that to the parser begins inside code.
    "``\\[\n``\\]7-\\(y\\)",
    "    $$\nb$$ \\[ d\\]",
    "#<.@c>",
    // What is an address to the parser, but no link, and text around it.
    "a<ps:(http://e.x>:/",
    "<http:>//o.a",
    // What is a quote's marker to the search for formulas, but text to the parser, and the other way round.
    "n\n\t> >$$\n$$",
    "> a\nb \\[\n> c\n\\]",
    // No formula begins beside a fence.
    "```\\[\n=\n\\]",
    "```a`b c \\[\ny\n\\]",
    // Blank lines in indented code, and a fence beside a footnote's marker.
    "1. h\n1.     t\n\n       >A",
    "1. h\n1.     t\n\n   u\n",
    "[^1]:     ```\n\n     \n",
    "[^$]://$y$",
    "[^1]://a$y$ b",
    // What is a checkbox and a quote's marker to the search for formulas.
    "[ ] >\\[=\n- [",
    // A formula that is closed in a later row or block.
    "# a \\[\nb\n\\]",
    "a|b\n-|-\n_\n$$\n$$\\[\n\\]",
    // A tag over what looked like the paragraph's end.
    "漢<a f=' \r```'>a`",
    // An address that begins in a tag.
    ")<v e=\"(http://l.e/\">:r",
    "| a | b |\n|---|---|\n| `c | $d$ | `e` |",
    // Addresses without spaces around them, words that begin like one, and letters written as references.
    "请看https://e.x/a。好的，见www.e.x/b）、（http://e.x/c：好的http://e.x/d",
    "这是hello世界，who好what的https好的ww好的www好的http:好的httpx://e.x好的",
    "好h&#116;tps://e.x 好ht\\tps://e.x 好https\\://e.x 好www\\.e.x 好&#119;ww.e.x 好的",
    "字&#104;ttps://e.x/a字 和ww&#119;.e.x/b字",
    "&#104;ttps://e.x/a字",
    "| a |\n|---|\n| 好https://e.x/a。好的www.e.x，**好**www.e.x |",
    "好*https://e.x/a*。好**的www.e.x**，好ht`t`ps://e.x",
    "好https://e.x/$a。$b$，<https://e.x/。$c$> [好](https://e.x/。$d$) $e$ https:/。$f$",
    "好https://e.x/(hello，(world好(https://e.x/a)。",
    // A dollar that is meant by a reference, where dollars of the text are hidden from the parser.
    "$\n```&dollar;\n\n%",
    "$ [a](b&#36;$&percnt;% 'c&#x25;\\$\\&dollar;%')\n\n[a]: b&#0036;$ '&#37;$'\n[%&dollar;$]: c\n\n[%&dollar;$]",
    // E-mail addresses, whose name comes before what makes them one, and with it whatever it has been taken for.
    "Write to a.b@e.x, c_d@e.x; or (f+g@e-h.x.y). Not i@j nor @k.l, m@n.o_ or p@q.r-",
    "a@b.c@d.e http://a@b.c www.a@b.c mailto:a@b.c a&#64;b.c a\\@b.c a@b&#46;c a&amp;b@c.d",
    "_a@b.c_ _a@b.c a_b@c.d *a*b@c.d **a@b**.c a`b`@c.d [a@b.c](https://e.x) [a@b.c] <a@b.c>",
    "请写信到a@b.c。谢谢，或者d@e.f吧，字a字@b.c g@h.i字",
    "| a@b.c | d@e|\n|---|---|\n| f@g.h|i@j.k |\n| l@|m.n |\n\n# a@b.c\n- d@e.f\n  g@h.i",
];

#[test]
fn what_was_found_stays_mended() {
    for source in FOUND {
        for size in 1..=source.len() {
            check(in_pieces_of(source, size));
        }
    }
}

#[test]
fn examples_one_character_at_a_time() {
    for name in files() {
        failures(name, |source| check(by_char(source)));
    }
}

#[test]
fn examples_split_in_two() {
    for name in files() {
        failures(name, |source| {
            for (at, _) in source.char_indices().skip(1) {
                check([&source[..at], &source[at..]]);
            }
        });
    }
}

#[test]
fn examples_in_small_pieces() {
    for name in files() {
        failures(name, |source| {
            for size in [2, 3, 5, 7, 16] {
                check(in_pieces_of(source, size));
            }
        });
    }
}

/// All examples one after the other, so that every construct follows every other and closed blocks pile up.
#[test]
fn examples_as_one_document() {
    for name in files() {
        let document: String = examples(name)
            .into_iter()
            .take(120)
            .map(|(source, _)| source + "\n\nNext words.\n\n")
            .collect();
        check(in_pieces_of(&document, 13));
    }
}
