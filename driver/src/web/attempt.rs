//! One request until it is answered: its time-out, and the waits for the rate limit.

use std::time::Duration;

use bytes::Bytes;
use http::header::RETRY_AFTER;
use http::{Request, Response};
use socketmode_protocol::limits::RETRY_AFTER_FLOOR;
use socketmode_protocol::{Instant, delay_seconds};
use tracing::warn;

use super::answer::Answer;
use super::{Way, Web, WebError};
use crate::transport::Transport;
use crate::transport::waits::within;

impl<T: Transport> Web<T> {
    /// The answer, except that of the rate limit.
    pub(super) async fn exchange(&self, method: &str, request: &Request<Bytes>) -> Result<Answer, WebError> {
        let mut retries = 0;
        loop {
            let answer = Answer::of(self.attempt(request.clone()).await?);
            if !answer.is_rate_limited() {
                return Ok(answer);
            }
            let retry_after = retry_after(&answer.response);
            if retries == Self::MAX_RETRIES || retry_after > Self::MAX_RETRY_AFTER {
                return Err(WebError::RateLimited { retry_after });
            }
            retries += 1;
            warn!(method, ?retry_after, retries, "rate limited; the call is made again after the wait");
            self.sleep_until(self.now() + retry_after).await;
        }
    }

    async fn attempt(&self, request: Request<Bytes>) -> Result<Response<Bytes>, WebError> {
        let _turn = self.turns.acquire().await;
        match &self.way {
            Way::Transport(transport) => {
                let answer = transport.send(request, Self::MAX_ANSWER_BYTES);
                match within(&**transport, self.timeout, answer).await {
                    Some(result) => result.map_err(WebError::Transport),
                    None => Err(WebError::TimedOut { after: self.timeout }),
                }
            }
            #[cfg(any(test, feature = "testing"))]
            Way::Scripted(script) => Ok(script.answer(&request)),
        }
    }

    /// The time of the transport's clock, or of the script.
    pub(super) fn now(&self) -> Instant {
        match &self.way {
            Way::Transport(transport) => transport.now(),
            #[cfg(any(test, feature = "testing"))]
            Way::Scripted(script) => script.now(),
        }
    }

    /// Waits until this time. The time of a script is over at once.
    pub(super) async fn sleep_until(&self, at: Instant) {
        match &self.way {
            Way::Transport(transport) => transport.sleep_until(at).await,
            #[cfg(any(test, feature = "testing"))]
            Way::Scripted(script) => script.sleep_until(at),
        }
    }
}

