//! One request until it is answered: its time-out, and the waits for the rate limit.

use std::future::Future;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use http::header::RETRY_AFTER;
use http::{Request, Response, StatusCode};
use socketmode_protocol::limits::RETRY_AFTER_FLOOR;
use tracing::warn;

use super::answer::Verdict;
use super::{Web, WebError};
use crate::transport::Transport;

impl<T: Transport> Web<T> {
    /// The answer, whatever it is, unless it is that of the rate limit.
    pub(super) async fn exchange(
        &self,
        method: &str,
        request: &Request<Bytes>,
    ) -> Result<Response<Bytes>, WebError> {
        let mut retries = 0;
        loop {
            let response = self.attempt(request.clone()).await?;
            if !is_rate_limited(&response) {
                return Ok(response);
            }
            let retry_after = retry_after(&response);
            if retries == Self::MAX_RETRIES || retry_after > Self::MAX_RETRY_AFTER {
                return Err(WebError::RateLimited { retry_after });
            }
            retries += 1;
            warn!(method, ?retry_after, retries, "rate limited; the call is made again after the wait");
            self.transport.sleep_until(self.transport.now() + retry_after).await;
        }
    }

    async fn attempt(&self, request: Request<Bytes>) -> Result<Response<Bytes>, WebError> {
        let limit = self.transport.now() + self.timeout;
        let mut sleep = pin!(self.transport.sleep_until(limit));
        let mut answer = pin!(self.transport.send(request, Self::MAX_ANSWER_BYTES));
        std::future::poll_fn(|cx| match answer.as_mut().poll(cx) {
            Poll::Ready(result) => Poll::Ready(result.map_err(WebError::Transport)),
            Poll::Pending => {
                sleep.as_mut().poll(cx).map(|()| Err(WebError::TimedOut { after: self.timeout }))
            }
        })
        .await
    }
}

fn is_rate_limited(response: &Response<Bytes>) -> bool {
    /// A verdict is small; there is no need to look for one in megabytes of an answer.
    const MAX_VERDICT_BYTES: usize = 4096;
    response.status() == StatusCode::TOO_MANY_REQUESTS
        || response.body().len() <= MAX_VERDICT_BYTES
            && Verdict::read(response.body()).is_some_and(|verdict| verdict.is_rate_limited())
}

/// `Retry-After` as a number of seconds (RFC 9110, 10.2.3). Without one that can be read, and for zero, one second.
fn retry_after(response: &Response<Bytes>) -> Duration {
    let text = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let digits = text.trim();
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return RETRY_AFTER_FLOOR;
    }
    // More than a number can hold is as long as can be.
    Duration::from_secs(digits.parse().unwrap_or(u64::MAX)).max(RETRY_AFTER_FLOOR)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, retry_after: Option<&str>, body: &'static str) -> Response<Bytes> {
        let mut response = Response::builder().status(status);
        if let Some(value) = retry_after {
            response = response.header(RETRY_AFTER, value);
        }
        response.body(Bytes::from_static(body.as_bytes())).unwrap()
    }

    #[test]
    fn the_rate_limit_is_known_by_status_or_by_code() {
        for body in ["", "<html>", r#"{"ok":false,"error":"ratelimited"}"#] {
            assert!(is_rate_limited(&answer(429, None, body)), "{body}");
        }
        for body in [r#"{"ok":false,"error":"ratelimited"}"#, r#"{"ok":false,"error":"rate_limited"}"#] {
            assert!(is_rate_limited(&answer(200, None, body)), "{body}");
        }
        for body in
            ["", "ok", r#"{"ok":true,"error":"ratelimited"}"#, r#"{"ok":false,"error":"fatal_error"}"#]
        {
            assert!(!is_rate_limited(&answer(200, None, body)), "{body}");
        }
        assert!(!is_rate_limited(&answer(503, None, "")));
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
