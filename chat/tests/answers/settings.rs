//! What is sent beside the questions: the system prompt, the model and the parameters of the
//! conversation, over the defaults.

use chat::{ConversationSettings, Parameters, Profile};
use serde_json::{Value, json};

use super::*;

fn parameters(json: Value) -> Parameters {
    serde_json::from_value(json).unwrap()
}

fn settings(system_prompt: &str, model: &str, more: Value) -> ConversationSettings {
    ConversationSettings {
        persona: None,
        system_prompt: system_prompt.to_owned(),
        model: (!model.is_empty()).then(|| model.to_owned()),
        parameters: parameters(more),
    }
}

impl House {
    /// Asks, and gives the whole request without what all requests have.
    async fn sent(&self, ask: Ask<'_>) -> (Asked, Value) {
        self.scripted.push(Script::new().delta("This.").end());
        let asked = self.chat.ask(ask).await.unwrap();
        self.hear(asked.answer).await;
        (asked, self.last_sent())
    }

    fn last_sent(&self) -> Value {
        let mut body = self.completions().pop().unwrap().body;
        let fields = body.as_object_mut().unwrap();
        assert_eq!(fields.remove("stream"), Some(json!(true)));
        assert_eq!(fields.remove("stream_options"), Some(json!({"include_usage": true})));
        body
    }

    async fn stored_parameters(&self, asked: &Asked) -> Value {
        let (_, answer) = self.answer(asked.conversation).await;
        serde_json::from_str(&answer.parameters).unwrap()
    }
}

#[tokio::test]
async fn settings_and_defaults_are_sent_as_they_are_set() {
    let house = House::open().await;
    let question_alone = json!([{"role": "user", "content": "What is it?"}]);
    let with_system = json!([
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "What is it?"},
    ]);
    for (defaults, own, messages, model, fields) in [
        (json!({}), settings("", "", json!({})), &question_alone, "small", json!({})),
        (json!({}), settings(" Be brief.\n", "", json!({})), &with_system, "small", json!({})),
        (
            json!({"temperature": 0.2, "max_tokens": 100}),
            settings("", "scripted/large", json!({"temperature": 0.0, "seed": 7})),
            &question_alone,
            "large",
            json!({"temperature": 0.0, "max_tokens": 100, "seed": 7}),
        ),
        (
            json!({"more": {"top_k": 5}}),
            settings(
                "Be brief.",
                "",
                json!({
                    "top_p": 0.5, "stop": ["\n\n", "END"], "reasoning_effort": "low",
                    "more": {"logit_bias": {"50256": -100}, "user": null},
                }),
            ),
            &with_system,
            "small",
            json!({
                "top_p": 0.5, "stop": ["\n\n", "END"], "reasoning_effort": "low", "top_k": 5,
                "logit_bias": {"50256": -100}, "user": null,
            }),
        ),
    ] {
        house.chat.set_default_parameters(parameters(defaults)).await.unwrap();
        let ask = Ask { settings: Some(&own), ..question("What is it?") };
        let (asked, sent) = house.sent(ask).await;
        let mut expected = fields.clone();
        expected["model"] = json!(model);
        expected["messages"] = messages.clone();
        assert_eq!(sent, expected);
        assert_eq!(house.stored_parameters(&asked).await, fields);
    }
}

#[tokio::test]
async fn openai_is_told_the_most_tokens_by_their_newer_name() {
    let newer = |all: &mut Settings| {
        all.providers[0].max_tokens_field =
            Some(chat::upstream::MaxTokensField::MaxCompletionTokens);
    };
    let house = House::open_with(newer).await;
    let own = settings("", "", json!({"max_tokens": 9}));
    let (asked, sent) = house.sent(Ask { settings: Some(&own), ..question("What is it?") }).await;
    assert_eq!(sent["max_completion_tokens"], 9);
    assert_eq!(sent["max_tokens"], Value::Null);
    assert_eq!(house.stored_parameters(&asked).await, json!({"max_completion_tokens": 9}));
}

#[tokio::test]
async fn a_conversation_goes_on_as_it_is_set_now() {
    let house = House::open().await;
    let first = settings("Be brief.", "", json!({"temperature": 0.5}));
    let (asked, _) = house.sent(Ask { settings: Some(&first), ..question("What is it?") }).await;
    let id = asked.conversation;
    let now = settings("Be long.", "scripted/large", json!({"seed": 1}));
    house.chat.set_conversation_settings(id, &now).await.unwrap();

    // Settings given with a question count only where it begins a conversation.
    let ask = Ask { place: Place::End(id), settings: Some(&first), ..question("And then?") };
    let (asked, sent) = house.sent(ask).await;
    assert_eq!(sent["messages"][0], json!({"role": "system", "content": "Be long."}));
    assert_eq!((&sent["model"], &sent["seed"]), (&json!("large"), &json!(1)));
    assert_eq!(sent["temperature"], Value::Null);

    let last = settings("Be silent.", "scripted/large", json!({"seed": 2}));
    house.chat.set_conversation_settings(id, &last).await.unwrap();
    house.scripted.push(Script::new().delta("This ").cut());
    let again = house.chat.retry(asked.answer, None).await.unwrap();
    house.hear(again.answer).await;
    let retried = house.last_sent();
    assert_eq!(retried["messages"][0]["content"], "Be silent.");
    assert_eq!((&retried["model"], &retried["seed"]), (&json!("large"), &json!(2)));

    let more = settings("Go on.", "", json!({"seed": 3}));
    house.chat.set_conversation_settings(id, &more).await.unwrap();
    house.scripted.push(Script::new().delta("is it.").end());
    house.chat.continue_answer(again.answer).await.unwrap();
    house.hear(again.answer).await;
    let continued = house.last_sent();
    assert_eq!(continued["messages"][0]["content"], "Go on.");
    assert_eq!(continued["seed"], 3);
    assert_eq!(house.stored_parameters(&asked).await, json!({"seed": 3}));
}

