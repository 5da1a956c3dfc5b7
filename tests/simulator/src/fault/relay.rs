//! Raw TCP, passed on: slow, stuck, half-open, or broken off wherever it is asked for.

use super::records::Records;
use super::service::{Service, connect};
use super::wire::Wire;
use std::collections::VecDeque;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::sync::watch;

/// Passes connections on to a server, with faults by order. Connections are numbered from 0, as they come.
pub struct Relay {
    service: Service,
    shared: Arc<Shared>,
}

/// What happens to a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It ends by FIN on both sides, whatever was under way.
    Cut,
    /// It ends by RST on both sides.
    Reset,
    /// Nothing passes any more, not even its end, while TCP stays up: half-open, or a stall until
    /// [`Relay::resume`].
    Hold,
    /// So many bytes, of both ways together, come one by one.
    Trickle(u64),
}

/// A direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// To the server.
    Up,
    /// To the client.
    Down,
}

/// How a connection ends before its time.
#[derive(Clone, Copy)]
pub(super) enum End {
    /// By FIN.
    Cut,
    /// By RST.
    Reset,
}

/// A fault to come, on the way and after the bytes given.
#[derive(Clone, Copy)]
struct Plan {
    way: Way,
    after: u64,
    fault: Fault,
}

struct Shared {
    trickles: AtomicBool,
    trickled: AtomicUsize,
    stalls: watch::Sender<bool>,
    /// What the next record to a client is for.
    next_record: Mutex<Option<End>>,
    cuts: AtomicUsize,
    /// For the connections to come; `None` is one without a fault.
    plans: Mutex<VecDeque<Option<Plan>>>,
    struck: AtomicUsize,
    wires: Mutex<Vec<Arc<Wire>>>,
}

impl Relay {
    /// Passes connections to a free port of loopback on to `target`.
    ///
    /// # Errors
    ///
    /// When the system gives no port or no thread.
    pub fn start(target: SocketAddr) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            trickles: AtomicBool::new(false),
            trickled: AtomicUsize::new(0),
            stalls: watch::Sender::new(false),
            next_record: Mutex::new(None),
            cuts: AtomicUsize::new(0),
            plans: Mutex::new(VecDeque::new()),
            struck: AtomicUsize::new(0),
            wires: Mutex::new(Vec::new()),
        });
        let theirs = Arc::clone(&shared);
        let service = Service::start("relay", move |tcp| serve(Arc::clone(&theirs), tcp, target))?;
        Ok(Self { service, shared })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.service.address()
    }

    /// The next connection without a plan has this fault once so many bytes have passed on this way.
    pub fn next_connection(&self, way: Way, after: u64, fault: Fault) {
        locked(&self.shared.plans).push_back(Some(Plan { way, after, fault }));
    }

    /// The next connection without a plan has no fault.
    pub fn let_next_pass(&self) {
        locked(&self.shared.plans).push_back(None);
    }

    /// Planned faults that happened.
    #[must_use]
    pub fn struck(&self) -> usize {
        self.shared.struck.load(Ordering::SeqCst)
    }

    /// Does this to a connection now; whether there is one still.
    pub fn strike(&self, connection: usize, fault: Fault) -> bool {
        let wire = locked(&self.shared.wires).get(connection).cloned().filter(|wire| wire.is_live());
        wire.inspect(|wire| wire.strike(fault)).is_some()
    }

    /// What was held of a connection goes on.
    pub fn resume(&self, connection: usize) {
        if let Some(wire) = locked(&self.shared.wires).get(connection) {
            wire.resume();
        }
    }

    /// Whether the bytes to the clients come one by one, on all connections.
    pub fn trickle(&self, trickle: bool) {
        self.shared.trickles.store(trickle, Ordering::SeqCst);
    }

    /// Bytes that came one by one.
    #[must_use]
    pub fn trickled(&self) -> usize {
        self.shared.trickled.load(Ordering::SeqCst)
    }

    /// Whether nothing passes in either direction, on all connections, while they stay up.
    pub fn stall(&self, stall: bool) {
        self.shared.stalls.send_replace(stall);
    }

    /// The next TLS record to a client comes by half, then its connection is closed on both sides.
    pub fn cut_next_record(&self) {
        *locked(&self.shared.next_record) = Some(End::Cut);
    }

    /// The same, with a reset.
    pub fn reset_next_record(&self) {
        *locked(&self.shared.next_record) = Some(End::Reset);
    }

    /// Connections there have been.
    #[must_use]
    pub fn connections(&self) -> usize {
        locked(&self.shared.wires).len()
    }

    /// Those that are there, and not held.
    #[must_use]
    pub fn live(&self) -> Vec<usize> {
        let wires = locked(&self.shared.wires);
        let live = wires.iter().enumerate().filter(|(_, wire)| wire.is_live() && !wire.is_held());
        live.map(|(connection, _)| connection).collect()
    }

    /// Bytes that a connection has passed on, this way.
    #[must_use]
    pub fn passed(&self, connection: usize, way: Way) -> u64 {
        locked(&self.shared.wires).get(connection).map_or(0, |wire| wire.passed(way))
    }

    /// Records that were cut or reset.
    #[must_use]
    pub fn cuts(&self) -> usize {
        self.shared.cuts.load(Ordering::SeqCst)
    }
}

