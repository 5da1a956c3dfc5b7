//! Files: three requests, as one call.

use std::fmt;

use bytes::Bytes;
use http::HeaderValue;
use serde::Deserialize;
use serde_json::{Value, json};
use socketmode_protocol::payload::Json;

use super::agents::set;
use super::respond::permitted;
use super::{Web, WebError, answer, base_url};
use crate::limits;
use crate::transport::Transport;

/// A file to upload with [`Web::upload`]. `Debug` shows its name and size.
///
/// ```
/// use socketmode_driver::Transport;
/// use socketmode_driver::web::{Upload, Web, WebError};
///
/// async fn report<T: Transport>(web: &Web<T>, csv: String) -> Result<(), WebError> {
///     let file = Upload::new("report.csv", csv).to_channel("C0123").comment("Today's numbers");
///     let uploaded = web.upload(file).await?;
///     println!("{}", uploaded.id);
///     Ok(())
/// }
/// ```
#[derive(Clone, PartialEq, Eq)]
#[must_use = "it is uploaded by Web::upload"]
pub struct Upload {
    name: String,
    bytes: Bytes,
    title: Option<String>,
    alt_text: Option<String>,
    snippet_type: Option<String>,
    channel: Option<String>,
    thread_ts: Option<String>,
    comment: Option<String>,
}

impl Upload {
    /// A file with this name. Without a channel only the app sees it.
    pub fn new(name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            name: name.into(),
            bytes: Bytes::from(bytes.into()),
            title: None,
            alt_text: None,
            snippet_type: None,
            channel: None,
            thread_ts: None,
            comment: None,
        }
    }

    /// Posts it to a channel.
    pub fn to_channel(mut self, channel: impl Into<String>) -> Self {
        self.channel = Some(channel.into());
        self
    }

    /// Posts it to a thread of the channel.
    pub fn in_thread(mut self, ts: impl Into<String>) -> Self {
        self.thread_ts = Some(ts.into());
        self
    }

    /// A message beside it.
    pub fn comment(mut self, text: impl Into<String>) -> Self {
        self.comment = Some(text.into());
        self
    }

    /// Its title, if that is not its name.
    pub fn title(mut self, title: impl Into<String>) -> Self {
        self.title = Some(title.into());
        self
    }

    /// What an image shows, for screen readers; 1,000 characters at most.
    pub fn alt_text(mut self, text: impl Into<String>) -> Self {
        self.alt_text = Some(text.into());
        self
    }

    /// The language of a snippet: `python`.
    pub fn snippet_type(mut self, language: impl Into<String>) -> Self {
        self.snippet_type = Some(language.into());
        self
    }
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upload")
            .field("name", &self.name)
            .field("bytes", &self.bytes.len())
            .field("channel", &self.channel)
            .finish_non_exhaustive()
    }
}

/// A file that was uploaded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UploadedFile {
    /// Its id, `F…`.
    pub id: String,
    /// The answer of `files.completeUploadExternal`.
    pub raw: Json,
}

impl<T: Transport> Web<T> {
    /// Uploads a file, and posts it if it has a channel: `files.getUploadURLExternal`, the bytes to the URL that Slack
    /// returns, `files.completeUploadExternal`. <https://docs.slack.dev/messaging/working-with-files>
    ///
    /// The bytes are held in memory once. The [`timeout`](Self::timeout) is for each of the three requests: set a longer one
    /// for a large file. The token does not go to the URL, which must lead to Slack.
    ///
    /// # Errors
    /// One of the three failed; only after the last one anybody sees the file. A second try uploads it again.
    ///
    /// # Cancel safety
    /// Dropping the future cancels the upload; the file may still be posted.
    pub async fn upload(&self, file: Upload) -> Result<UploadedFile, WebError> {
        #[derive(Deserialize)]
        struct Place {
            upload_url: String,
            file_id: String,
        }
        let arguments = set([
            ("filename", Some(file.name.as_str().into())),
            ("length", Some(file.bytes.len().into())),
            ("alt_txt", file.alt_text.map(Value::from)),
            ("snippet_type", file.snippet_type.map(Value::from)),
        ]);
        limits::fields("file", &arguments).map_err(WebError::Limit)?;
        let comment = set([("text", file.comment.as_deref().map(Value::from))]);
        limits::message(&comment).map_err(WebError::Limit)?;
        let Place { upload_url, file_id } = self.call_form("files.getUploadURLExternal", &arguments).await?;
        self.upload_bytes(&upload_url, file.bytes).await?;
        let title = file.title.unwrap_or(file.name);
        let arguments = set([
            ("files", Some(json!([{ "id": file_id, "title": title }]))),
            ("channel_id", file.channel.map(Value::from)),
            ("thread_ts", file.thread_ts.map(Value::from)),
            ("initial_comment", file.comment.map(Value::from)),
        ]);
        let completed = self.call_json("files.completeUploadExternal", &arguments).await?;
        Ok(UploadedFile { id: file_id, raw: answer::typed(&completed.body)? })
    }

