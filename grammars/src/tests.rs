//! Every pack is a grammar, every name that people use finds one, and the colours are those of the whole set.

use markdown::Highlight;
use markdown::highlight::Grammar;

use super::{Grammars, LANGUAGES, PACKS, pack};

/// The coloured pieces of a block, each with its class.
fn coloured(language: &str, block: &str) -> Vec<(String, String)> {
    let mut lines = Grammars::default().start(language).expect("a known language");
    let mut found = Vec::new();
    for line in block.split_inclusive('\n') {
        let mut rest = line;
        for span in lines.line(line) {
            let (piece, after) = rest.split_at(span.length);
            rest = after;
            if !span.class.is_empty() {
                found.push((span.class, piece.trim().to_owned()));
            }
        }
    }
    found
}

#[track_caller]
fn check(language: &str, block: &str, expected: &[(&str, &str)]) {
    let found = coloured(language, block);
    for (class, piece) in expected {
        let is_it = |(c, p): &(String, String)| c == class && p == piece;
        assert!(found.iter().any(is_it), "{piece} is no {class} in {found:?}");
    }
}

#[test]
fn languages_are_coloured() {
    check("rust", "let x = \"a\"; // b\n", &[("hl-string", "\"a\""), ("hl-comment", "// b")]);
    check("py", "def f(x): return 1\n", &[("hl-function", "f"), ("hl-number", "1")]);
    check("ts", "const x: number = 1;\n", &[("hl-number", "1")]);
    check("jsx", "const x = <a b=\"c\">1</a>;\n", &[("hl-name", "a")]);
    check("json", "{\"a\": 1}\n", &[("hl-name", "\"a\""), ("hl-number", "1")]);
    check(
        "json",
        "{\"a b\": {\"c\\n\": [\"d\"]}, \"e\"\n: \"f\"}\n",
        &[
            ("hl-name", "\"a b\""),
            ("hl-name", "\"c\\n\""),
            ("hl-string", "\"d\""),
            ("hl-name", "\"e\""),
            ("hl-string", "\"f\""),
        ],
    );
    check("diff", "+added\n-gone\n", &[("hl-inserted", "+added"), ("hl-deleted", "-gone")]);
    check(
        "diff",
        "diff --git a/x b/x\nindex 1..2 100644\n--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@ fn x\n same\n",
        &[("hl-keyword", "--- a/x"), ("hl-keyword", "+++ b/x"), ("hl-name", "@@ -1,2 +1,2 @@")],
    );
    check("C++", "int x = 1;\n", &[("hl-number", "1")]);
    check("sh", "echo \"a\"\n", &[("hl-string", "\"a\"")]);
    check("yaml", "a: 1 # b\n", &[("hl-number", "1"), ("hl-comment", "# b")]);
    check("sql", "SELECT 1;\n", &[("hl-keyword", "SELECT"), ("hl-number", "1")]);
    check("toml", "a = 1\n", &[("hl-number", "1")]);
    check("php", "<?php\n$a = 1;\n", &[("hl-number", "1")]);
}

#[test]
fn what_is_embedded_is_coloured_where_a_language_consists_of_it() {
    let page =
        "<p class=\"a\"></p>\n<style>\na { top: 0 }\n</style>\n<script>\nlet x = 'b';\n</script>\n";
    check("html", page, &[("hl-name", "class"), ("hl-string", "'b'"), ("hl-number", "0")]);
    check(
        "md",
        "# Title\n\n```rust\nlet x = 1;\n```\n\n**b**\n",
        &[("hl-type", "# Title"), ("hl-string", "let x = 1;")],
    );
    check("java", "/** <b>a</b> */\nint a = 1;\n", &[("hl-number", "1")]);
    check("rb", "def f\n  x = <<~SQL\n    SELECT\n  SQL\nend\n", &[("hl-keyword", "def")]);
}

#[test]
fn names_of_languages_are_found() {
    for name in [
        "bash",
        "c",
        "C",
        "c#",
        "c++",
        "cpp",
        "csharp",
        "css",
        "dart",
        "diff",
        "docker",
        "dockerfile",
        "elixir",
        "go",
        "golang",
        "graphql",
        "haskell",
        "hcl",
        "html",
        "ini",
        "java",
        "javascript",
        "js",
        "json",
        "jsonc",
        "jsx",
        "julia",
        "kotlin",
        "latex",
        "less",
        "lua",
        "make",
        "makefile",
        "markdown",
        "matlab",
        "nginx",
        "nix",
        "objc",
        "ocaml",
        "patch",
        "perl",
        "php",
        "postgresql",
        "proto",
        "protobuf",
        "py",
        "python",
        "python3",
        "r",
        "rb",
        "regex",
        "rs",
        "ruby",
        "rust",
        "Rust",
        "scala",
        "scss",
        "sh",
        "shell",
        "sql",
        "svelte",
        "swift",
        "terraform",
        "tex",
        "toml",
        "ts",
        "tsx",
        "typescript",
        "vue",
        "xml",
        "yaml",
        "yml",
        "zig",
        "zsh",
    ] {
        assert!(pack(name).is_some(), "{name} is not known");
    }
    for name in ["", "text", "txt", "plain", "mermaid", "no-such-language", "../../etc/passwd"] {
        assert!(pack(name).is_none(), "{name} is known");
    }
}

#[test]
fn names_are_in_order() {
    assert!(LANGUAGES.is_sorted_by(|one, other| one.0 < other.0));
}

/// Every expression of every grammar is compiled by these lines, or at least those that can be met at first.
#[test]
fn every_pack_is_a_grammar() {
    for (number, pack) in PACKS.iter().enumerate() {
        let grammar = Grammar::read(pack).unwrap_or_else(|_| panic!("pack {number} is no grammar"));
        let mut lines = grammar.start("").expect("there is a syntax");
        for line in ["fn a(b) { \"c\" } // d\n", "<a b='c'>1</a>\n", "# x: y = [1, 2]\n", "\n"] {
            let length: usize = lines.line(line).iter().map(|span| span.length).sum();
            assert!(length == 0 || length == line.len(), "pack {number} covers a part of {line:?}");
        }
    }
}

/// What a page loads for its first code, and for most code after it.
#[test]
fn packs_are_small() {
    let small = PACKS.iter().filter(|pack| pack.len() <= 20_000).count();
    assert!(small * 10 >= PACKS.len() * 8, "only {small} of {} packs are small", PACKS.len());
    let largest = PACKS.iter().map(|pack| pack.len()).max().unwrap_or_default();
    assert!(largest <= 120_000, "a pack has {largest} bytes");
}

#[test]
fn a_line_beyond_reading_is_plain() {
    let line = format!("let x = \"{}\";\n", "a".repeat(5_000));
    let mut lines = Grammars::default().start("rust").expect("a known language");
    assert_eq!(lines.line(&line), []);
}

#[test]
fn no_pack_is_no_grammar() {
    let pack = pack("rust").expect("a known language");
    for bytes in [&b""[..], b"<html>502</html>", &[255; 100], &pack[..20], &pack[..pack.len() - 1]]
    {
        assert!(Grammar::read(bytes).is_err(), "{} bytes", bytes.len());
    }
}
