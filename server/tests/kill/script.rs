//! Questions that tell the scripted upstream what to say.

use fastrand::Rng;
use scripted_upstream::{Script, Spelling};

/// A question with the answer that it asks for.
pub struct Question {
    pub text: String,
    pub content: String,
    pub reasoning: String,
}

impl Question {
    /// One whose answer comes in small pieces over as long as it may take to be killed.
    pub fn random(random: &mut Rng) -> Self {
        let mut question =
            Self { text: String::new(), content: String::new(), reasoning: String::new() };
        let mut script = Script::new();
        let pieces = random.usize(0..80);
        for piece in 0..pieces {
            // Each differs from all others, so that none can be lost or come twice unseen.
            let text = format!("{piece}-{}-é漢👩‍👧 ", random.u32(..));
            if piece < pieces / 4 {
                question.reasoning += &text;
                script = script.reasoning(text, Spelling::default());
            } else {
                question.content += &text;
                script = script.delta(text);
            }
            if random.bool() {
                script = script.pause(random.u64(1..5));
            }
        }
        question.text = format!("script: {}", serde_json::to_string(&script.end()).unwrap());
        question
    }
}
