//! Files beside a question: added in the composer, shown where it was asked.
//!
//! A file is sent to the server as soon as it is added, so that the question itself goes at once
//! and what is wrong with a file is said beside the file.

use leptos::{html, prelude::*};
use protocol::{Bytes, ConversationId, FileInfo, FileKind};

use crate::{
    aside::{self, Action},
    browser,
    estimate::with_separators,
    icon::{Icon, Shape},
    language::words,
    state::State,
    view::FileLimits,
};

/// The id of the field in which the browser's own dialog puts files.
pub(crate) const PICKER: &str = "file-picker";

/// The files that will go with the next question. Copied freely; all copies are the same.
#[derive(Debug, Clone, Copy)]
pub struct Attachments {
    /// Those that are ready are of the conversation that is shown; others wait in the browser's storage.
    items: RwSignal<Vec<Attachment>>,
    shown: RwSignal<Option<ConversationId>>,
    /// The longest file, in bytes.
    pub max_bytes: u64,
    max_count: usize,
}

/// A file in the composer, or of a question on its way to the server.
#[derive(Debug, Clone)]
pub struct Attachment {
    key: u32,
    /// The conversation it was added to; `None` before that is begun.
    home: Option<ConversationId>,
    name: String,
    bytes: u64,
    stage: Stage,
}

/// How far a file is.
#[derive(Debug, Clone, PartialEq)]
pub enum Stage {
    /// On its way to the server, with so many percent of it there.
    Coming(u8),
    /// Stored, and ready to be sent.
    Ready(FileInfo),
    /// Goes with the question that is being sent.
    Sending(FileInfo),
    /// Not taken, for this reason.
    Refused(String),
}

impl Attachments {
    /// None yet. The limits are the longest file, in bytes, and the most files of a question.
    pub fn new(
        (max_bytes, max_count): FileLimits,
        shown: RwSignal<Option<ConversationId>>,
    ) -> Self {
        Self { items: RwSignal::default(), shown, max_bytes, max_count }
    }

    /// Those of the conversation that is shown.
    fn here(self) -> Vec<Attachment> {
        let shown = self.shown.get();
        self.items.with(|items| items.iter().filter(|item| item.home == shown).cloned().collect())
    }

    /// The files that are ready.
    pub fn ready(self) -> Vec<FileInfo> {
        self.in_stage(|stage| match stage {
            Stage::Ready(info) => Some(info.clone()),
            _ => None,
        })
    }

    /// The files of the question that is being sent.
    pub fn sending(self) -> Vec<FileInfo> {
        self.in_stage(|stage| match stage {
            Stage::Sending(info) => Some(info.clone()),
            _ => None,
        })
    }

    fn in_stage(self, info: fn(&Stage) -> Option<FileInfo>) -> Vec<FileInfo> {
        self.here().iter().filter_map(|item| info(&item.stage)).collect()
    }

    /// True while a question would go without a file that was meant to go with it.
    pub fn hold_back(self) -> bool {
        let waits = |item: &Attachment| matches!(item.stage, Stage::Coming(_) | Stage::Refused(_));
        self.here().iter().any(waits)
    }

    /// Whether there is anything to send.
    pub fn any_ready(self) -> bool {
        !self.ready().is_empty()
    }

    /// Takes the files for a question that is being sent.
    pub fn take(self) -> Vec<FileInfo> {
        let files = untrack(|| self.ready());
        self.items.update(|items| {
            for item in items {
                if let Stage::Ready(info) = &item.stage {
                    item.stage = Stage::Sending(info.clone());
                }
            }
        });
        files
    }

    /// The question of a conversation was sent, or is not going to be.
    pub fn sent(self, home: Option<ConversationId>, done: bool) {
        self.items.update(|items| {
            items.retain_mut(|item| {
                let Stage::Sending(info) = &item.stage else { return true };
                let is_other = item.home != home;
                if !is_other {
                    item.stage = Stage::Ready(info.clone());
                }
                is_other || !done
            });
        });
    }

