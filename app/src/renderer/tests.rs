use std::{
    iter,
    sync::atomic::{AtomicUsize, Ordering},
};

use markdown::{Highlight, HighlightLines, Span};

use super::*;

const CODE: &str = "Some code:\n\n```rust\nfn main() {}\n```\n";

fn plain(id_prefix: String, _: Language) -> markdown::Options {
    markdown::Options { id_prefix, ..markdown::Options::default() }
}

fn renderer() -> Renderer {
    Renderer::with(plain, KEPT_BYTES)
}

async fn ended(renderer: &Renderer, id_prefix: &str, source: &str) -> String {
    renderer.ended(id_prefix.to_owned(), source).await.to_string()
}

#[tokio::test]
async fn a_text_that_has_ended_is_rendered_once() {
    let renderer = renderer();
    let first = ended(&renderer, "a-1-", "# Some *text*").await;
    assert_eq!(first, "<h1 id=\"a-1-section-1\">Some <em>text</em></h1>");
    assert_eq!(ended(&renderer, "a-1-", "# Some *text*").await, first);
    assert_eq!(renderer.renderings(), 1);
}

#[tokio::test]
async fn what_the_html_follows_from_tells_texts_apart() {
    let renderer = renderer();
    for (id_prefix, source) in
        [("a-1-", "# One"), ("a-2-", "# One"), ("r-1-", "# One"), ("a-1-", "# One and more")]
    {
        let expected = markdown::render(source, &plain(id_prefix.to_owned(), Language::English));
        assert_eq!(ended(&renderer, id_prefix, source).await, expected);
    }
    assert_eq!(renderer.renderings(), 4);
    // The words beside the text are the page's.
    ended(&renderer.in_language(Language::Chinese), "a-1-", "# One").await;
    assert_eq!(renderer.renderings(), 5);
}

#[tokio::test]
async fn an_open_text_is_not_kept() {
    let renderer = renderer();
    for _ in 0..2 {
        let html = renderer.open("a-1-".to_owned(), "Some text").await;
        assert_eq!(&*html, "<p>Some text</p>");
    }
    assert_eq!(renderer.renderings(), 2);
    assert!(renderer.inner.kept.is_empty());
}

#[tokio::test]
async fn nothing_is_rendered_for_an_empty_text() {
    let renderer = renderer();
    assert_eq!(ended(&renderer, "r-1-", "").await, "");
    assert_eq!(&*renderer.open("r-1-".to_owned(), "").await, "");
    assert_eq!(renderer.renderings(), 0);
}

#[tokio::test]
async fn the_bound_holds() {
    let bound = 64 * 1024;
    let renderer = Renderer::with(plain, bound);
    for number in 0..1_000 {
        let source = format!("{number} {}", "and on ".repeat(number));
        let html = ended(&renderer, &format!("a-{number}-"), &source).await;
        assert_eq!(html, format!("<p>{}</p>", source.trim_end()));
        let weights = renderer.inner.kept.iter().map(|(text, html)| Bytes.weight(&text, &html));
        assert!(weights.sum::<u64>() <= bound, "after {number}");
    }
    assert!(renderer.inner.kept.len() > 5, "most of the room is used: {renderer:?}");
    assert!(renderer.inner.kept.weight() > bound / 2, "most of the room is used: {renderer:?}");
}

#[tokio::test]
async fn a_long_text_is_kept_though_others_fill_the_bound() {
    let bound = 64 * 1024;
    let renderer = Renderer::with(plain, bound);
    for number in 0..200 {
        for _ in 0..2 {
            ended(&renderer, &format!("a-{number}-"), &"short ".repeat(100)).await;
        }
    }
    let source = "long ".repeat(5_000);
    ended(&renderer, "a-long-", &source).await;
    let renderings = renderer.renderings();
    ended(&renderer, "a-long-", &source).await;
    assert_eq!(renderer.renderings(), renderings);
}

