//! Lets an open answer grow on the page as the server tells of it, touching only what the renderer
//! says has changed.
//!
//! The renderer and all of this are a part of the WASM of their own. It is fetched when the page has
//! come to rest, and at once when there is an answer to follow.

use std::{cell::RefCell, rc::Rc, sync::Arc, time::Duration};

use leptos::prelude::*;
use markdown::{Calm, Stream};
use protocol::{AnswerEvent, MessageId};
use web_sys::{Element, HtmlDivElement};

use super::{
    colours::{self, Colours},
    events, now_ms, scroll, typesetter,
};
use crate::{
    Language,
    message::id_prefix,
    part::{Fetched, Part},
    state::{Answer, Connection, State},
};

/// An open answer and the two elements that it grows in.
pub(crate) struct Open {
    pub(crate) state: State,
    pub(crate) id: MessageId,
    pub(crate) answer: Answer,
    pub(crate) content: HtmlDivElement,
    pub(crate) reasoning: HtmlDivElement,
}

type Follow = fn(Open);

thread_local! {
    static PART: Rc<Part<Follow>> = Rc::new(Part::new(|| Box::pin(fetch())));
}

/// Debug builds are whole: there, `cargo leptos watch` does not split.
#[cfg_attr(
    not(debug_assertions),
    leptos::wasm_split::wasm_split(growth, wasm_split_path = ::leptos::wasm_split, fallible)
)]
fn load_growth() -> Fetched<Follow> {
    Ok(follow)
}

async fn fetch() -> Fetched<Follow> {
    let fetched = load_growth();
    #[cfg(not(debug_assertions))]
    let fetched = fetched.await;
    fetched
}

/// Fetches the renderer, so that the first answer need not wait for it.
pub(super) fn prefetch() {
    PART.with(Rc::clone).when_loaded(|_| ());
}

/// How long after a failure the renderer is fetched again.
const AGAIN: Duration = Duration::from_secs(2);

/// Follows an open answer until it ends or its view is gone.
pub(crate) fn grow(open: Open) {
    let id = open.id;
    on_cleanup(move || events::unfollow(id));
    grow_when_loaded(open);
}

fn grow_when_loaded(open: Open) {
    PART.with(Rc::clone).when_loaded(move |follow| match follow {
        // Its view may have gone meanwhile.
        _ if !open.content.is_connected() => {}
        Some(follow) => follow(open),
        None => {
            open.state.connection.set(Connection::Reconnecting);
            set_timeout(move || grow_when_loaded(open), AGAIN);
        }
    });
}

fn follow(open: Open) {
    let Open { state, id, answer, content, reasoning } = open;
    let adopt = |element: &Element, source: &str, part: &str| {
        GrowingText::adopt(element, source, id_prefix(id, part), state.language)
    };
    let growth = Rc::new(RefCell::new(Growth {
        state,
        content: adopt(&content, &answer.growing.content, "a"),
        reasoning: adopt(&reasoning, &answer.growing.reasoning, "r"),
        answer: answer.clone(),
        will_flush: false,
        thinking_since: None,
        last_delta_ms: 0,
        last_flush_ms: 0,
        will_release: false,
    }));
    let on_event = {
        let growth = Rc::clone(&growth);
        move |json: &str| receive(&growth, json)
    };
    events::follow(id, answer.sequence, on_event);
}

/// After so long without a delta everything is shown as it is.
const PAUSE: Duration = Duration::from_millis(400);

struct Growth {
    state: State,
    answer: Answer,
    content: GrowingText,
    reasoning: GrowingText,
    /// What has come will be shown soon.
    will_flush: bool,
    /// When the first reasoning came, in milliseconds.
    thinking_since: Option<i64>,
    /// In milliseconds.
    last_delta_ms: i64,
    /// When it was shown last, in milliseconds.
    last_flush_ms: i64,
    /// It will be looked whether what is held back must be shown.
    will_release: bool,
}

/// Takes an event. True if it was the last.
fn receive(growth: &Rc<RefCell<Growth>>, json: &str) -> bool {
    // What is no event is of a server to come.
    let Ok(event) = serde_json::from_slice(json.as_bytes()) else { return false };
    match event {
        AnswerEvent::Delta(delta) => {
            let mut grown = growth.borrow_mut();
            grown.content.add(&delta.content);
            grown.reasoning.add(&delta.reasoning);
            grown.last_delta_ms = now_ms();
            drop(grown);
            flush_soon(growth);
            release_after_pause(growth);
        }
        AnswerEvent::Snapshot(snapshot) => {
            let mut grown = growth.borrow_mut();
            grown.content.replace(snapshot.content);
            grown.reasoning.replace(snapshot.reasoning);
            drop(grown);
            flush_soon(growth);
        }
        AnswerEvent::End(end) => {
            growth.borrow_mut().release();
            // The end is to be whole when it is told of.
            flush(growth);
            let state = {
                let mut grown = growth.borrow_mut();
                grown.content.finish();
                grown.reasoning.finish();
                grown.answer.end.set(end);
                grown.state
            };
            // What stands below an ended answer is there with the next rendering.
            scroll::stick_soon(state);
            return true;
        }
    }
    false
}

/// How far apart it is shown at least. The server's own pace is slower; what comes faster has waited somewhere on the way,
/// as it does for a page that slept.
const APART: Duration = Duration::from_millis(30);

