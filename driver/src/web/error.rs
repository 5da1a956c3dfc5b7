//! Errors of calls, and what to do about them.

use std::fmt;
use std::time::Duration;

use crate::escape::cut;
use crate::limits::LimitError;
use crate::transport::TransportError;

use super::installations::TokenUnavailable;

/// The longest cursor of a list that is taken, in bytes. Slack's have up to some hundred
/// (<https://docs.slack.dev/apis/web-api/pagination>).
pub const MAX_CURSOR_BYTES: usize = 4096;
/// The longest code of Slack's that is kept, in bytes. Real ones have up to 50.
pub(super) const MAX_CODE_BYTES: usize = 100;
/// The longest list of scopes that is kept, in bytes.
pub(super) const MAX_SCOPES_BYTES: usize = 1000;
/// How many of Slack's messages on an error, and of its warnings, are kept.
pub(super) const MAX_MESSAGES: usize = 10;
/// The longest of them that is kept, in bytes.
pub(super) const MAX_MESSAGE_BYTES: usize = 300;

/// A call of the Web API that failed. It holds neither the arguments nor the answer.
///
/// ```
/// use socketmode_driver::web::WebError;
///
/// fn is_worth_another_try(error: &WebError) -> bool {
///     match error {
///         // Slack has not taken the call.
///         WebError::RateLimited { .. } => true,
///         // It may have: a message could be posted twice.
///         WebError::Transport(_)
///         | WebError::TimedOut { .. }
///         | WebError::Status(_) => false,
///         WebError::Slack(error) => matches!(
///             error.error.as_str(),
///             "internal_error" | "service_unavailable"
///         ),
///         _ => false,
///     }
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WebError {
    // The caller's.
    /// The name cannot be that of a method. Nothing was sent.
    #[error("this is not a method of the Web API: names look like chat.postMessage")]
    Method,
    /// The arguments cannot be serialized, or have no names. Nothing was sent.
    #[error("the arguments cannot be serialized: use a struct or a map")]
    Arguments,
    /// A part of the arguments is longer than Slack documents. Nothing was sent.
    #[error("nothing was sent: {0}")]
    Limit(LimitError),
    /// The `response_url` does not lead to Slack. Nothing was sent.
    #[error("the response_url cannot be used: {why}; use the unchanged URL from Slack")]
    ResponseUrl {
        /// Why.
        why: &'static str,
    },
    /// Slack's URL for the bytes of a file does not lead to Slack. The file is not uploaded.
    #[error(
        "the file cannot be uploaded: the URL that Slack returned is not used, as {why}; check the base URL"
    )]
    UploadUrl {
        /// Why.
        why: &'static str,
    },
    /// The token source has no token for the workspace of a request, or failed. Nothing was sent.
    #[error("there is no token for this workspace: {0}")]
    Token(TokenUnavailable),
    /// Slack's answer does not fit the requested type. The call had its effect.
    #[error("the answer does not fit {wanted}: make the missing field optional")]
    Answer {
        /// The type.
        wanted: &'static str,
    },

    // The network's.
    /// There was no answer.
    #[error("the Web API could not be called: {0}")]
    Transport(TransportError),
    /// There was no answer in time. The call may have had its effect.
    #[error(
        "no answer within {after:?}: the call may have had its effect; set a longer time with Web::timeout"
    )]
    TimedOut {
        /// The time-out.
        after: Duration,
    },
    /// The answer is not one that Slack documents. A proxy may have answered, or Slack may be down.
    #[error("the answer has HTTP status {0} and is not Slack's: check the proxy, and slack-status.com")]
    Status(u16),

    // Slack's.
    /// Slack returned an error.
    #[error("{0}")]
    Slack(Box<SlackError>),
    /// Slack's rate limit stopped the call, and the wait is too long, or did not help. The call had no effect.
    #[error("rate limited: call again after {retry_after:?}, and make fewer calls")]
    RateLimited {
        /// The time that Slack wants you to wait.
        retry_after: Duration,
    },
    /// The next page of a list cannot be read: its cursor is longer than any of Slack's.
    #[error(
        "the next page cannot be read: its cursor has {bytes} bytes; ask for smaller pages, or begin again"
    )]
    CursorTooLong {
        /// Its length. Up to [`MAX_CURSOR_BYTES`](crate::web::MAX_CURSOR_BYTES) are accepted.
        bytes: usize,
    },
    /// A list does not end: a cursor appears again.
    #[error("the list does not end: Slack returned the same cursor again; stop reading, or begin again")]
    CursorRepeats,
}

/// An error that Slack returned. Long texts are cut; texts that look like secrets are not shown.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SlackError {
    /// Slack's code, such as `channel_not_found`. Empty if there was none.
    pub error: String,
    /// The missing scopes, if that is the error.
    pub needed: Option<String>,
    /// The scopes that the token has, if a scope is missing.
    pub provided: Option<String>,
    /// Slack's messages (`response_metadata.messages`), such as which argument is wrong. At most ten.
    pub messages: Vec<String>,
}

impl SlackError {
    pub(super) fn of_code(error: &str) -> Self {
        Self { error: error.into(), needed: None, provided: None, messages: Vec::new() }
    }
}

impl fmt::Display for SlackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Slack returned the error {:?}: ", self.error)?;
        match (self.error.as_str(), &self.needed) {
            ("missing_scope", Some(needed)) => {
                write!(
                    f,
                    "add the scope {needed} on the app's OAuth & Permissions page and install it again"
                )?;
            }
            _ => f.write_str(advice(&self.error))?,
        }
        if let Some(provided) = &self.provided {
            write!(f, " (the token has {provided})")?;
        }
        for (n, message) in self.messages.iter().enumerate() {
            write!(f, "{}{message}", if n == 0 { "; it says: " } else { ", " })?;
        }
        Ok(())
    }
}

