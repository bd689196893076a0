//! Which rule is for which question, and what a classifier's answer means.

use super::*;

/// A rule for a model, from what is set of it.
fn rule(model: &str, set: impl FnOnce(&mut Rule)) -> Rule {
    let mut rule = Rule {
        model: model.to_owned(),
        has_images: None,
        min_tokens: None,
        language: None,
        looks_like: None,
        pattern: None,
    };
    set(&mut rule);
    rule
}

fn asks(question: &str) -> Subject {
    Subject { question: question.to_owned(), has_images: false, tokens: 10 }
}

#[test]
fn the_first_rule_that_fits_counts() {
    let auto = Auto {
        rules: vec![
            rule("eye", |rule| rule.has_images = Some(true)),
            rule("large", |rule| rule.min_tokens = Some(20_000)),
            rule("zh-translator", |rule| {
                rule.language = Some(Language::Chinese);
                rule.looks_like = Some(Likeness::Translation);
            }),
            rule("translator", |rule| rule.looks_like = Some(Likeness::Translation)),
            rule("zh", |rule| rule.language = Some(Language::Chinese)),
            rule("coder", |rule| rule.looks_like = Some(Likeness::Code)),
            rule("short", |rule| {
                rule.pattern = Some(Pattern::new("(?i)^summari[sz]e\\b").unwrap());
                rule.has_images = Some(false);
            }),
        ],
        default: "default".to_owned(),
        classifier: None,
    };
    #[track_caller]
    fn check(auto: &Auto, subject: &Subject, model: &str, because: &str) {
        let chosen = auto.unasked(subject);
        assert_eq!((chosen.model.as_str(), chosen.choice.because.as_str()), (model, because));
        let by = if model == "default" { ChosenBy::Default } else { ChosenBy::Rule };
        assert_eq!(chosen.choice.by, by);
    }
    let pictures = Subject { has_images: true, ..asks("Summarize ```this```") };
    check(&auto, &pictures, "eye", "has_images = true");
    for (tokens, model, because) in
        [(19_999, "default", ""), (20_000, "large", "min_tokens = 20000")]
    {
        check(&auto, &Subject { tokens, ..asks("hi") }, model, because);
    }
    let both = "language = \"zh\", looks_like = \"translation\"";
    check(&auto, &asks("请翻译这句话"), "zh-translator", both);
    check(&auto, &asks("Translate this"), "translator", "looks_like = \"translation\"");
    check(&auto, &asks("天空为什么是蓝色的？"), "zh", "language = \"zh\"");
    check(&auto, &asks("```\nx\n```"), "coder", "looks_like = \"code\"");
    let pattern = "has_images = false, pattern = '(?i)^summari[sz]e\\b'";
    check(&auto, &asks("Summarise this"), "short", pattern);
    check(&auto, &asks("Why is the sky blue?"), "default", "");
    check(&auto, &asks(""), "default", "");
    let always = Auto { rules: vec![rule("always", |_| {})], ..auto };
    check(&always, &asks("anything"), "always", "");
}

#[test]
fn languages_are_known_by_their_letters() {
    let check = |text: &str, expected: Option<&str>| {
        assert_eq!(signs::language(text).map(Language::as_str), expected, "{text}");
    };
    check("Why is the sky blue?", None);
    check("天空为什么是蓝色的？", Some("zh"));
    check("请解释 mutex 和 semaphore 的区别", Some("zh"));
    check("What does 漢字 mean in Japanese writing?", None);
    check("空はなぜ青いのですか", Some("ja"));
    check("東京都の人口を教えて", Some("ja"));
    check("하늘은 왜 파란가요", Some("ko"));
    check("Почему небо голубое?", Some("ru"));
    check("لماذا السماء زرقاء؟", Some("ar"));
    check("למה השמיים כחולים", Some("he"));
    check("Γιατί ο ουρανός είναι μπλε;", Some("el"));
    check("आसमान नीला क्यों है", Some("hi"));
    check("ทำไมท้องฟ้าเป็นสีฟ้า", Some("th"));
    check("这个函数做什么？\n```rust\nfn main() { println!(\"hello, world\"); }\n```", Some("zh"));
    check("", None);
    check("123 !?", None);
    check(&"a".repeat(1 << 20), None);
}

#[test]
fn code_is_known_by_plain_signs() {
    let check = |text: &str, expected: bool| {
        assert_eq!(Likeness::Code.is_of(text), expected, "{text}");
    };
    check("What does this do?\n```\nx\n```", true);
    check("fn main() {\n    println!(\"hi\");\n}", true);
    check("def f(x):\n    return x + 1", true);
    check("import os\nfrom sys import argv", true);
    check("SELECT *\nFROM t;\nDROP TABLE t;", true);
    check("Traceback (most recent call last):\n  File \"a.py\"", true);
    check("Let me know; I am from Spain.", false);
    check("Dear all,\nfrom now on we meet on Mondays.\nLet us see.", false);
    check("How do I sort a list in Python?", false);
    check("1. first;\n2. second", false);
    check("", false);
}

#[test]
fn a_wish_for_a_translation_stands_at_the_beginning() {
    let check = |text: &str, expected: bool| {
        assert_eq!(Likeness::Translation.is_of(text), expected, "{text}");
    };
    check("Please translate this into French: hello", true);
    check("TRANSLATE", true);
    check("把下面的话翻译成英文", true);
    check("Übersetze das ins Deutsche", true);
    check("Переведи на английский", true);
    check("Why is the sky blue?", false);
    check(&format!("{} translate", "word ".repeat(40)), false);
}

#[test]
fn patterns_are_bounded() {
    assert!(Pattern::new("(").is_err());
    assert!(Pattern::new(r"(\w{100}){100}{100}").is_err(), "too large");
    let slow_elsewhere = Pattern::new("(a+)+$").unwrap();
    let rule = rule("m", |rule| rule.pattern = Some(slow_elsewhere));
    assert!(!rule.fits(&asks(&format!("{}b", "a".repeat(100_000)))));
}

#[test]
fn a_request_of_a_program_is_looked_at_in_the_same_way() {
    let said = |role, content: Content| Prompt { role, content };
    let image = Part::Image { media_type: "image/png".to_owned(), bytes: Vec::new() };
    let parts = Content::Parts(vec![image, Part::Text("What is it?".to_owned())]);
    let messages = [
        said(Role::System, "Be brief.".into()),
        said(Role::User, parts),
        said(Role::Assistant, "A cat.".into()),
        said(Role::User, "And this?".into()),
    ];
    let subject = Subject::of(&messages);
    assert_eq!((subject.question.as_str(), subject.has_images), ("And this?", true));
    assert!(subject.tokens > 10);
    assert_eq!(Subject::of(&[]), Subject::default());
}
