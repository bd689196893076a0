//! Files that are sent with questions: what is accepted, where it lies, when it goes.
//!
//! A file is stored when it is added, before the question that it belongs to is asked. Its content
//! lies once in the folder `files`, whatever it is called; a file that no question was asked with
//! goes at the first start a day later.

mod sniff;
mod contents;
mod pdf;

use std::time::Duration;

use bytes::Bytes;
use protocol::{FileId, FileInfo, FileKind, FileProblem, tokens};
use uuid::Uuid;

use crate::{
    engine::Chat,
    store::{ContentHash, NewFile, Store, StoreError, StoredFile, now_ms},
};

pub(crate) use contents::Contents;
pub(crate) use pdf::PdfReader;

/// How long a file is kept that no question was asked with.
const UNUSED_FOR: Duration = Duration::from_secs(24 * 60 * 60);

/// The most characters of a name that are kept.
const LONGEST_NAME: usize = 200;

/// Why a file was not added, or could not be read.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It is not accepted.
    #[error("{0}")]
    Refused(FileProblem),
    /// Its content could not be written or read.
    #[error("the folder of files cannot be used: {0}")]
    Folder(#[from] std::io::Error),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<FileProblem> for FileError {
    fn from(problem: FileProblem) -> Self {
        Self::Refused(problem)
    }
}

/// A file with its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// What is shown of it.
    pub info: FileInfo,
    /// Its type as in HTTP, found in the content: `image/png`, `application/pdf`, `text/plain` …
    pub media_type: String,
    /// The content as it came.
    pub bytes: Vec<u8>,
}

impl Chat {
    /// Stores a file, to be named in [`Ask::files`](crate::Ask::files). What it is is found in its
    /// content; its name is only shown.
    pub async fn add_file(&self, name: &str, bytes: Bytes) -> Result<FileInfo, FileError> {
        let taken = self.take_in(FileId(Uuid::now_v7()), name, bytes).await?;
        let mut write = self.inner.store.durable().await?;
        write.add_file(taken.row()).await?;
        write.commit().await?;
        Ok(taken.info)
    }

    /// Looks at a file and keeps its content. The row that says so is left to the caller.
    pub(crate) async fn take_in(
        &self,
        id: FileId,
        name: &str,
        bytes: Bytes,
    ) -> Result<TakenIn, FileError> {
        let inner = &self.inner;
        let limit = inner.limits.max_file_bytes as u64;
        let length = bytes.len() as u64;
        if length > limit {
            return Err(FileProblem::TooLarge { limit }.into());
        }
        let found = sniff::look(&bytes)?;
        let text = match found.kind {
            FileKind::Pdf => Some(inner.pdf_reader.read(bytes.clone()).await?),
            FileKind::Image | FileKind::Text => None,
        };
        let name = name_to_show(name);
        let read = match found.kind {
            FileKind::Image => found.size.map_or(0, |(w, h)| tokens::estimate_image(w, h)),
            FileKind::Pdf => tokens::estimate(text.as_deref().unwrap_or_default()),
            FileKind::Text => tokens::estimate(sniff::as_text(&bytes).unwrap_or_default()),
        };
        let info = FileInfo {
            id,
            tokens: read + tokens::estimate(&name) + tokens::PER_MESSAGE,
            name,
            kind: found.kind,
            bytes: length,
            size: found.size,
        };
        // The content is there before the row that says so. A crash in between leaves a content
        // without a row, which the same content uses when it comes again.
        let hash = inner.contents.keep(bytes).await?;
        Ok(TakenIn { info, hash, media_type: found.media_type, text })
    }

    /// A file with its content, or `None` if there is none of that id.
    pub async fn file(&self, id: FileId) -> Result<Option<File>, FileError> {
        let Some(StoredFile { info, hash, media_type, .. }) = self.inner.store.file(id).await?
        else {
            return Ok(None);
        };
        let bytes = self.inner.contents.read(&hash).await?;
        Ok(Some(File { info, media_type, bytes }))
    }
}

/// A file whose content is kept, and that no row tells of yet.
pub(crate) struct TakenIn {
    pub(crate) info: FileInfo,
    hash: ContentHash,
    media_type: &'static str,
    text: Option<String>,
}

impl TakenIn {
    /// The row that is to be stored, as of now.
    pub(crate) fn row(&self) -> NewFile<'_> {
        NewFile {
            info: &self.info,
            hash: &self.hash,
            media_type: self.media_type,
            text: self.text.as_deref(),
            created_at: now_ms(),
        }
    }
}

