//! What recording costs: instructions of a whole client, without sockets, for an envelope and its acknowledgement, by
//! callgrind. 64 envelopes are under way at a time.
//!
//! `cargo install gungraun-runner@0.18.2 && cargo bench -p socketmode-tests --bench recorder` (it needs valgrind).
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    reason = "a benchmark may fail as tests do"
)]

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Waker};

use gungraun::{library_benchmark, library_benchmark_group, main};
use http::Response;
use socketmode_driver::{AppToken, Builder, Client, Driver, Event, Events, Frame};
use socketmode_protocol::Instant;
use socketmode_simulation::transport::{Link, Memory, Received};

const ENVELOPES: usize = 64 * 16;
const UNDER_WAY: usize = 64;
/// As much as a message with a block of rich text has.
const TEXT: usize = 1_200;

struct Up {
    memory: Memory,
    client: Client<Memory>,
    driver: Driver<Memory>,
    events: Events,
    link: Link,
    messages: Vec<String>,
}

/// A client with a link that is up, and what Slack will send.
fn up(recording_bytes: usize, deduplicates: bool) -> Up {
    let memory = Memory::default();
    let mut builder = Client::builder(AppToken::new("xapp-1-A1-1-bench").unwrap())
        .transport(memory.clone())
        .seed(1)
        .recording_bytes(recording_bytes);
    if deduplicates {
        builder = builder.deduplicate(std::time::Duration::from_secs(3_600));
    }
    let (client, events, driver) = builder.build().unwrap();
    let text = "a word or two. ".repeat(TEXT / 15);
    let message = |n| {
        format!(
            r#"{{"envelope_id":"{n:08}-0000-4000-8000-000000000000","type":"events_api","accepts_response_payload":false,"retry_attempt":0,"retry_reason":"","payload":{{"type":"event_callback","event_id":"Ev{n:08}","event":{{"type":"message","channel":"C1","user":"U1","text":"{text}"}}}}}}"#
        )
    };
    let messages = (0..2 * ENVELOPES).map(message).collect();
    let mut up = Up { memory, client, driver, events, link: 0, messages };
    up.poll();
    let body = r#"{"ok":true,"url":"wss://wss-primary.slack.com/link/?ticket=t"}"#;
    up.memory.answer(up.memory.calls()[0], Ok(Response::new(body.into())));
    up.poll();
    up.link = up.memory.dials()[0];
    up.memory.connect(up.link, Ok(()));
    up.say(r#"{"type":"hello"}"#.into());
    up.poll();
    // The first half is not measured: the ring has its memory, and the recorder does what it does all day.
    for n in 0..ENVELOPES / UNDER_WAY {
        up.round(n);
    }
    up
}

impl Up {
    fn poll(&mut self) {
        let _ = Pin::new(&mut self.driver).poll(&mut Context::from_waker(Waker::noop()));
    }

    fn say(&self, text: String) {
        self.memory.deliver(self.link, Received::Frame(Frame::Text(text)));
    }

    /// 64 envelopes come and are acknowledged.
    fn round(&mut self, n: usize) {
        self.memory.advance(Instant::from_millis(n as u64));
        for at in n * UNDER_WAY..(n + 1) * UNDER_WAY {
            let message = std::mem::take(&mut self.messages[at]);
            self.say(message);
        }
        self.poll();
        let mut cx = Context::from_waker(Waker::noop());
        while let std::task::Poll::Ready(Some(event)) = std::pin::pin!(self.events.next()).poll(&mut cx) {
            if let Event::EventsApi(request) = event {
                drop(request.ack());
            }
        }
        self.poll();
        self.memory.asked(&mut VecDeque::new());
    }
}

const ON: usize = Builder::<Memory>::RECORDING_BYTES;

#[library_benchmark]
#[bench::off(up(0, false))]
#[bench::on(up(ON, false))]
#[bench::off_with_deduplication(up(0, true))]
#[bench::on_with_deduplication(up(ON, true))]
fn a_thousand_envelopes(mut up: Up) -> Up {
    for n in 0..ENVELOPES / UNDER_WAY {
        up.round(ENVELOPES / UNDER_WAY + n);
    }
    assert_eq!(up.client.stats().acknowledged, 2 * ENVELOPES as u64);
    up
}

library_benchmark_group!(name = recorder; benchmarks = a_thousand_envelopes);
main!(library_benchmark_groups = recorder);
