//! Scripts that are chosen by the first words of the last user message.
//!
//! | words | answer |
//! | --- | --- |
//! | `say hello` | a short greeting |
//! | `slow N words` | N words, one each 50 ms |
//! | `fast N words` | N words at once |
//! | `wait N` | nothing at all for N seconds, then a short answer |
//! | `never` | nothing at all, not even the head of the response |
//! | `stall` | a few words, then nothing more |
//! | `trickle` | a short answer byte by byte, 2 ms apart |
//! | `keep-alive` | comments every 100 ms for a second, then a short answer |
//! | `huge` | one event of 2 MB |
//! | `unicode` | emoji, Chinese, Arabic, combining characters, each byte by itself |
//! | `markdown` | headings, lists, a table, a quote, links, code |
//! | `code` | a Rust and a Python block, slowly |
//! | `long` | 100 paragraphs, one each 20 ms |
//! | `hostile` | raw HTML, scripts, remote images, `javascript:` links |
//! | `reasoning` | reasoning for two seconds, then a short answer |
//! | `think` | the same, inline in `<think>` tags, without pauses |
//! | `refusal` | a refusal |
//! | `length` | an answer that ends for lack of tokens |
//! | `no done` | an answer without `[DONE]` |
//! | `whole` | one JSON document, though a stream was asked for |
//! | `cut` | a few words, then the connection is cut within JSON |
//! | `end early` | a few words, then the stream ends as if all were well |
//! | `broken` | a few words, then an event that is not JSON |
//! | `error` | a few words, then an error |
//! | `401`, `402`, `403`, `404`, `429`, `quota`, `context`, `400`, `500`, `503` | that error |
//! | `html` | 502 with a page, as from a proxy |
//! | `redirect` | a redirect to another host |
//! | `script: JSON` | the [`Script`] itself, or just the list of its steps |
//!
//! Anything else is echoed. Words must stand alone: `404 means what?` is the scenario, `404s` not.

use serde_json::{Value, json};

use crate::{Script, Spelling, Step};

const ANSWER: &str = "The answer is **42**.";

/// The script for a message.
pub(crate) fn choose(message: &str) -> Script {
    let message = message.trim();
    if let Some(script) = message.strip_prefix("script:") {
        return parse(script);
    }
    let lower = message.to_lowercase();
    let starts = |words: &str| {
        let rest = lower.strip_prefix(words)?;
        (!rest.starts_with(|c: char| c.is_alphanumeric())).then_some(rest)
    };
    for (words, script) in PLAIN {
        if starts(words).is_some() {
            return script();
        }
    }
    for (words, script) in NUMBERED {
        if let Some(rest) = starts(words) {
            let number = rest.split_whitespace().next().and_then(|word| word.parse().ok());
            return script(number.unwrap_or(10));
        }
    }
    echo(message)
}

/// What a request gets that does not carry the key.
pub(crate) fn wrong_key() -> Script {
    refusal(401, "Incorrect API key provided.", "invalid_request_error", "invalid_api_key")
}

/// What a request gets for a response that nobody keeps.
pub(crate) fn no_such_response() -> Script {
    refusal(404, "Response not found.", "invalid_request_error", "not_found")
}

