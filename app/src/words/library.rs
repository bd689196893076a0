//! Words of prompts, personas and the choice of models in the conversation's page.

use super::Text;

/// Words of prompts, personas and the choice of models.
#[derive(Debug)]
#[expect(missing_docs, reason = "the fields are named after the English words")]
pub struct LibraryWords {
    pub personas: Text,
    pub all_personas: Text,
    pub without_persona: Text,
    pub prompts: Text,
    pub all_prompts: Text,
    pub find_prompt: Text,
    pub no_prompt_found: Text,
    pub fill_in: Text,
    pub use_prompt: Text,
    pub commands: Text,
    pub choose_model: Text,
    pub find_model: Text,
    pub no_model_found: Text,
    pub favourites: Text,
    pub favourite: Text,
    pub settings: Text,
    pub settings_changed: Text,
    pub loading: Text,
}

/// English.
pub(super) const ENGLISH: LibraryWords = LibraryWords {
    personas: "Personas",
    all_personas: "All personas",
    without_persona: "Without a persona",
    prompts: "Prompts",
    all_prompts: "All prompts",
    find_prompt: "Find a prompt",
    no_prompt_found: "No prompt has these words.",
    fill_in: "Fill in the prompt",
    use_prompt: "Use",
    commands: "Prompts by command",
    choose_model: "Choose a model",
    find_model: "Find a model",
    no_model_found: "No model has this name.",
    favourites: "Favourites",
    favourite: "Favourite",
    settings: "Settings of this conversation",
    settings_changed: "Settings of this conversation, changed",
    loading: "Loading…",
};

/// Simplified Chinese.
pub(super) const CHINESE: LibraryWords = LibraryWords {
    personas: "角色",
    all_personas: "全部角色",
    without_persona: "不使用角色",
    prompts: "提示词",
    all_prompts: "全部提示词",
    find_prompt: "查找提示词",
    no_prompt_found: "没有包含这些字词的提示词。",
    fill_in: "填写提示词",
    use_prompt: "使用",
    commands: "按命令选择提示词",
    choose_model: "选择模型",
    find_model: "查找模型",
    no_model_found: "没有这个名称的模型。",
    favourites: "收藏",
    favourite: "收藏",
    settings: "此对话的设置",
    settings_changed: "此对话的设置（已更改）",
    loading: "正在加载…",
};
