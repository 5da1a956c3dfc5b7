//! A TCP server on a thread of its own, which ends when it is dropped.

use futures_channel::oneshot;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::thread::{self, JoinHandle};
use tokio::net::{TcpListener, TcpStream};

/// A TCP server on a free port of loopback; its end closes every connection.
#[derive(Debug)]
pub struct Service {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Service {
    /// Serves each connection as a task.
    ///
    /// # Errors
    ///
    /// When the system gives no port or no thread.
    pub fn start<F>(name: &str, mut serve: impl FnMut(TcpStream) -> F + Send + 'static) -> io::Result<Self>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let (stop, mut stopped) = oneshot::channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let run = async move {
            // Where this fails, nobody is served, and the clients see it.
            let Ok(listener) = TcpListener::from_std(listener) else { return };
            loop {
                tokio::select! {
                    _ = &mut stopped => return,
                    accepted = listener.accept() => {
                        // A client that is gone again, or a lack of files that passes.
                        let Ok((tcp, _)) = accepted else { continue };
                        let _ = tcp.set_nodelay(true);
                        tokio::spawn(serve(tcp));
                    }
                }
            }
        };
        let thread = thread::Builder::new().name(name.to_owned()).spawn(move || runtime.block_on(run))?;
        Ok(Self { address, stop: Some(stop), thread: Some(thread) })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        drop(self.stop.take());
        // Had it panicked, its message is on stderr already.
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

/// A connection to a server behind, in which small frames do not wait for each other.
///
/// # Errors
///
/// When nobody listens there.
pub async fn connect(target: SocketAddr) -> io::Result<TcpStream> {
    let tcp = TcpStream::connect(target).await?;
    tcp.set_nodelay(true)?;
    Ok(tcp)
}
