//! Colours code beside the page, in a worker, because the first line in a language compiles its grammar, which takes
//! as long as many frames. The page's side is in [`crate::browser`].

use std::{
    cell::RefCell,
    collections::{HashMap, VecDeque},
    rc::Rc,
    sync::Arc,
};

use markdown::{Highlight, HighlightLines, highlight::Grammar, line_html};
use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::{JsFuture, spawn_local as spawn};
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent, Response};

use crate::part::Fetched;

/// Lines of a block of code that are to be coloured, as JSON. Those of one block are asked for in order.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Uncoloured {
    pub(crate) block: u32,
    /// What the fence says.
    pub(crate) language: String,
    /// Whole lines, each with its newline.
    pub(crate) lines: String,
    /// Whether no more lines of the block will come.
    pub(crate) ends: bool,
}

/// Coloured lines, as JSON.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Coloured {
    pub(crate) block: u32,
    /// The number of the first line in the block.
    pub(crate) first: usize,
    /// The lines as they were, so that the page can tell whether they are still the same.
    pub(crate) lines: String,
    /// For each line, what stands in its element.
    pub(crate) html: Vec<String>,
    /// Whether this was the last of the block.
    pub(crate) ends: bool,
}

/// How many lines are told at once. The page puts them in place in one go, and must not miss a frame.
const MOST_LINES: usize = 50;

/// What the worker says when it can be asked.
pub(crate) const READY: &str = "ready";

/// What it says when it cannot be, because the server could not be reached.
pub(crate) const FAILED: &str = "failed";

/// Syntect, and all that the worker does with it, is a part of the WASM of its own. Debug builds are
/// whole: there, `cargo leptos watch` does not split.
#[cfg_attr(
    not(debug_assertions),
    leptos::wasm_split::wasm_split(colourist, wasm_split_path = ::leptos::wasm_split, fallible)
)]
fn load_colourist() -> Fetched<fn(String)> {
    Ok(serve)
}

/// Serves the page from inside a worker. `grammars` is where the packs of grammars are.
pub fn colour(grammars: String) {
    spawn(async move {
        let fetched = load_colourist();
        #[cfg(not(debug_assertions))]
        let fetched = fetched.await;
        match fetched {
            Ok(serve) => serve(grammars),
            Err(_) => {
                let worker = js_sys::global().unchecked_into::<DedicatedWorkerGlobalScope>();
                worker.post_message(&FAILED.into()).ok();
            }
        }
    });
}

fn serve(grammars: String) {
    let worker = js_sys::global().unchecked_into::<DedicatedWorkerGlobalScope>();
    let colourist = Rc::new(RefCell::new(Colourist {
        worker: worker.clone(),
        grammars,
        asked: VecDeque::new(),
        is_busy: false,
        languages: HashMap::new(),
        blocks: HashMap::new(),
    }));
    let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        let asked =
            event.data().as_string().and_then(|json| serde_json::from_slice(json.as_bytes()).ok());
        let Some(asked) = asked else { return };
        colourist.borrow_mut().asked.push_back(asked);
        if !std::mem::replace(&mut colourist.borrow_mut().is_busy, true) {
            spawn(work(Rc::clone(&colourist)));
        }
    });
    worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget();
    // It fails only for what cannot be cloned.
    worker.post_message(&READY.into()).ok();
}

struct Colourist {
    worker: DedicatedWorkerGlobalScope,
    grammars: String,
    asked: VecDeque<Uncoloured>,
    is_busy: bool,
    /// By what fences say; `None` for those that are not known.
    languages: HashMap<String, Option<Arc<dyn Highlight>>>,
    blocks: HashMap<u32, Block>,
}

#[derive(Default)]
struct Block {
    /// `None` in a language that is not known.
    state: Option<Box<dyn HighlightLines>>,
    lines: usize,
}

/// Answers everything that is asked, one after the other.
async fn work(colourist: Rc<RefCell<Colourist>>) {
    loop {
        let next = colourist.borrow_mut().asked.pop_front();
        let Some(asked) = next else { break };
        let known = colourist.borrow().languages.contains_key(&asked.language);
        if !known {
            let address = {
                let grammars = &colourist.borrow().grammars;
                format!(
                    "{grammars}/{}",
                    String::from(js_sys::encode_uri_component(&asked.language))
                )
            };
            // Dots alone would lead elsewhere, and name no language.
            let is_name = !asked.language.trim_matches('.').is_empty();
            let pack = if is_name { fetch(&address).await } else { Ok(None) };
            // A pack that did not come is asked for again with the next lines.
            if let Ok(pack) = pack {
                let grammar = pack.and_then(|pack| {
                    let grammar: Arc<dyn Highlight> = Arc::new(Grammar::read(&pack).ok()?);
                    Some(grammar)
                });
                colourist.borrow_mut().languages.insert(asked.language.clone(), grammar);
            }
        }
        colourist.borrow_mut().answer(asked);
    }
    colourist.borrow_mut().is_busy = false;
}

impl Colourist {
    fn answer(&mut self, asked: Uncoloured) {
        let Uncoloured { block: id, language, lines, ends } = asked;
        let start = || self.languages.get(&language)?.as_ref()?.start(&language);
        let block = self.blocks.entry(id).or_insert_with(|| Block { state: start(), lines: 0 });
        let lines: Vec<&str> = lines.split_inclusive('\n').collect();
        for some in lines.chunks(MOST_LINES) {
            if let Some(state) = &mut block.state {
                let html = some.iter().map(|line| line_html(state.as_mut(), line)).collect();
                let lines = some.concat();
                tell(
                    &self.worker,
                    &Coloured { block: id, first: block.lines, lines, html, ends: false },
                );
            }
            block.lines += some.len();
        }
        if ends {
            let nothing =
                Coloured { block: id, first: 0, lines: String::new(), html: Vec::new(), ends };
            tell(&self.worker, &nothing);
            self.blocks.remove(&id);
        }
    }
}

fn tell(worker: &DedicatedWorkerGlobalScope, coloured: &Coloured) {
    if let Ok(json) = serde_json::to_string(coloured) {
        worker.post_message(&json.into()).ok();
    }
}

/// A pack; `None` if the server has none. Any other failure may pass.
async fn fetch(address: &str) -> Result<Option<Vec<u8>>, JsValue> {
    let worker = js_sys::global().unchecked_into::<DedicatedWorkerGlobalScope>();
    let response: Response = JsFuture::from(worker.fetch_with_str(address)).await?.dyn_into()?;
    match response.status() {
        200 => {}
        204 => return Ok(None),
        status => return Err(status.into()),
    }
    let bytes = JsFuture::from(response.array_buffer()?).await?;
    Ok(Some(js_sys::Uint8Array::new(&bytes).to_vec()))
}
