//! TCP and names, with tokio.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::task::Context;
use std::time::Duration;

use socketmode_driver::net::Sockets;
use tokio::net::{TcpStream, lookup_host};
use tokio_util::compat::{Compat, TokioAsyncReadCompatExt};

/// tokio's sockets and timers.
pub(crate) struct Tokio;

impl Sockets for Tokio {
    type Stream = Compat<TcpStream>;

    async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        Ok(lookup_host((host, port)).await?.collect())
    }

    async fn connect(&self, address: SocketAddr) -> io::Result<Self::Stream> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(stream.compat())
    }

    async fn sleep(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }

    fn yield_now(cx: &mut Context<'_>) {
        // A task that wakes itself keeps a runtime of one thread from its timers and sockets for 61 polls. This one is
        // woken once tokio has looked at them; tokio promises no order, and without it only that would be lost.
        let _ = pin!(tokio::task::yield_now()).poll(cx);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::poll_fn;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Poll;

    #[tokio::test]
    async fn small_packets_are_not_held_back() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let stream = Tokio.connect(listener.local_addr().unwrap()).await.unwrap();
        assert!(stream.get_ref().nodelay().unwrap());
    }

    #[tokio::test]
    async fn a_sleep_has_its_length() {
        let (start, time) = (std::time::Instant::now(), Duration::from_millis(20));
        Tokio.sleep(time).await;
        assert!(start.elapsed() >= time);
    }

    #[tokio::test]
    async fn an_address_resolves_to_itself() {
        assert_eq!(Tokio.resolve("127.0.0.1", 443).await.unwrap(), ["127.0.0.1:443".parse().unwrap()]);
    }

    #[test]
    fn timers_fire_between_the_polls_of_a_task_that_yields() {
        let polls = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&polls);
        let busy = poll_fn(move |cx| {
            count.fetch_add(1, Ordering::Relaxed);
            // Longer than the timer.
            std::thread::sleep(Duration::from_millis(2));
            Tokio::yield_now(cx);
            Poll::<()>::Pending
        });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let most = runtime.block_on(async {
            tokio::spawn(busy);
            let mut most = 0;
            for _ in 0..3 {
                let before = polls.load(Ordering::Relaxed);
                tokio::time::sleep(Duration::from_millis(1)).await;
                most = most.max(polls.load(Ordering::Relaxed) - before);
            }
            most
        });
        // 61 for one that wakes itself.
        assert!(most <= 5, "{most} polls");
    }
}
