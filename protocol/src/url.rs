//! The URL that a connection is dialed at.

use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;
use core::net::{IpAddr, Ipv6Addr};

use crate::limits::{MAX_URL_BYTES, SLACK_DOMAINS};

/// A WebSocket URL with its ticket, good for one dial. `Debug` shows only the scheme and the host.
///
/// ```
/// use socketmode_protocol::SocketUrl;
///
/// let url = SocketUrl::parse(
///     "wss://wss-primary.slack.com/link/?ticket=secret&app_id=A1",
/// )
/// .unwrap();
/// assert_eq!(url.host(), "wss-primary.slack.com");
/// assert_eq!(url.port(), 443);
/// assert_eq!(format!("{url:?}"), "wss://wss-primary.slack.com/<redacted>");
/// assert!(SocketUrl::parse("https://slack.com/").is_err());
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct SocketUrl {
    text: Box<str>,
    authority_end: usize,
}

impl SocketUrl {
    /// Reads a `wss://` or `ws://` URL. The scheme may be in any case.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        let (scheme, rest) = text.split_once("://").ok_or(UrlError::Scheme)?;
        let scheme = ["wss", "ws"].into_iter().find(|known| scheme.eq_ignore_ascii_case(known));
        let scheme = scheme.ok_or(UrlError::Scheme)?;
        if text.len() > MAX_URL_BYTES {
            return Err(UrlError::TooLong);
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'\\' | b'"' | b'<' | b'>')) {
            return Err(UrlError::Character);
        }
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        if authority.contains('@') {
            return Err(UrlError::UserInfo);
        }
        let url = Self {
            text: [scheme, "://", rest].concat().into(),
            authority_end: text.len() - rest.len() + authority.len(),
        };
        let (host, port) = split_authority(authority);
        // Stricter than RFC 3986 on purpose: a URL that two parsers could read differently is an error.
        let name = |host: &str| {
            !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b))
        };
        let literal = |host: &str| ipv6(host).is_some();
        if !(name(host) || literal(host)) || port.is_some_and(|port| read_port(port).is_none()) {
            return Err(UrlError::Host);
        }
        Ok(url)
    }

    /// The whole URL. **It is a secret**: anyone who knows it can open a connection as the app.
    #[must_use]
    pub fn expose_secret(&self) -> &str {
        &self.text
    }

    /// The host, without a port; an IPv6 address keeps its brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        split_authority(self.authority()).0
    }

    /// The port to connect to: the one that it names, else that of its scheme, 443 for `wss` and 80 for `ws`.
    ///
    /// ```
    /// use socketmode_protocol::SocketUrl;
    ///
    /// let port = |text| SocketUrl::parse(text).map(|url| url.port());
    /// assert_eq!(port("wss://wss-primary.slack.com/link/?ticket=t"), Ok(443));
    /// assert_eq!(port("ws://localhost/link/?ticket=t"), Ok(80));
    /// assert_eq!(port("ws://[::1]:3500/link/?ticket=t"), Ok(3500));
    /// ```
    #[must_use]
    pub fn port(&self) -> u16 {
        let of_scheme = if self.is_encrypted() { 443 } else { 80 };
        split_authority(self.authority()).1.and_then(read_port).unwrap_or(of_scheme)
    }

    /// Whether it is `wss`.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.text.starts_with("wss://")
    }

    /// Whether the host is this machine: `localhost`, 127.0.0.0/8, `0.0.0.0`, `[::1]` or `[::]`.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        is_loopback(self.host())
    }

    /// Whether it leads below one of [`SLACK_DOMAINS`].
    #[must_use]
    pub fn is_slacks(&self) -> bool {
        let host = self.host().to_ascii_lowercase();
        let below = |domain| host.strip_suffix(domain).is_some_and(|sub| sub.len() > 1 && sub.ends_with('.'));
        SLACK_DOMAINS.into_iter().any(below)
    }

    /// Whether it leads to this host. All names and addresses of this machine count as one host.
    #[must_use]
    pub fn leads_to(&self, host: &str) -> bool {
        self.host().eq_ignore_ascii_case(host) || (is_loopback(host) && self.is_loopback())
    }

    /// The same URL with Slack's option for connections that live 360 s
    /// (<https://docs.slack.dev/apis/events-api/using-socket-mode>, "debug_reconnects").
    pub(crate) fn with_debug_reconnects(&self) -> Self {
        let (before, fragment) = self.text.split_once('#').unwrap_or((&self.text, ""));
        let separator = if before.contains('?') { '&' } else { '?' };
        let mut text = String::with_capacity(self.text.len() + 24);
        text.push_str(before);
        text.push(separator);
        text.push_str("debug_reconnects=true");
        if !fragment.is_empty() {
            text.push('#');
            text.push_str(fragment);
        }
        Self { text: text.into(), authority_end: self.authority_end }
    }

    fn authority(&self) -> &str {
        let start = if self.is_encrypted() { "wss://".len() } else { "ws://".len() };
        self.text.get(start..self.authority_end).unwrap_or_default()
    }
}

