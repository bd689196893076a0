//! The contents of files in a ZIP of ours, each under its hash.

use std::io::{Read, Seek};

use zip::{ZipArchive, result::ZipError};

use crate::write::content_name;

/// A ZIP in which contents are looked up.
pub struct Contents<R> {
    archive: ZipArchive<R>,
    largest: u64,
}

impl<R: Read + Seek> Contents<R> {
    /// `None` where the file is no ZIP, and so holds no contents. None of more than `largest` bytes
    /// is unpacked.
    pub fn of(file: R, largest: u64) -> Option<Self> {
        Some(Self { archive: ZipArchive::new(file).ok()?, largest })
    }

    /// Whether the content with this hash is in the file. It is not unpacked, so it may be too large.
    pub fn has(&self, sha256: &str) -> bool {
        self.archive.index_for_name(&content_name(sha256)).is_some()
    }

    /// The content with this hash, or `None` where it is not in the file or too large.
    ///
    /// # Errors
    /// If it cannot be unpacked.
    pub fn read(&mut self, sha256: &str) -> Result<Option<Vec<u8>>, ZipError> {
        let entry = match self.archive.by_name(&content_name(sha256)) {
            Ok(entry) => entry,
            Err(ZipError::FileNotFound) => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut bytes = Vec::new();
        // What a ZIP says about the size of something is as hostile as the rest of it.
        entry.take(self.largest + 1).read_to_end(&mut bytes)?;
        Ok((bytes.len() as u64 <= self.largest).then_some(bytes))
    }
}