impl fmt::Debug for Relay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Relay").field("address", &self.address()).finish_non_exhaustive()
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve(shared: Arc<Shared>, mut client: TcpStream, target: SocketAddr) {
    let wire = Arc::new(Wire::new());
    locked(&shared.wires).push(Arc::clone(&wire));
    let plan = locked(&shared.plans).pop_front().flatten();
    let Ok(mut server) = connect(target).await else { return wire.is_gone() };
    let end = {
        let pump =
            |way| Pump { shared: &shared, wire: &wire, way, plan: plan.filter(|plan| plan.way == way) };
        let (client_reader, client_writer) = client.split();
        let (server_reader, server_writer) = server.split();
        let up = pump(Way::Up).run(client_reader, server_writer);
        let down = pump(Way::Down).run(server_reader, client_writer);
        tokio::select! {
            both = async { tokio::try_join!(up, down) } => both.err(),
            end = wire.ended() => Some(end),
        }
    };
    wire.is_gone();
    match end {
        None => {}
        Some(End::Reset) => [client, server].iter().for_each(|tcp| drop(tcp.set_zero_linger())),
        Some(End::Cut) => {
            let _ = server.shutdown().await;
            drop(server);
            // Closed with something unread, it would be a reset: read on until the client has closed.
            let _ = client.shutdown().await;
            let _ = tokio::io::copy(&mut client, &mut tokio::io::sink()).await;
        }
    }
}

/// One way of a connection.
struct Pump<'a> {
    shared: &'a Shared,
    wire: &'a Wire,
    way: Way,
    plan: Option<Plan>,
}

impl Pump<'_> {
    async fn run(mut self, mut from: ReadHalf<'_>, mut to: WriteHalf<'_>) -> Result<(), End> {
        let mut buffer = vec![0; 16 * 1024];
        let mut records = Records::default();
        loop {
            let count = from.read(&mut buffer).await?;
            self.unstalled().await;
            if count == 0 {
                return Ok(to.shutdown().await?);
            }
            let bytes = buffer.get(..count).unwrap_or_default();
            let passing = match self.way {
                Way::Up => bytes,
                Way::Down => records.pass(bytes, || locked(&self.shared.next_record).take()),
            };
            self.pass(&mut to, passing).await?;
            if let Some(end) = records.over() {
                self.shared.cuts.fetch_add(1, Ordering::SeqCst);
                return Err(end);
            }
        }
    }

    /// Passes bytes on, with the planned fault among them where it is its turn.
    async fn pass(&mut self, to: &mut WriteHalf<'_>, bytes: &[u8]) -> Result<(), End> {
        let left = |plan: Plan| usize::try_from(plan.after - self.wire.passed(self.way)).ok();
        let due = self.plan.and_then(left).and_then(|left| bytes.split_at_checked(left));
        let (Some(plan), Some((before, after))) = (self.plan, due) else {
            return Ok(self.write(to, bytes).await?);
        };
        self.plan = None;
        self.write(to, before).await?;
        self.wire.strike(plan.fault);
        self.shared.struck.fetch_add(1, Ordering::SeqCst);
        match plan.fault {
            Fault::Cut => return Err(End::Cut),
            Fault::Reset => return Err(End::Reset),
            Fault::Hold => self.unstalled().await,
            Fault::Trickle(_) => {}
        }
        Ok(self.write(to, after).await?)
    }

    async fn write(&self, to: &mut WriteHalf<'_>, bytes: &[u8]) -> io::Result<()> {
        let mut rest = bytes;
        while let (true, Some((byte, others))) = (!rest.is_empty() && self.trickles(), rest.split_first()) {
            self.shared.trickled.fetch_add(1, Ordering::SeqCst);
            to.write_all(&[*byte]).await?;
            self.wire.count(self.way, 1);
            tokio::task::yield_now().await;
            self.unstalled().await;
            rest = others;
        }
        to.write_all(rest).await?;
        self.wire.count(self.way, rest.len());
        Ok(())
    }

    fn trickles(&self) -> bool {
        let all = self.way == Way::Down && self.shared.trickles.load(Ordering::SeqCst);
        all || self.wire.trickles()
    }

    async fn unstalled(&self) {
        // The sender is in here: it does not end before.
        let _ = self.shared.stalls.subscribe().wait_for(|stalls| !stalls).await;
        self.wire.passes().await;
    }
}

impl From<io::Error> for End {
    /// A side that broke off breaks off the other.
    fn from(_: io::Error) -> Self {
        Self::Reset
    }
}