#[tokio::test]
async fn a_text_larger_than_the_bound_is_rendered_all_the_same() {
    let renderer = Renderer::with(plain, 1024);
    let source = "word ".repeat(1_000);
    for _ in 0..2 {
        assert_eq!(
            ended(&renderer, "a-1-", &source).await.len(),
            source.len() - 1 + "<p></p>".len()
        );
    }
    assert_eq!(renderer.renderings(), 2);
}

/// Counts the blocks that it was asked to colour.
struct Counting(AtomicUsize);

static COUNTING: Counting = Counting(AtomicUsize::new(0));

impl Highlight for &'static Counting {
    fn start(&self, _: &str) -> Option<Box<dyn HighlightLines>> {
        self.0.fetch_add(1, Ordering::Relaxed);
        None
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_ask_at_once_have_it_rendered_once() {
    let options = |id_prefix, language| markdown::Options {
        highlighter: Some(Arc::new(&COUNTING)),
        ..plain(id_prefix, language)
    };
    let renderer = Renderer::with(options, KEPT_BYTES);
    let asking: Vec<_> = iter::repeat_with(|| {
        let renderer = renderer.clone();
        tokio::spawn(async move { ended(&renderer, "a-1-", CODE).await })
    })
    .take(20)
    .collect();
    for asked in asking {
        assert!(asked.await.unwrap().contains("fn main() {}"));
    }
    assert_eq!(renderer.renderings(), 1);
    assert_eq!(COUNTING.0.load(Ordering::Relaxed), 1, "blocks coloured");
}

/// Fails in the way that nothing should.
struct Panicking;

impl Highlight for Panicking {
    fn start(&self, _: &str) -> Option<Box<dyn HighlightLines>> {
        panic!("as the test wants")
    }
}

#[tokio::test]
async fn a_text_that_cannot_be_rendered_is_shown_as_it_is() {
    let options = |id_prefix, language| markdown::Options {
        highlighter: Some(Arc::new(Panicking)),
        ..plain(id_prefix, language)
    };
    let renderer = Renderer::with(options, KEPT_BYTES);
    let source = format!("{CODE}<script>");
    let shown = format!("<p class=\"html\">{CODE}&lt;script&gt;</p>");
    for _ in 0..3 {
        assert_eq!(ended(&renderer, "a-1-", &source).await, shown);
        assert_eq!(*renderer.open("a-1-".to_owned(), &source).await, *shown);
    }
    assert_eq!(ended(&renderer, "a-2-", "No code").await, "<p>No code</p>", "others go on");
}

/// Says from which thread it is called.
struct Where;

static ASYNC_THREAD: std::sync::Mutex<Option<std::thread::ThreadId>> = std::sync::Mutex::new(None);

impl Highlight for Where {
    fn start(&self, _: &str) -> Option<Box<dyn HighlightLines>> {
        Some(Box::new(Where))
    }
}

impl HighlightLines for Where {
    fn line(&mut self, line: &str) -> Vec<Span> {
        let here = Some(std::thread::current().id());
        let class = if here == *ASYNC_THREAD.lock().unwrap() { "async" } else { "blocking" };
        vec![Span { length: line.len(), class: class.to_owned() }]
    }
}

/// On one async thread, which everything that is not blocking would share.
#[tokio::test(flavor = "current_thread")]
async fn code_is_coloured_off_the_async_threads() {
    *ASYNC_THREAD.lock().unwrap() = Some(std::thread::current().id());
    let options = |id_prefix, language| markdown::Options {
        highlighter: Some(Arc::new(Where)),
        ..plain(id_prefix, language)
    };
    let renderer = Renderer::with(options, KEPT_BYTES);
    let open = renderer.open("a-1-".to_owned(), CODE).await;
    for html in [ended(&renderer, "a-1-", CODE).await, open.to_string()] {
        assert!(html.contains("class=\"blocking\""), "{html}");
    }
}
