//! Requests to the Responses API.

use super::{super::Content, *};
use crate::upstream::Prompt;

fn said(role: Role, content: &str) -> Prompt {
    Prompt { role, content: content.into() }
}

fn request(messages: Vec<Prompt>, parameters: Value) -> Request {
    let Value::Object(parameters) = parameters else { panic!("{parameters} is no object") };
    Request { model: "gpt-5".to_owned(), messages, parameters }
}

#[test]
fn a_conversation_is_input() {
    let messages = vec![
        said(Role::System, "Be brief."),
        said(Role::User, "hi"),
        said(Role::System, "Now louder."),
        said(Role::Assistant, "It is "),
    ];
    let sent = body(&request(messages, json!({"model": "x", "stream": false})), false, false);
    let expected = json!({
        "model": "gpt-5",
        "instructions": "Be brief.",
        "input": [
            {"role": "user", "content": "hi"},
            {"role": "system", "content": "Now louder."},
            {"role": "assistant", "content": "It is "},
            {"role": "user", "content": crate::upstream::request::CONTINUE},
        ],
        "stream": true,
        "store": false,
    });
    assert_eq!(sent, expected);
}

#[test]
fn an_answer_in_the_background_is_kept() {
    let sent = body(&request(vec![said(Role::User, "hi")], json!({})), false, true);
    assert_eq!((&sent["background"], &sent["store"]), (&json!(true), &json!(true)));
}

#[test]
fn pictures_stand_in_the_message() {
    let image = Part::Image { media_type: "image/png".to_owned(), bytes: vec![0xfb, 0xff, 1] };
    let parts = Content::Parts(vec![image, Part::Text("What is it?".to_owned())]);
    let expected = json!([
        {"type": "input_image", "image_url": "data:image/png;base64,+/8B"},
        {"type": "input_text", "text": "What is it?"},
    ]);
    assert_eq!(parts.to_json(part), expected);
}

#[test]
fn parameters_in_the_words_of_the_api() {
    #[track_caller]
    fn check(parameters: Value, plainly: bool, expected: Value) {
        let mut sent = body(&request(vec![said(Role::User, "hi")], parameters), plainly, false);
        let fields = sent.as_object_mut().unwrap();
        for name in ["model", "input", "stream", "store"] {
            fields.remove(name).unwrap();
        }
        assert_eq!(sent, expected);
    }
    check(json!({}), false, json!({}));
    for name in ["max_tokens", "max_completion_tokens"] {
        check(json!({name: 100}), false, json!({"max_output_tokens": 100}));
    }
    check(
        json!({"temperature": 1.7, "top_p": 0.5, "seed": 7, "stop": ["END"], "user": "me"}),
        false,
        json!({"temperature": 1.7, "top_p": 0.5, "user": "me"}),
    );
    let effort = |effort: &str| json!({"reasoning_effort": effort});
    check(effort("low"), false, json!({"reasoning": {"effort": "low", "summary": "auto"}}));
    check(effort("low"), true, json!({"reasoning": {"effort": "low"}}));
    check(effort("none"), false, json!({"reasoning": {"effort": "none"}}));
    check(
        json!({"reasoning_effort": "low", "reasoning": {"effort": "max", "summary": "detailed"}}),
        false,
        json!({"reasoning": {"effort": "max", "summary": "detailed"}}),
    );
}
