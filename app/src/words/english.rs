//! English.

use super::{ComposerWords, ListWords, MessageWords, PageWords, SignInWords, Words};
use crate::rpc::Problem;

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
    },
    list: ListWords {
        close: "Close the list",
        today: "Today",
        yesterday: "Yesterday",
        last_7_days: "Last 7 days",
        last_30_days: "Last 30 days",
        older: "Older",
    },
    message: MessageWords {
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
        duration: |ms| match ms {
            0..1_000 => "less than a second".to_owned(),
            1_000..60_000 => format!("{} s", ms / 1_000),
            _ => format!("{} min {} s", ms / 60_000, ms / 1_000 % 60),
        },
        to_latest: "To the latest",
        show_with_buttons: "Show this conversation with its buttons",
        welcome: "What is on your mind?",
        starters: [
            ("Explain", "Explain how a hash map works, with a small example in Rust"),
            ("Write", "Write a short, friendly note that moves a meeting to next week"),
            ("Compare", "Compare SQLite and PostgreSQL for a small team, as a table"),
            ("Plan", "Plan a quiet weekend in the mountains, hour by hour"),
        ],
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
    },
    composer: ComposerWords {
        message: "Message",
        placeholder: "Ask anything",
        send: "Send",
        stop: "Stop",
        model: "Model",
    },
    sign_in: SignInWords { title: "Sign in", password: "Password", submit: "Sign in" },
    failure: |failure| (failure.words(), failure.remedy()),
    problem: |problem| match problem {
        Problem::Empty => "There is nothing to send yet.".to_owned(),
        Problem::TooLong { limit } => format!(
            "This message is too long: at most {limit} bytes are allowed. Shorten it and send again."
        ),
        Problem::Busy { limit } => format!(
            "{limit} answers are being written already. Wait for one to end, then send again."
        ),
        Problem::NotFound => "This conversation does not exist any more.".to_owned(),
        Problem::StillOpen => "This answer is still being written.".to_owned(),
        Problem::Storage => {
            "The server could not store this. Make room on its disk, then try again.".to_owned()
        }
        Problem::Connection { .. } => {
            "The server could not be reached. Your text is kept; try again.".to_owned()
        }
    },
};
