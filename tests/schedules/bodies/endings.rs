//! The end of a client with one envelope: short lives, in which little else happens that could wake the loop.

use std::time::Duration;

use shuttle::future::block_on;
use shuttle::thread::{self, JoinHandle};
use socketmode_protocol::StopReason;

use super::slack::{Network, Plan};
use crate::client::Client;
use crate::client::builder::Builder;
use crate::client::events::Events;
use crate::request::Request;
use crate::token::AppToken;

/// A client that has delivered one envelope.
struct Delivered {
    client: Client<Network>,
    events: Events,
    request: Request,
    threads: [JoinHandle<()>; 2],
}

impl Delivered {
    fn new() -> Self {
        let network = Network::default();
        let builder = Builder::new(AppToken::new("xapp-1-A-1-a").unwrap()).transport(network.clone()).seed(1);
        let (client, mut events, driver) = builder.build().unwrap();
        let slack = network.clone();
        let threads = [
            thread::spawn(move || {
                slack.play(&Plan { envelopes: 1, cut_after: None });
            }),
            thread::spawn(move || {
                block_on(driver);
                network.end();
            }),
        ];
        let request = loop {
            if let Ok(request) = block_on(events.next()).unwrap().into_request() {
                break request;
            }
        };
        Self { client, events, request, threads }
    }
}

fn join(threads: impl IntoIterator<Item = JoinHandle<()>>) {
    for thread in threads {
        thread.join().unwrap();
    }
}

pub fn a_shutdown_waits_for_a_drop_and_no_longer() {
    let Delivered { client, events, request, threads } = Delivered::new();
    let dropping = thread::spawn(move || drop(request));
    assert_eq!(block_on(client.shutdown(Duration::from_secs(1))), Some(StopReason::Requested));
    join(threads.into_iter().chain([dropping]));
    assert_eq!(client.stats().declined, 1);
    drop(events);
}

pub fn an_ack_before_a_shutdown_goes_out() {
    let Delivered { client, events, request, threads } = Delivered::new();
    let acknowledgement = request.ack();
    let ending = client.shutdown(Duration::ZERO);
    assert!(block_on(acknowledgement).is_ok());
    assert_eq!(block_on(ending), Some(StopReason::Requested));
    join(threads);
    drop(events);
}

pub fn a_dropped_stream_ends_the_client_once_the_rest_is_settled() {
    let Delivered { client, events, request, threads } = Delivered::new();
    let acknowledging = thread::spawn(move || assert!(block_on(request.ack()).is_ok()));
    drop(events);
    join(threads.into_iter().chain([acknowledging]));
    assert_eq!(client.stats().acknowledged, 1);
}
