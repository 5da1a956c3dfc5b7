//! The host and port of a URI.

use std::fmt;

use http::header::HOST;
use http::uri::{Authority, Scheme};
use http::{HeaderValue, Request, Uri};
use socketmode_protocol::SocketUrl;

use crate::transport::{TransportError, TransportErrorKind};

/// The host and port of a URI. It prints as `host:port`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target<'a> {
    /// Without the brackets of an IPv6 address.
    pub host: &'a str,
    /// 443 or 80 if the URI has none.
    pub port: u16,
    /// Whether it is `https`.
    pub is_encrypted: bool,
}

impl<'a> Target<'a> {
    /// Reads a URI.
    ///
    /// # Errors
    /// It has no host, or an invalid port.
    pub fn of(uri: &'a Uri) -> Result<Self, TransportError> {
        let authority =
            uri.authority().filter(|authority| has_usable_port(authority)).ok_or_else(unusable)?;
        let host = uri.host().ok_or_else(unusable)?;
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let is_encrypted = uri.scheme() == Some(&Scheme::HTTPS);
        let port = authority.port_u16().unwrap_or(if is_encrypted { 443 } else { 80 });
        Ok(Self { host, port, is_encrypted })
    }
}

impl fmt::Display for Target<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port, .. } = self;
        if host.contains(':') { write!(f, "[{host}]:{port}") } else { write!(f, "{host}:{port}") }
    }
}

/// The request in the form for a connection to its host: only the path, and the host in a header (RFC 9112, section 3.2.1).
///
/// # Errors
/// Its URI has no host.
pub fn origin_form<B>(mut request: Request<B>) -> Result<Request<B>, TransportError> {
    let authority = request.uri().authority().ok_or_else(unusable)?;
    let host = HeaderValue::from_str(authority.as_str()).map_err(|_| unusable())?;
    *request.uri_mut() = request.uri().path_and_query().cloned().map(Uri::from).unwrap_or_default();
    request.headers_mut().insert(HOST, host);
    Ok(request)
}

/// The URL of a WebSocket for HTTP libraries: `https` for `wss`, `http` for `ws`.
///
/// # Errors
/// HTTP libraries read it differently from [`SocketUrl`].
pub fn http_uri(url: &SocketUrl) -> Result<Uri, TransportError> {
    let text = url.expose_secret();
    let http = match text.strip_prefix("wss://") {
        Some(rest) => format!("https://{rest}"),
        None => text.replacen("ws://", "http://", 1),
    };
    let uri = http.parse::<Uri>().ok().filter(|uri| uri.host() == Some(url.host()));
    uri.ok_or_else(|| {
        TransportError::new(TransportErrorKind::Protocol, "the WebSocket URL cannot be read as a URL of HTTP")
    })
}

/// Whether its port, if it names one, is one from 1 to 65,535. The parser takes any number.
pub(crate) fn has_usable_port(authority: &Authority) -> bool {
    let is_none = authority.as_str().ends_with(authority.host());
    is_none || authority.port_u16().is_some_and(|port| port > 0)
}

/// Whether it is this machine.
pub(crate) fn is_loopback(authority: &Authority) -> bool {
    SocketUrl::parse(&format!("ws://{authority}")).is_ok_and(|url| url.is_loopback())
}

pub(super) fn unusable() -> TransportError {
    TransportError::new(
        TransportErrorKind::Setup,
        "the URL has no host that can be asked, or a port above 65535",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_read_from_every_kind_of_uri() {
        for (uri, shown, is_encrypted) in [
            ("https://slack.com/api/", "slack.com:443", true),
            ("http://127.0.0.1:8080/", "127.0.0.1:8080", false),
            ("http://[::1]/", "[::1]:80", false),
        ] {
            let uri: Uri = uri.parse().unwrap();
            let target = Target::of(&uri).unwrap();
            assert_eq!((&*target.to_string(), target.is_encrypted), (shown, is_encrypted));
        }
        assert!(Target::of(&Uri::from_static("/api/")).is_err());
    }

    #[test]
    fn a_port_that_cannot_be_is_refused() {
        for host in ["slack.com", "127.0.0.1", "[::1]"] {
            for (port, usable) in
                [("1", true), ("65535", true), ("65536", false), ("70000", false), ("0", false)]
            {
                let uri: Uri = format!("https://{host}:{port}/").parse().unwrap();
                assert_eq!(Target::of(&uri).is_ok(), usable, "{uri}");
            }
        }
    }

    #[test]
    fn a_request_is_written_with_its_path_and_its_host() {
        let request = Request::get("https://slack.test:8443/api/x?y=z").body(()).unwrap();
        let request = origin_form(request).unwrap();
        assert_eq!(
            (request.uri().to_string(), &request.headers()[HOST]),
            ("/api/x?y=z".into(), &HeaderValue::from_static("slack.test:8443"))
        );
    }
}
