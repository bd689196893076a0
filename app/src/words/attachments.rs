//! Words about files, and about what a question will take.

use protocol::{Bytes, FileProblem};

use super::Text;

/// Words about files, and about what a question will take.
#[derive(Debug)]
#[expect(missing_docs, reason = "the fields are named after the English words")]
pub struct AttachmentWords {
    pub add: Text,
    pub files: Text,
    pub drop_here: Text,
    pub remove: fn(&str) -> String,
    /// So many percent have arrived.
    pub uploading: fn(u8) -> String,
    pub upload_failed: Text,
    pub too_many: fn(usize) -> String,
    /// Why a file was not taken.
    pub problem: fn(&FileProblem) -> String,
    /// About so many tokens, written with separators.
    pub tokens: fn(&str) -> String,
    pub context_window: Text,
    /// So many percent of so many tokens.
    pub of_window: fn(u64, &str) -> String,
    /// So many of the oldest messages were not sent.
    pub left_out: fn(u64) -> String,
}

/// English.
pub(super) const ENGLISH: AttachmentWords = AttachmentWords {
    add: "Add files",
    files: "Files",
    drop_here: "Drop files here to add them",
    remove: |name| format!("Remove {name}"),
    uploading: |percent| format!("Uploading, {percent} %"),
    upload_failed: "This file did not reach the server. Remove it, check the connection and add it again.",
    too_many: |limit| match limit {
        1 => "Only one file can be sent with a question.".to_owned(),
        limit => format!("At most {limit} files can be sent with one question."),
    },
    problem: FileProblem::to_string,
    tokens: |count| format!("≈ {count} tokens"),
    context_window: "Context window",
    of_window: |percent, window| format!("{percent} % of {window} tokens"),
    left_out: |count| match count {
        1 => "The oldest message did not fit into the model's context window and was not sent."
            .to_owned(),
        count => format!(
            "The {count} oldest messages did not fit into the model's context window and were not sent."
        ),
    },
};

/// Simplified Chinese.
pub(super) const CHINESE: AttachmentWords = AttachmentWords {
    add: "添加文件",
    files: "文件",
    drop_here: "拖放到此处即可添加文件",
    remove: |name| format!("移除 {name}"),
    uploading: |percent| format!("正在上传，{percent}%"),
    upload_failed: "文件未能送达服务器。请将其移除，检查网络后重新添加。",
    too_many: |limit| format!("一个问题最多可附 {limit} 个文件。"),
    problem: |problem| match problem {
        FileProblem::Empty => "这个文件是空的。".to_owned(),
        FileProblem::TooLarge { limit } => {
            format!("文件太大：最多允许 {}。", Bytes(*limit))
        }
        FileProblem::NotAccepted => {
            "无法发送这种文件。可以发送 PNG、JPEG、WebP 和 GIF 图片，PDF，以及任何 UTF-8 文本，\
             例如代码、CSV、Markdown 或 JSON。"
                .to_owned()
        }
        FileProblem::BrokenImage => "无法读取这张图片，它可能已损坏。".to_owned(),
        FileProblem::BrokenPdf => "无法读取这个 PDF，它可能已损坏。".to_owned(),
        FileProblem::LockedPdf => "读取这个 PDF 需要密码。请另存为不带密码的文件。".to_owned(),
        FileProblem::PdfWithoutText => {
            "这个 PDF 里没有文字，扫描件就是如此。请改为添加各页的图片。".to_owned()
        }
        FileProblem::PdfTooLong => "这个 PDF 内容太多。请只添加需要的页面。".to_owned(),
        FileProblem::CutOff => "这个文件没有完整到达。请重新添加。".to_owned(),
        FileProblem::Storage => "服务器无法保存这个文件。".to_owned(),
    },
    tokens: |count| format!("约 {count} 个词元"),
    context_window: "上下文窗口",
    of_window: |percent, window| format!("{window} 个词元的 {percent}%"),
    left_out: |count| format!("最早的 {count} 条消息超出模型的上下文窗口，未被发送。"),
};
