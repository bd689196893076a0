//! Answers that an upstream writes in the background, and keeps: they are resumed, and cancelled, by
//! their names. See <https://platform.openai.com/docs/guides/background>.

use std::{sync::Arc, time::Duration};

use protocol::{Delta, Failure};
use reqwest::{Method, RequestBuilder, header::ACCEPT};
use tokio::time::timeout;

use super::{Completion, Upstream, body::Body, responses::ResponseReader};

/// The longest name of a response that is used. OpenAI's have some fifty characters.
const LONGEST_NAME: usize = 200;

/// How long an upstream may take to be told that nobody waits for an answer any more.
const LONGEST_CANCEL: Duration = Duration::from_secs(5);

/// A place in an answer that is written in the background.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResumePoint {
    /// What the upstream calls the response.
    pub response: Arc<str>,
    /// The number of the last event that was read.
    pub after: u64,
}

impl ResumePoint {
    /// The name of a response, if it can be put into an address as it is: an upstream must not
    /// choose what else is asked.
    pub(super) fn named(response: &str) -> Option<Arc<str>> {
        let fits = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
        let is_name = (1..=LONGEST_NAME).contains(&response.len()) && response.chars().all(fits);
        is_name.then(|| response.into())
    }
}

impl Upstream {
    /// Asks for the rest of an answer of which `so_far` was read up to a point. It comes at once as
    /// far as it was written meanwhile.
    pub async fn resume(&self, point: &ResumePoint, so_far: &Delta) -> Result<Completion, Failure> {
        let query = [("stream", "true"), ("starting_after", &point.after.to_string())];
        let ask = || {
            self.request(Method::GET, &format!("responses/{}", point.response))
                .query(&query)
                .header(ACCEPT, "text/event-stream")
        };
        let body = self.ask_about(ask).await?;
        let reader = Box::new(ResponseReader::resuming(point, so_far));
        Ok(Completion::new(Arc::clone(&self.inner), body, reader))
    }

    /// Has an upstream end an answer that it writes in the background, which it would otherwise
    /// write, and charge for, to its end.
    pub async fn cancel(&self, point: &ResumePoint) -> Result<(), Failure> {
        let path = format!("responses/{}/cancel", point.response);
        let cancel = self.ask_about(|| self.request(Method::POST, &path));
        match timeout(LONGEST_CANCEL, cancel).await {
            Ok(answer) => answer.map(drop),
            Err(_) => Err(super::failure::silence(&self.inner.provider)),
        }
    }

    /// Sends a request about a response with one key after the other until one is accepted. The
    /// response is known to the account whose key began it, and which that was is kept nowhere.
    async fn ask_about(&self, ask: impl Fn() -> RequestBuilder) -> Result<Body, Failure> {
        let keys = &self.inner.keys;
        let mut index = 0;
        loop {
            index += 1;
            match self.attempt(keys.uncounted(index - 1), ask()).await? {
                Ok(body) => return Ok(body),
                Err(_) if index < keys.count() => {}
                Err((refusal, _)) => return Err(refusal.failure(&self.inner.provider)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_choose_nothing_but_a_response() {
        for name in ["resp_68af4030592c81938ec0a5fbab4a3e9f", "a-b", &"x".repeat(200)] {
            assert_eq!(ResumePoint::named(name).as_deref(), Some(name));
        }
        for name in ["", "..", "a/cancel", "a?b", "a%2f", "a b", "é", &"x".repeat(201)] {
            assert_eq!(ResumePoint::named(name), None, "{name}");
        }
    }
}
