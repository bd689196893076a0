//! Words of the pages for prompts, personas and parameters. Browsers get them as HTML only, so they
//! are not in the page's WASM.

use chat::{ImportError, ImportedPrompts, ParameterError, ParameterField, SaveError};

use super::Text;

/// Words of the pages for prompts, personas and parameters.
#[derive(Debug)]
#[expect(missing_docs, reason = "the fields are named after the English words")]
pub struct LibraryPageWords {
    pub prompts_about: Text,
    pub find: Text,
    pub add_prompt: Text,
    pub add_persona: Text,
    pub edit: Text,
    pub delete: Text,
    pub delete_for_good: Text,
    pub use_it: Text,
    pub nothing_found: Text,
    pub empty: Text,
    pub title: Text,
    pub title_hint: Text,
    pub command: Text,
    pub command_hint: Text,
    pub text: Text,
    pub text_hint: Text,
    pub description: Text,
    pub import: Text,
    pub import_about: Text,
    pub import_file: Text,
    pub import_text: Text,
    pub export: Text,
    pub personas_about: Text,
    pub name: Text,
    pub emoji: Text,
    pub emoji_hint: Text,
    pub system_prompt: Text,
    pub system_prompt_hint: Text,
    pub model: Text,
    pub default_model: Text,
    pub starters: Text,
    pub starters_hint: Text,
    pub parameters: Text,
    pub parameters_about: Text,
    pub conversation_settings: Text,
    pub persona: Text,
    pub no_persona: Text,
    pub changed: Text,
    pub reset: Text,
    pub saved: Text,
    pub not_set: Text,
    pub provider_decides: Text,
    /// What a parameter is called, and what it does.
    pub parameter: fn(ParameterField) -> (Text, Text),
    /// The default that holds where nothing is set.
    pub default_is: fn(&str) -> String,
    pub imported: fn(ImportedPrompts) -> String,
    pub import_error: fn(&ImportError) -> String,
    pub parameter_error: fn(&ParameterError) -> String,
    pub save_error: fn(&SaveError) -> String,
}

