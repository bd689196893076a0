//! Words of the page that says what was sent. Only the server renders it.

use super::Text;

/// Words of that page.
#[derive(Debug)]
pub struct InspectWords {
    pub title: Text,
    pub exact: Text,
    pub changed: Text,
    pub never_sent: Text,
    pub no_provider: Text,
    pub request: Text,
    pub outcome: Text,
    pub again: Text,
    pub again_effect: Text,
    pub model: Text,
    pub send: Text,
    pub back: Text,
    pub more_bytes: fn(usize) -> String,
}

pub(super) static ENGLISH: InspectWords = InspectWords {
    title: "What was sent",
    exact: "This is exactly what was sent for this answer; only the key is left out.",
    changed: "Something has been changed since this was sent: messages, settings or the model's \
              window. This is what would be sent now.",
    never_sent: "This was never sent: the answer ended before its provider was asked.",
    no_provider: "(a provider that is configured no more)",
    request: "Request",
    outcome: "What came of it",
    again: "Send it again",
    again_effect: "The same question goes to a model of your choice. Its answer stands beside this one.",
    model: "Model",
    send: "Send again",
    back: "Back to the answer",
    more_bytes: |bytes| format!("… ({bytes} bytes in all)"),
};

pub(super) static CHINESE: InspectWords = InspectWords {
    title: "发送内容",
    exact: "这正是为此回答发送的内容，仅省略了密钥。",
    changed: "发送之后有内容被更改：消息、设置或模型的窗口。下面是现在会发送的内容。",
    never_sent: "这从未发送：回答在询问服务商之前就已结束。",
    no_provider: "（已不再配置的服务商）",
    request: "请求",
    outcome: "结果",
    again: "再次发送",
    again_effect: "同一问题会发送给你选择的模型，其回答会与此回答并列。",
    model: "模型",
    send: "再次发送",
    back: "返回回答",
    more_bytes: |bytes| format!("…（共 {bytes} 字节）"),
};