/// Shows what has come: at once, or soon if that was just done. Not in an animation frame: who scrolls in one has the
/// browser make another, to tell of it.
fn flush_soon(growth: &Rc<RefCell<Growth>>) {
    if growth.borrow().will_flush {
        return;
    }
    // The clock may have been set back.
    let since_ms = u64::try_from(now_ms() - growth.borrow().last_flush_ms).unwrap_or_default();
    match APART.saturating_sub(Duration::from_millis(since_ms)) {
        Duration::ZERO => flush(growth),
        wait => {
            growth.borrow_mut().will_flush = true;
            let growth = Rc::clone(growth);
            set_timeout(move || flush(&growth), wait);
        }
    }
}

/// Shows what is held back at the end of the text when nothing has come for a while.
fn release_after_pause(growth: &Rc<RefCell<Growth>>) {
    let holds = growth.borrow().content.calm.holds() || growth.borrow().reasoning.calm.holds();
    if !holds || std::mem::replace(&mut growth.borrow_mut().will_release, true) {
        return;
    }
    let growth = Rc::clone(growth);
    let look = move || {
        growth.borrow_mut().will_release = false;
        let quiet_ms = now_ms() - growth.borrow().last_delta_ms;
        if quiet_ms < PAUSE.as_millis() as i64 {
            return release_after_pause(&growth);
        }
        growth.borrow_mut().release();
        flush_soon(&growth);
    };
    set_timeout(look, PAUSE);
}

fn flush(growth: &Rc<RefCell<Growth>>) {
    let state = {
        let mut grown = growth.borrow_mut();
        grown.will_flush = false;
        grown.last_flush_ms = now_ms();
        colours::show_coloured();
        grown.flush();
        grown.state
    };
    load_typesetter(growth);
    scroll::stick(state);
}

impl Growth {
    fn release(&mut self) {
        self.content.release();
        self.reasoning.release();
    }

    fn flush(&mut self) {
        let reasons = self.reasoning.flush();
        let speaks = self.content.flush();
        if reasons {
            let since = *self.thinking_since.get_or_insert_with(now_ms);
            let seconds = (now_ms() - since).unsigned_abs() / 1_000;
            if self.answer.thinking_s.get_untracked() != seconds {
                self.answer.thinking_s.set(seconds);
            }
            turn_on(&self.answer.has_reasoning);
        }
        if speaks {
            turn_on(&self.answer.has_content);
        }
    }
}

/// Loads what typesets formulas when the first is met, and typesets those that stand there.
fn load_typesetter(growth: &Rc<RefCell<Growth>>) {
    let is_wanted = {
        let grown = growth.borrow();
        grown.content.stream.wants_typesetter() || grown.reasoning.stream.wants_typesetter()
    };
    if !is_wanted {
        return;
    }
    let growth = Rc::clone(growth);
    typesetter::when_loaded(move |typesetter| {
        let mut grown = growth.borrow_mut();
        grown.content.typeset(typesetter);
        grown.reasoning.typeset(typesetter);
    });
}

fn turn_on(signal: &ArcRwSignal<bool>) {
    if !signal.get_untracked() {
        signal.set(true);
    }
}

/// One growing text: the renderer and the element that shows what it renders.
struct GrowingText {
    element: Element,
    body: dom::Body,
    id_prefix: String,
    language: Language,
    stream: Stream,
    colours: Colours,
    calm: Calm,
    pending: String,
}

impl GrowingText {
    /// Takes over an element that shows `source` already: the server rendered it by the same code.
    fn adopt(body: &Element, source: &str, id_prefix: String, language: Language) -> Self {
        let mut stream = new_stream(&id_prefix, language);
        stream.push(source);
        mark_direction(body, source);
        Self {
            element: body.clone(),
            body: dom::Body::new(body.clone()),
            id_prefix,
            language,
            stream,
            colours: Colours::adopt(body),
            calm: Calm::after(source),
            pending: String::new(),
        }
    }

    /// Forgets what is shown in favour of another text.
    fn replace(&mut self, source: String) {
        self.body.clear();
        self.stream = new_stream(&self.id_prefix, self.language);
        self.colours = Colours::default();
        self.calm = Calm::after(&source);
        mark_direction(&self.element, &source);
        self.pending = source;
    }

    /// More text, of which a little may be held back until it is clear what it is.
    fn add(&mut self, delta: &str) {
        mark_direction(&self.element, delta);
        self.pending.push_str(&self.calm.push(delta));
    }

    fn release(&mut self) {
        self.pending.push_str(&self.calm.release());
    }

    /// Shows what has come. True if that was anything.
    fn flush(&mut self) -> bool {
        if self.pending.is_empty() {
            return false;
        }
        let patch = self.stream.push(&self.pending);
        self.pending.clear();
        self.apply(&patch);
        true
    }

    fn finish(&mut self) {
        let patch = self.stream.finish();
        self.apply(&patch);
    }

    /// Every flush while a formula waits asks for the typesetter; the first answer is enough.
    fn typeset(&mut self, typesetter: &Arc<dyn markdown::Typeset>) {
        if !self.stream.wants_typesetter() {
            return;
        }
        let patch = self.stream.set_typesetter(Arc::clone(typesetter));
        self.apply(&patch);
    }

    fn apply(&mut self, patch: &markdown::Patch) {
        for figure in self.body.apply(patch) {
            self.colours.grown(figure);
        }
    }
}

/// Lets the paragraphs of a text run their own ways once one of them may.
fn mark_direction(body: &Element, text: &str) {
    if markdown::has_right_to_left(text) {
        body.class_list().add_1("bidi").ok();
    }
}

fn new_stream(id_prefix: &str, language: Language) -> Stream {
    Stream::new(markdown::Options {
        id_prefix: id_prefix.to_owned(),
        labels: &language.words().message.labels,
        typesetter: typesetter::loaded(),
        ..markdown::Options::default()
    })
}