/// English.
pub(super) const ENGLISH: LibraryPageWords = LibraryPageWords {
    prompts_about: "Texts to ask with. In a conversation, type / and the command to get one. What \
                    stands between double braces, as in {{topic}}, is asked for first.",
    find: "Find",
    add_prompt: "Add a prompt",
    add_persona: "Add a persona",
    edit: "Edit",
    delete: "Delete",
    delete_for_good: "Delete for good",
    use_it: "Use",
    nothing_found: "Nothing has these words.",
    empty: "There are none yet.",
    title: "Title",
    title_hint: "Left empty, it is named by its beginning.",
    command: "Command",
    command_hint: "Letters, digits, - and _. Typed after a slash.",
    text: "Text",
    text_hint: "Write {{name}} where something is to be filled in.",
    description: "Description",
    import: "Import",
    import_about: "Reads JSON and CSV: from here, Open WebUI, NextChat or awesome-chatgpt-prompts.",
    import_file: "File",
    import_text: "Or its text",
    export: "Export as JSON",
    personas_about: "Ways for models to answer: instructions, a model and parameters. Choosing one \
                     copies it into the conversation, so changing it here changes no conversation.",
    name: "Name",
    emoji: "Picture",
    emoji_hint: "An emoji. Left empty, the first letter of the name stands there.",
    system_prompt: "System prompt",
    system_prompt_hint: "What the model is told before the conversation.",
    model: "Model",
    default_model: "The default model",
    starters: "Questions to begin with",
    starters_hint: "One on each line.",
    parameters: "Parameters",
    parameters_about: "For conversations that set none of their own. What is empty is not sent, and \
                       the provider decides.",
    conversation_settings: "Settings of this conversation",
    persona: "Persona",
    no_persona: "None",
    changed: "changed",
    reset: "Reset all",
    saved: "Saved.",
    not_set: "Not set",
    provider_decides: "Empty: the provider decides.",
    parameter: |field| match field {
        ParameterField::Temperature => {
            ("Temperature", "0 to 2. Higher is freer, lower is steadier.")
        }
        ParameterField::TopP => {
            ("Top P", "0 to 1. How much of the probability words are drawn from.")
        }
        ParameterField::MaxTokens => ("Most tokens", "Where an answer is cut."),
        ParameterField::Stop => {
            ("Stop sequences", "One on each line. \\n stands for a line break.")
        }
        ParameterField::Seed => {
            ("Seed", "A whole number. The same one repeats answers where providers can.")
        }
        ParameterField::ReasoningEffort => ("Reasoning effort", "How long reasoning models think."),
        ParameterField::More => ("More fields", "A JSON object that is added to each request."),
    },
    default_is: |value| format!("Empty: {value}, the default."),
    imported: |imported| {
        let ImportedPrompts { added, known, refused } = imported;
        let prompts = if added == 1 { "prompt" } else { "prompts" };
        let mut words = format!("{added} {prompts} added.");
        if known > 0 {
            words += &format!(" {known} stood here already.");
        }
        if refused > 0 {
            words += &format!(" {refused} had no text, or too much, and were left out.");
        }
        words
    },
    import_error: |error| match error {
        ImportError::NotJson { detail } => format!("This is not JSON: {detail}."),
        ImportError::NotCsv { detail } => format!("This is not CSV: {detail}."),
        ImportError::Nothing => "No prompts are in it. Expected are objects with a title and a \
                                 text, or a table with columns of these names."
            .to_owned(),
        ImportError::TooMany { limit } => format!("More than {limit} prompts are in it."),
    },
    parameter_error: |error| match error {
        ParameterError::NotANumber { found, .. } => {
            format!("“{found}” is not a number that fits here.")
        }
        ParameterError::OutOfRange { least, most, .. } => {
            format!("Only {least} to {most} is allowed.")
        }
        ParameterError::UnknownEffort { found } => {
            format!("“{found}” is no effort that providers know.")
        }
        ParameterError::EmptyStop => "A stop sequence is empty.".to_owned(),
        ParameterError::TooManyStops { most } => {
            format!("At most {most} stop sequences are allowed.")
        }
        ParameterError::NotJson { detail } => format!("This is not JSON: {detail}."),
        ParameterError::NotAnObject => {
            "Only a JSON object is allowed, such as {\"top_k\": 40}.".to_owned()
        }
        ParameterError::TooLong { limit } => format!("At most {limit} bytes are allowed."),
        ParameterError::Reserved { name } => {
            format!("“{name}” is set by Inglenook itself and cannot be changed here.")
        }
        ParameterError::HasItsOwnField { name } => {
            format!("“{name}” has a field of its own. Set it there.")
        }
    },
    save_error: |error| match error {
        SaveError::Missing { field } => format!("Something is missing: {}.", english_field(field)),
        SaveError::TooLong { field, limit } => {
            format!("Too long: {}. At most {limit} characters are allowed.", english_field(field))
        }
        SaveError::NotACommand { found } => {
            format!("“{found}” is no command. Only letters, digits, - and _ are allowed.")
        }
        SaveError::CommandTaken { command } => {
            format!("Another prompt has the command /{command}.")
        }
        SaveError::NotANumber { field, found } => {
            format!("“{found}” is no number above 0: {}.", english_field(field))
        }
        SaveError::Parameter(error) => (ENGLISH.parameter_error)(error),
        SaveError::NoRandomness => "The system gave no random bytes. Try again.".to_owned(),
        SaveError::NotFound => "It does not exist any more.".to_owned(),
        SaveError::Store(_) => {
            "The server could not store this. Make room on its disk, then try again.".to_owned()
        }
    },
};

fn english_field(field: &str) -> &str {
    match field {
        "name" => "the name",
        "money_per_day" => "the US dollars a day",
        "tokens_per_day" => "the tokens a day",
        "requests_per_minute" => "the requests a minute",
        "title" => "the title",
        "text" => "the text",
        "description" => "the description",
        "system_prompt" => "the system prompt",
        "starters" => "a question to begin with",
        "emoji" => "the picture",
        "command" => "the command",
        "model" => "the model",
        "scopes" => "what the token may do",
        other => other,
    }
}

