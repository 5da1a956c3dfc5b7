//! HTTP, the handshake and the clock.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::uri::Scheme;
use http::{Request, Response, Uri};
use reqwest::redirect::Policy;
use reqwest::{ClientBuilder, Proxy, Upgraded, Url};
use socketmode_driver::net::proxy::Proxies;
use socketmode_driver::net::websocket::{self, Text, opaque_socket};
use socketmode_driver::net::{self, handshake, tls};
use socketmode_driver::protocol::{Instant, SocketUrl};
use socketmode_driver::{Network, Runtime, Transport, TransportError, TransportErrorKind};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::Role;

use super::error::Route;
use crate::transport::spawn;

opaque_socket! {
    /// An open WebSocket.
    pub struct ReqwestSocket(WebSocketStream<Upgraded>);
}

/// tokio's timers and reqwest's HTTP, for the calls and the handshakes: for a client that needs settings of reqwest, such as
/// a resolver or a local address. Feature `reqwest`. Several clients can share one with
/// [`Builder::transport`](crate::Builder::transport).
///
/// Use [`TokioTransport`](crate::TokioTransport) if you do not need such settings. Against a hostile peer this one has fewer
/// limits: only tokio's own budget limits informational answers (1xx), TLS records without data, and what is read without a
/// break. Addresses of one family are tried one after another. Errors of proxies have reqwest's texts. A base URL with
/// `http` is an error behind a proxy, which would see the token.
#[derive(Debug)]
pub struct ReqwestTransport {
    http: reqwest::Client,
    proxies: Arc<Proxies>,
    connect_limit: Duration,
    origin: tokio::time::Instant,
}

impl ReqwestTransport {
    /// Makes a transport with these settings.
    ///
    /// # Errors
    /// There are no root certificates, or a setting is invalid.
    pub fn new(network: &Network) -> Result<Self, TransportError> {
        Self::with_http(network, |builder| builder)
    }

    /// Makes a transport with changes to the HTTP client for which [`Network`] has no setting: a resolver, a local address.
    /// Set proxies in the [`Network`], as errors depend on it. The settings that Socket Mode needs are applied after the
    /// changes: only HTTP/1.1, no redirects, no delay for small packets. Your own TLS configuration must not offer ALPN.
    ///
    /// ```no_run
    /// use socketmode_tokio::with_reqwest::{Builder, ReqwestTransport};
    /// use socketmode_tokio::{Network, TransportError};
    ///
    /// fn from_this_address(builder: Builder) -> Result<Builder, TransportError> {
    ///     let address: std::net::IpAddr = [192, 0, 2, 7].into();
    ///     let transport = ReqwestTransport::with_http(&Network::default(), |http| {
    ///         http.local_address(address)
    ///     })?;
    ///     Ok(builder.transport(transport))
    /// }
    /// ```
    ///
    /// # Errors
    /// There are no root certificates, or the settings or changes are invalid.
    pub fn with_http(
        network: &Network,
        change: impl FnOnce(ClientBuilder) -> ClientBuilder,
    ) -> Result<Self, TransportError> {
        let (proxies, connect_limit) = (Arc::new(Proxies::new(network)?), network.connect_limit()?);
        let mut defaults = ClientBuilder::new()
            .tls_backend_preconfigured(tls::client_config(network)?)
            .connect_timeout(connect_limit)
            .pool_max_idle_per_host(1)
            .pool_idle_timeout(net::KEEP_ALIVE)
            .no_proxy();
        if let Some(proxy) = rule(&proxies)? {
            defaults = defaults.proxy(proxy);
        }
        let http = change(defaults)
            .http1_only()
            .redirect(Policy::none())
            .referer(false)
            .tcp_nodelay(true)
            .build()
            .map_err(|error| TransportError::new(TransportErrorKind::Setup, net::describe(&error)))?;
        let origin = tokio::time::Instant::now();
        Ok(Self { http, proxies, connect_limit, origin })
    }

    fn route(&self, uri: &Uri) -> Result<Route, TransportError> {
        let host = uri.host().unwrap_or_default().to_owned();
        let proxy = self.proxies.proxy_for(uri)?;
        match &proxy {
            // reqwest would send it to the proxy itself, with the token or the ticket in it.
            Some(proxy) if uri.scheme() == Some(&Scheme::HTTP) => {
                let why = "reqwest opens no tunnel for http; use https, or the transport TokioTransport";
                Err(proxy.failed(&host, &why))
            }
            _ => Ok(Route { host, proxy, connect_limit: self.connect_limit }),
        }
    }
}

