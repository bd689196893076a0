//! Simplified Chinese.

use protocol::{ChosenBy, Failure, FailureKind, LimitKind, LimitReached, money};

#[cfg(feature = "ssr")]
use super::library_pages;
use super::{
    ComposerWords, ListWords, MessageWords, PageWords, SignInWords, Words, attachments, library,
};
use crate::{estimate::with_separators, rpc::Problem};

/// Simplified Chinese.
pub static CHINESE: Words = Words {
    page: PageWords {
        skip: "跳到对话",
        conversations: "对话",
        new_chat: "新对话",
        answer_is_being_written: "正在回答。",
        answer_is_complete: "回答已完成。",
        theme_system: "主题：跟随系统",
        theme_light: "主题：浅色",
        theme_dark: "主题：深色",
        sign_out: "退出登录",
        settings: "设置",
        close: "关闭",
        cancel: "取消",
        save: "保存",
        undo: "撤销",
        back: "返回",
        temporary: "临时对话",
        end_temporary: "结束临时对话",
        prompts: "提示词",
        personas: "角色",
        import: "导入对话",
        usage: "用量",
        palette: "所有操作",
        palette_placeholder: "想做什么？",
        shortcuts: "键盘快捷键",
        write: "写消息",
        stop: "停止回答",
        copy_last: "复制最后的回答",
        next_theme: "切换主题",
        not_loaded: "无法加载。请检查网络连接后重试。",
        not_copied: "未能复制。请检查网络连接，并允许此页面使用剪贴板。",
    },
    list: ListWords {
        close: "关闭列表",
        today: "今天",
        yesterday: "昨天",
        last_7_days: "过去 7 天",
        last_30_days: "过去 30 天",
        older: "更早",
        search: "搜索",
        nothing_found: "没有包含所有这些词的内容。",
        pinned: "置顶",
        folders: "文件夹",
        archive_link: "归档",
        menu: "对话菜单",
        title: "标题",
        rename: "重命名",
        pin: "置顶",
        unpin: "取消置顶",
        archive: "归档",
        unarchive: "移出归档",
        folder: "文件夹",
        no_folder: "无文件夹",
        new_folder: "新建文件夹",
        move_: "移动",
        export: "导出",
        delete: "删除",
        deleted: "对话已删除",
        archived: "对话已归档",
        manage_folder: "修改文件夹",
        folder_name: "文件夹名称",
        remove_folder: "移除文件夹",
        archive_empty: "没有归档的对话。",
        more: "更多",
    },
    message: MessageWords {
        labels: markdown::Labels {
            copy: "复制",
            download: "下载",
            show_all_lines: "显示全部行",
            wrap_lines: "自动换行",
            table: "表格",
            done: "已完成",
            to_do: "待办",
            note: "注意",
            tip: "提示",
            important: "重要",
            warning: "警告",
            caution: "当心",
        },
        you: "你",
        answer: "回答",
        thinking: "思考中…",
        thinking_for: |time| format!("已思考 {time}…"),
        thought_for: |time| format!("思考了 {time}"),
        reasoning: "思考过程",
        waiting: "等待回答",
        offline: "你已离线。回答在服务器上继续，稍后会显示在这里。",
        reconnecting: "正在重新连接…",
        stop: "停止",
        show_as_it_comes: "边生成边显示",
        copied: "已复制",
        copy_answer: "复制回答",
        answer_again: "重新回答",
        continue_: "继续",
        retry: "重试",
        reached_limit: "已达到模型的长度上限。",
        filtered: "服务商的过滤器中止了这个回答。",
        stopped: "你停止了这个回答。",
        interrupted: "服务器在生成时停止了。已收到的内容都保留着。",
        seam: |seam| {
            let what = match seam.why {
                FailureKind::CutOff => "连接中断",
                FailureKind::TimedOut => "服务商停止响应",
                _ => "服务商中途出错",
            };
            match seam.after.as_str() {
                "" => format!("{what}，由 {} 接手。", seam.by),
                after => format!("在“…{after}”之后{what}，由 {} 接着写完。", seam.by),
            }
        },
        duration: |ms| match ms {
            0..1_000 => "不到一秒".to_owned(),
            1_000..60_000 => format!("{} 秒", ms / 1_000),
            _ => format!("{} 分 {} 秒", ms / 60_000, ms / 1_000 % 60),
        },
        to_latest: "跳到最新",
        show_with_buttons: "显示完整的对话页面",
        welcome: "想聊点什么？",
        add_a_key: "先添加一个密钥",
        add_a_key_how: "还没有设置可以回答的服务商。请在启动 Inglenook 的目录中新建 .env 文件，写入密钥，然后重新启动：",
        add_a_key_more: "任何兼容 OpenAI 的服务器都可以：用 OPENAI_BASE_URL 指定地址，或在 inglenook.toml \
                         中列出多个。运行 “inglenook check” 可以检查它们能否连通。",
        not_found: "这里没有对话",
        not_found_why: "它可能已被删除，或者网址不完整。",
        begin_new: "开始新对话",
        copy: "复制",
        copy_refused: "不允许复制",
        edit: "编辑",
        more: "更多",
        versions: "版本",
        version_before: "上一个版本",
        version_after: "下一个版本",
        copy_rich: "带格式复制",
        read_aloud: "朗读",
        stop_reading: "停止朗读",
        fork: "在新对话中继续",
        delete: "删除",
        delete_asks: "此操作无法撤销。删除问题会同时删除它的回答。",
        delete_really: "永久删除",
        inspect: "查看发送内容",
        answer_with: "换用其他模型回答",
        model: "模型",
        went_on: "中断后接手",
        chosen: "选择依据",
        choice: |choice| {
            let because = &choice.because;
            match choice.by {
                ChosenBy::Rule if because.is_empty() => "适用于所有问题的规则".to_owned(),
                ChosenBy::Rule => format!("规则 {because}"),
                ChosenBy::Classifier => format!("由 {because} 选择"),
                ChosenBy::Default => "默认：没有符合的规则".to_owned(),
                ChosenBy::Failure => format!("默认：{because} 未能作出选择"),
            }
        },
        first_token: "首个词元",
        speed: "每秒词元",
        tokens_in: "输入词元",
        tokens_cached: "其中缓存",
        tokens_out: "输出词元",
        tokens_reasoning: "其中思考",
        cost: "费用",
        free: "免费",
        older: "显示更早的消息",
        quote: "引用",
    },
    composer: ComposerWords {
        message: "消息",
        placeholder: "随便问点什么",
        send: "发送",
        stop: "停止",
        model: "模型",
        queue: "回答后发送",
        queued: "等待中的问题",
        send_now: "立即发送",
        take_back: "收回",
        editing: "你正在编辑之前的问题，它会作为新版本提出。",
    },
    attachment: attachments::CHINESE,
    library: library::CHINESE,
    #[cfg(feature = "ssr")]
    library_pages: library_pages::CHINESE,
    sign_in: SignInWords { title: "登录", password: "密码", submit: "登录" },
    #[cfg(feature = "ssr")]
    settings: super::SettingsWords {
        search: "搜索设置",
        nothing: "没有包含这些词的设置。",
        saved: "已保存。",
        appearance: "外观",
        theme: "主题",
        theme_effect: "浅色、深色，或跟随设备。",
        theme_system: "跟随设备",
        theme_light: "浅色",
        theme_dark: "深色",
        language: "语言",
        language_effect: "页面的语言。你和模型写的内容不受影响。",
        size: "文字大小",
        size_effect: "放大页面上的所有内容，叠加在浏览器缩放之上。",
        sizes: ["标准", "小", "大", "特大"],
        density: "密度",
        density_effect: "消息之间以及列表中的间距。",
        densities: ["舒适", "紧凑"],
        width: "宽度",
        width_effect: "消息的宽度。宽行适合表格和代码，窄行适合阅读。",
        widths: ["适合阅读", "宽", "整个窗口"],
        code: "代码配色",
        code_effect: "代码块的外观。",
        codes: ["跟随页面", "始终深色", "无配色"],
        data: "资料库与数据",
        prompts_effect: "可重复使用的文字，带有可填写的位置。",
        personas_effect: "由谁回答：一个名称下的指令、模型和参数。",
        archive_effect: "你收起来的对话。",
        usage_effect: "花费了多少、用于哪些模型，以及它们回答得有多快。",
        import_effect: "来自 ChatGPT、Open WebUI、LibreChat、NextChat 或另一个 Inglenook。",
        export_all: "导出全部",
        export_all_effect: "包含所有对话及其全部分支的 ZIP 文件。",
    },
    #[cfg(feature = "ssr")]
    transfer: &super::transfer::CHINESE,
    #[cfg(feature = "ssr")]
    inspect: &super::inspect::CHINESE,
    #[cfg(feature = "ssr")]
    keys: &super::keys::CHINESE,
    #[cfg(feature = "ssr")]
    usage: &super::usage::CHINESE,
    #[cfg(feature = "ssr")]
    tokens: &super::tokens::CHINESE,
    failure: |failure| (failure_words(failure), failure_remedy(failure)),
    problem: |problem| match problem {
        Problem::Empty => "还没有可发送的内容。".to_owned(),
        Problem::TooLong { limit } => {
            format!("消息太长：最多允许 {limit} 字节。请缩短后再发送。")
        }
        Problem::Busy { limit } => {
            format!("已有 {limit} 个回答正在生成。请等其中一个结束后再发送。")
        }
        Problem::QueueFull { limit } => {
            format!("已有 {limit} 个问题在等待。请先等其中一些得到回答。")
        }
        Problem::Limit { reached } => {
            let remedy = match reached.kind {
                LimitKind::TurnsPerConversation => "请开始新对话。",
                LimitKind::ConcurrentAnswers => "请等其中一个结束后再发送。",
                _ => "请届时再发送，或在 inglenook.toml 中提高限额。",
            };
            format!("已达到限额：{}。{remedy}", limit_words(reached))
        }
        Problem::Name { limit } => format!("名称需要 1 到 {limit} 个字符。"),
        Problem::TooManyFiles { limit } => {
            format!("一个问题最多可附 {limit} 个文件。请移除一些后再发送。")
        }
        Problem::NoSuchFile => "其中一个文件已不存在。请将其移除后重新添加。".to_owned(),
        Problem::CannotSee { model } => {
            format!("{model} 无法读取图片。请选择能读取图片的模型，或开始一个没有图片的对话。")
        }
        Problem::LargerThanWindow { tokens, window, model } => format!(
            "这大约需要 {} 个词元，而 {model} 最多能读取 {} 个。请缩短内容，或选择上下文窗口更大的模型。",
            with_separators(*tokens),
            with_separators(*window)
        ),
        Problem::NotFound => "这个对话已不存在。".to_owned(),
        Problem::StillOpen => "这个回答仍在生成中。".to_owned(),
        Problem::Settings => "此对话的设置无法使用。请打开设置并更正标出的内容。".to_owned(),
        Problem::Storage => "服务器无法保存。请在它的磁盘上腾出空间，然后重试。".to_owned(),
        Problem::SignedOut => "你已退出登录。你的文字已保留。".to_owned(),
        Problem::Connection { .. } => "无法连接服务器。你的文字已保留，请重试。".to_owned(),
    },
};

