//! A bare client and a bare server, to try the tools themselves with.

use super::authority::{Authority, provider};
use crate::harness::LONG;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use socketmode_simulator::fault::Service;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

pub(super) type TlsStream = StreamOwned<ClientConnection, TcpStream>;

/// A server that sends back what it gets.
pub(super) fn echo() -> Service {
    Service::start("echo", |mut tcp| async move {
        let (mut reader, mut writer) = tcp.split();
        let _ = tokio::io::copy(&mut reader, &mut writer).await;
    })
    .unwrap()
}

pub(super) fn connect(address: SocketAddr) -> TcpStream {
    let tcp = TcpStream::connect(address).unwrap();
    tcp.set_nodelay(true).unwrap();
    tcp.set_read_timeout(Some(LONG)).unwrap();
    tcp
}

/// A client that trusts this authority, and shows who it is where it has a certificate and a key.
pub(super) fn trusting(authority: &Authority, shown: Option<(String, String)>) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.pem().as_bytes()).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots);
    Arc::new(match shown {
        None => config.with_no_client_auth(),
        Some((certificate, key)) => {
            let certificate = CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap();
            let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
            config.with_client_auth_cert(vec![certificate], key).unwrap()
        }
    })
}

/// TLS on a connection; the handshake is over where this succeeds.
pub(super) fn tls(config: &Arc<ClientConfig>, name: &str, mut tcp: TcpStream) -> io::Result<TlsStream> {
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let mut session = ClientConnection::new(Arc::clone(config), name).unwrap();
    while session.is_handshaking() {
        session.complete_io(&mut tcp)?;
    }
    Ok(StreamOwned::new(session, tcp))
}

/// Sends this and reads as much again.
pub(super) fn exchange(stream: &mut (impl Read + Write), text: &str) -> io::Result<String> {
    stream.write_all(text.as_bytes())?;
    stream.flush()?;
    let mut answer = vec![0; text.len()];
    stream.read_exact(&mut answer)?;
    Ok(String::from_utf8(answer).unwrap())
}

/// Waits for what only a look can tell.
pub(super) fn until(what: &str, holds: impl Fn() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < LONG, "waited {LONG:?} for {what}");
        std::thread::sleep(Duration::from_millis(1));
    }
}
