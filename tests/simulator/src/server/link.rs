//! A link's socket: carries out its orders, hands up what comes in.
//!
//! Two WebSocket contexts share the socket, one for each direction. The one that reads writes nothing: its
//! automatic pongs and close replies are thrown away, so that both are the simulator's to give or withhold.

use crate::Pongs;
use crate::record::{LinkEnd, LinkId, MESSAGE_LIMIT};
use crate::state::Shared;
use crate::state::links::{NORMAL_CLOSE, Order, Orders};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::io::{self, ErrorKind, Read, Write};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::AsyncWrite;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig, WebSocketContext};
use tokio_tungstenite::tungstenite::{Error, Message};

/// Messages read before others have their turn.
const READ_BUDGET: usize = 64;
/// How long the client has to close its side of TCP after ours.
const LINGER: Duration = Duration::from_secs(2);

/// Runs a link until its TCP connection is gone.
pub(super) async fn run(
    shared: &Shared,
    id: LinkId,
    tcp: TcpStream,
    early: Vec<u8>,
    orders: Orders,
) -> LinkEnd {
    let (pongs, close_tcp) = shared.look(|state| (state.options.pongs.clone(), state.options.closes_tcp()));
    let config = WebSocketConfig::default()
        .read_buffer_size(16 * 1024)
        .max_message_size(Some(MESSAGE_LIMIT))
        .max_frame_size(Some(MESSAGE_LIMIT));
    let mut socket = Socket {
        shared,
        id,
        tcp,
        reader: WebSocketContext::from_partially_read(early, Role::Server, Some(config)),
        writer: WebSocketContext::new(Role::Server, Some(config)),
        orders,
        held: VecDeque::new(),
        urgent: 0,
        pongs,
        frozen: false,
        reads: true,
        blocked: false,
        close_sent: false,
        close_received: None,
    };
    let ending = poll_fn(|cx| socket.poll(cx)).await;
    let Socket { mut tcp, mut orders, .. } = socket;
    match ending {
        Ending::Lost(words) => LinkEnd::Lost(words),
        Ending::Reset => {
            reset(&tcp);
            LinkEnd::Reset
        }
        Ending::Fin => {
            finish(&mut tcp).await;
            LinkEnd::Dropped
        }
        Ending::Closed => {
            if close_tcp {
                finish(&mut tcp).await;
            } else {
                leave_open(&mut tcp, &mut orders).await;
            }
            LinkEnd::Lost("after the close handshake".to_owned())
        }
    }
}

struct Socket<'a> {
    shared: &'a Shared,
    id: LinkId,
    tcp: TcpStream,
    reader: WebSocketContext,
    writer: WebSocketContext,
    orders: Orders,
    /// Orders not yet carried out; their number is bounded where they are given.
    held: VecDeque<Order>,
    /// How many of them are for more than a frame.
    urgent: usize,
    pongs: Pongs,
    frozen: bool,
    /// Whether what comes from the client is read.
    reads: bool,
    /// Whether TCP takes no more for now.
    blocked: bool,
    close_sent: bool,
    /// The client's close frame: the code to answer it with.
    close_received: Option<u16>,
}

/// How the WebSocket ended; TCP is still to be dealt with.
enum Ending {
    Closed,
    Fin,
    Reset,
    Lost(String),
}

