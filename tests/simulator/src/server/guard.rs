//! Who may talk to the simulator: programs on this machine, and no web page of another origin.
//!
//! A browser beside it takes any page to any port of loopback. It names the page in `Origin` and
//! `Sec-Fetch-Site`, which no page can change, and the name that the page was loaded under in `Host`: that is
//! where a page shows that lets its own name point to loopback (DNS rebinding). Programs send a `Host` of
//! loopback, of any port as there may be a relay in between, and neither of the others.

use http::header::{HOST, ORIGIN};
use http::uri::Authority;
use http::{HeaderMap, Request, Uri};
use std::collections::VecDeque;
use std::net::IpAddr;

/// Public origins remembered, for the URLs that were given before the last change.
const KEPT_ORIGINS: usize = 16;

/// The hosts that are the simulator's own.
pub(crate) struct Guard {
    port: u16,
    /// Those of the public origins: a host and a port.
    public: VecDeque<(String, u16)>,
}

impl Guard {
    /// The guard of a simulator that listens on loopback with this port.
    pub(crate) fn new(port: u16) -> Self {
        Self { port, public: VecDeque::new() }
    }

    /// Serves this origin too.
    pub(crate) fn admit(&mut self, origin: &str) {
        if let Some(host) = host_of_origin(origin) {
            self.public.retain(|known| *known != host);
            self.public.push_back(host);
        }
        if self.public.len() > KEPT_ORIGINS {
            self.public.pop_front();
        }
    }

    /// Whether a request comes from where it may.
    pub(super) fn admits<T>(&self, request: &Request<T>) -> bool {
        let headers = request.headers();
        self.is_own_host(headers)
            && request.uri().authority().is_none_or(|authority| self.is_own_authority(authority))
            && headers.get_all(ORIGIN).iter().all(|origin| {
                let names_own = || origin.to_str().ok().and_then(host_of_origin);
                is_link(request.uri()) && origin == LINK_ORIGIN || names_own().is_some_and(|host| self.is_own(&host))
            })
            // `none` is what the person at the browser asked for, by the address line.
            && headers.get_all("sec-fetch-site").iter().all(|site| site == "same-origin" || site == "none")
    }

    fn is_own_host(&self, headers: &HeaderMap) -> bool {
        let mut hosts = headers.get_all(HOST).iter();
        match (hosts.next(), hosts.next()) {
            (Some(host), None) => host
                .to_str()
                .ok()
                .and_then(|host| host.parse().ok())
                .is_some_and(|authority| self.is_own_authority(&authority)),
            _ => false,
        }
    }

    fn is_own_authority(&self, authority: &Authority) -> bool {
        // Without a port it is that of a scheme which is not known here.
        let is_own = |default| {
            host_of(authority, default)
                .is_some_and(|host| is_loopback(&host.0) || self.public.contains(&host))
        };
        is_own(HTTP) || is_own(HTTPS)
    }

    fn is_own(&self, host: &(String, u16)) -> bool {
        (host.1 == self.port && is_loopback(&host.0)) || self.public.contains(host)
    }
}

/// slack-go names this origin when it dials, as its `socketmode/socket_mode_managed_conn.go` has it. A page of it has no ticket,
/// and its browser sends `Sec-Fetch-Site` too.
const LINK_ORIGIN: &str = "https://api.slack.com";

fn is_link(uri: &Uri) -> bool {
    matches!(uri.path(), "/link" | "/link/")
}

const HTTP: u16 = 80;
const HTTPS: u16 = 443;

fn host_of_origin(origin: &str) -> Option<(String, u16)> {
    let uri: Uri = origin.parse().ok()?;
    let default = match uri.scheme_str()? {
        "http" => HTTP,
        "https" => HTTPS,
        _ => return None,
    };
    host_of(uri.authority()?, default)
}

fn host_of(authority: &Authority, default: u16) -> Option<(String, u16)> {
    let host = authority.host();
    // What is neither the host nor the port would be a user's name, or a port that is none.
    let port = match authority.as_str().strip_prefix(host)? {
        "" => default,
        rest => rest.strip_prefix(':')?.parse().ok()?,
    };
    Some((host.to_ascii_lowercase(), port))
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}
