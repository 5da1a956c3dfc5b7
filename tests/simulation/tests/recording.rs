//! What a client records can be replayed: the pure machine puts out the same, and no invariant breaks.
#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests"
)]

use std::time::Duration;

use socketmode_driver::Recording;
use socketmode_model::invariants::Invariant;
use socketmode_model::random::Random;
use socketmode_model::replay::{self, Played, Problem};
use socketmode_model::step::slack;
use socketmode_simulation::{Plan, record};

const HOUR: Duration = Duration::from_secs(3_600);
/// More than any of these lives needs.
const ALL: usize = 1 << 30;

fn life(seed: u64, hours: u32) -> Recording {
    let (result, recording) = record(&Plan { recording_bytes: ALL, ..Plan::of(seed, HOUR * hours) });
    result.unwrap_or_else(|failure| panic!("{failure}"));
    assert_eq!(recording.dropped(), 0);
    recording
}

fn play(text: &str) -> (Played, Vec<Problem>) {
    let recording = replay::read(text).unwrap_or_else(|error| panic!("{error}"));
    replay::play(&recording, false)
}

fn invariants(text: &str) -> Vec<Invariant> {
    play(text).1.into_iter().map(|problem| problem.violation.invariant).collect()
}

#[test]
fn recorded_lives_among_faults_replay_to_the_same_outputs() {
    let (mut calls, mut outputs) = (0, 0);
    for seed in 0..40 {
        let (played, problems) = play(&life(seed, 3).to_string());
        assert!(problems.is_empty(), "seed {seed}: {}", problems[0]);
        calls += played.calls;
        outputs += played.outputs;
    }
    println!("{calls} calls, {outputs} outputs");
    assert!(calls > 100_000 && outputs > 50_000, "{calls} {outputs}");
}

/// A recording with one line changed: the first that holds `holds`.
fn tampered(text: &str, holds: &str, change: impl Fn(&str) -> String) -> String {
    let mut changed = false;
    let line = |line: &str| {
        if changed || !line.contains(holds) {
            return format!("{line}\n");
        }
        changed = true;
        change(line)
    };
    let text: String = text.lines().map(line).collect();
    assert!(changed, "no line holds {holds}");
    text
}