impl Transport for ReqwestTransport {
    type Text = Text;
    type Socket = ReqwestSocket;

    async fn send(&self, request: Request<Bytes>, limit: usize) -> Result<Response<Bytes>, TransportError> {
        let route = self.route(request.uri())?;
        let explain = |error| route.explain(error);
        let request = reqwest::Request::try_from(request).map_err(explain)?;
        let mut response = self.http.execute(request).await.map_err(explain)?;
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(explain)? {
            if body.len() + chunk.len() > limit {
                return Err(net::too_large(limit));
            }
            body.extend_from_slice(&chunk);
        }
        let mut answer = Response::new(body.freeze());
        *answer.status_mut() = response.status();
        *answer.headers_mut() = std::mem::take(response.headers_mut());
        Ok(answer)
    }

    async fn dial(&self, url: &SocketUrl) -> Result<ReqwestSocket, TransportError> {
        let uri = net::http_uri(url)?;
        let route = self.route(&uri)?;
        let explain = |error| route.explain(error);
        let key = handshake::key();
        let (asked, ()) = handshake::request(uri, &key)?.into_parts();
        let request = self.http.request(asked.method, asked.uri.to_string()).headers(asked.headers);
        let mut response = request.send().await.map_err(explain)?;
        if let Err(error) = handshake::check(response.version(), response.status(), response.headers(), &key)
        {
            let body = tokio::time::timeout(handshake::BODY_WAIT, response.chunk()).await;
            let body = body.ok().and_then(Result::ok).flatten().unwrap_or_default();
            return Err(handshake::with_body(error, &body, url));
        }
        let upgraded = response.upgrade().await.map_err(explain)?;
        let config = Some(websocket::config());
        Ok(ReqwestSocket::new(WebSocketStream::from_raw_socket(upgraded, Role::Client, config).await))
    }

    async fn sleep_until(&self, at: Instant) {
        tokio::time::sleep_until(self.origin + Duration::from_millis(at.as_millis())).await;
    }

    fn now(&self) -> Instant {
        Instant::from_elapsed(self.origin.elapsed())
    }
}

impl Runtime for ReqwestTransport {
    fn with_network(network: &Network) -> Result<Self, TransportError> {
        Self::new(network)
    }

    fn spawn(future: impl Future<Output = ()> + Send + 'static) -> Result<(), TransportError> {
        spawn(future)
    }
}

