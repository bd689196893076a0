//! What goes wrong, and as what it is reported. Text that came before is kept.

use std::pin::pin;

use chat::upstream::ProviderError;
use protocol::FailureKind;
use scripted_upstream::{Script, Settings, Upstream as Scripted};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
    time::{self, timeout},
};

use super::*;

/// A script that fails with this kind, after this content, with these words in the detail.
async fn check(script: Script, kind: FailureKind, content: &str, words: &str) {
    let scripted = Scripted::start().await;
    scripted.push(script.clone());
    let provider = Provider {
        // Short, since a script that stalls is only given up then.
        idle_timeout: Duration::from_secs(1),
        ..provider(&scripted.base_url())
    };
    let heard = hear(&Upstream::new(provider).unwrap(), &request("?")).await;
    let failure = heard.failure.unwrap_or_else(|| panic!("no failure of {script:?}"));
    let detail = failure.detail.unwrap_or_default();
    assert_eq!(failure.kind, kind, "{detail}");
    assert_eq!(failure.provider, "scripted");
    assert_eq!(heard.text.content, content);
    assert!(detail.contains(words), "{words:?} is not in {detail:?}");
    assert!(!detail.contains(KEY), "{detail}");
    assert!(detail.chars().count() <= 301 && !detail.contains(char::is_control), "{detail}");
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_cut_off() {
    let begun = || Script::new().delta("some ").delta("words");
    let cut = FailureKind::CutOff;
    check(begun(), cut, "some words", "ended before").await;
    check(begun().cut(), cut, "some words", "").await;
    check(begun().raw("data: {\"choices\":[{\"del").cut(), cut, "some words", "").await;
    check(begun().raw("data: {\"choices\":[{\"del"), cut, "some words", "ended before").await;
    check(Script::new(), cut, "", "ended before").await;
    check(Script::new().cut(), cut, "", "").await;
}

#[tokio::test]
async fn text_that_was_held_back_comes_before_the_failure() {
    check(Script::new().delta(" <thin").cut(), FailureKind::CutOff, " <thin", "").await;
}

/// Far longer than anything takes here, however busy the machine is.
const LONG: Duration = Duration::from_secs(60);

fn patient(base_url: &str) -> Upstream {
    Upstream::new(Provider { idle_timeout: LONG, ..provider(base_url) }).unwrap()
}

#[track_caller]
fn check_silence(failure: Option<Failure>) {
    let failure = failure.unwrap();
    assert_eq!(failure.kind, FailureKind::TimedOut);
    assert_eq!(failure.detail.unwrap(), "nothing came for 60 s");
}

#[tokio::test]
async fn silence_instead_of_an_answer_is_a_timeout() {
    let scripted = Scripted::start().await;
    scripted.push(Script::never());
    let (upstream, request) = (patient(&scripted.base_url()), request("?"));
    let mut asking = pin!(stream(&upstream, &request));
    tokio::select! {
        _ = &mut asking => unreachable!("it never answers"),
        _ = scripted.wait_request(0) => {}
    }
    // Nothing is on its way any more, so time goes on at once to what waits for it.
    time::pause();
    check_silence(asking.await.err());
}

#[tokio::test]
async fn silence_within_an_answer_is_a_timeout() {
    for (script, content) in [(Script::new().stall(), ""), (Script::new().delta("a").stall(), "a")]
    {
        let scripted = Scripted::start().await;
        scripted.push(script);
        let mut completion = stream(&patient(&scripted.base_url()), &request("?")).await.unwrap();
        let mut came = String::new();
        while came != content {
            if let Some(Piece::Delta(delta)) = completion.next().await.unwrap() {
                came += &delta.content;
            }
        }
        time::pause();
        check_silence(loop {
            match completion.next().await {
                Ok(piece) => assert!(!matches!(piece, None | Some(Piece::Delta(_))), "{piece:?}"),
                Err(failure) => break Some(failure),
            }
        });
        time::resume();
    }
}

#[tokio::test]
async fn comments_are_no_silence() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let upstream = patient(&format!("http://{}/v1", listener.local_addr().unwrap()));
    let begin = async {
        let (mut connection, _) = listener.accept().await.unwrap();
        // An answer that comes before its question is none to HTTP.
        connection.read_exact(&mut [0; 4]).await.unwrap();
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";
        connection.write_all(head.as_bytes()).await.unwrap();
        connection
    };
    let request = request("?");
    let (asked, mut connection) = tokio::join!(stream(&upstream, &request), begin);
    let mut completion = asked.unwrap();
    let mut next = pin!(completion.next());
    time::pause();
    for _ in 0..3 {
        connection.write_all(b": still thinking\n\n").await.unwrap();
        // As long as something is to do, time stands still, and what was written is read.
        for _ in 0..1_000 {
            tokio::select! {
                biased;
                piece = &mut next => panic!("{piece:?}"),
                () = tokio::task::yield_now() => {}
            }
        }
        time::advance(LONG * 2 / 3).await;
    }
    time::resume();
    let delta = json!({"choices": [{"delta": {"content": "a"}}]});
    connection.write_all(format!("data: {delta}\n\n").as_bytes()).await.unwrap();
    let piece = next.await.unwrap();
    assert!(matches!(&piece, Some(Piece::Delta(delta)) if delta.content == "a"), "{piece:?}");
}

