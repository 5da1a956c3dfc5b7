//! Which proxy leads where.

use std::ffi::OsString;
use std::fmt;
use std::time::Duration;

use http::header::{HOST, PROXY_AUTHORIZATION};
use http::uri::{Authority, Scheme};
use http::{HeaderValue, Request, Uri};
use hyper_util::client::proxy::matcher::{Intercept, Matcher};

use super::network::{Network, ProxyChoice};
use super::no_proxy::Exceptions;
use super::{Target, is_loopback};
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
    /// Reads the settings, and the environment where they leave it to that.
    ///
    /// # Errors
    /// The proxy that was given cannot be used. One of the environment that cannot is an error of what should go by it.
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
        // A variable that cannot be read must not count as none: what should go by a proxy would go past it.
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
        // In a CGI, HTTP_PROXY is a header of whoever asks (<https://httpoxy.org>).
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

    /// The proxy by which to reach this destination (`http` or `https`), or `None` for the direct way.
    ///
    /// # Errors
    /// It has no host or a port that cannot be, or the environment names a proxy or exceptions that cannot be used.
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

    /// The proxy for hosts that no rule excepts, with this scheme.
    ///
    /// # Errors
    /// As for [`proxy_for`](Self::proxy_for).
    pub fn proxy_for_scheme(&self, scheme: &Scheme) -> Result<Option<Proxy>, TransportError> {
        if *scheme == Scheme::HTTP { self.http.clone() } else { self.https.clone() }
    }
}

/// A proxy. It prints without its user and password.
#[derive(Clone)]
pub struct Proxy(Intercept);