#[test]
fn an_output_that_is_another_one_is_named_with_its_line() {
    let text = life(2, 1).to_string();
    assert_eq!(invariants(&text), []);
    let without = |_: &str| String::new();
    let twice = |line: &str| format!("{line}\n{line}\n");
    let same = [Invariant::ReplayIsTheSame];
    for holds in [r#""out":"dial""#, r#""out":"envelope""#, r#""out":"write""#, r#""out":"notice""#] {
        assert_eq!(invariants(&tampered(&text, holds, without)), same, "without {holds}");
        assert_eq!(invariants(&tampered(&text, holds, twice)), same, "twice {holds}");
    }
    let elsewhere = |line: &str| line.replace(r#""elsewhere":false"#, r#""elsewhere":true"#) + "\n";
    let text = tampered(&text, r#""out":"sent""#, elsewhere);
    let problem = play(&text).1.remove(0);
    let line = text.lines().position(|line| line.contains(r#""elsewhere":true"#)).unwrap() + 1;
    assert_eq!((problem.line, problem.violation.invariant), (line, Invariant::ReplayIsTheSame));
}

#[test]
fn with_another_seed_or_config_the_outputs_differ() {
    // A life with attempts that failed: their waits are drawn from the seed.
    let mut lives = (0..40).map(|seed| life(seed, 6).to_string());
    let text = lives.find(|text| text.contains("ConnectionError")).unwrap();
    for (from, to) in [("\"seed\":", "\"seed\":1"), ("\"backoff_base\":1", "\"backoff_base\":30")] {
        let other = tampered(&text, from, |line| line.replace(from, to) + "\n");
        assert_eq!(invariants(&other), [Invariant::ReplayIsTheSame], "{to}");
    }
}

#[test]
fn a_recording_of_which_the_beginning_is_gone_says_so() {
    let (result, recording) = record(&Plan { recording_bytes: 1, ..Plan::of(3, 6 * HOUR) });
    result.unwrap();
    assert!(recording.dropped() > 0 && recording.records() > 100);
    let text = recording.to_string();
    assert!(text.len() > 1_000);
    let read = replay::read(&text).unwrap();
    assert_eq!((read.dropped, read.entries.len() as u64), (recording.dropped(), recording.records()));
    // What is left is the end of the whole.
    let (_, whole) = record(&Plan { recording_bytes: ALL, ..Plan::of(3, 6 * HOUR) });
    let tail = text.split_once('\n').unwrap().1;
    assert!(whole.to_string().ends_with(tail));
}

#[test]
fn with_no_bytes_nothing_is_recorded() {
    let (_, recording) = record(&Plan { recording_bytes: 0, ..Plan::of(1, HOUR) });
    assert_eq!((recording.to_string().as_str(), recording.records()), ("", 0));
}

#[test]
fn what_is_no_recording_is_an_error_with_its_line() {
    let text = life(2, 1).to_string();
    let mut lines = text.lines();
    let (header, second) = (lines.next().unwrap(), lines.next().unwrap());
    let error = |text: &str| replay::read(text).unwrap_err().to_string();
    for (text, says) in [
        (String::new(), "line 1: the file is empty"),
        ("x\n".into(), "line 1: no JSON"),
        ("[]\n".into(), "line 1: no JSON object"),
        ("{}\n".into(), "line 1: this is no recording"),
        (r#"{"socketmode_recording":2}"#.into(), "line 1: a recording of format 2"),
        (header.replace("\"silence\"", "\"silent\""), "line 1: config: silence is missing"),
        (header.replace("\"connections\":", "\"connections\":9"), "line 1: config: connections is"),
        (format!("{header}\n{{\"in\":\"novel\",\"t\":1,\"c\":0}}\n"), "line 2: no input is named"),
        (format!("{header}\n{{\"t\":1}}\n"), "line 2: neither an input"),
        (format!("{header}\n{{\"in\":\"binary\",\"t\":1,\"c\":0,\"bytes\":1e30}}\n"), "line 2: bytes is no"),
        (format!("{header}\n{second}\n{{\"t\n"), "line 3: no JSON"),
    ] {
        assert!(error(&text).starts_with(says), "{}", error(&text));
    }
    // The process died while it wrote its last line.
    assert_eq!(replay::read(&format!("{header}\n{second}\n{{\"t")).unwrap().entries.len(), 1);
    // Ids that no machine has given out differ, and nothing panics.
    let odd = format!("{header}\n{{\"in\":\"written\",\"t\":1,\"c\":77,\"w\":9}}\n");
    assert_eq!(invariants(&odd), [Invariant::ReplayIsTheSame]);
}

#[test]
fn a_damaged_file_never_makes_the_replay_panic() {
    let text = life(5, 1).to_string();
    let mut random = Random::new(1);
    for _ in 0..300 {
        let mut bytes = text.clone().into_bytes();
        bytes.truncate(bytes.len().min(40_000));
        for _ in 0..=random.below(4) {
            let at = usize::try_from(random.below(bytes.len() as u64)).unwrap();
            bytes[at] = *random.pick(b"0192{}\":,[]tx-");
        }
        if let Ok(recording) = replay::read(&String::from_utf8_lossy(&bytes)) {
            let (_, problems) = replay::play(&recording, true);
            let of_play = |problem: &Problem| problem.violation.invariant != Invariant::NothingPanics;
            assert!(problems.iter().all(of_play), "{problems:?}");
        }
    }
}

#[test]
fn the_whole_run_at_full_traffic_holds_no_secret() {
    for seed in 0..20 {
        let text = life(seed, 2).to_string();
        assert!(text.contains(r#""in":"envelope""#), "seed {seed}");
        for secret in [slack::SECRET, "ticket", "xapp-", "response_url", "hooks.slack.com", "\"event\""] {
            assert!(!text.contains(secret), "seed {seed}: {secret}");
        }
    }
}
