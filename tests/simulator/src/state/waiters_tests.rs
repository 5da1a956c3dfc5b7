use super::{Topic, Waiters};
use futures_channel::oneshot;

#[test]
fn those_who_gave_up_are_forgotten() {
    let mut waiters = Waiters::default();
    let (waiter, waits) = oneshot::channel();
    waiters.register(&Topic::Release, waiter);
    for _ in 0..10 {
        waiters.tidy(&Topic::Release);
        waiters.register(&Topic::Release, oneshot::channel().0);
    }
    assert_eq!(waiters.waiting[&Topic::Release].len(), 2);
    waiters.wake(&Topic::Release);
    drop(waits);
    assert!(waiters.waiting.is_empty() && waiters.take_woken().len() == 2);
}
