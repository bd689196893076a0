//! Words of the page for import and export. Only the server renders it, so they are not in the WASM.

use transfer::Reason;

use super::Text;
use crate::import_page::ImportProblem;

/// Words of the page for import and export.
#[derive(Debug)]
#[expect(missing_docs, reason = "the fields are named after the English words")]
pub struct TransferWords {
    pub title: Text,
    pub import: Text,
    pub import_about: Text,
    /// What can be read: the program, and where its file comes from.
    pub programs: [(Text, Text); 5],
    pub colon: Text,
    pub file: Text,
    pub at_most: fn(&str) -> String,
    pub look: Text,
    pub export: Text,
    pub export_about: Text,
    pub as_markdown: Text,
    pub as_html: Text,
    pub as_json: Text,
    pub preview: Text,
    pub preview_about: Text,
    /// Of so many conversations: new ones, those that get messages, those that stay as they are.
    pub would_come: fn(usize, usize, usize) -> String,
    pub came: fn(usize, usize, usize) -> String,
    pub messages: fn(usize) -> String,
    pub files: fn(usize) -> String,
    pub files_left_out: Text,
    pub new: Text,
    pub already_there: Text,
    pub more: fn(usize) -> String,
    pub skipped: Text,
    pub nothing_new: Text,
    pub confirm: Text,
    pub done: Text,
    pub done_about: Text,
    pub import_more: Text,
    pub to_conversations: Text,
    pub reason: fn(&Reason) -> String,
    pub problem: fn(&ImportProblem) -> String,
}

/// A number with its noun in English.
fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// The same, where there are any.
fn said(number: usize, one: &str, many: &str) -> Option<String> {
    (number > 0).then(|| count(number, one, many))
}

/// What there is of these, or that there is none.
fn joined(said: [Option<String>; 3], between: &str, none: &str) -> String {
    let said: Vec<String> = said.into_iter().flatten().collect();
    if said.is_empty() { none.to_owned() } else { said.join(between) }
}

/// English.
pub static ENGLISH: TransferWords = TransferWords {
    title: "Import and export",
    import: "Import conversations",
    import_about: "Choose a file that another program exported. Before anything is stored, you see what is in it. Importing the same file again adds only what is new.",
    programs: [
        (
            "ChatGPT",
            "the ZIP of Settings → Data controls → Export data, or conversations.json from it",
        ),
        ("Open WebUI", "the file of Settings → Data controls → Export chats"),
        ("LibreChat", "a conversation, by Export conversation as JSON"),
        ("NextChat", "the backup of Settings → Local data → Export"),
        ("Inglenook", "JSON exported below, one file or the ZIP"),
    ],
    colon: ": ",
    file: "File",
    at_most: |size| format!("A ZIP or JSON file of at most {size}."),
    look: "See what is in it",
    export: "Export all conversations",
    export_about: "One ZIP with a file for each conversation. Markdown and web pages hold the branch that is shown; JSON holds everything and can be imported again.",
    as_markdown: "Markdown",
    as_html: "Web pages",
    as_json: "JSON",
    preview: "This is in the file",
    preview_about: "Nothing is stored yet.",
    would_come: |new, extended, there| {
        let new = said(new, "conversation is new", "conversations are new");
        let extended =
            said(extended, "conversation gets new messages", "conversations get new messages");
        let there = said(there, "conversation is here already", "conversations are here already");
        joined([new, extended, there], ", ", "No conversations")
    },
    came: |new, extended, there| {
        let new = said(new, "conversation was added", "conversations were added");
        let extended =
            said(extended, "conversation got new messages", "conversations got new messages");
        let there = said(there, "conversation was here already", "conversations were here already");
        joined([new, extended, there], ", ", "No conversations")
    },
    messages: |number| count(number, "new message", "new messages"),
    files: |number| count(number, "file", "files"),
    files_left_out: "Their contents are not in what was uploaded, or are not accepted here.",
    new: "new",
    already_there: "here already",
    more: |number| format!("… and {number} more"),
    skipped: "Left out or changed",
    nothing_new: "Everything in this file is here already.",
    confirm: "Import",
    done: "Imported",
    done_about: "The uploaded file was removed.",
    import_more: "Import another file",
    to_conversations: "To the conversations",
    reason: |reason| {
        let reason = reason.to_string();
        let mut letters = reason.chars();
        let first = letters.next().map(char::to_uppercase).into_iter().flatten();
        first.chain(letters).chain(['.']).collect()
    },
    problem: |problem| {
        match problem {
        ImportProblem::NoFile => "No file was sent. Choose one first.".to_owned(),
        ImportProblem::TooLarge { limit } => format!(
            "The file is too large: at most {} are allowed. Set limits.max_import_bytes in inglenook.toml to allow more.",
            size(*limit)
        ),
        ImportProblem::UnpacksTooLarge { limit } => {
            format!("The file unpacks to more than {}, which is not read.", size(*limit))
        }
        ImportProblem::TooManyFiles { limit } => {
            format!("The ZIP holds more than {limit} files, which is not read.")
        }
        ImportProblem::CutOff => "The file did not arrive whole. Try again.".to_owned(),
        ImportProblem::Damaged => {
            "The ZIP is damaged. Download it again from where it comes from.".to_owned()
        }
        ImportProblem::Unknown => {
            "No conversations of a known program were found in the file. What can be read is listed below.".to_owned()
        }
        ImportProblem::Gone => {
            "This file is no longer there: it was imported, or an hour has passed. Choose it again.".to_owned()
        }
    }
    },
};

