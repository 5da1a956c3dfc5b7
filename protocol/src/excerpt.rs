//! The first words of a body, for error messages.

use alloc::string::String;

use crate::errors::truncate;

/// The most characters of an [`excerpt`].
const MAX_CHARACTERS: usize = 120;
/// What a secret of Slack's begins with or is called: tokens, and the ticket of a WebSocket URL.
const SECRETS: [&str; 6] = ["xapp-", "xoxa", "xoxb-", "xoxe", "xoxp-", "ticket"];

/// The first words of the body of an answer that is not Slack's, for an error message: what a proxy or a gateway says. At most
/// 120 characters, in one line. Empty if the body is not text, or may hold a secret.
///
/// ```
/// use socketmode_protocol::excerpt;
///
/// assert_eq!(excerpt(b"no route\n  to slack.com"), "no route to slack.com");
/// assert_eq!(excerpt(b"denied: Bearer xapp-1-A-2-b"), "");
/// ```
#[must_use]
pub fn excerpt(body: &[u8]) -> String {
    // What is cut off behind is not shown, so a secret there does not matter. One that is cut is found by its beginning.
    let read = body.get(..body.len().min(4 * MAX_CHARACTERS)).unwrap_or_default();
    let text = match core::str::from_utf8(read) {
        Ok(text) => text,
        // A character that is cut in two at the end.
        Err(error) if error.error_len().is_none() => {
            core::str::from_utf8(read.get(..error.valid_up_to()).unwrap_or_default()).unwrap_or_default()
        }
        Err(_) => return String::new(),
    };
    if may_hold_secret(text) {
        return String::new();
    }
    let mut words = String::new();
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        if !words.is_empty() {
            words.push(' ');
        }
        words.push_str(word);
    }
    words.chars().take(MAX_CHARACTERS).collect()
}

/// An error code. Empty if it is none and may hold a secret.
pub(crate) fn code(text: &str) -> &str {
    let is_code = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if is_code || !may_hold_secret(text) { truncate(text) } else { "" }
}

fn may_hold_secret(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    SECRETS.iter().any(|secret| lower.contains(secret))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_told_in_one_line() {
        for (body, said) in [
            (&b"<h1>Proxy</h1>\r\n\tdenied"[..], "<h1>Proxy</h1> denied"),
            (b"", ""),
            (b"\x1b[31mred\x07", "[31mred"),
            (b"\xff\xfe", ""),
        ] {
            assert_eq!(excerpt(body), said);
        }
        assert_eq!(excerpt("\u{e4}".repeat(1_000).as_bytes()).chars().count(), 120);
        // A character lies across the end of what is read, or one that is none.
        let long = |end: &[u8]| [&b" ".repeat(4 * MAX_CHARACTERS - 3), &b"x "[..], end].concat();
        assert_eq!(excerpt(&long("\u{e4}".as_bytes())), "x");
        assert_eq!(excerpt(&long(b"\xff")), "");
    }

    #[test]
    fn a_body_with_a_secret_is_not_told() {
        for body in
            ["Authorization: Bearer xapp-1-A", "xoxb-1", "GET /link/?TICKET=1 not found", "XOXE.xoxp-1"]
        {
            assert_eq!(excerpt(body.as_bytes()), "", "{body}");
        }
    }

    #[test]
    fn a_code_that_may_hold_a_token_is_not_told() {
        assert_eq!(code("invalid_auth"), "invalid_auth");
        assert_eq!(code("no route to host"), "no route to host");
        assert_eq!(code("bad header Authorization: Bearer xapp-1-A"), "");
        assert_eq!(code("bad_ticket"), "bad_ticket");
    }
}
