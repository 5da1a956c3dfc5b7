//! Through a firewall: both the calls and the WebSockets go by a proxy, or not at all.

use crate::firewalled::{Firewalled, HOST, PASSWORD, USER, guarded};
use crate::harness::{Bot, LONG, Stage, ms, on_each_driver};
use crate::network::{Authority, ProxyAnswer, ProxyOptions};
use serde_json::Value;
use socketmode_driver::{BotToken, BuildError, Client, Event, Network, Notice, Runtime, TransportErrorKind};
use socketmode_simulator::Options;
use std::net::Ipv4Addr;
use std::process::Command;

on_each_driver![
    everything_goes_through_a_proxy_with_a_user_and_a_password,
    everything_goes_through_a_proxy_that_speaks_tls_itself,
    a_proxy_sees_no_token_of_a_base_url_with_http,
    a_proxy_that_wants_a_password_says_so_and_shows_none,
    a_proxy_that_refuses_is_named_and_asked_again,
    a_proxy_that_stalls_is_given_up_and_asked_again,
    a_proxy_that_fails_or_talks_nonsense_is_named_and_asked,
    a_proxy_that_cannot_be_reached_is_named,
    a_proxy_that_dies_costs_the_link_and_nothing_else,
    a_proxy_that_cannot_be_used_is_refused_before_anything_runs,
    the_environment_names_the_proxy_and_its_exceptions,
];

async fn everything_goes_through_a_proxy_with_a_user_and_a_password<R: Runtime>() {
    let wall = Firewalled::<R>::new(guarded());
    let network = wall.network().proxy(wall.proxy.url_with(USER, PASSWORD));
    let mut bot = wall.bot(&network);
    bot.connected().await;
    wall.works(&mut bot).await;
    let web = bot.client.web(BotToken::new(&wall.stage.slack.bot_token()).unwrap());
    // A post would come back to the bot, which does not read on.
    let _: Value = wall.stage.clock.soon("the answer", web.call("auth.test", &())).await.unwrap();
    // One for the open call, one for the WebSocket, and one for the Web API.
    let tunnels = wall.proxy.tunnels();
    let to: Vec<_> = tunnels.iter().map(|tunnel| tunnel.authority.as_str()).collect();
    assert_eq!(to, ["slack.test:443"; 3]);
    assert!(tunnels.iter().all(|tunnel| tunnel.bytes_up > 500 && tunnel.bytes_down > 500), "{tunnels:?}");
    // Slack was reached in no other way.
    assert_eq!((wall.front.handshakes(), wall.proxy.refusals()), (3, 0));
    let counters = wall.stage.slack.counters();
    assert_eq!((counters.opens, counters.dials, counters.calls), (1, 1, 1));
    bot.ends(LONG).await;
}

pub(crate) async fn everything_goes_through_a_proxy_that_speaks_tls_itself<R: Runtime>() {
    let authority = Authority::new();
    let identity = Some(authority.issue(&["127.0.0.1"]));
    let wall = Firewalled::<R>::with(authority, ProxyOptions { identity, ..guarded() });
    assert!(wall.proxy.url().starts_with("https://"));
    // Its certificate is checked as well, and the error says whose it was.
    let mut distrustful = wall.bot(&Network::default().proxy(wall.proxy.url_with(USER, PASSWORD)));
    let detail = distrustful.failure().await.to_string();
    assert!(detail.contains("not trusted") && detail.contains("127.0.0.1"), "{detail}");
    distrustful.ends(LONG).await;
    let network = wall.network().proxy(wall.proxy.url_with(USER, PASSWORD));
    let mut bot = wall.bot(&network);
    bot.connected().await;
    wall.works(&mut bot).await;
    assert_eq!(wall.front.handshakes(), wall.proxy.tunnels().len());
    assert_eq!((wall.stage.slack.counters().opens, wall.stage.slack.counters().dials), (1, 1));
    bot.ends(LONG).await;
}

