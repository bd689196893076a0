//! Files that are sent with questions, and why one was not taken.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::FileId;

/// What a file is to a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// A picture, which only models that see can read: PNG, JPEG, WebP or GIF.
    Image,
    /// A PDF, of which the model reads the text.
    Pdf,
    /// Any UTF-8 text: code, tables, notes.
    Text,
}

/// A stored file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileInfo {
    /// Its id, under which `GET /api/files/{id}` gives it.
    pub id: FileId,
    /// Its name, as the person's device called it.
    pub name: String,
    /// What it is, as found in its content.
    pub kind: FileKind,
    /// Its length in bytes.
    pub bytes: u64,
    /// About how many tokens it takes in a request, see [`tokens`](crate::tokens).
    pub tokens: u64,
    /// Width and height in pixels, of pictures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<(u32, u32)>,
}

/// Why a file was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FileProblem {
    /// There is nothing in it.
    Empty,
    /// It is too large.
    TooLarge {
        /// The most bytes allowed.
        limit: u64,
    },
    /// It is of another kind than those accepted.
    NotAccepted,
    /// It says that it is a picture and cannot be read as one.
    BrokenImage,
    /// It says that it is a PDF and cannot be read as one.
    BrokenPdf,
    /// A password is needed to read the PDF.
    LockedPdf,
    /// The PDF holds no text, as scans do.
    PdfWithoutText,
    /// There is more text in the PDF than is kept, or finding it took too long.
    PdfTooLong,
    /// The connection broke off, or paused for too long.
    CutOff,
    /// The server could not store it.
    Storage,
}

impl fmt::Display for FileProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("There is nothing in this file."),
            Self::TooLarge { limit } => {
                write!(f, "This file is too large: at most {} are allowed.", Bytes(*limit))
            }
            Self::NotAccepted => f.write_str(
                "This kind of file cannot be sent. Accepted are PNG, JPEG, WebP and GIF pictures, \
                 PDF, and any UTF-8 text such as code, CSV, Markdown or JSON.",
            ),
            Self::BrokenImage => f.write_str("This picture cannot be read; it may be damaged."),
            Self::BrokenPdf => f.write_str("This PDF cannot be read; it may be damaged."),
            Self::LockedPdf => {
                f.write_str("A password is needed to read this PDF. Save it without one.")
            }
            Self::PdfWithoutText => f.write_str(
                "There is no text in this PDF, as in scans. Add pictures of its pages instead.",
            ),
            Self::PdfTooLong => {
                f.write_str("There is too much in this PDF. Add the pages that matter alone.")
            }
            Self::CutOff => f.write_str("This file did not arrive whole. Add it again."),
            Self::Storage => f.write_str("The server could not store this file."),
        }
    }
}

/// A length in bytes as a person says it: `20 MB`, with 1,024 bytes to the KB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bytes(
    /// The length.
    pub u64,
);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const KB: u64 = 1 << 10;
        const MB: u64 = 1 << 20;
        match self.0 {
            bytes @ ..KB => write!(f, "{bytes} B"),
            bytes @ KB..MB => write!(f, "{} KB", (bytes + KB / 2) / KB),
            bytes => {
                let tenths = (bytes * 10 + MB / 2) / MB;
                match tenths % 10 {
                    0 => write!(f, "{} MB", tenths / 10),
                    tenth => write!(f, "{}.{tenth} MB", tenths / 10),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_said_shortly() {
        let check = |bytes, expected: &str| assert_eq!(Bytes(bytes).to_string(), expected);
        check(0, "0 B");
        check(1_023, "1023 B");
        check(1_536, "2 KB");
        check(20 << 20, "20 MB");
        check((20 << 20) + (1 << 19), "20.5 MB");
    }
}
