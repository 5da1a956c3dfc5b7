//! Slack's tokens. They do not print.

use std::fmt;
use std::str::FromStr;

use http::HeaderValue;

/// An app-level token, `xapp-…`, with the scope `connections:write`. `Debug` shows `<redacted>`.
///
/// ```
/// use socketmode_driver::AppToken;
///
/// let token = AppToken::new("xapp-1-A0123-456-789abc")?;
/// assert_eq!(format!("{token:?}"), "AppToken(<redacted>)");
/// assert!(
///     AppToken::new("xoxb-1-2-3")
///         .unwrap_err()
///         .to_string()
///         .contains("app-level token")
/// );
/// # Ok::<(), socketmode_driver::TokenError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct AppToken(HeaderValue);

/// A bot token, `xoxb-…`, for the Web API. With token rotation it begins with `xoxe.xoxb-`. The token for a step of a
/// workflow begins with `xwfp-`. `Debug` shows `<redacted>`.
///
/// ```
/// use socketmode_driver::BotToken;
///
/// let token: BotToken = "xoxb-123-456-789abc".parse()?;
/// assert_eq!(format!("{token:?}"), "BotToken(<redacted>)");
/// assert!(
///     BotToken::new("xapp-1-A0123-456-789abc")
///         .unwrap_err()
///         .to_string()
///         .contains("bot token")
/// );
/// # Ok::<(), socketmode_driver::TokenError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct BotToken(HeaderValue);

impl AppToken {
    /// The environment variable that [`from_env`](Self::from_env) reads.
    pub const VARIABLE: &'static str = "SLACK_APP_TOKEN";

    /// Takes an app-level token; white space around it is removed.
    ///
    /// # Errors
    /// It is empty, of another kind, or no token at all.
    pub fn new(token: &str) -> Result<Self, TokenError> {
        let token = token.trim();
        match token {
            "" => Err(TokenError::NoAppToken),
            _ if token.starts_with("xapp-") => bearer(token).map(Self),
            _ if ["xox", "xwfp-"].iter().any(|prefix| token.starts_with(prefix)) => {
                Err(TokenError::NotAnAppToken)
            }
            _ => Err(TokenError::NotAToken { expected: "xapp-" }),
        }
    }

    /// Reads the app-level token from `SLACK_APP_TOKEN`.
    ///
    /// # Errors
    /// It is not set, or not an app-level token.
    pub fn from_env() -> Result<Self, TokenError> {
        Self::new(&std::env::var(Self::VARIABLE).unwrap_or_default())
    }

    pub(crate) fn authorization(&self) -> &HeaderValue {
        &self.0
    }
}

impl BotToken {
    /// The environment variable that [`from_env`](Self::from_env) reads.
    pub const VARIABLE: &'static str = "SLACK_BOT_TOKEN";
    /// The prefixes of bot tokens: installed, rotated, for a step of a workflow.
    const PREFIXES: [&'static str; 3] = ["xoxb-", "xoxe.xoxb-", "xwfp-"];

    /// Takes a bot token; white space around it is removed.
    ///
    /// # Errors
    /// It is empty, of another kind, or no token at all.
    pub fn new(token: &str) -> Result<Self, TokenError> {
        let token = token.trim();
        match token {
            "" => Err(TokenError::NoBotToken),
            _ if Self::PREFIXES.iter().any(|prefix| token.starts_with(prefix)) => bearer(token).map(Self),
            _ if token.starts_with("xapp-") => Err(TokenError::NotABotToken),
            _ => Err(TokenError::NotAToken { expected: "xoxb-" }),
        }
    }

    /// Reads the bot token from `SLACK_BOT_TOKEN`.
    ///
    /// # Errors
    /// It is not set, or not a bot token.
    pub fn from_env() -> Result<Self, TokenError> {
        Self::new(&std::env::var(Self::VARIABLE).unwrap_or_default())
    }

    /// The value of the `Authorization` header for calls of the Web API, marked as sensitive.
    #[must_use]
    pub fn authorization(&self) -> &HeaderValue {
        &self.0
    }
}

/// As [`new`](AppToken::new) does.
impl FromStr for AppToken {
    type Err = TokenError;

    fn from_str(token: &str) -> Result<Self, TokenError> {
        Self::new(token)
    }
}

/// As [`new`](BotToken::new) does.
impl FromStr for BotToken {
    type Err = TokenError;

