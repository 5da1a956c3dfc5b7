//! Counters.

/// Counters since the start. All of them only grow, except `outstanding` and `copies_held`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Stats {
    /// Calls of `apps.connections.open`.
    pub opens: u64,
    /// WebSocket handshakes begun.
    pub dials: u64,
    /// Connections on which the hello arrived.
    pub connected: u64,
    /// Attempts that failed before the hello.
    pub failed_attempts: u64,
    /// Connections lost: they were up, and ended without a planned rotation or a shutdown.
    pub lost_connections: u64,
    /// Connections replaced as planned: after `warning` or `refresh_requested`, or before the announced lifetime is over.
    pub rotations: u64,
    /// Frames that arrived, of any kind.
    pub frames: u64,
    /// Envelopes handed to the application. Equals `acknowledged + ack_lost + declined + expired + outstanding`.
    pub delivered: u64,
    /// Deliveries whose acknowledgement was written, on any connection.
    pub acknowledged: u64,
    /// Of these, written after Slack's 3 s.
    pub acknowledged_late: u64,
    /// Of these, written on another connection than the one on which the envelope arrived.
    pub acknowledged_elsewhere: u64,
    /// Deliveries whose acknowledgement could not be written.
    pub ack_lost: u64,
    /// Deliveries that the application declined.
    pub declined: u64,
    /// Deliveries that were not acknowledged while it was possible.
    pub expired: u64,
    /// Deliveries without an outcome at the moment: not acknowledged, or their acknowledgement is not written yet.
    pub outstanding: u64,
    /// Deliveries that passed Slack's 3 s without an acknowledgement.
    pub overdue: u64,
    /// Acknowledgements refused, for one of the reasons of [`AckRefusal`](crate::AckRefusal).
    pub ack_refused: u64,
    /// Copies of acknowledged envelopes. They are acknowledged too, and not delivered.
    pub copies_acknowledged: u64,
    /// Copies held at the moment, until the first delivery has an outcome.
    pub copies_held: u64,
    /// Copies shed: neither delivered nor acknowledged, because too many were held or it was too late to acknowledge them.
    pub copies_shed: u64,
    /// Envelopes shed because the application did not keep up: neither delivered nor acknowledged.
    pub shed: u64,
    /// Envelopes shed because the machine was stopping.
    pub shed_while_stopping: u64,
    /// Messages that could not be understood.
    pub bad_messages: u64,
    /// Inputs for a connection that is gone, or that do not fit its phase.
    pub stray_inputs: u64,
    /// Pings sent.
    pub pings_sent: u64,
    /// Pings that arrived.
    pub pings_received: u64,
}
