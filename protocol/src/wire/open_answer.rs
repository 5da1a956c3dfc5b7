//! The answer of `apps.connections.open`, as Slack documents it.

use alloc::borrow::Cow;

use super::fields::{for_each_field, string};

/// The answer of `apps.connections.open`.
#[derive(Debug, PartialEq)]
pub(crate) enum OpenAnswer<'a> {
    Url(Cow<'a, str>),
    Error(Cow<'a, str>),
    Unreadable,
}

pub(crate) fn open_answer(body: &[u8]) -> OpenAnswer<'_> {
    let Ok(text) = core::str::from_utf8(body) else { return OpenAnswer::Unreadable };
    let (mut ok, mut url, mut error) = (false, None, None);
    let read = for_each_field(text, |key, value| match key {
        b"ok" => ok = value == "true",
        b"url" => url = string(value),
        b"error" => error = string(value),
        _ => {}
    });
    match (read, ok, url, error) {
        (Ok(()), true, Some(url), _) => OpenAnswer::Url(url),
        (Ok(()), false, _, Some(error)) => OpenAnswer::Error(error),
        _ => OpenAnswer::Unreadable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_of_the_open_call_is_a_url_an_error_or_neither() {
        for (body, answer) in [
            (r#"{"ok":true,"url":"wss:\/\/h\/"}"#, OpenAnswer::Url("wss://h/".into())),
            (r#"{"ok":false,"error":"invalid_auth"}"#, OpenAnswer::Error("invalid_auth".into())),
            (r#"{"ok":true}"#, OpenAnswer::Unreadable),
            (r#"{"ok":false,"url":"wss://h"}"#, OpenAnswer::Unreadable),
            ("<html>", OpenAnswer::Unreadable),
            ("", OpenAnswer::Unreadable),
        ] {
            assert_eq!(open_answer(body.as_bytes()), answer, "{body}");
        }
        assert_eq!(open_answer(b"\xff"), OpenAnswer::Unreadable);
    }
}