impl Proxy {
    /// Stricter than what reads it afterwards: of a password that is not percent-encoded, a part would be taken for the
    /// host, looked up, and shown.
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
            let target = at(destination);
            let request = proxy.connect_request(&Target::of(&target).unwrap()).unwrap();
            assert_eq!(request.headers()[PROXY_AUTHORIZATION], proxy.authorization().unwrap());
            assert!(!format!("{request:?}").contains("YWxh"), "{request:?}");
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
        for url in [
            "",
            "socks5://u:secret@proxy.test:1080",
            "ftp://u:secret@proxy.test",
            "http://",
            "not a url",
            "http://u:sec/ret@proxy.test:3128",
            "http://u:sec?ret@proxy.test",
            "http://u:sec#ret@proxy.test",
            "http://u:sec@ret@proxy.test",
            "http://u:12/34@proxy.test",
            "http://u:se cret@proxy.test",
            "http://proxy.test:99999",
            "http://proxy.test:",
            "http://:3128",
        ] {
            let error = Proxies::new(&Network::default().proxy(url)).unwrap_err();
            assert_eq!(error.kind(), TransportErrorKind::Setup, "{url}");
            for hidden in ["secret", "sec", "ret", "12"] {
                assert!(!error.to_string().replace("3128", "").contains(hidden), "{error}");
            }
        }
        for url in ["http://proxy.test:3128/", "HTTPS://proxy.test", "proxy.test:3128", "http://[::1]:3128"] {
            assert!(Proxies::new(&Network::default().proxy(url)).is_ok(), "{url}");
        }
    }

    fn chosen(network: &Network, variables: &[(&str, &str)]) -> Proxies {
        let value = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
        Proxies::by(network, |name| value(name).map(OsString::from)).unwrap()
    }

    fn environment(variables: &[(&str, &str)]) -> Proxies {
        chosen(&Network::default(), variables)
    }

    fn way(proxies: &Proxies, destination: &str) -> Option<String> {
        proxies.proxy_for(&at(destination)).unwrap().map(|proxy| proxy.to_string())
    }

    #[test]
    fn a_setting_wins_over_each_variable() {
        let given = Network::default().proxy("http://given.test:1");
        let direct = Network::default().no_proxy();
        for variable in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy"] {
            let variables = [(variable, "http://variable.test:2")];
            for destination in ["https://slack.test/", "http://slack.test/"] {
                assert_eq!(way(&chosen(&given, &variables), destination).unwrap(), "http://given.test:1");
                assert_eq!(way(&chosen(&direct, &variables), destination), None);
            }
        }
        for variable in ["NO_PROXY", "no_proxy"] {
            for list in ["*", "slack.test", "127.0.0.1"] {
                for destination in ["https://slack.test/", "http://127.0.0.1:8/"] {
                    let by = way(&chosen(&given, &[(variable, list)]), destination);
                    assert_eq!(by.unwrap(), "http://given.test:1", "{variable} {list} {destination}");
                }
            }
        }
    }

    #[test]
    fn an_exception_wins_over_each_proxy_of_the_environment() {
        for variable in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
            for exceptions in ["NO_PROXY", "no_proxy"] {
                let proxies = environment(&[(variable, "http://proxy.test:1"), (exceptions, "slack.test")]);
                assert_eq!(way(&proxies, "https://slack.test/"), None);
                assert_eq!(way(&proxies, "https://other.test/").unwrap(), "http://proxy.test:1");
            }
        }
        let both = [("HTTPS_PROXY", "http://its-own.test:1"), ("ALL_PROXY", "http://all.test:1")];
        assert_eq!(way(&environment(&both), "https://slack.test/").unwrap(), "http://its-own.test:1");
        assert_eq!(way(&environment(&both), "http://slack.test/").unwrap(), "http://all.test:1");
    }

    #[cfg(unix)]
    #[test]
    fn a_variable_that_is_not_utf8_is_an_error_that_names_it() {
        use std::os::unix::ffi::OsStringExt;
        let unreadable = || OsString::from_vec(b"http://u:sec\xffret@proxy.test:3128".to_vec());
        for bad in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"] {
            let proxies = Proxies::of_environment(|name| match name {
                _ if name == bad => Some(unreadable()),
                "HTTPS_PROXY" if bad.eq_ignore_ascii_case("NO_PROXY") => Some("http://proxy.test".into()),
                _ => None,
            });
            let error = proxies.proxy_for(&at("https://slack.test/")).unwrap_err().to_string();
            assert!(error.contains(bad) && error.contains("UTF-8") && !error.contains("sec"), "{error}");
            assert_eq!(way(&proxies, "https://127.0.0.1/"), None);
        }
        // Exceptions from nothing.
        let proxies = Proxies::of_environment(|name| (name == "NO_PROXY").then(unreadable));
        assert_eq!(way(&proxies, "https://slack.test/"), None);
    }

    #[test]
    fn the_environment_chooses_by_scheme_and_excepts_by_host() {
        let proxies = environment(&[
            ("HTTPS_PROXY", "http://secure.test:1"),
            ("ALL_PROXY", "http://all.test:2"),
            ("NO_PROXY", "direct.test, .below.test,10.0.0.0/8"),
            ("https_proxy", ""),
        ]);
        for (destination, by) in [
            ("https://slack.com/", Some("http://secure.test:1")),
            ("http://bench.test/", Some("http://all.test:2")),
            ("https://direct.test/", None),
            ("https://a.below.test/", None),
            ("https://10.1.2.3/", None),
            ("http://localhost:80/", None),
            ("https://127.0.0.2/", None),
            ("https://[::1]:8443/", None),
            ("https://localhost.example.com/", Some("http://secure.test:1")),
        ] {
            let proxy = proxies.proxy_for(&at(destination)).unwrap();
            assert_eq!(proxy.map(|proxy| proxy.to_string()).as_deref(), by, "{destination}");
        }
        let both =
            environment(&[("https_proxy", "http://lower.test:1"), ("HTTPS_PROXY", "http://upper.test:1")]);
        assert!(both.proxy_for(&at("https://a/")).unwrap().unwrap().to_string().contains("lower"));
        let cgi = environment(&[("HTTP_PROXY", "http://attacker.test:1"), ("REQUEST_METHOD", "GET")]);
        assert!(cgi.proxy_for(&at("http://a/")).unwrap().is_none());
    }

    #[test]
    fn a_proxy_of_the_environment_that_cannot_be_used_is_an_error_of_what_should_go_by_it() {
        for url in ["socks5://u:secret@proxy.test", "http://u:sec/ret@proxy.test", "ftp://proxy.test"] {
            let proxies = environment(&[("HTTPS_PROXY", url)]);
            let error = proxies.proxy_for(&at("https://a/")).unwrap_err().to_string();
            assert!(
                error.contains("HTTPS_PROXY") && !error.contains("sec") && !error.contains("proxy.test:"),
                "{error}"
            );
            assert!(!format!("{proxies:?}").contains("sec"));
            assert!(proxies.proxy_for(&at("https://127.0.0.1/")).unwrap().is_none());
        }
    }
}
