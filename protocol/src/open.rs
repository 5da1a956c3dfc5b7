//! Reads the answer of `apps.connections.open`.

use core::time::Duration;

use crate::config::Config;
use crate::errors::{ConnectionError, Detail, StopReason, truncate};
use crate::excerpt::{self, excerpt};
use crate::input::OpenResponse;
use crate::limits::{RETRY_AFTER_CAP, RETRY_AFTER_FLOOR};
use crate::url::{SocketUrl, UrlError};
use crate::verdict::{self, Verdict};
use crate::wire::open_answer::{self, OpenAnswer};

/// An answer of `apps.connections.open` without a usable URL.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("{error}")]
#[non_exhaustive]
pub struct OpenResponseError {
    /// What is wrong with the answer.
    pub error: ConnectionError,
    /// What to do about it.
    pub verdict: Verdict,
    /// `Retry-After`, if the answer has it, limited to [1 s](RETRY_AFTER_FLOOR) to [1 h](RETRY_AFTER_CAP).
    pub retry_after: Option<Duration>,
}

impl OpenResponseError {
    /// What a machine stops with, if the verdict is to stop.
    pub(crate) fn stop_reason(&self) -> Option<StopReason> {
        match (self.verdict, &self.error) {
            (Verdict::Unauthorized, ConnectionError::OpenErrorCode { code }) => {
                Some(StopReason::Unauthorized { code: code.clone() })
            }
            (Verdict::Rejected, ConnectionError::OpenErrorCode { code }) => {
                Some(StopReason::Rejected { code: code.clone() })
            }
            (Verdict::Unauthorized | Verdict::Rejected, &ConnectionError::OpenStatus { status, .. }) => {
                Some(StopReason::Status(status))
            }
            _ => None,
        }
    }

    /// Whether trying again does not help.
    #[must_use]
    pub fn is_fatal(&self) -> bool {
        match self.verdict {
            Verdict::Unauthorized | Verdict::Rejected => true,
            Verdict::RateLimited | Verdict::Retry => false,
        }
    }
}

/// Reads the answer of `apps.connections.open`. The URL is good for one dial.
///
/// # Errors
/// The answer has no usable URL. The error says why, and what to do about it.
pub fn read_open_response(
    config: &Config,
    response: OpenResponse<'_>,
) -> Result<SocketUrl, OpenResponseError> {
    let seconds = response.retry_after.and_then(delay_seconds);
    let bounded = |seconds| Duration::from_secs(seconds).clamp(RETRY_AFTER_FLOOR, RETRY_AFTER_CAP);
    let failed = |error, verdict| OpenResponseError { error, verdict, retry_after: seconds.map(bounded) };
    let code_error = |code: &str, verdict| match verdict {
        Verdict::RateLimited => failed(ConnectionError::RateLimited, verdict),
        Verdict::Unauthorized | Verdict::Rejected | Verdict::Retry => {
            failed(ConnectionError::OpenErrorCode { code: excerpt::code(code).into() }, verdict)
        }
    };
    let answer = open_answer::open_answer(response.body);
    if !(200..300).contains(&response.status) {
        // A known code is Slack's, whatever the status. Proxies answer with JSON as well.
        if let OpenAnswer::Error(code) = &answer {
            if let Some(verdict) = verdict::on_code(&config.verdicts, code) {
                return Err(code_error(code, verdict));
            }
        }
        let verdict = verdict::on_status(&config.verdicts, response.status);
        let error = match verdict {
            Verdict::RateLimited => ConnectionError::RateLimited,
            Verdict::Unauthorized | Verdict::Rejected | Verdict::Retry => {
                let detail = match &answer {
                    OpenAnswer::Error(code) => Detail::new(excerpt::code(code)),
                    OpenAnswer::Unreadable => Detail::new(&excerpt(response.body)),
                    OpenAnswer::Url(_) => Detail::new(""),
                };
                ConnectionError::OpenStatus { status: response.status, detail }
            }
        };
        return Err(failed(error, verdict));
    }
    match answer {
        OpenAnswer::Url(url) => {
            usable_url(config, &url).map_err(|error| failed(ConnectionError::OpenUrl(error), Verdict::Retry))
        }
        OpenAnswer::Unreadable => Err(failed(ConnectionError::OpenUnreadable, Verdict::Retry)),
        OpenAnswer::Error(code) => {
            Err(code_error(&code, verdict::on_code(&config.verdicts, &code).unwrap_or(Verdict::Retry)))
        }
    }
}

/// `Retry-After` as a number of seconds (RFC 9110, 10.2.3). A number that is too large becomes `u64::MAX`.
#[must_use]
pub fn delay_seconds(text: &str) -> Option<u64> {
    let digits = text.trim();
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().unwrap_or(u64::MAX))
}

