//! Words of the page about what was spent, and of the prices. Only the server renders them.

use chat::{
    prices::{self, PriceSource},
    usage::Range,
};

use super::Text;

/// Words of that page.
#[derive(Debug)]
#[expect(missing_docs, reason = "the fields are named after the English words")]
pub struct UsageWords {
    pub title: Text,
    pub range: Text,
    pub ranges: fn(Range) -> Text,
    pub purpose: Text,
    /// What a call was made for, by the ledger's word.
    pub purposes: fn(&str) -> Option<Text>,
    pub model: Text,
    pub all: Text,
    pub show: Text,
    pub download: Text,
    pub nothing: Text,
    pub money: Text,
    pub tokens: Text,
    pub tokens_in_and_out: fn(&str, &str) -> String,
    pub cached: fn(&str) -> String,
    pub calls: Text,
    pub failed: fn(u64) -> String,
    pub first_token: Text,
    pub first_token_about: Text,
    pub half_within: Text,
    pub most_within: Text,
    pub most_short: fn(&str) -> String,
    pub money_over_time: Text,
    pub tokens_over_time: Text,
    pub highest: fn(&str, &str) -> String,
    pub as_table: Text,
    pub time: Text,
    pub total: Text,
    pub others: Text,
    pub by_model: Text,
    pub by_provider: Text,
    pub by_person: Text,
    pub by_token: Text,
    pub by_purpose: Text,
    pub by_hand: Text,
    pub failures: Text,
    pub no_failures: Text,
    pub latest_failures: Text,
    pub what_happened: Text,
    pub estimated: fn(u64) -> String,
    pub unpriced: fn(u64) -> String,
    /// The month by its number from 1, and the day.
    pub day: fn(usize, &str) -> String,
    pub month: fn(usize) -> String,
    pub prices: Text,
    pub prices_about: fn(&str) -> String,
    pub prices_of: fn(usize) -> String,
    pub price: Text,
    pub per_million: fn(&str, &str, Option<&str>) -> String,
    pub free: Text,
    pub unknown: Text,
    pub source: Text,
    pub sources: fn(PriceSource) -> String,
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

fn month(number: usize) -> &'static str {
    MONTHS.get(number.wrapping_sub(1)).copied().unwrap_or_default()
}

fn counted(calls: u64) -> String {
    if calls == 1 { "1 call".to_owned() } else { format!("{calls} calls") }
}

pub(super) static ENGLISH: UsageWords = UsageWords {
    title: "Usage",
    range: "Range",
    ranges: |range| match range {
        Range::Today => "Today",
        Range::Week => "7 days",
        Range::Month => "30 days",
        Range::Year => "12 months",
    },
    purpose: "Purpose",
    purposes: |purpose| match purpose {
        "chat" => Some("Chat"),
        "title" => Some("Titles"),
        "relay" => Some("Relay"),
        "choice" => Some("Choice of a model"),
        _ => None,
    },
    model: "Model",
    all: "All",
    show: "Show",
    download: "Download as CSV",
    nothing: "No model was called in this time.",
    money: "Money",
    tokens: "Tokens",
    tokens_in_and_out: |read, written| format!("{read} in, {written} out"),
    cached: |count| format!("{count} of these cached"),
    calls: "Calls",
    failed: |count| format!("{count} failed"),
    first_token: "First token",
    first_token_about: "How long it took until an answer began. Half of all began within the first \
                        time, 95 of 100 within the second.",
    half_within: "Half within",
    most_within: "95 % within",
    most_short: |time| format!("95 % within {time}"),
    money_over_time: "Money over time",
    tokens_over_time: "Tokens over time",
    highest: |period, amount| format!("The highest is {amount}, {period}."),
    as_table: "As a table",
    time: "Time",
    total: "Total",
    others: "Others",
    by_model: "By model",
    by_provider: "By provider",
    by_person: "By person",
    by_token: "By token",
    by_purpose: "By purpose",
    by_hand: "On the page",
    failures: "Failures",
    no_failures: "No call failed in this time.",
    latest_failures: "The latest",
    what_happened: "What happened",
    estimated: |calls| {
        let calls = counted(calls);
        format!("≈ The tokens of {calls} are estimates, since their provider did not count them.")
    },
    unpriced: |calls| {
        let calls = counted(calls);
        format!("The cost of {calls} is not counted, since nobody says what their model costs.")
    },
    day: |number, day| format!("{day} {}", month(number)),
    month: |number| month(number).to_owned(),
    prices: "Prices",
    prices_about: |day| {
        format!(
            "What answers cost is computed from these, in US dollars for a million tokens. Yours in \
             inglenook.toml win over what a provider lists, and that over a table of {day}."
        )
    },
    prices_of: |count| match count {
        1 => "The price of 1 model".to_owned(),
        _ => format!("Prices of {count} models"),
    },
    price: "Price",
    per_million: |input, output, cached| match cached {
        Some(cached) => format!("{input} in ({cached} cached), {output} out"),
        None => format!("{input} in, {output} out"),
    },
    free: "free",
    unknown: "unknown",
    source: "From",
    sources: |source| match source {
        PriceSource::Configured => "inglenook.toml".to_owned(),
        PriceSource::Listed => "the provider's list".to_owned(),
        PriceSource::Table => format!("the table of {}", prices::as_of()),
        PriceSource::Local => "it runs on your own machines".to_owned(),
    },
};

