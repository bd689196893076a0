//! Requests to Anthropic.

use super::*;
use crate::upstream::Prompt;

fn said(role: Role, content: &str) -> Prompt {
    Prompt { role, content: content.into() }
}

fn request(model: &str, messages: Vec<Prompt>, parameters: Value) -> Request {
    let Value::Object(parameters) = parameters else { panic!("{parameters} is no object") };
    Request { model: model.to_owned(), messages, parameters }
}

#[track_caller]
fn check_messages(messages: Vec<Prompt>, plainly: bool, system: Value, expected: Value) {
    let sent = body(&request("claude-sonnet-5", messages, json!({})), plainly);
    assert_eq!((&sent["system"], &sent["messages"]), (&system, &expected));
    assert_eq!(sent["stream"], true);
}

#[test]
fn messages_and_instructions() {
    let (user, assistant, system) = (Role::User, Role::Assistant, Role::System);
    let hi = json!({"role": "user", "content": "hi"});
    let null = Value::Null;
    check_messages(vec![said(user, "hi")], false, null.clone(), json!([hi]));
    let messages = vec![said(system, "Be brief."), said(system, "And kind."), said(user, "hi")];
    check_messages(messages, false, "Be brief.\n\nAnd kind.".into(), json!([hi]));
    let messages = vec![
        said(assistant, "Hello!"),
        said(user, "hi"),
        said(assistant, " \n"),
        said(system, "Now louder."),
        said(user, "hi"),
    ];
    let louder = json!({"role": "user", "content": "Now louder."});
    check_messages(messages, false, null, json!([hi, louder, hi]));
}

#[test]
fn an_unfinished_answer_is_the_last_message_or_asked_for_in_words() {
    let messages = vec![said(Role::User, "hi"), said(Role::Assistant, "It is \n")];
    let hi = json!({"role": "user", "content": "hi"});
    let prefilled = json!([hi, {"role": "assistant", "content": "It is"}]);
    check_messages(messages.clone(), false, Value::Null, prefilled.clone());
    let unfinished = json!({"role": "assistant", "content": "It is \n"});
    let words = json!({"role": "user", "content": crate::upstream::request::CONTINUE});
    let in_words = json!([hi, unfinished, words]);
    check_messages(messages.clone(), true, Value::Null, in_words.clone());
    for (parameters, expected) in [
        (json!({"reasoning_effort": "low"}), &in_words),
        (json!({"thinking": {"type": "adaptive"}}), &in_words),
        (json!({"reasoning_effort": "none"}), &prefilled),
    ] {
        let sent = body(&request("claude-sonnet-5", messages.clone(), parameters), false);
        assert_eq!(sent["messages"], *expected);
    }
}

#[test]
fn pictures_stand_in_the_message() {
    let image = Part::Image { media_type: "image/png".to_owned(), bytes: vec![0xfb, 0xff, 1] };
    let parts = Content::Parts(vec![image, Part::Text("What is it?".to_owned())]);
    let source = json!({"type": "base64", "media_type": "image/png", "data": "+/8B"});
    let expected = json!([
        {"type": "image", "source": source},
        {"type": "text", "text": "What is it?"},
    ]);
    assert_eq!(parts.to_json(part), expected);
}

#[test]
fn parameters_in_the_words_of_the_api() {
    #[track_caller]
    fn check(model: &str, parameters: Value, expected: Value) {
        let mut sent = body(&request(model, vec![said(Role::User, "hi")], parameters), false);
        let fields = sent.as_object_mut().unwrap();
        for name in ["model", "messages", "stream"] {
            fields.remove(name).unwrap();
        }
        assert_eq!(sent, expected);
    }
    let new = "claude-opus-4-8";
    let old = "claude-sonnet-4-5-20250929";
    check(new, json!({}), json!({"max_tokens": 8_192}));
    for name in ["max_tokens", "max_completion_tokens"] {
        check(new, json!({name: 100}), json!({"max_tokens": 100}));
    }
    check(
        new,
        json!({"stop": ["END"], "seed": 7, "temperature": 0.5, "top_p": 0.9, "top_k": 40}),
        json!({
            "stop_sequences": ["END"], "temperature": 0.5, "top_p": 0.9, "top_k": 40,
            "max_tokens": 8_192,
        }),
    );
    check(new, json!({"temperature": 1.7}), json!({"temperature": 1.0, "max_tokens": 8_192}));
    let adaptive = json!({"type": "adaptive", "display": "summarized"});
    for (effort, sent, most) in [
        ("minimal", "low", 9_216),
        ("low", "low", 10_240),
        ("medium", "medium", 16_384),
        ("high", "high", 24_576),
        ("xhigh", "xhigh", 40_192),
    ] {
        check(
            new,
            json!({"reasoning_effort": effort, "temperature": 0.5, "top_k": 3}),
            json!({"thinking": adaptive, "output_config": {"effort": sent}, "max_tokens": most}),
        );
    }
    check(
        new,
        json!({"reasoning_effort": "none", "temperature": 0.5}),
        json!({"thinking": {"type": "disabled"}, "temperature": 0.5, "max_tokens": 8_192}),
    );
    let budget = |tokens: u64| json!({"type": "enabled", "budget_tokens": tokens});
    check(
        old,
        json!({"reasoning_effort": "medium"}),
        json!({"thinking": budget(8_192), "max_tokens": 16_384}),
    );
    check(
        old,
        json!({"reasoning_effort": "high", "max_tokens": 4_000}),
        json!({"thinking": budget(2_000), "max_tokens": 4_000}),
    );
    check(
        old,
        json!({"reasoning_effort": "high", "max_tokens": 2_000, "temperature": 0.1}),
        json!({"max_tokens": 2_000, "temperature": 0.1}),
    );
    check(
        new,
        json!({
            "reasoning_effort": "high", "thinking": {"type": "enabled", "budget_tokens": 9},
            "output_config": {"effort": "max"}, "service_tier": "auto",
        }),
        json!({
            "thinking": budget(9), "output_config": {"effort": "max"}, "service_tier": "auto",
            "max_tokens": 24_576,
        }),
    );
}
