//! What can be moved between threads, whatever the executor is.

use socketmode_async_std::FuturesTransport;
use socketmode_driver::{Client, Driver, Web};

/// An executor that is neither `Send` nor `Sync` changes nothing.
type Transport = FuturesTransport<*const ()>;

const fn send<T: Send>() {}
const fn send_sync<T: Send + Sync>() {}

const _: () = {
    send_sync::<Transport>();
    send_sync::<Client<Transport>>();
    send_sync::<Web<Transport>>();
    send::<Driver<Transport>>();
};
