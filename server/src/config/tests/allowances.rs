//! What may be spent.

use chat::limits::Each;

use super::machine;

#[test]
fn what_may_be_spent_is_read_exactly() {
    let file = "[[allowances]]\nmodel = 'gpt-5'\neach = 'person'\nmoney_per_day = 0.1\n\
                tokens_per_day = 1_000\n[[allowances]]\nmoney_per_month = 50";
    let loaded = machine().file(file).load().unwrap();
    let [first, second] = &loaded.config.allowances[..] else { panic!("there are two") };
    assert_eq!((first.model.as_deref(), first.each), (Some("gpt-5"), Each::Person));
    assert_eq!(first.allowance.money_per_day, Some(100_000_000_000));
    assert_eq!(first.allowance.tokens_per_day, Some(1_000));
    assert_eq!(second.allowance.money_per_month, Some(50_000_000_000_000));
    let shown: Vec<_> = loaded
        .origins
        .iter()
        .filter(|origin| origin.key == "allowances")
        .map(|o| &o.shown)
        .collect();
    let expected = ["$0.10 a day, 1000 tokens a day for gpt-5, each person", "$50.00 a month"];
    assert_eq!(shown, expected);
}
