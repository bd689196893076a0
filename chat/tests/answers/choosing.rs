//! Questions to the virtual model `auto`.

use chat::{
    Caller,
    auto::{Auto, Classifier, Likeness, Rule, Subject},
};
use protocol::{AnswerStatus, Choice, ChosenBy, FailureKind};

use super::*;

pub(super) fn with_rules(settings: &mut Settings) {
    let rule = Rule {
        model: "scripted/large".to_owned(),
        has_images: None,
        min_tokens: None,
        language: None,
        looks_like: Some(Likeness::Code),
        pattern: None,
    };
    settings.auto =
        Some(Auto { rules: vec![rule], default: "scripted/small".to_owned(), classifier: None });
}

fn with_classifier(settings: &mut Settings) {
    with_rules(settings);
    let about = [("scripted/small", "small talk"), ("scripted/large", "hard questions")];
    let about = about.map(|(model, about)| (model.to_owned(), about.to_owned())).to_vec();
    let classifier = Classifier { model: "scripted/tiny".to_owned(), about };
    settings.auto.as_mut().unwrap().classifier = Some(classifier);
}

pub(super) fn by_default(settings: &mut Settings) {
    with_classifier(settings);
    settings.model = Some("auto".to_owned());
}

fn to_auto(text: &str) -> Ask<'_> {
    Ask { model: Some("auto"), ..question(text) }
}

fn choice(by: ChosenBy, because: &str) -> Option<Choice> {
    Some(Choice { by, because: because.to_owned() })
}

pub(super) const CODE: &str = "What is it?\n```\nx\n```";

impl House {
    async fn finished(&self, ask: Ask<'_>) -> (Asked, Answer) {
        let asked = self.chat.ask(ask).await.unwrap();
        let heard = self.hear(asked.answer).await;
        let (_, answer) = self.answer(asked.conversation).await;
        assert_eq!(*heard.end(), answer.end(), "readers are told what is stored");
        assert_eq!(answer.status, AnswerStatus::Finished, "{:?}", answer.failure);
        (asked, answer)
    }

    /// Who was asked, by the model's names.
    pub(super) fn models_asked(&self) -> Vec<String> {
        let asked = self.completions().into_iter();
        asked.map(|request| request.body["model"].as_str().unwrap().to_owned()).collect()
    }
}

#[tokio::test]
async fn rules_choose_for_each_question_and_say_why() {
    let house = House::open_with(with_rules).await;
    let (asked, answer) = house.finished(to_auto(CODE)).await;
    assert_eq!((answer.provider.as_str(), answer.model.as_str()), ("scripted", "large"));
    assert_eq!(answer.choice, choice(ChosenBy::Rule, "looks_like = \"code\""));
    assert_eq!(asked.model, "large");
    assert_eq!(house.ledger().await[0].model, "large");

    // The conversation stays with `auto`, and each question is looked at anew.
    let next = Ask::new(Place::End(asked.conversation), "And why?");
    let (_, answer) = house.finished(next).await;
    assert_eq!((answer.model.as_str(), answer.choice), ("small", choice(ChosenBy::Default, "")));
    let named = Ask { model: Some("scripted/large"), ..next };
    assert_eq!(house.finished(named).await.1.choice, None, "nobody chose");
}

#[tokio::test]
async fn retries_and_questions_that_waited_are_chosen_for_too() {
    let house = House::open_with(with_rules).await;
    let (asked, _) = house.finished(question(CODE)).await;
    let again = house.chat.retry(asked.answer, Some("auto")).await.unwrap();
    house.hear(again.answer).await;
    let (_, answer) = house.answer(asked.conversation).await;
    assert_eq!(answer.choice, choice(ChosenBy::Rule, "looks_like = \"code\""));

    house.chat.queue(asked.conversation, CODE, Some("auto"), &[]).await.unwrap();
    within(house.scripted.wait_ended(2)).await;
    let (last, _) = house.answer(asked.conversation).await;
    house.hear(last.id).await;
    assert_eq!(house.models_asked(), ["small", "large", "large"]);
}

#[tokio::test]
async fn the_classifier_is_asked_where_no_rule_fits_and_its_call_is_in_the_ledger() {
    let house = House::open_with(with_classifier).await;
    house.finished(to_auto(CODE)).await;
    assert_eq!(house.models_asked(), ["large"], "a rule fits, so nobody is asked");

    house.scripted.push(Script::new().delta("2").usage(50, 1).finish("stop").done());
    let asked = house.chat.ask(to_auto("Why is the sky blue?")).await.unwrap();
    assert_eq!(asked.model, "auto", "it is not decided yet");
    house.hear(asked.answer).await;
    let (_, answer) = house.answer(asked.conversation).await;
    assert_eq!(answer.model, "large");
    assert_eq!(answer.choice, choice(ChosenBy::Classifier, "scripted/tiny"));
    assert_eq!(house.models_asked(), ["large", "tiny", "large"]);
    let asked_for = house.completions()[1].body["messages"][0]["content"].to_string();
    assert!(asked_for.contains("2. hard questions") && asked_for.contains("sky blue"));

    let rows: Vec<_> = house.ledger().await;
    let rows: Vec<_> = rows
        .iter()
        .map(|row| (row.purpose.as_str(), row.model.as_str(), row.status.as_str()))
        .collect();
    assert_eq!(
        rows,
        [
            ("chat", "large", "finished"),
            ("choice", "tiny", "finished"),
            ("chat", "large", "finished"),
        ]
    );
    assert_eq!(house.ledger().await[1].usage.prompt_tokens, Some(50));
}

