//! A link goes half-open, is given up, and its path heals: what Slack counts after that.

use crate::harness::{Bot, LONG, Stage, ms, on_each_driver, run_until_dropped};
use serde_json::json;
use socketmode_driver::{Builder, Event, Network, Notice, Runtime};
use socketmode_simulator::fault::{Fault, Relay};
use socketmode_simulator::{Envelope, LinkEnd, Options};
use std::time::Duration;

on_each_driver![
    a_half_open_link_that_heals_is_closed_at_slack,
    a_half_open_link_that_is_full_is_closed_after_what_waits,
    one_that_heals_after_the_shutdown_is_counted_no_more,
    one_that_heals_after_the_drop_is_counted_no_more,
];

/// How long the peer of a healthy link may take to answer a close frame here.
const CLOSE_TIMEOUT: Duration = ms(200);
/// So many answers of so many bytes are more than the system takes for a socket.
const ENVELOPES: usize = 800;
const ANSWER_BYTES: usize = 15_000;

/// A Slack behind a wire, which does not end TCP: that is for the client to do.
struct Wired<R: Runtime> {
    stage: Stage<R>,
    relay: Relay,
}

impl<R: Runtime> Wired<R> {
    fn new() -> Self {
        let options = Options {
            ping_interval: Some(ms(300)),
            close_tcp: false,
            ack_deadline: 3 * LONG,
            ..Options::default()
        };
        let stage = Stage::<R>::new(options);
        let relay = Relay::start(stage.slack.address()).unwrap();
        stage.slack.set_public_origin(&format!("http://{}", relay.address()));
        Self { stage, relay }
    }

    fn builder(&self) -> Builder<R> {
        self.stage.builder_by(&Network::default().no_proxy()).config(|config| {
            config.silence = ms(1_500);
            config.client_ping = Some(ms(400));
            config.close_timeout = CLOSE_TIMEOUT;
        })
    }

    /// The path of the only link dies. Waits until the client has given that link up, has another, and would wait no
    /// longer for a healthy peer to close. Gives what is held.
    async fn dies_and_is_replaced(&self, bot: &mut Bot<R>) -> Vec<usize> {
        let held = self.relay.live();
        assert!(held.iter().all(|&connection| self.relay.strike(connection, Fault::Hold)));
        self.is_replaced(bot).await;
        held
    }

    async fn is_replaced(&self, bot: &mut Bot<R>) {
        bot.until("the end of the link", |event| match event {
            Event::Notice(Notice::Disconnected { reason, .. }) => Some(reason.clone()),
            _ => None,
        })
        .await;
        bot.connected().await;
        self.stage.clock.sleep(3 * CLOSE_TIMEOUT).await;
        let links = self.stage.slack.links();
        assert_eq!(links[0].end, None, "{links:?}");
        assert!(self.stage.slack.connections() >= 2);
    }

    /// The path is there again: Slack hears that its first link is over, and how.
    async fn heals(&self, held: Vec<usize>) -> Option<LinkEnd> {
        held.into_iter().for_each(|connection| self.relay.resume(connection));
        let gone = self.stage.slack.wait_until(LONG, |now| now.links[0].gone_at.is_some());
        gone.await.unwrap().links.remove(0).end
    }
}

async fn a_half_open_link_that_heals_is_closed_at_slack<R: Runtime>() {
    let wired = Wired::<R>::new();
    let (mut bot, _) = wired.stage.connected(wired.builder()).await;
    let held = wired.dies_and_is_replaced(&mut bot).await;
    let end = wired.heals(held).await;
    assert!(matches!(end, Some(LinkEnd::ClosedByClient(Some(_)))), "{end:?}");
    wired.stage.slack.wait_until(LONG, |now| now.connections == 1).await.unwrap();
    bot.ends(LONG).await;
}

/// More waits to be written than the system takes: the close frame comes behind it, when the path takes it.
async fn a_half_open_link_that_is_full_is_closed_after_what_waits<R: Runtime>() {
    let wired = Wired::<R>::new();
    let slack = &wired.stage.slack;
    let builder = wired.builder().queue_capacity(ENVELOPES);
    let (mut bot, first) = wired.stage.connected(builder).await;
    let command = |_| Envelope::new("slash_commands", json!({}));
    let sent: Vec<_> = (0..ENVELOPES).map(|n| slack.send_envelope(command(n))).collect();
    let mut requests = Vec::new();
    for _ in 0..ENVELOPES {
        requests.push(bot.request().await);
    }
    let answer = json!({ "text": "x".repeat(ANSWER_BYTES) }).to_string();
    let held = wired.relay.live();
    assert!(held.iter().all(|&connection| wired.relay.strike(connection, Fault::Hold)));
    for request in requests {
        request.ack_with_json(answer.as_str());
    }
    wired.is_replaced(&mut bot).await;
    // What was not written goes out on the new link.
    let now = slack.wait_until(LONG, |now| now.counters.acks > 0).await.unwrap();
    assert_eq!(now.links[0].acks, 0);
    let end = wired.heals(held).await;
    assert!(matches!(end, Some(LinkEnd::ClosedByClient(Some(_)))), "{end:?}");
    for id in &sent {
        slack.wait_for_ack(id, LONG).await.unwrap();
    }
    println!("{} on {first}, {} in all", slack.links()[0].acks, slack.counters().acks);
    slack.wait_until(LONG, |now| now.connections == 1).await.unwrap();
    bot.ends(LONG).await;
}

/// Whether the close frame is read is a matter of luck here: what Slack has sent meanwhile is answered with a reset.
async fn one_that_heals_after_the_shutdown_is_counted_no_more<R: Runtime>() {
    let wired = Wired::<R>::new();
    let (mut bot, _) = wired.stage.connected(wired.builder()).await;
    let held = wired.dies_and_is_replaced(&mut bot).await;
    // It does not wait for the path.
    bot.ends(LONG).await;
    wired.stage.slack.wait_until(LONG, |now| now.connections == 1).await.unwrap();
    wired.heals(held).await;
    assert_eq!(wired.stage.slack.connections(), 0);
}

async fn one_that_heals_after_the_drop_is_counted_no_more<R: Runtime>() {
    let wired = Wired::<R>::new();
    let (client, events, driver) = wired.builder().build().unwrap();
    let driver = run_until_dropped(driver);
    let mut bot = Bot::new(client, events, wired.stage.clock.clone());
    bot.connected().await;
    let held = wired.dies_and_is_replaced(&mut bot).await;
    drop(driver);
    wired.stage.slack.wait_until(LONG, |now| now.connections == 1).await.unwrap();
    wired.heals(held).await;
    assert_eq!(wired.stage.slack.connections(), 0);
}
