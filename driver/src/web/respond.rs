//! Messages to the `response_url` of a command or a click.

use http::Uri;
use serde::Serialize;
use socketmode_protocol::SocketUrl;

use super::answer::Answer;
use super::base_url::{self, BaseUrl};
use super::error::SlackError;
use super::{Web, WebError, json};
use crate::limits;
use crate::transport::Transport;

/// The known errors (<https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks>). Other texts are not
/// repeated in an error: they could hold secrets.
const CODES: [&str; 22] = [
    "action_prohibited",
    "channel_is_archived",
    "channel_not_found",
    "expired_url",
    "fatal_error",
    "internal_error",
    "invalid_attachments",
    "invalid_blocks",
    "invalid_blocks_format",
    "invalid_payload",
    "invalid_token",
    "missing_text_or_fallback_or_attachments",
    "msg_too_long",
    "no_active_hooks",
    "no_service",
    "no_team",
    "no_text",
    "restricted_action",
    "team_disabled",
    "too_many_attachments",
    "used_url",
    "user_not_found",
];

impl<T: Transport> Web<T> {
    /// Posts a message to the `response_url` of a command or a click
    /// (<https://docs.slack.dev/interactivity/handling-user-interaction#message_responses>): up to five times within
    /// 30 minutes. The bot token is not sent. The URL is a secret. Its host must be below `slack.com` or `slack-gov.com`,
    /// or the host of the client's base URL.
    ///
    /// ```
    /// use serde_json::json;
    /// use socketmode_driver::Transport;
    /// use socketmode_driver::web::{Web, WebError};
    ///
    /// async fn later<T: Transport>(
    ///     web: &Web<T>,
    ///     response_url: &str,
    /// ) -> Result<(), WebError> {
    ///     let message = json!({
    ///         "response_type": "in_channel",
    ///         "text": "It took a while: done.",
    ///     });
    ///     web.respond(response_url, &message).await
    /// }
    /// ```
    ///
    /// # Errors
    /// The URL leads elsewhere, a part of the message is too long, there was no answer, or Slack returned an error.
    ///
    /// # Cancel safety
    /// Dropping the future cancels the call; the message may still be posted.
    pub async fn respond(
        &self,
        response_url: &str,
        message: &(impl Serialize + ?Sized + Sync),
    ) -> Result<(), WebError> {
        let uri = permitted(response_url, &self.base).map_err(|why| WebError::ResponseUrl { why })?;
        limits::serialized(message).map_err(WebError::Limit)?;
        let request = base_url::post(uri, json::CONTENT_TYPE, json::encode(message)?);
        accept(&self.exchange("response_url", &request).await?)
    }
}

/// The URL, if it leads to Slack.
pub(super) fn permitted(text: &str, base: &BaseUrl) -> Result<Uri, &'static str> {
    let text = text.trim();
    let socket = if let Some(rest) = text.strip_prefix("https://") {
        format!("wss://{rest}")
    } else if let Some(rest) = text.strip_prefix("http://") {
        format!("ws://{rest}")
    } else {
        return Err("it does not begin with https://");
    };
    // The strict reader of WebSocket URLs: two parsers must not see two hosts.
    let url = SocketUrl::parse(&socket).map_err(|_| "it cannot be read")?;
    let is_bases = url.leads_to(base.host());
    if !url.is_slacks() && !is_bases {
        return Err("it leads to a host that is neither Slack's nor that of the base URL");
    }
    if !(url.is_encrypted() || is_bases && !base.is_encrypted()) {
        return Err("it is not encrypted");
    }
    text.parse::<Uri>().ok().filter(|uri| uri.host() == Some(url.host())).ok_or("it cannot be read")
}

fn accept(answer: &Answer) -> Result<(), WebError> {
    let status = answer.response.status();
    let text = std::str::from_utf8(answer.response.body()).unwrap_or_default().trim();
    if status.is_success() && (text == "ok" || answer.fields.as_ref().is_some_and(|fields| fields.ok)) {
        return Ok(());
    }
    let said = answer.fields.as_ref().map_or(text, |fields| &fields.error.error);
    match CODES.into_iter().find(|code| *code == said) {
        Some(code) => Err(WebError::Slack(Box::new(SlackError::of_code(code)))),
        None => Err(WebError::Status(status.as_u16())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use http::Response;

    #[test]
    fn a_message_goes_to_slack_or_to_the_base_and_nowhere_else() {
        let slack = BaseUrl::parse("https://slack.com/api/", false).unwrap();
        for url in [
            "https://hooks.slack.com/commands/T1/2/3",
            "https://hooks.slack-gov.com/actions/T1/2/3",
            "https://HOOKS.slack.com:443/",
            "https://slack.com/commands/1",
        ] {
            assert!(permitted(url, &slack).is_ok(), "{url}");
        }
        for url in [
            "",
            "hooks.slack.com/commands",
            "ftp://hooks.slack.com/",
            "http://hooks.slack.com/commands/1",
            "http://127.0.0.1/response/1",
            "https://127.0.0.1/response/1",
            "https://example.com/",
            "https://slack.com.example.com/",
            "https://notslack.com/",
            "https://.slack.com/",
            "https://slack-gov.com/",
            "https://hooks.slack.com@example.com/",
            "https://example.com\\.slack.com/",
            "https://example.com/.slack.com",
            "https://example.com?.slack.com",
            "https://example.com#.slack.com",
            "https://example.com:1@hooks.slack.com/",
            "https://hooks.slack.com:port/",
            "https:///hooks.slack.com/",
            "https://hooks.slack.com/\r\nx: y",
        ] {
            assert!(permitted(url, &slack).is_err(), "{url}");
        }
    }

    #[test]
    fn plain_http_is_for_a_base_that_is_plain_as_well() {
        let local = BaseUrl::parse("http://127.0.0.1:8080/api/", false).unwrap();
        for url in ["http://127.0.0.1:8080/r/1", "http://localhost/r/1", "https://hooks.slack.com/commands/1"]
        {
            assert!(permitted(url, &local).is_ok(), "{url}");
        }
        for url in ["http://hooks.slack.com/commands/1", "http://10.0.0.1/r/1", "http://example.com/"] {
            assert!(permitted(url, &local).is_err(), "{url}");
        }
        let own = BaseUrl::parse("https://slack.test/api/", false).unwrap();
        assert!(permitted("https://slack.test:8443/response/1", &own).is_ok());
        assert!(permitted("http://slack.test/response/1", &own).is_err());
    }

    #[test]
    fn only_what_slack_is_known_to_say_is_repeated() {
        let told = |status: u16, body: &'static str| {
            let response = Response::builder().status(status).body(Bytes::from_static(body.as_bytes()));
            accept(&Answer::of(response.unwrap()))
        };
        for body in ["ok", "ok\n", r#"{"ok":true}"#] {
            assert_eq!(told(200, body), Ok(()), "{body}");
        }
        for (status, body) in
            [(200, "invalid_payload"), (404, "used_url"), (200, r#"{"ok":false,"error":"no_text"}"#)]
        {
            assert!(matches!(told(status, body), Err(WebError::Slack(_))), "{body}");
        }
        for (status, body) in [
            (200, ""),
            (500, "ok"),
            (200, "<html>"),
            (200, "my_secret"),
            (403, r#"{"ok":false,"error":"my_secret"}"#),
        ] {
            assert_eq!(told(status, body), Err(WebError::Status(status)), "{body}");
        }
    }
}