/// What `Retry-After` asks for. Without one that can be read, and for zero, one second.
fn retry_after(response: &Response<Bytes>) -> Duration {
    let text = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    let seconds = text.and_then(delay_seconds).unwrap_or_default();
    Duration::from_secs(seconds).max(RETRY_AFTER_FLOOR)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::testing::{Scripted, answer, web};
    use crate::web::{MAX_CALLS, turns};
    use async_lock::Semaphore;
    use http::Method;
    use http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE};
    use serde_json::Value;
    use std::io::Write;
    use std::pin::pin;
    use std::sync::{Arc, Mutex};
    use std::task::{Context, Poll, Waker};

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn so_many_calls_are_under_way_and_the_next_waits_for_one() {
        let answers = (0..MAX_CALLS).map(|_| None).collect();
        let transport = Scripted { answers: Mutex::new(answers), time_stands_still: true, ..<_>::default() };
        let (transport, turns) = (Arc::new(transport), turns());
        let mut cx = Context::from_waker(Waker::noop());
        let call = || {
            let web = web(&transport, Arc::clone(&turns));
            Box::pin(async move { web.call::<Value>("api.test", &()).await })
        };
        let mut calls: Vec<_> = (0..MAX_CALLS + 1).map(|_| call()).collect();
        for under_way in &mut calls {
            // One more than scripted would panic.
            assert!(under_way.as_mut().poll(&mut cx).is_pending());
        }
        let left = || transport.answers.lock().unwrap().len();
        assert_eq!(left(), 0);
        transport.answers.lock().unwrap().push_back(Some(answer(200, None, r#"{"ok":true}"#)));
        let mut last = calls.pop().unwrap();
        assert!(last.as_mut().poll(&mut cx).is_pending());
        assert_eq!(left(), 1);
        drop(calls.swap_remove(0));
        assert!(matches!(last.as_mut().poll(&mut cx), Poll::Ready(Ok(_))));
    }

    #[test]
    fn a_call_that_waits_for_the_rate_limit_has_no_turn() {
        let limited = (0..MAX_CALLS).map(|_| Some(answer(429, Some("60"), "")));
        let answers = limited.chain([Some(answer(200, None, r#"{"ok":true}"#))]).collect();
        let transport = Scripted { answers: Mutex::new(answers), time_stands_still: true, ..<_>::default() };
        let web = web(&Arc::new(transport), turns());
        let mut cx = Context::from_waker(Waker::noop());
        let mut calls: Vec<_> =
            (0..=MAX_CALLS).map(|_| Box::pin(web.call::<Value>("api.test", &()))).collect();
        for waits in &mut calls[..MAX_CALLS] {
            assert!(waits.as_mut().poll(&mut cx).is_pending());
        }
        assert!(matches!(calls[MAX_CALLS].as_mut().poll(&mut cx), Poll::Ready(Ok(_))));
    }

    #[test]
    fn the_time_out_does_not_run_while_a_call_waits_its_turn() {
        let answers = Mutex::new([Some(answer(200, None, r#"{"ok":true}"#))].into());
        let transport = Arc::new(Scripted { answers, ..<_>::default() });
        let turns = Arc::new(Semaphore::new(1));
        let turn = turns.try_acquire().unwrap();
        let web = web(&transport, Arc::clone(&turns));
        let mut cx = Context::from_waker(Waker::noop());
        let mut call = pin!(web.call::<Value>("api.test", &()));
        // Whoever sleeps is woken at once here.
        assert!(call.as_mut().poll(&mut cx).is_pending());
        assert_eq!(*transport.now.lock().unwrap(), Duration::ZERO);
        drop(turn);
        assert!(matches!(call.poll(&mut cx), Poll::Ready(Ok(_))));
    }

    #[test]
    fn each_attempt_is_the_whole_request_and_reads_up_to_16_mib() {
        let answers = [Some(answer(429, Some("1"), "")), Some(answer(200, None, r#"{"ok":true}"#))];
        let transport = Arc::new(Scripted { answers: Mutex::new(answers.into()), ..<_>::default() });
        let web = web(&transport, turns());
        let arguments = serde_json::json!({ "text": "x" });
        smol::block_on(web.call::<Value>("chat.postMessage", &arguments)).unwrap();
        let sent = std::mem::take(&mut *transport.sent.lock().unwrap());
        assert_eq!(sent.len(), 2);
        for (request, limit) in sent {
            assert_eq!(limit, 16 * 1024 * 1024);
            assert_eq!(request.method(), Method::POST);
            assert_eq!(request.uri(), "https://slack.com/api/chat.postMessage");
            assert_eq!(request.body(), r#"{"text":"x"}"#);
            let header = |name| request.headers()[name].to_str().unwrap();
            assert_eq!(header(AUTHORIZATION), "Bearer xoxb-1-2-3");
            // Without the charset Slack warns.
            assert_eq!(header(CONTENT_TYPE), "application/json; charset=utf-8");
            assert_eq!(header(CONTENT_LENGTH), "12");
        }
    }

    #[test]
    fn a_clone_has_the_same_time_out() {
        let answers = Mutex::new([None].into());
        let transport = Arc::new(Scripted { answers, ..<_>::default() });
        let after = Duration::from_secs(5);
        let clone = web(&transport, turns()).timeout(after).clone();
        let result = smol::block_on(clone.call::<Value>("api.test", &()));
        assert_eq!(result, Err(WebError::TimedOut { after }));
    }

    /// What came of a call that gets these answers, how long it took, and what was logged.
    fn call(
        answers: impl IntoIterator<Item = Option<Response<Bytes>>>,
    ) -> (Result<Value, WebError>, Duration, String) {
        let transport =
            Arc::new(Scripted { answers: Mutex::new(answers.into_iter().collect()), ..<_>::default() });
        let web = web(&transport, turns());
        let log = Log::default();
        let writer = log.clone();
        let subscriber =
            tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
        let result = tracing::subscriber::with_default(subscriber, || {
            smol::block_on(web.call("chat.postMessage", &serde_json::json!({ "text": "hush" })))
        });
        assert!(transport.answers.lock().unwrap().is_empty(), "fewer attempts than scripted");
        let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        let took = *transport.now.lock().unwrap();
        (result, took, log)
    }

    #[test]
    fn the_rate_limit_is_waited_for_three_times_and_logged() {
        let good = || Some(answer(200, None, r#"{"ok":true,"warning":"missing_charset"}"#));
        let limited = |retry_after| Some(answer(429, Some(retry_after), ""));
        let (result, took, log) = call([limited("1"), limited("60"), limited("7"), good()]);
        assert!(result.is_ok());
        assert_eq!(took, Duration::from_secs(68));
        let lines: Vec<_> = log.lines().collect();
        assert_eq!(lines.len(), 4, "{log}");
        for line in &lines {
            assert!(line.contains("WARN") && line.contains("chat.postMessage"), "{line}");
        }
        assert!(lines[1].contains("60s") && lines[3].contains("missing_charset"), "{log}");
        assert!(!log.contains("xox") && !log.contains("hush"), "{log}");

        let (result, took, _) = call([limited("1"), limited("1"), limited("1"), limited("9")]);
        assert_eq!(result, Err(WebError::RateLimited { retry_after: Duration::from_secs(9) }));
        assert_eq!(took, Duration::from_secs(3));
        let (result, took, _) = call([limited("61")]);
        assert_eq!(result, Err(WebError::RateLimited { retry_after: Duration::from_secs(61) }));
        assert_eq!(took, Duration::ZERO);
    }

    #[test]
    fn each_attempt_has_its_own_time_and_a_silent_one_is_the_last() {
        let (result, took, _) = call([Some(answer(429, Some("60"), "")), None]);
        assert_eq!(result, Err(WebError::TimedOut { after: Duration::from_secs(30) }));
        assert_eq!(took, Duration::from_secs(90));
    }

    #[test]
    fn a_wait_is_a_second_unless_a_longer_one_is_asked_for() {
        for odd in [None, Some(""), Some("0"), Some("-1"), Some("1.5"), Some("Wed, 21 Oct 2015 07:28:00 GMT")]
        {
            assert_eq!(retry_after(&answer(429, odd, "")), Duration::from_secs(1), "{odd:?}");
        }
        assert_eq!(retry_after(&answer(429, Some(" 30 "), "")), Duration::from_secs(30));
        let endless = Some("99999999999999999999999");
        assert_eq!(retry_after(&answer(429, endless, "")), Duration::from_secs(u64::MAX));
    }
}
