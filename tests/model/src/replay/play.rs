//! Plays a recording on two machines.
//!
//! The first does what the recorded one did, call for call, and must put out the same. The second is watched. The watch wants
//! everything fetched after each step, so the second machine may write an acknowledgement on another connection where the
//! recorded loop had not pulled it yet when its connection ended: there it is a run very much like the recorded one.

use std::collections::BTreeMap;
use std::fmt;

use socketmode_protocol::{
    AckRefusal, AckToken, Closed, ConnectionId, IncomingFrame, Input, SocketMode, WriteId,
};

use super::brief::brief;
use super::entry::{Entry, Recording, Said, What};
use super::synthetic::padded;
use crate::invariants::{Invariant, Violation, without_panic};
use crate::output::Output;
use crate::step::{Call, OwnedInput, Step};
use crate::subject::Subject;

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Played {
    /// The calls of the recording that were made.
    pub calls: u64,
    /// The outputs that were the same.
    pub outputs: u64,
    /// The steps of the machine that is watched, if they were to be kept.
    pub steps: Vec<Step>,
    /// Everything up to a gap was played, and nothing behind it: these records could not be written.
    pub left_out: u64,
}

/// What is wrong, and at which line.
#[derive(Clone, Debug)]
pub struct Problem {
    /// The line of the file.
    pub line: usize,
    /// What does not hold. [`Invariant::ReplayIsTheSame`] if an output is another one.
    pub violation: Violation,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.violation)
    }
}

/// Plays a recording that has its beginning. Everything that was played, and what is wrong with it.
#[must_use]
pub fn play(recording: &Recording, keeps_steps: bool) -> (Played, Vec<Problem>) {
    let mut played = Played::default();
    let gap = recording.entries.iter().position(|entry| matches!(entry.what, What::LeftOut(_)));
    if let Some(Entry { what: What::LeftOut(records), .. }) = gap.and_then(|gap| recording.entries.get(gap)) {
        played.left_out = *records;
    }
    let entries = recording.entries.get(..gap.unwrap_or(recording.entries.len())).unwrap_or_default();
    // An invariant says more than a difference does, and comes first.
    let watched = watched(recording, entries, keeps_steps, &mut played);
    let exact = exact(recording, entries, &mut played);
    (played, [watched, exact].into_iter().filter_map(Result::err).collect())
}

fn differs(line: usize, detail: String) -> Problem {
    Problem { line, violation: Violation::new(Invariant::ReplayIsTheSame, detail) }
}

/// The ids that a machine has given out, by their numbers.
#[derive(Default)]
struct Ids {
    connections: BTreeMap<u64, ConnectionId>,
    tokens: BTreeMap<u64, AckToken>,
}

impl Ids {
    fn look(&mut self, machine: &SocketMode) {
        // Ids are in order: what is there already is passed over quickly.
        self.connections.extend(machine.connections().map(|s| (s.connection.number(), s.connection)));
    }
}

fn exact(recording: &Recording, entries: &[Entry], played: &mut Played) -> Result<(), Problem> {
    let machine = SocketMode::new(recording.config.clone(), recording.seed, recording.start);
    let mut machine = machine.map_err(|error| differs(1, error.to_string()))?;
    let (mut ids, mut writes) = (Ids::default(), BTreeMap::new());
    let mut text = String::new();
    for entry in entries {
        ids.look(&machine);
        let outcome = without_panic(|| repeat(&mut machine, entry, &mut ids, &mut writes, &mut text));
        let outcome = outcome.map_err(|violation| Problem { line: entry.line, violation })?;
        outcome.map_err(|detail| differs(entry.line, detail))?;
        if matches!(entry.what, What::Output | What::Pull { .. }) {
            played.outputs += 1;
        } else {
            played.calls += 1;
        }
    }
    Ok(())
}

/// Makes a recorded call, or fetches and compares a recorded output.
fn repeat(
    machine: &mut SocketMode,
    entry: &Entry,
    ids: &mut Ids,
    writes: &mut BTreeMap<u64, WriteId>,
    text: &mut String,
) -> Result<(), String> {
    let connection = |number: &u64| {
        ids.connections.get(number).copied().ok_or_else(|| format!("no connection c{number} was there"))
    };
    let token = |number: &u64| {
        ids.tokens.get(number).copied().ok_or_else(|| format!("no delivery a{number} was made"))
    };
    let write =
        |number: &u64| writes.get(number).copied().ok_or_else(|| format!("no write w{number} was pulled"));
    match &entry.what {
        What::Input { at, connection: id, said } => {
            let id = connection(id)?;
            let input = match said {
                Said::Text { text, bytes } => Input::Frame(IncomingFrame::Text(padded(text, *bytes).into())),
                Said::Input(input, detail) => with_detail(input, detail),
                Said::Written(number) => Input::Written(write(number)?),
                Said::NotWritten(number) => Input::NotWritten(write(number)?),
            };
            machine.handle_input(*at, id, input);
        }
        What::Timeout(at) => machine.handle_timeout(*at),
        What::Backlog(at, full) => machine.handle_backlog(*at, *full),
        What::Acknowledge { at, token: number, payload, refused } => {
            let result = machine.acknowledge(*at, token(number)?, payload.as_deref());
            let result = result.err().map(|refusal: AckRefusal| format!("{refusal:?}"));
            if result != *refused {
                return Err(format!("refused: {refused:?}, now {result:?}"));
            }
        }
        What::Decline(at, number) => machine.decline(*at, token(number)?),
        What::Withhold(number) => machine.withhold(token(number)?),
        What::Shutdown(at, grace) => machine.shutdown(*at, *grace),
        What::Output => {
            let output = machine.poll_output();
            let now = output.as_ref().map(brief);
            if let Some(socketmode_protocol::Output::Envelope(envelope)) = &output {
                ids.tokens.insert(envelope.token().number(), envelope.token());
            }
            if now.as_ref() != Some(&entry.json) {
                let now = now.map_or_else(|| "nothing".into(), |now| now.to_string());
                return Err(format!("the output was {}, now it is {now}", entry.json));
            }
        }
        What::Pull { connection: id, write: recorded } => {
            text.clear();
            let write = machine.poll_transmit(connection(id)?, text);
            let now = write.map(|write| (write.number(), text.len() as u64));
            writes.extend(write.map(|write| (write.number(), write)));
            if now != *recorded {
                return Err(format!("the write and its size were {recorded:?}, now {now:?}"));
            }
        }
        What::LeftOut(_) => {}
    }
    Ok(())
}