/// A hash of 64 hexadecimal digits, as files of ours name contents. `None` for anything else.
pub(crate) fn hash_of_digits(digits: &str) -> Option<ContentHash> {
    let digits: Vec<u8> =
        digits.chars().map(|digit| Some(digit.to_digit(16)? as u8)).collect::<Option<_>>()?;
    let bytes: Vec<u8> = digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect();
    bytes.try_into().ok().filter(|_| digits.len() == 64)
}

/// What a model gets of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Readable {
    /// The text of a PDF or of a text.
    Text(String),
    /// A picture.
    Image {
        /// Its type as in HTTP.
        media_type: String,
        /// The content.
        bytes: Vec<u8>,
    },
}

/// Reads a file for a model. `None` if it is gone.
pub(crate) async fn read(
    store: &Store,
    contents: &Contents,
    id: FileId,
) -> Result<Option<Readable>, FileError> {
    let Some(file) = store.file(id).await? else { return Ok(None) };
    if let Some(text) = file.text {
        return Ok(Some(Readable::Text(text)));
    }
    let bytes = contents.read(&file.hash).await?;
    Ok(Some(match file.info.kind {
        FileKind::Image => Readable::Image { media_type: file.media_type, bytes },
        FileKind::Pdf | FileKind::Text => {
            Readable::Text(sniff::as_text(&bytes).unwrap_or_default().to_owned())
        }
    }))
}

/// Removes what no question was asked with for a day, and what a crash left half-written.
pub(crate) async fn tidy(store: &Store, contents: &Contents) -> Result<(), FileError> {
    let age = i64::try_from(UNUSED_FOR.as_millis()).unwrap_or(i64::MAX);
    let mut write = store.durable().await?;
    let unused = write.remove_unused_files(now_ms().saturating_sub(age)).await?;
    write.commit().await?;
    contents.tidy(unused).await?;
    Ok(())
}

/// A name without folders, and without characters that are not seen: those could show it in
/// another order than it has.
fn name_to_show(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let shown: String = last.chars().filter(|c| !hidden(*c)).take(LONGEST_NAME).collect();
    match shown.trim() {
        "" => "file".to_owned(),
        shown => shown.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_fit_to_be_shown() {
        let check = |name: &str, expected: &str| assert_eq!(name_to_show(name), expected);
        check("a.txt", "a.txt");
        check("/etc/passwd", "passwd");
        check("C:\\Users\\me\\报告.pdf", "报告.pdf");
        check("photo\u{202e}gpj.exe", "photogpj.exe");
        check("a\0b\n.txt", "ab.txt");
        check("  ", "file");
        check("", "file");
        check(&"长".repeat(300), &"长".repeat(200));
    }

    #[tokio::test]
    async fn a_start_removes_what_no_question_was_asked_with() {
        let data = tempfile::tempdir().unwrap();
        let store = Store::open(data.path()).await.unwrap();
        let contents = Contents::new(data.path());
        let add = async |content: &'static str, created_at| {
            let hash = contents.keep(Bytes::from_static(content.as_bytes())).await.unwrap();
            let info = FileInfo {
                id: FileId(Uuid::now_v7()),
                name: "a".to_owned(),
                kind: FileKind::Text,
                bytes: 1,
                tokens: 1,
                size: None,
            };
            let mut write = store.durable().await.unwrap();
            let file = NewFile {
                info: &info,
                hash: &hash,
                media_type: "text/plain",
                text: None,
                created_at,
            };
            write.add_file(file).await.unwrap();
            write.commit().await.unwrap();
            (info, hash)
        };
        let (fresh, _) = add("fresh", now_ms()).await;
        let (asked, _) = add("asked", 0).await;
        let (unused, hash) = add("unused", 0).await;
        let (twin, shared) = add("fresh", 0).await;
        let mut write = store.durable().await.unwrap();
        let conversation = protocol::ConversationId(Uuid::now_v7());
        let message = protocol::MessageId(Uuid::now_v7());
        write.add_conversation(conversation, "", false, 0).await.unwrap();
        let question = crate::store::NewMessage {
            id: message,
            conversation,
            parent: None,
            role: protocol::Role::User,
            content: "",
            created_at: 0,
        };
        write.add_message(question).await.unwrap();
        write.attach_files(message, std::slice::from_ref(&asked)).await.unwrap();
        write.commit().await.unwrap();

        tidy(&store, &contents).await.unwrap();
        let left =
            store.file_infos(&[&fresh, &asked, &unused, &twin].map(|file| file.id)).await.unwrap();
        assert_eq!(left, [fresh, asked]);
        assert!(contents.read(&hash).await.is_err(), "nobody has the content any more");
        assert_eq!(contents.read(&shared).await.unwrap(), b"fresh", "another file has it");
    }
}
