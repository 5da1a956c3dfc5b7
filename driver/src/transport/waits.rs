//! Time-outs that do not fire after a stall of the process before the runtime has looked at its sockets.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use socketmode_protocol::Instant;

use super::Transport;

/// A future of the transport.
pub(crate) type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// A deadline that is later than this means a stall. It is more than the granularity of a runtime's timers.
pub(crate) const ON_TIME: Duration = Duration::from_millis(10);
/// The wait for I/O after a stall. It is a timer, because runtimes look at their sockets before they fire a timer. A task that
/// only yields may be polled again before that.
pub(crate) const IO_FIRST: Duration = Duration::from_millis(20);

/// The output of the future, or `None` if it takes longer. After a stall of the process, the future gets a last chance to
/// read what has arrived in the meantime.
pub(crate) async fn within<T: Transport, O>(
    transport: &T,
    time: Duration,
    future: impl Future<Output = O>,
) -> Option<O> {
    let end = transport.now() + time;
    let mut future = pin!(future);
    let output = before(transport.sleep_until(end), future.as_mut()).await;
    let now = transport.now();
    if output.is_some() || now.saturating_since(end) <= ON_TIME {
        return output;
    }
    before(transport.sleep_until(now + IO_FIRST), future).await
}

/// The output of the future, or `None` if the sleep ends first. Then the future is polled once more, as its answer may have
/// arrived in between.
pub(crate) async fn before<O>(
    sleep: impl Future<Output = ()>,
    mut future: Pin<&mut impl Future<Output = O>>,
) -> Option<O> {
    let mut sleep = pin!(sleep);
    poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending if sleep.as_mut().poll(cx).is_pending() => Poll::Pending,
        Poll::Pending => Poll::Ready(match future.as_mut().poll(cx) {
            Poll::Ready(output) => Some(output),
            Poll::Pending => None,
        }),
    })
    .await
}

/// A wait that ends after the runtime has looked at its sockets. Poll it at once.
pub(crate) fn io_first<T: Transport>(transport: &Arc<T>, now: Instant) -> BoxFuture<()> {
    let transport = Arc::clone(transport);
    Box::pin(async move { transport.sleep_until(now + IO_FIRST).await })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[test]
    fn what_comes_as_the_time_runs_out_is_taken() {
        let arrived = Cell::new(false);
        let sleep = poll_fn(|_| {
            arrived.set(true);
            Poll::Ready(())
        });
        let work = poll_fn(|_| if arrived.get() { Poll::Ready("the answer") } else { Poll::Pending });
        assert_eq!(smol::block_on(before(sleep, pin!(work))), Some("the answer"));
    }

    #[test]
    fn what_does_not_come_in_its_time_is_given_up() {
        let never = std::future::pending::<()>();
        assert_eq!(smol::block_on(before(std::future::ready(()), pin!(never))), None);
    }
}
