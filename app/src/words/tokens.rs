//! Words of the page of tokens. Only the server renders it.

use chat::{Allowance, Scope};

use super::{Text, chinese};

/// Words of that page.
#[derive(Debug)]
#[expect(missing_docs, reason = "the fields are named after the English words")]
pub struct TokenWords {
    pub title: Text,
    /// What the page of settings says of it.
    pub effect: Text,
    pub about: Text,
    pub none: Text,
    pub made: Text,
    pub made_effect: Text,
    pub token: Text,
    pub try_it: Text,
    pub created: Text,
    pub last_used: Text,
    pub never_used: Text,
    pub expires: Text,
    pub expired: Text,
    pub revoked: Text,
    pub revoke: Text,
    pub revoke_for_good: Text,
    pub add: Text,
    pub name: Text,
    pub name_hint: Text,
    pub scopes: Text,
    /// What a scope is called, and what it lets a program do.
    pub scope: fn(Scope) -> (Text, Text),
    pub money_per_day: Text,
    pub tokens_per_day: Text,
    pub requests_per_minute: Text,
    /// What the fields with limits are for.
    pub limits_hint: Text,
    /// What a token may take; empty where nothing of its own is set.
    pub limits: fn(&Allowance) -> String,
    pub lasts: Text,
    pub days: fn(u32) -> String,
    pub for_ever: Text,
    pub make: Text,
}

pub(super) static ENGLISH: TokenWords = TokenWords {
    title: "API tokens",
    effect: "What programs show to ask models through this server.",
    about: "Programs show a token to ask models through this server, as they would ask OpenAI: set \
            its address with /v1 as the base URL, and the token as the API key.",
    none: "There are none yet.",
    made: "Your new token",
    made_effect: "Copy it now. Only a fingerprint of it is kept, so it is never shown again.",
    token: "Token",
    try_it: "Try it:",
    created: "Made",
    last_used: "Last used",
    never_used: "Never used",
    expires: "Expires",
    expired: "Expired",
    revoked: "Revoked",
    revoke: "Revoke",
    revoke_for_good: "Revoke for good",
    add: "Make a token",
    name: "Name",
    name_hint: "Which program it is for.",
    scopes: "What it may do",
    scope: |scope| match scope {
        Scope::Relay => {
            ("Ask models", "Everything below /v1, and the WebSocket /chat. It spends money.")
        }
        Scope::Read => {
            ("Read", "Exports, usage and metrics. It changes nothing and spends nothing.")
        }
    },
    money_per_day: "US dollars a day",
    tokens_per_day: "Tokens a day",
    requests_per_minute: "Requests a minute",
    limits_hint: "Left empty, only the limits that hold for all apply.",
    limits: Allowance::to_string,
    lasts: "How long it lasts",
    days: |days| format!("{days} days"),
    for_ever: "For ever",
    make: "Make the token",
};

pub(super) static CHINESE: TokenWords = TokenWords {
    title: "API 令牌",
    effect: "程序通过本服务器询问模型时出示的凭证。",
    about: "程序出示令牌，即可像询问 OpenAI 一样通过本服务器询问模型：把本服务器地址加 /v1 设为 base URL，\
            把令牌设为 API key。",
    none: "还没有令牌。",
    made: "你的新令牌",
    made_effect: "请现在复制。服务器只保留它的指纹，之后不会再显示。",
    token: "令牌",
    try_it: "试一试：",
    created: "创建于",
    last_used: "上次使用",
    never_used: "从未使用",
    expires: "到期",
    expired: "已于此时到期：",
    revoked: "已撤销：",
    revoke: "撤销",
    revoke_for_good: "永久撤销",
    add: "创建令牌",
    name: "名称",
    name_hint: "供哪个程序使用。",
    scopes: "允许的操作",
    scope: |scope| match scope {
        Scope::Relay => ("询问模型", "/v1 下的全部地址和 WebSocket /chat。会产生费用。"),
        Scope::Read => ("读取", "导出、用量和指标。不更改任何内容，不产生费用。"),
    },
    money_per_day: "每天的美元数",
    tokens_per_day: "每天的词元数",
    requests_per_minute: "每分钟的请求数",
    limits_hint: "留空则只受对所有程序生效的限额约束。",
    limits: |limits| {
        let amounts = limits.limits().map(|(kind, allowed)| chinese::limit(kind, allowed));
        amounts.collect::<Vec<_>>().join("，")
    },
    lasts: "有效期",
    days: |days| format!("{days} 天"),
    for_ever: "永久",
    make: "创建",
};
