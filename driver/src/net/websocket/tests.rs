//! What a peer that does not read can make us hold.

use super::*;
use async_tungstenite::WebSocketStream;
use async_tungstenite::tungstenite::protocol::Role;
use socketmode_protocol::limits::MAX_RESPONSE_BYTES;
use std::io;
use std::task::Waker;

mod frames;

/// A peer that sends pings without end and reads as much as it is told to.
#[derive(Default)]
struct Peer {
    pings: usize,
    closes: bool,
    room: usize,
    read: Vec<u8>,
}

/// A socket whose writes fail.
struct Broken;

impl Stream for Broken {
    type Item = Result<Message, Error>;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Pending
    }
}

impl Sink<Message> for Broken {
    type Error = Error;

    fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn start_send(self: Pin<&mut Self>, _: Message) -> Result<(), Error> {
        Ok(())
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Err(Error::Io(io::ErrorKind::BrokenPipe.into())))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }
}

#[test]
fn a_flush_that_fails_is_told() {
    let mut socket = WebSocket::new(Broken);
    let mut cx = Context::from_waker(Waker::noop());
    assert!(matches!(Pin::new(&mut socket).poll_ready(&mut cx), Poll::Ready(Ok(()))));
    Pin::new(&mut socket).start_send(Frame::Text("{}".to_owned().into())).unwrap();
    let flushed = Pin::new(&mut socket).poll_flush(&mut cx);
    assert!(matches!(flushed, Poll::Ready(Err(_))), "what was said is on no wire");
}

/// A ping of 125 bytes, the longest.
const PING: &[u8] = &{
    let mut frame = [b'.'; 127];
    (frame[0], frame[1]) = (0x89, 125);
    frame
};

const CLOSE_1000: [u8; 4] = [0x88, 2, 0x03, 0xe8];

impl smol::io::AsyncRead for Peer {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        if std::mem::take(&mut self.closes) {
            buffer[..CLOSE_1000.len()].copy_from_slice(&CLOSE_1000);
            return Poll::Ready(Ok(CLOSE_1000.len()));
        }
        if self.pings == 0 {
            return Poll::Pending;
        }
        self.pings -= 1;
        buffer[..PING.len()].copy_from_slice(PING);
        Poll::Ready(Ok(PING.len()))
    }
}

impl smol::io::AsyncWrite for Peer {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let taken = bytes.len().min(self.room);
        if taken == 0 {
            return Poll::Pending;
        }
        self.room -= taken;
        self.read.extend_from_slice(&bytes[..taken]);
        Poll::Ready(Ok(taken))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

type Socket = WebSocket<WebSocketStream<Peer>>;

fn socket() -> Socket {
    let stream = WebSocketStream::from_raw_socket(Peer::default(), Role::Client, Some(config()));
    WebSocket::new(smol::block_on(stream))
}

impl Socket {
    /// Reads so many pings.
    fn take_pings(&mut self, pings: usize) {
        self.stream.get_mut().pings = pings;
        let mut cx = Context::from_waker(Waker::noop());
        for _ in 0..pings {
            let read = Pin::new(&mut *self).poll_next(&mut cx);
            assert!(matches!(read, Poll::Ready(Some(Ok(Frame::Ping)))), "{read:?}");
        }
    }

    /// Reads the peer's close frame.
    fn take_close(&mut self) {
        self.stream.get_mut().closes = true;
        let read = Pin::new(self).poll_next(&mut Context::from_waker(Waker::noop()));
        assert!(matches!(read, Poll::Ready(Some(Ok(Frame::Close(Some(1000)))))), "{read:?}");
    }

    /// Says this if there is room for it.
    fn say(&mut self, frame: Frame<Text>) -> bool {
        let mut cx = Context::from_waker(Waker::noop());
        match Pin::new(&mut *self).poll_ready(&mut cx) {
            Poll::Pending => false,
            Poll::Ready(ready) => {
                ready.unwrap();
                Pin::new(self).start_send(frame).unwrap();
                true
            }
        }
    }

    fn flush(&mut self) -> bool {
        let flushed = Pin::new(&mut *self).poll_flush(&mut Context::from_waker(Waker::noop()));
        match flushed {
            Poll::Pending => false,
            Poll::Ready(result) => {
                result.unwrap();
                true
            }
        }
    }

