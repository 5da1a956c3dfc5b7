//! The loop: it performs the actions of the machine, and reports to it what happens. It makes no decisions.

mod commands;
mod drop;
mod events;
mod stall;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_channel::oneshot;
use socketmode_protocol::limits::MAX_OPEN_BODY_BYTES;
use socketmode_protocol::{AckToken, Action, Closed, ConnectionId, Input, Instant, Output, StopReason};

use self::stall::Stall;
use crate::health::pulse::{Pulse, Standing};
use crate::metrics::Meter;
use crate::recorder::Machine;
use crate::request::event::Event;
use crate::request::mailbox::{AckError, AckResult, Command, Mailbox};
use crate::request::outcome::AckErrorKind;
use crate::run::connection_io::{ConnectionIo, Flushed, Io};
use crate::run::log::Log;
use crate::run::open_call::OpenCall;
use crate::run::queue::EventQueue;
use crate::transport::waits::{BoxFuture, io_first};
use crate::transport::{Frame, Transport};

/// The number of turns in a poll; then other tasks of the runtime run.
const TURNS_PER_POLL: usize = 32;
/// The number of bytes that a poll reads from all connections, plus the message that exceeds it: some milliseconds of work.
/// Then other tasks of the runtime run.
const BYTES_PER_POLL: usize = 1024 * 1024;

/// After so many messages from a socket, or commands, what follows is written at once, and the poll ends. With more there are
/// soon more again: another turn looks for them, so that many acknowledgements go out in one write.
const FEW: usize = 1;

/// The time of a poll; then other tasks of the runtime run. It is checked between two connections and after each turn that
/// did something, as what one connection reads in a turn has its own limit.
const TIME_PER_POLL: Duration = Duration::from_millis(10);

/// The future that does all the work. It is ready when the client has stopped, and returns the reason.
///
/// Nothing happens unless it is polled: spawn it, or use [`Builder::connect`](crate::Builder::connect).
///
/// # Cancel safety
/// Dropping it ends the client without a wait. The acknowledgements made so far and a close frame (1001) are written to each
/// socket, as far as it takes them at once; then the sockets are dropped. An acknowledgement of which it is not known whether
/// it was written ends with [`AckErrorKind::Unknown`], and the [`Events`](crate::Events) end. Call
/// [`Client::shutdown`](crate::Client::shutdown) first for an orderly end.
#[must_use = "nothing happens unless it is polled: spawn it"]
pub struct Driver<T: Transport> {
    transport: Arc<T>,
    machine: Machine,
    call: OpenCall,
    connections: Vec<ConnectionIo<T>>,
    mailbox: Mailbox,
    queue: EventQueue,
    pulse: Pulse,
    standing: Standing,
    meter: Meter,
    /// When the next turn is due, as of the last look.
    due: Option<Instant>,
    /// The futures that wait for outcomes. The machine bounds their number.
    receipts: BTreeMap<AckToken, oneshot::Sender<AckResult>>,
    sleep: Option<(Instant, BoxFuture<()>)>,
    stall: Stall,
    log: Log,
    /// Bytes read in this poll.
    bytes_read: usize,
    poll_began: Instant,
    /// Some connections were not read in this poll: they come first in the next one.
    has_unread: bool,
    commands: Vec<Command>,
    events: Vec<Event>,
    stopped: Option<StopReason>,
}

impl<T: Transport> Driver<T> {
    pub(crate) fn new(
        transport: Arc<T>,
        machine: Machine,
        call: OpenCall,
        (mailbox, queue, pulse): (Mailbox, EventQueue, Pulse),
    ) -> Self {
        Self {
            transport,
            machine,
            call,
            connections: Vec::new(),
            mailbox,
            queue,
            pulse,
            standing: Standing::default(),
            meter: Meter::new(),
            due: None,
            receipts: BTreeMap::new(),
            sleep: None,
            stall: Stall::default(),
            log: Log::default(),
            bytes_read: 0,
            poll_began: Instant::ZERO,
            has_unread: false,
            commands: Vec::new(),
            events: Vec::new(),
            stopped: None,
        }
    }

    /// One turn: commands, I/O, time, and the outputs that follow. Returns whether there may be more to do without a wait.
    fn turn(&mut self, now: Instant, cx: &mut Context<'_>) -> bool {
        self.meter.tick(now);
        self.log.tell_suppressed(now);
        let waited_for_drops = self.waits_for_drops();
        let mut more = self.take_commands(now, cx);
        let Turned { read, waits, is_cut } = self.read(now, cx);
        more |= !waits;
        // Some sockets may not have been read.
        let was_reading = self.machine.is_reading();
        // Connections are read again before a deadline can end them.
        self.look_at_deadline();
        let due = self.due.filter(|&at| at <= now && !is_cut);
        if let Some(time) =
            self.stall.may_fire(&self.transport, due, now, (read, self.machine.is_reading()), cx)
        {
            self.withhold_untaken(time);
            self.machine.handle_timeout(time);
            self.look_at_deadline();
            more |= self.machine.newest_output().is_some();
        }
        more |= self.perform(now);
        more |= self.deliver(now, cx);
        // The next turn takes those that were dropped just now, and asks to be woken by others, or no longer.
        more |= self.waits_for_drops() != waited_for_drops;
        more || self.machine.is_reading() && !was_reading
    }