pub(super) static CHINESE: UsageWords = UsageWords {
    title: "用量",
    range: "时间范围",
    ranges: |range| match range {
        Range::Today => "今天",
        Range::Week => "7 天",
        Range::Month => "30 天",
        Range::Year => "12 个月",
    },
    purpose: "用途",
    purposes: |purpose| match purpose {
        "chat" => Some("对话"),
        "title" => Some("标题"),
        "relay" => Some("中继"),
        "choice" => Some("选择模型"),
        _ => None,
    },
    model: "模型",
    all: "全部",
    show: "显示",
    download: "下载 CSV",
    nothing: "这段时间内没有调用任何模型。",
    money: "费用",
    tokens: "词元",
    tokens_in_and_out: |read, written| format!("输入 {read}，输出 {written}"),
    cached: |count| format!("其中缓存 {count}"),
    calls: "调用",
    failed: |count| format!("{count} 次失败"),
    first_token: "首个词元",
    first_token_about: "从提问到开始回答所需的时间。一半的回答在第一个时间内开始，95% 在第二个时间内开始。",
    half_within: "一半在此时间内",
    most_within: "95% 在此时间内",
    most_short: |time| format!("95% 在 {time} 内"),
    money_over_time: "费用变化",
    tokens_over_time: "词元变化",
    highest: |period, amount| format!("最高为 {amount}（{period}）。"),
    as_table: "以表格显示",
    time: "时间",
    total: "合计",
    others: "其他",
    by_model: "按模型",
    by_provider: "按服务商",
    by_person: "按用户",
    by_token: "按令牌",
    by_purpose: "按用途",
    by_hand: "网页",
    failures: "失败",
    no_failures: "这段时间内没有失败的调用。",
    latest_failures: "最近的失败",
    what_happened: "情况",
    estimated: |calls| format!("≈ {calls} 次调用的词元为估算值，因为服务商没有给出计数。"),
    unpriced: |calls| format!("{calls} 次调用未计费用，因为不知道其模型的价格。"),
    day: |number, day| format!("{number}月{}日", day.trim_start_matches('0')),
    month: |number| format!("{number}月"),
    prices: "价格",
    prices_about: |day| {
        format!(
            "回答的费用据此计算，单位为每百万词元的美元。inglenook.toml 中的价格优先于服务商列出的价格，\
             后者优先于 {day} 的价格表。"
        )
    },
    prices_of: |count| format!("{count} 个模型的价格"),
    price: "价格",
    per_million: |input, output, cached| match cached {
        Some(cached) => format!("输入 {input}（缓存 {cached}），输出 {output}"),
        None => format!("输入 {input}，输出 {output}"),
    },
    free: "免费",
    unknown: "未知",
    source: "来源",
    sources: |source| match source {
        PriceSource::Configured => "inglenook.toml".to_owned(),
        PriceSource::Listed => "服务商的列表".to_owned(),
        PriceSource::Table => format!("{} 的价格表", prices::as_of()),
        PriceSource::Local => "在你自己的机器上运行".to_owned(),
    },
};
