//! The model in a form with a file, as `/v1/audio` and `/v1/images` take them.
//!
//! Such a body goes on as it comes, and only its beginning is looked at. So the field `model` is
//! found if it stands before the file, or if the file is small.

/// The most that is looked at, in bytes.
pub(super) const LOOKED_AT: usize = 64 << 10;

/// Where the value of the field `model` stands in the beginning of a form, and what it is.
pub(super) fn model(beginning: &[u8]) -> Option<(usize, &str)> {
    const NAME: &[u8] = b"name=\"model\"";
    const BLANK_LINE: &[u8] = b"\r\n\r\n";
    let name = find(beginning, NAME)?;
    let value = name + find(&beginning[name..], BLANK_LINE)? + BLANK_LINE.len();
    let length = find(&beginning[value..], b"\r\n")?;
    let text = std::str::from_utf8(&beginning[value..value + length]).ok()?;
    (!text.is_empty() && text.len() <= 200).then_some((value, text))
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len()).position(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_found_before_the_file() {
        let file =
            "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\n\u{1}\r\n";
        let field = "--b\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n";
        let found = |form: &str| model(form.as_bytes()).map(|(at, name)| (at, name.to_owned()));
        let at = field.find("whisper").unwrap();
        assert_eq!(found(&format!("{field}{file}--b--")), Some((at, "whisper-1".to_owned())));
        assert_eq!(
            found(&format!("{file}{field}")),
            Some((file.len() + at, "whisper-1".to_owned()))
        );
        for none in ["", file, &field[..field.len() - 4], "name=\"model\"\r\n\r\n\r\n"] {
            assert_eq!(found(none), None, "{none}");
        }
    }
}
