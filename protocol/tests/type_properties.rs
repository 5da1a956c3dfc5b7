//! What the public types promise and no test of behaviour would notice.

use socketmode_protocol::{
    AckOutcome, AckRefusal, AckToken, Action, Config, ConnectionId, ConnectionStatus, Deadline, Envelope,
    Input, Instant, Notice, OpenResponseError, Output, SocketMode, SocketUrl, Stats, StopReason, WriteId,
};

/// An output is moved for every frame. What makes it larger belongs into a box.
const OUTPUT_BYTES: usize = 112;
/// An input is passed by value.
const INPUT_BYTES: usize = 48;
/// What a machine has beside its heap; tests and explorers clone it a million times.
const MACHINE_BYTES: usize = 512;

const fn is_shared_between_threads<T: Send + Sync + Clone + core::fmt::Debug + 'static>() {}

const _: () = {
    is_shared_between_threads::<SocketMode>();
    is_shared_between_threads::<Config>();
    is_shared_between_threads::<Output>();
    is_shared_between_threads::<Action>();
    is_shared_between_threads::<Notice>();
    is_shared_between_threads::<Envelope>();
    is_shared_between_threads::<Input<'static>>();
    is_shared_between_threads::<SocketUrl>();
    is_shared_between_threads::<OpenResponseError>();
    is_shared_between_threads::<StopReason>();
    is_shared_between_threads::<AckRefusal>();
    is_shared_between_threads::<AckOutcome>();
    is_shared_between_threads::<Deadline>();
    is_shared_between_threads::<ConnectionStatus>();
    is_shared_between_threads::<(ConnectionId, AckToken, WriteId, Instant, Stats)>();
};

#[test]
fn what_is_moved_often_is_small() {
    for (name, bytes, limit) in [
        ("Output", size_of::<Output>(), OUTPUT_BYTES),
        ("Input", size_of::<Input<'_>>(), INPUT_BYTES),
        ("SocketMode", size_of::<SocketMode>(), MACHINE_BYTES),
    ] {
        assert!(bytes <= limit, "{name} has {bytes} bytes");
    }
}
