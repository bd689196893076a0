//! Adding files: picked, pasted or dropped, made smaller where they are large pictures, and sent to
//! the server.

use std::cell::Cell;

use js_sys::Promise;
use leptos::{ev, prelude::*};
use protocol::{ConversationId, FileInfo, FileProblem};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, CanvasRenderingContext2d, DataTransfer, File, FileList, HtmlCanvasElement, ImageBitmap,
    ProgressEvent, XmlHttpRequest,
};

use super::{spawn, typing::storage};
use crate::{
    aside::{self, Action},
    attachments::{Attachments, PICKER, Stage},
    language::words,
    state::State,
};

/// The longest side of a picture that is sent, in pixels. Providers scale larger ones down.
const LONGEST_SIDE: f64 = 2048.0;

/// How well a picture that is made smaller is kept, of 1.
const QUALITY: f64 = 0.9;

/// A number that no other file of this page has.
pub(crate) fn next_key() -> u32 {
    thread_local! {
        static NEXT: Cell<u32> = const { Cell::new(0) };
    }
    NEXT.replace(NEXT.get() + 1)
}

/// Listens to files that are pasted or dropped anywhere on the page.
pub(super) fn listen(state: State) {
    window_event_listener(ev::paste, move |event| {
        let files = event.clipboard_data().and_then(|data| data.files());
        // Copied cells of a table come as text and as a picture of it; the text is meant then.
        let has_text = event
            .clipboard_data()
            .is_some_and(|data| data.get_data("text/plain").is_ok_and(|text| !text.is_empty()));
        if let Some(files) = files.filter(|files| !has_text && files.length() > 0) {
            event.prevent_default();
            aside::act(state, Action::AddFiles(files_in(&files)));
        }
    });
    window_event_listener(ev::dragover, move |event| {
        if holds_files(event.data_transfer().as_ref()) {
            // Without this the browser would leave the page and open the file.
            event.prevent_default();
            invite_to_drop(true);
        }
    });
    window_event_listener(ev::dragleave, move |event| {
        if event.related_target().is_none() {
            invite_to_drop(false);
        }
    });
    window_event_listener(ev::drop, move |event| {
        invite_to_drop(false);
        let transfer = event.data_transfer();
        if holds_files(transfer.as_ref()) {
            event.prevent_default();
            if let Some(files) = transfer.and_then(|transfer| transfer.files()) {
                aside::act(state, Action::AddFiles(files_in(&files)));
            }
        }
    });
}

fn invite_to_drop(invite: bool) {
    if let Some(root) = document().document_element() {
        root.class_list().toggle_with_force("dropping", invite).ok();
    }
}

fn holds_files(transfer: Option<&DataTransfer>) -> bool {
    transfer.is_some_and(|transfer| transfer.types().includes(&"Files".into(), 0))
}

/// Opens the browser's own dialog for files.
pub(crate) fn pick_files() {
    if let Some(picker) = super::element(PICKER) {
        picker.click();
    }
}

/// The files of a list, which the browser empties when the event is over that brought it.
pub(crate) fn files_in(files: &FileList) -> Vec<File> {
    (0..files.length()).filter_map(|index| files.get(index)).collect()
}

/// Adds files to the next question.
pub(crate) fn add_files(attached: Attachments, files: Vec<File>) {
    for file in files {
        if let Some(key) = attached.begin(file.name(), file.size() as u64) {
            spawn(async move { attached.tell(key, send(file, attached, key).await) });
        }
    }
}

/// Sends a file to the server, and gives what came of it. It is not a part of the WASM of its own,
/// which could not be fetched just when it has to say that the server cannot be reached.
async fn send(file: File, attached: Attachments, key: u32) -> Stage {
    match try_to_send(&file, attached, key).await {
        Ok(info) => Stage::Ready(info),
        Err(why) => Stage::Refused(why),
    }
}

/// The error is in words.
async fn try_to_send(file: &File, attached: Attachments, key: u32) -> Result<FileInfo, String> {
    let words = &words().attachment;
    let smaller = smaller(file).await;
    let body: &Blob = smaller.as_ref().unwrap_or(file);
    let limit = attached.max_bytes;
    if body.size() as u64 > limit {
        // A server that refuses before it has read everything is not heard by every browser.
        return Err((words.problem)(&FileProblem::TooLarge { limit }));
    }
    let (status, said) = post(&file.name(), body, attached, key)
        .await
        .map_err(|_| words.upload_failed.to_owned())?;
    if status == 200 {
        return serde_json::from_slice(said.as_bytes()).map_err(|_| words.upload_failed.to_owned());
    }
    // The server says it in the language of the page.
    let said =
        js_sys::JSON::parse(&said).and_then(|said| js_sys::Reflect::get(&said, &"message".into()));
    Err(said
        .ok()
        .and_then(|said| said.as_string())
        .unwrap_or_else(|| words.upload_failed.to_owned()))
}

