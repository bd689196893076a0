//! Whether the last build still stands for the sources. Asking cargo-leptos would take it half a
//! minute, since it always makes the page anew, so the build leaves a stamp: one line per source
//! file with its size and time, compared as text.

use std::fs;
use std::path::Path;
use std::time::UNIX_EPOCH;

/// Folders that no build reads. Everything else counts, so that a folder added later costs at worst
/// a needless build and never leaves a stale one.
const NOT_BUILT: [&str; 6] = ["bench", "data", "docs", "end2end", "target", "xtask"];

/// Files beside the folders that a build reads. Others there are texts and a person's own settings.
const FILES: [&str; 3] = ["Cargo.toml", "Cargo.lock", "rust-toolchain.toml"];

/// Describes the sources under `root` and the `settings` of a build, one line each.
pub fn fingerprint(root: &Path, settings: &[(&str, &str)]) -> String {
    let mut lines: Vec<_> =
        settings.iter().map(|(name, value)| format!("{name}\t{value}")).collect();
    lines.extend(FILES.iter().filter_map(|file| line(root, &root.join(file))));
    for entry in entries(root) {
        let name = entry.file_name().to_string_lossy().into_owned();
        let hidden = name.starts_with('.') && name != ".cargo";
        if entry.path().is_dir() && !hidden && !NOT_BUILT.contains(&name.as_str()) {
            add_folder(root, &entry.path(), &mut lines);
        }
    }
    lines.sort();
    lines.join("\n")
}

/// Names one thing in which two fingerprints differ, for a person who wonders why it builds.
pub fn difference<'a>(old: &'a str, new: &'a str) -> Option<&'a str> {
    let missing_in = |text: &'a str, other: &'a str| {
        text.lines().find(move |line| !other.lines().any(|found| found == *line))
    };
    let line = missing_in(new, old).or_else(|| missing_in(old, new))?;
    line.split('\t').next()
}

fn add_folder(root: &Path, folder: &Path, lines: &mut Vec<String>) {
    for entry in entries(folder) {
        let path = entry.path();
        // Editors keep hidden files beside the sources; they come and go with every key.
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        if path.is_dir() {
            add_folder(root, &path, lines);
        } else {
            lines.extend(line(root, &path));
        }
    }
}

fn entries(folder: &Path) -> impl Iterator<Item = fs::DirEntry> {
    fs::read_dir(folder).into_iter().flatten().flatten()
}

/// `None` for a file that is not there, which then is missing in the fingerprint, as it should be.
pub fn line(root: &Path, file: &Path) -> Option<String> {
    let metadata = fs::metadata(file).ok()?;
    let changed = metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    let name = file.strip_prefix(root).unwrap_or(file).display();
    Some(format!("{name}\t{} bytes\t{} ns", metadata.len(), changed.as_nanos()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_build_reads_changes_the_fingerprint() {
        let root = std::env::temp_dir().join(format!("xtask-fingerprint-{}", std::process::id()));
        let write = |path: &str, text: &str| {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("app/src/lib.rs", "");
        let mut before = fingerprint(&root, &[("flags", "--release")]);
        for (path, counts) in [
            ("app/src/lib.rs", true),
            ("app/src/new/deep.rs", true),
            ("app/src/.lib.rs.swp", false),
            ("Cargo.lock", true),
            (".cargo/config.toml", true),
            (".git/index", false),
            (".env", false),
            ("README.md", false),
            ("data/inglenook.db", false),
            ("target/release/inglenook", false),
            ("a-new-crate/src/lib.rs", true),
        ] {
            write(path, "changed");
            let after = fingerprint(&root, &[("flags", "--release")]);
            assert_eq!(difference(&before, &after), counts.then_some(path));
            before = after;
        }
        fs::remove_file(root.join("app/src/new/deep.rs")).unwrap();
        let after = fingerprint(&root, &[("flags", "--release")]);
        assert_eq!(difference(&before, &after), Some("app/src/new/deep.rs"));
        assert_eq!(difference(&after, &fingerprint(&root, &[("flags", "")])), Some("flags"));
        fs::remove_dir_all(&root).unwrap();
    }
}
