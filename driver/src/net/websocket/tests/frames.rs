//! What is read and sent, frame by frame.

use super::*;

/// A stream in which this was read, and which keeps what is sent.
#[derive(Default)]
struct Script {
    reads: Vec<Result<Message, Error>>,
    sent: Vec<Message>,
}

impl Stream for Script {
    type Item = Result<Message, Error>;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready((!self.reads.is_empty()).then(|| self.reads.remove(0)))
    }
}

impl Sink<Message> for Script {
    type Error = Error;

    fn poll_ready(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn start_send(mut self: Pin<&mut Self>, message: Message) -> Result<(), Error> {
        self.sent.push(message);
        Ok(())
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }
}

/// What is read of this, with texts as strings.
fn read(reads: Vec<Result<Message, Error>>) -> Vec<Result<Frame, TransportError>> {
    let mut socket = WebSocket::new(Script { reads, ..Script::default() });
    let mut cx = Context::from_waker(Waker::noop());
    let mut frames = Vec::new();
    while let Poll::Ready(Some(frame)) = Pin::new(&mut socket).poll_next(&mut cx) {
        frames.push(frame.map(|frame| match frame {
            Frame::Text(text) => Frame::Text(text.as_ref().to_owned()),
            Frame::Binary(bytes) => Frame::Binary(bytes),
            Frame::Ping => Frame::Ping,
            Frame::Pong => Frame::Pong,
            Frame::Close(code) => Frame::Close(code),
        }));
    }
    frames
}

fn close(code: u16) -> Message {
    Message::Close(Some(CloseFrame { code: code.into(), reason: "a reason".into() }))
}

#[test]
fn each_frame_is_read_as_what_it_is() {
    let bytes = Bytes::from_static(b"bytes");
    for (message, frame) in [
        (Message::text("{}"), Frame::Text("{}".to_owned())),
        (Message::Binary(bytes.clone()), Frame::Binary(bytes.clone())),
        (Message::Ping(bytes.clone()), Frame::Ping),
        (Message::Pong(bytes), Frame::Pong),
        (Message::Close(None), Frame::Close(None)),
        (close(1001), Frame::Close(Some(1001))),
        (close(4003), Frame::Close(Some(4003))),
    ] {
        assert_eq!(read(vec![Ok(message)]), [Ok(frame.clone())], "{frame:?}");
    }
}

#[test]
fn a_connection_that_broke_is_an_error_and_its_end_is_none() {
    let reset = Error::Protocol(ProtocolError::ResetWithoutClosingHandshake);
    for end in [Error::ConnectionClosed, Error::AlreadyClosed, reset] {
        assert_eq!(read(vec![Err(end)]), []);
    }
    let errors = read(vec![
        Err(Error::Io(io::ErrorKind::ConnectionReset.into())),
        Err(Error::Protocol(ProtocolError::NonZeroReservedBits)),
    ]);
    let kinds: Vec<_> = errors.into_iter().map(|error| error.unwrap_err().kind()).collect();
    assert_eq!(kinds, [TransportErrorKind::Io, TransportErrorKind::Protocol]);
}

#[test]
fn each_frame_is_sent_as_what_it_is() {
    for (frame, message) in [
        (Frame::Text("{}".to_owned().into()), Message::text("{}")),
        (Frame::Binary(Bytes::from_static(b"bytes")), Message::Binary(Bytes::from_static(b"bytes"))),
        (Frame::Ping, Message::Ping(Bytes::new())),
        (Frame::Pong, Message::Pong(Bytes::new())),
        (Frame::Close(None), Message::Close(None)),
        (
            Frame::Close(Some(1001)),
            Message::Close(Some(CloseFrame { code: CloseCode::Away, reason: "".into() })),
        ),
    ] {
        let mut socket = WebSocket::new(Script::default());
        let mut cx = Context::from_waker(Waker::noop());
        assert!(Pin::new(&mut socket).poll_ready(&mut cx).is_ready());
        Pin::new(&mut socket).start_send(frame).unwrap();
        assert!(Pin::new(&mut socket).poll_flush(&mut cx).is_ready());
        assert_eq!(socket.stream.sent, [message]);
    }
}

/// The peer says these bytes and no more.
struct Says(io::Cursor<Vec<u8>>);

impl smol::io::AsyncRead for Says {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(io::Read::read(&mut self.0, buffer))
    }
}

impl smol::io::AsyncWrite for Says {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_close(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[test]
fn a_message_may_have_its_limit_whole_or_in_fragments() {
    let fragments = |lengths: &[usize]| {
        let mut bytes = Vec::new();
        for (n, length) in lengths.iter().enumerate() {
            let (first, last) = (n == 0, n + 1 == lengths.len());
            bytes.extend([u8::from(last) << 7 | if first { TEXT } else { 0 }, 127]);
            bytes.extend(u64::try_from(*length).unwrap().to_be_bytes());
            bytes.resize(bytes.len() + length, b'x');
        }
        let stream = Says(io::Cursor::new(bytes));
        let stream = WebSocketStream::from_raw_socket(stream, Role::Client, Some(config()));
        let mut socket = WebSocket::new(smol::block_on(stream));
        match Pin::new(&mut socket).poll_next(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Some(read)) => read.map(|frame| matches!(frame, Frame::Text(_))),
            other => panic!("{other:?}"),
        }
    };
    const HALF: usize = MAX_MESSAGE_BYTES / 2;
    for fits in [&[MAX_MESSAGE_BYTES][..], &[HALF, HALF]] {
        assert_eq!(fragments(fits), Ok(true));
    }
    for too_large in [&[MAX_MESSAGE_BYTES + 1][..], &[HALF, HALF + 1], &[HALF, HALF, 1]] {
        let error = fragments(too_large).unwrap_err();
        assert_eq!(error.kind(), TransportErrorKind::TooLarge, "{error}");
    }
}

#[test]
fn a_close_frame_is_told_with_its_code_or_none() {
    const CLOSE: u8 = 0x88;
    for (code, told) in [
        (Some(1_000_u16), Some(1_000)),
        (Some(1_002), Some(1_002)),
        (Some(3_500), Some(3_500)),
        (None, None),
        // These stand for no code and no close frame (RFC 6455, section 7.4.1), and are sent by mistake.
        (Some(1_005), None),
        (Some(1_006), None),
    ] {
        let body = code.map(u16::to_be_bytes).unwrap_or_default();
        let length = if code.is_some() { 2 } else { 0 };
        let bytes = [&[CLOSE, length][..], &body[..usize::from(length)]].concat();
        let stream = Says(io::Cursor::new(bytes));
        let stream = WebSocketStream::from_raw_socket(stream, Role::Client, Some(config()));
        let mut socket = WebSocket::new(smol::block_on(stream));
        let read = Pin::new(&mut socket).poll_next(&mut Context::from_waker(Waker::noop()));
        let Poll::Ready(Some(Ok(Frame::Close(read)))) = read else { panic!("{code:?}: {read:?}") };
        assert_eq!(read, told, "{code:?}");
    }
}
