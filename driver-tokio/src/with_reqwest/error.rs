//! Errors of reqwest as errors of a transport, without URLs, as one has a ticket in it.

use std::time::Duration;

use socketmode_driver::net::proxy::{self, Proxy};
use socketmode_driver::net::{self, tls};
use socketmode_driver::{TransportError, TransportErrorKind};

/// Where a request went, and by which way.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) host: String,
    pub(crate) proxy: Option<Proxy>,
    pub(crate) connect_limit: Duration,
}

impl Route {
    /// What an error of reqwest on this way means.
    pub(crate) fn explain(&self, error: reqwest::Error) -> TransportError {
        let error = error.without_url();
        // TLS may have been spoken with a proxy as well, and reqwest does not say with whom.
        let peer = match &self.proxy {
            Some(proxy) if proxy.is_encrypted() => format!("{} (or of the proxy {proxy})", self.host),
            _ => self.host.clone(),
        };
        if let Some(explained) = tls::explain(&error, &peer) {
            return explained;
        }
        if error.is_connect() && error.is_timeout() {
            return proxy::timed_out(self.proxy.as_ref(), &self.host, self.connect_limit);
        }
        if !error.is_connect() {
            return net::broken(&error);
        }
        let message = net::describe(&error);
        match &self.proxy {
            None => TransportError::new(TransportErrorKind::Connect, message),
            // reqwest tells these apart by their words alone, and does not keep the status.
            Some(proxy) if message.contains("proxy authorization required") => {
                proxy.refused(&self.host, Some(407))
            }
            Some(proxy) if message.contains("tunnel error: unsuccessful") => proxy.refused(&self.host, None),
            Some(proxy) => proxy.failed(&self.host, &message),
        }
    }
}
