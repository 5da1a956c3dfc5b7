//! What the network does to the bytes: records cut in two, one byte at a time, bursts.

use crate::harness::{Bot, LONG, Stage, ms, on_each_driver};
use crate::network::{Authority, TlsFront};
use socketmode_driver::{Event, Network, Notice, Runtime};
use socketmode_simulator::fault::Relay;
use socketmode_simulator::{CHANNEL, Options, PERSON, RawFrame};

on_each_driver![
    a_tls_record_that_is_cut_costs_the_link_and_nothing_else,
    a_reset_in_a_tls_record_costs_the_link_and_nothing_else,
    bytes_that_come_one_by_one_are_as_good_as_any,
    fragments_with_pings_between_them_are_one_message,
    ten_thousand_pings_are_answered_and_hold_up_nothing,
    a_burst_of_1024_envelopes_is_delivered_and_acknowledged,
];

/// A Slack behind TLS, with a faulty wire before it.
struct Wired<R: Runtime> {
    stage: Stage<R>,
    network: Network,
    relay: Relay,
    _front: TlsFront,
}

impl<R: Runtime> Wired<R> {
    fn new() -> Self {
        // Slack sends again what it sent into a link that broke.
        let stage = Stage::<R>::new(Options { ack_deadline: ms(500), ..Options::default() });
        let authority = Authority::new();
        let front = TlsFront::start(stage.slack.address(), &authority.issue(&["localhost"]));
        let relay = Relay::start(front.address()).unwrap();
        stage.slack.set_public_origin(&format!("https://localhost:{}", relay.address().port()));
        let network = Network::default().no_proxy().add_root_certificates(authority.pem());
        Self { stage, network, relay, _front: front }
    }

    fn bot(&self) -> Bot<R> {
        self.stage.bot(self.stage.builder_by(&self.network))
    }
}

async fn a_link_that_breaks_in_a_record<R: Runtime>(break_it: impl Fn(&Relay)) {
    let wired = Wired::<R>::new();
    let mut bot = wired.bot();
    bot.connected().await;
    break_it(&wired.relay);
    wired.stage.slack.say(PERSON, CHANNEL, "cut in two");
    bot.until("the end of the link", |event| {
        matches!(event, Event::Notice(Notice::Disconnected { .. })).then_some(())
    })
    .await;
    assert_eq!(wired.relay.cuts(), 1);
    bot.connected().await;
    // It comes again, and whole.
    let request = bot.request().await;
    assert!(request.payload_json().contains("cut in two"));
    wired.stage.clock.soon("the outcome", request.ack()).await.unwrap();
    bot.ends(LONG).await;
}

async fn a_tls_record_that_is_cut_costs_the_link_and_nothing_else<R: Runtime>() {
    a_link_that_breaks_in_a_record::<R>(Relay::cut_next_record).await;
}

async fn a_reset_in_a_tls_record_costs_the_link_and_nothing_else<R: Runtime>() {
    a_link_that_breaks_in_a_record::<R>(Relay::reset_next_record).await;
}

async fn bytes_that_come_one_by_one_are_as_good_as_any<R: Runtime>() {
    let wired = Wired::<R>::new();
    // From the first byte on: the handshakes, the answer of the call, the hello.
    wired.relay.trickle(true);
    let mut bot = wired.bot();
    bot.connected().await;
    let id = wired.stage.slack.say(PERSON, CHANNEL, "letter by letter");
    let request = bot.request().await;
    assert!(request.payload_json().contains("letter by letter"));
    wired.stage.clock.soon("the outcome", request.ack()).await.unwrap();
    wired.stage.slack.wait_for_ack(&id, LONG).await.unwrap();
    assert!(wired.relay.trickled() > 1_000);
    bot.ends(LONG).await;
}

async fn fragments_with_pings_between_them_are_one_message<R: Runtime>() {
    let stage = Stage::<R>::new(Options::default());
    let (mut bot, link) = stage.connected(stage.builder()).await;
    let text = r#"{"envelope_id":"in-pieces","type":"events_api","payload":{"text":"é"}}"#;
    // Also in the middle of a character.
    let parts = text.as_bytes().chunks(7).map(<[u8]>::to_vec).collect();
    stage.slack.send_raw(link, &RawFrame::Fragments { parts, pings_between: true }).unwrap();
    let request = bot.request().await;
    assert_eq!((request.envelope_id(), request.payload_json()), ("in-pieces", r#"{"text":"é"}"#));
    stage.clock.soon("the outcome", request.ack()).await.unwrap();
    bot.ends(LONG).await;
}

async fn ten_thousand_pings_are_answered_and_hold_up_nothing<R: Runtime>() {
    const PINGS: u64 = 10_000;
    let stage = Stage::<R>::new(Options { ping_interval: None, ..Options::default() });
    let (mut bot, link) = stage.connected(stage.builder()).await;
    for _ in 0..PINGS {
        stage.slack.send_raw(link, &RawFrame::Ping(b"are you there?".to_vec())).unwrap();
    }
    let id = stage.slack.say(PERSON, CHANNEL, "and a word");
    stage.clock.soon("the outcome", bot.request().await.ack()).await.unwrap();
    stage.slack.wait_for_ack(&id, LONG).await.unwrap();
    // RFC 6455 section 5.5.3 lets a client answer only the latest of several.
    let pongs = stage.slack.wait_until(LONG, |now| now.counters.pongs_received > 0).await.unwrap();
    assert!(pongs.counters.pongs_received <= PINGS);
    assert_eq!(stage.slack.counters().hellos, 1);
    bot.ends(LONG).await;
}

async fn a_burst_of_1024_envelopes_is_delivered_and_acknowledged<R: Runtime>() {
    const ENVELOPES: u64 = 1_024;
    let stage = Stage::<R>::new(Options { ack_deadline: LONG, ..Options::default() });
    let (bot, _) = stage.connected(stage.builder()).await;
    let worker = bot.acknowledge_all();
    let sent: Vec<_> = (0..ENVELOPES).map(|_| stage.slack.say(PERSON, CHANNEL, "all at once")).collect();
    stage.slack.wait_until(LONG, |now| now.counters.acks >= ENVELOPES).await.unwrap();
    let log = worker.ends().await;
    assert!(sent.iter().all(|id| log.deliveries.get(id) == Some(&1)));
    assert_eq!(stage.slack.counters().redeliveries, 0);
}
