//! What waits for its acknowledgement.

use socketmode_model::step::{OwnedInput, slack};
use socketmode_protocol::{AckPolicy, Config, limits};

use super::{Row, timer};
use crate::harness::{Bench, ms};

#[rustfmt::skip] // a row a line
pub(super) fn acknowledgements() -> Vec<Row> {
    let deadline = limits::ACK_DEADLINE;
    let waiting = || {
        let mut bench = Bench::active(|_| {});
        bench.event();
        bench
    };
    fn ack_and_write(bench: &mut Bench) -> String {
        let token = bench.first_token();
        bench.acknowledge(token);
        bench.written();
        bench.told()
    }
    let parked = || {
        let mut bench = Bench::active(|_| {});
        let token = bench.event();
        bench.input(OwnedInput::Eof);
        bench.acknowledge(token);
        bench
    };
    fn by_policy(text: &str, change: fn(&mut Config)) -> Bench {
        let mut bench = Bench::active(change);
        bench.say(text.into());
        bench
    }
    const LATER: AckPolicy = AckPolicy::BeforeDeadline(ms(1_701));
    let window = || {
        let mut bench = Bench::active(|config| config.late_ack_window = ms(7_001));
        bench.event();
        bench
    };
    fn accepted(bench: &mut Bench) -> String {
        bench.fire();
        bench.told();
        let token = bench.first_token();
        bench.acknowledge(token).to_string()
    }
    let remembered = || {
        let mut bench = Bench::active(|config| config.deduplicate = Some(ms(7_001)));
        let token = bench.say(slack::event("e1", "Ev1", 0));
        bench.acknowledge(token);
        bench.written();
        bench
    };
    fn copy(bench: &mut Bench) -> String {
        bench.input(OwnedInput::Text(slack::event("e2", "Ev1", 1)));
        bench.told()
    }
    vec![
        Row {
            name: "deduplicate",
            phase: "Active",
            begin: remembered,
            lasts: ms(7_001),
            probe: copy,
            before: "c0 Transmit",
            at: "Envelope",
        },
        timer("ACK_DEADLINE", "Active, unacknowledged", waiting, deadline, "AckOverdue"),
        Row {
            name: "ACK_DEADLINE",
            phase: "Active, written then",
            begin: waiting,
            lasts: deadline,
            probe: ack_and_write,
            before: "c0 Transmit, Sent",
            at: "c0 Transmit, Sent late",
        },
        timer("ACK_DEADLINE", "without a link", parked, deadline, "Lost"),
        timer("ack_events_api", "Active", || by_policy(&slack::event("e", "Ev", 0), |config| config.ack_events_api = LATER), ms(1_701), "c0 Transmit"),
        timer("ack_slash_commands", "Active", || by_policy(&slack::command("e"), |config| config.ack_slash_commands = LATER), ms(1_701), "c0 Transmit"),
        timer("ack_interactive", "Active", || by_policy(r#"{"envelope_id":"e","type":"interactive"}"#, |config| config.ack_interactive = LATER), ms(1_701), "c0 Transmit"),
        timer("ack_other", "Active", || by_policy(r#"{"envelope_id":"e","type":"novel"}"#, |config| config.ack_other = LATER), ms(1_701), "c0 Transmit"),
        Row {
            name: "late_ack_window",
            phase: "Active",
            begin: window,
            lasts: ms(7_001),
            probe: accepted,
            before: "true",
            at: "false",
        },
    ]
}
