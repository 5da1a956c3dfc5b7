//! How the network is reached.

use std::fmt;
use std::time::Duration;

use super::{TransportError, TransportErrorKind};

/// Default of [`Network::connect_timeout`]: below the time that a call and a dial have in all (15 s each), so that the
/// error says what hung.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a connection to the Web API is kept for the next call.
pub const KEEP_ALIVE: Duration = Duration::from_secs(10);

/// How the network is reached: proxies, certificates, and how long a connection may take. For
/// [`Builder::network`](crate::Builder::network) and for a driver's transport.
///
/// ```
/// use socketmode_driver::Network;
///
/// # let company_ca = "";
/// let network = Network::default()
///     .proxy("http://user:p%40ssword@proxy.example.com:3128")
///     .add_root_certificates(company_ca);
/// assert!(!format!("{network:?}").contains("ssword"));
/// ```
///
/// # Proxies
/// By default the environment decides: `HTTPS_PROXY` for Slack, `HTTP_PROXY` for a base URL with `http`, `ALL_PROXY` for
/// what has none of its own, and `NO_PROXY` with the hosts, domains and networks to reach directly. Each may be in lower
/// case, which comes first; an empty one counts as none. This machine itself (`localhost`, 127.0.0.0/8, `::1`) is never
/// reached by a proxy of the environment. The calls, the WebSockets and the Web API all take the same way. A proxy opens a tunnel (`CONNECT`); what goes
/// through it stays encrypted between here and Slack, and Slack's names are looked up by the proxy. Its address begins
/// with `http://` or, for TLS to the proxy itself, `https://`; SOCKS is not supported.
#[derive(Clone)]
pub struct Network {
    pub(crate) proxy: ProxyChoice,
    pub(crate) roots: Option<Roots>,
    /// Each with one certificate or more, as PEM.
    pub(crate) added_roots: Vec<Vec<u8>>,
    pub(crate) client_certificate: Option<ClientCertificate>,
    connect_timeout: Duration,
}

#[derive(Clone, PartialEq, Eq)]
pub(crate) enum ProxyChoice {
    Environment,
    Direct,
    /// The URL, perhaps with a password.
    Url(String),
}

#[derive(Clone)]
#[cfg_attr(
    not(feature = "rustls"),
    allow(dead_code, reason = "TLS reads it, and a driver may bring its own")
)]
pub(crate) struct ClientCertificate {
    pub(crate) chain: Vec<u8>,
    pub(crate) key: Vec<u8>,
}

/// Which certificate authorities are trusted, before those that
/// [`add_root_certificates`](Network::add_root_certificates) adds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Roots {
    /// Those of the operating system; on Linux, if they are set, those of `SSL_CERT_FILE` and `SSL_CERT_DIR` instead.
    /// Feature `platform-verifier`.
    Platform,
    /// Mozilla's, compiled in: for containers without certificates. They are as old as the build. Feature
    /// `webpki-roots`.
    WebPki,
    /// None.
    AddedOnly,
}

impl Network {
    /// Reach everything by this proxy, whatever the environment says. A user and a password go before the host, with
    /// percent-encoding: `http://user:p%40ssword@proxy.example.com:3128`.
    #[must_use]
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.proxy = ProxyChoice::Url(url.into());
        self
    }

    /// Reach everything directly, whatever the environment says.
    #[must_use]
    pub fn no_proxy(mut self) -> Self {
        self.proxy = ProxyChoice::Direct;
        self
    }

    /// Which authorities are trusted. Default [`Roots::Platform`] if that feature is on, else [`Roots::WebPki`] if that
    /// one is, else [`Roots::AddedOnly`]. Another crate can turn a feature on: where it matters, choose here.
    #[must_use]
    pub fn roots(mut self, roots: Roots) -> Self {
        self.roots = Some(roots);
        self
    }

    /// Trust these authorities as well: one certificate or more, as PEM. For a firewall that reads TLS, or a private
    /// test bench. May be called several times.
    #[must_use]
    pub fn add_root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.added_roots.push(pem.into());
        self
    }

    /// Show this certificate where a server or proxy asks for one: its chain, the client's own first, and its private
    /// key (PKCS #8, PKCS #1 or SEC1), both as PEM.
    #[must_use]
    pub fn client_certificate(mut self, chain_pem: impl Into<Vec<u8>>, key_pem: impl Into<Vec<u8>>) -> Self {
        self.client_certificate = Some(ClientCertificate { chain: chain_pem.into(), key: key_pem.into() });
        self
    }

    /// How long a connection may take: TCP, the proxy's answer and TLS together. Default 10 s. What follows on it is
    /// bounded by [`Config::open_timeout`](crate::protocol::Config::open_timeout) and
    /// [`dial_timeout`](crate::protocol::Config::dial_timeout), which this should be shorter than. Zero is an error of the
    /// transport.
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// What [`connect_timeout`](Self::connect_timeout) was set to: for drivers.
    ///
    /// # Errors
    /// It is zero: runtimes differ in what they make of that.
    pub fn connect_limit(&self) -> Result<Duration, TransportError> {
        if self.connect_timeout.is_zero() {
            let message =
                "Network::connect_timeout is zero, so that nothing can connect: set it to some seconds";
            return Err(TransportError::new(TransportErrorKind::Setup, message));
        }
        Ok(self.connect_timeout)
    }
}

impl Default for Network {
    fn default() -> Self {
        Self {
            proxy: ProxyChoice::Environment,
            roots: None,
            added_roots: Vec::new(),
            client_certificate: None,
            connect_timeout: CONNECT_TIMEOUT,
        }
    }
}

/// Neither a proxy's password nor a key is shown.
impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Network")
            .field("proxy", &self.proxy)
            .field("roots", &self.roots)
            .field("added_roots", &self.added_roots.len())
            .field("client_certificate", &self.client_certificate.is_some())
            .field("connect_timeout", &self.connect_timeout)
            .finish()
    }
}

impl fmt::Debug for ProxyChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Environment => "Environment",
            Self::Direct => "Direct",
            Self::Url(_) => "Url(<redacted>)",
        })
    }
}
