//! Prompts, personas and the settings of conversations, through plain forms.

use app::library_view::{PromptView, Sheet};
use axum::{body::Body, extract::Request, http::Method};
use chat::PromptText;
use scripted_upstream::Script;
use serde_json::{Value, json};

use super::{
    actors::{Actor, data, form, page, request, with},
    house::House,
    html::{Document, assert_harmless, is_local},
};

const HOSTILE: &str = "</textarea><script>alert(1)</script>\"'><img src=x onerror=alert(1)>";

/// An import, as a browser without scripts sends it.
fn import(file: &str, pasted: &str) -> Request {
    let part = |name: &str, text: &str| {
        format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{text}\r\n")
    };
    let body = format!("{}{}--edge--\r\n", part("file", file), part("pasted", pasted));
    let request = request(Method::POST, "/prompts/import", Body::from(body));
    let request = with(request, "content-type", "multipart/form-data; boundary=edge");
    with(request, "accept", "text/html")
}

fn prompt_form<'a>(path: &str, title: &'a str, command: &'a str, text: &'a str) -> Request {
    let fields = [("title", title), ("command", command), ("text", text), ("description", "")];
    form(path, &fields)
}

async fn titles(house: &House) -> Vec<String> {
    let prompts = house.chat.prompts(1_000).await.unwrap();
    prompts.into_iter().map(|saved| saved.prompt.title).collect()
}

#[tokio::test]
async fn the_pages_need_no_scripts_and_lead_nowhere_else() {
    let house = House::open().await;
    let user = house.local_user();
    let prompt = PromptText {
        title: HOSTILE.chars().take(80).collect(),
        text: HOSTILE.to_owned(),
        description: HOSTILE.to_owned(),
        command: None,
    };
    let prompt = house.chat.add_prompt(&prompt).await.unwrap();
    let persona = chat::Profile {
        name: HOSTILE.chars().take(80).collect(),
        system_prompt: HOSTILE.to_owned(),
        starters: vec![HOSTILE.to_owned()],
        model: Some(HOSTILE.to_owned()),
        ..chat::Profile::default()
    };
    let persona = house.chat.add_persona(&persona).await.unwrap();
    for address in [
        "/prompts".to_owned(),
        "/prompts?q=%3Cscript%3E".to_owned(),
        format!("/prompts/{prompt}"),
        "/personas".to_owned(),
        format!("/personas/{persona}"),
        format!("/?prompt={prompt}"),
        format!("/?persona={persona}"),
    ] {
        let reply = user.visit(&address).await;
        assert_eq!(reply.status, 200, "{address}");
        let document = assert_harmless(&reply);
        if !address.starts_with("/?") {
            assert!(!reply.text.contains("hydrate"), "{address} gets no WASM");
        }
        for link in document.all("a") {
            assert!(is_local(link.get("href")), "{address}: {link:?}");
        }
        if !address.starts_with("/prompts?q") {
            assert!(document.text.contains("alert(1)"), "{address} shows it as text");
        }
    }
}

#[tokio::test]
async fn a_prompt_is_added_found_changed_and_deleted() {
    let house = House::open().await;
    let user = house.local_user();
    let added = user.send(prompt_form("/prompts", "Haiku", "/Haiku", "About {{it}}.")).await;
    let id = added.location().strip_prefix("/prompts#").unwrap().to_owned();
    let shown = Document::parse(&user.visit("/prompts?q=haiku").await.text);
    assert!(shown.text.contains("/haiku") && !shown.text.contains("Summarise"), "{}", shown.text);
    let none = user.visit("/prompts?q=sonnet").await;
    assert!(none.text.contains("Nothing has these words."));

    let used = Document::parse(&user.visit(&format!("/?prompt={id}")).await.text);
    assert!(used.text.contains("About {{it}}."), "it stands in the field: {}", used.text);

    let path = format!("/prompts/{id}");
    let changed = user.send(prompt_form(&path, "Sonnet", "sonnet", "Of {{it}}.")).await;
    assert_eq!(changed.location(), format!("/prompts#{id}"));
    let again = Document::parse(&user.visit(&path).await.text);
    assert!(again.text.contains("Of {{it}}."), "{}", again.text);
    assert!(again.all("input").any(|field| field.get("value") == "sonnet"));

    for _ in 0..2 {
        let gone = user.send(form(&format!("{path}/delete"), &[])).await;
        assert_eq!(gone.location(), "/prompts");
    }
    assert_eq!(user.visit(&path).await.status, 404);
    assert_eq!(user.send(prompt_form(&path, "a", "", "b")).await.status, 404);
    assert_eq!(user.visit("/prompts/nothing").await.status, 404);
    assert_eq!(user.visit(&format!("/?prompt={id}")).await.status, 200);
}

