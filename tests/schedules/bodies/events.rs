//! The queue of events.

use std::future::poll_fn;
use std::task::Poll;

use shuttle::future::block_on;
use shuttle::thread;
use socketmode_protocol::StopReason;

use super::events;
use crate::client::events::Events;
use crate::request::event::Event;
use crate::request::mailbox::{Command, Mailbox};
use crate::run::queue::EventQueue;

/// The loop: it hands over what there is and waits until the application has done something.
fn deliver_until(
    queue: &EventQueue,
    mut events: Vec<Event>,
    done: impl Fn(crate::run::queue::Level) -> bool,
) {
    block_on(poll_fn(|cx| {
        if done(queue.extend(&mut events, cx.waker())) { Poll::Ready(()) } else { Poll::Pending }
    }));
}

/// The ids of what comes, to the end of the stream.
fn read_to_the_end(events: &mut Events) -> Vec<String> {
    let mut ids = Vec::new();
    while let Some(event) = block_on(events.next()) {
        match event.into_request() {
            Ok(request) => ids.push(request.envelope_id().to_owned()),
            Err(event) => assert!(matches!(event, Event::Stopped(_))),
        }
    }
    ids
}

/// What was dropped without an acknowledgement.
fn declined(mailbox: &Mailbox) -> usize {
    let mut commands = Vec::new();
    mailbox.take(&std::task::Context::from_waker(std::task::Waker::noop()), false, &mut commands);
    commands.iter().filter(|command| matches!(command, Command::Decline { .. })).count()
}

pub fn a_reader_hears_everything_in_order_and_the_end() {
    let (mailbox, queue) = (Mailbox::new(), EventQueue::new(8));
    let mut reader = Events::new(queue.clone());
    let mut events = events(3, &mailbox);
    let mut last = events.split_off(1);
    last.push(Event::Stopped(StopReason::Requested));
    let thread = thread::spawn(move || read_to_the_end(&mut reader));
    deliver_until(&queue, events, |_| true);
    deliver_until(&queue, last, |_| true);
    queue.end();
    assert_eq!(thread.join().unwrap(), ["0", "1", "2"]);
}

pub fn a_reader_that_waits_hears_the_end() {
    let queue = EventQueue::new(1);
    let mut reader = Events::new(queue.clone());
    let thread = thread::spawn(move || block_on(reader.next()).is_none());
    queue.end();
    assert!(thread.join().unwrap());
}

pub fn a_full_queue_wakes_the_loop_once_half_is_read() {
    let (mailbox, queue) = (Mailbox::new(), EventQueue::new(2));
    let mut reader = Events::new(queue.clone());
    let thread = thread::spawn(move || {
        for _ in 0..2 {
            assert!(block_on(reader.next()).is_some());
        }
        reader
    });
    deliver_until(&queue, events(2, &mailbox), |level| !level.full);
    thread.join().unwrap();
}

pub fn a_reader_can_move_to_another_task() {
    let (mailbox, queue) = (Mailbox::new(), EventQueue::new(8));
    let mut reader = Events::new(queue.clone());
    // The first task polls once and gives the stream away, with its waker in the queue.
    let first = thread::spawn(move || {
        let polled =
            block_on(poll_fn(|cx| Poll::Ready(std::pin::pin!(reader.next()).as_mut().poll(cx).is_ready())));
        (reader, usize::from(polled))
    });
    let second = thread::spawn(move || {
        let (mut reader, read) = first.join().unwrap();
        read + read_to_the_end(&mut reader).len()
    });
    deliver_until(&queue, events(2, &mailbox), |_| true);
    queue.end();
    assert_eq!(second.join().unwrap(), 2);
}

pub fn dropping_the_stream_wakes_the_loop() {
    let (mailbox, queue) = (Mailbox::new(), EventQueue::new(8));
    let reader = Events::new(queue.clone());
    let thread = thread::spawn(move || drop(reader));
    deliver_until(&queue, events(2, &mailbox), |level| level.abandoned);
    thread.join().unwrap();
    assert_eq!(declined(&mailbox), 2);
}

pub fn dropping_the_stream_while_it_fills_declines_everything() {
    let (mailbox, queue) = (Mailbox::new(), EventQueue::new(2));
    let mut reader = Events::new(queue.clone());
    let mut events = events(3, &mailbox);
    let last = events.split_off(2);
    let thread = thread::spawn(move || {
        drop(block_on(reader.next()));
        drop(reader);
    });
    deliver_until(&queue, events, |_| true);
    deliver_until(&queue, last, |_| true);
    queue.end();
    thread.join().unwrap();
    assert_eq!(declined(&mailbox), 3);
}
