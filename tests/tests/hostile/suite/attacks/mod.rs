//! The attacks, by what they are made of.

mod connection;
mod http;
mod json;
mod tls;
mod websocket;

use super::Attack;

/// The whole catalogue.
pub(crate) fn all() -> Vec<Attack> {
    [connection::attacks(), tls::attacks(), http::attacks(), websocket::attacks(), json::attacks()].concat()
}