async fn a_proxy_sees_no_token_of_a_base_url_with_http<R: Runtime>() {
    let wall = Firewalled::<R>::new(guarded());
    let network = Network::default().proxy(wall.proxy.url_with(USER, PASSWORD));
    let address = wall.stage.slack.address();
    wall.stage.slack.set_public_origin(&format!("http://{address}"));
    let mut bot = wall.stage.bot(wall.stage.builder_by(&network));
    bot.connected().await;
    wall.works(&mut bot).await;
    let web = bot.client.web(BotToken::new(&wall.stage.slack.bot_token()).unwrap());
    wall.stage.clock.soon("the answer", web.auth_test()).await.unwrap();
    // Tunnels, whose content is nothing to the proxy, and no request in absolute form.
    assert_eq!(wall.proxy.forwarded(), [""; 0]);
    let tunnels = wall.proxy.tunnels();
    assert!(tunnels.iter().all(|tunnel| tunnel.authority == address.to_string()), "{tunnels:?}");
    assert_eq!(tunnels.len(), 3, "{tunnels:?}");
    bot.ends(LONG).await;
}

pub(crate) async fn a_proxy_that_wants_a_password_says_so_and_shows_none<R: Runtime>() {
    let wall = Firewalled::<R>::new(guarded());
    let mut without = wall.bot(&wall.network());
    wall.failure(&mut without, "wants a user and a password").await;
    without.ends(LONG).await;
    let wrong = wall.network().proxy(wall.proxy.url_with("jafar", PASSWORD));
    let mut bot = wall.bot(&wrong);
    wall.failure(&mut bot, "407").await;
    bot.ends(LONG).await;
    assert!(wall.proxy.tunnels().is_empty());
}

pub(crate) async fn a_proxy_that_refuses_is_named_and_asked_again<R: Runtime>() {
    let wall = Firewalled::<R>::new(ProxyOptions::default());
    for status in [403, 502, 503] {
        wall.proxy.answer_next(ProxyAnswer::Status(status));
    }
    let mut bot = wall.bot(&wall.network());
    for _ in 0..3 {
        wall.failure(&mut bot, "refused the tunnel").await;
    }
    bot.connected().await;
    wall.works(&mut bot).await;
    assert_eq!(wall.proxy.refusals(), 3);
    bot.ends(LONG).await;
}

pub(crate) async fn a_proxy_that_stalls_is_given_up_and_asked_again<R: Runtime>() {
    let wall = Firewalled::<R>::new(ProxyOptions::default());
    wall.proxy.answer_next(ProxyAnswer::Stall);
    let mut bot = wall.bot(&wall.network().connect_timeout(ms(1_000)));
    wall.failure(&mut bot, "within 1s").await;
    bot.connected().await;
    bot.ends(LONG).await;
}

pub(crate) async fn a_proxy_that_fails_or_talks_nonsense_is_named_and_asked<R: Runtime>() {
    let wall = Firewalled::<R>::new(ProxyOptions::default());
    wall.proxy.answer_next(ProxyAnswer::Close);
    wall.proxy.answer_next(ProxyAnswer::Garbage);
    let mut bot = wall.bot(&wall.network());
    wall.failure(&mut bot, "the proxy").await;
    wall.failure(&mut bot, "the proxy").await;
    bot.connected().await;
    bot.ends(LONG).await;
}

pub(crate) async fn a_proxy_that_cannot_be_reached_is_named<R: Runtime>() {
    let wall = Firewalled::<R>::new(ProxyOptions::default());
    // Bound and not listened to: nobody else gets the port while it is held.
    let held = ::tokio::net::TcpSocket::new_v4().unwrap();
    held.bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let nobody = held.local_addr().unwrap();
    let mut bot = wall.bot(&wall.network().proxy(format!("http://{nobody}")));
    let detail = bot.failure().await.to_string();
    assert!(detail.contains(&format!("the proxy http://{nobody}")) && detail.contains(HOST), "{detail}");
    bot.ends(LONG).await;
}

async fn a_proxy_that_dies_costs_the_link_and_nothing_else<R: Runtime>() {
    let wall = Firewalled::<R>::new(ProxyOptions::default());
    let mut bot = wall.bot(&wall.network());
    bot.connected().await;
    wall.proxy.cut_all();
    bot.until("the end of the link", |event| {
        matches!(event, Event::Notice(Notice::Disconnected { .. })).then_some(())
    })
    .await;
    bot.connected().await;
    wall.works(&mut bot).await;
    assert!(wall.proxy.tunnels().iter().filter(|tunnel| tunnel.open).count() >= 1);
    bot.ends(LONG).await;
}

