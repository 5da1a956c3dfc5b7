//! What wakes whom, and what may use the mailbox meanwhile.

use super::*;
use crate::testing::delivering::machine_with;
use crate::testing::wakes::{Wakes, at_its_end, expect_an_end};

/// One that a machine has made.
fn delivery() -> AckToken {
    machine_with([r#"{"type":"events_api","envelope_id":"e"}"#]).unacknowledged("e").unwrap()
}

fn respond(mailbox: &Mailbox) -> Result<(), NotTaken> {
    let (reply, _) = oneshot::channel();
    mailbox.push(Command::Respond { envelope_id: "e".into(), payload: None, reply })
}

#[test]
fn a_loop_that_moved_to_another_task_is_woken_there() {
    let mailbox = Mailbox::new();
    let ((old, before), (new, after)) = (Wakes::task(), Wakes::task());
    for task in [&before, &after] {
        mailbox.take(&Context::from_waker(task), false, &mut Vec::new());
    }
    assert!(respond(&mailbox).is_ok());
    assert_eq!((old.count(), new.count()), (0, 1), "by a command");
    for task in [&after, &before] {
        mailbox.take(&Context::from_waker(task), false, &mut Vec::new());
    }
    mailbox.shutdown(Duration::ZERO);
    assert_eq!((old.count(), new.count()), (1, 1), "by a shutdown");
}

#[test]
fn a_waker_of_the_loop_may_use_the_mailbox_as_it_goes() {
    expect_an_end(|| {
        let mailbox = Mailbox::new();
        let again = mailbox.clone();
        let waker = at_its_end(move || again.shutdown(Duration::ZERO));
        mailbox.take(&Context::from_waker(&waker), false, &mut Vec::new());
        drop(waker);
        mailbox.take(&Context::from_waker(Waker::noop()), false, &mut Vec::new());
    });
}

#[test]
fn a_waker_of_a_shutdown_may_use_the_mailbox_as_it_goes() {
    expect_an_end(|| {
        let mailbox = Mailbox::new();
        let again = mailbox.clone();
        let waker = at_its_end(move || again.shutdown(Duration::ZERO));
        let mut place = None;
        assert_eq!(mailbox.poll_end(&mut place, &Context::from_waker(&waker)), Poll::Pending);
        drop(waker);
        assert_eq!(mailbox.poll_end(&mut place, &Context::from_waker(Waker::noop())), Poll::Pending);
    });
}

#[test]
fn what_waits_at_the_end_may_use_the_mailbox_as_it_goes() {
    expect_an_end(|| {
        let mailbox = Mailbox::new();
        let (reply, mut result) = oneshot::channel();
        // Its drop tells the loop so.
        let handle = AckHandle::new(delivery(), mailbox.clone(), false);
        assert!(mailbox.push(Command::Acknowledge { handle, payload: None, reply }).is_ok());
        mailbox.close(None);
        assert!(result.try_recv().is_err(), "nobody answers any more");
        assert!(matches!(respond(&mailbox), Err(NotTaken::Closed(_))));
    });
}

#[test]
fn so_many_responds_wait_and_the_next_is_refused() {
    let mailbox = Mailbox::new();
    for _ in 0..2 {
        assert!((0..MAX_RESPONDS).all(|_| respond(&mailbox).is_ok()));
        assert!(matches!(respond(&mailbox), Err(NotTaken::Full)));
        let mut commands = Vec::new();
        mailbox.take(&Context::from_waker(Waker::noop()), false, &mut commands);
        assert_eq!(commands.len(), MAX_RESPONDS);
    }
}

#[test]
fn an_answer_that_is_too_long_gives_its_handle_back() {
    let mailbox = Mailbox::new();
    let handle = AckHandle::new(delivery(), mailbox.clone(), false);
    let long = crate::View::modal("a title of twenty-five ch");
    let error = smol::block_on(handle.ack_with(&crate::ViewResponse::push(&long))).unwrap_err();
    assert!(matches!(error.kind(), AckErrorKind::Limit(limit) if limit.path() == "view.title"), "{error}");
    let said = "the answer is not sent: view.title has 25 characters, and Slack accepts 24: shorten it";
    assert!(error.to_string().starts_with(said), "{error}");
    let mut commands = Vec::new();
    mailbox.take(&Context::from_waker(Waker::noop()), false, &mut commands);
    assert!(commands.is_empty(), "nothing was sent");
    drop(error.into_handle().unwrap().ack());
    mailbox.take(&Context::from_waker(Waker::noop()), false, &mut commands);
    assert!(matches!(commands[..], [Command::Acknowledge { payload: None, .. }]));
}
