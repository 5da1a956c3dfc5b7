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

/// All connections as one stream of bytes a way.
#[derive(Default)]
struct OfAll {
    up: u64,
    down: u64,
    plan: Option<Plan>,
}

impl OfAll {
    /// Counts what is about to pass. Gives the planned fault where it is among it, and after how many bytes.
    fn count(&mut self, way: Way, bytes: usize) -> Option<(Plan, usize)> {
        let passed = match way {
            Way::Up => &mut self.up,
            Way::Down => &mut self.down,
        };
        let before = *passed;
        *passed += bytes as u64;
        let plan = self.plan.filter(|plan| plan.way == way)?;
        let left = usize::try_from(plan.after.saturating_sub(before)).ok().filter(|left| *left <= bytes)?;
        self.plan = None;
        Some((plan, left))
    }
}

struct Shared {
    trickles: AtomicBool,
    trickled: AtomicUsize,
    stalls: watch::Sender<bool>,
    /// What the next record to a client is for.
    next_record: Mutex<Option<End>>,
    cuts: AtomicUsize,
    /// For the connections to come.
    plans: Mutex<VecDeque<Plan>>,
    /// For whichever connection carries the byte.
    of_all: Mutex<OfAll>,
    /// The connections that planned faults have hit.
    struck: Mutex<Vec<usize>>,
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
            of_all: Mutex::new(OfAll::default()),
            struck: Mutex::new(Vec::new()),
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
        locked(&self.shared.plans).push_back(Plan { way, after, fault });
    }

    /// Whichever connection it is on which a way's bytes reach this number, of all connections together, has this
    /// fault then. A client may use a connection for one thing or for several: this hits the same place in either case.
    pub fn wherever(&self, way: Way, after: u64, fault: Fault) {
        locked(&self.shared.of_all).plan = Some(Plan { way, after, fault });
    }

    /// The connections that planned faults have hit, in order.
    #[must_use]
    pub fn struck(&self) -> Vec<usize> {
        locked(&self.shared.struck).clone()
    }

    /// Does this to a connection now; whether there is one still.
    #[allow(clippy::must_use_candidate, reason = "that it came too late is often of no account")]
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

    /// Bytes that all connections have passed on, this way.
    #[must_use]
    pub fn passed_by_all(&self, way: Way) -> u64 {
        locked(&self.shared.wires).iter().map(|wire| wire.passed(way)).sum()
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
    let number = {
        let mut wires = locked(&shared.wires);
        wires.push(Arc::clone(&wire));
        wires.len() - 1
    };
    let plan = locked(&shared.plans).pop_front();
    let Ok(mut server) = connect(target).await else { return wire.is_gone() };
    let end = {
        let pump = |way| Pump {
            shared: &shared,
            wire: &wire,
            number,
            way,
            plan: plan.filter(|plan| plan.way == way),
        };
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
    number: usize,
    way: Way,
    plan: Option<Plan>,
}

impl Pump<'_> {
    async fn run(mut self, mut from: ReadHalf<'_>, mut to: WriteHalf<'_>) -> Result<(), End> {
        let mut buffer = vec![0; 16 * 1024];
        let mut records = Records::default();
        loop {
            let read = from.read(&mut buffer).await;
            // Nor does a reset pass.
            self.unstalled().await;
            let count = read?;
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
        let of_all = locked(&self.shared.of_all).count(self.way, bytes.len());
        let left = |plan: Plan| usize::try_from(plan.after - self.wire.passed(self.way)).ok();
        let own = self
            .plan
            .and_then(|plan| left(plan).filter(|left| *left <= bytes.len()).map(|left| (plan, left)));
        self.plan = self.plan.filter(|_| own.is_none());
        let Some((plan, left)) = own.or(of_all) else { return Ok(self.write(to, bytes).await?) };
        let (before, after) = bytes.split_at_checked(left).unwrap_or((bytes, &[]));
        self.write(to, before).await?;
        self.wire.strike(plan.fault);
        locked(&self.shared.struck).push(self.number);
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
            self.wire.count(self.way, 1);
            to.write_all(&[*byte]).await?;
            tokio::task::yield_now().await;
            self.unstalled().await;
            rest = others;
        }
        // Before it is out: what somebody has seen is counted.
        self.wire.count(self.way, rest.len());
        to.write_all(rest).await
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
