//! What was spent, as a page and as CSV, and what a limit says.

use app::rpc::Problem;
use chat::Allowance;
use protocol::LimitKind;
use scripted_upstream::Script;

use super::{
    actors::{Actor, LocalUser, data, form, page, with},
    house::House,
};

/// An answer of a thousand tokens, and another that failed.
async fn spend(user: &LocalUser<'_>) {
    let counted = Script::new().delta("This.").finish("stop").usage(2_000, 1_000).done();
    user.have_answered("What is it?", counted).await;
    user.have_answered("And what is that?", Script::new().cut()).await;
}

#[tokio::test]
async fn what_was_spent_is_drawn_and_told() {
    let house = House::open().await;
    let user = house.local_user();
    let empty = user.visit("/usage").await;
    assert_eq!(empty.status, 200);
    assert!(empty.text.contains("No model was called in this time."), "{}", empty.text);

    spend(&user).await;
    let shown = user.visit("/usage?range=7d").await.text;
    for expected in [
        // 2,000 tokens at 0.25 and 1,000 at 2 dollars for a million.
        "<b>$0.0025</b>",
        "<b>3.0 k</b>",
        "2.0 k in, 1.0 k out",
        "1 failed",
        "role=\"img\"",
        "class=\"series-1\"",
        "small: $0.0025</title>",
        "As a table",
        "<span dir=\"auto\">scripted</span>",
        "The connection to scripted was cut.",
        "aria-current=\"page\">7 days</a>",
    ] {
        assert!(shown.contains(expected), "{expected}: {shown}");
    }
    assert!(!shown.contains(" style="), "the policy forbids styles in attributes");
    let chinese = user.send(with(page("/usage"), "accept-language", "zh-CN")).await.text;
    for expected in ["<h1>用量</h1>", "按模型", "与 scripted 的连接中断了。"] {
        assert!(chinese.contains(expected), "{expected}: {chinese}");
    }
}

#[tokio::test]
async fn what_is_looked_for_is_picked_and_harmless() {
    let house = House::open().await;
    let user = house.local_user();
    spend(&user).await;
    for query in ["range=today", "range=12m", "range=%22%3E", "purpose=chat", "model=small"] {
        let shown = user.visit(&format!("/usage?{query}")).await.text;
        assert!(shown.contains("<b>$0.0025</b>"), "{query}: {shown}");
    }
    let title = user.visit("/usage?purpose=title").await.text;
    assert!(title.contains("No model was called in this time."), "{title}");
    let hostile = user.visit("/usage?model=%22%3E%3Cscript%3Ealert(1)%3C/script%3E").await.text;
    assert!(!hostile.contains("<script>alert"), "{hostile}");
}

#[tokio::test]
async fn the_same_numbers_come_as_csv() {
    let house = House::open().await;
    let user = house.local_user();
    spend(&user).await;
    let csv = user.visit("/usage.csv?range=12m&model=small").await;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    let month = month_of(&csv.text);
    let expected = format!(
        "time,purpose,person,token,provider,model,status,calls,calls_estimated,input_tokens,\
         output_tokens,cached_tokens,reasoning_tokens,cost_usd\n\
         {month},chat,owner,,scripted,small,failed,1,0,0,0,0,0,0.00\n\
         {month},chat,owner,,scripted,small,finished,1,0,2000,1000,0,0,0.0025\n"
    );
    assert_eq!(csv.text, expected);
    let none = user.visit("/usage.csv?model=large").await.text;
    assert_eq!(none.lines().count(), 1, "{none}");
}

/// The month that the second line begins with, which is the one of the test.
fn month_of(csv: &str) -> &str {
    let line = csv.lines().nth(1).expect("there is a line of numbers");
    let month = &line[..7];
    assert!(month.starts_with("20") && month.as_bytes()[4] == b'-', "{month}");
    month
}

#[tokio::test]
async fn an_answer_says_what_it_cost() {
    let house = House::open().await;
    let user = house.local_user();
    let counted = Script::new().delta("This.").finish("stop").usage(2_000, 1_000).done();
    let asked = user.have_answered("What is it?", counted).await;
    let end = user.hear(asked.answer).await.end.unwrap();
    assert_eq!((end.cost, end.estimated), (Some(2_500_000_000), false));
    let uncounted = Script::new().delta("This.").finish("stop").done();
    let asked = user.have_answered("What is it?", uncounted).await;
    assert!(user.hear(asked.answer).await.end.unwrap().estimated);
}

#[tokio::test]
async fn prices_are_told_with_where_they_are_from() {
    let house = House::open().await;
    let shown = house.local_user().visit("/settings").await.text;
    for expected in
        ["scripted/small", "$0.25 in, $2.00 out", "inglenook.toml", chat::prices::as_of()]
    {
        assert!(shown.contains(expected), "{expected}: {shown}");
    }
}

#[tokio::test]
async fn a_limit_refuses_in_words_and_keeps_the_text() {
    let house =
        House::limited(Allowance { turns_per_conversation: Some(1), ..Allowance::default() }).await;
    let user = house.local_user();
    let asked = user.have_answered("What is it?", Script::new().delta("This.").end()).await;
    let id = asked.conversation.to_string();
    let fields = [("conversation", id.as_str()), ("text", "And what is that?")];
    let refused = user.send(data("/rpc/ask", &fields)).await;
    assert_eq!(refused.status, 429);
    let Problem::Limit { reached } = refused.json() else { panic!("{}", refused.text) };
    assert_eq!((reached.kind, reached.allowed), (LimitKind::TurnsPerConversation, 1));

    let shown = user.send(form("/rpc/ask", &fields)).await;
    assert_eq!(shown.status, 422);
    assert!(shown.text.contains("at most 1 question in a conversation"), "{}", shown.text);
    assert!(shown.text.contains("And what is that?"), "{}", shown.text);
}

#[tokio::test]
async fn an_answer_that_a_limit_ended_says_so() {
    let house =
        House::limited(Allowance { tokens_per_day: Some(30), ..Allowance::default() }).await;
    let user = house.local_user();
    let asked = user.ask("What is it?", Script::new().words(&"word ".repeat(200), 1).stall()).await;
    let heard = user.hear(asked.answer).await;
    assert!(heard.end.unwrap().failure.unwrap().limit.is_some());
    let shown = user.visit(&format!("/c/{}", asked.conversation)).await.text;
    assert!(shown.contains("at most 30 tokens a day; there is room again at"), "{shown}");
    let refused = user.send(data("/rpc/retry", &[("answer", &asked.answer.to_string())])).await;
    assert_eq!(refused.status, 429);
    let seconds: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=24 * 60 * 60).contains(&seconds), "{seconds}");
}
