//! The transport over a reqwest client: that it works at all, by the ways that it has of its own.

use crate::firewalled::{Firewalled, PASSWORD, USER, guarded};
use crate::harness::{LONG, Stage, ms, on_tokio};
use socketmode_driver::{Event, Network, Notice, Transport};
use socketmode_protocol::{ConnectionError, SocketUrl};
use socketmode_simulator::{CHANNEL, OpenAnswer, Options, PERSON};
use socketmode_tokio::with_reqwest::ReqwestTransport;
use std::io::Read;
use std::net::TcpListener;

/// Scenarios of the other transports in which this one goes a way of its own.
macro_rules! as_the_others {
    ($($module:ident::$scenario:ident),+ $(,)?) => {
        mod as_the_others {
            $(
                #[test]
                fn $scenario() {
                    super::on_tokio(crate::$module::$scenario::<super::ReqwestTransport>());
                }
            )+
        }
    };
}

as_the_others![
    proxies::everything_goes_through_a_proxy_that_speaks_tls_itself,
    proxies::a_proxy_that_wants_a_password_says_so_and_shows_none,
    proxies::a_proxy_that_refuses_is_named_and_asked_again,
    proxies::a_proxy_that_stalls_is_given_up_and_asked_again,
    proxies::a_proxy_that_fails_or_talks_nonsense_is_named_and_asked,
    proxies::a_proxy_that_cannot_be_reached_is_named,
    proxies::a_proxy_that_cannot_be_used_is_refused_before_anything_runs,
    proxies::the_environment_names_the_proxy_and_its_exceptions,
    tls::an_unknown_authority_is_refused_and_the_error_says_so,
    tls::a_client_certificate_is_shown_to_a_server_that_asks_for_one,
    tls::a_tls_handshake_that_stalls_is_given_up_and_made_again,
    opening::an_answer_of_100_megabytes_is_not_read_to_its_end,
    link_failures::what_comes_with_the_opening_answer_is_read,
];

#[test]
fn it_connects_acknowledges_and_rotates() {
    on_tokio(async {
        let stage = Stage::<ReqwestTransport>::new(Options { rotation_grace: ms(700), ..Options::default() });
        let (mut bot, link) = stage.connected(stage.builder()).await;
        for text in ["before", "after"] {
            let id = stage.slack.say(PERSON, CHANNEL, text);
            stage.clock.soon("the outcome", bot.request().await.ack()).await.unwrap();
            stage.slack.wait_for_ack(&id, LONG).await.unwrap();
            if text == "before" {
                stage.slack.rotate(link).unwrap();
                let ended =
                    |event: &Event| matches!(event, Event::Notice(Notice::Disconnected { .. })).then_some(());
                bot.until("the end of the old link", ended).await;
            }
        }
        assert_eq!(stage.slack.counters().hellos, 2);
        bot.ends(LONG).await;
    });
}

#[test]
fn it_hands_on_the_headers_of_an_answer() {
    on_tokio(async {
        let stage = Stage::<ReqwestTransport>::new(Options::default());
        stage.slack.all_opens(Some(OpenAnswer::RateLimited { retry_after_secs: 3600 }));
        let mut bot = stage.bot(stage.builder());
        let wait = |event: &Event| match event {
            Event::Notice(Notice::ConnectionError { retry_in, .. }) => Some(*retry_in),
            _ => None,
        };
        let retry_in = bot.until("a failed attempt", wait).await;
        assert!(retry_in >= ms(3_600_000), "{retry_in:?}");
        bot.ends(LONG).await;
    });
}

#[test]
fn no_error_after_connecting_shows_the_ticket() {
    on_tokio(async {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            let (mut socket, _) = listener.accept().unwrap();
            assert!(socket.read(&mut [0; 4096]).unwrap() > 0, "a request");
        });
        let transport = ReqwestTransport::new(&Network::default().no_proxy()).unwrap();
        let url = SocketUrl::parse(&format!("ws://{address}/link/?ticket=the-ticket")).unwrap();
        let Err(error) = transport.dial(&url).await else { panic!("the peer breaks off") };
        let shown = format!("{error} {error:?}");
        assert!(!shown.contains("the-ticket"), "{shown}");
    });
}

#[test]
fn it_goes_through_a_proxy_with_a_password() {
    on_tokio(async {
        let wall = Firewalled::<ReqwestTransport>::new(guarded());
        let mut bot = wall.bot(&wall.network().proxy(wall.proxy.url_with(USER, PASSWORD)));
        bot.connected().await;
        wall.works(&mut bot).await;
        assert!(!wall.proxy.tunnels().is_empty());
        bot.ends(LONG).await;
    });
}

#[test]
fn it_sends_no_token_to_a_proxy_in_clear() {
    on_tokio(async {
        let wall = Firewalled::<ReqwestTransport>::new(guarded());
        let network = Network::default().proxy(wall.proxy.url_with(USER, PASSWORD));
        let plain = format!("http://{}/api/", wall.stage.slack.address());
        let mut bot = wall.stage.bot(wall.stage.builder_by(&network).base_url(plain));
        let error = bot.failure().await;
        assert!(
            matches!(&error, ConnectionError::OpenFailed(detail) if detail.to_string().contains("no tunnel")),
            "{error:?}"
        );
        assert!(wall.proxy.forwarded().is_empty());
        bot.ends(LONG).await;
    });
}