type Plain = (&'static str, fn() -> Script);
type Numbered = (&'static str, fn(u64) -> Script);

const NUMBERED: &[Numbered] = &[
    ("slow", |n| Script::new().words(&counted_words(n), 50).end()),
    ("fast", |n| Script::new().words(&counted_words(n), 0).end()),
    ("wait", |n| Script { head_after_ms: n * 1000, ..Script::new().words(ANSWER, 0).end() }),
];

const PLAIN: &[Plain] = &[
    ("say hello", || Script::new().words("Hello! How can I help?", 20).end()),
    ("never", Script::never),
    ("stall", || few_words().stall()),
    ("trickle", || each_byte(Script::new().words(ANSWER, 0).end())),
    ("keep-alive", || {
        let script =
            (0..10).fold(Script::new(), |script, _| script.comment("PROCESSING").pause(100));
        script.words(ANSWER, 0).end()
    }),
    ("huge", || Script::new().delta("0123456789abcde ".repeat(2 << 16)).end()),
    ("unicode", || each_byte(Script::new().delta("👩‍👩‍👧 漢字 العربية é e\u{301} 🏳️‍🌈").end())),
    ("markdown", || Script::new().words(include_str!("scenarios/markdown.md"), 5).end()),
    ("code", || Script::new().words(include_str!("scenarios/code.md"), 20).end()),
    ("long", || {
        (1..=100)
            .fold(Script::new(), |script, n| {
                let paragraph = format!("Paragraph {n}: {}\n\n", counted_words(40));
                script.delta(paragraph).pause(20)
            })
            .end()
    }),
    ("hostile", || Script::new().words(include_str!("scenarios/hostile.md"), 5).end()),
    ("reasoning", || {
        (1..=20)
            .fold(Script::new(), |script, n| {
                script.reasoning(format!("Thought {n}. "), Spelling::default()).pause(100)
            })
            .words(ANSWER, 20)
            .end()
    }),
    ("think", || {
        Script::new().words(&format!("<think>Hm, let me see.</think>\n\n{ANSWER}"), 0).end()
    }),
    ("refusal", || {
        let refusal = json!({"content": null, "refusal": "I can't help with that."});
        Script::new().step(Step::Chunk(refusal)).end()
    }),
    ("length", || Script::new().words("This ends too", 20).finish("length").usage(10, 3).done()),
    ("no done", || Script::new().words(ANSWER, 0).finish("stop")),
    ("whole", || Script::new().words(ANSWER, 0).end().unstreamed("scripted")),
    ("cut", || few_words().raw(r#"data: {"choices":[{"index":0,"delta":{"conte"#).cut()),
    ("end early", few_words),
    ("broken", || few_words().raw("data: {\"choices\": oops\n\n").end()),
    ("error", || few_words().error(json!({"message": "The model crashed.", "code": 502}))),
    ("400", || {
        refusal(400, "temperature must be at most 2", "invalid_request_error", "invalid_value")
    }),
    ("401", wrong_key),
    ("402", || refusal(402, "Payment required.", "billing_error", "payment_required")),
    ("403", || refusal(403, "This key may not use this model.", "permission_error", "forbidden")),
    ("404", || {
        refusal(404, "The model `x` does not exist.", "invalid_request_error", "model_not_found")
    }),
    ("429", || {
        refusal(429, "Rate limit reached.", "requests", "rate_limit_exceeded")
            .header("retry-after", "7")
    }),
    ("quota", || {
        let message = "You exceeded your current quota, please check your plan.";
        refusal(429, message, "insufficient_quota", "insufficient_quota")
    }),
    ("context", || {
        let message = "This model's maximum context length is 8192 tokens.";
        refusal(400, message, "invalid_request_error", "context_length_exceeded")
    }),
    ("500", || refusal(500, "The server had an error.", "server_error", "internal_error")),
    ("503", || {
        refusal(503, "The engine is overloaded.", "server_error", "overloaded")
            .header("retry-after", "3")
    }),
    ("html", || {
        let page = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>";
        Script { status: 502, ..Script::new() }.header("content-type", "text/html").raw(page)
    }),
    ("redirect", || {
        Script { status: 302, ..Script::new() }.header("location", "http://192.0.2.1/")
    }),
];

fn refusal(status: u16, message: &str, kind: &str, code: &str) -> Script {
    let error = json!({"message": message, "type": kind, "param": null, "code": code});
    Script::document(status, &json!({"error": error}))
}

fn few_words() -> Script {
    Script::new().words("This is only the beginning ", 20)
}

/// `1 2 3 …` in words that a test can count.
fn counted_words(n: u64) -> String {
    (1..=n).map(|n| format!("word{n} ")).collect()
}

/// The same bytes, each sent by itself.
fn each_byte(script: Script) -> Script {
    let bytes = script.steps.into_iter().filter_map(|step| step.written("scripted")).flatten();
    let steps = bytes.flat_map(|byte| [Step::Bytes(vec![byte]), Step::Pause(2)]).collect();
    Script { steps, ..Script::new() }
}

fn echo(message: &str) -> Script {
    let quoted: String = message.lines().map(|line| format!("> {line}\n")).collect();
    let words = message.split_whitespace().count();
    Script::new().words(&format!("You said:\n\n{quoted}\nThat makes **{words}** words."), 5).end()
}

fn parse(script: &str) -> Script {
    let parsed = serde_json::from_str::<Value>(script).and_then(|script| match script {
        Value::Array(_) => Ok(Script { steps: serde_json::from_value(script)?, ..Script::new() }),
        script => serde_json::from_value(script),
    });
    parsed.unwrap_or_else(|error| {
        refusal(400, &format!("the script is wrong: {error}"), "invalid_request_error", "script")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_choose_a_script() {
        let check =
            |message: &str, expected: Script| assert_eq!(choose(message), expected, "{message}");
        check("stall", few_words().stall());
        check("Stall, please.", few_words().stall());
        check("stalling", echo("stalling"));
        check("please stall", echo("please stall"));
        check("401", wrong_key());
        check("fast 2 words", Script::new().words("word1 word2 ", 0).end());
        check("script: [{\"delta\": \"a\"}, \"done\"]", Script::new().delta("a").done());
        check(
            r#"script: {"status": 503, "head_after_ms": 5, "steps": [{"raw": "x"}, "stall"]}"#,
            Script { status: 503, head_after_ms: 5, ..Script::new().raw("x").stall() },
        );
        assert_eq!(choose("script: nonsense").status, 400);
    }

    #[test]
    fn every_scenario_is_documented() {
        let documented = include_str!("scenarios.rs");
        for words in PLAIN.iter().map(|plain| plain.0).chain(NUMBERED.iter().map(|n| n.0)) {
            let found = documented.lines().filter(|line| line.starts_with("//! |")).any(|line| {
                line.contains(&format!("`{words}`")) || line.contains(&format!("`{words} N"))
            });
            assert!(found, "{words}");
        }
    }
}
