//! The handshake of a WebSocket (RFC 6455, section 4.1): the request, and the check of the answer. It works with any HTTP
//! library.

use std::time::Duration;

use http::header::{
    CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_EXTENSIONS, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL,
    SEC_WEBSOCKET_VERSION, UPGRADE,
};
use http::{HeaderMap, HeaderName, Request, StatusCode, Uri, Version};
use tungstenite::handshake::client::generate_key;
use tungstenite::handshake::derive_accept_key;

use socketmode_protocol::{SocketUrl, excerpt};

use crate::transport::{TransportError, TransportErrorKind};

/// How long the body of an answer with another status is waited for, after its head: it only makes the error clearer.
pub const BODY_WAIT: Duration = Duration::from_secs(1);

/// A new random key for one handshake, in base64.
#[must_use]
pub fn key() -> String {
    generate_key()
}

/// The request for a WebSocket, without extensions and subprotocols. `uri` is `http` or `https`, and `key` is from [`key`].
///
/// # Errors
/// The key is not valid in a header.
pub fn request(uri: Uri, key: &str) -> Result<Request<()>, TransportError> {
    let request = Request::get(uri)
        .header(CONNECTION, "Upgrade")
        .header(UPGRADE, "websocket")
        .header(SEC_WEBSOCKET_VERSION, "13")
        .header(SEC_WEBSOCKET_KEY, key);
    request.body(()).map_err(|_| wrong("the handshake cannot be written as HTTP"))
}

/// Checks whether the answer opens the WebSocket for this key.
///
/// # Errors
/// It does not. The error has the status if it is not 101, or says what is wrong with the answer.
pub fn check(
    version: Version,
    status: StatusCode,
    headers: &HeaderMap,
    key: &str,
) -> Result<(), TransportError> {
    // In later versions no status opens it: the version says more there.
    if status != StatusCode::SWITCHING_PROTOCOLS && version <= Version::HTTP_11 {
        return Err(TransportError::handshake_status(status.as_u16(), ""));
    }
    if version != Version::HTTP_11 {
        return Err(wrong("the handshake was answered by another HTTP version than 1.1: offer no ALPN"));
    }
    if !has_word(headers, &UPGRADE, "websocket") || !has_word(headers, &CONNECTION, "upgrade") {
        return Err(wrong("the handshake was answered with 101 and without an upgrade to a WebSocket"));
    }
    let accept = headers.get(SEC_WEBSOCKET_ACCEPT).map(http::HeaderValue::as_bytes);
    if accept != Some(derive_accept_key(key.as_bytes()).as_bytes()) {
        return Err(wrong("the handshake was answered with a wrong Sec-WebSocket-Accept"));
    }
    // The server must not choose what was not requested.
    if headers.contains_key(SEC_WEBSOCKET_EXTENSIONS) {
        return Err(wrong("the handshake was answered with an extension that was not asked for"));
    }
    if headers.contains_key(SEC_WEBSOCKET_PROTOCOL) {
        return Err(wrong("the handshake was answered with a subprotocol that was not asked for"));
    }
    Ok(())
}

/// The same error with the first words of the answer's body, unless they may show the ticket of the URL.
#[must_use]
pub fn with_body(error: TransportError, body: &[u8], url: &SocketUrl) -> TransportError {
    let Some(status) = error.status() else { return error };
    let words = excerpt(body);
    // The excerpt may end within a ticket.
    let behind_scheme = url.expose_secret().split_once("://").map_or("", |(_, rest)| rest);
    let values = behind_scheme.split(['/', '?', '&', '=', '#']).skip(1);
    let shows_a_secret =
        values.filter_map(|value| value.get(..TICKET_BEGINS)).any(|begin| words.contains(begin));
    TransportError::handshake_status(status, if shows_a_secret { String::new() } else { words })
}

/// The length of the beginning of a value in a URL that shows it is the whole value.
const TICKET_BEGINS: usize = 8;

fn has_word(headers: &HeaderMap, name: &HeaderName, word: &str) -> bool {
    let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).any(|found| found.trim().eq_ignore_ascii_case(word))
}

