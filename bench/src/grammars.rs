//! What the grammars of well-known languages weigh: `bench-grammars` prints the bytes of each as JSON.
//! They are packed already, so this is what crosses the wire.

use std::collections::BTreeMap;

/// The languages that questions are most often about.
const LANGUAGES: &[&str] = &[
    "bash",
    "c",
    "c#",
    "c++",
    "css",
    "diff",
    "dockerfile",
    "go",
    "html",
    "java",
    "javascript",
    "json",
    "kotlin",
    "lua",
    "markdown",
    "php",
    "python",
    "r",
    "ruby",
    "rust",
    "scala",
    "sql",
    "svelte",
    "swift",
    "toml",
    "tsx",
    "typescript",
    "vue",
    "xml",
    "yaml",
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sizes: BTreeMap<&str, usize> = LANGUAGES
        .iter()
        .map(|language| (*language, grammars::pack(language).map_or(0, <[u8]>::len)))
        .collect();
    println!("{}", serde_json::to_string(&sizes)?);
    Ok(())
}