    /// Notes when the next turn is due.
    fn look_at_deadline(&mut self) {
        self.due = self.machine.poll_timeout().map(|deadline| deadline.at);
    }

    /// Begins the shutdown that waits until nothing is outstanding. There was nothing to read or write just now, so nothing is
    /// shed but what is on its way.
    fn stop_if_quiet(&mut self) -> bool {
        if self.machine.is_stopping() || self.machine.stats().outstanding > 0 {
            return false;
        }
        let Some(grace) = self.mailbox.when_quiet() else { return false };
        let now = self.transport.now();
        self.mailbox.grace_ends_at(now + grace);
        self.machine.shutdown(now, grace);
        true
    }

    /// While the machine stops: keeps the policy from acknowledging deliveries that the application has not taken.
    fn withhold_untaken(&mut self, now: Instant) {
        if !self.machine.is_stopping() {
            return;
        }
        let due: BTreeSet<_> = self.machine.due_by_policy(now).collect();
        if !due.is_empty() {
            self.queue.untaken(&due).into_iter().for_each(|token| self.machine.withhold(token));
        }
    }

    /// Reads from each connection. It may stop at a call, whose answer may forbid other calls (`Retry-After`): before it is
    /// read, the calls are made that follow from what was read before.
    fn read(&mut self, now: Instant, cx: &mut Context<'_>) -> Turned {
        let mut turned = Turned { read: false, waits: true, is_cut: false };
        let mut polled = 0;
        for connection in &mut self.connections {
            if polled > 0 && is_spent(self.bytes_read, self.poll_began, self.transport.now()) {
                // End the poll after this turn.
                turned = Turned { read: true, waits: false, ..turned };
                self.has_unread = true;
                break;
            }
            let is_call = matches!(connection.io, Io::Opening(_));
            if is_call && self.machine.newest_output().is_some() {
                turned = Turned { waits: false, is_cut: true, ..turned };
                break;
            }
            polled += 1;
            let Some(read) = connection.read(&mut self.machine, now, cx) else { continue };
            self.bytes_read += read.bytes;
            let waits = read.waits && read.frames <= FEW;
            turned = Turned { read: true, waits: turned.waits && waits, ..turned };
            if is_call {
                turned.is_cut = true;
                break;
            }
        }
        if self.has_unread || turned.is_cut {
            self.connections.rotate_left(polled);
        }
        self.connections.retain(|connection| !matches!(connection.io, Io::Gone));
        turned
    }

    /// Handles the outputs of the machine. Returns whether there was an action, which may be to do with I/O.
    fn perform(&mut self, now: Instant) -> bool {
        let mut acts = false;
        while let Some(output) = self.machine.poll_output() {
            acts |= matches!(output, Output::Action { .. });
            self.log.output(now, &output);
            self.handle_output(output);
        }
        acts
    }

    fn act(&mut self, id: ConnectionId, action: Action) {
        match action {
            Action::Open => {
                let (transport, request) = (Arc::clone(&self.transport), self.call.request());
                let call = async move { transport.send(request, MAX_OPEN_BODY_BYTES).await };
                // Polled next: the call is made before the answer of another call may forbid it.
                self.connections.insert(0, ConnectionIo { id, io: Io::Opening(Box::pin(call)) });
            }
            Action::Dial { url } => {
                let transport = Arc::clone(&self.transport);
                let dial = async move { transport.dial(&url).await };
                self.connections.push(ConnectionIo { id, io: Io::Dialing(Box::pin(dial)) });
            }
            Action::SendPing => self.push(id, Frame::Ping),
            Action::Close { code } => self.push(id, Frame::Close(Some(code))),
            Action::Abort => self.abort(id),
        }
    }

    /// Drops the I/O of a connection. If it has unwritten acknowledgements, tells the machine that they can go out on
    /// another connection.
    fn abort(&mut self, id: ConnectionId) {
        self.connections.retain(|connection| connection.id != id);
        if self.machine.connections().any(|status| status.connection == id) {
            self.machine.handle_input(self.transport.now(), id, Input::Closed(Closed::Eof));
        }
    }

    fn push(&mut self, id: ConnectionId, frame: Frame<T::Text>) {
        if let Some(ConnectionIo { io: Io::Open(socket), .. }) =
            self.connections.iter_mut().find(|connection| connection.id == id)
        {
            socket.push(frame);
        }
    }

