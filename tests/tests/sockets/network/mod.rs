//! What stands between a client and Slack: TLS with certificates of its own, proxies, and links with faults.
//!
//! Each has a thread of its own and plain functions, so that it serves a client on any runtime, and ends when
//! it is dropped. What happened is told by getters: wait with [`Clock::until`](crate::harness::Clock::until).

mod authority;
mod bare;
mod proxy;
#[cfg(test)]
mod relay;
mod tls;

pub(crate) use authority::{Authority, Identity};
pub(crate) use proxy::{HttpProxy, ProxyAnswer, ProxyOptions, TunnelRecord};
pub(crate) use tls::TlsFront;
