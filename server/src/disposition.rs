//! What a browser is to do with a file, and under which name: the header `Content-Disposition` (RFC 6266).

use std::fmt;

use axum::{
    body::Body,
    http::header,
    response::{IntoResponse, Response},
};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// All but the characters that mean nothing else anywhere in a header.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_');

/// A file that a browser saves rather than shows.
pub fn download(media_type: &'static str, name: &str, body: impl Into<Body>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, media_type.to_owned()),
        (header::CONTENT_DISPOSITION, Disposition::Attachment.of(name)),
    ];
    (headers, body.into()).into_response()
}

/// What a browser is to do with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disposition {
    /// It is shown.
    Inline,
    /// It is saved.
    Attachment,
}

impl Disposition {
    /// The header's value for a file of this name, all of it ASCII. The name stands there in ASCII for those who read no
    /// more, and encoded (RFC 8187).
    pub fn of(self, name: &str) -> String {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
        let ascii: String = name.chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
        let encoded = utf8_percent_encode(name, ENCODED);
        format!("{self}; filename=\"{ascii}\"; filename*=UTF-8''{encoded}")
    }
}

impl fmt::Display for Disposition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Inline => "inline",
            Self::Attachment => "attachment",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_through_headers_whole() {
        let check = |name: &str, expected: &str| {
            assert_eq!(Disposition::Attachment.of(name), format!("attachment; {expected}"));
            assert_eq!(Disposition::Inline.of(name), format!("inline; {expected}"));
        };
        check(
            "2026-11-26-Fire.md",
            "filename=\"2026-11-26-Fire.md\"; filename*=UTF-8''2026-11-26-Fire.md",
        );
        check("火.md", "filename=\"_.md\"; filename*=UTF-8''%E7%81%AB.md");
        check(
            "报告 \"1\".pdf\r\n",
            "filename=\"____1_.pdf__\"; filename*=UTF-8''%E6%8A%A5%E5%91%8A%20%221%22.pdf%0D%0A",
        );
        check("cat.png", "filename=\"cat.png\"; filename*=UTF-8''cat.png");
        check("a\"\r\n;b", "filename=\"a____b\"; filename*=UTF-8''a%22%0D%0A%3Bb");
    }
}