impl fmt::Debug for SocketUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_encrypted() { "wss" } else { "ws" };
        write!(f, "{scheme}://{}/<redacted>", self.authority())
    }
}

/// Whether the host is this machine.
fn is_loopback(host: &str) -> bool {
    // The unspecified addresses are those of a server that listens everywhere; who connects to them stays on this machine.
    let is_own = |address: IpAddr| address.is_loopback() || address.is_unspecified();
    host.eq_ignore_ascii_case("localhost")
        || ipv6(host).is_some_and(|address| is_own(address.into()))
        || host.parse::<IpAddr>().is_ok_and(is_own)
}

/// The host and the port, if there is one.
fn split_authority(authority: &str) -> (&str, Option<&str>) {
    match authority.rfind(':') {
        Some(colon) if !authority.ends_with(']') => {
            let (host, port) = authority.split_at(colon);
            (host, port.get(1..))
        }
        _ => (authority, None),
    }
}

/// A port in digits alone: the parser of numbers takes a sign as well.
fn read_port(port: &str) -> Option<u16> {
    port.parse().ok().filter(|_| port.bytes().all(|byte| byte.is_ascii_digit()))
}

fn ipv6(host: &str) -> Option<Ipv6Addr> {
    host.strip_prefix('[')?.strip_suffix(']')?.parse().ok()
}

