//! The one stream of events of the page: notices of what has changed, and the answer that is
//! followed. Browsers allow six connections to a host over HTTP/1.1, for all tabs together.
//!
//! The browser reconnects by itself after a cut and repeats the last id. It gives up for good when
//! it is answered with anything but an event stream, a proxy's 502 for instance, and it does not
//! notice that a phone's sleep has killed a connection; so this opens a new one then, from the
//! last id.

use std::{cell::RefCell, rc::Rc, time::Duration};

use leptos::{ev, prelude::*};
use protocol::{Changed, ConversationId, MessageId, Notice, Sequence};
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{EventSource, MessageEvent, PageTransitionEvent, UrlSearchParams, VisibilityState};

use super::{document_event_listener, spawn};
use crate::{
    aside,
    rpc::Arrange,
    state::{Connection, State},
};

const FIRST_WAIT: Duration = Duration::from_millis(500);
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// Notices come in groups; what they ask for is done once for each group.
const SOON: Duration = Duration::from_millis(120);

/// The names of the events of an answer. Others are not listened to.
const ANSWER: [&str; 3] = ["delta", "snapshot", "end"];

thread_local! {
    static PAGE: RefCell<Option<Events>> = const { RefCell::new(None) };
}

/// The stream of the page.
#[derive(Clone)]
struct Events(Rc<Inner>);

struct Inner {
    state: State,
    live: RefCell<Live>,
}

#[derive(Default)]
struct Live {
    followed: Option<Followed>,
    /// The temporary conversation that is shown, which stays while it is.
    watched: Option<ConversationId>,
    wait: Duration,
    source: Option<Source>,
    list_is_due: bool,
    conversation_is_due: bool,
}

/// Gets each event of an answer as JSON, an [`protocol::AnswerEvent`], and says whether it was the last.
type OnEvent = dyn FnMut(&str) -> bool;

/// The answer that is followed.
struct Followed {
    answer: MessageId,
    cursor: Sequence,
    on_event: Rc<RefCell<OnEvent>>,
}

/// A connection with the closures it calls.
struct Source {
    events: EventSource,
    _on_answer: Closure<dyn Fn(MessageEvent)>,
    _on_notice: Closure<dyn Fn(MessageEvent)>,
    _on_open: Closure<dyn Fn()>,
    _on_error: Closure<dyn Fn()>,
}

impl Drop for Source {
    fn drop(&mut self) {
        self.events.close();
    }
}

/// Makes it possible to follow an answer.
pub(crate) fn prepare_events(state: State) {
    let live = Live { wait: FIRST_WAIT, ..Live::default() };
    PAGE.set(Some(Events(Rc::new(Inner { state, live: RefCell::new(live) }))));
}

/// Listens for as long as the page lives.
pub(crate) fn listen_to_server(state: State) {
    let Some(events) = PAGE.with_borrow(Clone::clone) else { return };
    listen_again(state);
    events.connect_if_wanted();
    for happened in ["online", "pageshow", "focus"] {
        let again = events.clone();
        window_event_listener_untyped(happened, move |_| again.reconnect_if_followed());
    }
    let again = events.clone();
    window_event_listener(ev::online, move |_| again.connect());
    let goes = events.clone();
    window_event_listener_untyped("pagehide", move |event| {
        // A page that the browser keeps may come back.
        if !event.unchecked_ref::<PageTransitionEvent>().persisted() {
            goes.say_goodbye();
        }
    });
    document_event_listener("visibilitychange", move || events.connect_if_wanted());
}

/// Lets the server know which temporary conversation is shown, if that has changed.
pub(crate) fn listen_again(state: State) {
    let watched = state.link.with_untracked(|link| link.temporary.then_some(link.id));
    with_page(|events| {
        if std::mem::replace(&mut events.0.live.borrow_mut().watched, watched) != watched {
            events.connect();
        }
    });
}

/// Follows an answer from after `cursor`, in place of the one before.
pub(crate) fn follow(
    answer: MessageId,
    cursor: Sequence,
    on_event: impl FnMut(&str) -> bool + 'static,
) {
    let on_event = Rc::new(RefCell::new(on_event));
    with_page(|events| {
        events.0.live.borrow_mut().followed = Some(Followed { answer, cursor, on_event });
        events.connect();
    });
}

/// Follows an answer no more, if it is the one that is followed.
pub(crate) fn unfollow(answer: MessageId) {
    with_page(|events| {
        let mut live = events.0.live.borrow_mut();
        if live.followed.as_ref().is_some_and(|followed| followed.answer == answer) {
            live.followed = None;
        }
    });
}

fn with_page(act: impl FnOnce(&Events)) {
    if let Some(events) = PAGE.with_borrow(Clone::clone) {
        act(&events);
    }
}

impl Events {
    /// Opens a connection, or closes it where nobody looks and nothing is followed: other tabs
    /// need theirs.
    fn connect_if_wanted(&self) {
        let hidden = document().visibility_state() == VisibilityState::Hidden;
        let mut live = self.0.live.borrow_mut();
        if hidden && live.followed.is_none() && live.watched.is_none() {
            live.source = None;
        } else if live.source.is_none() {
            drop(live);
            self.connect();
        }
    }

