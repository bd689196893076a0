//! Many conversations in one ZIP, which is written from its beginning to its end without going back.

use std::{
    collections::{BTreeSet, HashSet},
    io::{self, Write},
    mem,
    sync::{Arc, Mutex, PoisonError},
};

use zip::{
    CompressionMethod, ZipWriter,
    result::ZipResult,
    write::{SimpleFileOptions, StreamWriter},
};

use super::{Format, name};
use crate::Conversation;

/// A ZIP that grows by one conversation at a time. Each step gives the bytes that are new, so the
/// whole need never be in memory.
pub struct Archive {
    format: Format,
    /// Names that are taken, in lower case, because some file systems do not tell cases apart.
    names: HashSet<String>,
    writer: ZipWriter<StreamWriter<Growing>>,
    grown: Growing,
}

impl Archive {
    /// An empty archive of files of one format.
    pub fn new(format: Format) -> Self {
        let grown = Growing::default();
        let writer = ZipWriter::new_stream(grown.clone());
        Self { format, names: HashSet::new(), writer, grown }
    }

    /// Adds a conversation, under a name of its own, and gives the bytes that are new.
    ///
    /// # Errors
    /// If the archive becomes larger than a ZIP may be.
    pub fn add(&mut self, conversation: &Conversation) -> ZipResult<Vec<u8>> {
        let text = self.format.write(conversation);
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .large_file(u32::try_from(text.len()).is_err());
        let name = self.name(conversation);
        self.writer.start_file(name, options)?;
        self.writer.write_all(text.as_bytes())?;
        Ok(self.grown.take())
    }

    /// The files of a conversation whose contents belong into the archive and are not in it: each of
    /// them by its hash. Formats for reading name files and hold none.
    pub fn wants(&self, conversation: &Conversation) -> BTreeSet<String> {
        let wanted = conversation.files().map(|file| &file.sha256).filter(|sha256| {
            self.format == Format::Json && !self.names.contains(&content_name(sha256))
        });
        wanted.cloned().collect()
    }

    /// Adds the content of a file, and gives the bytes that are new. It is not compressed, since
    /// pictures and PDFs are.
    ///
    /// # Errors
    /// If the archive becomes larger than a ZIP may be.
    pub fn add_content(&mut self, sha256: &str, bytes: &[u8]) -> ZipResult<Vec<u8>> {
        let name = content_name(sha256);
        if !self.names.insert(name.clone()) {
            return Ok(Vec::new());
        }
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .large_file(u32::try_from(bytes.len()).is_err());
        self.writer.start_file(name, options)?;
        self.writer.write_all(bytes)?;
        Ok(self.grown.take())
    }

    /// Ends the archive and gives its last bytes.
    ///
    /// # Errors
    /// If the archive becomes larger than a ZIP may be.
    pub fn finish(self) -> ZipResult<Vec<u8>> {
        let Self { writer, grown, .. } = self;
        writer.finish()?;
        Ok(grown.take())
    }

    fn name(&mut self, conversation: &Conversation) -> String {
        let stem = name::stem(conversation);
        let extension = self.format.extension();
        let mut name = format!("{stem}.{extension}");
        let mut number = 2;
        while !self.names.insert(name.to_lowercase()) {
            name = format!("{stem}-{number}.{extension}");
            number += 1;
        }
        name
    }
}

/// Where in a ZIP the content with a hash lies.
pub(crate) fn content_name(sha256: &str) -> String {
    format!("files/{sha256}")
}

/// What was written and not taken yet.
#[derive(Debug, Clone, Default)]
struct Growing(Arc<Mutex<Vec<u8>>>);

impl Growing {
    fn take(&self) -> Vec<u8> {
        mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Growing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
