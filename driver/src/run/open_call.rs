//! The call that opens a connection.

use bytes::Bytes;
use http::header::{CONNECTION, RETRY_AFTER};
use http::{HeaderValue, Request, Response};
use socketmode_protocol::{Config, OpenResponse, SocketUrl, read_open_response};

use crate::token::AppToken;
use crate::transport::TransportError;
use crate::web::base_url::BaseUrl;

/// The method's name, below the base URL.
const METHOD: &str = "apps.connections.open";

/// The base URL and the token of the call.
#[derive(Clone, Debug)]
pub(crate) struct OpenCall {
    base: BaseUrl,
    token: AppToken,
}

impl OpenCall {
    pub(crate) fn new(base: BaseUrl, token: AppToken) -> Self {
        Self { base, token }
    }

    pub(crate) fn base(&self) -> &BaseUrl {
        &self.base
    }

    /// The request. The token is in a header, as Slack does not accept it as a form field. The connection is closed after the
    /// answer: the next call is hours away, and a kept connection costs 8 KiB, and more with TLS.
    pub(crate) fn request(&self) -> Request<Bytes> {
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        let mut request = self.base.post(METHOD, self.token.authorization(), form, Bytes::new());
        request.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        request
    }
}

/// The answer as an input of the machine.
pub(crate) fn as_input(response: &Response<Bytes>) -> OpenResponse<'_> {
    OpenResponse {
        status: response.status().as_u16(),
        retry_after: response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()),
        body: response.body(),
    }
}

pub(crate) fn read(config: &Config, response: &Response<Bytes>) -> Result<SocketUrl, OpenError> {
    read_open_response(config, as_input(response)).map_err(OpenError::Slack)
}

/// Why [`Client::open`](crate::Client::open) returns no URL.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// There was no answer.
    #[error("apps.connections.open could not be called: {0}")]
    Transport(TransportError),
    /// The answer has no usable URL.
    #[error(transparent)]
    Slack(socketmode_protocol::OpenResponseError),
    /// There was no answer in time.
    #[error("apps.connections.open was not answered in time")]
    TimedOut,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_requests_debug_does_not_show_the_token() {
        let base = BaseUrl::parse("https://slack.com/api/", false).unwrap();
        let request = OpenCall::new(base, AppToken::new("xapp-1-A1-2-abc").unwrap()).request();
        assert_eq!(request.headers()[http::header::AUTHORIZATION], "Bearer xapp-1-A1-2-abc");
        let shown = format!("{request:?}");
        assert!(shown.contains("authorization") && !shown.contains("xapp"), "{shown}");
    }
}
