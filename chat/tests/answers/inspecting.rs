//! What was sent for an answer, as it follows from the conversation.

use chat::{InspectError, Place};

use super::*;

#[tokio::test]
async fn what_was_sent_is_told_exactly_until_something_changes() {
    let house = House::open().await;
    let first = house.ask(Script::new().delta("1").end()).await;
    house.hear(first.answer).await;
    house.scripted.push(Script::new().delta("2").end());
    let second = house.chat.ask(Ask::new(Place::End(first.conversation), "two")).await.unwrap();
    house.hear(second.answer).await;

    for (answer, request) in [(first.answer, 0), (second.answer, 1)] {
        let sent = house.chat.sent(answer).await.unwrap();
        assert_eq!(sent.is_exact, Some(true));
        assert_eq!(sent.body["messages"], house.completions()[request].body["messages"]);
        assert!(sent.address.unwrap().ends_with("/chat/completions"));
    }
    house.chat.delete_message(first.answer).await.unwrap();
    assert_eq!(house.chat.sent(second.answer).await.unwrap().is_exact, Some(false));
    let nowhere = house.chat.sent(MessageId(uuid::Uuid::nil())).await;
    assert!(matches!(nowhere, Err(InspectError::NotFound)), "{nowhere:?}");
}

#[tokio::test]
async fn what_was_sent_is_told_in_the_dialect_of_the_provider() {
    type Case = (fn(&mut Settings), &'static str, &'static [&'static str]);
    let cases: [Case; 3] = [
        (|_| {}, "/v1/chat/completions", &["authorization: Bearer ••••••"]),
        (
            |settings| settings.providers[0].dialect = Dialect::Anthropic,
            "/v1/messages",
            &["x-api-key: ••••••", "anthropic-version: 2023-06-01"],
        ),
        (
            |settings| settings.providers[0].dialect = Dialect::Responses { background: true },
            "/v1/responses",
            &["authorization: Bearer ••••••"],
        ),
    ];
    for (change, path, headers) in cases {
        let house = House::open_with(change).await;
        let asked = house.ask(Script::new().delta("1").end()).await;
        house.hear(asked.answer).await;
        let sent = house.chat.sent(asked.answer).await.unwrap();
        let request = &house.scripted.requests()[0];
        assert_eq!((sent.is_exact, &sent.body), (Some(true), &request.body));
        assert_eq!(request.path, path);
        assert!(sent.address.unwrap().ends_with(path));
        let shown: Vec<_> =
            sent.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        assert_eq!(shown, headers);
    }
}
