//! The typed client of slack-morphism over the transport of this crate.

use std::fmt;
use std::future::{Future, ready};
use std::pin::Pin;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use http::header::{AUTHORIZATION, COOKIE};
use http::{HeaderValue, Method, Request};
use serde::{Deserialize, Serialize};
use slack_morphism::errors::{
    SlackClientApiError, SlackClientError, SlackClientHttpError, SlackClientProtocolError,
    SlackClientSystemError, SlackRateLimitError,
};
use slack_morphism::multipart_form::FileMultipartData;
use slack_morphism::{
    ClientResult, SlackApiToken, SlackClient, SlackClientApiCallContext, SlackClientHttpConnector,
    SlackClientId, SlackClientSecret,
};
use url::Url;

use super::answer::Answer;
use super::respond::permitted;
use super::{Web, WebError, base_url, json};
use crate::transport::Transport;

type Answered<'a, A> = Pin<Box<dyn Future<Output = ClientResult<A>> + Send + 'a>>;

/// The connector of slack-morphism's client over a [`Transport`], from [`Web::slack_morphism`].
///
/// It goes through the same proxy and certificates, waits for Slack's rate limit as [`Web`] does, and counts as its calls.
/// slack-morphism's own rate control needs tokio and is not used. Requests go to Slack only, and a token only to the base
/// URL. Its errors do not hold the answer, in which there may be a secret.
pub struct MorphismConnector<T: Transport> {
    web: Web<T>,
}

impl<T: Transport> Web<T> {
    /// The client of slack-morphism, which has a type for most methods and for Block Kit. It takes the token of the session
    /// that you open with it, and not that of this `Web`. Feature `slack-morphism`.
    ///
    /// ```
    /// use slack_morphism::prelude::*;
    /// use socketmode_driver::Transport;
    /// use socketmode_driver::web::Web;
    ///
    /// async fn names<T: Transport>(
    ///     web: &Web<T>,
    ///     token: &SlackApiToken,
    /// ) -> ClientResult<Vec<Option<String>>> {
    ///     let client = web.slack_morphism();
    ///     let session = client.open_session(token);
    ///     let page = session.users_list(&SlackApiUsersListRequest::new()).await?;
    ///     Ok(page.members.into_iter().map(|user| user.name).collect())
    /// }
    /// ```
    #[must_use]
    pub fn slack_morphism(&self) -> SlackClient<MorphismConnector<T>> {
        SlackClient::new(MorphismConnector { web: self.clone() })
    }
}

impl<T: Transport> fmt::Debug for MorphismConnector<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MorphismConnector").field("web", &self.web).finish()
    }
}

/// What a request has beside its URL.
struct Content {
    method: Method,
    kind: HeaderValue,
    body: Bytes,
}

impl Content {
    /// For GET.
    fn none() -> Self {
        Self { method: Method::GET, kind: super::form::CONTENT_TYPE, body: Bytes::new() }
    }

    fn post(kind: HeaderValue, body: impl Into<Bytes>) -> Self {
        Self { method: Method::POST, kind, body: body.into() }
    }
}

impl<T: Transport> MorphismConnector<T> {
    /// A request with these headers, if it may be sent there.
    fn request(
        &self,
        url: &Url,
        content: Content,
        headers: [(http::HeaderName, Option<HeaderValue>); 2],
    ) -> Result<Request<Bytes>, WebError> {
        let uri = permitted(url.as_str(), &self.web.base).map_err(|why| WebError::ResponseUrl { why })?;
        let mut request = base_url::post(uri, content.kind, content.body);
        if content.method == Method::GET {
            *request.method_mut() = Method::GET;
            request.headers_mut().remove(http::header::CONTENT_TYPE);
        }
        if self.is_method(url) {
            for (name, value) in headers {
                if let Some(value) = value {
                    request.headers_mut().insert(name, value);
                }
            }
        }
        Ok(request)
    }

    /// Whether it is below the base URL: only there the token is sent.
    fn is_method(&self, url: &Url) -> bool {
        // Both in the same form: the port of the scheme is left out, and a host is in lower case.
        let base = self.web.base.as_str().parse::<Url>();
        base.is_ok_and(|base| url.as_str().starts_with(base.as_str()))
    }

