//! The colours of growing code. Finished lines are told to a worker, and put in place when they come back coloured.
//!
//! The renderer knows nothing of it: a finished line is never touched again, so it may hold colours. The server's HTML
//! has them already.

use std::{cell::RefCell, collections::HashMap, time::Duration};

use dom::Lines;
use leptos::prelude::{TimeoutHandle, document, set_timeout_with_handle};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Element, HtmlElement, MessageEvent, Worker, WorkerOptions, WorkerType};

use crate::worker::{Coloured, FAILED, READY, Uncoloured};

/// The blocks of code in one growing text.
#[derive(Default)]
pub(crate) struct Colours {
    blocks: Vec<Block>,
}

struct Block {
    figure: Element,
    code: Element,
    language: String,
    id: u32,
    /// How many lines were told to the worker.
    told: usize,
}

impl Colours {
    /// Takes over a text whose finished lines the server has coloured.
    pub(crate) fn adopt(body: &Element) -> Self {
        let mut colours = Self::default();
        // Only the last block can still be open.
        let figures = body.query_selector_all("figure.code").ok();
        let last = figures.and_then(|figures| figures.item(figures.length().checked_sub(1)?));
        if let Some(figure) = last.and_then(|figure| figure.dyn_into().ok())
            && let Some(block) = colours.begin(figure)
        {
            let coloured = block.finished_lines();
            block.tell(coloured, coloured);
        }
        colours
    }

    /// A block of code has new lines.
    pub(crate) fn grown(&mut self, figure: Element) {
        let known = self.blocks.iter_mut().rev().find(|block| block.figure == figure);
        let Some(block) = (match known {
            Some(block) => Some(block),
            None => self.begin(figure),
        }) else {
            return;
        };
        let finished = block.finished_lines();
        if finished < block.told {
            block.end();
            block.restart();
        }
        block.tell(finished, 0);
    }

    fn begin(&mut self, figure: Element) -> Option<&mut Block> {
        let code = figure.query_selector("code").ok()??;
        // Whoever watches a block grow must not have to unfold it.
        if let Ok(Some(fold)) = figure.query_selector("button.fold") {
            fold.set_attribute("aria-expanded", "true").ok();
        }
        let language = figure.get_attribute("data-language").unwrap_or_default();
        let mut block = Block { figure, code, language, id: 0, told: 0 };
        block.restart();
        self.blocks.push(block);
        self.blocks.last_mut()
    }
}

impl Drop for Colours {
    fn drop(&mut self) {
        self.blocks.iter().for_each(Block::end);
    }
}

impl Block {
    /// Begins to colour from its first line.
    fn restart(&mut self) {
        self.id = WORKSHOP.with_borrow_mut(|workshop| workshop.new_block(&self.code));
        self.told = 0;
    }

    fn finished_lines(&self) -> usize {
        let lines = Lines(&self.code);
        let count = lines.count();
        let is_open = count
            .checked_sub(1)
            .and_then(|last| lines.line(last)?.text_content())
            .is_some_and(|text| !text.ends_with('\n'));
        count - usize::from(is_open)
    }

    /// Tells the worker the lines up to `finished`. The first `coloured` have their colours already.
    fn tell(&mut self, finished: usize, coloured: usize) {
        if finished == self.told || self.language.is_empty() {
            return;
        }
        let mut lines = String::new();
        let mut line = Lines(&self.code).line(self.told);
        for _ in self.told..finished {
            let Some(element) = line else { return };
            lines.push_str(&element.text_content().unwrap_or_default());
            line = Lines::next(&element);
        }
        self.told = finished;
        WORKSHOP.with_borrow_mut(|workshop| {
            if let Some(shown) = workshop.blocks.get_mut(&self.id) {
                shown.coloured = shown.coloured.max(coloured);
            }
            workshop.ask(&Uncoloured {
                block: self.id,
                language: self.language.clone(),
                lines,
                ends: false,
            });
        });
    }

    fn end(&self) {
        WORKSHOP.with_borrow_mut(|workshop| workshop.end(self.id, self.told > 0));
    }
}

thread_local! {
    static WORKSHOP: RefCell<Workshop> = RefCell::default();
}

/// The page's one worker, and what it works on.
#[derive(Default)]
struct Workshop {
    worker: State,
    blocks: HashMap<u32, Shown>,
    last_id: u32,
    /// What has come from the worker and is not shown yet.
    coming: Vec<Coloured>,
    /// Shows it if no new text comes.
    timer: Option<TimeoutHandle>,
}