    /// Lets the peer read everything: the frames that it gets, by opcode and length.
    fn drain(&mut self) -> Vec<(u8, usize)> {
        self.stream.get_mut().room = usize::MAX;
        assert!(self.flush());
        let (mut frames, mut rest) = (Vec::new(), &self.stream.get_ref().read[..]);
        while let [first, second, after @ ..] = rest {
            // Masked, as a client's are: four bytes of a mask follow the length.
            let (length, header) = match second & 0x7f {
                126 => (usize::from(u16::from_be_bytes([after[0], after[1]])), 8),
                length => (usize::from(length), 6),
            };
            frames.push((first & 0x0f, length));
            rest = &rest[header + length..];
        }
        frames
    }
}

fn text(bytes: usize) -> Frame<Text> {
    Frame::Text("x".repeat(bytes).into())
}

const TEXT: u8 = 1;
const CLOSE: u8 = 8;
const PONG: u8 = 10;
/// With header and mask.
const PONG_BYTES: usize = 125 + 6;

#[test]
fn answers_to_pings_of_a_peer_that_does_not_read_are_bounded() {
    let mut socket = socket();
    socket.take_pings(100_000);
    let frames = socket.drain();
    let bytes = socket.stream.get_ref().read.len();
    assert!(bytes <= MAX_WRITE_BUFFER_BYTES, "{bytes}");
    assert!(bytes + PONG_BYTES > MAX_WRITE_BUFFER_BYTES, "the buffer was not full: {bytes}");
    assert!(frames.iter().all(|frame| *frame == (PONG, 125)));
    // The latest that had no room comes after them, and no other.
    assert_eq!(socket.drain().len(), frames.len() + 1);
    assert_eq!(socket.drain().len(), frames.len() + 1);
}

#[test]
fn a_message_that_finds_the_buffer_full_is_not_taken() {
    for bytes in [1, 125, MAX_RESPONSE_BYTES] {
        let mut socket = socket();
        socket.take_pings(100_000);
        assert!(!socket.say(text(bytes)) && !socket.flush());
        socket.take_pings(1_000);
        assert!(!socket.say(text(bytes)));
        socket.drain();
        assert!(socket.say(text(bytes)));
        let frames = socket.drain();
        let texts: Vec<_> = frames.into_iter().filter(|(opcode, _)| *opcode == TEXT).collect();
        assert_eq!(texts, [(TEXT, bytes)]);
    }
}

#[test]
fn every_message_that_was_taken_goes_out_before_the_close_frame() {
    // With the pings before it, the buffer is anything between empty and full.
    for pings in 1_700..2_020 {
        let mut socket = socket();
        socket.take_pings(pings);
        let taken = (0..100).take_while(|_| socket.say(text(MAX_RESPONSE_BYTES))).count();
        socket.take_close();
        let frames = socket.drain();
        let texts = frames.iter().filter(|(opcode, _)| *opcode == TEXT).count();
        assert_eq!((texts, frames.last()), (taken, Some(&(CLOSE, 2))), "{pings}");
    }
}

#[test]
fn a_close_frame_that_crosses_the_peers_leaves_it_to_the_answer() {
    let mut socket = socket();
    assert!(socket.say(text(1)) && socket.say(Frame::Close(Some(1000))));
    assert!(!socket.flush());
    socket.take_close();
    assert!(!socket.flush());
    assert_eq!(socket.drain(), [(TEXT, 1), (CLOSE, 2)]);
}

#[test]
fn a_close_frame_that_finds_the_buffer_full_comes_last() {
    let mut socket = socket();
    assert!(socket.say(Frame::Close(Some(1000))));
    socket.take_pings(100_000);
    assert!(!socket.flush());
    let frames = socket.drain();
    assert_eq!(frames.last(), Some(&(CLOSE, 2)));
    assert_eq!(frames.iter().filter(|(opcode, _)| *opcode == CLOSE).count(), 1);
}

#[test]
fn messages_of_a_batch_are_one_write_and_keep_their_order() {
    let mut socket = socket();
    for bytes in 1..100 {
        assert!(socket.say(text(bytes)));
    }
    assert!(socket.say(Frame::Close(Some(1000))));
    let expected: Vec<_> = (1..100).map(|bytes| (TEXT, bytes)).chain([(CLOSE, 2)]).collect();
    assert_eq!(socket.drain(), expected);
}

#[test]
fn each_error_says_whose_fault_it_is() {
    let too_long = CapacityError::MessageTooLong { size: 3, max_size: 2 };
    for (error, kind) in [
        (Error::Io(io::ErrorKind::ConnectionReset.into()), TransportErrorKind::Io),
        (Error::Capacity(too_long), TransportErrorKind::TooLarge),
        (Error::Capacity(CapacityError::TooManyHeaders), TransportErrorKind::Protocol),
        (Error::Protocol(ProtocolError::UnmaskedFrameFromClient), TransportErrorKind::Protocol),
    ] {
        assert_eq!(transport_error(&error).kind(), kind, "{error}");
    }
}
