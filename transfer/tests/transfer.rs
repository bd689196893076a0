//! Files of every kind in and out, the broken ones among them.

#![expect(clippy::unwrap_used, reason = "these are tests, their helpers too")]

// The files of an integration test lie beside it by default, where each would be a test of its own.
#[path = "transfer/fixtures.rs"]
mod fixtures;
#[path = "transfer/hostile.rs"]
mod hostile;
#[path = "transfer/written.rs"]
mod written;

use std::{
    fs,
    io::{Cursor, Write},
    path::{Path, PathBuf},
};

use zip::{ZipWriter, write::SimpleFileOptions};

/// Every fixture, in the order of their names.
fn fixtures() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let inside = |folder: &Path| -> Vec<PathBuf> {
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
    };
    let mut files: Vec<PathBuf> = inside(&root).iter().flat_map(|folder| inside(folder)).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
    files.sort();
    files
}

/// A ZIP of these files.
fn packed(files: impl IntoIterator<Item = (String, Vec<u8>)>) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(&bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}