    async fn upload_bytes(&self, url: &str, bytes: Bytes) -> Result<(), WebError> {
        const CONTENT_TYPE: HeaderValue = HeaderValue::from_static("application/octet-stream");
        let uri = permitted(url, &self.base).map_err(|why| WebError::UploadUrl { why })?;
        let answer = self.exchange("upload_url", &base_url::post(uri, CONTENT_TYPE, bytes)).await?;
        let status = answer.response.status();
        if status.is_success() { Ok(()) } else { Err(WebError::Status(status.as_u16())) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::testing::{answering, calls};
    use http::header::AUTHORIZATION;

    const PLACE: &str =
        r#"{"ok":true,"upload_url":"https://files.slack.com/upload/v1/SECRET","file_id":"F1"}"#;

    #[test]
    fn a_file_is_uploaded_and_posted_in_one_call() {
        let (web, transport) = answering([PLACE, "OK - 5", r#"{"ok":true,"files":[{"id":"F1"}]}"#]);
        let file =
            Upload::new("a b.txt", "hello").to_channel("C1").in_thread("1.1").comment("hi").alt_text("x");
        assert!(!format!("{file:?}").contains("hello"));
        let uploaded = smol::block_on(web.upload(file)).unwrap();
        assert_eq!(uploaded.id, "F1");
        assert_eq!(uploaded.raw.field::<Vec<Value>>("files").unwrap().len(), 1);
        let sent = transport.sent.lock().unwrap();
        let bodies: Vec<_> = sent.iter().map(|(request, _)| request.body().clone()).collect();
        assert_eq!(bodies[0], "alt_txt=x&filename=a+b.txt&length=5");
        assert_eq!(
            (sent[1].0.uri().to_string().as_str(), &*bodies[1]),
            ("https://files.slack.com/upload/v1/SECRET", &b"hello"[..])
        );
        // The URL is the secret there.
        assert!(!sent[1].0.headers().contains_key(AUTHORIZATION));
        let completed: Value = serde_json::from_slice(&bodies[2]).unwrap();
        assert_eq!(
            completed,
            json!({
                "files": [{ "id": "F1", "title": "a b.txt" }], "channel_id": "C1", "thread_ts": "1.1",
                "initial_comment": "hi",
            })
        );
    }

    #[test]
    fn bytes_go_nowhere_but_to_slack() {
        let elsewhere = r#"{"ok":true,"upload_url":"https://evil.test/SECRET","file_id":"F1"}"#;
        let (web, transport) = answering([elsewhere]);
        let error = smol::block_on(web.upload(Upload::new("a", "b"))).unwrap_err();
        assert!(
            matches!(error, WebError::UploadUrl { .. }) && !error.to_string().contains("SECRET"),
            "{error}"
        );
        assert_eq!(transport.sent.lock().unwrap().len(), 1);
    }

    #[test]
    fn a_file_that_is_not_taken_is_not_posted() {
        let (web, transport) = answering([PLACE, ""]);
        *transport.answers.lock().unwrap().back_mut().unwrap() =
            Some(crate::web::testing::answer(500, None, "SECRET"));
        assert_eq!(smol::block_on(web.upload(Upload::new("a", "b"))), Err(WebError::Status(500)));
        assert_eq!(transport.sent.lock().unwrap().len(), 2);
        let (web, transport) = answering([]);
        let file = Upload::new("a", "b").alt_text("x".repeat(1_001));
        let error = smol::block_on(web.upload(file)).unwrap_err();
        assert!(error.to_string().contains("alt_txt has 1001 characters"), "{error}");
        assert!(calls(&transport).is_empty());
    }
}
