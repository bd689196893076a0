//! On the server: the prompts and personas that every library begins with, in Chinese.
//!
//! The library holds them in English. Each is shown, and used, in the language of the page for as long
//! as it is as it was shipped; what a person has changed is theirs, and stays as they wrote it.

use chat::{Persona, Profile, PromptText, SavedPrompt};

use crate::Language;

/// A prompt of the library, as it is shown in a language.
pub fn prompt(language: Language, saved: SavedPrompt) -> SavedPrompt {
    let translated = match language {
        Language::English => None,
        Language::Chinese => chinese_prompt(&saved.prompt),
    };
    SavedPrompt { prompt: translated.unwrap_or(saved.prompt), ..saved }
}

/// A persona, as it is shown in a language.
pub fn persona(language: Language, persona: Persona) -> Persona {
    let translated = match language {
        Language::English => None,
        Language::Chinese => chinese_profile(&persona.profile),
    };
    Persona { profile: translated.unwrap_or(persona.profile), ..persona }
}

/// `None` if any of its words is not as it was shipped: half a prompt in another language would be
/// worse than none.
fn chinese_prompt(prompt: &PromptText) -> Option<PromptText> {
    Some(PromptText {
        title: chinese(&prompt.title)?,
        text: chinese(&prompt.text)?,
        description: chinese(&prompt.description)?,
        command: prompt.command.clone(),
    })
}

fn chinese_profile(profile: &Profile) -> Option<Profile> {
    Some(Profile {
        name: chinese(&profile.name)?,
        description: chinese(&profile.description)?,
        system_prompt: chinese(&profile.system_prompt)?,
        starters: profile.starters.iter().map(|starter| chinese(starter)).collect::<Option<_>>()?,
        ..profile.clone()
    })
}

fn chinese(english: &str) -> Option<String> {
    // A form gives back other ends of a text than it was given.
    let english = english.trim();
    let (_, chinese) = CHINESE.iter().find(|(shipped, _)| shipped.trim() == english)?;
    Some((*chinese).to_owned())
}

