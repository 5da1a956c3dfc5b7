//! Proxies, and which proxy to use for a destination.

use std::ffi::OsString;
use std::fmt;
use std::time::Duration;

use http::header::{HOST, PROXY_AUTHORIZATION};
use http::uri::{Authority, Scheme};
use http::{HeaderValue, Request, Uri};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};

use super::no_proxy::Exceptions;
use super::target::{Target, is_loopback};
use crate::transport::network::{Network, ProxyChoice};
use crate::transport::{TransportError, TransportErrorKind};

/// The rules of a [`Network`].
#[derive(Debug)]
pub struct Proxies {
    http: Choice,
    https: Choice,
    exceptions: Result<Exceptions, TransportError>,
    /// A proxy of the environment was meant for the outside.
    spare_loopback: bool,
}

/// The proxy for a scheme, or why it cannot be used.
type Choice = Result<Option<Proxy>, TransportError>;

impl Proxies {
    /// Reads the settings, and the environment if they name no proxy.
    ///
    /// # Errors
    /// The proxy of the settings is invalid. An invalid proxy of the environment is an error only when it is used.
    pub fn new(network: &Network) -> Result<Self, TransportError> {
        Self::by(network, |name| std::env::var_os(name))
    }

    fn by(network: &Network, variable: impl Fn(&str) -> Option<OsString>) -> Result<Self, TransportError> {
        match &network.proxy {
            ProxyChoice::Environment => Ok(Self::of_environment(variable)),
            ProxyChoice::Direct => Ok(Self::to_all(None)),
            ProxyChoice::Url(url) => {
                let proxy = Proxy::parse(url).map_err(|why| {
                    let message = format!("the proxy of Network::proxy cannot be used: {why}");
                    TransportError::new(TransportErrorKind::Setup, message)
                })?;
                Ok(Self::to_all(Some(proxy)))
            }
        }
    }

    fn to_all(proxy: Option<Proxy>) -> Self {
        let exceptions = Ok(Exceptions::none());
        Self { http: Ok(proxy.clone()), https: Ok(proxy), exceptions, spare_loopback: false }
    }

    fn of_environment(variable: impl Fn(&str) -> Option<OsString>) -> Self {
        // A variable that cannot be read must not count as not set: traffic would go around the proxy.
        let find = |names: &[&'static str]| {
            let value =
                |&name: &&'static str| Some((name, variable(name).filter(|value| !value.is_empty())?));
            let (name, value) = names.iter().find_map(value)?;
            Some((name, value.into_string().map_err(|_| "it is not UTF-8")))
        };
        let unusable = |what: &str, name: &str, why: &str| {
            let message = format!(
                "{what} of {name} cannot be used: {why}; correct the variable, or use Network::no_proxy"
            );
            TransportError::new(TransportErrorKind::Proxy, message)
        };
        let choose = |found: Option<(&'static str, Result<String, &'static str>)>| {
            let Some((name, url)) = found else { return Ok(None) };
            let proxy = url.and_then(|url| Proxy::parse(&url));
            proxy.map(Some).map_err(|why| unusable("the proxy", name, why))
        };
        // In a CGI program, HTTP_PROXY comes from a header of the request (<https://httpoxy.org>).
        let http: &[_] = match variable("REQUEST_METHOD") {
            Some(_) => &["http_proxy"],
            None => &["http_proxy", "HTTP_PROXY"],
        };
        let all = || find(&["all_proxy", "ALL_PROXY"]);
        let exceptions = match find(&["no_proxy", "NO_PROXY"]) {
            None => Ok(Exceptions::none()),
            Some((_, Ok(hosts))) => Ok(Exceptions::parse(&hosts)),
            Some((name, Err(why))) => Err(unusable("the list", name, why)),
        };
        Self {
            http: choose(find(http).or_else(all)),
            https: choose(find(&["https_proxy", "HTTPS_PROXY"]).or_else(all)),
            exceptions,
            spare_loopback: true,
        }
    }