/// Why a URL cannot be dialed. The error does not show the URL: it may hold a ticket.
#[derive(Clone, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum UrlError {
    /// Neither `wss` nor `ws`.
    #[error("the WebSocket URL's scheme is neither wss nor ws")]
    Scheme,
    /// The settings do not allow it.
    #[error(
        "the WebSocket URL leads to {host}, {}: check the base URL and the proxy; if that is intended, {}",
        match (plain, elsewhere) {
            (true, true) => "which is not Slack's, without encryption",
            (true, false) => "without encryption",
            (false, _) => "which is not Slack's",
        },
        match (plain, elsewhere) {
            (true, true) => "add the host to Config::allowed_hosts and set Config::allow_plain_ws",
            (true, false) => "set Config::allow_plain_ws",
            (false, _) => "add the host to Config::allowed_hosts",
        },
    )]
    NotAllowed {
        /// The host.
        host: Box<str>,
        /// It is `ws`, leads to another machine, and [`Config::allow_plain_ws`](crate::Config::allow_plain_ws) is not set.
        plain: bool,
        /// The host is neither Slack's nor in [`Config::allowed_hosts`](crate::Config::allowed_hosts).
        elsewhere: bool,
    },
    /// It has a user name or a password.
    #[error(
        "the WebSocket URL has a user name or a password (user:password@host), which Slack's never has: check the base URL and the proxy"
    )]
    UserInfo,
    /// Longer than [`MAX_URL_BYTES`].
    #[error("the WebSocket URL is longer than {MAX_URL_BYTES} bytes")]
    TooLong,
    /// A space, a control character, or a character that parsers read differently.
    #[error("the WebSocket URL has a character that is not allowed in a URL")]
    Character,
    /// No host, or an invalid host or port.
    #[error("the WebSocket URL has no usable host and port")]
    Host,
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    #[test]
    fn slacks_hosts_lie_below_its_domains() {
        let is_slacks =
            |host: &str| SocketUrl::parse(&alloc::format!("wss://{host}/link")).unwrap().is_slacks();
        for host in ["wss-primary.slack.com", "a.b.slack.com", "WSS.Slack.COM:443"] {
            assert!(is_slacks(host), "{host}");
        }
        for host in ["slack.com", ".slack.com", "evilslack.com", "slack.com.evil.org", "wss.slack.com."] {
            assert!(!is_slacks(host), "{host}");
        }
    }

    #[test]
    fn a_url_of_4096_bytes_is_the_longest() {
        let url = |bytes: usize| alloc::format!("wss://h/{}", "x".repeat(bytes - "wss://h/".len()));
        assert!(SocketUrl::parse(&url(4_096)).is_ok());
        assert_eq!(SocketUrl::parse(&url(4_097)), Err(UrlError::TooLong));
    }

    #[test]
    fn hosts_ports_and_loopback_are_told_apart() {
        for (text, host, loopback) in [
            ("ws://127.0.0.1:8080/link/?ticket=t", "127.0.0.1", true),
            ("ws://127.9.9.9", "127.9.9.9", true),
            ("ws://LOCALHOST:1?x", "LOCALHOST", true),
            ("ws://[::1]:80/", "[::1]", true),
            ("ws://0.0.0.0:80/", "0.0.0.0", true),
            ("ws://[::]:80/", "[::]", true),
            ("ws://[2001:db8::1]/", "[2001:db8::1]", false),
            ("wss://wss-primary.slack.com/link", "wss-primary.slack.com", false),
            ("ws://localhost.example.com/", "localhost.example.com", false),
            ("ws://127.0.0.1.example.com/", "127.0.0.1.example.com", false),
        ] {
            let url = SocketUrl::parse(text).unwrap();
            assert_eq!((url.host(), url.is_loopback()), (host, loopback), "{text}");
        }
    }

    #[test]
    fn the_case_of_a_scheme_does_not_matter() {
        for (text, is_encrypted, read) in [
            ("WSS://wss-primary.slack.com/?ticket=T", true, "wss://wss-primary.slack.com/?ticket=T"),
            ("Ws://localhost:80/", false, "ws://localhost:80/"),
        ] {
            let url = SocketUrl::parse(text).unwrap();
            assert_eq!((url.is_encrypted(), url.expose_secret()), (is_encrypted, read));
        }
    }

    #[test]
    fn a_port_that_is_not_named_is_that_of_the_scheme() {
        for (text, port) in [
            ("wss://wss-primary.slack.com/link/?ticket=t:1", 443),
            ("wss://wss-primary.slack.com", 443),
            ("ws://localhost/", 80),
            ("wss://wss-primary.slack.com:80/", 80),
            ("ws://localhost:443?a:1", 443),
            ("ws://127.0.0.1:65535#b:1", 65_535),
            ("wss://[2001:db8::1]/", 443),
            ("ws://[::1]:8080/", 8_080),
        ] {
            let url = SocketUrl::parse(text).unwrap();
            assert_eq!((url.port(), url.with_debug_reconnects().port()), (port, port), "{text}");
        }
    }

    #[test]
    fn what_parsers_could_read_differently_is_refused() {
        for (text, error) in [
            ("", UrlError::Scheme),
            ("http://slack.com", UrlError::Scheme),
            ("wss://", UrlError::Host),
            ("wss:///path", UrlError::Host),
            ("wss://:80/", UrlError::Host),
            ("wss://user@slack.com/", UrlError::UserInfo),
            ("wss://user:pass@slack.com/", UrlError::UserInfo),
            ("ws://localhost\\@example.com/", UrlError::Character),
            ("wss://slack.com:99999/", UrlError::Host),
            ("wss://slack.com:/", UrlError::Host),
            ("wss://slack.com:+443/", UrlError::Host),
            ("wss://[::1/", UrlError::Host),
            ("wss://slack.com/a b", UrlError::Character),
            ("wss://slack.com/\r\nX: y", UrlError::Character),
        ] {
            assert_eq!(SocketUrl::parse(text), Err(error), "{text:?}");
        }
        assert_eq!(
            SocketUrl::parse(&format!("wss://slack.com/{:5000}", 1).replace(' ', "x")),
            Err(UrlError::TooLong)
        );
    }

    #[test]
    fn the_switch_for_short_lives_joins_whatever_query_there_is() {
        for (text, with) in [
            ("wss://h/link/?ticket=t", "wss://h/link/?ticket=t&debug_reconnects=true"),
            ("wss://h/link/", "wss://h/link/?debug_reconnects=true"),
            ("wss://h#f", "wss://h?debug_reconnects=true#f"),
        ] {
            let url = SocketUrl::parse(text).unwrap().with_debug_reconnects();
            assert_eq!(url.expose_secret(), with);
            assert_eq!(url.host(), "h");
        }
    }
}
