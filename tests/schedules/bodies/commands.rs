//! The mailbox, and the acknowledgements that go through it.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use futures_channel::oneshot;
use shuttle::future::block_on;
use shuttle::thread;
use socketmode_protocol::{AckRefusal, StopReason};

use super::requests;
use crate::client::shutdown::Shutdown;
use crate::request::mailbox::{AckError, AckResult, Command, Mailbox, NotTaken};
use crate::request::outcome::AckErrorKind;

/// The loop: it takes commands until so many have come.
fn take(mailbox: &Mailbox, count: usize, ending: bool) -> Vec<Command> {
    let (mut all, mut taken) = (Vec::new(), Vec::new());
    block_on(poll_fn(|cx| {
        mailbox.take(cx, ending, &mut taken);
        all.append(&mut taken);
        if all.len() < count { Poll::Pending } else { Poll::Ready(()) }
    }));
    assert_eq!(all.len(), count, "more than was handed over");
    all
}

/// Answers an acknowledgement. That it is told as lost shows that the loop had it.
fn answer(command: Command) {
    let lost = || Err(AckError { kind: AckErrorKind::Lost, handle: None });
    match command {
        Command::Acknowledge { handle, reply, .. } => {
            handle.disarm();
            let _ = reply.send(lost());
        }
        Command::Respond { reply, .. } => {
            let _ = reply.send(lost());
        }
        Command::Decline { .. } => panic!("nothing was dropped"),
    }
}

fn respond(id: &str) -> (Command, oneshot::Receiver<AckResult>) {
    let (reply, result) = oneshot::channel();
    (Command::Respond { envelope_id: id.into(), payload: None, reply }, result)
}

fn kind(result: AckResult) -> AckErrorKind {
    result.expect_err("nothing is written here").kind()
}

pub fn each_command_wakes_the_loop() {
    let mailbox = Mailbox::new();
    let threads = ["a", "b"].map(|id| {
        let mailbox = mailbox.clone();
        thread::spawn(move || {
            let (command, result) = respond(id);
            assert!(mailbox.push(command).is_ok());
            assert_eq!(kind(block_on(result).unwrap()), AckErrorKind::Lost);
        })
    });
    take(&mailbox, 2, false).into_iter().for_each(answer);
    for thread in threads {
        thread.join().unwrap();
    }
}

pub fn an_acknowledgement_has_an_outcome_when_the_loop_ends() {
    let mailbox = Mailbox::new();
    let threads: Vec<_> = requests(2, &mailbox)
        .into_iter()
        .map(|request| thread::spawn(move || kind(block_on(request.ack()))))
        .collect();
    let mut taken = Vec::new();
    mailbox.take(&Context::from_waker(Waker::noop()), true, &mut taken);
    let lost = taken.len();
    taken.into_iter().for_each(answer);
    mailbox.close(None);
    let kinds: Vec<_> = threads.into_iter().map(|thread| thread.join().unwrap()).collect();
    assert_eq!(kinds.iter().filter(|&kind| *kind == AckErrorKind::Lost).count(), lost);
    let stopped = kinds.iter().filter(|&kind| *kind == AckErrorKind::Refused(AckRefusal::Stopped));
    assert_eq!(stopped.count(), 2 - lost);
}

pub fn each_drop_wakes_a_loop_that_is_ending() {
    let mailbox = Mailbox::new();
    for request in requests(2, &mailbox) {
        thread::spawn(move || drop(request));
    }
    for command in take(&mailbox, 2, true) {
        assert!(matches!(command, Command::Decline { .. }));
    }
}

pub fn a_drop_is_taken_with_the_next_acknowledgement() {
    let mailbox = Mailbox::new();
    let mut requests = requests(2, &mailbox);
    let thread = thread::spawn(move || {
        drop(requests.pop());
        kind(block_on(requests.pop().unwrap().ack()))
    });
    let mut commands = take(&mailbox, 2, false).into_iter();
    assert!(matches!(commands.next(), Some(Command::Decline { .. })));
    commands.for_each(answer);
    assert_eq!(thread.join().unwrap(), AckErrorKind::Lost);
}