/// Simplified Chinese.
pub(super) const CHINESE: LibraryPageWords = LibraryPageWords {
    prompts_about: "用来提问的文字。在对话中输入 / 和命令即可使用。双花括号中的内容，例如 {{topic}}，会先请你填写。",
    find: "查找",
    add_prompt: "添加提示词",
    add_persona: "添加角色",
    edit: "编辑",
    delete: "删除",
    delete_for_good: "彻底删除",
    use_it: "使用",
    nothing_found: "没有包含这些字词的内容。",
    empty: "这里还没有内容。",
    title: "标题",
    title_hint: "留空则以正文开头命名。",
    command: "命令",
    command_hint: "字母、数字、- 和 _。在斜杠之后输入。",
    text: "正文",
    text_hint: "需要填写的地方写成 {{名称}}。",
    description: "说明",
    import: "导入",
    import_about: "可读取 JSON 和 CSV：来自本程序、Open WebUI、NextChat 或 awesome-chatgpt-prompts。",
    import_file: "文件",
    import_text: "或粘贴其内容",
    export: "导出为 JSON",
    personas_about: "模型回答的方式：指令、模型和参数。选用时会复制到对话中，因此在这里更改不会影响已有的对话。",
    name: "名称",
    emoji: "图标",
    emoji_hint: "一个表情符号。留空则显示名称的第一个字。",
    system_prompt: "系统提示词",
    system_prompt_hint: "在对话之前告诉模型的内容。",
    model: "模型",
    default_model: "默认模型",
    starters: "开场问题",
    starters_hint: "每行一个。",
    parameters: "参数",
    parameters_about: "用于没有自行设置的对话。留空的不会发送，由服务商决定。",
    conversation_settings: "此对话的设置",
    persona: "角色",
    no_persona: "无",
    changed: "已更改",
    reset: "全部重置",
    saved: "已保存。",
    not_set: "未设置",
    provider_decides: "留空：由服务商决定。",
    parameter: |field| match field {
        ParameterField::Temperature => ("温度", "0 到 2。越高越自由，越低越稳定。"),
        ParameterField::TopP => ("Top P", "0 到 1。从多大的概率范围中取词。"),
        ParameterField::MaxTokens => ("最大词元数", "回答到此截断。"),
        ParameterField::Stop => ("停止序列", "每行一个。\\n 表示换行。"),
        ParameterField::Seed => ("随机种子", "整数。在支持的服务商处，相同的种子可重现回答。"),
        ParameterField::ReasoningEffort => ("推理强度", "推理模型思考多久。"),
        ParameterField::More => ("其他字段", "一个 JSON 对象，会加入每个请求。"),
    },
    default_is: |value| format!("留空：使用默认值 {value}。"),
    imported: |imported| {
        let ImportedPrompts { added, known, refused } = imported;
        let mut words = format!("已添加 {added} 个提示词。");
        if known > 0 {
            words += &format!("{known} 个已经存在。");
        }
        if refused > 0 {
            words += &format!("{refused} 个没有正文或过长，已略过。");
        }
        words
    },
    import_error: |error| match error {
        ImportError::NotJson { detail } => format!("这不是 JSON：{detail}。"),
        ImportError::NotCsv { detail } => format!("这不是 CSV：{detail}。"),
        ImportError::Nothing => {
            "其中没有提示词。需要带有标题和正文的对象，或含有这些列的表格。".to_owned()
        }
        ImportError::TooMany { limit } => format!("其中的提示词超过 {limit} 个。"),
    },
    parameter_error: |error| match error {
        ParameterError::NotANumber { found, .. } => format!("“{found}”不是这里可用的数字。"),
        ParameterError::OutOfRange { least, most, .. } => format!("只允许 {least} 到 {most}。"),
        ParameterError::UnknownEffort { found } => format!("服务商不认识推理强度“{found}”。"),
        ParameterError::EmptyStop => "有一个停止序列是空的。".to_owned(),
        ParameterError::TooManyStops { most } => format!("最多允许 {most} 个停止序列。"),
        ParameterError::NotJson { detail } => format!("这不是 JSON：{detail}。"),
        ParameterError::NotAnObject => "只允许 JSON 对象，例如 {\"top_k\": 40}。".to_owned(),
        ParameterError::TooLong { limit } => format!("最多允许 {limit} 字节。"),
        ParameterError::Reserved { name } => {
            format!("“{name}”由 Inglenook 自行设置，不能在此更改。")
        }
        ParameterError::HasItsOwnField { name } => format!("“{name}”有单独的字段，请在那里设置。"),
    },
    save_error: |error| match error {
        SaveError::Missing { field } => format!("缺少{}。", chinese_field(field)),
        SaveError::TooLong { field, limit } => {
            format!("{}过长，最多 {limit} 个字符。", chinese_field(field))
        }
        SaveError::NotACommand { found } => {
            format!("“{found}”不是命令，只允许字母、数字、- 和 _。")
        }
        SaveError::CommandTaken { command } => format!("命令 /{command} 已被另一个提示词使用。"),
        SaveError::NotANumber { field, found } => {
            format!("“{found}”不是大于 0 的数字：{}。", chinese_field(field))
        }
        SaveError::Parameter(error) => (CHINESE.parameter_error)(error),
        SaveError::NoRandomness => "系统没有给出随机数，请重试。".to_owned(),
        SaveError::NotFound => "它已不存在。".to_owned(),
        SaveError::Store(_) => "服务器无法保存。请在磁盘上腾出空间后重试。".to_owned(),
    },
};

fn chinese_field(field: &str) -> &str {
    match field {
        "name" => "名称",
        "money_per_day" => "每天的美元数",
        "tokens_per_day" => "每天的词元数",
        "requests_per_minute" => "每分钟的请求数",
        "title" => "标题",
        "text" => "正文",
        "description" => "说明",
        "system_prompt" => "系统提示词",
        "starters" => "开场问题",
        "emoji" => "图标",
        "command" => "命令",
        "model" => "模型",
        "scopes" => "令牌允许的操作",
        other => other,
    }
}
