//! Words of the part of the settings that shows the providers' keys. Only the server renders it.

use std::time::Duration;

use chat::upstream::KeyState;
use protocol::{FailureKind, in_words};

use super::{Text, chinese};

/// Words of that part.
#[derive(Debug)]
#[expect(missing_docs, reason = "the fields are named after the English words")]
pub struct KeyWords {
    pub title: Text,
    pub about: Text,
    /// A key by its last characters, or by its number.
    pub key: fn(&str) -> String,
    pub no_key: Text,
    pub state: fn(KeyState) -> String,
    /// How many requests it serves now.
    pub open: fn(u32) -> String,
    pub unreachable: fn(Duration) -> String,
    pub use_again: Text,
}

pub(super) static ENGLISH: KeyWords = KeyWords {
    title: "Providers and keys",
    about: "Each question goes to the least busy key that works, and to the next one where it is \
            refused. Of a key, only its end is shown.",
    key: |name| format!("Key {name}"),
    no_key: "Without a key",
    state: |state| match state {
        KeyState::Healthy => "Ready.".to_owned(),
        KeyState::BackingOff { remaining, why } => {
            format!("Rests for {}: {}.", in_words(remaining.as_secs()), why_in_english(why))
        }
        KeyState::Parked { remaining: Some(remaining), why } => {
            format!("Set aside for {}: {}.", in_words(remaining.as_secs()), why_in_english(why))
        }
        KeyState::Parked { remaining: None, why } => {
            format!("Set aside until you use it again: {}.", why_in_english(why))
        }
    },
    open: |count| match count {
        0 => "No request is open.".to_owned(),
        1 => "1 request is open.".to_owned(),
        _ => format!("{count} requests are open."),
    },
    unreachable: |remaining| {
        let time = in_words(remaining.as_secs());
        format!("It cannot be reached. For {time} its fallback is asked, if it has one.")
    },
    use_again: "Use again",
};

pub(super) static CHINESE: KeyWords = KeyWords {
    title: "服务商与密钥",
    about: "每个问题都交给可用且最空闲的密钥；如被拒绝，则换用下一个。密钥只显示末尾几个字符。",
    key: |name| format!("密钥 {name}"),
    no_key: "无密钥",
    state: |state| match state {
        KeyState::Healthy => "可用。".to_owned(),
        KeyState::BackingOff { remaining, why } => {
            format!("暂停 {}：{}。", chinese::duration(remaining.as_secs()), why_in_chinese(why))
        }
        KeyState::Parked { remaining: Some(remaining), why } => {
            format!("停用 {}：{}。", chinese::duration(remaining.as_secs()), why_in_chinese(why))
        }
        KeyState::Parked { remaining: None, why } => {
            format!("停用，直到你重新启用：{}。", why_in_chinese(why))
        }
    },
    open: |count| match count {
        0 => "没有进行中的请求。".to_owned(),
        _ => format!("{count} 个进行中的请求。"),
    },
    unreachable: |remaining| {
        let time = chinese::duration(remaining.as_secs());
        format!("无法连接。{time}内将改用其后备服务商（如已设置）。")
    },
    use_again: "重新启用",
};

fn why_in_english(why: FailureKind) -> Text {
    match why {
        FailureKind::Unauthorised => "the provider did not accept it",
        FailureKind::OutOfQuota => "its account has no credit left",
        FailureKind::RateLimited => "too many requests",
        _ => "the provider asks to wait",
    }
}

fn why_in_chinese(why: FailureKind) -> Text {
    match why {
        FailureKind::Unauthorised => "服务商不接受它",
        FailureKind::OutOfQuota => "账户余额已用完",
        FailureKind::RateLimited => "请求过于频繁",
        _ => "服务商要求等待",
    }
}
