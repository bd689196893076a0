//! What may be spent.

use chat::limits::Each;

use super::machine;

#[test]
fn a_model_may_be_named_with_its_provider() {
    let file = "[[allowances]]\nmodel = 'openai/gpt-5'\nmoney_per_day = 5\n\
                [[allowances]]\nprovider = 'openai'\nmodel = 'openai/gpt-5'\nmoney_per_day = 5\n\
                [[allowances]]\nmodel = 'qwen/qwen3'\nmoney_per_day = 5";
    let loaded = machine().variable("OPENAI_API_KEY", "sk").file(file).load().unwrap();
    let rules = loaded.config.allowances.iter();
    let named = rules.map(|rule| (rule.provider.as_deref(), rule.model.as_deref()));
    let of_openai = (Some("openai"), Some("gpt-5"));
    assert_eq!(named.collect::<Vec<_>>(), [of_openai, of_openai, (None, Some("qwen/qwen3"))]);
}

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
