//! Certificates: whom the client trusts, whom it shows itself to, and what it says when it does not.

use crate::harness::{Bot, LONG, Stage, ms, on_each_driver};
use crate::network::{Authority, Identity, TlsFront};
use serde_json::{Value, json};
use socketmode_driver::{
    BotToken, BuildError, Client, Event, Network, Notice, Roots, Runtime, TransportErrorKind, WebError,
};
use socketmode_protocol::ConnectionError;
use socketmode_simulator::{CHANNEL, Options, PERSON};

on_each_driver![
    a_private_authority_is_trusted_once_it_is_named,
    an_unknown_authority_is_refused_and_the_error_says_so,
    a_certificate_for_another_host_is_an_error_that_says_so,
    an_expired_certificate_is_refused_and_the_error_says_so,
    a_server_that_speaks_one_version_of_tls_is_good_enough,
    a_client_certificate_is_shown_to_a_server_that_asks_for_one,
    a_tls_handshake_that_stalls_is_given_up_and_made_again,
    a_call_of_the_web_api_checks_the_certificate_as_well,
    unreadable_certificates_are_refused_before_anything_runs,
];

/// A Slack at `https://localhost:PORT`, whose calls and WebSockets may have different certificates.
struct Encrypted<R: Runtime> {
    stage: Stage<R>,
    authority: Authority,
    calls: TlsFront,
    sockets: TlsFront,
}

impl<R: Runtime> Encrypted<R> {
    fn new() -> Self {
        let authority = Authority::new();
        let identity = authority.issue(&["localhost"]);
        Self::with(authority, &identity, &identity)
    }

    fn with(authority: Authority, of_calls: &Identity, of_sockets: &Identity) -> Self {
        let stage = Stage::<R>::new(Options::default());
        let calls = TlsFront::start(stage.slack.address(), of_calls);
        let sockets = TlsFront::start(stage.slack.address(), of_sockets);
        stage.slack.set_public_origin(&origin(&sockets));
        Self { stage, authority, calls, sockets }
    }

    /// Direct, and trusting the authority.
    fn network(&self) -> Network {
        Network::default().no_proxy().add_root_certificates(self.authority.pem())
    }

    fn bot(&self, network: &Network) -> Bot<R> {
        let builder = self.stage.builder_by(network).base_url(format!("{}/api/", origin(&self.calls)));
        self.stage.bot(builder)
    }
}

fn origin(front: &TlsFront) -> String {
    format!("https://localhost:{}", front.address().port())
}

/// A client on this network sees an attempt fail for this certificate, once for its call and once for its WebSocket, with
/// an error that names the host and says all this; and Slack does not hear of it.
async fn is_refused<R: Runtime>(
    network: impl Fn(&Encrypted<R>) -> Network,
    identity: impl Fn(&Authority) -> Identity,
    says: &[&str],
) {
    let check = |detail: &str| {
        for word in says.iter().chain(&["localhost"]) {
            assert!(detail.contains(word), "{detail:?} does not say {word:?}");
        }
    };
    let authority = Authority::new();
    let (good, bad) = (authority.issue(&["localhost"]), identity(&authority));
    let slack = Encrypted::<R>::with(authority, &bad, &good);
    let mut bot = slack.bot(&network(&slack));
    match bot.failure().await {
        ConnectionError::OpenFailed(detail) => check(&detail.to_string()),
        other => panic!("{other:?}"),
    }
    assert_eq!(slack.stage.slack.counters().opens, 0);
    bot.ends(LONG).await;

    let authority = Authority::new();
    let (good, bad) = (authority.issue(&["localhost"]), identity(&authority));
    let slack = Encrypted::<R>::with(authority, &good, &bad);
    // The call has to succeed for this one.
    let trusting = network(&slack).add_root_certificates(slack.authority.pem());
    let mut bot = slack.bot(&trusting);
    match bot.failure().await {
        ConnectionError::DialFailed(detail) => check(&detail.to_string()),
        other => panic!("{other:?}"),
    }
    assert_eq!(slack.stage.slack.counters().dials, 0);
    bot.ends(LONG).await;
}

async fn a_private_authority_is_trusted_once_it_is_named<R: Runtime>() {
    let slack = Encrypted::<R>::new();
    let mut bot = slack.bot(&slack.network());
    bot.connected().await;
    let id = slack.stage.slack.say(PERSON, CHANNEL, "in private");
    slack.stage.clock.soon("the outcome", bot.request().await.ack()).await.unwrap();
    slack.stage.slack.wait_for_ack(&id, LONG).await.unwrap();
    // The call and the link went through TLS, each on its own.
    assert_eq!((slack.calls.handshakes(), slack.sockets.handshakes()), (1, 1));
    bot.ends(LONG).await;
}

pub(crate) async fn an_unknown_authority_is_refused_and_the_error_says_so<R: Runtime>() {
    // An authority of the same name that nobody here knows.
    let stranger = |_: &Authority| Authority::new().issue(&["localhost"]);
    is_refused::<R>(Encrypted::network, stranger, &["not trusted", "add_root_certificates"]).await;
}

async fn a_certificate_for_another_host_is_an_error_that_says_so<R: Runtime>() {
    let elsewhere = |authority: &Authority| authority.issue(&["elsewhere.test"]);
    is_refused::<R>(Encrypted::network, elsewhere, &["another host", "elsewhere.test"]).await;
}

