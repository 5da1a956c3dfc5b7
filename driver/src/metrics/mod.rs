//! Measurements by the [`metrics`](https://docs.rs/metrics/0.24) facade (feature `metrics`). Without the feature nothing is measured.
//!
//! The names are those of OpenTelemetry's conventions for messaging where they fit. Each has the label
//! `messaging.system=slack`. Durations are in seconds, with a resolution of a millisecond.
//!
//! | name | kind | what | labels |
//! |---|---|---|---|
//! | `messaging.client.consumed.messages` | counter | envelopes delivered to the application | `messaging.operation.name=receive`, `slack.envelope.type` |
//! | `messaging.process.duration` | histogram | from the arrival of an envelope to its acknowledgement by the application, with the wait in the queue | `messaging.operation.name=process`, `slack.envelope.type` |
//! | `messaging.client.operation.duration` | histogram | from an acknowledgement by the application until it is written, or lost | `messaging.operation.name=ack`; `error.type=lost` |
//! | `socketmode.connections` | gauge | connections | `phase` |
//! | `socketmode.connection.ended` | counter | connections that ended | `reason`, as in [`Reconnects`](crate::Reconnects) |
//! | `socketmode.connection.failed_attempts` | counter | attempts that failed before the hello | |
//! | `socketmode.connection.gap` | histogram | how long nothing arrived because no connection was up | |
//! | `socketmode.envelopes.outstanding` | gauge | envelopes without an outcome | |
//! | `socketmode.envelopes.overdue` | counter | envelopes not acknowledged within 3 s | |
//! | `socketmode.envelopes.shed` | counter | envelopes shed, as [`Notice::Shed`](crate::Notice::Shed) tells | |
//!
//! `slack.envelope.type` is `events_api`, `slash_commands`, `interactive` or `other`: no label has a value that a peer chooses.
//!
//! Install a recorder before the client is built, as the client asks it for its counters then. Give the histograms
//! [`BUCKETS`], which have a bound at the 3 s that Slack waits; an exporter's own may not. With `metrics-exporter-prometheus`:
//!
#![cfg_attr(feature = "metrics", doc = "```no_run")]
#![cfg_attr(not(feature = "metrics"), doc = "```text")]
//! use metrics_exporter_prometheus::PrometheusBuilder;
//! use socketmode_driver::metrics::BUCKETS;
//!
//! let metrics = PrometheusBuilder::new()
//!     .set_buckets(&BUCKETS)?
//!     .install_recorder()?;
//! println!("{}", metrics.render()); // what a scrape gets
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Readiness is no measurement, because a loop that stands still cannot measure that it does: ask
//! [`Client::health`](crate::Client::health).

#[cfg(not(feature = "metrics"))]
mod disabled;
#[cfg(feature = "metrics")]
mod enabled;

#[cfg(not(feature = "metrics"))]
pub(crate) use disabled::Meter;
#[cfg(feature = "metrics")]
pub(crate) use enabled::Meter;

/// Bounds for the histograms, in seconds: OpenTelemetry's for messaging, one at the 3 s that Slack waits for an
/// acknowledgement, and one at the 30 s after which a silent connection is given up.
#[cfg(feature = "metrics")]
pub const BUCKETS: [f64; 17] =
    [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 3.0, 5.0, 7.5, 10.0, 30.0, 60.0];