    /// Flushes all connections. Returns whether something was written, and whether there may be more to do without a wait.
    fn flush(&mut self, now: Instant, cx: &mut Context<'_>) -> (bool, bool) {
        self.meter.tick(now);
        let was_reading = self.machine.is_reading();
        let (mut wrote, mut more) = (false, false);
        for connection in &mut self.connections {
            let flushed = connection.flush(&mut self.machine, now, cx);
            wrote |= flushed != Flushed::Nothing;
            if flushed == Flushed::Broke {
                connection.end_after(io_first(&self.transport, now), cx);
                more = true;
            }
        }
        more |= self.perform(now);
        if wrote {
            self.look_at_deadline();
            // With an envelope its copies are acknowledged, perhaps on a connection that was flushed before.
            more |= self.connections.iter().any(|connection| self.machine.has_transmit(connection.id));
        }
        (wrote, more || !self.events.is_empty() || self.machine.is_reading() && !was_reading)
    }

    /// Reads the rest from connections to which writing failed, and ends those without more.
    fn read_rest(&mut self, now: Instant, cx: &mut Context<'_>) {
        for connection in &mut self.connections {
            self.bytes_read += connection.read_rest(&mut self.machine, now, cx);
        }
        self.connections.retain(|connection| !matches!(connection.io, Io::Gone));
    }

    /// Sleeps until the deadline that the last turn found, or shorter: waking early changes nothing.
    fn poll_sleep(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.stall.is_waiting_for_io() {
            // The deadline of the sleep is due.
            self.sleep = None;
            self.due = Some(self.poll_began);
            return Poll::Pending;
        }
        let Some(at) = self.due else { return Poll::Pending };
        let (_, sleep) = match &mut self.sleep {
            Some(sleep) if sleep.0 <= at => sleep,
            sleep => {
                let transport = Arc::clone(&self.transport);
                sleep.insert((at, Box::pin(async move { transport.sleep_until(at).await })))
            }
        };
        let woken = sleep.as_mut().poll(cx);
        if woken.is_ready() {
            self.sleep = None;
        }
        woken
    }

    /// Tells those who look from outside how things stand.
    fn publish(&mut self) {
        self.pulse.beat(&mut self.standing, &self.machine, self.poll_began, self.due);
        self.meter.standing(&self.standing.connections, &self.machine);
        self.machine.publish_recording();
    }

    fn finish(&mut self) {
        self.connections.clear();
        self.log.tell_all_suppressed();
        self.pulse.end(&mut self.standing, &self.machine, self.poll_began);
        self.meter.standing(&self.standing.connections, &self.machine);
        self.machine.publish_recording();
        self.mailbox.close(self.stopped.clone());
        self.queue.end();
        for (_, receipt) in std::mem::take(&mut self.receipts) {
            // They were accepted, and it is not known whether they were written.
            let _ = receipt.send(Err(AckError { kind: AckErrorKind::Unknown, handle: None }));
        }
    }
}

impl<T: Transport> Future for Driver<T> {
    type Output = StopReason;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<StopReason> {
        let this = &mut *self;
        this.stall.poll(cx);
        this.bytes_read = 0;
        this.poll_began = this.transport.now();
        if !std::mem::take(&mut this.has_unread) && !this.connections.is_empty() {
            // If the runtime gives each poll a budget, the last connections may not get any, and nothing tells so.
            this.connections.rotate_left(1);
        }
        // First, what the last poll left over: reading from a flooding peer can use up the runtime's budget for a poll, and
        // a flush after it would never be ready.
        this.flush(this.poll_began, cx);
        this.read_rest(this.poll_began, cx);
        let mut now = if this.bytes_read > 0 { this.transport.now() } else { this.poll_began };
        let mut is_busy = false;
        for _ in 0..TURNS_PER_POLL {
            let mut more = this.turn(now, cx);
            is_busy |= more;
            if !more {
                // Only when there is nothing else to do: this writes many acknowledgements at once.
                let (wrote, is_unfinished) = this.flush(now, cx);
                more = is_unfinished || wrote && is_busy;
            }
            if more {
                now = this.transport.now();
                if is_spent(this.bytes_read, this.poll_began, now) {
                    break;
                }
                continue;
            }
            if this.stop_if_quiet() {
                continue;
            }
            if let Some(reason) = this.stopped.clone() {
                this.finish();
                return Poll::Ready(reason);
            }
            if this.poll_sleep(cx).is_pending() {
                this.publish();
                return Poll::Pending;
            }
            now = this.transport.now();
        }
        this.flush(now, cx);
        this.due = Some(this.poll_began);
        this.publish();
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

/// What a turn has read.
struct Turned {
    /// Anything.
    read: bool,
    /// All sockets had few messages, have no more, and wake the task when they have.
    waits: bool,
    /// It stopped at a call.
    is_cut: bool,
}

/// Whether a poll has used up its limits.
fn is_spent(bytes_read: usize, began: Instant, now: Instant) -> bool {
    bytes_read >= BYTES_PER_POLL || now.saturating_since(began) >= TIME_PER_POLL
}

// Nothing in it is pinned: futures are boxed and sockets are `Unpin`.
impl<T: Transport> Unpin for Driver<T> {}

impl<T: Transport> fmt::Debug for Driver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Driver").field("stats", &self.machine.stats()).finish_non_exhaustive()
    }
}
