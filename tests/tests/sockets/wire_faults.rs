//! The wire breaks, stops or slows down, at every place of a connection's life.

use crate::harness::{LONG, Stage, ms, on_each_driver};
use futures_util::future::join_all;
use socketmode_driver::{Network, Runtime};
use socketmode_simulator::fault::{Fault, Relay, Way};
use socketmode_simulator::{CHANNEL, Options, PERSON};
use std::time::Duration;

on_each_driver![
    a_cut_anywhere_costs_one_more_open_and_no_envelope,
    a_reset_anywhere_costs_one_more_open_and_no_envelope,
    a_half_open_link_is_replaced_and_no_envelope_is_lost,
    a_connection_that_stalls_anywhere_and_goes_on_costs_nothing,
    connections_on_which_bytes_come_one_by_one_cost_nothing,
];

/// Envelopes that wait for the link: more than what is measured, so that each place is reached.
const ENVELOPES: usize = 3;

/// Where in a client's life, from the call that opens on: after so many bytes of a way. Whether the link is on a TCP
/// connection of its own or on the call's, which is kept alive, is the HTTP client's affair.
#[derive(Debug, Clone, Copy)]
struct Place {
    way: Way,
    after: u64,
}

/// A Slack behind a wire.
struct Wired<R: Runtime> {
    stage: Stage<R>,
    relay: Relay,
}

impl<R: Runtime> Wired<R> {
    fn new(ack_deadline: Duration) -> Self {
        let options = Options {
            ack_deadline,
            redelivery: vec![Duration::ZERO; 40],
            ping_interval: None,
            // The envelopes wait for the link: what a fault strikes shall not depend on when a retry is due.
            lenient: true,
            ..Options::default()
        };
        let stage = Stage::<R>::new(options);
        let relay = Relay::start(stage.slack.address()).unwrap();
        stage.slack.set_public_origin(&format!("http://{}", relay.address()));
        Self { stage, relay }
    }

    /// Such a Slack, whose wire has this fault at this place.
    fn with(ack_deadline: Duration, fault: Fault, place: Place) -> Self {
        let wired = Self::new(ack_deadline);
        wired.relay.wherever(place.way, place.after, fault);
        wired
    }

    /// Has a client acknowledge envelopes while the fault strikes, and some more afterwards. How the client sees a dead
    /// link is for the caller, and so is what else happens meanwhile. Gives the opens, and how many had a cause.
    async fn lived_through<T>(&self, attentive: bool, meanwhile: impl Future<Output = T>) -> (u64, u64) {
        let Self { stage, .. } = self;
        let slack = &stage.slack;
        let say = || slack.say(PERSON, CHANNEL, "through thick and thin");
        let mut builder = stage.builder_by(&Network::default().no_proxy());
        if attentive {
            builder = builder.config(|config| {
                config.silence = ms(1_000);
                config.client_ping = Some(ms(300));
                config.open_timeout = ms(1_000);
                config.dial_timeout = ms(1_000);
                config.hello_timeout = ms(1_000);
            });
        }
        let mut sent: Vec<_> = (0..ENVELOPES).map(|_| say()).collect();
        let worker = stage.bot(builder).acknowledge_all();
        meanwhile.await;
        for id in &sent {
            slack.wait_for_ack(id, LONG).await.unwrap();
        }
        // It is connected, for good.
        let more: Vec<_> = (0..ENVELOPES).map(|_| say()).collect();
        for id in &more {
            slack.wait_for_ack(id, LONG).await.unwrap();
        }
        sent.extend(more);
        let counters = slack.wait_until(LONG, |now| now.counters.unacked == 0).await.unwrap().counters;
        let log = worker.ends().await;
        assert_eq!(log.deliveries.keys().collect::<Vec<_>>(), sorted(&sent), "delivered is what was sent");
        assert_eq!((counters.unknown_acks, counters.duplicate_acks, counters.strange_messages), (0, 0, 0));
        assert_eq!((counters.timed_out, counters.forgotten), (0, 0));
        let causes = ["Notice(Disconnected", "Notice(ConnectionError"].map(|cause| {
            log.notices
                .iter()
                .filter(|notice| notice.starts_with(cause) && !notice.contains("Stopped"))
                .count()
        });
        (counters.opens, causes.into_iter().sum::<usize>().try_into().unwrap())
    }

    /// Waits for the fault; on which connection it was.
    async fn struck(&self) -> usize {
        self.stage.clock.until("the fault", || self.relay.struck().len() == 1).await;
        self.relay.struck()[0]
    }
}

