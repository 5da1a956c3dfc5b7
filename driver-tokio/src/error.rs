//! From reqwest's errors to ours, without their URLs: a ticket is in one.

use std::time::Duration;

use socketmode_driver::net::proxy::Proxy;
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
        if let Some(explained) = tls::explain(&error, &self.host) {
            return explained;
        }
        let message = net::describe(&error);
        let Some(proxy) = &self.proxy else {
            if error.is_timeout() {
                return net::connect_timed_out(&self.host, self.connect_limit);
            }
            let kind = if error.is_connect() { TransportErrorKind::Connect } else { TransportErrorKind::Io };
            return TransportError::new(kind, message);
        };
        // reqwest tells these apart by their words alone.
        if message.contains("proxy authorization required") {
            proxy.refused(&self.host, Some(407))
        } else if message.contains("tunnel error: unsuccessful") {
            proxy.refused(&self.host, None)
        } else if error.is_timeout() {
            proxy.failed(&self.host, &format_args!("no connection within {:?}", self.connect_limit))
        } else if error.is_connect() {
            proxy.failed(&self.host, &message)
        } else {
            TransportError::new(TransportErrorKind::Io, message)
        }
    }
}