/// Posts a file, and tells how far it is. Gives the status of the response and its text.
async fn post(
    name: &str,
    body: &Blob,
    attached: Attachments,
    key: u32,
) -> Result<(u16, String), JsValue> {
    let request = XmlHttpRequest::new()?;
    request.open("POST", "/api/files")?;
    let name = String::from(js_sys::encode_uri_component(name));
    request.set_request_header("x-file-name", &name)?;
    let progress = Closure::<dyn Fn(ProgressEvent)>::new(move |event: ProgressEvent| {
        let percent = event.loaded() / event.total().max(1.0) * 100.0;
        attached.tell(key, Stage::Coming(percent as u8));
    });
    request.upload()?.set_onprogress(Some(progress.as_ref().unchecked_ref()));
    let ended = Promise::new(&mut |resolve, _| request.set_onloadend(Some(&resolve)));
    request.send_with_opt_blob(Some(body))?;
    JsFuture::from(ended).await?;
    Ok((request.status()?, request.response_text()?.unwrap_or_default()))
}

/// A smaller picture in place of a large one. `None` where the file is good as it is, or cannot be
/// read here; then the server says what is wrong with it.
async fn smaller(file: &File) -> Option<Blob> {
    let kind = file.type_();
    // A GIF may move, and would stand still.
    if !kind.starts_with("image/") || kind == "image/gif" {
        return None;
    }
    let bitmap = JsFuture::from(window().create_image_bitmap_with_blob(file).ok()?).await.ok()?;
    let bitmap: ImageBitmap = bitmap.unchecked_into();
    let (width, height) = (f64::from(bitmap.width()), f64::from(bitmap.height()));
    let scale = LONGEST_SIDE / width.max(height);
    if scale >= 1.0 {
        return None;
    }
    let canvas: HtmlCanvasElement = document().create_element("canvas").ok()?.unchecked_into();
    let (width, height) = ((width * scale).max(1.0), (height * scale).max(1.0));
    canvas.set_width(width as u32);
    canvas.set_height(height as u32);
    let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.unchecked_into();
    context.draw_image_with_image_bitmap_and_dw_and_dh(&bitmap, 0.0, 0.0, width, height).ok()?;
    // What JPEG cannot hold, such as transparency, came in another format.
    let kind = if kind == "image/jpeg" { "image/jpeg" } else { "image/webp" };
    let drawn = Promise::new(&mut |resolve, _| {
        if canvas.to_blob_with_type_and_encoder_options(&resolve, kind, &QUALITY.into()).is_err() {
            resolve.call0(&JsValue::NULL).ok();
        }
    });
    JsFuture::from(drawn).await.ok()?.dyn_into().ok()
}

fn files_key(conversation: Option<ConversationId>) -> String {
    match conversation {
        Some(id) => format!("files:{id}"),
        None => "files:new".to_owned(),
    }
}

/// Keeps the files that are added to a conversation and not sent.
pub(crate) fn keep_files(conversation: Option<ConversationId>, files: &[FileInfo]) {
    if files.is_empty() {
        return forget_files(conversation);
    }
    if let (Some(storage), Ok(json)) = (storage(), serde_json::to_string(files)) {
        // A full storage costs what was added and nothing else.
        storage.set_item(&files_key(conversation), &json).ok();
    }
}

/// Keeps a file that may be kept already.
pub(crate) fn keep_file(conversation: Option<ConversationId>, file: FileInfo) {
    let mut files = kept_files(conversation);
    if files.iter().all(|kept| kept.id != file.id) {
        files.push(file);
        keep_files(conversation, &files);
    }
}

/// Forgets the files that were added to a conversation. The page's first part calls it, and must not bring what writes
/// JSON of files along.
pub(crate) fn forget_files(conversation: Option<ConversationId>) {
    if let Some(storage) = storage() {
        storage.remove_item(&files_key(conversation)).ok();
    }
}

/// The files that were added to a conversation and not sent.
pub(crate) fn kept_files(conversation: Option<ConversationId>) -> Vec<FileInfo> {
    storage()
        .and_then(|storage| storage.get_item(&files_key(conversation)).ok().flatten())
        .and_then(|json| serde_json::from_slice(json.as_bytes()).ok())
        .unwrap_or_default()
}
