//! The network settings.

use std::fmt;
use std::time::Duration;

use super::{TransportError, TransportErrorKind};

/// Default of [`Network::connect_timeout`]: shorter than the whole time of a call or a dial (15 s), so that the error says
/// which step took too long.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a connection to the Web API is kept for the next call.
pub const KEEP_ALIVE: Duration = Duration::from_secs(10);

/// The network settings: proxies, certificates, and the time-out of a connection. For
/// [`Builder::network`](crate::Builder::network) and for the transport of a driver crate.
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
/// By default, the environment names the proxy: `HTTPS_PROXY` for Slack, `HTTP_PROXY` for a base URL with `http`, `ALL_PROXY`
/// if the other one is not set. `NO_PROXY` lists the hosts, domains and networks to reach directly. The names in lower case
/// take precedence; an empty variable counts as not set. This machine (`localhost`, 127.0.0.0/8, `::1`) is never reached
/// through a proxy of the environment. The calls, the WebSockets and the Web API use the same proxy. It opens a tunnel
/// (`CONNECT`): what goes through it stays encrypted between here and Slack, and the proxy looks up Slack's names. Its address
/// begins with `http://`, or with `https://` for TLS to the proxy itself. SOCKS is not supported.
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

/// Which certificate authorities are trusted, in addition to those of
/// [`add_root_certificates`](Network::add_root_certificates).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Roots {
    /// Those of the operating system. On Linux `SSL_CERT_FILE` and `SSL_CERT_DIR` replace them, if they are set. Feature
    /// `platform-verifier`.
    Platform,
    /// Mozilla's, compiled into the program: for containers without certificates. They are as old as the build. Feature
    /// `webpki-roots`.
    WebPki,
    /// None.
    AddedOnly,
}

impl Network {
    /// Uses this proxy for everything, and ignores the environment. Write a user and a password before the host, with
    /// percent-encoding: `http://user:p%40ssword@proxy.example.com:3128`.
    #[must_use]
    pub fn proxy(mut self, url: impl Into<String>) -> Self {
        self.proxy = ProxyChoice::Url(url.into());
        self
    }

    /// Uses no proxy, and ignores the environment.
    #[must_use]
    pub fn no_proxy(mut self) -> Self {
        self.proxy = ProxyChoice::Direct;
        self
    }

    /// Sets which authorities are trusted. Default: [`Roots::Platform`] if that feature is on, else [`Roots::WebPki`] if
    /// that feature is on, else [`Roots::AddedOnly`]. Another crate can turn a feature on: if the choice matters, set it.
    #[must_use]
    pub fn roots(mut self, roots: Roots) -> Self {
        self.roots = Some(roots);
        self
    }

    /// Trusts these authorities too: one or more certificates as PEM. For a firewall that decrypts TLS, or a test server.
    /// Can be called several times.
    #[must_use]
    pub fn add_root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.added_roots.push(pem.into());
        self
    }

    /// Uses this certificate if a server or proxy asks for one: its chain, beginning with the client's own certificate, and
    /// its private key (PKCS #8, PKCS #1 or SEC1), both as PEM.
    #[must_use]
    pub fn client_certificate(mut self, chain_pem: impl Into<Vec<u8>>, key_pem: impl Into<Vec<u8>>) -> Self {
        self.client_certificate = Some(ClientCertificate { chain: chain_pem.into(), key: key_pem.into() });
        self
    }

    /// Sets the longest time for a connection: TCP, the proxy's answer and TLS together. Default 10 s. It should be shorter
    /// than [`Config::open_timeout`](crate::protocol::Config::open_timeout) and
    /// [`dial_timeout`](crate::protocol::Config::dial_timeout), which include what follows. Zero is an error when the
    /// transport is made.
    #[must_use]
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// The value of [`connect_timeout`](Self::connect_timeout), for driver crates.
    ///
    /// # Errors
    /// It is zero, which runtimes handle in different ways.
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
