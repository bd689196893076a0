//! Where questions are written. A real form: it works before hydration and without scripts.

use leptos::{ev::SubmitEvent, html, prelude::*};
use protocol::ConversationId;

use crate::{
    aside::{self, Action, COMMANDS, ESTIMATE, FILES, Place, QUEUE},
    attachments::AddFiles,
    browser,
    icon::{Icon, Shape},
    language::words,
    model_picker::ModelPicker,
    queue::Queue,
    rpc::Problem,
    settings_sheet::SettingsButton,
    state::State,
    view::path_of,
};

/// The form with the message, the model and the button that sends or stops.
#[component]
pub fn Composer() -> impl IntoView {
    let state = State::here();
    let words = words();
    let field = NodeRef::<html::Textarea>::new();
    // Nothing is disabled before the scripts run, because only they would enable it again.
    let hydrated = RwSignal::new(false);
    let empty = RwSignal::new(true);
    // Files need no words.
    let nothing = move || empty.get() && !state.attached.any_ready();
    let stops = Memo::new(move |_| hydrated.get() && state.open_answer().is_some());

    let keep_draft = move |conversation: Option<ConversationId>, text: String| {
        if conversation == state.shown.get_untracked() {
            state.draft.set_value(text.clone());
        }
        // What is written for a temporary conversation is kept nowhere before it is sent.
        if conversation.is_some() || !state.temporary.get_untracked() {
            if conversation.is_none() {
                state.new_draft.set_value(text.clone());
            }
            browser::keep_draft(state, conversation, text);
        }
    };
    let forget_draft = move |conversation: Option<ConversationId>| {
        if conversation.is_none() {
            state.new_draft.set_value(String::new());
        }
        browser::forget_draft(conversation);
    };

    Effect::new(move |_| {
        hydrated.set(true);
        let shown = state.shown.get();
        if let Some(field) = field.get() {
            if shown.is_some() && shown == state.began.get_value() {
                // The question just sent began this conversation; what was typed since belongs to it.
                forget_draft(None);
                keep_draft(shown, field.value());
                state.began.set_value(None);
            } else {
                browser::restore_draft(&field, shown, state.draft.get_value());
            }
            empty.set(field.value().trim().is_empty());
        }
    });
    Effect::new(move |_| {
        state.drafts_come.track();
        if let Some(field) = field.get() {
            empty.set(field.value().trim().is_empty());
        }
    });
    let input = move |_| {
        if let Some(field) = field.get_untracked() {
            empty.set(field.value().trim().is_empty());
            browser::grow_field(&field);
            // A question that is written anew is no draft of the next one.
            if state.editing.with_untracked(Option::is_none) {
                keep_draft(state.shown.get_untracked(), field.value());
            }
        }
    };
    let send = move || {
        let Some(field) = field.get_untracked() else { return };
        let text = field.value();
        let sending = state.sending.with_untracked(Option::is_some);
        if untrack(nothing) || untrack(|| state.attached.hold_back()) || sending {
            return;
        }
        let asked_in = state.shown.get_untracked();
        browser::set_field(&field, "");
        empty.set(true);
        let was_draft = state.editing.with_untracked(Option::is_none);
        if was_draft {
            state.draft.set_value(String::new());
            forget_draft(asked_in);
        }
        browser::spawn(async move {
            let asked = state.ask(text).await;
            let is_here = asked_in == state.shown.get_untracked();
            match asked {
                // What was being written before an earlier question was taken up again.
                Ok(()) if !was_draft && is_here => {
                    let draft = state.draft.get_value();
                    let whole = browser::put_before(&field, &draft);
                    empty.set(whole.trim().is_empty());
                    if whole != draft {
                        keep_draft(asked_in, whole);
                    }
                }
                Ok(()) if asked_in.is_some() && is_here => {
                    // What was typed since is the next draft.
                    keep_draft(asked_in, field.value());
                }
                Ok(()) => {}
                Err(text) if is_here => {
                    let whole = browser::put_before(&field, &text);
                    empty.set(false);
                    if was_draft {
                        keep_draft(asked_in, whole);
                    }
                }
                // It waits where it was written, since the person has gone on.
                Err(text) if was_draft => keep_draft(asked_in, text),
                Err(_) => {}
            }
        });
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        send();
        // The next question is written meanwhile, and the button has become another.
        aside::act(state, Action::GoOn);
    };
    let key = move |event: web_sys::KeyboardEvent| {
        if browser::sends(&event) {
            event.prevent_default();
            send();
        }
    };
    let is_stop = move || stops.get() && nothing();
    let cannot_send =
        move || !is_stop() && hydrated.get() && (nothing() || state.attached.hold_back());
    let label = move || match (is_stop(), stops.get()) {
        (true, _) => words.composer.stop,
        (false, true) => words.composer.queue,
        (false, false) => words.composer.send,
    };
    let stop = move || {
        if let Some(answer) = untrack(|| state.open_answer()) {
            browser::spawn(state.stop(answer));
        }
        aside::act(state, Action::GoOn);
    };
    let click = move |event: web_sys::MouseEvent| {
        if untrack(is_stop) {
            event.prevent_default();
            stop();
        }
    };
    // Whoever has begun the next question may still stop the answer, also without a keyboard.
    let stop_beside = move || {
        (stops.get() && !nothing()).then(|| {
            let label = words.composer.stop;
            view! {
                <button
                    type="button"
                    class="quiet icon"
                    aria-label=label
                    title=label
                    on:click=move |_| stop()
                >
                    <Icon shape=Shape::Square />
                </button>
            }
        })
    };

    view! {
        <form class="composer" method="post" action="/rpc/ask" on:submit=submit>
            {move || {
                state
                    .problem
                    .get()
                    .map(|problem| {
                        view! {
                            <p class="problem" role="alert">
                                {(words.problem)(&problem)} " "
                                {(problem == Problem::SignedOut).then(|| view! { <SignIn /> })}
                            </p>
                        }
                    })
            }}
            {move || {
                state
                    .shown
                    .get()
                    .map(|id| view! { <input type="hidden" name="conversation" value=id.to_string() /> })
            }}
            {move || {
                (state.shown.get().is_none() && state.temporary.get())
                    .then(|| view! { <input type="hidden" name="temporary" value="true" /> })
            }}
            {move || {
                let persona = state.library.persona.get();
                persona.map(|it| view! { <input type="hidden" name="persona" value=it.id.to_string() /> })
            }}
            <Place id=QUEUE before=|| view! { <Queue /> } />
            <Editing field />
            <div class="box">
                <Place id=COMMANDS before=|| () />
                <textarea
                    node_ref=field
                    name="text"
                    aria-label=words.composer.message
                    placeholder=words.composer.placeholder
                    rows="1"
                    dir="auto"
                    required=move || !hydrated.get()
                    autocomplete="off"
                    on:input=input
                    on:keydown=key
                    on:compositionend=move |_| browser::composed()
                    inner_html=state.written_html.get_value()
                ></textarea>
                <Place id=FILES before=|| () />
                <div class="bar">
                    <AddFiles />
                    <SettingsButton />
                    <ModelPicker />
                    {stop_beside}
                    // One button for all, and never disabled, so that it keeps the focus.
                    <button
                        type=move || if is_stop() { "button" } else { "submit" }
                        class="send"
                        class:stop=is_stop
                        aria-label=label
                        title=label
                        aria-disabled=move || cannot_send().then_some("true")
                        on:click=click
                    >
                        {move || {
                            let shape = if is_stop() { Shape::Square } else { Shape::ArrowUp };
                            view! { <Icon shape /> }
                        }}
                    </button>
                </div>
            </div>
            // Room for the line, so that the composer does not jump when it comes.
            <Place id=ESTIMATE before=|| view! { <p class="estimate"></p> } />
        </form>
    }
}

/// The way to sign in again, and from there back.
#[component]
fn SignIn() -> impl IntoView {
    let back = path_of(State::here().shown.get_untracked());
    view! { <a href=format!("/login?next={back}")>{words().sign_in.title}</a> }
}

/// Says that an earlier question is being written anew, with the way out.
#[component]
fn Editing(field: NodeRef<html::Textarea>) -> impl IntoView {
    let state = State::here();
    let words = words();
    let cancel = move |event: web_sys::MouseEvent| {
        event.prevent_default();
        state.editing.set(None);
        if let Some(field) = field.get_untracked() {
            browser::restore_draft(&field, state.shown.get_untracked(), state.draft.get_value());
        }
        aside::act(state, Action::GoOn);
    };
    move || {
        state.editing.get().map(|id| {
            let conversation = state.shown.get_untracked().unwrap_or_default();
            view! {
                <div class="editing">
                    <input type="hidden" name="instead_of" value=id.to_string() />
                    <span>{words.composer.editing}</span>
                    <a class="quiet" href=format!("/c/{conversation}") role="button" on:click=cancel>
                        {words.page.cancel}
                    </a>
                </div>
            }
        })
    }
}
