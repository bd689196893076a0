//! The text of a PDF.
//!
//! A PDF is a program that paints, so where a line or a word ends is guessed from how far the next
//! letters are moved. It is also hostile ground: it is read by one thread at a time, which nobody
//! waits for longer than [`LONGEST`], and which may panic without harm. The parser bounds how deep
//! objects are nested and how large a stream may unpack.

use std::{
    collections::BTreeMap,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use bytes::Bytes;
use lopdf::{Document, Encoding, Error, LoadOptions, Object, ObjectId, content::Content};
use protocol::FileProblem;
use tokio::{
    sync::{Semaphore, oneshot},
    time::timeout,
};

/// How long finding the text may take, waiting for others included.
const LONGEST: Duration = Duration::from_secs(20);

/// The most that one stream may unpack to, in bytes.
const LARGEST_STREAM: usize = 64 << 20;

/// The most that what paints one page may unpack to, in bytes. Each operation in it takes some fifty bytes of memory,
/// and is two letters long.
const LARGEST_PAGE: usize = 8 << 20;

/// The longest text that is kept, in bytes. No model reads as much.
const LONGEST_TEXT: usize = 8 << 20;

/// How far back letters are moved between two words, in thousandths of their size; kerning within
/// a word moves them less.
const BETWEEN_WORDS: f32 = -180.0;

/// Reads PDFs, one at a time.
#[derive(Debug)]
pub(crate) struct PdfReader {
    turn: Arc<Semaphore>,
}

impl Default for PdfReader {
    fn default() -> Self {
        Self { turn: Arc::new(Semaphore::new(1)) }
    }
}

impl PdfReader {
    /// The text of a PDF. There is some, or this fails.
    pub(super) async fn read(&self, pdf: Bytes) -> Result<String, FileProblem> {
        let began = Instant::now();
        let turn = Arc::clone(&self.turn).acquire_owned();
        let (done, outcome) = oneshot::channel();
        let reading = async {
            let turn = turn.await.map_err(|_| FileProblem::PdfTooLong)?;
            // A thread of its own, because the end of the server would wait for one of the
            // runtime's. It keeps its turn until it ends, however long nobody listens.
            let reader = thread::Builder::new().name("pdf".to_owned()).spawn(move || {
                let text = text_of(&pdf, began + LONGEST);
                drop(turn);
                done.send(text).ok();
            });
            reader.map_err(|_| FileProblem::Storage)?;
            // Nothing comes only from a reader that panicked.
            outcome.await.unwrap_or(Err(FileProblem::BrokenPdf))
        };
        timeout(LONGEST, reading).await.unwrap_or(Err(FileProblem::PdfTooLong))
    }
}

fn text_of(pdf: &[u8], deadline: Instant) -> Result<String, FileProblem> {
    let options =
        LoadOptions { max_decompressed_size: Some(LARGEST_STREAM), ..LoadOptions::default() };
    let document = Document::load_mem_with_options(pdf, options).map_err(|error| match error {
        Error::InvalidPassword | Error::Decryption(_) => FileProblem::LockedPdf,
        _ => FileProblem::BrokenPdf,
    })?;
    if document.is_encrypted() {
        return Err(FileProblem::LockedPdf);
    }
    let pages = document.get_pages();
    if pages.is_empty() {
        return Err(FileProblem::BrokenPdf);
    }
    let mut text = Text::default();
    let is_too_long = |text: &Text| Instant::now() > deadline || text.0.len() > LONGEST_TEXT;
    for page in pages.into_values() {
        // A page that cannot be read is passed over, as long as others can.
        if let Err(error) = read_page(&document, page, &mut text, is_too_long) {
            tracing::debug!(%error, "a page of a PDF cannot be read");
        }
        if is_too_long(&text) {
            return Err(FileProblem::PdfTooLong);
        }
        text.end_page();
    }
    let text = text.0.replace('\0', "");
    match text.trim() {
        "" => Err(FileProblem::PdfWithoutText),
        text => Ok(text.to_owned()),
    }
}

/// Reads a page, as far as its text is not too long.
fn read_page(
    document: &Document,
    page: ObjectId,
    text: &mut Text,
    is_too_long: impl Fn(&Text) -> bool,
) -> Result<(), Error> {
    let mut encodings: BTreeMap<Vec<u8>, Encoding<'_>> = BTreeMap::new();
    for (name, font) in document.get_page_fonts(page)? {
        encodings.insert(name, font.get_font_encoding_with_limit(document, LARGEST_STREAM)?);
    }
    let content = Content::decode(&document.get_page_content_with_limit(page, LARGEST_PAGE)?)?;
    let mut encoding = None;
    for operation in &content.operations {
        if is_too_long(text) {
            break;
        }
        let operands = operation.operands.as_slice();
        match (operation.operator.as_str(), operands) {
            ("Tf", [font, ..]) => encoding = font.as_name().ok().and_then(|n| encodings.get(n)),
            // Move to another place: to another line, unless the height stays.
            ("Td" | "TD", [_, down]) if down.as_float().is_ok_and(|down| down == 0.0) => {
                text.end_word();
            }
            ("Tm", [.., height]) => text.move_to(height.as_float().ok()),
            ("Td" | "TD" | "T*" | "ET", _) => text.end_line(),
            ("'" | "\"", [.., shown]) => {
                text.end_line();
                text.show(encoding, shown);
            }
            ("Tj" | "TJ", [shown]) => text.show(encoding, shown),
            _ => {}
        }
    }
    Ok(())
}

/// The text so far, and the height at which a `Tm` last put letters.
#[derive(Default)]
struct Text(String, Option<f32>);

impl Text {
    fn show(&mut self, encoding: Option<&Encoding<'_>>, shown: &Object) {
        match shown {
            Object::String(bytes, _) => {
                let decoded = encoding.and_then(|it| Document::decode_text(it, bytes).ok());
                self.0.push_str(&decoded.unwrap_or_default());
            }
            Object::Array(pieces) => {
                pieces.iter().for_each(|piece| self.show_piece(encoding, piece))
            }
            _ => {}
        }
    }

    /// A piece of a line: letters, or how far the next ones are moved.
    fn show_piece(&mut self, encoding: Option<&Encoding<'_>>, piece: &Object) {
        match piece.as_float() {
            Ok(moved) if moved < BETWEEN_WORDS => self.end_word(),
            Ok(_) => {}
            Err(_) if matches!(piece, Object::String(..)) => self.show(encoding, piece),
            Err(_) => {}
        }
    }

    fn move_to(&mut self, height: Option<f32>) {
        match self.1 == height {
            true => self.end_word(),
            false => self.end_line(),
        }
        self.1 = height;
    }

    fn end_word(&mut self) {
        if !self.0.is_empty() && !self.0.ends_with([' ', '\n']) {
            self.0.push(' ');
        }
    }

    fn end_line(&mut self) {
        if !self.0.is_empty() && !self.0.ends_with('\n') {
            self.0.push('\n');
        }
    }

    fn end_page(&mut self) {
        self.1 = None;
        if !self.0.is_empty() {
            self.end_line();
            self.0.push('\n');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A PDF of one page for each of these contents, in the font `F1`.
    fn pdf(pages: &[&str]) -> Vec<u8> {
        let kids: String = (0..pages.len()).map(|page| format!("{} 0 R ", 4 + 2 * page)).collect();
        let mut objects = vec![
            "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
            format!("<< /Type /Pages /Kids [ {kids}] /Count {} >>", pages.len()),
            "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"
                .to_owned(),
        ];
        for (page, content) in pages.iter().enumerate() {
            objects.push(format!(
                "<< /Type /Page /Parent 2 0 R /Resources << /Font << /F1 3 0 R >> >> /Contents {} 0 R >>",
                5 + 2 * page
            ));
            let length = content.len();
            objects.push(format!("<< /Length {length} >>\nstream\n{content}\nendstream"));
        }
        let mut file = "%PDF-1.4\n".to_owned();
        let mut table = "0000000000 65535 f \n".to_owned();
        for (index, object) in objects.iter().enumerate() {
            table += &format!("{:010} 00000 n \n", file.len());
            file += &format!("{} 0 obj\n{object}\nendobj\n", index + 1);
        }
        let (start, size) = (file.len(), objects.len() + 1);
        file += &format!(
            "xref\n0 {size}\n{table}trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
        );
        file.into_bytes()
    }

    async fn read(pdf: Vec<u8>) -> Result<String, FileProblem> {
        PdfReader::default().read(pdf.into()).await
    }

    #[tokio::test]
    async fn words_lines_and_pages_are_told_apart() {
        let check = async |pages: &[&str], expected: &str| {
            assert_eq!(read(pdf(pages)).await.as_deref(), Ok(expected), "{pages:?}");
        };
        check(&["BT /F1 12 Tf 72 700 Td (Hello, world) Tj ET"], "Hello, world").await;
        check(&["BT /F1 12 Tf (One) Tj 0 -14 Td (Two) Tj T* (Three) Tj ET"], "One\nTwo\nThree")
            .await;
        check(&["BT /F1 12 Tf (One) Tj 40 0 Td (two) Tj ET"], "One two").await;
        check(&["BT /F1 12 Tf [(W) 80 (ord) -300 (by) -20 (e)] TJ ET"], "Word bye").await;
        let placed = "BT /F1 12 Tf 1 0 0 1 72 700 Tm (a) Tj 1 0 0 1 90 700 Tm (b) Tj \
                      1 0 0 1 72 686 Tm (c) Tj ET";
        check(&[placed], "a b\nc").await;
        check(&["BT /F1 12 Tf (One) Tj (two) ' ET"], "One\ntwo").await;
        check(&["BT /F1 12 Tf (1) Tj ET", "BT /F1 12 Tf (2) Tj ET"], "1\n\n2").await;
        check(&["BT /F1 12 Tf (caf\\351) Tj ET"], "café").await;
        // A page that paints nonsense takes no other with it.
        check(&["BT /F9 12 Tf (lost) Tj", "BT /F1 12 Tf (2) Tj ET"], "2").await;
    }

    #[tokio::test]
    async fn what_has_no_text_is_refused() {
        let check = async |pdf: Vec<u8>, expected: FileProblem| {
            assert_eq!(read(pdf).await, Err(expected));
        };
        check(pdf(&["0 0 10 10 re f"]), FileProblem::PdfWithoutText).await;
        check(pdf(&[]), FileProblem::BrokenPdf).await;
        check(b"%PDF-1.4\nnothing".to_vec(), FileProblem::BrokenPdf).await;
        check(b"%PDF-".to_vec(), FileProblem::BrokenPdf).await;
        // Objects within objects, too deep for any stack.
        let deep = format!("%PDF-1.4\n1 0 obj\n{}\n", "[".repeat(1 << 20));
        check(deep.into_bytes(), FileProblem::BrokenPdf).await;
    }

    #[tokio::test]
    async fn any_cut_or_changed_pdf_is_read_or_refused() {
        let whole = pdf(&["BT /F1 12 Tf (Hello) Tj ET", "BT /F1 12 Tf [(a) -300 (b)] TJ ET"]);
        for length in (0..whole.len()).step_by(7) {
            let mut changed = whole.clone();
            changed[length] = changed[length].wrapping_add(31);
            // Neither hangs nor panics into this thread; what is found is anybody's guess.
            read(changed).await.ok();
            read(whole[..length].to_vec()).await.ok();
        }
    }
}
