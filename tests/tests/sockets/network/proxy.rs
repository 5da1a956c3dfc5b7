//! A forward proxy: tunnels by CONNECT, and plain requests passed on.

use super::Identity;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_channel::oneshot;
use http_body_util::{Either, Full};
use hyper::body::Incoming;
use hyper::header::{HOST, HeaderValue, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use socketmode_simulator::fault::{Service, connect};
use std::collections::{BTreeMap, VecDeque};
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

#[cfg(test)]
mod tests;

pub(crate) struct HttpProxy {
    service: Service,
    shared: Arc<Shared>,
    scheme: &'static str,
}

#[derive(Default)]
pub(crate) struct ProxyOptions {
    /// Host names, and where they really are. Other names than `localhost` are known to nobody, so that
    /// what arrives was resolved here.
    pub(crate) names: BTreeMap<String, SocketAddr>,
    /// The user and the password that clients must send.
    pub(crate) credentials: Option<(String, String)>,
    /// Clients speak TLS with the proxy itself.
    pub(crate) identity: Option<Identity>,
}

/// What becomes of a request whose credentials are right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProxyAnswer {
    /// It is carried.
    Tunnel,
    /// An answer of this status.
    Status(u16),
    /// No answer, ever.
    Stall,
    /// The connection is closed without an answer.
    Close,
    /// Bytes that are no HTTP (below TLS, if the proxy speaks it), then the connection is closed.
    Garbage,
}

/// A tunnel, open or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TunnelRecord {
    /// `host:port`, as the client named it.
    pub(crate) authority: String,
    pub(crate) bytes_up: u64,
    pub(crate) bytes_down: u64,
    pub(crate) open: bool,
}

struct Shared {
    names: BTreeMap<String, SocketAddr>,
    /// The `Proxy-Authorization` that is asked for.
    authorization: Option<String>,
    state: Mutex<State>,
}

struct State {
    next: VecDeque<ProxyAnswer>,
    all: ProxyAnswer,
    tunnels: Vec<Tunnel>,
    forwarded: Vec<String>,
    refusals: usize,
}

struct Tunnel {
    authority: String,
    bytes: Arc<[AtomicU64; 2]>,
    /// Dropping it cuts the tunnel. `None` once the tunnel is closed.
    open: Option<oneshot::Sender<()>>,
}

type Answer = Response<Either<Full<Bytes>, Incoming>>;

impl HttpProxy {
    pub(crate) fn start(options: ProxyOptions) -> Self {
        let ProxyOptions { names, credentials, identity } = options;
        let authorization = credentials
            .map(|(user, password)| format!("Basic {}", STANDARD.encode(format!("{user}:{password}"))));
        let state = State {
            next: VecDeque::new(),
            all: ProxyAnswer::Tunnel,
            tunnels: Vec::new(),
            forwarded: Vec::new(),
            refusals: 0,
        };
        let shared = Arc::new(Shared { names, authorization, state: Mutex::new(state) });
        let scheme = if identity.is_some() { "https" } else { "http" };
        let tls = identity.map(|identity| TlsAcceptor::from(identity.server_config()));
        let theirs = Arc::clone(&shared);
        let service =
            Service::start("http-proxy", move |tcp| serve(Arc::clone(&theirs), tls.clone(), tcp)).unwrap();
        Self { service, shared, scheme }
    }

    pub(crate) fn url(&self) -> String {
        format!("{}://{}", self.scheme, self.service.address())
    }

    pub(crate) fn url_with(&self, user: &str, password: &str) -> String {
        let [user, password] = [user, password].map(|text| utf8_percent_encode(text, NON_ALPHANUMERIC));
        format!("{}://{user}:{password}@{}", self.scheme, self.service.address())
    }

    /// The answer to the next request that has none yet.
    pub(crate) fn answer_next(&self, answer: ProxyAnswer) {
        self.shared.state.lock().unwrap().next.push_back(answer);
    }

    /// The answer to all requests that have none of their own.
    pub(crate) fn answer_all(&self, answer: ProxyAnswer) {
        self.shared.state.lock().unwrap().all = answer;
    }

    /// The tunnels, oldest first.
    pub(crate) fn tunnels(&self) -> Vec<TunnelRecord> {
        self.shared.state.lock().unwrap().tunnels.iter().map(Tunnel::record).collect()
    }

    /// The hosts of the plain requests that were passed on, oldest first.
    pub(crate) fn forwarded(&self) -> Vec<String> {
        self.shared.state.lock().unwrap().forwarded.clone()
    }

    /// Requests that were not carried: by order, for want of credentials or of TLS, or because
    /// nobody was there.
    pub(crate) fn refusals(&self) -> usize {
        self.shared.state.lock().unwrap().refusals
    }

    /// Closes the tunnels that are open, in the middle of whatever they carry.
    pub(crate) fn cut_all(&self) {
        self.shared.state.lock().unwrap().tunnels.iter_mut().for_each(|tunnel| tunnel.open = None);
    }
}

async fn serve(shared: Arc<Shared>, tls: Option<TlsAcceptor>, tcp: TcpStream) {
    // A second handle, for answers that are no HTTP.
    let raw = tcp.into_std().unwrap();
    let tcp = TcpStream::from_std(raw.try_clone().unwrap()).unwrap();
    match tls {
        None => shared.http(tcp, raw).await,
        // A client that breaks off is no error of the proxy.
        Some(tls) => match tls.accept(tcp).await {
            Ok(stream) => shared.http(stream, raw).await,
            Err(_) => shared.state.lock().unwrap().refusals += 1,
        },
    }
}

