//! The words that stand beside what was written: names of buttons and regions, and the titles of alerts.

/// The words of one language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are named after the English words")]
pub struct Labels {
    pub copy: &'static str,
    pub download: &'static str,
    pub show_all_lines: &'static str,
    pub wrap_lines: &'static str,
    pub table: &'static str,
    pub done: &'static str,
    pub to_do: &'static str,
    pub note: &'static str,
    pub tip: &'static str,
    pub important: &'static str,
    pub warning: &'static str,
    pub caution: &'static str,
}

impl Labels {
    /// In English.
    pub const ENGLISH: Self = Self {
        copy: "Copy",
        download: "Download",
        show_all_lines: "Show all lines",
        wrap_lines: "Wrap lines",
        table: "Table",
        done: "Done",
        to_do: "To do",
        note: "Note",
        tip: "Tip",
        important: "Important",
        warning: "Warning",
        caution: "Caution",
    };
}

impl Default for &Labels {
    fn default() -> Self {
        &Labels::ENGLISH
    }
}
