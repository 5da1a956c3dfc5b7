//! Which proxy leads where.

use std::fmt;
use std::time::Duration;

use http::header::{HOST, PROXY_AUTHORIZATION};
use http::uri::{Authority, Scheme};
use http::{HeaderValue, Request, Uri};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use socketmode_protocol::SocketUrl;

use super::Target;
use super::network::{Network, ProxyChoice};
use crate::transport::{TransportError, TransportErrorKind};

/// The rules of a [`Network`].
#[derive(Debug)]
pub struct Proxies {
    matcher: Option<Matcher>,
    /// A proxy of the environment was meant for the outside.
    spare_loopback: bool,
}

impl Proxies {
    /// Reads the settings, and the environment where they leave it to that.
    ///
    /// # Errors
    /// The proxy's URL cannot be used.
    pub fn new(network: &Network) -> Result<Self, TransportError> {
        Ok(match &network.proxy {
            ProxyChoice::Environment => Self { matcher: Some(Matcher::from_env()), spare_loopback: true },
            ProxyChoice::Direct => Self { matcher: None, spare_loopback: false },
            ProxyChoice::Url(url) => {
                let matcher = Matcher::builder().all(url.as_str()).build();
                let proxy = matcher.intercept(&Uri::from_static("https://slack.com/"));
                if !proxy.is_some_and(|proxy| is_http(&proxy)) {
                    return Err(TransportError::new(
                        TransportErrorKind::Setup,
                        "the proxy's URL cannot be used: it should look like http://user:password@proxy.example.com:3128, with percent-encoding, and begin with http:// or https://",
                    ));
                }
                Self { matcher: Some(matcher), spare_loopback: false }
            }
        })
    }

    /// The proxy by which to reach this destination (`http` or `https`), or `None` for the direct way.
    ///
    /// # Errors
    /// The environment names a proxy of a kind that is not supported.
    pub fn proxy_for(&self, destination: &Uri) -> Result<Option<Proxy>, TransportError> {
        if self.spare_loopback && destination.authority().is_some_and(is_loopback) {
            return Ok(None);
        }
        let Some(proxy) = self.matcher.as_ref().and_then(|matcher| matcher.intercept(destination)) else {
            return Ok(None);
        };
        if is_http(&proxy) {
            return Ok(Some(Proxy(proxy)));
        }
        let message = format!(
            "the proxy {} is of a kind that is not supported: set HTTPS_PROXY to one that begins with http:// or https://, or use Network::no_proxy",
            Proxy(proxy)
        );
        Err(TransportError::new(TransportErrorKind::Proxy, message))
    }

    /// The proxy for hosts that no rule excepts, with this scheme.
    ///
    /// # Errors
    /// As for [`proxy_for`](Self::proxy_for).
    pub fn proxy_for_scheme(&self, scheme: &Scheme) -> Result<Option<Proxy>, TransportError> {
        // A name that nobody has (RFC 2606) and so nobody excepts.
        let nowhere = format!("{scheme}://nowhere.invalid/").parse().unwrap_or_default();
        self.proxy_for(&nowhere)
    }
}

/// A proxy. It prints without its user and password.
#[derive(Clone)]
pub struct Proxy(Intercept);

impl Proxy {
    /// Where it is, without user and password.
    #[must_use]
    pub fn uri(&self) -> &Uri {
        self.0.uri()
    }

    /// Whether one speaks TLS with the proxy itself.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.uri().scheme() == Some(&Scheme::HTTPS)
    }

    /// The value of `Proxy-Authorization`, if it has a user; marked as sensitive.
    #[must_use]
    pub fn authorization(&self) -> Option<&HeaderValue> {
        self.0.basic_auth()
    }

    /// Asks it for a tunnel (RFC 9110, section 9.3.6).
    ///
    /// # Errors
    /// The target has a name that no request can hold.
    pub fn connect_request(&self, target: &Target<'_>) -> Result<Request<()>, TransportError> {
        let mut request = Request::connect(target.to_string()).header(HOST, target.to_string());
        if let Some(authorization) = self.authorization() {
            request = request.header(PROXY_AUTHORIZATION, authorization);
        }
        request.body(()).map_err(|error| self.failed(target.host, &error))
    }

    /// It answered a `CONNECT` with this status instead of opening a tunnel.
    #[must_use]
    pub fn refused(&self, destination: &str, status: Option<u16>) -> TransportError {
        let reason = match status {
            Some(407) => {
                "it wants a user and a password (407); give them in its URL: http://user:password@host:port"
                    .into()
            }
            Some(status) => format!("HTTP status {status}; is {destination} allowed there?"),
            None => format!("is {destination} allowed there?"),
        };
        let message = format!("the proxy {self} refused the tunnel to {destination}: {reason}");
        TransportError::new(TransportErrorKind::Proxy, message)
    }

    /// It could not be reached, or broke the connection off.
    #[must_use]
    pub fn failed(&self, destination: &str, what: &dyn fmt::Display) -> TransportError {
        let message = format!("the proxy {self} on the way to {destination} failed: {what}");
        TransportError::new(TransportErrorKind::Proxy, message)
    }
}

