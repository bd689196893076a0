//! What a file is, found in its content. Its name says what its owner calls it and nothing more.

use imagesize::ImageType;
use protocol::{FileKind, FileProblem};

/// The most pixels on a side that formats of pictures allow, and any program still opens.
const LONGEST_SIDE: usize = 65_535;

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) kind: FileKind,
    pub(super) media_type: &'static str,
    /// Width and height of a picture, in pixels.
    pub(super) size: Option<(u32, u32)>,
}

/// Looks at the content of a file.
pub(super) fn look(bytes: &[u8]) -> Result<Found, FileProblem> {
    if bytes.is_empty() {
        return Err(FileProblem::Empty);
    }
    if let Some(media_type) = image_type(bytes) {
        let size = imagesize::blob_size(bytes).map_err(|_| FileProblem::BrokenImage)?;
        let side = |pixels: usize| (1..=LONGEST_SIDE).contains(&pixels).then_some(pixels as u32);
        let size = side(size.width).zip(side(size.height)).ok_or(FileProblem::BrokenImage)?;
        return Ok(Found { kind: FileKind::Image, media_type, size: Some(size) });
    }
    if bytes.starts_with(b"%PDF-") {
        return Ok(Found { kind: FileKind::Pdf, media_type: "application/pdf", size: None });
    }
    match as_text(bytes) {
        Some(text) if text.trim().is_empty() => Err(FileProblem::Empty),
        Some(_) => Ok(Found { kind: FileKind::Text, media_type: "text/plain", size: None }),
        None => Err(FileProblem::NotAccepted),
    }
}

/// The text of a file without its byte order mark, if it is one. Programs and archives can be
/// valid UTF-8 by chance or by a long header, but texts hold no NUL.
pub(super) fn as_text(bytes: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(bytes).ok()?;
    (!text.contains('\0')).then(|| text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// The type of a picture that every model that sees can read.
fn image_type(bytes: &[u8]) -> Option<&'static str> {
    match imagesize::image_type(bytes).ok()? {
        ImageType::Png => Some("image/png"),
        ImageType::Jpeg => Some("image/jpeg"),
        ImageType::Webp => Some("image/webp"),
        ImageType::Gif => Some("image/gif"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The beginning of a PNG of 3 by 2 pixels, which is all that is looked at.
    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x03\0\0\0\x02\x08\x02\0\0\0";

    /// The type of a file, and the size of a picture.
    type Told = (&'static str, Option<(u32, u32)>);

    #[test]
    fn contents_are_told_apart() {
        let check = |bytes: &[u8], expected: Result<Told, FileProblem>| {
            let found = look(bytes).map(|found| (found.media_type, found.size));
            assert_eq!(found, expected, "{:?}", String::from_utf8_lossy(bytes));
        };
        check(PNG, Ok(("image/png", Some((3, 2)))));
        check(b"GIF89a\x05\0\x04\0\0\0\0", Ok(("image/gif", Some((5, 4)))));
        check(&PNG[..12], Err(FileProblem::BrokenImage));
        check(b"%PDF-1.7 and so on", Ok(("application/pdf", None)));
        check("fn main() {}\n".as_bytes(), Ok(("text/plain", None)));
        check("名,数\n茶,1\n".as_bytes(), Ok(("text/plain", None)));
        check(b"\xef\xbb\xbfa,b", Ok(("text/plain", None)));
        check(b"<svg xmlns='http://www.w3.org/2000/svg'/>", Ok(("text/plain", None)));
        check(b"", Err(FileProblem::Empty));
        check(b" \n\xef\xbb\xbf"[..2].as_ref(), Err(FileProblem::Empty));
        check(b"PK\x03\x04\x14\0\0\0", Err(FileProblem::NotAccepted));
        check(b"\x7fELF\x02\x01\x01\0", Err(FileProblem::NotAccepted));
        check(b"caf\xe9", Err(FileProblem::NotAccepted));
        check(b"BM\x1e\0\0\0\0\0\0\0\x1a\0\0\0", Err(FileProblem::NotAccepted));
    }

    #[test]
    fn a_byte_order_mark_is_no_text() {
        assert_eq!(as_text(b"\xef\xbb\xbfa,b"), Some("a,b"));
    }
}
