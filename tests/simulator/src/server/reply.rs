//! HTTP answers.

use bytes::Bytes;
use futures_util::stream;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, LOCATION, RETRY_AFTER, TRANSFER_ENCODING};
use http::{HeaderName, HeaderValue, Response, StatusCode};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::Frame;
use serde_json::Value;
use std::convert::Infallible;

/// An answer.
pub(super) type Reply = Response<UnsyncBoxBody<Bytes, Infallible>>;

/// The script wants no answer: TCP is closed.
#[derive(Debug, thiserror::Error)]
#[error("the script drops this connection")]
pub(super) struct Unanswered;

/// JSON with status 200.
pub(super) fn json(value: &Value) -> Reply {
    custom(StatusCode::OK.as_u16(), &[], value.to_string(), true)
}

/// A status and its name.
pub(super) fn status(status: StatusCode) -> Reply {
    custom(status.as_u16(), &[], status.to_string(), false)
}

/// A status and a text for a person.
pub(super) fn plain(status: StatusCode, text: String) -> Reply {
    let mut reply = custom(status.as_u16(), &[], text, false);
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    reply
}

/// A redirection.
pub(super) fn redirect(to: String) -> Reply {
    custom(302, &[(LOCATION.to_string(), to)], String::new(), false)
}

/// The rate limit's answer.
pub(super) fn rate_limited(seconds: u64) -> Reply {
    let headers = [(RETRY_AFTER.to_string(), seconds.to_string())];
    custom(429, &headers, r#"{"ok":false,"error":"ratelimited"}"#.to_owned(), true)
}

/// Any answer; a status or header that HTTP does not know makes it a 500 that says so.
pub(super) fn custom(status: u16, headers: &[(String, String)], body: String, is_json: bool) -> Reply {
    let mut reply = Response::new(UnsyncBoxBody::new(Full::new(Bytes::from(body))));
    let kind = if is_json { "application/json; charset=utf-8" } else { "text/html; charset=utf-8" };
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    let mut wrong = None;
    match StatusCode::from_u16(status) {
        Ok(status) => *reply.status_mut() = status,
        Err(_) => wrong = Some(format!("the scripted status {status} is none of HTTP's")),
    }
    for (name, value) in headers {
        match (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            (Ok(name), _) if frames(&name) => {
                wrong = Some(format!("the scripted header {name} is not for a script to give"));
            }
            (Ok(name), Ok(value)) => drop(reply.headers_mut().insert(name, value)),
            _ => wrong = Some(format!("the scripted header {name:?}: {value:?} is none of HTTP's")),
        }
    }
    match wrong {
        None => reply,
        Some(words) => {
            let mut reply = Response::new(UnsyncBoxBody::new(Full::new(Bytes::from(words))));
            *reply.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            reply
        }
    }
}

/// Whether a header says where a body ends, which the server knows. Another end is none that it can send.
pub(super) fn frames(name: &HeaderName) -> bool {
    [CONTENT_LENGTH, TRANSFER_ENCODING].contains(name)
}

/// A body of so many spaces, made as it is read.
pub(super) fn huge(bytes: u64) -> Reply {
    const BLOCK: u64 = 65_536;
    static SPACES: [u8; BLOCK as usize] = [b' '; BLOCK as usize];
    let blocks = stream::unfold(bytes, |left| async move {
        let size = left.min(BLOCK);
        let block = Bytes::from_static(SPACES.get(..usize::try_from(size).ok()?)?);
        (size > 0).then(|| (Ok::<_, Infallible>(Frame::data(block)), left - size))
    });
    let mut reply = Response::new(StreamBody::new(blocks).boxed_unsync());
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    reply
}