impl Socket<'_> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Ending> {
        match self.advance(cx) {
            Ok(()) => Poll::Pending,
            Err(ending) => Poll::Ready(ending),
        }
    }

    /// Does all that can be done without waiting: writes are gathered, and flushed once at the end.
    fn advance(&mut self, cx: &mut Context<'_>) -> Result<(), Ending> {
        while let Poll::Ready(Some(order)) = self.orders.receiver.poll_recv(cx) {
            self.urgent += usize::from(!is_frame(&order));
            self.held.push_back(order);
        }
        self.carry_out()?;
        if self.frozen {
            return Ok(());
        }
        if self.reads {
            self.read(cx)?;
        }
        loop {
            if let (Some(code), false) = (self.close_received, self.close_sent) {
                self.send_close(code, String::new())?;
            }
            self.flush(cx)?;
            if self.blocked || self.held.is_empty() {
                break;
            }
            self.carry_out()?;
        }
        if self.close_received.is_some() && self.close_sent && !self.blocked {
            return Err(Ending::Closed);
        }
        Ok(())
    }

    /// Carries out the orders in turn, as far as TCP takes the frames; beyond that, those that need no TCP.
    fn carry_out(&mut self) -> Result<(), Ending> {
        while let Some(order) = self.next_order() {
            self.orders.queued.is_done_with(&order);
            match order {
                Order::Send(message) => self.send(message)?,
                Order::Close(code, reason) => self.send_close(code, reason)?,
                Order::Thaw => self.frozen = false,
                Order::Read(reads) => self.reads = reads,
                Order::Freeze => {
                    self.push_out();
                    self.frozen = true;
                }
                Order::Reset => {
                    self.push_out();
                    return Err(Ending::Reset);
                }
                Order::Drop => {
                    self.push_out();
                    return Err(Ending::Fin);
                }
            }
        }
        Ok(())
    }

    fn next_order(&mut self) -> Option<Order> {
        let stuck = self.frozen || self.blocked;
        let index = if stuck && self.urgent == 0 {
            return None;
        } else if stuck {
            self.held.iter().position(|order| !is_frame(order))?
        } else {
            0
        };
        let order = self.held.remove(index)?;
        self.urgent -= usize::from(!is_frame(&order));
        Some(order)
    }

    fn send(&mut self, message: Message) -> Result<(), Ending> {
        if self.close_sent {
            return Ok(());
        }
        // Before it is written: who has received a message must find it recorded.
        self.shared.sending(self.id, &message);
        let written = self.writer.write(&mut Outward(&self.tcp), message);
        self.blocked |= would_block(written)?;
        Ok(())
    }

    fn send_close(&mut self, code: u16, reason: String) -> Result<(), Ending> {
        if !self.close_sent {
            let frame = CloseFrame { code: code.into(), reason: reason.into() };
            self.send(Message::Close(Some(frame)))?;
            self.close_sent = true;
        }
        Ok(())
    }

    fn flush(&mut self, cx: &mut Context<'_>) -> Result<(), Ending> {
        loop {
            self.blocked = would_block(self.writer.flush(&mut Outward(&self.tcp)))?;
            if !self.blocked {
                return Ok(());
            }
            match self.tcp.poll_write_ready(cx) {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(error)) => return Err(Ending::Lost(error.to_string())),
                Poll::Pending => return Ok(()),
            }
        }
    }

    /// Writes what TCP takes at once, before something that ends or stops the writing.
    fn push_out(&mut self) {
        if !self.frozen {
            // If it fails the link is at its end anyway.
            let _ = self.writer.flush(&mut Outward(&self.tcp));
        }
    }

    fn read(&mut self, cx: &mut Context<'_>) -> Result<(), Ending> {
        let mut received = Vec::new();
        let outcome = self.read_some(cx, &mut received);
        if !received.is_empty() {
            let id = self.id;
            self.shared.change(|state| {
                for message in received {
                    state.received(id, message);
                }
            });
        }
        outcome
    }

    fn read_some(&mut self, cx: &mut Context<'_>, received: &mut Vec<Message>) -> Result<(), Ending> {
        while self.close_received.is_none() {
            if received.len() >= READ_BUDGET {
                cx.waker().wake_by_ref();
                return Ok(());
            }
            match self.reader.read(&mut Inward(&self.tcp)) {
                Ok(message) => {
                    if let Message::Ping(bytes) = &message {
                        self.pong(bytes.to_vec())?;
                    }
                    if let Message::Close(frame) = &message {
                        let code = frame.as_ref().map_or(NORMAL_CLOSE, |frame| frame.code.into());
                        self.close_received = Some(code);
                    }
                    received.push(message);
                }
                Err(Error::Io(error)) if error.kind() == ErrorKind::WouldBlock => {
                    match self.tcp.poll_read_ready(cx) {
                        Poll::Ready(Ok(())) => {}
                        Poll::Ready(Err(error)) => return Err(Ending::Lost(error.to_string())),
                        Poll::Pending => return Ok(()),
                    }
                }
                Err(error) => return Err(Ending::Lost(error.to_string())),
            }
        }
        Ok(())
    }

    fn pong(&mut self, echo: Vec<u8>) -> Result<(), Ending> {
        // A client that pings and never reads must not fill the memory with pongs.
        if self.blocked {
            return Ok(());
        }
        match &self.pongs {
            Pongs::Never => Ok(()),
            Pongs::Echo => self.send(Message::Pong(echo.into())),
            Pongs::Other(bytes) => self.send(Message::Pong(bytes.clone().into())),
        }
    }
}

fn is_frame(order: &Order) -> bool {
    matches!(order, Order::Send(_) | Order::Close(..))
}

/// Whether a write has to wait; what it wrote is kept by the context.
fn would_block(written: Result<(), Error>) -> Result<bool, Ending> {
    match written {
        Ok(()) => Ok(false),
        Err(Error::Io(error)) if error.kind() == ErrorKind::WouldBlock => Ok(true),
        Err(error) => Err(Ending::Lost(error.to_string())),
    }
}

fn reset(tcp: &TcpStream) {
    // Fails only for a socket that is gone already.
    let _ = tcp.set_zero_linger();
}

/// Ends our side of TCP, then gives the client a while to end its own: a socket closed with unread data
/// would send a reset.
async fn finish(tcp: &mut TcpStream) {
    if poll_fn(|cx| Pin::new(&mut *tcp).poll_shutdown(cx)).await.is_ok() {
        let _ = tokio::time::timeout(LINGER, end_of_input(tcp)).await;
    }
}

/// Leaves TCP to the client, unless it is ordered to end.
async fn leave_open(tcp: &mut TcpStream, orders: &mut Orders) {
    loop {
        let order = tokio::select! {
            () = end_of_input(tcp) => return,
            order = orders.receiver.recv() => order,
        };
        match order {
            Some(Order::Reset) => return reset(tcp),
            None | Some(Order::Drop) => return finish(tcp).await,
            Some(Order::Send(_) | Order::Close(..) | Order::Freeze | Order::Thaw | Order::Read(_)) => {}
        }
    }
}

async fn end_of_input(tcp: &TcpStream) {
    let mut waste = [0; 4096];
    poll_fn(|cx| {
        loop {
            if ready!(tcp.poll_read_ready(cx)).is_err() {
                return Poll::Ready(());
            }
            match tcp.try_read(&mut waste) {
                Ok(0) => return Poll::Ready(()),
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(_) => return Poll::Ready(()),
            }
        }
    })
    .await;
}

/// The socket as the writing context sees it.
struct Outward<'a>(&'a TcpStream);

/// The socket as the reading context sees it: what it writes by itself goes nowhere.
struct Inward<'a>(&'a TcpStream);

impl Read for Inward<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.try_read(buffer)
    }
}

impl Write for Inward<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for Outward<'_> {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        Err(ErrorKind::WouldBlock.into())
    }
}

impl Write for Outward<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.try_write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
