//! English.

use protocol::{ChosenBy, FailureKind, LimitKind};

#[cfg(feature = "ssr")]
use super::library_pages;
use super::{
    ComposerWords, ListWords, MessageWords, PageWords, SignInWords, Words, attachments, library,
};
use crate::{estimate::with_separators, rpc::Problem};

/// English.
pub static ENGLISH: Words = Words {
    page: PageWords {
        skip: "Skip to the conversation",
        conversations: "Conversations",
        new_chat: "New chat",
        answer_is_being_written: "The answer is being written.",
        answer_is_complete: "The answer is complete.",
        theme_system: "Theme: as the system",
        theme_light: "Theme: light",
        theme_dark: "Theme: dark",
        sign_out: "Sign out",
        settings: "Settings",
        close: "Close",
        cancel: "Cancel",
        save: "Save",
        undo: "Undo",
        back: "Back",
        temporary: "Temporary chat",
        end_temporary: "End this temporary chat",
        prompts: "Prompts",
        personas: "Personas",
        import: "Import conversations",
        usage: "Usage",
        palette: "All actions",
        palette_placeholder: "What do you want to do?",
        shortcuts: "Keyboard shortcuts",
        write: "Write a message",
        stop: "Stop the answer",
        copy_last: "Copy the last answer",
        next_theme: "Next theme",
        not_loaded: "This could not be loaded. Check the connection and try again.",
        not_copied: "Nothing was copied. Check the connection, and that this page may use the clipboard.",
    },
    list: ListWords {
        close: "Close the list",
        today: "Today",
        yesterday: "Yesterday",
        last_7_days: "Last 7 days",
        last_30_days: "Last 30 days",
        older: "Older",
        search: "Search",
        nothing_found: "Nothing has all of these words.",
        pinned: "Pinned",
        folders: "Folders",
        archive_link: "Archive",
        menu: "Conversation menu",
        title: "Title",
        rename: "Rename",
        pin: "Pin",
        unpin: "Unpin",
        archive: "Archive",
        unarchive: "Bring back from the archive",
        folder: "Folder",
        no_folder: "No folder",
        new_folder: "New folder",
        move_: "Move",
        export: "Export",
        delete: "Delete",
        deleted: "Conversation deleted",
        archived: "Conversation archived",
        manage_folder: "Change this folder",
        folder_name: "Name of the folder",
        remove_folder: "Remove folder",
        archive_empty: "Nothing is archived.",
        more: "More",
    },
    message: MessageWords {
        labels: markdown::Labels::ENGLISH,
        you: "You",
        answer: "Answer",
        thinking: "Thinking…",
        thinking_for: |time| format!("Thinking for {time}…"),
        thought_for: |time| format!("Thought for {time}"),
        reasoning: "Reasoning",
        waiting: "Waiting for the answer",
        offline: "You are offline. The answer goes on at the server and will appear here.",
        reconnecting: "Reconnecting…",
        stop: "Stop",
        show_as_it_comes: "Show it as it comes",
        copied: "Copied",
        copy_answer: "Copy answer",
        answer_again: "Answer again",
        continue_: "Continue",
        retry: "Retry",
        reached_limit: "The model reached its length limit.",
        filtered: "The provider's filter ended this answer.",
        stopped: "You stopped this answer.",
        interrupted: "The server ended while this was being written. Everything that came is kept.",
        seam: |seam| {
            let what = match seam.why {
                FailureKind::CutOff => "The connection was cut",
                FailureKind::TimedOut => "The provider fell silent",
                _ => "The provider broke off",
            };
            match seam.after.as_str() {
                "" => format!("{what}; {} took over.", seam.by),
                after => format!("{what} after “…{after}”; {} went on from there.", seam.by),
            }
        },
        duration: |ms| match ms {
            0..1_000 => "less than a second".to_owned(),
            1_000..60_000 => format!("{} s", ms / 1_000),
            _ => format!("{} min {} s", ms / 60_000, ms / 1_000 % 60),
        },
        to_latest: "To the latest",
        show_with_buttons: "Show this conversation with its buttons",
        welcome: "What is on your mind?",
        add_a_key: "Add a key to begin",
        add_a_key_how: "No provider is set up to answer yet. Put a key into a file named .env \
                        where Inglenook was started, and start it again:",
        add_a_key_more: "Any OpenAI-compatible server will do: name it with OPENAI_BASE_URL, or \
                         list several in inglenook.toml. The command “inglenook check” says \
                         whether they can be reached.",
        not_found: "There is no conversation here",
        not_found_why: "It may have been deleted, or the address is not whole.",
        begin_new: "Begin a new one",
        copy: "Copy",
        copy_refused: "Not allowed",
        edit: "Edit",
        more: "More",
        versions: "Versions",
        version_before: "Previous version",
        version_after: "Next version",
        copy_rich: "Copy with formatting",
        read_aloud: "Read aloud",
        stop_reading: "Stop reading",
        fork: "Continue in a new conversation",
        delete: "Delete",
        delete_asks: "This cannot be undone. With a question go its answers.",
        delete_really: "Delete for good",
        inspect: "What was sent",
        answer_with: "Answer with another model",
        model: "Model",
        went_on: "After a cut, by",
        chosen: "Chosen",
        choice: |choice| {
            let because = &choice.because;
            match choice.by {
                ChosenBy::Rule if because.is_empty() => "by a rule for every question".to_owned(),
                ChosenBy::Rule => format!("by the rule {because}"),
                ChosenBy::Classifier => format!("by {because}"),
                ChosenBy::Default => "as the default: no rule fits".to_owned(),
                ChosenBy::Failure => format!("as the default: {because} could not choose"),
            }
        },
        first_token: "First token",
        speed: "Tokens per second",
        tokens_in: "Tokens in",
        tokens_cached: "of these cached",
        tokens_out: "Tokens out",
        tokens_reasoning: "of these reasoning",
        cost: "Cost",
        free: "free",
        older: "Show older messages",
        quote: "Quote",
    },
    composer: ComposerWords {
        message: "Message",
        placeholder: "Ask anything",
        send: "Send",
        stop: "Stop",
        model: "Model",
        queue: "Send after this answer",
        queued: "Questions that wait",
        send_now: "Send now",
        take_back: "Take back",
        editing: "You are editing an earlier question. It is asked beside the first.",
    },
    attachment: attachments::ENGLISH,
    library: library::ENGLISH,
    #[cfg(feature = "ssr")]
    library_pages: library_pages::ENGLISH,
    sign_in: SignInWords { title: "Sign in", password: "Password", submit: "Sign in" },
    #[cfg(feature = "ssr")]
    settings: super::SettingsWords {
        search: "Search settings",
        nothing: "No setting has these words.",
        saved: "Saved.",
        appearance: "Appearance",
        theme: "Theme",
        theme_effect: "Light or dark, or whatever the device has.",
        theme_system: "As the device",
        theme_light: "Light",
        theme_dark: "Dark",
        language: "Language",
        language_effect: "The language of the page. What you and the models write is not changed.",
        size: "Text size",
        size_effect: "Enlarges everything on the page, on top of the browser's own zoom.",
        sizes: ["Normal", "Small", "Large", "Very large"],
        density: "Density",
        density_effect: "How much room there is between messages and in the list.",
        densities: ["Comfortable", "Compact"],
        width: "Width",
        width_effect: "How wide messages run. Wide lines suit tables and code, narrow ones reading.",
        widths: ["For reading", "Wide", "Whole window"],
        code: "Colours of code",
        code_effect: "How blocks of code look.",
        codes: ["As the page", "Always dark", "Without colours"],
        data: "Library and data",
        prompts_effect: "Texts that you use again, with places to fill in.",
        personas_effect: "Who answers: instructions, a model and its parameters under one name.",
        archive_effect: "Conversations that you put out of the way.",
        usage_effect: "What was spent, on which models, and how fast they answered.",
        import_effect: "From ChatGPT, Open WebUI, LibreChat, NextChat or another Inglenook.",
        export_all: "Export everything",
        export_all_effect: "A ZIP of all conversations with all their branches.",
    },
    #[cfg(feature = "ssr")]
    transfer: &super::transfer::ENGLISH,
    #[cfg(feature = "ssr")]
    inspect: &super::inspect::ENGLISH,
    #[cfg(feature = "ssr")]
    keys: &super::keys::ENGLISH,
    #[cfg(feature = "ssr")]
    usage: &super::usage::ENGLISH,
    #[cfg(feature = "ssr")]
    tokens: &super::tokens::ENGLISH,
    failure: |failure| (failure.words(), failure.remedy()),
    problem: |problem| {
        match problem {
        Problem::Empty => "There is nothing to send yet.".to_owned(),
        Problem::TooLong { limit } => format!(
            "This message is too long: at most {limit} bytes are allowed. Shorten it and send again."
        ),
        Problem::Busy { limit } => format!(
            "{limit} answers are being written already. Wait for one to end, then send again."
        ),
        Problem::QueueFull { limit } => {
            format!("{limit} questions wait already. Let some be answered first.")
        }
        Problem::Limit { reached } => {
            let remedy = match reached.kind {
                LimitKind::TurnsPerConversation => "Begin a new conversation.",
                LimitKind::ConcurrentAnswers => "Wait for one to end, then send again.",
                _ => "Send again then, or raise the limit in inglenook.toml.",
            };
            format!("A limit is reached: {reached}. {remedy}")
        }
        Problem::Name { limit } => format!("A name needs 1 to {limit} characters."),
        Problem::TooManyFiles { limit } => {
            format!(
                "At most {limit} files can be sent with one question. Remove some and send again."
            )
        }
        Problem::NoSuchFile => {
            "One of the files is not there any more. Remove it and add it again.".to_owned()
        }
        Problem::CannotSee { model } => format!(
            "{model} cannot read pictures. Choose a model that can, or begin a conversation without them."
        ),
        Problem::LargerThanWindow { tokens, window, model } => format!(
            "This takes about {} tokens, and {model} can read {}. Shorten it, or choose a model with a larger context window.",
            with_separators(*tokens),
            with_separators(*window)
        ),
        Problem::NotFound => "This conversation does not exist any more.".to_owned(),
        Problem::StillOpen => "This answer is still being written.".to_owned(),
        Problem::Settings => {
            "The settings of this conversation cannot be used. Open them and correct what is marked."
                .to_owned()
        }
        Problem::Storage => {
            "The server could not store this. Make room on its disk, then try again.".to_owned()
        }
        Problem::SignedOut => "You are signed out. Your text is kept.".to_owned(),
        Problem::Connection { .. } => {
            "The server could not be reached. Your text is kept; try again.".to_owned()
        }
    }
    },
};