    /// The proxy for this destination (`http` or `https`), or `None` to connect directly.
    ///
    /// # Errors
    /// The destination has no host or an invalid port, or the proxy or the exceptions of the environment are invalid.
    pub fn proxy_for(&self, destination: &Uri) -> Result<Option<Proxy>, TransportError> {
        let target = Target::of(destination)?;
        if self.spare_loopback && destination.authority().is_some_and(is_loopback) {
            return Ok(None);
        }
        let by_proxy = self.proxy_for_scheme(destination.scheme().unwrap_or(&Scheme::HTTPS));
        match &self.exceptions {
            Ok(exceptions) if exceptions.contain(&target) => Ok(None),
            // It excepts from nothing.
            Err(_) if matches!(by_proxy, Ok(None)) => by_proxy,
            Ok(_) => by_proxy,
            Err(error) => Err(error.clone()),
        }
    }

    /// The proxy for hosts with this scheme that are not exceptions.
    ///
    /// # Errors
    /// As for [`proxy_for`](Self::proxy_for).
    pub fn proxy_for_scheme(&self, scheme: &Scheme) -> Result<Option<Proxy>, TransportError> {
        if *scheme == Scheme::HTTP { self.http.clone() } else { self.https.clone() }
    }
}

/// A proxy. It prints without user and password.
#[derive(Clone)]
pub struct Proxy(Intercept);

impl Proxy {
    /// Stricter than the parsers that read it later: if a password is not percent-encoded, a part of it could count as the
    /// host, which is looked up and shown.
    fn parse(url: &str) -> Result<Self, &'static str> {
        let url = url.trim();
        let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
        if !["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
            return Err("it should begin with http:// or https://; SOCKS is not supported");
        }
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let readable = !rest.contains(['/', '?', '#', '\\']) && rest.matches('@').count() <= 1;
        let host = rest.rsplit('@').next().and_then(|host| host.parse::<Authority>().ok());
        let usable = host.is_some_and(|host| {
            let port = host.as_str().get(host.host().len()..).unwrap_or_default();
            !host.host().is_empty() && (port.is_empty() || host.port_u16().is_some())
        });
        let matcher = Matcher::builder().all(url).build();
        match matcher.intercept(&Uri::from_static("https://nowhere.invalid/")) {
            Some(intercept) if readable && usable => Ok(Self(intercept)),
            _ => Err(
                "it should look like http://user:password@proxy.example.com:3128, with percent-encoding in user and password",
            ),
        }
    }

    /// Its address, without user and password.
    #[must_use]
    pub fn uri(&self) -> &Uri {
        self.0.uri()
    }

    /// Whether the connection to the proxy itself uses TLS.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.uri().scheme() == Some(&Scheme::HTTPS)
    }

    /// The value of `Proxy-Authorization`, if it has a user; marked as sensitive.
    #[must_use]
    pub fn authorization(&self) -> Option<&HeaderValue> {
        self.0.basic_auth()
    }

    /// The request for a tunnel (RFC 9110, section 9.3.6).
    ///
    /// # Errors
    /// The name of the target is not valid in a request.
    pub fn connect_request(&self, target: &Target<'_>) -> Result<Request<()>, TransportError> {
        let mut request = Request::connect(target.to_string()).header(HOST, target.to_string());
        if let Some(authorization) = self.authorization() {
            request = request.header(PROXY_AUTHORIZATION, authorization);
        }
        request.body(()).map_err(|error| self.failed(target.host, &error))
    }

    /// The error if the proxy answers `CONNECT` with this status instead of opening a tunnel.
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

    /// The error if the proxy cannot be reached, or the connection to it breaks.
    #[must_use]
    pub fn failed(&self, destination: &str, what: &dyn fmt::Display) -> TransportError {
        let message = format!("the proxy {self} on the way to {destination} failed: {what}");
        TransportError::new(TransportErrorKind::Proxy, message)
    }
}

/// The error if there is no connection within [`Network::connect_timeout`], through the proxy or directly.
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

#[cfg(test)]
mod tests;