#[tokio::test]
async fn a_classifier_that_fails_leaves_the_choice_to_the_default() {
    let house = House::open_with(with_classifier).await;
    for script in [
        Script::new().delta("I would say the large one").end(),
        Script::new().delta("7").end(),
        Script::new().words(&"chatter ".repeat(100), 0).end(),
        Script::document(500, &serde_json::json!({"error": {"message": "No."}})),
        Script::new().cut(),
    ] {
        house.scripted.push(script);
        let (_, answer) = house.finished(to_auto("Why is the sky blue?")).await;
        assert_eq!(answer.model, "small");
        assert_eq!(answer.choice, choice(ChosenBy::Failure, "scripted/tiny"));
    }
    let rows = house.ledger().await;
    let choices: Vec<_> = rows.iter().filter(|row| row.purpose == "choice").collect();
    assert_eq!(choices.len(), 5, "calls in vain are counted too");
    assert!(rows.iter().all(|row| row.status != "open"), "{rows:?}");
}

#[tokio::test]
async fn an_answer_is_stopped_while_its_model_is_chosen() {
    let house = House::open_with(with_classifier).await;
    house.scripted.push(Script { head_after_ms: 300, ..Script::new().delta("2").end() });
    let asked = house.chat.ask(to_auto("Why is the sky blue?")).await.unwrap();
    house.scripted.wait_request(0).await;
    house.chat.stop(asked.answer).await.unwrap();
    let (_, answer) = house.answer(asked.conversation).await;
    assert_eq!((answer.status, answer.choice), (AnswerStatus::Stopped, None));
    let closed = async {
        while house.ledger().await.iter().any(|row| row.status == "open") {
            tokio::task::yield_now().await;
        }
    };
    within(closed).await;
    assert_eq!(house.models_asked(), ["tiny"], "nobody else was asked");

    // Going on, it is not waited for anybody.
    house.chat.continue_answer(asked.answer).await.unwrap();
    house.hear(asked.answer).await;
    let (_, answer) = house.answer(asked.conversation).await;
    assert_eq!((answer.model.as_str(), answer.choice), ("small", choice(ChosenBy::Default, "")));
}

#[tokio::test]
async fn what_does_not_fit_the_chosen_model_is_said_by_the_answer() {
    let house = House::open_with(|settings| {
        with_classifier(settings);
        settings.providers[0].facts.context_window.each.insert("large".to_owned(), 256);
    })
    .await;
    house.scripted.push(Script::new().delta("2").end());
    let long = "word ".repeat(190);
    let asked = house.chat.ask(to_auto(&long)).await.unwrap();
    let end = house.hear(asked.answer).await;
    // The question has fewer tokens than bytes, so it fits; the next one has a file beside it.
    assert_eq!(end.end().status, AnswerStatus::Finished);
    let text = "word ".repeat(2_000);
    let file = house.chat.add_file("long.txt", text.into()).await.unwrap();
    house.scripted.push(Script::new().delta("2").end());
    let ask = Ask { files: &[file.id], ..to_auto("Why?") };
    let asked = house.chat.ask(ask).await.unwrap();
    let heard = house.hear(asked.answer).await;
    let failure = heard.end().failure.clone().unwrap();
    assert_eq!(failure.kind, FailureKind::ContextTooLong, "{failure:?}");
}

#[tokio::test]
async fn it_may_be_the_default_and_may_be_gone_again() {
    let mut house = House::open_with(by_default).await;
    assert_eq!(house.chat.default_model().as_deref(), Some("auto"));
    assert_eq!(house.chat.model_names(), ["auto", "scripted/small", "scripted/large"]);
    let (asked, answer) = house.finished(question(CODE)).await;
    assert_eq!(answer.model, "large");
    let settings = house.conversation(asked.conversation).await.settings;
    assert_eq!(settings.model, None, "the default is not kept");
    let (kept, _) = house.finished(Ask { model: Some("auto"), ..question(CODE) }).await;

    house.change = |_| {};
    house.restart().await;
    assert_eq!(house.chat.default_model().as_deref(), Some("scripted/small"));
    for conversation in [asked.conversation, kept.conversation] {
        let next = Ask::new(Place::End(conversation), CODE);
        let (_, answer) = house.finished(next).await;
        assert_eq!((answer.model.as_str(), answer.choice), ("small", None));
    }
}

#[tokio::test]
async fn a_program_can_have_a_model_chosen() {
    let house = House::open_with(with_classifier).await;
    let subject = Subject { question: "Why?".to_owned(), ..Subject::default() };
    house.scripted.push(Script::new().delta("1").end());
    let chosen = house.chat.choose(&subject, Caller::OWNER, None).await.unwrap().unwrap();
    assert_eq!(chosen.model, "scripted/small");
    assert_eq!(Some(chosen.choice), choice(ChosenBy::Classifier, "scripted/tiny"));
    assert_eq!(house.ledger().await[0].purpose, "choice");
    let plain = House::open().await;
    assert_eq!(plain.chat.choose(&subject, Caller::OWNER, None).await.unwrap(), None);
}