/// The input with the recorded text of its error.
fn with_detail<'a>(input: &'a OwnedInput, detail: &'a str) -> Input<'a> {
    match input {
        OwnedInput::OpenFailed => Input::OpenFailed { detail },
        OwnedInput::DialFailed(status) => Input::DialFailed { status: *status, detail },
        OwnedInput::ReadError => Input::Closed(Closed::ReadError(detail)),
        OwnedInput::WriteError => Input::Closed(Closed::WriteError(detail)),
        other => other.as_input(),
    }
}

fn watched(
    recording: &Recording,
    entries: &[Entry],
    keeps_steps: bool,
    played: &mut Played,
) -> Result<(), Problem> {
    let started = Subject::new(&recording.config, recording.seed, recording.start);
    let (mut subject, _) = started.map_err(|violation| Problem { line: 1, violation })?;
    subject.forget_record();
    // There is no secret in a recording, and the word for one is not looked for.
    subject.let_the_peer_say_anything();
    let mut ids = Ids::default();
    let mut writes = Writes::default();
    for entry in entries {
        ids.look(subject.machine());
        // What this machine has not given out cannot be done to it.
        let Some(step) = step(entry, &ids, &mut writes, &subject) else { continue };
        if keeps_steps {
            played.steps.push(step.clone());
        }
        let taken = subject.take(step);
        let (_, outputs) = taken.map_err(|violation| Problem { line: entry.line, violation })?;
        for output in outputs {
            match output {
                Output::Envelope(envelope) => {
                    ids.tokens.insert(envelope.token().number(), envelope.token());
                }
                Output::Transmit { connection, write, .. } => {
                    writes.pulled.entry(connection.number()).or_default().push(write);
                }
                _ => {}
            }
        }
    }
    Ok(())
}

/// Which write is which: of each connection the first is the first.
#[derive(Default)]
struct Writes {
    /// The recorded ones: their places among those of their connection.
    recorded: BTreeMap<u64, usize>,
    counts: BTreeMap<u64, usize>,
    pulled: BTreeMap<u64, Vec<WriteId>>,
}

impl Writes {
    fn of(&self, connection: u64, recorded: u64) -> Option<WriteId> {
        self.pulled.get(&connection)?.get(*self.recorded.get(&recorded)?).copied()
    }
}

fn step(entry: &Entry, ids: &Ids, writes: &mut Writes, subject: &Subject) -> Option<Step> {
    let token = |number: &u64| ids.tokens.get(number).copied();
    let (at, call) = match &entry.what {
        What::Input { at, connection, said } => {
            let input = match said {
                Said::Text { text, bytes } => OwnedInput::Text(padded(text, *bytes)),
                Said::Input(input, _) => input.clone(),
                Said::Written(number) => OwnedInput::Written(writes.of(*connection, *number)?),
                Said::NotWritten(number) => OwnedInput::NotWritten(writes.of(*connection, *number)?),
            };
            (*at, Call::Input(ids.connections.get(connection).copied()?, input))
        }
        What::Timeout(at) => (*at, Call::Timeout),
        What::Backlog(at, full) => (*at, Call::Backlog { full: *full }),
        What::Acknowledge { at, token: number, payload, .. } => {
            (*at, Call::Acknowledge(token(number)?, payload.clone()))
        }
        What::Decline(at, number) => (*at, Call::Decline(token(number)?)),
        What::Withhold(number) => (subject.now(), Call::Withhold(token(number)?)),
        What::Shutdown(at, grace) => (*at, Call::Shutdown(*grace)),
        What::Pull { connection, write: Some((write, _)) } => {
            let place = writes.counts.entry(*connection).or_default();
            writes.recorded.insert(*write, *place);
            *place += 1;
            return None;
        }
        What::Pull { .. } | What::Output | What::LeftOut(_) => return None,
    };
    Some(Step { at, call })
}
