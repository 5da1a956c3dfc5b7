//! The invariants notice: a life with an output that was dropped or came twice, or under promises that were not made.
#![allow(clippy::panic, clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::time::Duration;

use socketmode_model::invariants::{Invariant, Violation, Watch};
use socketmode_model::output::{Output, drain};
use socketmode_model::step::{Call, OwnedInput, Step, slack};
use socketmode_protocol::{Action, Config, ConnectionPhase, Instant, Notice, SocketMode};

/// Changes what a step is said to have put out.
type Tamper<'a> = &'a dyn Fn(Vec<Output>) -> Vec<Output>;

/// Changes what a watch believes in.
type Promise = fn(&mut Config);
/// An output that is tampered with.
type Which = fn(&Output) -> bool;

/// A life with everything in it, as a watch sees it that believes in `promised`.
fn live(promised: impl FnOnce(&mut Config), tamper: Tamper<'_>) -> Result<(), Violation> {
    let config = Config { close_timeout: Duration::from_secs(2), ..Config::default() };
    let mut believed = config.clone();
    promised(&mut believed);
    let mut machine = SocketMode::new(config, 1, Instant::ZERO).unwrap();
    let mut watch = Watch::new(&believed, Instant::ZERO);
    let outputs = tamper(drain(&mut machine));
    watch.begin(&machine, &outputs)?;
    let mut now = Instant::ZERO;
    let (mut token, mut write) = (None, None);
    let mut take = |machine: &mut SocketMode, now: Instant, call: Call| {
        let step = Step { at: now, call };
        let result = step.apply(machine);
        let outputs = drain(machine);
        for output in &outputs {
            match output {
                Output::Envelope(envelope) => token = Some(envelope.token()),
                Output::Transmit { write: asked, .. } => write = Some(*asked),
                _ => {}
            }
        }
        watch.check(machine, &step, result, &tamper(outputs)).map(|()| (token, write))
    };
    let current = |machine: &SocketMode| {
        machine.connections().find(|status| status.phase < ConnectionPhase::Draining).unwrap().connection
    };
    // Time passes in seconds, and stops at deadlines.
    macro_rules! pass {
        ($seconds:expr) => {
            let until = now + Duration::from_secs($seconds);
            while now < until && !machine.is_stopped() {
                let deadline = machine.poll_timeout().map_or(until, |deadline| deadline.at);
                now = deadline.clamp(now, until).min(now + Duration::from_secs(1));
                take(&mut machine, now, Call::Timeout)?;
            }
        };
    }
    macro_rules! happen {
        ($($input:expr),*) => {
            $(let to = current(&machine); take(&mut machine, now, Call::Input(to, $input))?;)*
        };
    }
    // The next attempt gets so far.
    macro_rules! attempt {
        ($($input:expr),*) => {
            while !machine.connections().any(|status| status.phase == ConnectionPhase::Opening) {
                pass!(1);
            }
            happen!($($input),*);
        };
    }
    let event = |n: u32| OwnedInput::Text(slack::event(&format!("e{n}"), &format!("Ev{n}"), 0));
    attempt!();
    pass!(15); // the call is not answered
    attempt!(slack::opened(1));
    pass!(15); // the handshake is not
    attempt!(slack::opened(2), OwnedInput::Dialed);
    pass!(10); // no hello comes
    attempt!(slack::opened(3), OwnedInput::Dialed, slack::hello(1, None), event(1));
    let (token, _) = take(&mut machine, now, Call::Timeout)?;
    let (_, write) = take(&mut machine, now, Call::Acknowledge(token.unwrap(), None))?;
    happen!(OwnedInput::Written(write.unwrap()), event(2));
    pass!(5); // nobody acknowledges it
    let old = current(&machine);
    happen!(slack::disconnect("warning"));
    for _ in 0..15 {
        pass!(2); // no heir comes
        take(&mut machine, now, Call::Input(old, OwnedInput::Ping))?;
    }
    attempt!(slack::opened(4), OwnedInput::Dialed, slack::hello(1, None));
    // Envelopes come on the old one, up to its limit.
    for n in 0..15 {
        happen!(OwnedInput::Ping);
        take(&mut machine, now, Call::Input(old, event(10 + n)))?;
        pass!(2);
    }
    pass!(30); // it falls silent
    attempt!(slack::opened(5), OwnedInput::Dialed, slack::hello(1, None), event(3));
    take(&mut machine, now, Call::Shutdown(Duration::from_secs(5)))?;
    pass!(10);
    assert!(machine.is_stopped());
    Ok(())
}

