//! Words of what the palette does with what is shown. They say more than the buttons that do the same,
//! which stand beside what they are for; and only the palette reads them, so they come with it.

use super::Text;
use crate::Language;

/// Words of what the palette does with what is shown.
#[derive(Debug)]
pub(crate) struct PaletteWords {
    pub rename: Text,
    pub pin: Text,
    pub unpin: Text,
    pub archive: Text,
    pub unarchive: Text,
    pub move_: Text,
    pub export_as: fn(&str) -> String,
    pub delete: Text,
    pub fork: Text,
    pub read_aloud: Text,
    pub tokens: Text,
}

static ENGLISH: PaletteWords = PaletteWords {
    rename: "Rename this conversation",
    pin: "Pin this conversation",
    unpin: "Unpin this conversation",
    archive: "Archive this conversation",
    unarchive: "Bring this conversation back from the archive",
    move_: "Move this conversation into a folder",
    export_as: |format| format!("Export this conversation as {format}"),
    delete: "Delete this conversation",
    fork: "Continue in a new conversation (fork)",
    read_aloud: "Read the last answer aloud",
    tokens: "API tokens",
};

static CHINESE: PaletteWords = PaletteWords {
    rename: "重命名此对话",
    pin: "置顶此对话",
    unpin: "取消置顶此对话",
    archive: "归档此对话",
    unarchive: "将此对话移出归档",
    move_: "将此对话移动到文件夹",
    export_as: |format| format!("将此对话导出为 {format}"),
    delete: "删除此对话",
    fork: "在新对话中继续（分叉）",
    read_aloud: "朗读最后一个回答",
    tokens: "API 令牌",
};

impl PaletteWords {
    /// The words in a language.
    pub(crate) const fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &ENGLISH,
            Language::Chinese => &CHINESE,
        }
    }
}