#[tokio::test]
async fn errors_within_the_answer() {
    let begun = || Script::new().delta("a");
    let error = json!({"message": "The model crashed.", "code": 502});
    check(begun().error(error), FailureKind::UpstreamError, "a", "The model crashed.").await;
    check(begun().error(json!("crashed")), FailureKind::UpstreamError, "a", "crashed").await;
    let busy = json!({"message": "busy", "code": "rate_limit_exceeded"});
    check(begun().error(busy), FailureKind::RateLimited, "a", "busy").await;
    let named = begun().raw("event: error\ndata: {\"error\":{\"message\":\"crashed\"}}");
    check(named, FailureKind::UpstreamError, "a", "crashed").await;
}

#[tokio::test]
async fn what_is_not_an_answer_is_malformed() {
    let begun = || Script::new().delta("a");
    let malformed = FailureKind::Malformed;
    check(begun().raw("data: oops\n\n").end(), malformed, "a", "oops").await;
    let split = begun().raw("data: {\"choices\":\n\ndata: [{\"delta\":{\"content\":\"b\"}}]}\n\n");
    check(split.end(), malformed, "a", "not JSON").await;
    let page = "<html><title>Welcome</title></html>";
    check(Script::new().raw(page), malformed, "", "Welcome").await;
    check(Script::new().raw("{\"status\":\"ok\"}"), malformed, "", "in place of an answer").await;
    check(Script::new().raw("{\"choices\":["), malformed, "", "").await;
    let endless = Script::new().raw("data: ").raw("x".repeat(17 << 20));
    check(endless, malformed, "", "16 MB").await;
}

#[tokio::test]
async fn an_answer_without_an_end_is_ended() {
    const MEGABYTE: usize = 1 << 20;
    let piece = "x".repeat(MEGABYTE);
    let endless = || (0..100).fold(Script::new(), |script, _| script.delta(piece.as_str()));
    let heard = hear_script(endless()).await;
    let failure = heard.failure.unwrap();
    assert_eq!(failure.kind, FailureKind::Malformed);
    assert!(failure.detail.unwrap().contains("64 MB"));
    assert!((64 * MEGABYTE..68 * MEGABYTE).contains(&heard.text.content.len()));
}

#[tokio::test]
async fn statuses_become_kinds() {
    let scripted = Scripted::start().await;
    let upstream = upstream(&scripted);
    for (question, kind, retry_after_s, words) in [
        ("400", FailureKind::Refused, None, "temperature"),
        ("401", FailureKind::Unauthorised, None, "Incorrect API key"),
        ("402", FailureKind::OutOfQuota, None, "Payment"),
        ("403", FailureKind::Forbidden, None, "may not"),
        ("404", FailureKind::ModelNotFound, None, "does not exist"),
        ("429", FailureKind::RateLimited, Some(7), "Rate limit"),
        ("quota", FailureKind::OutOfQuota, None, "quota"),
        ("context", FailureKind::ContextTooLong, None, "8192"),
        ("500", FailureKind::UpstreamError, None, "had an error"),
        ("503", FailureKind::UpstreamError, Some(3), "overloaded"),
        ("html", FailureKind::UpstreamError, None, "502 Bad Gateway nginx"),
        ("redirect", FailureKind::Refused, None, "http://192.0.2.1/"),
    ] {
        // Whatever the question before has done to the key.
        upstream.use_key_again(0);
        let failure = hear(&upstream, &request(question)).await.failure.unwrap();
        assert_eq!((failure.kind, failure.retry_after_s), (kind, retry_after_s), "{question}");
        let detail = failure.detail.unwrap();
        assert!(detail.contains(words), "{question}: {detail}");
    }
}

