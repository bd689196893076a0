//! What a first visit weighs: everything a browser fetches before the page can be used, but for the HTML,
//! which differs from page to page. Compressed by brotli, as it is sent.

use std::fs;
use std::path::Path;

use crate::failure::Failure;
use crate::workspace::Workspace;

/// What it weighs, in bytes. Whoever makes the page heavier raises the number and says what for; whoever
/// makes it lighter lowers it. With the HTML of an empty page, some 6 KB, it must stay below 300 KB.
const WEIGHT: u64 = 286_000;

/// How much heavier it may become unnoticed: a new version of a compiler or a library moves a little.
const TOLERANCE: u64 = WEIGHT / 100;

/// Fails if a first visit has become heavier.
pub fn check(workspace: &Workspace) -> Result<(), Failure> {
    let folder = workspace.root.join("target/site/pkg");
    let weight = weigh(&folder).map_err(|error| {
        let what = format!("{} cannot be read: {error}", folder.display());
        Failure::new(what, "build the page again")
    })?;
    println!("a first visit weighs {weight} bytes, and may weigh {}", WEIGHT + TOLERANCE);
    judge(weight)
}

/// The style sheet, the page's scripts and the part of the WASM that the page begins with.
fn weigh(folder: &Path) -> std::io::Result<u64> {
    let mut weight = 0;
    for file in fs::read_dir(folder)? {
        let file = file?;
        if is_of_first_visit(&file.file_name().to_string_lossy()) {
            weight += file.metadata()?.len();
        }
    }
    Ok(weight)
}

fn is_of_first_visit(name: &str) -> bool {
    let begins = name.starts_with("inglenook.") || name.starts_with("__wasm_split.");
    begins && [".css.br", ".js.br", ".wasm.br"].iter().any(|end| name.ends_with(end))
}

fn judge(weight: u64) -> Result<(), Failure> {
    if weight == 0 {
        return Err(Failure::new("the built page is not there", "build the page again"));
    }
    if weight > WEIGHT + TOLERANCE {
        let what = format!("a first visit weighs {} bytes more than it did", weight - WEIGHT);
        let remedy = "move what is not needed at first into a part of the WASM of its own \
            (app/src/aside.rs), or raise the number in xtask/src/weight.rs";
        return Err(Failure::new(what, remedy));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_fetched_at_first_counts() {
        for (name, expected) in [
            ("inglenook.FwYGGvVWE7mK5r746jPSuA.js.br", true),
            ("inglenook.--ECdzqUz-BvEvKX9QUatQ.wasm.br", true),
            ("inglenook.wuN9GHwJMOxiRGWt8Tdu9Q.css.br", true),
            ("__wasm_split.uA0XKl-wpA3_L7-s4_LuVA.js.br", true),
            ("__wasm_split_manifest.Hk-vgR9cSiAruFrJWFnK3g.json.br", false),
            ("inglenook.FwYGGvVWE7mK5r746jPSuA.js", false),
            ("inglenook.FwYGGvVWE7mK5r746jPSuA.js.gz", false),
            ("inglenook.d.9bGq6GcfncJ90V3rUqAZ7g.ts.br", false),
            ("split_aside.yIExgFDI6ZYmsraUAga3uQ.wasm.br", false),
            ("chunk_11.5XwhT1euNwtO5H41U7x5kg.wasm.br", false),
        ] {
            assert_eq!(is_of_first_visit(name), expected, "{name}");
        }
    }

    #[test]
    fn what_has_become_heavier_fails() {
        for (weight, passes) in [
            (0, false),
            (WEIGHT / 2, true),
            (WEIGHT, true),
            (WEIGHT + TOLERANCE, true),
            (WEIGHT + TOLERANCE + 1, false),
        ] {
            assert_eq!(judge(weight).is_ok(), passes, "{weight}");
        }
    }
}
