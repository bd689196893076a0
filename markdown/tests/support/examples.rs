//! The examples of the specifications, and those of pulldown-cmark.

/// The files of examples that come from specifications and other projects; `maths` is our own.
#[allow(dead_code, reason = "not every test needs all of them")]
pub const SPECIFIED: [&str; 10] = [
    "spec",
    "regression",
    "gfm_table",
    "gfm_autolink",
    "table",
    "footnotes",
    "blockquotes_tags",
    "gfm_tasklist",
    "gfm_strikethrough",
    "strikethrough",
];

/// All files of examples.
#[allow(dead_code, reason = "not every test needs all of them")]
pub fn files() -> impl Iterator<Item = &'static str> {
    SPECIFIED.into_iter().chain(["maths"])
}

/// Documents and their expected HTML, from a file in the form of the CommonMark specification.
pub fn examples(file: &str) -> Vec<(String, String)> {
    let path = format!("{}/tests/examples/{file}.txt", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    text.split("```````` example\n")
        .skip(1)
        .map(|example| {
            let example = example.split("````````\n").next().expect("an example ends");
            let (source, html) =
                example.split_once("\n.\n").or_else(|| example.split_once(".\n")).expect("a dot");
            (format!("{source}\n"), html.to_owned())
        })
        .collect()
}
