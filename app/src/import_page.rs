//! On the server: the pages on which conversations come in from other programs and go out.

use leptos::{
    either::{Either, EitherOf3},
    prelude::*,
};
use transfer::Skipped;

use crate::{
    Assets, Look, plain_page,
    words::transfer::{TransferWords, size},
};

/// One of the pages.
#[derive(Debug, Clone)]
pub enum ImportPage {
    /// A file is chosen.
    Choose {
        /// The largest file that is taken.
        max_bytes: u64,
        /// Why the last one was not.
        problem: Option<ImportProblem>,
    },
    /// What would come in.
    Preview {
        /// The uploaded file's id.
        id: String,
        /// What is in it.
        parts: Vec<Part>,
    },
    /// What came in.
    Done {
        /// What was in the file.
        parts: Vec<Part>,
    },
}

/// Why nothing of a file comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportProblem {
    /// None was chosen.
    NoFile,
    /// It has more bytes than are allowed.
    TooLarge {
        /// The most allowed.
        limit: u64,
    },
    /// It unpacks to more bytes than are allowed.
    UnpacksTooLarge {
        /// The most allowed.
        limit: u64,
    },
    /// It holds more files than are allowed.
    TooManyFiles {
        /// The most allowed.
        limit: usize,
    },
    /// It did not arrive whole.
    CutOff,
    /// It is no whole ZIP.
    Damaged,
    /// It is of no known program.
    Unknown,
    /// It is no longer there.
    Gone,
}

/// What a file holds of one program.
#[derive(Debug, Clone)]
pub struct Part {
    /// The program's name.
    pub program: &'static str,
    /// How many conversations are new.
    pub added: usize,
    /// How many get messages.
    pub extended: usize,
    /// How many stay as they are.
    pub already_there: usize,
    /// How many messages are new.
    pub messages: usize,
    /// How many files come in with them.
    pub files: usize,
    /// How many files do not.
    pub files_left_out: usize,
    /// The first of the conversations.
    pub lines: Vec<Line>,
    /// How many conversations follow.
    pub more_lines: usize,
    /// The first of what does not come in.
    pub skipped: Vec<Skipped>,
    /// How many of these follow.
    pub more_skipped: usize,
}

/// A conversation in the list of a part.
#[derive(Debug, Clone)]
pub struct Line {
    /// Its title.
    pub title: String,
    /// Where it is, once it is here.
    pub address: Option<String>,
    /// What becomes of it.
    pub outcome: Outcome,
}

/// What becomes of a conversation.
#[derive(Debug, Clone, Copy)]
#[expect(missing_docs, reason = "it is how many messages are new")]
pub enum Outcome {
    /// It is added.
    New { messages: usize },
    /// It was here and gets messages.
    Extended { messages: usize },
    /// Nothing in it is new.
    AlreadyThere,
}

/// The document of a page.
pub fn import_page(assets: Assets, look: Look, page: ImportPage) -> impl IntoView {
    let words = look.language.words().transfer;
    plain_page(assets, look, words.title, move || match page {
        ImportPage::Choose { max_bytes, problem } => {
            EitherOf3::A(choose(words, max_bytes, problem))
        }
        ImportPage::Preview { id, parts } => {
            let cancel = look.language.words().page.cancel;
            EitherOf3::B(preview(words, cancel, id, parts))
        }
        ImportPage::Done { parts } => EitherOf3::C(done(words, parts)),
    })
}

fn choose(
    words: &'static TransferWords,
    max_bytes: u64,
    problem: Option<ImportProblem>,
) -> impl IntoView {
    let programs = words.programs.map(|(program, from)| {
        view! {
            <li>
                <b>{program}</b>
                {words.colon}
                {from}
            </li>
        }
    });
    let described = if problem.is_some() { "problem allowed" } else { "allowed" };
    view! {
        <section>
            <h2>{words.import}</h2>
            <p>{words.import_about}</p>
            {problem
                .map(|problem| {
                    let said = (words.problem)(&problem);
                    view! { <p class="problem" id="problem" role="alert">{said}</p> }
                })}
            <ul class="programs">{programs}</ul>
            <form method="post" action="/import" enctype="multipart/form-data">
                <div class="field">
                    <label for="file">{words.file}</label>
                    <input
                        id="file"
                        type="file"
                        name="file"
                        accept=".zip,.json,application/zip,application/json"
                        required
                        aria-describedby=described
                    />
                    <p class="effect" id="allowed">{(words.at_most)(&size(max_bytes))}</p>
                </div>
                <div class="buttons">
                    <button type="submit" class="primary">{words.look}</button>
                </div>
            </form>
        </section>
        <section>
            <h2>{words.export}</h2>
            <p>{words.export_about}</p>
            <p class="buttons">
                <a class="plain" href="/export?as=markdown" download>{words.as_markdown}</a>
                <a class="plain" href="/export?as=html" download>{words.as_html}</a>
                <a class="plain" href="/export?as=json" download>{words.as_json}</a>
            </p>
        </section>
    }
}

