#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod answers;
mod counters;
mod gateway;
pub mod guide;
mod headers;
mod queue;
mod worker;

pub use async_nats::{self, ConnectOptions};
pub use counters::{GatewayCounts, NotStored, WorkerCounts};
pub use gateway::{Gateway, GatewayError, GatewayHandle, GatewayHealth, MAX_UNDER_WAY, StartError};
pub use headers::names;
pub use queue::check::Weakness;
pub use queue::connection::QueueHealth;
pub use queue::{MAX_PARTITIONS, MIN_DUPLICATE_WINDOW, OpenQueue, Queue, QueueError};
pub use worker::{Worker, WorkerError, WorkerHandle, WorkerHealth};

const _: () = {
    const fn send<T: Send>() {}
    const fn send_sync<T: Send + Sync>() {}
    send_sync::<OpenQueue>();
    send_sync::<GatewayHandle>();
    send_sync::<WorkerHandle>();
    send::<Gateway>();
    send::<Worker<()>>();
};