fn broken(promised: impl FnOnce(&mut Config), tamper: Tamper<'_>) -> Option<Invariant> {
    live(promised, tamper).err().map(|violation| violation.invariant)
}

/// The first output of a kind, dropped or doubled.
fn first(which: Which, times: usize) -> impl Fn(Vec<Output>) -> Vec<Output> {
    let done = std::cell::Cell::new(false);
    move |outputs| {
        let repeat = |output: Output| {
            let times = if which(&output) && !done.replace(true) { times } else { 1 };
            std::iter::repeat_n(output, times)
        };
        outputs.into_iter().flat_map(repeat).collect()
    }
}

#[test]
fn the_run_without_tampering_breaks_no_invariant() {
    live(|_| {}, &|outputs| outputs).unwrap_or_else(|broken| panic!("{broken}"));
}

#[test]
fn a_step_that_takes_longer_than_promised_is_noticed() {
    let promises: [(Promise, Invariant); 8] = [
        (|config| config.open_timeout /= 2, Invariant::PhasesEndInTime),
        (|config| config.dial_timeout /= 2, Invariant::PhasesEndInTime),
        (|config| config.hello_timeout /= 2, Invariant::PhasesEndInTime),
        (|config| config.silence /= 2, Invariant::PhasesEndInTime),
        (|config| config.close_timeout /= 2, Invariant::PhasesEndInTime),
        (
            |config| (config.drain_timeout, config.rotate_before) = (config.drain_timeout / 2, None),
            Invariant::PhasesEndInTime,
        ),
        (|config| config.drain_timeout *= 2, Invariant::DrainsUntilItsHeirIsUp),
        (|config| config.late_ack_window = Duration::from_secs(4), Invariant::DeliveriesEndInTime),
    ];
    for (n, (promise, invariant)) in promises.into_iter().enumerate() {
        assert_eq!(broken(promise, &|outputs| outputs), Some(invariant), "promise {n}");
    }
}

#[test]
fn an_output_that_is_missing_or_comes_twice_is_noticed() {
    use Invariant as I;
    let tampered: [(Which, usize, I); 14] = [
        (
            |output| matches!(output, Output::Notice(Notice::AckOverdue { .. })),
            0,
            I::CountersCountWhatHappened,
        ),
        (|output| matches!(output, Output::Notice(Notice::AckOverdue { .. })), 2, I::OverdueIsToldOnce),
        (
            |output| matches!(output, Output::Notice(Notice::Connected { .. })),
            0,
            I::CountersCountWhatHappened,
        ),
        (|output| matches!(output, Output::Notice(Notice::Connected { .. })), 2, I::ConnectedOnceByItsHello),
        (
            |output| matches!(output, Output::Notice(Notice::Disconnected { .. })),
            0,
            I::DisconnectedOnceAfterConnected,
        ),
        (
            |output| matches!(output, Output::Notice(Notice::Disconnected { .. })),
            2,
            I::DisconnectedOnceAfterConnected,
        ),
        (|output| matches!(output, Output::Envelope(_)), 0, I::CountersCountWhatHappened),
        (|output| matches!(output, Output::Envelope(_)), 2, I::CountersCountWhatHappened),
        (|output| matches!(output, Output::Stopped(_)), 0, I::StoppedOnceAndLast),
        (|output| matches!(output, Output::Stopped(_)), 2, I::StoppedOnceAndLast),
        (|output| matches!(output, Output::Transmit { .. }), 2, I::AcknowledgedWhatCame),
        (|output| matches!(output, Output::Action { action: Action::Open, .. }), 2, I::ActionsInOrder),
        (|output| matches!(output, Output::Action { action: Action::Abort, .. }), 0, I::NothingIsLeftOpen),
        (|output| matches!(output, Output::Action { action: Action::Abort, .. }), 2, I::NothingAfterTheEnd),
    ];
    for (n, (which, times, invariant)) in tampered.into_iter().enumerate() {
        assert_eq!(broken(|_| {}, &first(which, times)), Some(invariant), "row {n}");
    }
}
