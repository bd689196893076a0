//! Follows an answer by server-sent events, over any number of cut connections.
//!
//! The browser reconnects by itself after a cut and repeats the last id. It gives up for good when
//! it is answered with anything but an event stream, a proxy's 502 for instance, and it does not
//! notice that a phone's sleep has killed a connection; so this opens a new one then, from the
//! last id.

use std::{cell::RefCell, rc::Rc, time::Duration};

use leptos::{ev, leptos_dom::helpers::WindowListenerHandle, prelude::*};
use protocol::{AnswerEvent, MessageId, Sequence};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{EventSource, MessageEvent};

use crate::state::Connection;

const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// The names of the events of an answer. Others are not listened to.
const NAMES: [&str; 3] = ["delta", "snapshot", "end"];

/// A followed answer. It stops following when [`Follow::close`] is called.
#[derive(Clone)]
pub(crate) struct Follow(Rc<Inner>);

struct Inner {
    answer: MessageId,
    connection: RwSignal<Connection>,
    on_event: RefCell<Box<dyn FnMut(AnswerEvent)>>,
    live: RefCell<Live>,
}

struct Live {
    cursor: Sequence,
    wait: Duration,
    source: Option<Source>,
    closed: bool,
    listeners: Vec<WindowListenerHandle>,
}

/// A connection with the closures it calls.
struct Source {
    events: EventSource,
    _on_event: Closure<dyn Fn(MessageEvent)>,
    _on_open: Closure<dyn Fn()>,
    _on_error: Closure<dyn Fn()>,
}

impl Drop for Source {
    fn drop(&mut self) {
        self.events.close();
    }
}

impl Follow {
    /// Follows an answer from after `cursor`.
    pub(crate) fn start(
        answer: MessageId,
        cursor: Sequence,
        connection: RwSignal<Connection>,
        on_event: impl FnMut(AnswerEvent) + 'static,
    ) -> Self {
        let follow = Self(Rc::new(Inner {
            answer,
            connection,
            on_event: RefCell::new(Box::new(on_event)),
            live: RefCell::new(Live {
                cursor,
                wait: FIRST_WAIT,
                source: None,
                closed: false,
                listeners: Vec::new(),
            }),
        }));
        follow.connect();
        let again = follow.clone();
        let online = window_event_listener(ev::online, move |_| again.connect());
        let again = follow.clone();
        let visible = window_event_listener(ev::pageshow, move |_| again.connect());
        let again = follow.clone();
        let woken = window_event_listener(ev::focus, move |_| again.connect());
        follow.0.live.borrow_mut().listeners.extend([online, visible, woken]);
        follow
    }

    /// Stops following.
    pub(crate) fn close(&self) {
        let mut live = self.0.live.borrow_mut();
        live.closed = true;
        live.source = None;
        for listener in live.listeners.drain(..) {
            listener.remove();
        }
    }

    /// Opens a connection in place of the one there is.
    fn connect(&self) {
        let mut live = self.0.live.borrow_mut();
        if live.closed {
            return;
        }
        live.source = None;
        let address = format!("/api/answers/{}/events?after={}", self.0.answer, live.cursor);
        // It fails only for addresses that cannot be parsed.
        let Ok(events) = EventSource::new(&address) else { return };
        let this = self.clone();
        let on_event = Closure::<dyn Fn(MessageEvent)>::new(move |event| this.received(&event));
        let this = self.clone();
        let on_open = Closure::<dyn Fn()>::new(move || this.opened());
        let this = self.clone();
        let on_error = Closure::<dyn Fn()>::new(move || this.failed());
        for name in NAMES {
            events.add_event_listener_with_callback(name, on_event.as_ref().unchecked_ref()).ok();
        }
        events.set_onopen(Some(on_open.as_ref().unchecked_ref()));
        events.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        live.source =
            Some(Source { events, _on_event: on_event, _on_open: on_open, _on_error: on_error });
    }

    fn opened(&self) {
        self.0.live.borrow_mut().wait = FIRST_WAIT;
        self.0.connection.set(Connection::Fine);
    }

    fn received(&self, event: &MessageEvent) {
        if let Ok(cursor) = event.last_event_id().parse() {
            self.0.live.borrow_mut().cursor = cursor;
        }
        let Some(data) = event.data().as_string() else { return };
        let Ok(event) = serde_json::from_str::<AnswerEvent>(&data) else { return };
        let ends = matches!(event, AnswerEvent::End(_));
        (self.0.on_event.borrow_mut())(event);
        if ends {
            self.close_later();
        }
    }

    /// Closes after the closure that is running has returned, since closing drops it.
    fn close_later(&self) {
        let this = self.clone();
        set_timeout(move || this.close(), Duration::ZERO);
    }

    fn failed(&self) {
        let offline = !window().navigator().on_line();
        self.0.connection.set(if offline { Connection::Offline } else { Connection::Reconnecting });
        let wait = {
            let mut live = self.0.live.borrow_mut();
            let given_up = live
                .source
                .as_ref()
                .is_some_and(|source| source.events.ready_state() == EventSource::CLOSED);
            if !given_up || live.closed {
                return;
            }
            let wait = live.wait;
            live.wait = (wait * 2).min(LONGEST_WAIT);
            wait
        };
        let this = self.clone();
        set_timeout(move || this.connect(), wait);
    }
}