/// A limit and how much it allows.
pub(super) fn limit(kind: LimitKind, allowed: u64) -> String {
    match kind {
        LimitKind::RequestsPerMinute => format!("每分钟最多 {allowed} 次请求"),
        LimitKind::TokensPerDay => format!("每天最多 {allowed} 个词元"),
        LimitKind::TurnsPerConversation => format!("每个对话最多 {allowed} 个问题"),
        LimitKind::ConcurrentAnswers => format!("最多同时生成 {allowed} 个回答"),
        LimitKind::MoneyPerDay => format!("每天最多 {}", money::exact(allowed)),
        LimitKind::MoneyPerMonth => format!("每月最多 {}", money::exact(allowed)),
    }
}

fn limit_words(reached: &LimitReached) -> String {
    let what = limit(reached.kind, reached.allowed);
    let for_whom = match reached.holds_for.as_str() {
        "" => String::new(),
        names => format!("（{names}）"),
    };
    let resets = match &reached.resets_at {
        Some(time) => format!("，{time} 恢复"),
        None => String::new(),
    };
    format!("{what}{for_whom}{resets}")
}

fn failure_words(failure: &Failure) -> String {
    let provider = match failure.provider.as_str() {
        "" => "服务商",
        name => name,
    };
    match failure.kind {
        FailureKind::NoProvider => "还没有设置可以回答的服务商。".to_owned(),
        FailureKind::Unreachable => format!("无法连接 {provider}。"),
        FailureKind::Unauthorised => format!("{provider} 不接受这个密钥。"),
        FailureKind::Forbidden => format!("{provider} 不允许这个请求。"),
        FailureKind::RateLimited => format!("向 {provider} 的请求过于频繁。"),
        FailureKind::OutOfQuota => format!("{provider} 账户的余额已用完。"),
        FailureKind::ContextTooLong => "对话超过了这个模型能读取的长度。".to_owned(),
        FailureKind::ModelNotFound => format!("在 {provider} 找不到这个模型。"),
        FailureKind::Refused => format!("{provider} 拒绝了请求。"),
        FailureKind::UpstreamError => format!("{provider} 出现错误。"),
        FailureKind::TimedOut => format!("{provider} 在规定时间内没有继续返回内容。"),
        FailureKind::CutOff => format!("与 {provider} 的连接中断了。"),
        FailureKind::Malformed => format!("{provider} 返回了无法读取的内容。"),
        FailureKind::Storage => "回答无法保存，因此已停止。".to_owned(),
        FailureKind::FileMissing => "这个对话中的一个文件已无法读取。".to_owned(),
        FailureKind::LimitReached => match &failure.limit {
            Some(limit) => format!("回答因达到限额而结束：{}。", limit_words(limit)),
            None => "回答因达到限额而结束。".to_owned(),
        },
    }
}