    /// Sends it, as [`Web`] sends its own.
    fn send<'a, A>(&'a self, url: &Url, content: Content, token: Option<&SlackApiToken>) -> Answered<'a, A>
    where
        A: for<'de> Deserialize<'de> + Send + 'a,
    {
        let bearer = token.map(|token| secret(&format!("Bearer {}", token.token_value.0)));
        let cookie = token.and_then(|token| token.cookie.as_ref()).map(|cookie| secret(&cookie.0));
        self.exchange(url, content, [(AUTHORIZATION, bearer.flatten()), (COOKIE, cookie.flatten())])
    }

    fn exchange<'a, A>(
        &'a self,
        url: &Url,
        content: Content,
        headers: [(http::HeaderName, Option<HeaderValue>); 2],
    ) -> Answered<'a, A>
    where
        A: for<'de> Deserialize<'de> + Send + 'a,
    {
        let method = url.as_str().strip_prefix(self.web.base.as_str()).unwrap_or("a URL of Slack's");
        let method = method.split('?').next().unwrap_or_default().to_owned();
        let is_method = self.is_method(url);
        match self.request(url, content, headers) {
            Ok(request) => Box::pin(async move {
                read(&self.web.exchange(&method, &request).await.map_err(client_error)?, is_method)
            }),
            Err(error) => Box::pin(ready(Err(client_error(error)))),
        }
    }
}