/// The rule for `https` as reqwest takes it, which knows one set of credentials a rule.
fn rule(proxies: &Arc<Proxies>) -> Result<Option<Proxy>, TransportError> {
    // A proxy that cannot be used is told to each request, before reqwest sees it.
    let Ok(Some(proxy)) = proxies.proxy_for_scheme(&Scheme::HTTPS) else { return Ok(None) };
    let address = Url::parse(&proxy.uri().to_string()).map_err(|_| {
        TransportError::new(TransportErrorKind::Setup, format!("the proxy {proxy} has no usable address"))
    })?;
    let proxies = Arc::clone(proxies);
    let rule = Proxy::custom(move |url| {
        let uri = url.as_str().parse::<Uri>().ok().filter(|uri| uri.scheme() == Some(&Scheme::HTTPS))?;
        proxies.proxy_for(&uri).ok().flatten().map(|_| address.clone())
    });
    Ok(Some(match proxy.authorization() {
        Some(authorization) => rule.custom_http_auth(authorization.clone()),
        None => rule,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};
    use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

    /// What a peer was asked, up to the end of the head.
    async fn head_of(peer: &mut TcpStream) -> String {
        let mut request = Vec::new();
        while !request.ends_with(b"\r\n\r\n") {
            assert!(peer.read_buf(&mut request).await.unwrap() > 0, "the request broke off");
        }
        String::from_utf8(request).unwrap()
    }

    /// What comes of a handshake that is answered with this, and with the right key.
    async fn dialled(answer: &str) -> Result<ReqwestSocket, TransportError> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("ws://{}/link?ticket=1", listener.local_addr().unwrap());
        let serve = async {
            let mut peer = listener.accept().await.unwrap().0;
            let request = head_of(&mut peer).await;
            let key = request.lines().find_map(|line| line.strip_prefix("sec-websocket-key: ")).unwrap();
            let accept = derive_accept_key(key.as_bytes());
            peer.write_all(format!("{answer}\r\nsec-websocket-accept: {accept}\r\n\r\n").as_bytes())
                .await
                .unwrap();
            peer
        };
        let transport = ReqwestTransport::new(&Network::default().no_proxy()).unwrap();
        let url = SocketUrl::parse(&url).unwrap();
        tokio::join!(transport.dial(&url), serve).0
    }

    /// What comes of a request that is answered with this, and what was asked.
    async fn asked(
        transport: &ReqwestTransport,
        limit: usize,
        answer: &str,
    ) -> (Result<Response<Bytes>, TransportError>, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let uri = format!("http://{}/api/x", listener.local_addr().unwrap());
        // Nobody is there for a second request.
        let serve = async move {
            let mut peer = listener.accept().await.unwrap().0;
            let request = head_of(&mut peer).await;
            peer.write_all(answer.as_bytes()).await.unwrap();
            request
        };
        let request = Request::get(uri).body(Bytes::new()).unwrap();
        tokio::join!(transport.send(request, limit), serve)
    }

    #[tokio::test]
    async fn an_error_of_connecting_does_not_show_the_ticket() {
        let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let transport = ReqwestTransport::new(&Network::default().no_proxy()).unwrap();
        let url = SocketUrl::parse(&format!("ws://{nobody}/link?ticket=hidden")).unwrap();
        let error = transport.dial(&url).await.unwrap_err();
        assert_eq!(error.kind(), TransportErrorKind::Connect, "{error}");
        assert!(!format!("{error} {error:?}").contains("hidden"), "{error:?}");
    }

    #[tokio::test]
    async fn a_body_may_have_its_limit_and_not_a_byte_more() {
        let transport = ReqwestTransport::new(&Network::default().no_proxy()).unwrap();
        for (body, fits) in [("123456789", true), ("1234567890", true), ("12345678901", false)] {
            let (length, half) = (body.len(), body.len() - 1);
            let chunks = format!("{half:x}\r\n{}\r\n1\r\n{}\r\n0\r\n\r\n", &body[..half], &body[half..]);
            for answer in [
                format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{body}"),
                format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{chunks}"),
            ] {
                match asked(&transport, 10, &answer).await.0 {
                    Ok(answer) => assert!(fits && *answer.body() == body, "{answer:?}"),
                    Err(error) => assert!(!fits && error.kind() == TransportErrorKind::TooLarge, "{error}"),
                }
            }
        }
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_is_no_answer() {
        let transport = ReqwestTransport::new(&Network::default().no_proxy()).unwrap();
        let answer = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf";
        let error = asked(&transport, 100, answer).await.0.unwrap_err();
        assert_eq!(error.kind(), TransportErrorKind::Io, "{error}");
    }

    #[tokio::test]
    async fn no_change_makes_it_follow_a_redirect() {
        let change = |http: ClientBuilder| http.redirect(Policy::limited(5)).user_agent("changed");
        let transport = ReqwestTransport::with_http(&Network::default().no_proxy(), change).unwrap();
        let answer = "HTTP/1.1 302 Found\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n";
        let (answer, request) = asked(&transport, 10, answer).await;
        assert_eq!(answer.unwrap().status(), 302);
        assert!(request.contains("user-agent: changed"), "{request}");
    }

    #[tokio::test]
    async fn an_old_transport_waits_no_longer_than_a_new_one() {
        let mut transport = ReqwestTransport::new(&Network::default().no_proxy()).unwrap();
        transport.origin = transport.origin.checked_sub(Duration::from_secs(3600)).unwrap();
        let due = transport.sleep_until(transport.now());
        tokio::time::timeout(Duration::from_secs(30), due).await.unwrap();
    }

    #[test]
    fn a_connection_without_time_is_refused_at_the_start() {
        let network = Network::default().no_proxy().connect_timeout(Duration::ZERO);
        assert_eq!(ReqwestTransport::new(&network).unwrap_err().kind(), TransportErrorKind::Setup);
    }

    #[tokio::test]
    async fn an_answer_without_an_upgrade_opens_no_websocket() {
        let complete = "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade";
        dialled(complete).await.unwrap();
        for left_out in ["\r\nupgrade: websocket", "\r\nconnection: Upgrade"] {
            let error = dialled(&complete.replace(left_out, "")).await.unwrap_err();
            assert_eq!(error.kind(), TransportErrorKind::Protocol, "{error}");
            assert!(error.to_string().contains("without an upgrade to a WebSocket"), "{error}");
        }
    }
}
