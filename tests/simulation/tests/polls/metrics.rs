//! What a recorder of the `metrics` facade is told.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::Duration;

use metrics::{
    Counter, CounterFn, Gauge, GaugeFn, Histogram, HistogramFn, Key, KeyName, Metadata, Recorder,
    SharedString, Unit, with_local_recorder,
};
use socketmode_driver::metrics::BUCKETS;
use socketmode_model::step::slack;
use socketmode_protocol::AckPolicy;
use socketmode_protocol::limits::{ACK_DEADLINE, SILENCE};
use socketmode_simulation::transport::Received;

use crate::harness::Up;

/// Keeps what it is told: of a counter the sum, of a gauge the last value, of a histogram each value.
#[derive(Clone, Default)]
struct Notebook(Arc<Mutex<BTreeMap<String, Vec<f64>>>>);

struct Line(Notebook, String);

impl Line {
    fn change(&self, change: impl FnOnce(&mut Vec<f64>)) {
        change(self.0.0.lock().unwrap().entry(self.1.clone()).or_default());
    }

    fn add(&self, value: f64) {
        self.change(|values| *values = vec![values.first().unwrap_or(&0.0) + value]);
    }
}

impl CounterFn for Line {
    fn increment(&self, value: u64) {
        self.add(f64::from(u32::try_from(value).unwrap()));
    }

    fn absolute(&self, _: u64) {
        panic!("counters are shared");
    }
}

impl GaugeFn for Line {
    fn increment(&self, value: f64) {
        self.add(value);
    }

    fn decrement(&self, value: f64) {
        self.add(-value);
    }

    fn set(&self, value: f64) {
        self.change(|values| *values = vec![value]);
    }
}

impl HistogramFn for Line {
    fn record(&self, value: f64) {
        self.change(|values| values.push(value));
    }
}

impl Notebook {
    fn line(&self, key: &Key) -> Arc<Line> {
        let mut name = key.name().to_owned();
        let mut is_slack = false;
        for label in key.labels() {
            match (label.key(), label.value()) {
                ("messaging.system", "slack") => is_slack = true,
                (_, value) => name.extend([" ", value]),
            }
        }
        assert!(is_slack, "{key:?}");
        Arc::new(Line(self.clone(), name))
    }

    fn of(&self, name: &str) -> Vec<f64> {
        self.0.lock().unwrap().get(name).cloned().unwrap_or_default()
    }

    fn has(&self, name: &str, values: &[f64]) {
        assert_eq!(self.of(name), values, "{name}, of {:?}", self.0.lock().unwrap());
    }
}

impl Recorder for Notebook {
    fn describe_counter(&self, _: KeyName, unit: Option<Unit>, _: SharedString) {
        assert_eq!(unit, Some(Unit::Count));
    }

    fn describe_gauge(&self, _: KeyName, unit: Option<Unit>, _: SharedString) {
        assert_eq!(unit, Some(Unit::Count));
    }

    fn describe_histogram(&self, _: KeyName, unit: Option<Unit>, _: SharedString) {
        assert_eq!(unit, Some(Unit::Seconds));
    }

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.line(key))
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(self.line(key))
    }

    fn register_histogram(&self, key: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::from_arc(self.line(key))
    }
}

fn with_notebook(scenario: impl FnOnce(&Notebook)) {
    let notebook = Notebook::default();
    with_local_recorder(&notebook, || scenario(&notebook));
}

#[test]
fn envelopes_and_their_acknowledgements_are_measured() {
    with_notebook(|notebook| {
        let mut up = Up::new(1, AckPolicy::Manual);
        while up.next_event().is_ready() {}
        let second = Duration::from_secs(1);
        for id in ["e1", "e2"] {
            up.event(up.links[0], id);
        }
        up.poll();
        notebook.has("messaging.client.consumed.messages receive events_api", &[2.0]);
        notebook.has("socketmode.envelopes.outstanding", &[2.0]);
        let first = up.request();
        up.memory.advance(up.memory.time() + second);
        drop(first.ack());
        up.poll();
        notebook.has("messaging.process.duration process events_api", &[1.0]);
        notebook.has("messaging.client.operation.duration ack", &[0.0]);
        notebook.has("socketmode.envelopes.outstanding", &[1.0]);
        // The other one is acknowledged when nothing is up.
        let other = up.request();
        up.memory.deliver(up.links[0], Received::Eof);
        up.poll();
        drop(other.ack());
        for _ in 0..4 {
            up.poll();
            up.memory.advance(up.memory.time() + second);
        }
        up.poll();
        notebook.has("messaging.process.duration process events_api", &[1.0, 1.0]);
        notebook.has("messaging.client.operation.duration ack lost", &[2.0]);
        notebook.has("socketmode.envelopes.outstanding", &[0.0]);
        notebook.has("socketmode.envelopes.overdue", &[]);
    });
}

#[test]
fn connections_are_measured_by_phase_and_by_their_end() {
    with_notebook(|notebook| {
        let mut up = Up::new(1, AckPolicy::OnReceive);
        notebook.has("socketmode.connections active", &[1.0]);
        let last = up.memory.time();
        up.memory.deliver(up.links[0], Received::Eof);
        up.poll();
        notebook.has("socketmode.connection.ended lost", &[1.0]);
        notebook.has("socketmode.connections active", &[0.0]);
        for call in up.memory.calls() {
            up.memory.answer(call, Ok(http::Response::new(br#"{"ok":false,"error":"x"}"#.as_slice().into())));
        }
        up.poll();
        notebook.has("socketmode.connection.failed_attempts", &[1.0]);
        while up.memory.calls().is_empty() {
            up.memory.advance(up.memory.next_sleeper().unwrap());
            up.poll();
        }
        up.open();
        let link = up.memory.dials()[0];
        up.memory.connect(link, Ok(()));
        up.say(link, slack::hello(1, None));
        up.poll();
        notebook.has("socketmode.connections active", &[1.0]);
        let gap = up.memory.time().saturating_since(last);
        assert!(gap > Duration::ZERO);
        notebook.has("socketmode.connection.gap", &[gap.as_secs_f64()]);
        up.driver = None;
        notebook.has("socketmode.connections active", &[0.0]);
    });
}

#[test]
fn what_is_shed_and_overdue_is_measured() {
    with_notebook(|notebook| {
        let mut up = Up::with(1, |builder| builder.ack_policy(AckPolicy::Manual).queue_capacity(2));
        while up.next_event().is_ready() {}
        for n in 0..5 {
            up.event(up.links[0], &format!("e{n}"));
            up.poll();
        }
        for _ in 0..5 {
            up.memory.advance(up.memory.time() + Duration::from_secs(1));
            up.poll();
        }
        while matches!(up.next_event(), Poll::Ready(Some(_))) {}
        up.poll();
        notebook.has("socketmode.envelopes.shed", &[3.0]);
        notebook.has("socketmode.envelopes.overdue", &[2.0]);
        notebook.has("messaging.client.consumed.messages receive events_api", &[2.0]);
    });
}

#[test]
fn a_bucket_ends_where_slack_stops_waiting() {
    assert!(BUCKETS.is_sorted() && BUCKETS.iter().all(|bound| *bound > 0.0));
    assert!(BUCKETS.contains(&ACK_DEADLINE.as_secs_f64()) && BUCKETS.contains(&SILENCE.as_secs_f64()));
}
