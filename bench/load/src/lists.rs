//! Search, lists and long conversations in a large store, as the page asks for them.

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::{
    Bench, LoadError,
    client::Client,
    process, report,
    servers::{self, Server},
    times::{TIMES, Taken, times},
};

/// Words that texts are made of, so that some are rare and some are everywhere.
const WORDS: [&str; 24] = [
    "the",
    "answer",
    "journal",
    "stream",
    "delta",
    "token",
    "lantern",
    "harbour",
    "maple",
    "copper",
    "window",
    "winter",
    "ledger",
    "orchard",
    "signal",
    "fable",
    "中文",
    "搜索",
    "日本語",
    "検索",
    "мост",
    "река",
    "señal",
    "größe",
];

/// How large the store is.
struct Store {
    conversations: usize,
    messages: usize,
    /// Of one conversation more.
    long: usize,
}

/// Runs the bench.
pub async fn run(bench: &Bench) -> Result<(), LoadError> {
    let store = match bench.quick {
        true => Store { conversations: 500, messages: 10, long: 1_000 },
        false => Store { conversations: 10_000, messages: 10, long: 1_000 },
    };
    let upstream = servers::upstream().await?;
    let server = servers::inglenook(&bench.inglenook, upstream.address).await?;
    let filling = Instant::now();
    fill(&server, &store).await?;
    let filled_s = filling.elapsed().as_secs_f64();
    println!(
        "\n{} conversations of {} messages and one of {}, imported in {filled_s:.1} s; ms of {TIMES} requests each",
        store.conversations, store.messages, store.long
    );
    let mut client = Client::connect(server.address).await?;
    let found = search(&mut client, "everything of 1000").await?;
    let long = found.first().cloned().unwrap_or_default();
    let mut taken = Taken::default();
    for typed in ["lantern", "lantern harbour", "the", "lan", "搜索", "索", "検索 maple", "quartz7"]
    {
        let body = form(&[("typed", typed)]);
        taken.note(&format!("search {typed}"), times(&mut client, "/rpc/search", &body).await?);
    }
    taken.note("list", times(&mut client, "/rpc/list", "").await?);
    taken.note("first page", times(&mut client, "/", "").await?);
    taken.note("conversation of 1,000", times(&mut client, &format!("/c/{long}"), "").await?);
    taken.show();
    let result = json!({
        "bench": "search", "conversations": store.conversations + 1,
        "messages": store.conversations * store.messages + store.long, "filled_s": filled_s,
        "questions": taken.results, "server": process::taken(server.id()),
    });
    report::keep(&bench.out, result)
}

/// Has the server import a file of conversations.
async fn fill(server: &Server, store: &Store) -> Result<(), LoadError> {
    let mut texts = Texts { state: 1 };
    let mut conversations: Vec<Value> = (0..store.conversations)
        .map(|index| conversation(&mut texts, index, store.messages, "about"))
        .collect();
    conversations.push(conversation(&mut texts, store.conversations, store.long, "everything of"));
    const BOUNDARY: &str = "what-no-file-holds";
    let body = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"conversations.json\"\r\n\
         Content-Type: application/json\r\n\r\n{}\r\n--{BOUNDARY}--\r\n",
        Value::Array(conversations)
    );
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    let mut client = Client::connect(server.address).await?;
    let headers = [("content-type", kind.as_str()), ("accept", "text/html")];
    let response = client.send("POST", "/import", &headers, body).await?;
    let location = response.headers().get("location").and_then(|location| location.to_str().ok());
    let preview = location
        .map(str::to_owned)
        .ok_or(LoadError::Unexpected { what: "the way to a preview", found: String::new() })?;
    let mut client = Client::connect(server.address).await?;
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("accept", "text/html")];
    client.fetch("POST", &preview, &headers, "").await?;
    Ok(())
}

/// One conversation as ChatGPT exports it.
fn conversation(texts: &mut Texts, index: usize, messages: usize, about: &str) -> Value {
    let mapping: serde_json::Map<String, Value> = (0..messages)
        .map(|message| {
            let node = json!({
                "parent": message.checked_sub(1).map(|parent| parent.to_string()),
                "message": {
                    "author": {"role": if message % 2 == 0 { "user" } else { "assistant" }},
                    "create_time": 1_700_000_000 + index * 60 + message,
                    "content": {"content_type": "text", "parts": [texts.text(index + message)]},
                },
            });
            (message.to_string(), node)
        })
        .collect();
    json!({
        "id": format!("load-{index}"), "title": format!("{about} {messages} {}", texts.word()),
        "create_time": 1_700_000_000 + index * 60, "mapping": mapping,
    })
}

/// Texts that are the same in every run.
struct Texts {
    state: u64,
}

impl Texts {
    fn word(&mut self) -> &'static str {
        // Knuth's MMIX generator; its upper bits are random enough for words.
        self.state = self
            .state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        WORDS[(self.state >> 33) as usize % WORDS.len()]
    }

    /// Some forty words and one that few texts have.
    fn text(&mut self, rare: usize) -> String {
        let words: Vec<&str> = (0..40).map(|_| self.word()).collect();
        format!("{} quartz{}", words.join(" "), rare % 5_000)
    }
}

async fn search(client: &mut Client, typed: &str) -> Result<Vec<String>, LoadError> {
    let headers =
        [("content-type", "application/x-www-form-urlencoded"), ("accept", "application/json")];
    let reply = client.fetch("POST", "/rpc/search", &headers, form(&[("typed", typed)])).await?;
    let hits: Vec<Value> = serde_json::from_slice(&reply).unwrap_or_default();
    Ok(hits
        .iter()
        .filter_map(|hit| hit["conversation"].as_str().or(hit["id"].as_str()))
        .map(str::to_owned)
        .collect())
}

fn form(fields: &[(&str, &str)]) -> String {
    let encoded = |text: &str| {
        text.bytes()
            .map(|byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
                _ => format!("%{byte:02X}"),
            })
            .collect::<String>()
    };
    let pairs = fields.iter().map(|(name, value)| format!("{name}={}", encoded(value)));
    pairs.collect::<Vec<_>>().join("&")
}
