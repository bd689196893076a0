//! The examples of the specifications, and those of pulldown-cmark.

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
