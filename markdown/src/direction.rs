//! Whether a text has letters that run from right to left.

/// Whether any character of a text runs from right to left, or makes others do so. Only such a text needs a browser to
/// find out for each paragraph which way it runs, which makes laying out a long paragraph thirty times as slow.
pub fn has_right_to_left(text: &str) -> bool {
    text.chars().any(|c| {
        matches!(
            c,
            // Hebrew, Arabic, Syriac, Thaana, N'Ko and their like, then their forms for presentation.
            '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}'
            // The ancient scripts, Adlam and others beyond the first plane.
            | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}'
            // The marks: from right to left, embedding, override and isolate.
            | '\u{200f}' | '\u{202b}' | '\u{202e}' | '\u{2067}'
        )
    })
}

#[cfg(test)]
mod tests {
    use super::has_right_to_left;

    #[test]
    fn only_some_scripts_run_from_the_right() {
        for (text, expected) in [
            ("", false),
            ("Plain <b>text</b>, 漢字, naïve, Ελλάδα, ไทย, 👩‍👩‍👧", false),
            ("The word שלום in English", true),
            ("مرحبا", true),
            ("a\u{2067}b", true),
            ("𞤀", true),
        ] {
            assert_eq!(has_right_to_left(text), expected, "{text}");
        }
    }
}