/// A header that does not print; none if it cannot be one.
fn secret(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::try_from(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// Methods answer with JSON. A `response_url` and an upload answer with a word.
fn read<A: for<'de> Deserialize<'de>>(answer: &Answer, is_method: bool) -> ClientResult<A> {
    let status = answer.response.status();
    match &answer.fields {
        Some(fields) if !fields.ok => {
            let error = SlackClientApiError::new(fields.error.error.clone());
            Err(SlackClientError::ApiError(error.with_errors(fields.error.messages.clone())))
        }
        _ if !status.is_success() => Err(SlackClientError::HttpError(SlackClientHttpError::new(status))),
        fields => {
            let body = if fields.is_some() || is_method { answer.response.body() } else { &b"{}"[..] };
            serde_json::from_slice(body)
                .map_err(|error| SlackClientError::ProtocolError(SlackClientProtocolError::new(error)))
        }
    }
}

fn client_error(error: WebError) -> SlackClientError {
    match error {
        WebError::RateLimited { retry_after } => {
            SlackClientError::RateLimitError(SlackRateLimitError::new().with_retry_after(retry_after))
        }
        error => SlackClientError::SystemError(
            SlackClientSystemError::new().with_message(error.to_string()).with_cause(Box::new(error)),
        ),
    }
}

fn not_serialized(error: serde_json::Error) -> SlackClientError {
    SlackClientError::ProtocolError(SlackClientProtocolError::new(error))
}

impl<T: Transport> SlackClientHttpConnector for MorphismConnector<T> {
    fn create_method_uri_path(&self, method: &str) -> ClientResult<Url> {
        Ok(format!("{}{method}", self.web.base.as_str()).parse()?)
    }

    fn http_get_uri<'a, A>(&'a self, url: Url, context: SlackClientApiCallContext<'a>) -> Answered<'a, A>
    where
        A: for<'de> Deserialize<'de> + Send + 'a,
    {
        self.send(&url, Content::none(), context.token)
    }

    fn http_get_with_client_secret<'a, A>(
        &'a self,
        url: Url,
        client_id: &'a SlackClientId,
        client_secret: &'a SlackClientSecret,
    ) -> Answered<'a, A>
    where
        A: for<'de> Deserialize<'de> + Send + 'a,
    {
        let basic = BASE64_STANDARD.encode(format!("{}:{}", client_id.0, client_secret.0));
        let headers = [(AUTHORIZATION, secret(&format!("Basic {basic}"))), (COOKIE, None)];
        self.exchange(&url, Content::none(), headers)
    }

    fn http_post_uri<'a, Q, A>(
        &'a self,
        url: Url,
        body: &'a Q,
        context: SlackClientApiCallContext<'a>,
    ) -> Answered<'a, A>
    where
        Q: Serialize + Send + Sync,
        A: for<'de> Deserialize<'de> + Send + 'a,
    {
        match serde_json::to_vec(body) {
            Ok(body) => self.send(&url, Content::post(json::CONTENT_TYPE, body), context.token),
            Err(error) => Box::pin(ready(Err(not_serialized(error)))),
        }
    }

    fn http_post_uri_multipart_form<'a, 'p, A, P, S>(
        &'a self,
        url: Url,
        file: Option<FileMultipartData<'p>>,
        params: &'p P,
        context: SlackClientApiCallContext<'a>,
    ) -> Answered<'a, A>
    where
        A: for<'de> Deserialize<'de> + Send + 'a,
        P: IntoIterator<Item = (&'p str, Option<S>)> + Clone,
        S: AsRef<str> + 'p + Send,
    {
        let fields = params.clone().into_iter().filter_map(|(name, value)| Some((name, value?)));
        let fields: Vec<_> = fields.map(|(name, value)| (name, value.as_ref().to_owned())).collect();
        let (kind, body) = multipart(&fields, file);
        self.send(&url, Content::post(kind, body), context.token)
    }

    fn http_post_uri_binary<'a, 'p, A>(
        &'a self,
        url: Url,
        content_type: String,
        data: &'a [u8],
        context: SlackClientApiCallContext<'a>,
    ) -> Answered<'a, A>
    where
        A: for<'de> Deserialize<'de> + Send + 'a,
    {
        let kind = HeaderValue::try_from(content_type)
            .unwrap_or_else(|_| HeaderValue::from_static("application/octet-stream"));
        self.send(&url, Content::post(kind, data.to_vec()), context.token)
    }
}

/// A body of `multipart/form-data` (RFC 7578), and its content type.
fn multipart(fields: &[(&str, String)], file: Option<FileMultipartData<'_>>) -> (HeaderValue, Vec<u8>) {
    let mut random = [0; 16];
    // Without entropy it is still a boundary; only a file that holds it would be cut.
    let _ = getrandom::fill(&mut random);
    let boundary = format!("socketmode-{:032x}", u128::from_ne_bytes(random));
    let mut body = Vec::new();
    let mut part = |head: String, content: &[u8]| {
        body.extend_from_slice(
            format!("--{boundary}\r\nContent-Disposition: form-data; {head}\r\n\r\n").as_bytes(),
        );
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    };
    for (name, value) in fields {
        part(format!("name=\"{}\"", quoted(name)), value.as_bytes());
    }
    if let Some(FileMultipartData { name, content_type, data }) = file {
        let kind = content_type.replace(['\r', '\n'], "");
        part(format!("name=\"file\"; filename=\"{}\"\r\nContent-Type: {kind}", quoted(&name)), data);
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    let kind = HeaderValue::try_from(format!("multipart/form-data; boundary={boundary}"));
    (kind.unwrap_or_else(|_| HeaderValue::from_static("multipart/form-data")), body)
}

/// A name that cannot end its quotes, as browsers write it.
fn quoted(name: &str) -> String {
    name.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::testing::{answer, answering};
    use slack_morphism::prelude::*;
    use std::time::Duration;

    fn token() -> SlackApiToken {
        SlackApiToken::new("xoxb-of-the-session".into())
    }

    #[test]
    fn typed_calls_of_slack_morphism_go_through_the_transport() {
        let posted = r#"{"ok":true,"channel":"C1","ts":"1.2","message":{"ts":"1.2","text":"hi"}}"#;
        let user = r#"{"ok":true,"user":{"id":"U1","team_id":"T1","name":"ada"}}"#;
        let (web, transport) = answering([posted, user]);
        let token = token();
        let client = web.slack_morphism();
        let session = client.open_session(&token);
        smol::block_on(async {
            let content = SlackMessageContent::new().with_text("hi".to_owned());
            let post = SlackApiChatPostMessageRequest::new("C1".into(), content);
            assert_eq!(session.chat_post_message(&post).await.unwrap().ts, "1.2".into());
            let info = SlackApiUsersInfoRequest::new("U1".into());
            assert_eq!(session.users_info(&info).await.unwrap().user.name.as_deref(), Some("ada"));
        });
        let sent = transport.sent.lock().unwrap();
        let [(post, _), (get, _)] = &sent[..] else { panic!("two calls") };
        assert_eq!((post.method(), post.uri().path()), (&Method::POST, "/api/chat.postMessage"));
        assert_eq!((get.method(), get.uri().path()), (&Method::GET, "/api/users.info"));
        assert_eq!(get.uri().query().unwrap().split('&').next(), Some("user=U1"));
        for request in [post, get] {
            assert_eq!(request.headers()[AUTHORIZATION], "Bearer xoxb-of-the-session");
            assert!(request.headers()[AUTHORIZATION].is_sensitive());
        }
    }

    #[test]
    fn errors_are_those_of_slack_morphism_without_the_answer() {
        let (web, transport) =
            answering([r#"{"ok":false,"error":"channel_not_found","x":"SECRET"}"#, "", ""]);
        transport.answers.lock().unwrap()[1] = Some(answer(500, None, "SECRET"));
        transport.answers.lock().unwrap()[2] = Some(answer(429, Some("61"), "SECRET"));
        let token = token();
        let client = web.slack_morphism();
        let session = client.open_session(&token);
        let mut errors = smol::block_on(async {
            let mut errors = Vec::new();
            for _ in 0..3 {
                errors.push(session.api_test(&SlackApiTestRequest::new()).await.unwrap_err());
            }
            errors
        });
        assert!(errors.iter().all(|error| !format!("{error} {error:?}").contains("SECRET")));
        let SlackClientError::RateLimitError(limited) = errors.pop().unwrap() else { panic!("no limit") };
        assert_eq!(limited.retry_after, Some(Duration::from_secs(61)));
        assert!(matches!(errors.pop(), Some(SlackClientError::HttpError(error)) if error.status_code == 500));
        assert!(
            matches!(errors.pop(), Some(SlackClientError::ApiError(error)) if error.code == "channel_not_found")
        );
    }

    #[test]
    fn a_token_goes_to_the_base_url_and_requests_to_slack_only() {
        let (web, transport) = answering(["ok"]);
        let client = web.slack_morphism();
        let connector = &client.http_api.connector;
        let token = token();
        let span = tracing::Span::none();
        let send = |url: &str| {
            let context = SlackClientApiCallContext {
                rate_control_params: None,
                token: Some(&token),
                tracing_span: &span,
                is_sensitive_url: true,
            };
            let url = url.parse().unwrap();
            smol::block_on(connector.http_post_uri::<_, serde_json::Value>(url, &(), context))
        };
        assert!(send("https://hooks.slack.com/commands/T1/1/SECRET").is_ok());
        assert!(!transport.sent.lock().unwrap()[0].0.headers().contains_key(AUTHORIZATION));
        let error = send("https://evil.test/SECRET").unwrap_err();
        assert!(!format!("{error} {error:?}").contains("SECRET"), "{error}");
        assert_eq!(transport.sent.lock().unwrap().len(), 1);
    }

    #[test]
    fn a_form_of_several_parts_cannot_be_left_by_a_name() {
        let file =
            FileMultipartData { name: "a\"\r\nb".into(), content_type: "text/plain".into(), data: b"x" };
        let (kind, body) = multipart(&[("channels", "C1".to_owned())], Some(file));
        let boundary = kind.to_str().unwrap().split("boundary=").nth(1).unwrap().to_owned();
        let body = String::from_utf8(body).unwrap();
        assert_eq!(
            body,
            format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"channels\"\r\n\r\nC1\r\n\
                 --{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a%22%0D%0Ab\"\r\n\
                 Content-Type: text/plain\r\n\r\nx\r\n--{boundary}--\r\n"
            )
        );
    }
}
