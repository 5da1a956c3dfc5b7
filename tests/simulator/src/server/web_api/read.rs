//! Reads the requests of the Web API: JSON, forms and multipart.

use crate::record::BODY_LIMIT;
use crate::server::reply::{self, Reply};
use crate::state::Shared;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::Incoming;
use serde_json::{Map, Value, json};
use std::convert::Infallible;
use std::time::Duration;

/// The arguments that are JSON in a form, as Slack documents them; all others are text, whatever they look like.
const JSON_ARGUMENTS: &[&str] = &[
    "attachments",
    "blocks",
    "chunks",
    "files",
    "loading_messages",
    "metadata",
    "outputs",
    "profile",
    "prompts",
    "unfurls",
    "user_auth_blocks",
    "view",
];
/// The longest file, in bytes (<https://slack.com/help/articles/201330736-Add-files-to-Slack>).
const UPLOAD_LIMIT: usize = 1 << 30;
/// Fields of a multipart body; more are refused.
const MOST_FIELDS: usize = 1_000;

/// A request that was read.
pub(super) struct Read {
    pub(super) headers: HeaderMap,
    /// The body (else the query) as one JSON object without a token; null where it is none.
    pub(super) body: Value,
    /// The token of a form.
    pub(super) token: Option<String>,
    /// Whether it says to be JSON and is none.
    pub(super) is_broken: bool,
}

/// Reads a request. A token counts in a form's field as it does in the header, for the SDKs that send it there (those
/// in Go do). It does not count in a query, which any page's image can have, nor in JSON, where Slack refuses it too.
///
/// # Errors
///
/// The answer to a body that is too long, or does not come in time.
pub(super) async fn read(shared: &Shared, request: Request<Incoming>) -> Result<Read, Reply> {
    let (parts, body) = request.into_parts();
    let bytes = whole(shared, body).await?;
    let is_lenient = shared.look(|state| state.options.lenient);
    let kind = parts.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.to_ascii_lowercase();
    let is_json = kind.starts_with("application/json");
    let mut is_broken = false;
    let mut body = if is_json && !bytes.is_empty() {
        serde_json::from_slice(&bytes).unwrap_or_else(|_| {
            is_broken = true;
            Value::Null
        })
    } else if kind.starts_with("multipart/form-data") {
        let Some(fields) = multipart(parts.headers.get(CONTENT_TYPE), bytes.clone(), is_lenient).await else {
            let words = "The multipart body cannot be read.\n".to_owned();
            return Err(reply::plain(StatusCode::BAD_REQUEST, words));
        };
        fields
    } else if bytes.is_empty() {
        form(parts.uri.query().unwrap_or_default().as_bytes(), is_lenient)
    } else {
        form(&bytes, is_lenient)
    };
    // A token is no argument; what kind it was is recorded.
    let token = body.as_object_mut().and_then(|fields| fields.remove("token"));
    let is_form = kind.starts_with("application/x-www-form-urlencoded") || kind.starts_with("multipart/");
    let token = match token {
        Some(Value::String(token)) if is_form && !bytes.is_empty() => Some(token),
        _ => None,
    };
    Ok(Read { headers: parts.headers, body, token, is_broken })
}

/// How many bytes a file has that is uploaded: those of the body, or of the files in a multipart one. They are not kept.
///
/// # Errors
///
/// The answer to a body that is too long, broken, or does not come in time.
pub(super) async fn file_length(
    shared: &Shared,
    headers: &HeaderMap,
    body: Incoming,
) -> Result<usize, Reply> {
    let wait = shared.look(|state| state.options.client_timeout);
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let mut body = Limited::new(body, UPLOAD_LIMIT).into_data_stream();
    let counted = async {
        let mut length = 0;
        if let Ok(boundary) = multer::parse_boundary(kind) {
            let mut parts = multer::Multipart::new(body, boundary);
            while let Some(mut part) = parts.next_field().await.ok()? {
                let is_file = part.file_name().is_some();
                while let Some(bytes) = part.chunk().await.ok()? {
                    length += if is_file { bytes.len() } else { 0 };
                }
            }
        } else {
            while let Some(bytes) = body.next().await {
                length += bytes.ok()?.len();
            }
        }
        Some(length)
    };
    match tokio::time::timeout(wait, counted).await {
        Ok(Some(length)) => Ok(length),
        Ok(None) => {
            let words = format!("The file is broken off, or has more than {UPLOAD_LIMIT} bytes.\n");
            Err(reply::plain(StatusCode::BAD_REQUEST, words))
        }
        Err(_) => Err(late(wait)),
    }
}

fn late(wait: Duration) -> Reply {
    reply::plain(StatusCode::REQUEST_TIMEOUT, format!("The body did not come within {wait:?}.\n"))
}

async fn whole(shared: &Shared, body: Incoming) -> Result<Bytes, Reply> {
    let wait = shared.look(|state| state.options.client_timeout);
    match tokio::time::timeout(wait, Limited::new(body, BODY_LIMIT).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            let words = format!("The body of a request has {BODY_LIMIT} bytes at most.\n");
            Err(reply::plain(StatusCode::PAYLOAD_TOO_LARGE, words))
        }
        Ok(Err(_)) => Err(reply::plain(StatusCode::BAD_REQUEST, "The body is broken off.\n".to_owned())),
        Err(_) => Err(late(wait)),
    }
}

/// A form's fields.
fn form(bytes: &[u8], is_lenient: bool) -> Value {
    let fields = form_urlencoded::parse(bytes);
    Value::Object(fields.map(|(name, text)| (name.to_string(), argument(&name, &text, is_lenient))).collect())
}

/// The fields of a multipart body; of a file its name and length. None where it is none.
async fn multipart(header: Option<&http::HeaderValue>, bytes: Bytes, is_lenient: bool) -> Option<Value> {
    let boundary = multer::parse_boundary(header?.to_str().ok()?).ok()?;
    let body = stream::iter([Ok::<_, Infallible>(bytes)]);
    let mut parts = multer::Multipart::new(body, boundary);
    let mut fields = Map::new();
    while let Some(part) = parts.next_field().await.ok()? {
        let name = part.name()?.to_owned();
        let file = part.file_name().map(str::to_owned);
        let bytes = part.bytes().await.ok()?;
        let value = match file {
            Some(file) => json!({"filename": file, "length": bytes.len()}),
            None => argument(&name, &String::from_utf8_lossy(&bytes), is_lenient),
        };
        fields.insert(name, value);
        if fields.len() > MOST_FIELDS {
            return None;
        }
    }
    Some(Value::Object(fields))
}

fn argument(name: &str, text: &str, is_lenient: bool) -> Value {
    let is_json = JSON_ARGUMENTS.contains(&name) || is_lenient;
    let parsed = (is_json && text.starts_with(['{', '['])).then(|| serde_json::from_str(text).ok()).flatten();
    parsed.unwrap_or_else(|| Value::from(text))
}