    /// Tells the server that the page goes, and with it the temporary conversation that it shows.
    fn say_goodbye(&self) {
        let Some(id) = self.0.live.borrow().watched else { return };
        let Ok(fields) = UrlSearchParams::new() else { return };
        fields.append("conversation", &id.to_string());
        fields.append("what", Arrange::Leave.as_str());
        // Any other request would go with the page. Where this one does not arrive, the server waits longer.
        let navigator = window().navigator();
        navigator.send_beacon_with_opt_url_search_params("/rpc/arrange", Some(&fields)).ok();
    }

    fn reconnect_if_followed(&self) {
        if self.0.live.borrow().followed.is_some() {
            self.connect();
        }
    }

    /// Opens a connection in place of the one there is.
    fn connect(&self) {
        let state = self.0.state;
        let mut live = self.0.live.borrow_mut();
        live.source = None;
        let mut address = format!("/api/events?seen={}", state.version.get_value());
        if let Some(Followed { answer, cursor, .. }) = &live.followed {
            address.push_str(&format!("&answer={answer}&after={cursor}"));
        }
        if let Some(id) = live.watched {
            address.push_str(&format!("&conversation={id}"));
        }
        // It fails only for addresses that cannot be parsed.
        let Ok(events) = EventSource::new(&address) else { return };
        let this = self.clone();
        let on_answer = Closure::<dyn Fn(MessageEvent)>::new(move |event| this.answered(&event));
        let this = self.clone();
        let on_notice = Closure::<dyn Fn(MessageEvent)>::new(move |event| this.noticed(&event));
        let this = self.clone();
        let on_open = Closure::<dyn Fn()>::new(move || this.opened());
        let this = self.clone();
        let on_error = Closure::<dyn Fn()>::new(move || this.failed());
        for name in ANSWER {
            events.add_event_listener_with_callback(name, on_answer.as_ref().unchecked_ref()).ok();
        }
        events
            .add_event_listener_with_callback(Notice::NAME, on_notice.as_ref().unchecked_ref())
            .ok();
        events.set_onopen(Some(on_open.as_ref().unchecked_ref()));
        events.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        live.source = Some(Source {
            events,
            _on_answer: on_answer,
            _on_notice: on_notice,
            _on_open: on_open,
            _on_error: on_error,
        });
    }

    fn opened(&self) {
        self.0.live.borrow_mut().wait = FIRST_WAIT;
        self.0.state.connection.set(Connection::Fine);
    }

    fn answered(&self, event: &MessageEvent) {
        let Some(data) = event.data().as_string() else { return };
        let (answer, on_event) = {
            let mut live = self.0.live.borrow_mut();
            let Some(followed) = &mut live.followed else { return };
            if let Ok(cursor) = event.last_event_id().parse() {
                followed.cursor = cursor;
            }
            (followed.answer, Rc::clone(&followed.on_event))
        };
        // Nothing is borrowed here: what is called may follow another answer.
        let was_last = (on_event.borrow_mut())(&data);
        if was_last {
            unfollow(answer);
        }
    }

    fn noticed(&self, event: &MessageEvent) {
        let Some(data) = event.data().as_string() else { return };
        let Ok(notice) = serde_json::from_slice::<Notice>(data.as_bytes()) else { return };
        let state = self.0.state;
        state.version.set_value(notice.version);
        let is_shown = |id| state.shown.get_untracked() == Some(id);
        let (list, conversation) = match notice.changed {
            Changed::List => (true, false),
            Changed::Conversation(id) => (false, is_shown(id)),
            Changed::Everything => (true, true),
            Changed::Draft(_) | Changed::Preferences | Changed::Look => (false, false),
        };
        if !matches!(notice.changed, Changed::List | Changed::Conversation(_)) {
            aside::take_over(state, notice.changed);
        }
        // What was deleted may be back.
        let conversation = conversation || state.not_found.get_untracked();
        let mut live = self.0.live.borrow_mut();
        let is_new = !(live.list_is_due || live.conversation_is_due) && (list || conversation);
        live.list_is_due |= list;
        live.conversation_is_due |= conversation;
        drop(live);
        if is_new {
            let this = self.clone();
            set_timeout(move || this.refresh(), SOON);
        }
    }

    fn refresh(&self) {
        let state = self.0.state;
        let mut live = self.0.live.borrow_mut();
        if std::mem::take(&mut live.list_is_due) {
            spawn(state.refresh_list());
        }
        if std::mem::take(&mut live.conversation_is_due) {
            spawn(state.refresh());
        }
    }

    fn failed(&self) {
        let offline = !window().navigator().on_line();
        let connection = if offline { Connection::Offline } else { Connection::Reconnecting };
        self.0.state.connection.set(connection);
        let wait = {
            let mut live = self.0.live.borrow_mut();
            let given_up = live
                .source
                .as_ref()
                .is_some_and(|source| source.events.ready_state() == EventSource::CLOSED);
            if !given_up {
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