async fn an_expired_certificate_is_refused_and_the_error_says_so<R: Runtime>() {
    let expired = |authority: &Authority| authority.issue_expired(&["localhost"]);
    is_refused::<R>(Encrypted::network, expired, &["has expired", "clock"]).await;
}

async fn a_server_that_speaks_one_version_of_tls_is_good_enough<R: Runtime>() {
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let mut slack = Encrypted::<R>::new();
        let (target, identity) = (slack.stage.slack.address(), slack.authority.issue(&["localhost"]));
        slack.calls = TlsFront::start_speaking(target, &identity, &[version]);
        slack.sockets = TlsFront::start_speaking(target, &identity, &[version]);
        slack.stage.slack.set_public_origin(&origin(&slack.sockets));
        let mut bot = slack.bot(&slack.network());
        let outcome = |event: &Event| match event {
            Event::Notice(Notice::Connected { .. }) => Some(Ok(())),
            Event::Notice(Notice::ConnectionError { error, .. }) => Some(Err(error.to_string())),
            _ => None,
        };
        bot.until("an outcome", outcome).await.unwrap();
        assert_eq!((slack.calls.handshakes(), slack.sockets.handshakes()), (1, 1));
        bot.ends(LONG).await;
    }
}

pub(crate) async fn a_client_certificate_is_shown_to_a_server_that_asks_for_one<R: Runtime>() {
    let mut slack = Encrypted::<R>::new();
    let identity = slack.authority.issue(&["localhost"]);
    let target = slack.stage.slack.address();
    slack.calls = TlsFront::start_requiring_client(target, &identity, &slack.authority);
    slack.sockets = TlsFront::start_requiring_client(target, &identity, &slack.authority);
    slack.stage.slack.set_public_origin(&origin(&slack.sockets));

    let mut without = slack.bot(&slack.network());
    let error = without.failure().await;
    assert!(matches!(&error, ConnectionError::OpenFailed(_)), "{error:?}");
    let detail = error.to_string();
    assert!(detail.contains("localhost") && detail.contains("client certificate"), "{detail}");
    without.ends(LONG).await;

    let mine = slack.authority.issue_client("bot");
    let network = slack.network().client_certificate(mine.certificate_pem(), mine.key_pem());
    let mut bot = slack.bot(&network);
    bot.connected().await;
    assert_eq!((slack.calls.handshakes(), slack.sockets.handshakes()), (1, 1));
    bot.ends(LONG).await;
}

pub(crate) async fn a_tls_handshake_that_stalls_is_given_up_and_made_again<R: Runtime>() {
    let slack = Encrypted::<R>::new();
    slack.calls.stall_handshakes(true);
    let mut bot = slack.bot(&slack.network().connect_timeout(ms(400)));
    let detail = bot.failure().await.to_string();
    assert!(detail.contains("localhost") && detail.contains("within 400ms"), "{detail}");
    slack.sockets.stall_handshakes(true);
    slack.calls.stall_handshakes(false);
    let error = loop {
        match bot.failure().await {
            // Attempts that were under way.
            ConnectionError::OpenFailed(_) => {}
            other => break other,
        }
    };
    assert!(
        matches!(&error, ConnectionError::DialFailed(detail) if detail.to_string().contains("within 400ms")),
        "{error}"
    );
    slack.sockets.stall_handshakes(false);
    bot.connected().await;
    bot.ends(LONG).await;
}

async fn a_call_of_the_web_api_checks_the_certificate_as_well<R: Runtime>() {
    let slack = Encrypted::<R>::new();
    let token = BotToken::new(&slack.stage.slack.bot_token()).unwrap();
    let message = json!({ "channel": CHANNEL, "text": "hello" });
    let trusting = slack.bot(&slack.network());
    let call = trusting.client.web(token.clone());
    let _: Value =
        slack.stage.clock.soon("the answer", call.call("chat.postMessage", &message)).await.unwrap();
    trusting.ends(LONG).await;

    let distrustful = slack.bot(&Network::default().no_proxy());
    let call = distrustful.client.web(token);
    let answer = slack.stage.clock.soon("the answer", call.call::<Value>("chat.postMessage", &message)).await;
    match answer {
        Err(WebError::Transport(error)) => {
            assert_eq!(error.kind(), TransportErrorKind::Tls);
            assert!(error.to_string().contains("localhost"), "{error}");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(slack.stage.slack.counters().calls, 1);
    distrustful.ends(LONG).await;
}

async fn unreadable_certificates_are_refused_before_anything_runs<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let refused = |network: Network, says: &str| {
        let builder = Client::<R>::builder(stage.app_token()).base_url(stage.slack.api_url());
        match builder.network(network).build() {
            Err(BuildError::Transport(error)) => {
                assert_eq!(error.kind(), TransportErrorKind::Setup);
                assert!(error.to_string().contains(says), "{error}");
            }
            other => panic!("{other:?}"),
        }
    };
    let mine = Authority::new().issue_client("bot");
    refused(Network::default().add_root_certificates("no PEM"), "add_root_certificates");
    refused(Network::default().roots(Roots::AddedOnly), "no certificate authority");
    refused(Network::default().client_certificate("", mine.key_pem()), "client_certificate");
    refused(Network::default().client_certificate(mine.certificate_pem(), "no key"), "private key");
    let other = Authority::new().issue_client("another");
    refused(
        Network::default().client_certificate(mine.certificate_pem(), other.key_pem()),
        "client_certificate",
    );
    assert_eq!(stage.slack.counters().opens, 0);
}