/// How long what has come waits to be shown together with new text, which the server tells of sooner than that. Lines
/// come back soon after they were told, and the browser would lay out and paint a second time for them.
const TOGETHER: Duration = Duration::from_millis(100);

/// Shows the colours that have come.
pub(super) fn show_coloured() {
    WORKSHOP.with_borrow_mut(|workshop| {
        // Else it would show what comes next on its own.
        if let Some(timer) = workshop.timer.take() {
            timer.clear();
        }
        for coloured in std::mem::take(&mut workshop.coming) {
            workshop.show(coloured);
        }
    });
}

#[derive(Default)]
enum State {
    #[default]
    NotStarted,
    /// Until it is ready, what is asked waits.
    Starting(Worker, Vec<String>),
    Ready(Worker),
    /// Code stays plain; it can be read all the same.
    Failed,
}

struct Shown {
    code: Element,
    /// How many of its lines the server has coloured.
    coloured: usize,
}

impl Workshop {
    fn new_block(&mut self, code: &Element) -> u32 {
        self.last_id += 1;
        self.blocks.insert(self.last_id, Shown { code: code.clone(), coloured: 0 });
        self.last_id
    }

    fn end(&mut self, id: u32, was_told: bool) {
        if was_told {
            let (language, lines) = Default::default();
            self.ask(&Uncoloured { block: id, language, lines, ends: true });
        } else {
            self.blocks.remove(&id);
        }
    }

    fn ask(&mut self, uncoloured: &Uncoloured) {
        let Ok(json) = serde_json::to_string(uncoloured) else { return };
        if matches!(self.worker, State::NotStarted) {
            self.worker = match start() {
                Some(worker) => State::Starting(worker, Vec::new()),
                None => State::Failed,
            };
        }
        match &mut self.worker {
            State::Starting(_, waiting) => waiting.push(json),
            State::Ready(worker) => {
                // It fails only for what cannot be cloned.
                worker.post_message(&json.into()).ok();
            }
            State::NotStarted | State::Failed => {}
        }
    }

    fn told(&mut self, message: &str) {
        if message == FAILED {
            // The next block of code begins with another.
            self.worker = State::NotStarted;
        } else if message != READY {
            if let Ok(coloured) = serde_json::from_slice(message.as_bytes()) {
                if self.coming.is_empty() {
                    // It fails only where there is no window.
                    self.timer = set_timeout_with_handle(show_coloured, TOGETHER).ok();
                }
                self.coming.push(coloured);
            }
        } else if let State::Starting(worker, waiting) = std::mem::take(&mut self.worker) {
            for json in waiting {
                worker.post_message(&json.into()).ok();
            }
            self.worker = State::Ready(worker);
        }
    }

    fn show(&mut self, coloured: Coloured) {
        if coloured.ends {
            self.blocks.remove(&coloured.block);
            return;
        }
        let Some(shown) = self.blocks.get(&coloured.block) else { return };
        let mut next = Lines(&shown.code).line(coloured.first);
        let lines = coloured.lines.split_inclusive('\n').zip(&coloured.html);
        for (number, (text, html)) in (coloured.first..).zip(lines) {
            let Some(line) = next else { return };
            if number >= shown.coloured && line.text_content().is_some_and(|shown| shown == text) {
                // The renderer wrote it, from its closed list of elements.
                line.set_inner_html(html);
            }
            next = Lines::next(&line);
        }
    }
}

fn start() -> Option<Worker> {
    let root = document().document_element()?.dyn_into::<HtmlElement>().ok()?;
    let options = WorkerOptions::new();
    options.set_type(WorkerType::Module);
    let worker = Worker::new_with_options(&root.dataset().get("worker")?, &options).ok()?;
    let on_message = Closure::<dyn Fn(MessageEvent)>::new(|event: MessageEvent| {
        if let Some(message) = event.data().as_string() {
            WORKSHOP.with_borrow_mut(|workshop| workshop.told(&message));
        }
    });
    let on_error = Closure::<dyn Fn()>::new(|| {
        WORKSHOP.with_borrow_mut(|workshop| workshop.worker = State::Failed);
    });
    worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
    // The worker lives as long as the page.
    on_message.forget();
    on_error.forget();
    Some(worker)
}
