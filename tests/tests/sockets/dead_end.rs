//! A server that never answers.

use crate::harness::Clock;
use futures_channel::oneshot;
use socketmode_driver::Runtime;
use std::io::Read;
use std::net::TcpListener;

/// A server that takes one connection and never answers.
pub(crate) struct DeadEnd {
    /// `127.0.0.1:PORT`.
    pub(crate) address: String,
    asked: Option<oneshot::Receiver<()>>,
    closed: oneshot::Receiver<()>,
}

impl DeadEnd {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (ask, asked) = oneshot::channel();
        let (close, closed) = oneshot::channel();
        std::thread::spawn(move || {
            let (mut socket, _) = listener.accept().unwrap();
            let mut buffer = [0; 4096];
            let mut ask = Some(ask);
            // A reset is an end as well.
            while socket.read(&mut buffer).is_ok_and(|bytes| bytes > 0) {
                ask.take().map(|ask| ask.send(()));
            }
            let _ = close.send(());
        });
        Self { address, asked: Some(asked), closed }
    }

    /// Waits for the request that stays without an answer.
    pub(crate) async fn asked<R: Runtime>(&mut self, clock: &Clock<R>) {
        clock.soon("a request", self.asked.take().unwrap()).await.unwrap();
    }

    /// Waits until the client has closed its end.
    pub(crate) async fn closed<R: Runtime>(self, clock: &Clock<R>) {
        clock.soon("the close of the socket", self.closed).await.unwrap();
    }
}