fn wrong(message: &str) -> TransportError {
    TransportError::new(TransportErrorKind::Protocol, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::Response;

    const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
    /// RFC 6455, section 1.3.
    const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

    fn checked(status: u16, headers: &[(&str, &str)]) -> Result<(), TransportError> {
        checked_in(Version::HTTP_11, status, headers)
    }

    fn checked_in(version: Version, status: u16, headers: &[(&str, &str)]) -> Result<(), TransportError> {
        let answer = Response::builder().status(status);
        let answer = headers.iter().fold(answer, |answer, (name, value)| answer.header(*name, *value));
        let answer = answer.body(()).unwrap();
        check(version, answer.status(), answer.headers(), KEY)
    }

    const GOOD: [(&str, &str); 3] =
        [("upgrade", "WebSocket"), ("connection", "keep-alive, Upgrade"), ("sec-websocket-accept", ACCEPT)];

    #[test]
    fn a_handshake_asks_for_all_that_the_rfc_wants() {
        let request = request(Uri::from_static("https://slack.test/link?ticket=1"), KEY).unwrap();
        assert_eq!((request.method(), request.uri().path()), (&http::Method::GET, "/link"));
        for (name, value) in [
            ("upgrade", "websocket"),
            ("connection", "Upgrade"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-key", KEY),
        ] {
            assert_eq!(request.headers()[name], value, "{name}");
        }
    }

    #[test]
    fn each_handshake_has_a_key_of_its_own() {
        let keys = [key(), key(), key()];
        assert!(keys[0] != keys[1] && keys[1] != keys[2], "{keys:?}");
        // 16 bytes in base64.
        assert!(keys.iter().all(|key| key.len() == 24 && key.ends_with("==")), "{keys:?}");
    }

    #[test]
    fn a_header_may_come_in_several_lines() {
        let headers = [&[("connection", "keep-alive"), ("upgrade", "other")], &GOOD[..]].concat();
        assert_eq!(checked(101, &headers), Ok(()));
    }

    #[test]
    fn the_answer_of_the_rfc_is_good() {
        assert_eq!(checked(101, &GOOD), Ok(()));
    }

    #[test]
    fn another_status_is_told_with_its_number() {
        assert_eq!(checked(200, &GOOD).unwrap_err().status(), Some(200));
        assert_eq!(checked(404, &[]).unwrap_err().status(), Some(404));
    }

    #[test]
    fn the_first_words_of_an_answer_are_told_without_the_ticket() {
        let url = SocketUrl::parse("wss://slack.test/link/?ticket=0123456789-ab&app_id=A1").unwrap();
        let told = |body: &str| {
            let refused = checked(409, &[]).unwrap_err();
            super::with_body(refused, body.as_bytes(), &url).to_string()
        };
        assert_eq!(told("seat taken\nsorry"), "HTTP status 409: seat taken sorry");
        assert_eq!(told(""), "HTTP status 409");
        let bare = SocketUrl::parse("wss://slack.test?t=0123456789-ab").unwrap();
        let refused = super::with_body(checked(409, &[]).unwrap_err(), b"no 0123456789-ab", &bare);
        assert_eq!(refused.to_string(), "HTTP status 409");
        for shown in ["no /link/?x=0123456789-ab", "no 01234567"] {
            assert_eq!(told(shown), "HTTP status 409", "{shown}");
        }
    }

    #[test]
    fn another_version_than_1_1_opens_no_websocket() {
        for (version, status) in [(Version::HTTP_10, 101), (Version::HTTP_2, 101), (Version::HTTP_2, 405)] {
            let error = checked_in(version, status, &GOOD).unwrap_err();
            assert!(error.to_string().contains("another HTTP version"), "{version:?} {status}: {error}");
        }
        assert_eq!(checked_in(Version::HTTP_10, 503, &[]).unwrap_err().status(), Some(503));
    }

    #[test]
    fn an_answer_that_lacks_a_header_is_refused() {
        for left_out in 0..GOOD.len() {
            let mut headers = GOOD.to_vec();
            headers.remove(left_out);
            assert_eq!(checked(101, &headers).unwrap_err().kind(), TransportErrorKind::Protocol);
        }
        let mut headers = GOOD.to_vec();
        headers[2].1 = "dGhlIHNhbXBsZSBub25jZQ==";
        assert_eq!(checked(101, &headers).unwrap_err().kind(), TransportErrorKind::Protocol);
    }

    #[test]
    fn an_extension_that_was_not_asked_for_is_refused() {
        for more in [("sec-websocket-extensions", "permessage-deflate"), ("sec-websocket-protocol", "chat")] {
            let headers = [&GOOD[..], &[more]].concat();
            let error = checked(101, &headers).unwrap_err();
            assert!(error.to_string().contains("not asked for"), "{error}");
        }
    }
}