#[tokio::test]
async fn titles_are_asked_for_without_any_of_it() {
    let house = House::open_with(|all| all.title_model = Some("scripted/large".to_owned())).await;
    house.chat.set_default_parameters(parameters(json!({"temperature": 2.0}))).await.unwrap();
    house.scripted.push(Script::new().delta("This.").end());
    house.scripted.push(Script::new().delta("A title").end());
    let own = settings("Be rude.", "", json!({"max_tokens": 1}));
    let ask = Ask { settings: Some(&own), ..question("What is it?") };
    let asked = house.chat.ask(ask).await.unwrap();
    house.hear(asked.answer).await;
    titles::wait_for_calls(&house, 2).await;
    let title = house.completions().pop().unwrap().body;
    assert_eq!(title["messages"].as_array().unwrap().len(), 1);
    assert_eq!(title["messages"][0]["role"], "user");
    assert_eq!((&title["temperature"], &title["max_tokens"]), (&Value::Null, &Value::Null));
}

#[tokio::test]
async fn the_model_that_is_picked_stays_with_the_conversation() {
    let house = House::open().await;
    let (asked, sent) = house.sent(question("What is it?")).await;
    let place = Place::End(asked.conversation);
    assert_eq!(sent["model"], "small");
    for (picked, asked_for, kept) in [
        // The default is not kept, since a form names it with every question.
        (Some("scripted/small"), "small", None),
        (Some("scripted/large"), "large", Some("scripted/large")),
        (None, "large", Some("scripted/large")),
        (Some(""), "large", Some("scripted/large")),
        (Some("scripted/small"), "small", Some("scripted/small")),
    ] {
        let ask = Ask { place, model: picked, ..question("And?") };
        let (asked, sent) = house.sent(ask).await;
        assert_eq!(sent["model"], asked_for, "{picked:?}");
        let settings = house.conversation(asked.conversation).await.settings;
        assert_eq!(settings.model.as_deref(), kept, "{picked:?}");
    }
    house.chat.set_conversation_model(asked.conversation, None).await.unwrap();
    house.chat.set_default_model(Some("scripted/large")).await.unwrap();
    let (_, sent) = house.sent(Ask { place, ..question("And?") }).await;
    assert_eq!(sent["model"], "large", "the default at the time");
    assert_eq!(house.chat.default_model().as_deref(), Some("scripted/large"));
}

#[tokio::test]
async fn a_persona_is_copied_when_it_is_picked() {
    let house = House::open().await;
    let profile = Profile {
        name: "Pirate".to_owned(),
        system_prompt: "Talk like a pirate.".to_owned(),
        model: Some("scripted/large".to_owned()),
        parameters: parameters(json!({"temperature": 1.5})),
        ..Profile::default()
    };
    let id = house.chat.add_persona(&profile).await.unwrap();
    let picked = ConversationSettings::from(&house.chat.persona(id).await.unwrap().unwrap());
    let ask = Ask { settings: Some(&picked), ..question("What is it?") };
    let (asked, sent) = house.sent(ask).await;
    let expected = json!({
        "model": "large", "temperature": 1.5,
        "messages": [
            {"role": "system", "content": "Talk like a pirate."},
            {"role": "user", "content": "What is it?"},
        ],
    });
    assert_eq!(sent, expected);

    let changed = Profile { system_prompt: "Talk like a parrot.".to_owned(), ..profile };
    house.chat.change_persona(id, &changed).await.unwrap();
    assert_eq!(house.conversation(asked.conversation).await.settings, picked);
    house.chat.remove_persona(id).await.unwrap();
    let kept = ConversationSettings { persona: None, ..picked };
    assert_eq!(house.conversation(asked.conversation).await.settings, kept);
}

#[tokio::test]
async fn wrong_settings_are_refused_and_leave_nothing() {
    let house = House::open().await;
    for (own, expected) in [
        (settings("", "", json!({"temperature": 3})), "temperature: expected 0 to 2"),
        (settings("", "", json!({"more": {"stream": false}})), "more: \"stream\" is set by"),
        (settings(&"x".repeat(50_001), "", json!({})), "system_prompt is too long"),
    ] {
        let ask = Ask { settings: Some(&own), ..question("What is it?") };
        let refused = house.chat.ask(ask).await.unwrap_err().to_string();
        assert!(refused.starts_with(expected), "{refused}");
    }
    assert_eq!(house.list().await, []);
    let nowhere = ConversationId(uuid::Uuid::nil());
    let own = settings("", "", json!({}));
    let refused = house.chat.set_conversation_settings(nowhere, &own).await.unwrap_err();
    assert_eq!(refused.to_string(), "it does not exist any more");
}

#[tokio::test]
async fn what_was_chosen_outlives_a_restart() {
    let mut house = House::open().await;
    house.chat.set_default_parameters(parameters(json!({"seed": 5}))).await.unwrap();
    house.chat.set_default_model(Some(" scripted/large ")).await.unwrap();
    house.chat.set_favourite("scripted/large", true).await.unwrap();
    house.chat.set_favourite("scripted/small", true).await.unwrap();
    house.chat.set_favourite("scripted/large", false).await.unwrap();
    let chosen = house.chat.preferences();
    house.restart().await;
    assert_eq!(house.chat.preferences(), chosen);
    assert_eq!(chosen.default_model.as_deref(), Some("scripted/large"));
    assert_eq!(chosen.favourite_models, ["scripted/small"]);
    let (_, sent) = house.sent(question("What is it?")).await;
    assert_eq!((&sent["model"], &sent["seed"]), (&json!("large"), &json!(5)));
}