    fn from_str(token: &str) -> Result<Self, TokenError> {
        Self::new(token)
    }
}

impl fmt::Debug for AppToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AppToken(<redacted>)")
    }
}

impl fmt::Debug for BotToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BotToken(<redacted>)")
    }
}

fn bearer(token: &str) -> Result<HeaderValue, TokenError> {
    if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(TokenError::Character);
    }
    let mut value = HeaderValue::try_from(format!("Bearer {token}")).map_err(|_| TokenError::Character)?;
    value.set_sensitive(true);
    Ok(value)
}

/// Why a token cannot be used. The error does not show the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// No app-level token.
    #[error(
        "there is no app-level token: create one (xapp-…) with the scope connections:write on the app's Basic Information page, and set SLACK_APP_TOKEN"
    )]
    NoAppToken,
    /// No bot token.
    #[error("there is no bot token: install the app, copy its bot token (xoxb-…), and set SLACK_BOT_TOKEN")]
    NoBotToken,
    /// A bot or user token instead of the app-level token.
    #[error(
        "this is a bot or user token (xox…); Socket Mode needs an app-level token (xapp-…): create one with the scope connections:write on the app's Basic Information page"
    )]
    NotAnAppToken,
    /// An app-level token instead of a bot token.
    #[error("this is an app-level token (xapp-…); the Web API needs the app's bot token (xoxb-…)")]
    NotABotToken,
    /// Something else.
    #[error("this is not the right token: it must begin with {expected}")]
    NotAToken {
        /// The prefix that it must have.
        expected: &'static str,
    },
    /// A character that is not allowed in a token.
    #[error("the token has a character that is not allowed in a token: copy it again")]
    Character,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_token_that_acts_for_the_app_is_a_bot_token() {
        // Installed, rotated every twelve hours, and of one step of a workflow.
        for token in ["xoxb-1-2-abc", "xoxe.xoxb-1-abc", "xwfp-1-2-abc", " xoxb-1-2-abc\n"] {
            assert!(BotToken::new(token).is_ok(), "{token}");
        }
    }

    #[test]
    fn a_token_in_the_wrong_place_is_told_where_it_belongs() {
        let message = |refused: Result<BotToken, TokenError>| refused.unwrap_err().to_string();
        assert!(message(BotToken::new("xapp-1-2")).contains("needs the app's bot token (xoxb-…)"));
        for token in ["xoxp-1-2", "xoxe.xoxp-1-2", "xoxe-1-2", "hunter2"] {
            let message = message(BotToken::new(token));
            assert!(message.contains("xoxb-") && !message.contains("no token"), "{message}");
            assert!(!message.contains(token), "{message}");
        }
        for token in ["xoxb-1-2", "xoxp-1-2", "xoxe.xoxb-1-2", "xwfp-1"] {
            let message = AppToken::new(token).unwrap_err().to_string();
            assert!(message.contains("xapp-") && !message.contains("no token"), "{message}");
        }
    }

    #[test]
    fn white_space_around_a_token_is_removed_and_within_it_refused() {
        assert_eq!(AppToken::new("\t xapp-1-2\n").unwrap(), AppToken::new("xapp-1-2").unwrap());
        assert_eq!(AppToken::new("xapp-1-2\n").unwrap().authorization(), "Bearer xapp-1-2");
        for odd in ["1 2", "1\t2", "1\u{a0}2", "1\n2", "\u{fc}"] {
            assert_eq!(AppToken::new(&format!("xapp-{odd}")), Err(TokenError::Character), "{odd:?}");
            assert_eq!(BotToken::new(&format!("xoxb-{odd}")), Err(TokenError::Character), "{odd:?}");
        }
    }

    #[test]
    fn a_token_that_is_missing_is_told_with_its_variable() {
        let missing = [AppToken::new(" ").unwrap_err(), BotToken::new("").unwrap_err()];
        for (error, variable) in missing.iter().zip([AppToken::VARIABLE, BotToken::VARIABLE]) {
            assert!(error.to_string().ends_with(&format!("set {variable}")), "{error}");
        }
    }

    #[test]
    fn the_header_of_each_token_is_marked_as_sensitive() {
        let (app, bot) = (AppToken::new("xapp-1-2").unwrap(), BotToken::new("xoxb-1-2").unwrap());
        for header in [app.authorization(), bot.authorization()] {
            assert!(header.is_sensitive());
            assert!(!format!("{header:?}").contains("xo"), "{header:?}");
        }
    }
}