/// Every text that is shipped, with its translation.
const CHINESE: [(&str, &str); 52] = [
    // Personas: name, description, system prompt, starters.
    ("Editor", "文字编辑"),
    ("Makes a text clearer and keeps its voice", "让文字更清晰，保留原有的语气"),
    (
        "You are an editor. Improve the text you are given: clarity first, then rhythm, then brevity. Keep the author's voice, language and meaning. Show the improved text first, then list the changes that matter in at most five short points. If something is unclear, ask instead of guessing.",
        "你是一位编辑。请改进收到的文字：先求清晰，再求节奏，最后求简洁。保留作者的语气、语言和意思。先给出改好的文字，再用最多五个要点列出重要的改动。如有不明之处，请提问，不要猜测。",
    ),
    ("Improve this paragraph without making it longer:", "改进这段文字，但不要变长："),
    ("Make this email friendlier and half as long:", "把这封邮件改得更友好，并缩短一半："),
    ("Find the weakest sentence here and say why:", "找出其中最弱的一句，并说明原因："),
    ("Programmer", "程序员"),
    ("Writes and reviews code, plainly and carefully", "编写和审查代码，朴实而细致"),
    (
        "You are an experienced programmer. Give working code in the language and style that is asked for or shown. Say which assumptions you make. Prefer the standard library and simple constructions. Point out bugs, races, security holes and missing error handling when you see them. Keep explanations short and after the code.",
        "你是一位经验丰富的程序员。请按要求或示例的语言和风格给出可运行的代码，并说明你的假设。优先使用标准库和简单的写法。发现错误、竞态、安全漏洞或缺少的错误处理时，请指出。解释要简短，放在代码之后。",
    ),
    ("Review this code:", "审查这段代码："),
    ("Why does this error happen, and how do I fix it?", "为什么会出现这个错误，该如何修复？"),
    ("Write tests for this function:", "为这个函数编写测试："),
    ("Tutor", "导师"),
    ("Leads to understanding with questions and examples", "用提问和例子引导理解"),
    (
        "You are a patient tutor. First find out what the learner knows already with one short question. Then explain in small steps, each with an example, and check understanding before going on. Never give away the solution of an exercise at once: give a hint first. Praise precisely, not generally.",
        "你是一位耐心的导师。先用一个简短的问题了解学习者已经知道什么，然后分小步讲解，每一步都举例，确认理解后再继续。不要直接给出练习的答案：先给提示。表扬要具体，不要笼统。",
    ),
    ("Teach me the basics of probability", "教我概率的基础知识"),
    ("Help me understand recursion", "帮我理解递归"),
    ("Quiz me on the causes of the First World War", "考考我第一次世界大战的起因"),
    ("Translator", "译者"),
    ("Translates faithfully and naturally", "译得忠实而自然"),
    (
        "You are a translator. Translate what you are given into the language that is asked for; if none is named, translate English into Chinese and everything else into English. Keep the tone, the formatting and the names. Give the translation alone. Add a note only where a phrase cannot be carried over or has two readings.",
        "你是一位译者。请把收到的内容译成所要求的语言；如未指定，则把中文译成英文，其他语言译成中文。保留语气、格式和专有名称。只给出译文。仅当某个说法无法传达或有歧义时才加注。",
    ),
    ("Translate into German:", "译成英文："),
    ("How would a native speaker say this?", "母语者会怎么说这句话？"),
    ("Critic", "评论家"),
    ("Finds what is wrong with a plan before others do", "抢在别人之前找出计划的问题"),
    (
        "You are a fair but unsparing critic. Look for wrong assumptions, missing evidence, risks and simpler ways. Name the three most serious weaknesses first, each with what would convince you otherwise and with a remedy. Say honestly what is good. Do not soften and do not flatter.",
        "你是一位公正而不留情面的评论家。请寻找错误的假设、缺失的证据、风险和更简单的办法。先指出三个最严重的弱点，每个都说明什么能让你改变看法，以及如何补救。好的地方也要如实说。不要委婉，不要奉承。",
    ),
    ("What is wrong with this plan?", "这个计划有什么问题？"),
    ("Argue against this decision:", "反驳这个决定："),
    // Prompts: title, text, description.
    ("Explain something", "解释一个概念"),
    (
        "Explain {{topic}} to somebody who hears of it for the first time. Use an everyday example, then say where the example stops being right.",
        "请向第一次听说的人解释{{主题}}。先用一个日常的例子，再说明这个例子在哪里不再成立。",
    ),
    ("In plain words, with an example", "通俗易懂，并举例"),
    ("Summarise a text", "概括一段文字"),
    (
        "Summarise the text below in five points at most. Then say in one sentence what it leaves open.",
        "请用最多五个要点概括下面的文字，再用一句话说明它没有回答什么。\n\n",
    ),
    ("Five points, and what is left open", "五个要点，以及未解答之处"),
    ("Improve my writing", "改进我的文字"),
    (
        "Improve the text below. Keep its language, its meaning and its tone, and do not make it longer.",
        "请改进下面的文字。保留它的语言、意思和语气，不要变长。\n\n",
    ),
    ("Clearer, not longer", "更清晰，不更长"),
    ("Translate", "翻译"),
    (
        "Translate the text below into {{language}}. Give the translation alone.",
        "请把下面的文字译成{{语言}}，只给出译文。\n\n",
    ),
    ("Into any language", "译成任何语言"),
    ("Compare two things", "比较两样东西"),
    (
        "Compare {{one}} and {{other}} for {{purpose}}. Make a table of the differences that matter, then recommend one and say when the other would be better.",
        "为了{{用途}}，请比较{{一个}}和{{另一个}}。用表格列出重要的差别，然后推荐其一，并说明另一个在什么情况下更好。",
    ),
    ("A table and a recommendation", "一张表格和一个建议"),
    ("Review code", "审查代码"),
    (
        "Review the code below. Look for bugs first, then for security, then for clarity. Quote the lines you mean and show better ones.\n\n```\n\n```",
        "请审查下面的代码。先找错误，再看安全，最后看清晰度。引用你所指的行，并给出更好的写法。\n\n```\n\n```",
    ),
    ("Bugs first, then clarity", "先找错误，再看清晰度"),
    ("Plan step by step", "逐步制定计划"),
    (
        "Make a plan for {{goal}}. Ask me at most three questions first, if the answers would change the plan. Then list the steps, each with how long it takes and how I know that it is done.",
        "请为{{目标}}制定计划。如果答案会影响计划，请先问我最多三个问题。然后列出步骤，每一步写明需要多长时间，以及怎样算完成。",
    ),
    ("Steps with times and ends", "有时间、有终点的步骤"),
    ("Minutes of a meeting", "会议纪要"),
    (
        "Turn the notes below into minutes: decisions, tasks with who and until when, and open questions. Leave out what was only talk.",
        "请把下面的笔记整理成会议纪要：决定、任务（由谁负责、何时完成）和待解决的问题。略去闲谈。\n\n",
    ),
    ("Decisions, tasks, open questions", "决定、任务、待解决的问题"),
];