    /// The conversation was begun to which files are being added.
    pub fn begun(self, conversation: ConversationId) {
        self.items.update(|items| {
            for item in items.iter_mut().filter(|item| item.home.is_none()) {
                item.home = Some(conversation);
            }
        });
        browser::forget_files(None);
    }

    /// Adds stored files.
    pub fn put(self, files: Vec<FileInfo>) {
        for info in files {
            let (name, bytes) = (info.name.clone(), info.bytes);
            self.add(name, bytes, Stage::Ready(info));
        }
    }

    /// Adds a file that is on its way. Returns what it is known by, or nothing if there are enough.
    pub fn begin(self, name: String, bytes: u64) -> Option<u32> {
        if untrack(|| self.here()).len() < self.max_count {
            return Some(self.add(name, bytes, Stage::Coming(0)));
        }
        let why = (words().attachment.too_many)(self.max_count);
        self.add(name, bytes, Stage::Refused(why));
        None
    }

    /// Says how far a file is, if it is still wanted.
    pub fn tell(self, key: u32, stage: Stage) {
        self.items.update(|items| {
            if let Some(item) = items.iter_mut().find(|item| item.key == key) {
                item.stage = stage;
            }
        });
    }

    fn add(self, name: String, bytes: u64, stage: Stage) -> u32 {
        let (key, home) = (browser::next_key(), self.shown.get_untracked());
        self.items.update(|items| items.push(Attachment { key, home, name, bytes, stage }));
        key
    }

    /// Lets ready files wait in the browser's storage: those of other conversations than what is shown, or `all`.
    fn put_away(self, all: bool) {
        let shown = self.shown.get_untracked();
        let goes = |item: &Attachment| match &item.stage {
            Stage::Ready(info) if all || item.home != shown => Some(info.clone()),
            _ => None,
        };
        let going = self.items.with_untracked(|items| {
            items.iter().filter_map(|item| Some((item.home, goes(item)?))).collect::<Vec<_>>()
        });
        if going.is_empty() {
            return;
        }
        self.items.update(|items| items.retain(|item| goes(item).is_none()));
        for (home, info) in going {
            browser::keep_file(home, info);
        }
    }

    fn remove(self, key: u32) {
        self.items.update(|items| items.retain(|item| item.key != key));
    }
}

/// The button that adds files. It needs scripts.
#[component]
pub fn AddFiles() -> impl IntoView {
    let state = State::here();
    let words = &words().attachment;
    view! {
        <button
            type="button"
            class="quiet icon scripted"
            aria-label=words.add
            title=words.add
            on:click=move |_| aside::act(state, Action::PickFiles)
        >
            <Icon shape=Shape::PaperClip />
        </button>
    }
}

/// Where the browser's own dialog puts files, and what keeps them.
#[component]
fn FilePicker() -> impl IntoView {
    let state = State::here();
    let attached = state.attached;
    let words = &words().attachment;
    let picker = NodeRef::<html::Input>::new();
    // At once, and not in an effect: a file that was pasted before this part had come is added next.
    let restored = StoredValue::new(state.shown.get_untracked());
    attached.put(browser::kept_files(restored.get_value()));
    // What is ready is kept for when the page is loaded again, but not before that was restored which waits
    // for what is shown.
    Effect::new(move |_| {
        let (shown, ready) = (state.shown.get(), attached.ready());
        let is_restored = restored.get_value() == shown;
        attached.put_away(!is_restored);
        if is_restored {
            browser::keep_files(shown, &ready);
        } else {
            restored.set_value(shown);
            attached.put(browser::kept_files(shown));
        }
    });
    let picked = move |_| {
        if let Some(picker) = picker.get_untracked() {
            if let Some(files) = picker.files() {
                browser::add_files(attached, browser::files_in(&files));
            }
            // The same file may be picked again after it was removed.
            picker.set_value("");
        }
    };
    view! {
        <input
            type="file"
            id=PICKER
            multiple
            // Pictures are named so that phones offer their camera; anything may be picked.
            accept="image/*,application/pdf,text/*,*/*"
            class="visually-hidden"
            tabindex="-1"
            aria-hidden="true"
            node_ref=picker
            on:change=picked
        />
        <p class="drop-here" aria-hidden="true">
            {words.drop_here}
        </p>
    }
}