fn failure_remedy(failure: &Failure) -> String {
    match failure.kind {
        FailureKind::NoProvider => {
            "请设置 OPENAI_API_KEY，或在 inglenook.toml 中添加服务商，然后重新启动。"
        }
        FailureKind::Unreachable => "请检查网络和该服务商的 base_url，然后重试。",
        FailureKind::Unauthorised => {
            "请更正 inglenook.toml 或 OPENAI_API_KEY 中的密钥并重新启动 Inglenook，或在设置页面重新启用该密钥，然后重试。"
        }
        FailureKind::Forbidden => {
            "请阅读下面服务商的说明：该密钥可能没有相应权限，或问题违反了服务商的规则。"
        }
        FailureKind::RateLimited => match failure.retry_after_s {
            Some(seconds) => return format!("请在 {}后重试。", duration(seconds)),
            None => "请稍等片刻再重试。",
        },
        FailureKind::OutOfQuota => match failure.retry_after_s {
            Some(seconds) => {
                return format!(
                    "请在服务商处充值，然后在设置页面重新启用该密钥；{}后它会自动恢复使用。",
                    duration(seconds)
                );
            }
            None => "请在服务商处充值，或换用另一个。",
        },
        FailureKind::ContextTooLong => "请开始新对话，或选择更大的模型。",
        FailureKind::ModelNotFound => "请选择其他模型，或在 inglenook.toml 中更正名称。",
        FailureKind::Refused => "请阅读下面服务商的说明，修改问题或设置，然后重试。",
        FailureKind::UpstreamError => "通常很快恢复：请重试。",
        FailureKind::TimedOut => "请重试，或为该服务商调大 idle_timeout_s。",
        FailureKind::CutOff => "已收到的内容都保留着：请继续或重试。",
        FailureKind::Malformed => "请检查 base_url 是否指向兼容 OpenAI 的接口，然后重试。",
        FailureKind::Storage => "请在数据目录所在的磁盘上腾出空间，然后重试。",
        FailureKind::FileMissing => {
            "请从备份中恢复数据目录里的 files 文件夹，或去掉该文件后重新提问。"
        }
        FailureKind::LimitReached => {
            "已收到的内容都保留着。请在限额恢复后继续，或在 inglenook.toml 中提高限额。"
        }
    }
    .to_owned()
}

/// A length of time in the unit that suits it, rounded up.
pub(super) fn duration(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} 秒"),
        120..7_200 => format!("{} 分钟", seconds.div_ceil(60)),
        _ => format!("{} 小时", seconds.div_ceil(3_600)),
    }
}