fn sorted<T: Ord>(items: &[T]) -> Vec<&T> {
    let mut sorted: Vec<_> = items.iter().collect();
    sorted.sort();
    sorted
}

/// Places all over the call, all over a link with one envelope, and within the headers of the first frames.
async fn places<R: Runtime>() -> Vec<Place> {
    const PARTS: u64 = 12;
    let wired = Wired::<R>::new(LONG);
    let (stage, relay) = (&wired.stage, &wired.relay);
    let (mut bot, _) = stage.connected(stage.builder_by(&Network::default().no_proxy())).await;
    let before = [Way::Up, Way::Down].map(|way| (way, relay.passed_by_all(way)));
    let id = stage.slack.say(PERSON, CHANNEL, "through thick and thin");
    stage.clock.soon("the outcome", bot.request().await.ack()).await.unwrap();
    stage.slack.wait_for_ack(&id, LONG).await.unwrap();
    let all = [Way::Up, Way::Down].map(|way| {
        let bytes = relay.passed_by_all(way);
        (0..PARTS).map(move |part| Place { way, after: bytes * part / PARTS })
    });
    let headers = before.map(|(way, bytes)| [1, 3].map(|more| Place { way, after: bytes + more }));
    bot.ends(LONG).await;
    all.into_iter().flatten().chain(headers.into_iter().flatten()).collect()
}

async fn a_connection_that_ends_anywhere<R: Runtime>(fault: Fault) {
    join_all(places::<R>().await.into_iter().map(|place| async move {
        let wired = Wired::<R>::with(ms(500), fault, place);
        let (opens, causes) = wired.lived_through(false, wired.struck()).await;
        // A call that did not arrive is none.
        assert!(opens <= 2 && causes == 1, "{place:?}: {opens} opens for {causes} causes");
    }))
    .await;
}

async fn a_cut_anywhere_costs_one_more_open_and_no_envelope<R: Runtime>() {
    a_connection_that_ends_anywhere::<R>(Fault::Cut).await;
}

async fn a_reset_anywhere_costs_one_more_open_and_no_envelope<R: Runtime>() {
    a_connection_that_ends_anywhere::<R>(Fault::Reset).await;
}

async fn a_half_open_link_is_replaced_and_no_envelope_is_lost<R: Runtime>() {
    join_all(places::<R>().await.into_iter().map(|place| async move {
        let wired = Wired::<R>::with(ms(500), Fault::Hold, place);
        let (opens, causes) = wired.lived_through(true, wired.struck()).await;
        assert!(opens <= 1 + causes && causes >= 1, "{place:?}: {opens} opens for {causes} causes");
    }))
    .await;
}

async fn a_connection_that_stalls_anywhere_and_goes_on_costs_nothing<R: Runtime>() {
    join_all(places::<R>().await.into_iter().map(|place| async move {
        let wired = Wired::<R>::with(LONG, Fault::Hold, place);
        let stall = async {
            let connection = wired.struck().await;
            let acks = wired.stage.slack.counters().acks;
            wired.stage.clock.sleep(ms(100)).await;
            assert_eq!(wired.stage.slack.counters().acks, acks, "{place:?}: it is no stall");
            wired.relay.resume(connection);
        };
        assert_eq!(wired.lived_through(false, stall).await, (1, 0), "{place:?}");
        assert_eq!(wired.stage.slack.counters().redeliveries, 0, "{place:?}");
    }))
    .await;
}

async fn connections_on_which_bytes_come_one_by_one_cost_nothing<R: Runtime>() {
    const ALL: u64 = 1 << 30;
    let wired = Wired::<R>::new(LONG);
    let relay = &wired.relay;
    // The call's, and the link's where it has one of its own.
    relay.next_connection(Way::Up, 0, Fault::Trickle(ALL));
    relay.next_connection(Way::Down, 0, Fault::Trickle(ALL));
    assert_eq!(wired.lived_through(false, async {}).await, (1, 0));
    assert_eq!(wired.stage.slack.counters().redeliveries, 0);
    // A connection made in vain, as the call's was free again before, carries nothing.
    let used = (0..relay.connections()).filter(|connection| relay.passed(*connection, Way::Up) > 0).count();
    assert_eq!(relay.struck().len(), used, "a connection without a fault");
    let bytes = relay.passed_by_all(Way::Up) + relay.passed_by_all(Way::Down);
    assert!(relay.trickled() as u64 * 10 > bytes * 9, "{} of {bytes} bytes", relay.trickled());
}
