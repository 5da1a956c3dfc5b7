//! Replays what a client has recorded (`Client::recording`, `Builder::recording_to`):
//!
//! `cargo run -p socketmode-model --example replay -- bug.jsonl [--as-test] [--quiet]`
//!
//! It prints what happened, plays it in the state machine under all invariants, and compares the outputs. `--as-test` prints
//! a test for `tests/model/tests` instead of the timeline, `--quiet` prints neither.
//!
//! It ends with 0 if everything was the same, with 1 if an invariant broke or an output was another one, and with 2 if the
//! file cannot be played: it is no recording, or its beginning is missing.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program for people")]

use std::io::{self, Write};
use std::process::ExitCode;

use socketmode_model::replay::{self, Problem, Recording};

const USAGE: &str = "replay <file of a recording> [--as-test] [--quiet]";
const HEAD: &str = "use std::time::Duration;

use socketmode_model::ids::Alphabet;
use socketmode_model::replay::padded;
use socketmode_model::step::{Call, OwnedInput, Step};
use socketmode_model::subject::Subject;
use socketmode_protocol::verdict::Verdict;
use socketmode_protocol::{AckPolicy, Config, Instant};
";

fn main() -> ExitCode {
    let (mut path, mut prints_test, mut is_quiet) = (None, false, false);
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--as-test" => prints_test = true,
            "--quiet" => is_quiet = true,
            other if other.starts_with('-') => return cannot(&format!("{other:?} is unknown: {USAGE}")),
            _ if path.is_none() => path = Some(argument),
            _ => return cannot(USAGE),
        }
    }
    let Some(path) = path else { return cannot(USAGE) };
    let read = std::fs::read(&path).map_err(|error| format!("{path}: {error}"));
    let text = read.and_then(|bytes| String::from_utf8(bytes).map_err(|_| format!("{path}: it is no text")));
    let recording = text.and_then(|text| replay::read(&text).map_err(|error| format!("{path}, {error}")));
    let recording = match recording {
        Ok(recording) => recording,
        Err(error) => return cannot(&error),
    };
    // A panic of the machine is found and told as an invariant: its own words would only come twice.
    std::panic::set_hook(Box::new(|_| {}));
    if !is_quiet && !prints_test {
        show(&replay::timeline(&recording));
    }
    if recording.dropped > 0 {
        return cannot(&format!(
            "the first {} records made room for later ones: without them it is a timeline and cannot be played. \
             Builder::recording_to keeps all of them, a larger Builder::recording_bytes more",
            recording.dropped
        ));
    }
    play(&recording, prints_test)
}

fn play(recording: &Recording, prints_test: bool) -> ExitCode {
    let (played, problems) = replay::play(recording, prints_test);
    if prints_test {
        match replay::as_test(recording, &played.steps) {
            Ok(test) => show(&format!("{HEAD}\n{test}")),
            Err(error) => return cannot(&error),
        }
    }
    eprintln!("{} calls played, {} outputs the same", played.calls, played.outputs);
    if played.left_out > 0 {
        eprintln!("{} records could not be written: nothing behind them was played", played.left_out);
    }
    if !problems.is_empty() && recording.version != env!("CARGO_PKG_VERSION") {
        let this = env!("CARGO_PKG_VERSION");
        eprintln!("version {} made the recording, and this is {this}: outputs may differ", recording.version);
    }
    problems.iter().for_each(|problem: &Problem| eprintln!("{problem}"));
    if problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Whoever reads it may have seen enough.
fn show(text: &str) {
    let _ = io::stdout().write_all(text.as_bytes());
}

fn cannot(why: &str) -> ExitCode {
    eprintln!("{why}");
    ExitCode::from(2)
}