pub fn an_acknowledgement_and_a_drop_of_one_loop_that_ends() {
    let mailbox = Mailbox::new();
    let mut requests = requests(2, &mailbox);
    let (dropped, acknowledged) = (requests.pop(), requests.pop().unwrap());
    let dropping = thread::spawn(move || drop(dropped));
    let acknowledging = thread::spawn(move || kind(block_on(acknowledged.ack())));
    mailbox.close(None);
    dropping.join().unwrap();
    assert_eq!(acknowledging.join().unwrap(), AckErrorKind::Refused(AckRefusal::Stopped));
}

pub fn a_full_mailbox_has_room_once_the_loop_took() {
    let mailbox = Mailbox::new();
    let mut waiting = Vec::new();
    loop {
        let (command, result) = respond("a");
        match mailbox.push(command) {
            Ok(()) => waiting.push(result),
            Err(NotTaken::Full) => break,
            Err(NotTaken::Closed(_)) => panic!("nobody closed it"),
        }
    }
    let threads = ["b", "c"].map(|id| {
        let mailbox = mailbox.clone();
        thread::spawn(move || {
            let (command, result) = respond(id);
            mailbox.push(command).is_ok().then_some(result)
        })
    });
    let mut taken = Vec::new();
    mailbox.take(&Context::from_waker(Waker::noop()), false, &mut taken);
    assert_eq!(taken.len(), waiting.len(), "one too many, or too few");
    let late = threads.map(|thread| thread.join().unwrap()).into_iter().flatten().collect::<Vec<_>>();
    if !late.is_empty() {
        taken.append(&mut take(&mailbox, late.len(), false));
    }
    assert_eq!(taken.len(), waiting.len() + late.len());
    taken.into_iter().for_each(answer);
    for result in waiting.into_iter().chain(late) {
        assert_eq!(kind(block_on(result).unwrap()), AckErrorKind::Lost);
    }
}

/// The loop: it takes a shutdown, and ends.
fn take_a_shutdown_and_end(mailbox: &Mailbox) -> Duration {
    let mut commands = Vec::new();
    let grace = block_on(poll_fn(|cx| match mailbox.take(cx, false, &mut commands) {
        Some(grace) => Poll::Ready(grace),
        None => Poll::Pending,
    }));
    mailbox.close(Some(StopReason::Requested));
    grace
}

pub fn a_shutdown_wakes_the_loop_and_has_an_answer() {
    let mailbox = Mailbox::new();
    let asking = mailbox.clone();
    let thread = thread::spawn(move || {
        asking.shutdown(Duration::from_secs(1));
        block_on(Shutdown::new(asking))
    });
    assert_eq!(take_a_shutdown_and_end(&mailbox), Duration::from_secs(1));
    assert_eq!(thread.join().unwrap(), Some(StopReason::Requested));
}

pub fn the_shortest_grace_is_taken_first_or_last() {
    let mailbox = Mailbox::new();
    let threads = [1, 2].map(|seconds| {
        let mailbox = mailbox.clone();
        thread::spawn(move || mailbox.shutdown(Duration::from_secs(seconds)))
    });
    let take = || mailbox.take(&Context::from_waker(Waker::noop()), false, &mut Vec::new());
    let first = take();
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!([first, take()].into_iter().flatten().min(), Some(Duration::from_secs(1)));
}

pub fn a_shutdown_can_be_awaited_in_another_task() {
    let mailbox = Mailbox::new();
    mailbox.shutdown(Duration::ZERO);
    // The first task polls once and gives it away, with its waker in the mailbox.
    let mut shutdown = Shutdown::new(mailbox.clone());
    let first = thread::spawn(move || {
        let polled = block_on(poll_fn(|cx| Poll::Ready(Pin::new(&mut shutdown).poll(cx))));
        (shutdown, polled)
    });
    let second = thread::spawn(move || match first.join().unwrap() {
        (_, Poll::Ready(reason)) => reason,
        (shutdown, Poll::Pending) => block_on(shutdown),
    });
    take_a_shutdown_and_end(&mailbox);
    assert_eq!(second.join().unwrap(), Some(StopReason::Requested));
}