pub(crate) async fn a_proxy_that_cannot_be_used_is_refused_before_anything_runs<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    for url in ["", "proxy", "socks5://user:hidden@127.0.0.1:1080", "ftp://user:hidden@127.0.0.1"] {
        let network = Network::default().proxy(url);
        let built = Client::<R>::builder(stage.app_token()).network(network).build();
        match built {
            // A name without a scheme is one of an HTTP proxy, as for curl.
            Ok(_) => assert_eq!(url, "proxy"),
            Err(BuildError::Transport(error)) => {
                assert_eq!(error.kind(), TransportErrorKind::Setup);
                assert!(
                    error.to_string().contains("http://") && !error.to_string().contains("hidden"),
                    "{error}"
                );
            }
            Err(other) => panic!("{other:?}"),
        }
    }
    let both = stage.builder().network(Network::default()).build();
    assert!(matches!(both, Err(BuildError::TwoNetworks)));
}

/// Set in a process that is only there for its environment: the certificate authority to trust.
const CHILD: &str = "SOCKETMODE_TEST_AUTHORITY";

/// Variables can be set for a process alone, so this test starts itself again, with each of them.
pub(crate) async fn the_environment_names_the_proxy_and_its_exceptions<R: Runtime>() {
    if let Ok(authority) = std::env::var(CHILD) {
        return in_an_environment::<R>(&authority).await;
    }
    let wall = Firewalled::<R>::new(guarded());
    let through = wall.proxy.url_with(USER, PASSWORD);
    let secret = format!("https://{HOST}/api/");
    let local = format!("http://{}/api/", wall.stage.slack.address());
    let connects = |base: &str, variables: &[(&str, &str)]| {
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", std::thread::current().name().unwrap()]);
        for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUEST_METHOD"] {
            child.env_remove(name).env_remove(name.to_lowercase());
        }
        child.env(CHILD, wall.authority().pem());
        child.env("SLACK_APP_TOKEN", wall.stage.slack.app_token()).env("SLACK_API_URL", base);
        let child = child.envs(variables.iter().copied()).output().unwrap();
        child.status.success()
    };
    for variable in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        let before = wall.proxy.tunnels().len();
        assert!(connects(&secret, &[(variable, &through)]), "{variable}");
        assert!(wall.proxy.tunnels().len() > before, "{variable}");
    }
    let before = wall.proxy.tunnels().len();
    // The name leads nowhere without the proxy.
    for exception in ["slack.test", "*", ".test"] {
        for variable in ["NO_PROXY", "no_proxy"] {
            assert!(!connects(&secret, &[("HTTPS_PROXY", &through), (variable, exception)]), "{exception}");
        }
    }
    assert!(!connects(&secret, &[("HTTP_PROXY", &through)]), "a proxy for http is none for https");
    assert!(!connects(&secret, &[("ALL_PROXY", "socks5://127.0.0.1:1080")]));
    // This machine itself is reached without one.
    wall.stage.slack.set_public_origin(&format!("http://{}", wall.stage.slack.address()));
    assert!(connects(&local, &[("HTTP_PROXY", "http://127.0.0.1:9"), ("ALL_PROXY", "http://127.0.0.1:9")]));
    assert_eq!((wall.proxy.tunnels().len(), wall.proxy.refusals()), (before, 0));
}

/// Connects with what the environment says, or fails.
async fn in_an_environment<R: Runtime>(authority: &str) {
    let network = Network::default().add_root_certificates(authority);
    let (client, events) = Client::<R>::from_env().unwrap().network(network).connect().unwrap();
    let mut bot = Bot::new(client, events, crate::harness::Clock::new());
    let connected = bot.until("an outcome", |event| match event {
        Event::Notice(Notice::Connected { .. }) => Some(Ok(())),
        Event::Notice(Notice::ConnectionError { error, .. }) => Some(Err(error.to_string())),
        _ => None,
    });
    connected.await.unwrap();
    bot.ends(LONG).await;
}