/// There was no connection within [`Network::connect_timeout`], by the proxy or without one.
#[must_use]
pub fn timed_out(proxy: Option<&Proxy>, destination: &str, after: Duration) -> TransportError {
    match proxy {
        Some(proxy) => proxy.failed(destination, &format_args!("no connection within {after:?}")),
        None => {
            let message = format!("no connection to {destination} within {after:?}");
            TransportError::new(TransportErrorKind::Connect, message)
        }
    }
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let uri = self.uri();
        let authority = uri.authority().map_or("", Authority::as_str);
        write!(f, "{}://{authority}", uri.scheme_str().unwrap_or("http"))
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proxy({self})")
    }
}

fn is_http(proxy: &Intercept) -> bool {
    proxy.uri().scheme().is_some_and(|scheme| *scheme == Scheme::HTTP || *scheme == Scheme::HTTPS)
}

fn is_loopback(authority: &Authority) -> bool {
    SocketUrl::parse(&format!("ws://{authority}")).is_ok_and(|url| url.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(url: &str) -> Uri {
        url.parse().unwrap()
    }

    #[test]
    fn a_proxy_that_was_given_leads_everywhere_and_shows_no_password() {
        let network = Network::default().proxy("http://aladdin:open%20sesame@proxy.test:3128");
        let proxies = Proxies::new(&network).unwrap();
        for destination in ["https://slack.com/api/", "http://127.0.0.1:8/api/"] {
            let proxy = proxies.proxy_for(&at(destination)).unwrap().unwrap();
            assert_eq!(proxy.uri(), &at("http://proxy.test:3128/"));
            assert_eq!(proxy.authorization().unwrap(), "Basic YWxhZGRpbjpvcGVuIHNlc2FtZQ==");
            for shown in [format!("{proxy:?} {proxies:?} {network:?}"), proxy.refused("x", None).to_string()]
            {
                assert!(!shown.contains("sesame") && !shown.contains("YWxh"), "{shown}");
            }
        }
        assert!(
            Proxies::new(&Network::default().no_proxy())
                .unwrap()
                .proxy_for(&at("https://a"))
                .unwrap()
                .is_none()
        );
    }

    #[test]
    fn a_proxy_that_cannot_be_used_is_refused_without_being_shown() {
        for url in
            ["", "socks5://u:secret@proxy.test:1080", "ftp://u:secret@proxy.test", "http://", "not a url"]
        {
            let error = Proxies::new(&Network::default().proxy(url)).unwrap_err();
            assert_eq!(error.kind(), TransportErrorKind::Setup, "{url}");
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }

    #[test]
    fn a_proxy_of_the_environment_leaves_this_machine_alone_and_socks_is_an_error() {
        let of_the_environment = |proxy: &str| Proxies {
            matcher: Some(Matcher::builder().all(proxy).build()),
            spare_loopback: true,
        };
        let proxies = of_the_environment("proxy.test:3128");
        for local in ["http://localhost:80/", "https://127.0.0.2/", "https://[::1]:8443/"] {
            assert!(proxies.proxy_for(&at(local)).unwrap().is_none(), "{local}");
        }
        assert!(proxies.proxy_for(&at("https://localhost.example.com/")).unwrap().is_some());
        let error =
            of_the_environment("socks5://u:secret@proxy.test").proxy_for(&at("https://a/")).unwrap_err();
        assert!(error.to_string().contains("socks5://proxy.test") && !error.to_string().contains("secret"));
    }
}