/// The files in the composer. All are written anew when one changes: they are few, and a view that
/// watches each would weigh more than the whole list.
#[component]
pub fn AddedFiles() -> impl IntoView {
    let attached = State::here().attached;
    let files = move || {
        let items = attached.here().into_iter();
        let here = items.filter(|item| !matches!(item.stage, Stage::Sending(_)));
        here.map(|item| added_file(attached, item)).collect_view()
    };
    view! {
        <FilePicker />
        <ul class="files" aria-label=words().attachment.files aria-live="polite">
            {files}
        </ul>
    }
}

/// A file in the composer: what it is, how far it is, and the way to be rid of it.
fn added_file(attached: Attachments, item: Attachment) -> impl IntoView {
    let words = &words().attachment;
    let Attachment { key, name, bytes, stage, .. } = item;
    let remove = (words.remove)(&name);
    let picture = picture(&stage);
    let (class, role) = match stage {
        Stage::Refused(_) => ("file refused", Some("alert")),
        _ => ("file", None),
    };
    // Every step of it would be read aloud.
    let is_coming = matches!(stage, Stage::Coming(_));
    let about = match stage {
        Stage::Coming(percent) => (words.uploading)(percent),
        Stage::Ready(info) | Stage::Sending(info) => {
            format!("{} · {}", Bytes(bytes), (words.tokens)(&with_separators(info.tokens)))
        }
        Stage::Refused(why) => why,
    };
    view! {
        <li class=class>
            <img class=if picture.is_some() { "picture" } else { "absent" } src=picture.clone() alt="" />
            <span class=if picture.is_some() { "absent" } else { "paper" }>
                <Icon shape=Shape::Sheet />
            </span>
            <span class="about">
                <span class="name" dir="auto">{name}</span>
                <small role=role aria-hidden=is_coming.then_some("true")>{about}</small>
            </span>
            <button
                type="button"
                class="quiet icon"
                aria-label=remove.clone()
                title=remove
                on:click=move |_| attached.remove(key)
            >
                <Icon shape=Shape::Cross />
            </button>
        </li>
    }
}

/// Where the picture of a stored file is, if it is one.
fn picture(stage: &Stage) -> Option<String> {
    match stage {
        Stage::Ready(info) if info.kind == FileKind::Image => Some(address(info)),
        _ => None,
    }
}

fn address(info: &FileInfo) -> String {
    format!("/api/files/{}", info.id)
}

/// The files of a question that was asked. Each leads to itself: a picture is shown large, anything
/// else is saved.
#[component]
pub fn SentFiles(files: Vec<FileInfo>) -> impl IntoView {
    (!files.is_empty()).then(|| {
        let files = files.into_iter().map(|info| {
            let is_image = info.kind == FileKind::Image;
            let (width, height) = info.size.unzip();
            let image = is_image.then(|| {
                view! {
                    <img src=address(&info) alt=info.name.clone() width=width height=height loading="lazy" decoding="async" />
                }
            });
            let sheet = (!is_image).then(|| {
                view! {
                    <Icon shape=Shape::Sheet />
                    <span class="about">
                        <span class="name" dir="auto">{info.name.clone()}</span>
                        <small>{Bytes(info.bytes).to_string()}</small>
                    </span>
                }
            });
            // A picture is looked at without losing the place in the conversation.
            let (target, download) = (is_image.then_some("_blank"), (!is_image).then(|| info.name.clone()));
            view! {
                <li class=if is_image { "image" } else { "file" }>
                    <a href=address(&info) target=target download=download>
                        {image}
                        {sheet}
                    </a>
                </li>
            }
        });
        view! {
            <ul class="files" aria-label=words().attachment.files>
                {files.collect_view()}
            </ul>
        }
    })
}
