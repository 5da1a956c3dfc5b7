//! A server that takes TLS off and forwards what is inside.

use super::{Authority, Identity};
use rustls::server::Acceptor;
use rustls::{ServerConfig, SupportedProtocolVersion};
use socketmode_simulator::fault::{Service, connect};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use tokio::io::copy_bidirectional;
use tokio::net::TcpStream;
use tokio_rustls::LazyConfigAcceptor;

pub(crate) struct TlsFront {
    service: Service,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    stalls: AtomicBool,
    completed: AtomicUsize,
    failed: AtomicUsize,
}

impl TlsFront {
    pub(crate) fn start(target: SocketAddr, identity: &Identity) -> Self {
        Self::with(target, identity.server_config())
    }

    /// It speaks these versions of TLS alone.
    pub(crate) fn start_speaking(
        target: SocketAddr,
        identity: &Identity,
        versions: &[&'static SupportedProtocolVersion],
    ) -> Self {
        Self::with(target, identity.server_config_of(versions))
    }

    /// Clients must show a certificate of this authority.
    pub(crate) fn start_requiring_client(
        target: SocketAddr,
        identity: &Identity,
        authority: &Authority,
    ) -> Self {
        Self::with(target, identity.server_config_requiring_client(authority))
    }

    fn with(target: SocketAddr, config: Arc<ServerConfig>) -> Self {
        let shared = Arc::<Shared>::default();
        let theirs = Arc::clone(&shared);
        let service = Service::start("tls-front", move |tcp| {
            serve(Arc::clone(&theirs), Arc::clone(&config), tcp, target)
        })
        .unwrap();
        Self { service, shared }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.service.address()
    }

    /// Whether new connections are read and never answered. Those that stall stay so.
    pub(crate) fn stall_handshakes(&self, stall: bool) {
        self.shared.stalls.store(stall, Ordering::SeqCst);
    }

    /// Handshakes that were completed.
    pub(crate) fn handshakes(&self) -> usize {
        self.shared.completed.load(Ordering::SeqCst)
    }

    /// Handshakes that failed on either side, those given up while they stalled among them.
    pub(crate) fn failed_handshakes(&self) -> usize {
        self.shared.failed.load(Ordering::SeqCst)
    }
}

async fn serve(shared: Arc<Shared>, config: Arc<ServerConfig>, tcp: TcpStream, target: SocketAddr) {
    let handshake = async {
        let mut hello = LazyConfigAcceptor::new(Acceptor::default(), tcp).await?;
        if shared.stalls.load(Ordering::SeqCst) {
            // Until the client gives up.
            tokio::io::copy(&mut hello.io, &mut tokio::io::sink()).await?;
        }
        hello.into_stream(config).await
    };
    let Ok(mut stream) = handshake.await else {
        shared.failed.fetch_add(1, Ordering::SeqCst);
        return;
    };
    shared.completed.fetch_add(1, Ordering::SeqCst);
    if let Ok(mut target) = connect(target).await {
        // A connection that breaks off is no error of this server.
        let _ = copy_bidirectional(&mut stream, &mut target).await;
    }
}

#[cfg(test)]
mod tests {
    use crate::harness::ms;
    use crate::network::bare::{connect, echo, exchange, tls, trusting, until};
    use crate::network::{Authority, TlsFront};
    use std::io::ErrorKind;
    use std::net::Shutdown;

    #[test]
    fn bytes_pass_to_the_target_for_who_trusts_the_authority() {
        let (target, authority) = (echo(), Authority::new());
        let front = TlsFront::start(target.address(), &authority.issue(&["slack.test", "127.0.0.1"]));
        for name in ["slack.test", "127.0.0.1"] {
            let mut stream = tls(&trusting(&authority, None), name, connect(front.address())).unwrap();
            assert_eq!(exchange(&mut stream, "hello").unwrap(), "hello");
        }
        assert_eq!((front.handshakes(), front.failed_handshakes()), (2, 0));
    }

    #[test]
    fn unknown_wrong_and_expired_certificates_are_refused() {
        let (target, authority) = (echo(), Authority::new());
        let identities = [
            ("UnknownIssuer", Authority::new().issue(&["slack.test"])),
            ("NotValidForName", authority.issue(&["other.test"])),
            ("Expired", authority.issue_expired(&["slack.test"])),
        ];
        for (reason, identity) in identities {
            let front = TlsFront::start(target.address(), &identity);
            let refused = tls(&trusting(&authority, None), "slack.test", connect(front.address()));
            let error = format!("{:?}", refused.err().unwrap());
            assert!(error.contains(reason), "{error}");
            until("the failure", || front.failed_handshakes() == 1);
        }
    }

    #[test]
    fn a_client_shows_its_certificate_where_one_is_required() {
        let (target, authority) = (echo(), Authority::new());
        let identity = authority.issue(&["slack.test"]);
        let front = TlsFront::start_requiring_client(target.address(), &identity, &authority);
        let client = authority.issue_client("bot");
        let shown = Some((client.certificate_pem(), client.key_pem()));
        let mut known = tls(&trusting(&authority, shown), "slack.test", connect(front.address())).unwrap();
        assert_eq!(exchange(&mut known, "hello").unwrap(), "hello");

        // In TLS 1.3 a client learns of it only when it reads.
        let unknown = tls(&trusting(&authority, None), "slack.test", connect(front.address()));
        assert!(unknown.and_then(|mut stream| exchange(&mut stream, "hello")).is_err());
        until("the failure", || (front.handshakes(), front.failed_handshakes()) == (1, 1));
    }

    #[test]
    fn a_stalled_handshake_ends_with_its_client() {
        let (target, authority) = (echo(), Authority::new());
        let front = TlsFront::start(target.address(), &authority.issue(&["slack.test"]));
        front.stall_handshakes(true);
        let tcp = connect(front.address());
        tcp.set_read_timeout(Some(ms(50))).unwrap();
        let stalled = tls(&trusting(&authority, None), "slack.test", tcp.try_clone().unwrap());
        assert_eq!(stalled.err().unwrap().kind(), ErrorKind::WouldBlock);
        assert_eq!(front.failed_handshakes(), 0);
        tcp.shutdown(Shutdown::Both).unwrap();
        until("the failure", || front.failed_handshakes() == 1);

        front.stall_handshakes(false);
        let mut stream = tls(&trusting(&authority, None), "slack.test", connect(front.address())).unwrap();
        assert_eq!(exchange(&mut stream, "hello").unwrap(), "hello");
    }

    #[test]
    fn its_end_closes_the_connections() {
        let (target, authority) = (echo(), Authority::new());
        let front = TlsFront::start(target.address(), &authority.issue(&["slack.test"]));
        let mut stream = tls(&trusting(&authority, None), "slack.test", connect(front.address())).unwrap();
        drop(front);
        assert!(exchange(&mut stream, "hello").is_err());
    }
}