/// What to do about a code.
fn advice(code: &str) -> &'static str {
    match code {
        "missing_scope" => "add the scope on the app's OAuth & Permissions page and install it again",
        "not_in_channel" => {
            "invite the bot to the channel (/invite @bot), or give it the scope chat:write.public"
        }
        "channel_not_found" => "check the channel's id, and invite the bot if the channel is private",
        "is_archived" | "channel_is_archived" => "the channel is archived: unarchive it or choose another",
        "invalid_auth" | "not_authed" | "invalid_token" => {
            "the bot token is not valid here: copy it (xoxb-…) from the app's OAuth & Permissions page"
        }
        "token_revoked" | "token_expired" | "account_inactive" => {
            "the bot token is not valid any more: install the app again and take its new token"
        }
        "not_allowed_token_type" => "the method needs another kind of token than a bot token",
        "invalid_arguments" | "invalid_arg_name" | "invalid_blocks" | "invalid_blocks_format" => {
            "an argument is wrong: compare it with the method's documentation"
        }
        "no_text" | "missing_text_or_fallback_or_attachments" => "give the message a text or blocks",
        "msg_too_long" | "msg_blocks_too_long" => "make the message shorter, or send several",
        "expired_trigger_id" | "trigger_expired" => {
            "open the view within 3 s of the command or click, before anything slow"
        }
        "trigger_exchanged" | "exchanged_trigger_id" => "a trigger_id is good for one view",
        "hash_conflict" => {
            "the view has changed since: take its hash from the latest answer and update again"
        }
        "not_found" => "the view is gone: open it again",
        "already_reacted" => "the bot has already reacted in this way: ignore the error",
        "invalid_name" => "the emoji does not exist: give its name without colons",
        "message_not_found" | "thread_not_found" => "check the channel's id and the message's ts",
        "cant_update_message" | "cant_delete_message" => "a bot can change its own messages only",
        "no_reaction" => "the bot has not reacted in this way: ignore the error",
        "message_not_in_streaming_state" => {
            "Slack has ended the stream: post the rest as a message, or use Web::stream, which does"
        }
        "missing_recipient_user_id" | "missing_recipient_team_id" => {
            "in a channel a stream needs its reader: set MessageStream::recipient"
        }
        "file_uploads_disabled" | "file_upload_size_restricted" => {
            "the workspace does not take this file: ask its administrators"
        }
        "used_url" => "the response_url has been used five times: post with post_message",
        "expired_url" => "the response_url is older than 30 minutes: post with post_message",
        "unknown_method" => "check the method's name",
        "internal_error" | "fatal_error" | "service_unavailable" | "request_timeout" => {
            "Slack has a problem: see slack-status.com and try again later"
        }
        _ => "see Slack's documentation of the method",
    }
}

/// Parts of secrets: of tokens, and of URLs to which anyone can post.
const SECRETS: [&str; 4] = ["xox", "xapp-", "xwfp-", "hooks.slack"];

/// A text of Slack for a person: short, on one line, and without what looks like a secret.
pub(super) fn bounded(text: &str, max_bytes: usize) -> String {
    if SECRETS.iter().any(|secret| text.contains(secret)) {
        return "<redacted>".to_owned();
    }
    cut(text, max_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_what_to_do() {
        let mut error = SlackError::of_code("missing_scope");
        error.needed = Some("chat:write".into());
        error.provided = Some("commands".into());
        assert_eq!(
            error.to_string(),
            "Slack returned the error \"missing_scope\": add the scope chat:write on the app's OAuth & Permissions page \
             and install it again (the token has commands)"
        );
        for (code, says) in [
            ("not_in_channel", "invite"),
            ("invalid_auth", "token"),
            ("no_text", "a text or blocks"),
            ("missing_text_or_fallback_or_attachments", "a text or blocks"),
            ("message_not_found", "the message's ts"),
            ("thread_not_found", "the message's ts"),
            ("message_not_in_streaming_state", "Web::stream"),
            ("no_reaction", "ignore"),
            ("never_heard_of", "documentation"),
        ] {
            let message = WebError::Slack(Box::new(SlackError::of_code(code))).to_string();
            assert!(message.contains(code) && message.contains(says), "{message}");
        }
        let mut error = SlackError::of_code("invalid_arguments");
        error.messages = vec!["[ERROR] one".into(), "[ERROR] two".into()];
        assert!(error.to_string().ends_with("; it says: [ERROR] one, [ERROR] two"), "{error}");
    }

    #[test]
    fn a_text_of_slacks_is_cut_to_one_short_line_without_secrets() {
        assert_eq!(bounded("one\ntwo\u{1b}[31m", 100), r"one\ntwo\u{1b}[31m");
        assert_eq!(bounded("a\u{202e}b\u{2028}c\u{2066}", 100), r"a\u{202e}b\u{2028}c\u{2066}");
        assert_eq!(bounded("üüü", 3), "ü…");
        assert_eq!(bounded("üüü", 6), "üüü");
        for secret in
            ["xoxb-1-2", "see xapp-1", "xoxe.xoxp-1", "xwfp-1", "https://hooks.slack.com/actions/T1/2/3"]
        {
            assert_eq!(bounded(secret, 100), "<redacted>");
        }
    }
}
