//! How models are named, what is said of them, and how one is chosen.

use chat::upstream::ModelFacts;
use protocol::Price;

use super::machine;

#[test]
fn models_are_found_by_name_or_with_their_provider() {
    let file = "[[providers]]\nname = 'one'\nbase_url = 'http://one/v1'\nmodels = ['a', 'b/c']\n\
                [[providers]]\nname = 'two'\nbase_url = 'http://two/v1'";
    for (text, expected) in [
        ("a", "one/a"),
        ("one/a", "one/a"),
        ("b/c", "one/b/c"),
        ("one/b/c", "one/b/c"),
        ("two/anything/at:all", "two/anything/at:all"),
        ("meta/llama", "two/meta/llama"),
    ] {
        let config = machine().file(file).variable("INGLENOOK_MODEL", text).config();
        assert_eq!(config.model.unwrap().to_string(), expected);
        let config = machine().file(file).variable("INGLENOOK_TITLE_MODEL", text).config();
        assert_eq!(config.title_model.unwrap().to_string(), expected);
    }
    let mistaken = machine().file(file).variable("INGLENOOK_MODEL", "one/bc");
    insta::assert_snapshot!(mistaken.mistakes(), @r#"INGLENOOK_MODEL: expected one of one/a, one/b/c, two/…, found "one/bc"; did you mean "one/b/c"?"#);
}

#[test]
fn what_is_said_of_models_is_for_all_of_them_or_for_each() {
    let facts = |file: &'static str| machine().file(file).config().providers.remove(0).facts;
    let of = |lines: &str| {
        let file = format!("[[providers]]\nname = 'a'\nbase_url = 'http://a/v1'\n{lines}");
        facts(Box::leak(file.into_boxed_str()))
    };
    assert_eq!(of(""), ModelFacts::default());
    let said = of("vision = true\ncontext_window = 8192");
    assert_eq!((said.sees.all, said.context_window.all), (Some(true), Some(8_192)));
    let said = of("vision = ['eye']\ncontext_window = { 'gpt-4.1' = 1_000_000 }");
    assert_eq!((said.sees.all, said.sees.each.get("eye")), (Some(false), Some(&true)));
    assert_eq!(said.context_window.each.get("gpt-4.1"), Some(&1_000_000));
    let said =
        of("[providers.prices.'gpt-5-mini']\ninput = 0.25\noutput = 2\ncached_input = 0.025");
    let price = Price { input: 250_000, output: 2_000_000, cached_input: Some(25_000) };
    assert_eq!(said.price.each.get("gpt-5-mini"), Some(&price));
}

#[test]
fn a_model_is_chosen_as_the_section_says() {
    let provider = "[[providers]]\nname = 'a'\nbase_url = 'http://a/v1'\nmodels = ['s', 'l']\n";
    let of = |before: &str, after: &str| {
        let file = format!("{before}\n{provider}{after}");
        machine().file(Box::leak(file.into_boxed_str())).config()
    };
    let config = of("", "");
    assert!(config.auto.is_none());
    let config = of("", "[auto]");
    assert_eq!(config.auto.unwrap().default, "a/s", "the model that answers otherwise");
    let config = of("model = 'l'", "[auto]");
    assert_eq!(config.auto.unwrap().default, "a/l");
    let config = of("model = 'auto'", "[auto]\ndefault = 'l'");
    assert_eq!(config.model.unwrap().to_string(), "auto");
    let auto = config.auto.unwrap();
    assert_eq!((auto.default.as_str(), auto.rules.len()), ("a/l", 0));

    let rules = "[[auto.rules]]\nmodel = 'l'\nhas_images = true\nmin_tokens = 9\nlanguage = 'zh'\n\
                 looks_like = 'code'\npattern = '^a'";
    let rule = of("", rules).auto.unwrap().rules.remove(0);
    assert_eq!(rule.model, "a/l");
    let all = "has_images = true, min_tokens = 9, language = \"zh\", looks_like = \"code\", \
               pattern = '^a'";
    assert_eq!(rule.conditions(), all);
    let warned = machine().file("[auto]").load().unwrap().warnings;
    assert_eq!(warned, ["[auto] has no effect, since there is no provider"]);
}
