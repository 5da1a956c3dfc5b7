//! Reading the answer of `apps.connections.open`.

use core::time::Duration;

use crate::config::Config;
use crate::decode::{self, OpenAnswer};
use crate::event::{ConnectionError, StopReason, truncate};
use crate::input::OpenResponse;
use crate::limits::{RETRY_AFTER_CAP, RETRY_AFTER_FLOOR};
use crate::url::{SocketUrl, UrlError};
use crate::verdict::{self, Verdict};

/// Why an answer of `apps.connections.open` gives no URL.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("{error}")]
pub struct OpenError {
    /// What was answered.
    pub error: ConnectionError,
    /// What to do about it.
    pub verdict: Verdict,
    /// `Retry-After`, if it was given, within [1 s](RETRY_AFTER_FLOOR) and [1 h](RETRY_AFTER_CAP).
    pub retry_after: Option<Duration>,
}

impl OpenError {
    /// What a machine stops with, if the verdict is to stop.
    pub(crate) fn stop_reason(&self) -> Option<StopReason> {
        match (self.verdict, &self.error) {
            (Verdict::Unauthorized, ConnectionError::OpenError { code }) => {
                Some(StopReason::Unauthorized { code: code.clone() })
            }
            (Verdict::Refused, ConnectionError::OpenError { code }) => {
                Some(StopReason::Refused { code: code.clone() })
            }
            (Verdict::Unauthorized | Verdict::Refused, &ConnectionError::OpenStatus(status)) => {
                Some(StopReason::Status(status))
            }
            _ => None,
        }
    }

    /// Whether trying again is of no use.
    #[must_use]
    pub fn is_fatal(&self) -> bool {
        match self.verdict {
            Verdict::Unauthorized | Verdict::Refused => true,
            Verdict::RateLimited | Verdict::Retry => false,
        }
    }
}

/// Reads the answer of `apps.connections.open`: the URL to dial, once.
///
/// # Errors
/// What was answered instead, and what to do about it.
pub fn read_open_response(config: &Config, response: OpenResponse<'_>) -> Result<SocketUrl, OpenError> {
    let seconds = response.retry_after.and_then(delay_seconds);
    let bounded = |seconds| Duration::from_secs(seconds).clamp(RETRY_AFTER_FLOOR, RETRY_AFTER_CAP);
    let refuse = |error, verdict| OpenError { error, verdict, retry_after: seconds.map(bounded) };
    if !(200..300).contains(&response.status) {
        let verdict = verdict::on_status(response.status);
        let error = match verdict {
            Verdict::RateLimited => ConnectionError::RateLimited,
            Verdict::Unauthorized | Verdict::Refused | Verdict::Retry => {
                ConnectionError::OpenStatus(response.status)
            }
        };
        return Err(refuse(error, verdict));
    }
    match decode::open_answer(response.body) {
        OpenAnswer::Url(url) => {
            usable_url(config, &url).map_err(|error| refuse(ConnectionError::OpenUrl(error), Verdict::Retry))
        }
        OpenAnswer::Unreadable => Err(refuse(ConnectionError::OpenUnreadable, Verdict::Retry)),
        OpenAnswer::Error(code) => match verdict::on_code(config, &code) {
            Verdict::RateLimited => Err(refuse(ConnectionError::RateLimited, Verdict::RateLimited)),
            verdict @ (Verdict::Unauthorized | Verdict::Refused | Verdict::Retry) => {
                Err(refuse(ConnectionError::OpenError { code: truncate(&code).into() }, verdict))
            }
        },
    }
}

/// `Retry-After` as a number of seconds (RFC 9110, 10.2.3); one that no number can hold is as long as can be.
fn delay_seconds(text: &str) -> Option<u64> {
    let digits = text.trim();
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().unwrap_or(u64::MAX))
}

fn usable_url(config: &Config, text: &str) -> Result<SocketUrl, UrlError> {
    let url = SocketUrl::parse(text)?;
    if !url.is_encrypted() && !url.is_loopback() && !config.allow_plain_ws {
        return Err(UrlError::Plain);
    }
    Ok(if config.debug_reconnects { url.with_debug_reconnects() } else { url })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_retry_after_is_bounded_on_both_sides_and_a_date_is_none() {
        let wait = |retry_after| {
            let response = OpenResponse { status: 429, retry_after: Some(retry_after), body: b"" };
            read_open_response(&Config::default(), response).unwrap_err().retry_after
        };
        assert_eq!(wait("4"), Some(Duration::from_secs(4)));
        assert_eq!(wait(" 0 "), Some(RETRY_AFTER_FLOOR));
        assert_eq!(wait("1000000000000000000000"), Some(RETRY_AFTER_CAP));
        for none in ["", "-1", "1.5", "soon", "Wed, 21 Oct 2026 07:28:00 GMT"] {
            assert_eq!(wait(none), None, "{none}");
        }
    }
}