fn usable_url(config: &Config, text: &str) -> Result<SocketUrl, UrlError> {
    let url = SocketUrl::parse(text)?;
    let plain = !url.is_encrypted() && !url.is_loopback() && !config.allow_plain_ws;
    let elsewhere = !is_allowed(config, &url);
    if plain || elsewhere {
        return Err(UrlError::NotAllowed { host: truncate(url.host()).into(), plain, elsewhere });
    }
    Ok(if config.debug_reconnects { url.with_debug_reconnects() } else { url })
}

/// A false Slack must not redirect the ticket and the payloads to another host.
fn is_allowed(config: &Config, url: &SocketUrl) -> bool {
    url.is_slacks() || config.allowed_hosts.iter().any(|host| url.leads_to(host))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::string::ToString;

    fn open(config: &Config, url: &str) -> Result<SocketUrl, ConnectionError> {
        let body = format!(r#"{{"ok":true,"url":"{url}"}}"#);
        let response = OpenResponse { status: 200, retry_after: None, body: body.as_bytes() };
        read_open_response(config, response).map_err(|failed| failed.error)
    }

    #[test]
    fn a_link_leads_to_slack_or_to_a_host_that_was_allowed() {
        let refused = |config: &Config, url: &str| match open(config, url) {
            Err(ConnectionError::OpenUrl(UrlError::NotAllowed { plain, elsewhere, .. })) => {
                (plain, elsewhere)
            }
            other => panic!("{url}: {other:?}"),
        };
        let slack = Config::default();
        for url in ["wss://wss-primary.slack.com/link/?ticket=t", "wss://a.b.SLACK-gov.com:443/"] {
            assert!(open(&slack, url).is_ok(), "{url}");
        }
        for url in [
            "wss://slack.com.example.com/",
            "wss://example.com/slack.com",
            "wss://notslack.com/",
            "wss://.example.com",
            "wss://wss-primary.slack.com./",
            "wss://127.0.0.1/",
            "ws://127.0.0.1/",
            "ws://localhost/",
            "wss://com/",
        ] {
            assert_eq!(refused(&slack, url), (false, true), "{url}");
        }
        assert_eq!(refused(&slack, "ws://example.com/"), (true, true));
        let of_ones_own = Config { allowed_hosts: alloc::vec!["slack.test".into()], ..Config::default() };
        assert!(open(&of_ones_own, "wss://Slack.Test:8443/").is_ok());
        assert!(open(&of_ones_own, "wss://wss-primary.slack.com/").is_ok());
        for url in ["wss://below.slack.test/", "wss://127.0.0.1/"] {
            assert_eq!(refused(&of_ones_own, url), (false, true), "{url}");
        }
        assert_eq!(refused(&of_ones_own, "ws://slack.test/"), (true, false));
    }

    #[test]
    fn a_refused_url_names_its_host_and_the_settings() {
        for (url, said) in [
            (
                "ws://gateway.test/",
                "gateway.test, which is not Slack's, without encryption: check the base URL and the proxy; if that is intended, add the host to Config::allowed_hosts and set Config::allow_plain_ws",
            ),
            (
                "wss://gateway.test/",
                "gateway.test, which is not Slack's: check the base URL and the proxy; if that is intended, add the host to Config::allowed_hosts",
            ),
            (
                "ws://wss-primary.slack.com/",
                "wss-primary.slack.com, without encryption: check the base URL and the proxy; if that is intended, set Config::allow_plain_ws",
            ),
        ] {
            let error = open(&Config::default(), url).unwrap_err();
            assert!(error.to_string().ends_with(said), "{error}");
        }
    }

    #[test]
    fn an_allowed_host_is_a_host_alone() {
        let config = |host: &str| Config { allowed_hosts: alloc::vec![host.into()], ..Config::default() };
        for host in ["slack.test", "127.0.0.1", "[2001:db8::1]"] {
            assert!(config(host).validate().is_ok(), "{host}");
        }
        for host in ["", "slack.test:8443", "https://slack.test", "2001:db8::1", "slack.test/"] {
            assert!(config(host).validate().is_err(), "{host}");
        }
    }

    #[test]
    fn this_machine_is_one_host_by_all_its_names() {
        let local = Config { allowed_hosts: alloc::vec!["localhost".into()], ..Config::default() };
        for url in ["ws://127.0.0.1:80/", "ws://[::1]/", "wss://LOCALHOST/", "ws://0.0.0.0/", "ws://[::]/"] {
            assert!(open(&local, url).is_ok(), "{url}");
        }
        assert!(open(&local, "wss://localhost.example.com/").is_err());
    }

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
