//! The base of the Web API, and requests below it.

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, USER_AGENT};
use http::uri::Scheme;
use http::{HeaderValue, Method, Request, Uri};

use crate::net::{has_usable_port, is_loopback};

/// A base URL that ends with a slash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BaseUrl {
    text: Box<str>,
    host: Box<str>,
    encrypted: bool,
}

impl BaseUrl {
    /// Reads a base URL. If it cannot be used: why.
    pub(crate) fn parse(base: &str, allow_plain: bool) -> Result<Self, &'static str> {
        let Ok(parsed) = base.parse::<Uri>() else { return Err("it is no URL") };
        let Some(authority) = parsed.authority() else { return Err("it has no host") };
        if authority.as_str().contains('@') {
            return Err("it holds a user name or a password");
        }
        if !has_usable_port(authority) {
            return Err("its port is not between 1 and 65535");
        }
        if parsed.query().is_some() || base.contains('#') {
            return Err("it has a query or a fragment");
        }
        let encrypted = match parsed.scheme() {
            Some(scheme) if *scheme == Scheme::HTTPS => true,
            Some(scheme) if *scheme == Scheme::HTTP && (allow_plain || is_loopback(authority)) => false,
            Some(scheme) if *scheme == Scheme::HTTP => {
                return Err("it is http to another machine, which sends the token unencrypted; use https");
            }
            _ => return Err("its scheme is not https"),
        };
        let slash = if base.ends_with('/') { "" } else { "/" };
        Ok(Self { text: format!("{base}{slash}").into(), host: authority.host().into(), encrypted })
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Its host, without a port.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// Whether it is `https`.
    pub(crate) fn is_encrypted(&self) -> bool {
        self.encrypted
    }

    /// A POST to a method below the base.
    pub(crate) fn post(
        &self,
        method: &str,
        authorization: &HeaderValue,
        content_type: HeaderValue,
        body: Bytes,
    ) -> Request<Bytes> {
        // The base was parsed, and a method's name adds nothing that a path may not have.
        let uri = format!("{}{method}", self.text).parse().unwrap_or_default();
        let mut request = post(uri, content_type, body);
        request.headers_mut().insert(AUTHORIZATION, authorization.clone());
        request
    }
}

/// A POST without a token.
pub(crate) fn post(uri: Uri, content_type: HeaderValue, body: Bytes) -> Request<Bytes> {
    let length = body.len();
    let mut request = Request::new(body);
    *request.method_mut() = Method::POST;
    *request.uri_mut() = uri;
    let headers = request.headers_mut();
    headers.insert(CONTENT_TYPE, content_type);
    // Also for an empty body: gateways answer 411 without it.
    headers.insert(CONTENT_LENGTH, length.into());
    headers
        .insert(USER_AGENT, HeaderValue::from_static(concat!("socketmode-rust/", env!("CARGO_PKG_VERSION"))));
    request
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::{AppToken, BotToken};

    #[test]
    fn a_base_url_is_taken_with_and_without_its_last_slash() {
        for base in ["https://slack.com/api/", "https://slack.com/api"] {
            assert_eq!(&*BaseUrl::parse(base, false).unwrap().text, "https://slack.com/api/");
        }
        for base in ["http://127.0.0.1:8/api", "http://localhost/api", "http://[::1]:8/api"] {
            assert!(BaseUrl::parse(base, false).is_ok(), "{base}");
        }
        assert!(BaseUrl::parse("http://example.com/api/", true).is_ok());
        assert!(BaseUrl::parse("https://slack.com:65535/api/", false).is_ok());
    }

    #[test]
    fn a_request_does_not_show_its_token() {
        let base = BaseUrl::parse("https://slack.com/api/", false).unwrap();
        let tokens = [
            AppToken::new("xapp-1-hidden").unwrap().authorization().clone(),
            BotToken::new("xoxb-hidden").unwrap().authorization().clone(),
        ];
        for token in tokens {
            let request = base.post("x", &token, HeaderValue::from_static("text/plain"), Bytes::new());
            assert!(request.headers()[AUTHORIZATION].as_bytes().ends_with(b"hidden"));
            let shown = format!("{request:?}");
            assert!(!shown.contains("hidden") && shown.contains("/api/x"), "{shown}");
        }
    }

    #[test]
    fn a_request_says_its_length_and_whose_it_is() {
        for (body, length) in [("", "0"), ("a=b", "3")] {
            let kind = HeaderValue::from_static("text/plain");
            let request = post(Uri::from_static("https://slack.com/api/x"), kind, body.into());
            let headers = request.headers();
            assert_eq!(request.method(), Method::POST);
            assert_eq!(headers[CONTENT_LENGTH], length);
            assert_eq!(headers[CONTENT_TYPE], "text/plain");
            assert!(headers[USER_AGENT].to_str().unwrap().starts_with("socketmode-rust/0."));
            assert!(!headers.contains_key(AUTHORIZATION));
        }
    }

    #[test]
    fn a_base_url_that_leaks_the_token_or_leads_nowhere_is_refused() {
        for base in [
            "",
            "slack.com/api/",
            "ftp://slack.com/",
            "http://slack.com/api/",
            "https://u:p@slack.com/",
            "https://slack.com/?a=b",
            "https://slack.com/api/#a",
            "https://slack.com:65536/api/",
            "https://slack.com:70000/api/",
            "http://[::1]:70000/api/",
            "/api/",
        ] {
            assert!(BaseUrl::parse(base, false).is_err(), "{base}");
        }
        let why = BaseUrl::parse("http://slack.com/api/", false).unwrap_err();
        assert!(why.contains("sends the token unencrypted"), "{why}");
        let why = BaseUrl::parse("ftp://slack.com/api/", true).unwrap_err();
        assert!(why.contains("its scheme is not https"), "{why}");
    }
}