impl Shared {
    async fn http<S>(self: Arc<Self>, stream: S, raw: std::net::TcpStream)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let raw = Arc::new(raw);
        let service = service_fn(move |request| Arc::clone(&self).answer(request, Arc::clone(&raw)));
        let connection = hyper::server::conn::http1::Builder::new()
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades();
        let _ = connection.await;
    }

    async fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
        raw: Arc<std::net::TcpStream>,
    ) -> io::Result<Answer> {
        let shown = request.headers().get(PROXY_AUTHORIZATION).map(HeaderValue::as_bytes);
        let answer = match &self.authorization {
            Some(asked) if shown != Some(asked.as_bytes()) => ProxyAnswer::Status(407),
            _ => self.next_answer(),
        };
        if answer != ProxyAnswer::Tunnel {
            self.state.lock().unwrap().refusals += 1;
        }
        match answer {
            ProxyAnswer::Tunnel => match Arc::clone(&self).carry(request).await {
                Ok(answer) => Ok(answer),
                Err(_) => {
                    self.state.lock().unwrap().refusals += 1;
                    Ok(status(502))
                }
            },
            ProxyAnswer::Status(code) => Ok(status(code)),
            ProxyAnswer::Stall => std::future::pending().await,
            ProxyAnswer::Close => Err(io::ErrorKind::ConnectionAborted.into()),
            ProxyAnswer::Garbage => {
                raw.as_ref().write_all(b"\x00\xff no proxy \xfe\x01\r\n\r\n")?;
                Err(io::ErrorKind::InvalidData.into())
            }
        }
    }

    fn next_answer(&self) -> ProxyAnswer {
        let mut state = self.state.lock().unwrap();
        let all = state.all;
        state.next.pop_front().unwrap_or(all)
    }

    async fn carry(self: Arc<Self>, request: Request<Incoming>) -> io::Result<Answer> {
        let authority = request.uri().authority().ok_or(io::ErrorKind::InvalidInput)?.to_string();
        let target = connect(self.place(request.uri())?).await?;
        if request.method() != Method::CONNECT {
            self.state.lock().unwrap().forwarded.push(authority);
            return forward(request, target).await.map_err(io::Error::other);
        }
        // On record before the client can know of it.
        let (open, cut) = oneshot::channel();
        let bytes = Arc::new([AtomicU64::new(0), AtomicU64::new(0)]);
        let index = {
            let tunnels = &mut self.state.lock().unwrap().tunnels;
            tunnels.push(Tunnel { authority, bytes: Arc::clone(&bytes), open: Some(open) });
            tunnels.len() - 1
        };
        tokio::spawn(async move {
            // A client that is gone again has no tunnel.
            if let Ok(client) = hyper::upgrade::on(request).await {
                tunnel(TokioIo::new(client), target, &bytes, cut).await;
            }
            self.state.lock().unwrap().tunnels[index].open = None;
        });
        Ok(status(200))
    }

    /// Where a URI leads.
    fn place(&self, uri: &Uri) -> io::Result<SocketAddr> {
        let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
        if let Some(address) = self.names.get(host) {
            return Ok(*address);
        }
        let ip = match host {
            "localhost" => IpAddr::V4(Ipv4Addr::LOCALHOST),
            host => host.parse().map_err(io::Error::other)?,
        };
        Ok(SocketAddr::new(ip, uri.port_u16().unwrap_or(80)))
    }
}

impl Tunnel {
    fn record(&self) -> TunnelRecord {
        let [bytes_up, bytes_down] = [0, 1].map(|way: usize| self.bytes[way].load(Ordering::SeqCst));
        TunnelRecord { authority: self.authority.clone(), bytes_up, bytes_down, open: self.open.is_some() }
    }
}

/// Carries bytes, up and down, until the end of both directions or the cut.
async fn tunnel(
    client: impl AsyncRead + AsyncWrite,
    target: TcpStream,
    [up, down]: &[AtomicU64; 2],
    cut: oneshot::Receiver<()>,
) {
    let (client_reader, client_writer) = tokio::io::split(client);
    let (target_reader, target_writer) = target.into_split();
    // Where one direction fails, the other is of no use.
    let both = async {
        tokio::try_join!(copy(client_reader, target_writer, up), copy(target_reader, client_writer, down))
    };
    tokio::select! {
        _ = both => {}
        _ = cut => {}
    }
}

/// Passes a plain request on, as a client of the server it is for.
async fn forward(mut request: Request<Incoming>, target: TcpStream) -> hyper::Result<Answer> {
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(target)).await?;
    tokio::spawn(connection);
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str()).to_owned();
    if let Some(host) = request.uri().authority().and_then(|host| host.as_str().parse().ok()) {
        request.headers_mut().insert(HOST, host);
    }
    for name in ["proxy-authorization", "proxy-connection", "connection"] {
        request.headers_mut().remove(name);
    }
    *request.uri_mut() = path.parse().unwrap();
    Ok(sender.send_request(request).await?.map(Either::Right))
}

/// Copies until the end, which it passes on. What has arrived is counted.
async fn copy(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    count: &AtomicU64,
) -> io::Result<()> {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let bytes = from.read(&mut buffer).await?;
        if bytes == 0 {
            return to.shutdown().await;
        }
        count.fetch_add(bytes as u64, Ordering::SeqCst);
        to.write_all(&buffer[..bytes]).await?;
        to.flush().await?;
    }
}

fn status(code: u16) -> Answer {
    let mut answer = Response::new(Either::Left(Full::default()));
    *answer.status_mut() = StatusCode::from_u16(code).unwrap();
    if code == 407 {
        let challenge = HeaderValue::from_static("Basic realm=\"tests\"");
        answer.headers_mut().insert(PROXY_AUTHENTICATE, challenge);
    }
    answer
}