fn preview(
    words: &'static TransferWords,
    cancel: &'static str,
    id: String,
    parts: Vec<Part>,
) -> impl IntoView {
    let has_new = parts.iter().any(|part| part.added + part.extended + part.files > 0);
    let about = if has_new { words.preview_about } else { words.nothing_new };
    let parts = parts.into_iter().map(|part| {
        let said = (words.would_come)(part.added, part.extended, part.already_there);
        part_view(words, said, part)
    });
    view! {
        <section>
            <h2>{words.preview}</h2>
            <p>{about}</p>
            <form method="post" action=format!("/import/{id}")>
                <div class="buttons">
                    {has_new
                        .then(|| {
                            view! { <button type="submit" class="primary">{words.confirm}</button> }
                        })}
                    <button type="submit" class="plain" name="cancel" value="1">
                        {cancel}
                    </button>
                </div>
            </form>
        </section>
        {parts.collect_view()}
    }
}

fn done(words: &'static TransferWords, parts: Vec<Part>) -> impl IntoView {
    let parts = parts.into_iter().map(|part| {
        let said = (words.came)(part.added, part.extended, part.already_there);
        part_view(words, said, part)
    });
    view! {
        <section>
            <h2>{words.done}</h2>
            <p role="status">{words.done_about}</p>
            <p class="buttons">
                <a class="plain" href="/">{words.to_conversations}</a>
                <a class="plain" href="/import">{words.import_more}</a>
            </p>
        </section>
        {parts.collect_view()}
    }
}

fn part_view(words: &'static TransferWords, said: String, part: Part) -> impl IntoView {
    let more = |number: usize| {
        (number > 0).then(|| view! { <li class="effect">{(words.more)(number)}</li> })
    };
    let lines = part.lines.into_iter().map(|line| line_view(words, line)).collect_view();
    let files_left_out = (part.files_left_out > 0).then(|| {
        view! {
            <li>
                <bdi>{(words.files)(part.files_left_out)}</bdi>
                <span class="effect">{words.files_left_out}</span>
            </li>
        }
    });
    let skipped = (!part.skipped.is_empty() || part.files_left_out > 0).then(|| {
        let skipped = part.skipped.into_iter().map(|Skipped { what, why }| {
            view! {
                <li>
                    <bdi>{what}</bdi>
                    <span class="effect">{(words.reason)(&why)}</span>
                </li>
            }
        });
        view! {
            <h3>{words.skipped}</h3>
            <ul class="imported">
                {skipped.collect_view()} {more(part.more_skipped)} {files_left_out}
            </ul>
        }
    });
    let messages = (part.messages > 0).then(|| format!(" · {}", (words.messages)(part.messages)));
    let files = (part.files > 0).then(|| format!(" · {}", (words.files)(part.files)));
    view! {
        <section>
            <h2>{part.program}</h2>
            <p>{said} {messages} {files}</p>
            <ul class="imported">{lines} {more(part.more_lines)}</ul>
            {skipped}
        </section>
    }
}

fn line_view(words: &'static TransferWords, line: Line) -> impl IntoView {
    let outcome = match line.outcome {
        Outcome::New { messages } => format!("{} · {}", words.new, (words.messages)(messages)),
        Outcome::Extended { messages } => (words.messages)(messages),
        Outcome::AlreadyThere => words.already_there.to_owned(),
    };
    let title = match line.address {
        Some(address) => Either::Left(view! { <a href=address dir="auto">{line.title}</a> }),
        None => Either::Right(view! { <bdi>{line.title}</bdi> }),
    };
    view! {
        <li>
            {title}
            <span class="effect">{outcome}</span>
        </li>
    }
}
