#![doc = include_str!("../README.md")]
//!
//! Everything that is decided (back-off, rotation, liveness, acknowledgements) is decided in [`protocol`]; the loop and
//! the types above are [`socketmode_driver`]'s.
#![forbid(unsafe_code)]

// The code in the project's README compiles too.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
mod readme {}

mod sockets;
mod transport;
#[cfg(feature = "reqwest")]
pub mod with_reqwest;

// What is generic over the transport is named again below, with this crate's.
#[doc(no_inline)]
pub use socketmode_driver::*;
pub use transport::{TokioSocket, TokioTransport};

/// A handle on a running client.
pub type Client = socketmode_driver::Client<TokioTransport>;
/// Sets a client up.
pub type Builder = socketmode_driver::Builder<TokioTransport>;
/// The future that does all the work.
pub type Driver = socketmode_driver::Driver<TokioTransport>;
/// The Web API with a bot token.
pub type Web = socketmode_driver::Web<TokioTransport>;

const _: () = {
    const fn send<T: Send>() {}
    const fn send_sync<T: Send + Sync>() {}
    send_sync::<Client>();
    send_sync::<Web>();
    send_sync::<TokioTransport>();
    send_sync::<AckHandle>();
    send_sync::<Request>();
    send::<Driver>();
    send::<Events>();
    send::<Acknowledgement>();
};

#[cfg(test)]
mod tests {
    use super::*;
    use std::any::type_name;

    #[test]
    fn the_sockets_name_no_library_underneath() {
        assert_eq!(
            type_name::<<TokioTransport as Transport>::Socket>(),
            "socketmode_tokio::transport::TokioSocket"
        );
        #[cfg(feature = "reqwest")]
        assert_eq!(
            type_name::<<with_reqwest::ReqwestTransport as Transport>::Socket>(),
            "socketmode_tokio::with_reqwest::transport::ReqwestSocket"
        );
    }
}