/// Simplified Chinese.
pub static CHINESE: TransferWords = TransferWords {
    title: "导入与导出",
    import: "导入对话",
    import_about: "选择其他程序导出的文件。保存之前，你会先看到文件的内容。再次导入同一文件只会添加新内容。",
    programs: [
        ("ChatGPT", "“设置 → 数据管理 → 导出数据”得到的 ZIP，或其中的 conversations.json"),
        ("Open WebUI", "“设置 → 数据管理 → 导出对话”得到的文件"),
        ("LibreChat", "以 JSON 格式“导出对话”得到的文件"),
        ("NextChat", "“设置 → 本地数据 → 导出”得到的备份"),
        ("Inglenook", "在下方导出的 JSON，单个文件或 ZIP 均可"),
    ],
    colon: "：",
    file: "文件",
    at_most: |size| format!("ZIP 或 JSON 文件，最大 {size}。"),
    look: "查看内容",
    export: "导出全部对话",
    export_about: "一个 ZIP，每个对话一个文件。Markdown 和网页只含当前显示的分支；JSON 包含全部内容，可以重新导入。",
    as_markdown: "Markdown",
    as_html: "网页",
    as_json: "JSON",
    preview: "文件内容",
    preview_about: "尚未保存任何内容。",
    would_come: |new, extended, there| {
        let said = |number: usize, what: &str| (number > 0).then(|| format!("{what} {number} 个"));
        let said = [said(new, "新对话"), said(extended, "有新消息的"), said(there, "已存在的")];
        joined(said, "，", "没有对话")
    },
    came: |new, extended, there| {
        let said = |number: usize, what: &str| (number > 0).then(|| format!("{what} {number} 个"));
        let said =
            [said(new, "已添加"), said(extended, "增加了新消息的"), said(there, "原已存在的")];
        joined(said, "，", "没有对话")
    },
    messages: |number| format!("{number} 条新消息"),
    files: |number| format!("文件 {number} 个"),
    files_left_out: "其内容不在上传的文件中，或不被接受。",
    new: "新",
    already_there: "已存在",
    more: |number| format!("……还有 {number} 个"),
    skipped: "未导入或有改动",
    nothing_new: "文件中的内容都已存在。",
    confirm: "导入",
    done: "导入完成",
    done_about: "上传的文件已删除。",
    import_more: "导入其他文件",
    to_conversations: "返回对话",
    reason: |reason| match reason {
        Reason::Packed(detail) => format!("无法解压：{detail}"),
        Reason::NotJson(detail) => format!("不是可读取的 JSON：{detail}"),
        Reason::NotAConversation => "不是已知程序的对话。".to_owned(),
        Reason::WrongForm => "格式与已知的不符。".to_owned(),
        Reason::NoId => "没有 ID。".to_owned(),
        Reason::SameId => "文件中另一个对话有相同的 ID。".to_owned(),
        Reason::NoMessages => "没有消息。".to_owned(),
        Reason::NewerVersion => "由更新版本的 Inglenook 导出：请先更新本程序。".to_owned(),
        Reason::MissingParent => "部分消息所回复的消息不在文件中。".to_owned(),
        Reason::Circle => "部分消息互相回复，形成循环。".to_owned(),
        Reason::SameMessageId => "部分消息的 ID 与其他消息相同，未导入。".to_owned(),
    },
    problem: |problem| match problem {
        ImportProblem::NoFile => "没有收到文件。请先选择文件。".to_owned(),
        ImportProblem::TooLarge { limit } => format!(
            "文件太大：最大允许 {}。可在 inglenook.toml 中调整 limits.max_import_bytes。",
            size(*limit)
        ),
        ImportProblem::UnpacksTooLarge { limit } => {
            format!("文件解压后超过 {}，无法读取。", size(*limit))
        }
        ImportProblem::TooManyFiles { limit } => {
            format!("ZIP 中的文件超过 {limit} 个，无法读取。")
        }
        ImportProblem::CutOff => "文件没有完整送达。请重试。".to_owned(),
        ImportProblem::Damaged => "ZIP 已损坏。请重新下载。".to_owned(),
        ImportProblem::Unknown => "文件中没有找到已知程序的对话。可读取的格式见下方。".to_owned(),
        ImportProblem::Gone => {
            "这个文件已不存在：已被导入，或已超过一小时。请重新选择。".to_owned()
        }
    },
};

/// A number of bytes for a person.
pub fn size(bytes: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    match UNITS.into_iter().find(|(unit, _)| bytes >= *unit) {
        Some((unit, name)) if bytes.is_multiple_of(unit) => format!("{} {name}", bytes / unit),
        Some((unit, name)) => format!("{:.1} {name}", bytes as f64 / unit as f64),
        None => format!("{bytes} B"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_counts_are_said_as_a_person_would() {
        for (bytes, expected) in
            [(7, "7 B"), (512 << 20, "512 MiB"), (3 << 29, "1.5 GiB"), (1 << 10, "1 KiB")]
        {
            assert_eq!(size(bytes), expected);
        }
        let said = (ENGLISH.would_come)(1, 0, 2);
        assert_eq!(said, "1 conversation is new, 2 conversations are here already");
        assert_eq!((CHINESE.would_come)(1, 0, 2), "新对话 1 个，已存在的 2 个");
        assert_eq!((ENGLISH.came)(0, 0, 0), "No conversations");
        assert_eq!([1, 2].map(ENGLISH.files), ["1 file", "2 files"]);
        assert_eq!((CHINESE.files)(2), "文件 2 个");
        assert_eq!((ENGLISH.reason)(&Reason::NoId), "It has no id.");
    }
}