#[tokio::test]
async fn a_refused_prompt_says_why_and_gives_back_what_was_written() {
    let house = House::open().await;
    let user = house.local_user();
    let before = titles(&house).await;
    let id = house.chat.prompts(1).await.unwrap()[0].id;
    for path in ["/prompts".to_owned(), format!("/prompts/{id}")] {
        for (command, text, words) in [
            ("", " ", "Something is missing: the text."),
            ("two words", HOSTILE, "“two words” is no command."),
            ("review", HOSTILE, "Another prompt has the command /review."),
        ] {
            let reply = user.send(prompt_form(&path, "My title", command, text)).await;
            assert_eq!(reply.status, 422, "{path} {words}");
            let document = assert_harmless(&reply);
            assert!(document.text.contains(words), "{words} in {}", document.text);
            assert!(document.text.contains(text.trim()));
            assert!(document.all("input").any(|field| field.get("value") == "My title"));
        }
    }
    assert_eq!(titles(&house).await, before);
    let chinese = with(prompt_form("/prompts", "", "", ""), "cookie", "inglenook_language=zh-CN");
    assert!(user.send(chinese).await.text.contains("缺少正文。"));
}

#[tokio::test]
async fn prompts_are_imported_and_exported() {
    let house = House::open().await;
    let user = house.local_user();
    let csv = "act,prompt\r\n\"Poet\",\"Rhyme, please.\"\r\nEmpty,\r\n";
    let done = user.send(import(csv, "ignored beside a file")).await;
    assert_eq!(done.location(), "/prompts?imported=1-0-1");
    let shown = user.visit(done.location()).await;
    assert!(shown.text.contains("1 prompt added. 1 had no text"), "{}", shown.text);
    let pasted =
        user.send(import("", r#"[{"title": "T", "content": "C", "command": "/t"}]"#)).await;
    assert_eq!(pasted.location(), "/prompts?imported=1-0-0");
    let before = titles(&house).await;
    assert_eq!(before[..2], ["T", "Poet"]);

    let exported = user.visit("/prompts/export").await;
    assert!(exported.header("content-disposition").starts_with("attachment"));
    let first = &exported.json::<Value>()[0];
    assert_eq!(*first, json!({"title": "T", "command": "t", "text": "C", "description": ""}));
    let again = user.send(import(&exported.text, "")).await;
    assert_eq!(again.location(), "/prompts?imported=0-10-0");
    assert_eq!(titles(&house).await, before);

    let refused = user.send(import("", "[{\"title\": ")).await;
    assert_eq!(refused.status, 422);
    let document = assert_harmless(&refused);
    assert!(document.text.contains("This is not JSON: EOF while parsing"), "{}", document.text);
    assert!(document.text.contains("[{\"title\": "), "what was pasted is given back");
}

#[tokio::test]
async fn a_persona_is_added_changed_used_and_deleted() {
    let house = House::open().await;
    let user = house.local_user();
    let fields = [
        ("name", "Pirate"),
        ("emoji", ""),
        ("system_prompt", "Talk like a pirate."),
        ("starters", "Ahoy?\r\n\r\nWhere is the gold?"),
        ("temperature", "1,5"),
        ("more", "{\"top_k\": 3}"),
    ];
    let added = user.send(form("/personas", &fields)).await;
    let id = added.location().strip_prefix("/personas#").unwrap().to_owned();
    let shown = assert_harmless(&user.visit("/personas").await);
    assert!(shown.text.contains("PPirate"), "a letter stands for the picture: {}", shown.text);

    let begun = user.visit(&format!("/?persona={id}")).await;
    let document = assert_harmless(&begun);
    let hidden = document.all("input").find(|field| field.get("name") == "persona").unwrap();
    assert_eq!(hidden.get("value"), id);
    assert!(document.text.contains("Where is the gold?"));
    house.upstream.push(Script::new().delta("Arr.").end());
    let asked = user.send(form("/rpc/ask", &[("text", "Who?"), ("persona", &id)])).await;
    let conversation = asked.location().trim_end_matches("?stream").to_owned();
    user.visit(&format!("{conversation}?stream")).await;
    let sent = &house.upstream.requests()[0].body;
    let expected = json!({"role": "system", "content": "Talk like a pirate."});
    assert_eq!(sent["messages"][0], expected);
    assert_eq!((&sent["temperature"], &sent["top_k"]), (&json!(1.5), &json!(3)));

    let path = format!("/personas/{id}");
    let edit = assert_harmless(&user.visit(&path).await);
    assert!(edit.all("input").any(|field| field.get("value") == "1.5"));
    assert!(edit.text.contains("Ahoy?\nWhere is the gold?"), "{}", edit.text);
    let wrong = [("name", ""), ("temperature", "hot"), ("more", "[]"), ("starters", HOSTILE)];
    for path in ["/personas", &path] {
        let refused = user.send(form(path, &wrong)).await;
        assert_eq!(refused.status, 422);
        let document = assert_harmless(&refused);
        assert!(document.text.contains("“hot” is not a number"), "{}", document.text);
        assert!(document.text.contains("Only a JSON object is allowed"));
        let field = document.all("input").find(|field| field.get("name") == "temperature").unwrap();
        assert_eq!((field.get("value"), field.get("aria-invalid")), ("hot", "true"));
    }
    let nameless = user.send(form(&path, &[("name", " ")])).await;
    assert!(nameless.text.contains("Something is missing: the name."));
    let renamed = user.send(form(&path, &[("name", "Parrot")])).await;
    assert_eq!(renamed.location(), format!("/personas#{id}"));

    assert_eq!(user.send(form(&format!("{path}/delete"), &[])).await.location(), "/personas");
    assert_eq!(user.visit(&path).await.status, 404);
    assert_eq!(user.send(form(&path, &[("name", "a")])).await.status, 404);
    assert_eq!(user.visit(&conversation).await.status, 200);
}

#[tokio::test]
async fn a_conversation_is_set_without_scripts() {
    let house = House::open().await;
    let user = house.local_user();
    let asked = user.have_answered("Hello", Script::new().delta("Hi.").end()).await;
    let path = format!("/c/{}/settings", asked.conversation);
    let stored =
        async || house.chat.conversation_settings(asked.conversation).await.unwrap().unwrap();
    let empty = assert_harmless(&user.visit(&path).await);
    assert!(empty.all("textarea").any(|field| field.get("name") == "system_prompt"));

    let fields = [("persona", ""), ("system_prompt", "Be brief."), ("seed", "7")];
    let saved = user.send(form(&path, &fields)).await;
    assert!(saved.text.contains("Saved."), "{}", saved.text);
    assert_eq!(stored().await.system_prompt, "Be brief.");
    assert_eq!(stored().await.parameters.seed, Some(7));

    let wrong = [("persona", ""), ("system_prompt", "Be long."), ("top_p", "2")];
    let refused = user.send(form(&path, &wrong)).await;
    assert_eq!(refused.status, 422);
    let document = assert_harmless(&refused);
    assert!(document.text.contains("Only 0 to 1 is allowed."), "{}", document.text);
    assert!(document.text.contains("Be long."), "what was written is given back");
    assert_eq!(stored().await.system_prompt, "Be brief.");

    // Picking another persona takes from it what it says, and leaves the rest, whatever else is in the form.
    let persona = house.chat.personas().await.unwrap().remove(0);
    let picked = [("persona", persona.id.to_string()), ("system_prompt", "Be long.".to_owned())];
    let picked: Vec<_> = picked.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let seed = stored().await.parameters.seed;
    user.send(form(&path, &picked)).await;
    let mut expected = chat::ConversationSettings::from(&persona);
    expected.parameters.seed = seed;
    assert_eq!(stored().await, expected);
    user.send(form(&path, &[("reset", "yes"), ("system_prompt", "Be long.")])).await;
    assert_eq!(stored().await, chat::ConversationSettings::default());

    for nowhere in ["/c/0193a5c0000070008000000000000001/settings", "/c/nothing/settings"] {
        assert_eq!(user.visit(nowhere).await.status, 404);
        assert_eq!(user.send(form(nowhere, &fields)).await.status, 404);
    }
}

#[tokio::test]
async fn the_sheet_says_what_is_wrong_and_keeps_what_is_right() {
    let house = House::open().await;
    let user = house.local_user();
    let asked = user.have_answered("Hello", Script::new().delta("Hi.").end()).await;
    let id = asked.conversation.to_string();
    let sheet = async |fields: &[(&str, &str)]| {
        user.send(data("/rpc/settings", fields)).await.json::<Sheet>()
    };
    let opened = sheet(&[("conversation", &id)]).await;
    assert!(opened.html.contains("name=\"temperature\"") && !opened.view.changed);
    let fields = "persona=&system_prompt=Be+brief.&temperature=0.3";
    let changed = sheet(&[("conversation", &id), ("fields", fields)]).await;
    assert!(changed.view.changed && changed.html.contains("Saved."), "{}", changed.html);
    let wrong = sheet(&[("conversation", &id), ("fields", "persona=&temperature=9")]).await;
    assert!(wrong.html.contains("Only 0 to 2 is allowed."), "{}", wrong.html);
    let stored = house.chat.conversation_settings(asked.conversation).await.unwrap().unwrap();
    assert_eq!(
        (stored.system_prompt.as_str(), stored.parameters.temperature),
        ("Be brief.", Some(0.3))
    );

    // A conversation to be begun: what was changed goes back and forth until the first question.
    let begun = sheet(&[("fields", "persona=&system_prompt=Be+kind.&max_tokens=5")]).await;
    let fields = "persona=&system_prompt=Be+kind.&max_tokens=6";
    let begun = sheet(&[("changed", &begun.settings), ("fields", fields)]).await;
    house.upstream.push(Script::new().delta("Yes.").end());
    let ask = [("text", "Really?"), ("settings", begun.settings.as_str())];
    let asked: app::rpc::Asked = user.send(data("/rpc/ask", &ask)).await.json();
    user.hear(asked.answer).await;
    let sent = &house.upstream.requests()[1].body;
    assert_eq!(
        (&sent["messages"][0]["content"], &sent["max_tokens"]),
        (&json!("Be kind."), &json!(6))
    );

    let forged = [("text", "Really?"), ("settings", "{\"parameters\":{\"more\":{\"model\":1}}}")];
    let refused = user.send(data("/rpc/ask", &forged)).await;
    assert_eq!(refused.json::<app::rpc::Problem>(), app::rpc::Problem::Settings);
}

#[tokio::test]
async fn default_parameters_are_kept_or_refused() {
    let house = House::open().await;
    let user = house.local_user();
    let kept = user.send(form("/settings/parameters", &[("temperature", "0.4")])).await;
    assert_eq!(kept.location(), "/settings?saved#parameters");
    assert_eq!(house.chat.preferences().parameters.temperature, Some(0.4));
    let refused = user.send(form("/settings/parameters", &[("more", "{\"n\": 2}")])).await;
    assert_eq!(refused.status, 422);
    let document = assert_harmless(&refused);
    assert!(document.text.contains("“n” is set by Inglenook itself"), "{}", document.text);
    assert!(document.text.contains("{\"n\": 2}"));
    assert_eq!(house.chat.preferences().parameters.temperature, Some(0.4));
}

#[tokio::test]
async fn scripts_are_told_of_prompts_without_their_texts() {
    let house = House::open().await;
    let user = house.local_user();
    let prompts: Vec<PromptView> = user.send(data("/rpc/prompts", &[])).await.json();
    assert_eq!(prompts.len(), 8);
    assert_eq!(prompts[0].command.as_deref(), Some("explain"));
    let picked: Value =
        user.send(data("/rpc/prompt", &[("id", &prompts[0].id.to_string())])).await.json();
    assert_eq!(picked["variables"], json!(["topic"]));
    let page = user.send(page("/")).await;
    assert!(page.text.contains("Explain something") && !page.text.contains("Minutes of a meeting"));
}

#[tokio::test]
async fn a_model_is_kept_with_its_conversation_and_among_the_favourites() {
    let house = House::open().await;
    let user = house.local_user();
    let asked = user.have_answered("Hello", Script::new().delta("Hi.").end()).await;
    let id = asked.conversation.to_string();
    let picked = [("conversation", id.as_str()), ("model", "scripted/other")];
    assert_eq!(user.send(data("/rpc/model", &picked)).await.status, 200);
    let stored = house.chat.conversation_settings(asked.conversation).await.unwrap().unwrap();
    assert_eq!(stored.model.as_deref(), Some("scripted/other"));
    let on = [("model", "scripted/other"), ("is_favourite", "true")];
    assert_eq!(user.send(data("/rpc/favourite", &on)).await.status, 200);
    assert_eq!(house.chat.preferences().favourite_models, ["scripted/other"]);
    assert_eq!(user.send(data("/rpc/favourite", &[("model", "scripted/other")])).await.status, 200);
    assert!(house.chat.preferences().favourite_models.is_empty());
    let nowhere = [("conversation", "0193a5c0000070008000000000000001"), ("model", "a")];
    let refused = user.send(data("/rpc/model", &nowhere)).await;
    assert_eq!(refused.json::<app::rpc::Problem>(), app::rpc::Problem::NotFound);
}

/// A request of somebody who reads Chinese.
fn in_chinese(request: Request) -> Request {
    with(request, "accept-language", "zh-CN,zh;q=0.9")
}

#[tokio::test]
async fn what_is_shipped_speaks_chinese_until_it_is_changed() {
    let house = House::open().await;
    let user = house.local_user();
    let chinese = async |path: &str| user.send(in_chinese(page(path))).await.text;
    let prompts = house.chat.prompts(100).await.unwrap();
    let personas = house.chat.personas().await.unwrap();
    // Nothing that is shipped has been forgotten.
    let pages = [chinese("/prompts").await, chinese("/personas").await].concat();
    for title in prompts.iter().map(|saved| &saved.prompt.title) {
        assert!(!pages.contains(&format!(">{title}<")), "{title}");
    }
    for name in personas.iter().map(|persona| &persona.profile.name) {
        assert!(!pages.contains(&format!(">{name}<")), "{name}");
    }
    let cards = chinese("/").await;
    assert!(cards.contains("解释一个概念") && cards.contains("导师"), "{cards}");
    let (prompt, persona) = (prompts[0].id, personas[0].id);
    let begun = chinese(&format!("/?prompt={prompt}")).await;
    assert!(begun.contains("{{主题}}"), "{begun}");
    let found = chinese("/prompts?q=%E7%BA%AA%E8%A6%81").await;
    assert!(found.contains("会议纪要") && !found.contains("解释一个概念"), "{found}");

    // What is picked is what was shown.
    house.upstream.push(Script::new().delta("好。").end());
    let ask = [("text", "你好"), ("persona", &persona.to_string())];
    let asked: app::rpc::Asked = user.send(in_chinese(data("/rpc/ask", &ask))).await.json();
    user.hear(asked.answer).await;
    let sent = &house.upstream.requests()[0].body["messages"][0]["content"];
    assert!(sent.as_str().is_some_and(|text| text.starts_with("你是一位编辑。")), "{sent}");

    // Others are still shown what they read, until it is changed.
    let english = user.visit("/prompts").await.text;
    assert!(english.contains("Explain something") && !english.contains("解释一个概念"));
    let mine = ("Explain it", "explain", "Explain {{topic}} to me.");
    user.send(prompt_form(&format!("/prompts/{prompt}"), mine.0, mine.1, mine.2)).await;
    let shown = chinese("/prompts").await;
    assert!(shown.contains("Explain it") && !shown.contains("解释一个概念"), "{shown}");
    let profile = chat::Profile { name: "Lector".to_owned(), ..personas[0].profile.clone() };
    house.chat.change_persona(persona, &profile).await.unwrap();
    let shown = chinese(&format!("/personas/{persona}")).await;
    assert!(shown.contains("Lector") && shown.contains("You are an editor."), "{shown}");
}
