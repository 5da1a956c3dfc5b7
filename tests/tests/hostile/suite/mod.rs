//! A catalogue of attacks on a client, and what each of them may cost it.
//!
//! The peer is hostile in one phase of a connection's life and decent in all others. The client runs in a process of
//! its own, so that its memory is its own and a thread that hangs is only its own. Shared by the test and the program
//! that prints the table.

mod attacks;
#[allow(dead_code, reason = "the tests over sockets use more of it")]
#[path = "../../sockets/network/authority.rs"]
mod authority;
mod canary;
mod client;
mod frames;
mod memory;
mod peer;
mod records;
mod traffic;
mod trial;
mod wire;

pub(crate) use attacks::all;
pub(crate) use client::run_if_child;
pub(crate) use trial::{Outcome, Trial};

use std::io;
use wire::Wire;

/// A step of a connection's life, in which the peer attacks instead of doing its part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Phase {
    /// TCP is there, and nothing was said.
    Accept,
    /// The same, on the connection that the WebSocket is to be opened on.
    AcceptLink,
    /// The proxy has read `CONNECT`.
    Proxy,
    /// Instead of the TLS handshake.
    Handshake,
    /// TLS is there; nothing was answered inside of it.
    Records,
    /// `apps.connections.open` was asked.
    Open,
    /// The WebSocket was asked for.
    Upgrade,
    /// The WebSocket is there; no hello was said.
    Hello,
    /// After the hello.
    Active,
    /// Another link has taken over.
    Draining,
    /// The client has sent its close frame.
    Closing,
    /// A method of the Web API was called.
    Web,
}

/// What lies under HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Over {
    Plain,
    Tls,
    /// TLS through a tunnel.
    Proxy,
}

/// What ends an attack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ends {
    /// Nothing: the connection lives through it, or is rotated as planned.
    Lives,
    /// The deadline of the phase.
    Deadline,
    /// An error, as soon as the client sees what it is.
    Refused,
    /// The one or the other, by the size of the buffers between.
    Either,
    /// Any of these: where the flood crowds out the event that would tell.
    Any,
}

/// What the peer does instead of its part. After `Ok` its part is done and the connection goes on.
type Run = fn(&mut Wire) -> io::Result<()>;

#[derive(Clone, Copy)]
pub(crate) struct Attack {
    pub(crate) name: &'static str,
    pub(crate) phase: Phase,
    pub(crate) over: Over,
    pub(crate) ends: Ends,
    /// It goes on until the client closes the connection.
    pub(crate) endless: bool,
    /// The application does not read its events for a while.
    pub(crate) unread: bool,
    /// What the client's memory may grow by, in MiB.
    pub(crate) memory: u64,
    run: Run,
}

impl Attack {
    /// An attack that has an end.
    const fn new(phase: Phase, name: &'static str, ends: Ends, run: Run) -> Self {
        let over = match phase {
            Phase::Proxy => Over::Proxy,
            Phase::Handshake | Phase::Records => Over::Tls,
            _ => Over::Plain,
        };
        Self { name, phase, over, ends, endless: false, unread: false, memory: MEMORY, run }
    }

    /// One without.
    const fn endless(phase: Phase, name: &'static str, ends: Ends, run: Run) -> Self {
        Self { endless: true, ..Self::new(phase, name, ends, run) }
    }

    /// Whether only something that is not to happen would have the client wait: its time-outs are long then, so that
    /// a busy machine is not taken for a peer that stalls.
    pub(crate) fn is_patient(&self) -> bool {
        matches!(self.ends, Ends::Lives | Ends::Refused)
    }

    /// Whether it is there for a client that is to end in the middle of it, too. One on a link that is up is still
    /// under way when the client ends.
    pub(crate) fn comes_again(&self) -> bool {
        self.endless && self.phase < Phase::Active
    }

    const fn over_tls(self) -> Self {
        Self { over: Over::Tls, ..self }
    }

    const fn over_proxy(self) -> Self {
        Self { over: Over::Proxy, ..self }
    }

    const fn unread(self) -> Self {
        Self { unread: true, ..self }
    }

    const fn memory(self, mebibytes: u64) -> Self {
        Self { memory: mebibytes, ..self }
    }
}

/// The bound of memory where no queue may hold more, in MiB.
const MEMORY: u64 = 32;

/// Where the client runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Driver {
    /// A runtime of one thread.
    Tokio,
    /// A runtime of two threads.
    TokioThreads,
    AsyncStd,
    Smol,
}

impl Driver {
    pub(crate) const ALL: [Self; 4] = [Self::Tokio, Self::TokioThreads, Self::AsyncStd, Self::Smol];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Tokio => "tokio",
            Self::TokioThreads => "tokio-threads",
            Self::AsyncStd => "async-std",
            Self::Smol => "smol",
        }
    }

    /// Whether the other task and the client share their only thread.
    pub(crate) fn is_one_thread(self) -> bool {
        self != Self::TokioThreads
    }

    fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|driver| driver.name() == name)
    }
}