#[tokio::test]
async fn a_reason_may_be_long_or_never_end_and_may_repeat_the_key() {
    let long = format!("{KEY} {}", "no ".repeat(1 << 20));
    let script = Script { status: 400, ..Script::new() }.raw(long);
    check(script, FailureKind::Refused, "", "[redacted] no no").await;
    let script = Script { status: 500, ..Script::new() }.raw("broken").stall();
    check(script, FailureKind::UpstreamError, "", "broken").await;
}

#[tokio::test]
async fn a_wrong_key_or_address() {
    let settings = Settings { require_key: Some("another".to_owned()), ..Settings::default() };
    let scripted = Scripted::start_with(settings).await.unwrap();
    let upstream = upstream(&scripted);
    let failure = hear(&upstream, &request("?")).await.failure.unwrap();
    assert_eq!(failure.kind, FailureKind::Unauthorised);
    assert_eq!(upstream.models().await.unwrap_err().kind, FailureKind::Unauthorised);

    let base_url = scripted.base_url().replace("/v1", "/api");
    let upstream = Upstream::new(provider(&base_url)).unwrap();
    for failure in [
        hear(&upstream, &request("?")).await.failure.unwrap(),
        upstream.models().await.unwrap_err(),
    ] {
        assert_eq!(failure.kind, FailureKind::Malformed);
        assert!(failure.detail.unwrap().contains(&base_url));
    }
}

#[tokio::test]
async fn where_there_is_no_upstream() {
    let stopped = Scripted::start().await.base_url();
    for (base_url, words) in [
        (stopped.as_str(), "refused"),
        ("http://no-such-host.invalid/v1", "host name was not found: no-such-host.invalid"),
    ] {
        let upstream = Upstream::new(provider(base_url)).unwrap();
        check_unreachable(&upstream, words).await;
    }
}

#[tokio::test]
async fn a_server_that_does_not_speak_tls() {
    let scripted = Scripted::start().await;
    let base_url = scripted.base_url().replace("http:", "https:");
    match Upstream::new(provider(&base_url)) {
        Ok(upstream) => check_unreachable(&upstream, "TLS").await,
        // A machine without CA certificates can make no such connection in the first place.
        Err(error) => assert!(matches!(error, ProviderError::Client(_)), "{error:?}"),
    }
}

async fn check_unreachable(upstream: &Upstream, words: &str) {
    let failure = hear(upstream, &request("?")).await.failure.unwrap();
    assert_eq!(failure.kind, FailureKind::Unreachable, "{failure:?}");
    let detail = failure.detail.unwrap();
    assert!(detail.contains(words), "{words:?} is not in {detail:?}");
}

#[tokio::test]
async fn a_connection_that_does_not_come_about() {
    // A listener whose queue is full answers no more handshakes, as a firewall that drops packets.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = socket.listen(0).unwrap();
    let address = listener.local_addr().unwrap();
    let connect = || timeout(Duration::from_millis(50), TcpStream::connect(address));
    let _queued = [connect().await, connect().await, connect().await];
    let provider = Provider {
        connect_timeout: Duration::from_millis(100),
        ..provider(&format!("http://{address}/v1"))
    };
    let failure = hear(&Upstream::new(provider).unwrap(), &request("?")).await.failure.unwrap();
    assert_eq!(failure.kind, FailureKind::Unreachable);
    assert_eq!(failure.detail.unwrap(), "no connection within 0.1 s");
}
