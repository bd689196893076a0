//! Prompts and personas are kept, found, changed, imported and deleted.

use chat::{Profile, PromptText, SaveError};

use super::*;

fn prompt(title: &str, command: &str, text: &str) -> PromptText {
    PromptText {
        title: title.to_owned(),
        command: (!command.is_empty()).then(|| command.to_owned()),
        text: text.to_owned(),
        description: String::new(),
    }
}

#[tokio::test]
async fn a_fresh_library_has_a_few_of_each_that_can_be_deleted() {
    let mut house = House::open().await;
    let prompts = house.chat.prompts(100).await.unwrap();
    let personas = house.chat.personas().await.unwrap();
    assert_eq!((prompts.len(), personas.len()), (8, 5));
    assert_eq!(prompts[0].prompt.title, "Explain something");
    assert_eq!(chat::variables(&prompts[0].prompt.text), ["topic"]);
    assert!(personas.iter().all(|persona| !persona.profile.starters.is_empty()));
    for saved in prompts {
        house.chat.remove_prompt(saved.id).await.unwrap();
    }
    for persona in personas {
        house.chat.remove_persona(persona.id).await.unwrap();
    }
    house.restart().await;
    assert_eq!(house.chat.prompts(100).await.unwrap(), []);
    assert_eq!(house.chat.personas().await.unwrap(), []);
}

#[tokio::test]
async fn prompts_are_kept_as_they_are_meant() {
    let house = House::open().await;
    for (written, kept) in [
        (
            prompt(" Title ", "/Über-Setzen_2", " Do.\r\n"),
            prompt("Title", "über-setzen_2", "Do.\n\n"),
        ),
        (
            prompt("", "", "# Name it by this\nand not that"),
            prompt("Name it by this and not that", "", "# Name it by this\nand not that"),
        ),
        (prompt("NUL", " / ", "a\0b"), prompt("NUL", "", "a\u{FFFD}b")),
    ] {
        let id = house.chat.add_prompt(&written).await.unwrap();
        assert_eq!(house.chat.prompt(id).await.unwrap().unwrap().prompt, kept);
        assert_eq!(house.chat.prompts(1).await.unwrap()[0].id, id, "the newest first");
        house.chat.change_prompt(id, &kept).await.unwrap();
        assert_eq!(house.chat.prompt(id).await.unwrap().unwrap().prompt, kept, "and again");
    }
}

#[tokio::test]
async fn what_is_no_prompt_is_refused() {
    let house = House::open().await;
    let long = "x".repeat(50_001);
    for (written, expected) in [
        (prompt("T", "", " \n"), "text is missing"),
        (prompt("T", "", &long), "text is too long: at most 50000 characters are allowed"),
        (prompt(&"x".repeat(81), "", "t"), "title is too long: at most 80 characters are allowed"),
        (
            prompt("T", "two words", "t"),
            "command: expected letters, digits, `-` and `_`, found \"two words\"",
        ),
        (prompt("T", "explain", "t"), "another prompt has the command /explain"),
    ] {
        let refused = house.chat.add_prompt(&written).await.unwrap_err();
        assert_eq!(refused.to_string(), expected);
    }
    let id = house.chat.prompts(1).await.unwrap()[0].id;
    let refused = house.chat.change_prompt(id, &prompt("T", "review", "t")).await.unwrap_err();
    assert!(matches!(refused, SaveError::CommandTaken { .. }), "{refused}");
    house.chat.remove_prompt(id).await.unwrap();
    assert!(matches!(house.chat.remove_prompt(id).await, Err(SaveError::NotFound)));
    let gone = house.chat.change_prompt(id, &prompt("T", "", "t")).await;
    assert!(matches!(gone, Err(SaveError::NotFound)));
}

#[tokio::test]
async fn an_import_adds_what_is_new_and_can_be_kept() {
    let house = House::open().await;
    let file = [
        prompt("A", "a", "Do a."),
        prompt("A", "other", "Do a."),
        prompt("B", "explain", "Do b."),
        prompt("C", "not a command", "Do c."),
        prompt("D", "", ""),
    ];
    let imported = house.chat.import_prompts(&file).await.unwrap();
    assert_eq!((imported.added, imported.known, imported.refused), (3, 1, 1));
    let again = house.chat.import_prompts(&file).await.unwrap();
    assert_eq!((again.added, again.known, again.refused), (0, 4, 1));
    let prompts = house.chat.prompts(3).await.unwrap();
    let found: Vec<_> = prompts
        .iter()
        .map(|saved| (saved.prompt.title.as_str(), saved.prompt.command.as_deref()))
        .collect();
    assert_eq!(found, [("A", Some("a")), ("B", None), ("C", None)], "in the order of the file");
}

#[test]
fn a_query_finds_all_its_words_wherever_they_stand() {
    let prompt = PromptText {
        description: "Into any language".to_owned(),
        ..prompt("Translate it", "tr", "t")
    };
    for (query, found) in [
        ("", true),
        ("TRANS", true),
        ("language it", true),
        ("tr any", true),
        ("translate that", false),
    ] {
        assert_eq!(prompt.matches(query), found, "{query}");
    }
}

#[tokio::test]
async fn what_is_no_persona_is_refused() {
    let house = House::open().await;
    let named = |name: &str| Profile { name: name.to_owned(), ..Profile::default() };
    let hot = chat::Parameters { temperature: Some(9.0), ..chat::Parameters::default() };
    for (profile, expected) in [
        (named(" "), "name is missing"),
        (named(&"x".repeat(81)), "name is too long: at most 80 characters are allowed"),
        (
            Profile { emoji: "x".repeat(17), ..named("A") },
            "emoji is too long: at most 16 characters are allowed",
        ),
        (Profile { parameters: hot, ..named("A") }, "temperature: expected 0 to 2"),
    ] {
        assert_eq!(house.chat.add_persona(&profile).await.unwrap_err().to_string(), expected);
    }
    let starters = vec![" a ".to_owned(), String::new()];
    let id = house.chat.add_persona(&Profile { starters, ..named("A") }).await.unwrap();
    let persona = house.chat.personas().await.unwrap().pop().unwrap();
    assert_eq!((persona.id, persona.profile.starters), (id, vec!["a".to_owned()]));
}
