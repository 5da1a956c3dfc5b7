//! The relay itself, under TLS.

use crate::harness::{LONG, ms};
use crate::network::bare::{TlsStream, connect, echo, exchange, tls, trusting, until};
use crate::network::{Authority, TlsFront};
use socketmode_simulator::fault::{Relay, Service};
use std::io::{ErrorKind, Read, Write};

/// An echo behind TLS behind a relay, and a client of it.
fn start() -> (Service, TlsFront, Relay, TlsStream) {
    let (target, authority) = (echo(), Authority::new());
    let front = TlsFront::start(target.address(), &authority.issue(&["slack.test"]));
    let relay = Relay::start(front.address()).unwrap();
    let mut stream = tls(&trusting(&authority, None), "slack.test", connect(relay.address())).unwrap();
    // The tickets that come first are read with it.
    assert_eq!(exchange(&mut stream, "hello").unwrap(), "hello");
    (target, front, relay, stream)
}

#[test]
fn bytes_pass_one_by_one_or_together() {
    let (_target, _front, relay, mut stream) = start();
    let text = "a longer text ".repeat(100);
    assert_eq!(exchange(&mut stream, &text).unwrap(), text);
    assert_eq!(relay.trickled(), 0);
    relay.trickle(true);
    assert_eq!(exchange(&mut stream, &text).unwrap(), text);
    assert!(relay.trickled() > text.len());
    relay.trickle(false);
    assert_eq!(exchange(&mut stream, &text).unwrap(), text);
    assert_eq!((relay.connections(), relay.cuts()), (1, 0));
}

#[test]
fn a_record_is_cut_in_half() {
    let (_target, _front, relay, mut stream) = start();
    relay.cut_next_record();
    stream.write_all(b"hello").unwrap();
    until("the cut", || relay.cuts() == 1);
    // Of the record: its header, and half of what it announces.
    let mut half = Vec::new();
    stream.sock.read_to_end(&mut half).unwrap();
    let [_, _, _, high, low] = half[..5] else { unreachable!() };
    assert_eq!(half.len() - 5, usize::from(u16::from_be_bytes([high, low])) / 2);
}

#[test]
fn a_cut_record_is_no_proper_end() {
    let (_target, _front, relay, mut stream) = start();
    relay.cut_next_record();
    assert_eq!(exchange(&mut stream, "hello").unwrap_err().kind(), ErrorKind::UnexpectedEof);
}

#[test]
fn a_record_is_reset_in_half() {
    let (_target, _front, relay, mut stream) = start();
    relay.reset_next_record();
    assert_eq!(exchange(&mut stream, "hello").unwrap_err().kind(), ErrorKind::ConnectionReset);
    assert_eq!(relay.cuts(), 1);
}

#[test]
fn nothing_passes_a_stall_and_nothing_is_lost_by_it() {
    let (_target, _front, relay, mut stream) = start();
    relay.stall(true);
    stream.sock.set_read_timeout(Some(ms(50))).unwrap();
    assert_eq!(exchange(&mut stream, "hello").unwrap_err().kind(), ErrorKind::WouldBlock);
    relay.stall(false);
    stream.sock.set_read_timeout(Some(LONG)).unwrap();
    let mut answer = [0; 5];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(&answer, b"hello");
}
