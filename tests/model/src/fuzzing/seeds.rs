//! Where the fuzzers begin: a few inputs for each target, made from what Slack says.
//!
//! They are committed below `fuzz/corpus`; a test makes them again and compares.

use crate::random::Random;
use crate::step::{OwnedInput, slack};

/// A file's name, and what is in it.
pub type Seed = (String, Vec<u8>);

/// The seeds of a target.
#[must_use]
pub fn seeds(target: &str) -> Vec<Seed> {
    match target {
        "differential" => differential(),
        "driver_socket" => lives(&[], 32),
        "frame_text" => frames().collect(),
        "open_response" => answers(),
        "steps" => lives(&[], 32),
        other => panic!("no seeds for {other}"),
    }
}

/// Messages, good and bad.
const MESSAGES: &[(&str, &str)] = &[
    ("empty", ""),
    ("no-json", "UNAUTHENTICATED: cache_error"),
    ("no-object", "[]"),
    ("null", "null"),
    ("empty-object", "{}"),
    ("cut", r#"{"type":"hello""#),
    ("too-much", r#"{"type":"hello"} x"#),
    ("hello-bare", r#"{"type":"hello"}"#),
    ("hello-odd", r#"{"type":"hello","num_connections":"2","debug_info":[],"connection_info":null}"#),
    ("disconnect-new", r#"{"type":"disconnect","reason":"novel"}"#),
    ("new-type", r#"{"type":"novel","envelope_id":"e1","payload":{"a":1}}"#),
    ("new-type-without-id", r#"{"type":"novel"}"#),
    ("no-envelope-id", r#"{"type":"events_api","payload":{}}"#),
    ("no-payload", r#"{"type":"events_api","envelope_id":"e1"}"#),
    (
        "escapes",
        r#"{"\u0065nvelope_id":"e\u0031\n\"","typ\u0065":"events\u005fapi","retry_reason":"time\u006fut"}"#,
    ),
    (
        "half-surrogates",
        r#"{"\ud800":"\ud800","type":"events_api","envelope_id":"e","payload":{"text":"\ud800"}}"#,
    ),
    (
        "duplicate-keys",
        r#"{"type":"hello","type":"interactive","envelope_id":"a","envelope_id":"b","payload":1,"payload":2}"#,
    ),
    ("unbalanced-payload", r#"{"type":"events_api","envelope_id":"e1","payload":{"a":[}}"#),
    ("payload-that-is-no-json", r#"{"type":"events_api","envelope_id":"e1","payload":{]}"#),
    ("payload-of-text", r#"{"type":"interactive","envelope_id":"e1","payload":"\"}{"}"#),
    (
        "payload-with-brackets-in-text",
        r#"{"payload":{"a":"]}\\\"}"},"type":"interactive","envelope_id":"e1"}"#,
    ),
    (
        "retries-as-text",
        r#"{"type":"events_api","envelope_id":"e1","accepts_response_payload":"true","retry_attempt":"2"}"#,
    ),
    (
        "numbers-out-of-range",
        r#"{"type":"events_api","envelope_id":"e1","retry_attempt":1e999,"x":-0.5e-400}"#,
    ),
    (
        "fields-of-another-type",
        r#"{"type":"interactive","envelope_id":"e1","accepts_response_payload":1,"retry_attempt":[],"retry_reason":7}"#,
    ),
    (
        "interactive",
        r#"{"envelope_id":"i1","type":"interactive","accepts_response_payload":true,"payload":{"type":"view_submission","user":{"id":"U1"},"view":{"id":"V1","state":{"values":{"b":{"a":{"type":"checkboxes","selected_options":[{"value":"x"}]}}}}}}}"#,
    ),
];

/// Payloads, for those that read them.
const PAYLOADS: &[(&str, &str)] = &[
    (
        "command",
        r#"{"command":"/weather","text":"94070","user_id":"U1","response_url":"https://hooks.slack.com/x"}"#,
    ),
    (
        "callback",
        r#"{"type":"event_callback","event_id":"Ev1","event_time":1700000000,"event":{"type":"message","channel":"C1","text":"hi","ts":"1.2"}}"#,
    ),
    (
        "message-changed",
        r#"{"type":"message","subtype":"message_changed","message":{"text":"now","message":{}},"files":[{"id":"F1"},null]}"#,
    ),
    (
        "block-actions",
        r#"{"type":"block_actions","user":{"id":"U1"},"trigger_id":"1.2.x","actions":[{"action_id":"a","value":"42"}]}"#,
    ),
    (
        "view",
        r#"{"type":"modal","state":{"values":{"b":{"a":{"type":"plain_text_input","value":"x"},"c":7}}}}"#,
    ),
    ("reaction", r#"{"type":"reaction_added","reaction":"eyes","item":{"type":"message","ts":1.5}}"#),
    ("shortcut", r#"{"type":"shortcut","callback_id":"new","user":[],"is_enterprise_install":"true"}"#),
];

fn named(name: &str, bytes: impl Into<Vec<u8>>) -> Seed {
    (name.into(), bytes.into())
}

fn frames() -> impl Iterator<Item = Seed> {
    let said = [
        ("hello", slack::hello(1, Some(18_060))),
        ("warning", slack::disconnect("warning")),
        ("refresh-requested", slack::disconnect("refresh_requested")),
        ("link-disabled", slack::disconnect("link_disabled")),
        ("too-many-websockets", slack::disconnect("too_many_websockets")),
        ("event", OwnedInput::Text(slack::event("e1", "Ev1", 0))),
        ("event-again", OwnedInput::Text(slack::event("e1", "Ev1", 1))),
        ("command", OwnedInput::Text(slack::command("c1"))),
    ];
    let said = said.into_iter().filter_map(|(name, input)| match input {
        OwnedInput::Text(text) => Some(named(name, text)),
        _ => None,
    });
    let binary = named("binary", [0xff, 0xfe]);
    let messages = MESSAGES.iter().map(|(name, text)| named(name, *text));
    // What the model says holds its secret; what is committed need not.
    let plain = |(name, bytes): Seed| {
        let text = String::from_utf8_lossy(&bytes).replace(slack::SECRET, "x");
        (name, text.into_bytes())
    };
    said.map(plain).chain(messages).chain([binary])
}

fn answers() -> Vec<Seed> {
    let url = r#"{"ok":true,"url":"wss://wss-primary.slack.com/link/?ticket=t&app_id=A1"}"#;
    let mut answers: Vec<_> = [
        ("ok", 200, None, url),
        ("created", 201, None, url),
        ("escaped-url", 200, None, r#"{"ok":true,"url":"wss:\/\/h.slack.com\/"}"#),
        ("fragment", 200, None, r#"{"ok":true,"url":"wss://h.slack.com/?a#b"}"#),
        ("port", 200, None, r#"{"ok":true,"url":"wss://h.slack-gov.com:443/"}"#),
        ("user", 200, None, r#"{"ok":true,"url":"wss://a@h.slack.com/"}"#),
        ("plain", 200, None, r#"{"ok":true,"url":"ws://h.slack.com/"}"#),
        ("loopback", 200, None, r#"{"ok":true,"url":"ws://127.0.0.1:80/"}"#),
        ("elsewhere", 200, None, r#"{"ok":true,"url":"wss://slack.com.example.com/"}"#),
        ("no-url", 200, None, r#"{"ok":true}"#),
        ("neither", 200, None, r#"{"ok":false}"#),
        ("html", 200, None, "<html>"),
        ("empty", 200, None, ""),
        ("invalid-auth", 200, None, r#"{"ok":false,"error":"invalid_auth"}"#),
        ("missing-scope", 200, None, r#"{"ok":false,"error":"missing_scope"}"#),
        ("ratelimited", 200, Some("7"), r#"{"ok":false,"error":"ratelimited"}"#),
        ("internal-error", 200, None, r#"{"ok":false,"error":"internal_error"}"#),
        ("new-code", 200, None, r#"{"ok":false,"error":"novel"}"#),
        ("status-301", 301, None, ""),
        ("status-403", 403, None, ""),
        ("status-408", 408, None, ""),
        ("status-500", 500, Some("3"), ""),
        ("status-0", 0, None, ""),
    ]
    .into_iter()
    .map(|(name, status, retry_after, body)| answer(name, status, retry_after, body))
    .collect();
    let waits =
        ["30", "0", "-1", "+5", " 4 ", "soon", "99999999999999999999", "Fri, 31 Dec 1999 23:59:59 GMT"];
    for (n, wait) in waits.into_iter().enumerate() {
        answers.push(answer(&format!("retry-after-{n}"), 429, Some(wait), ""));
    }
    answers
}

/// As [`open_response`](super::open_response) reads it.
fn answer(name: &str, status: u16, retry_after: Option<&str>, body: &str) -> Seed {
    let mut bytes = status.to_be_bytes().to_vec();
    bytes.push(retry_after.map_or(255, |text| u8::try_from(text.len()).unwrap()));
    bytes.extend(retry_after.unwrap_or_default().bytes());
    bytes.extend(body.bytes());
    named(name, bytes)
}

/// As [`differential`](super::differential) reads it.
fn differential() -> Vec<Seed> {
    let after = |first: u8, (name, bytes): Seed| (name, [&[first], bytes.as_slice()].concat());
    let payloads = PAYLOADS.iter().map(|(name, text)| named(&format!("payload-{name}"), *text));
    let mut all: Vec<_> = frames().chain(payloads).map(|seed| after(1, seed)).collect();
    all.extend(lives(&[0], 8));
    all.extend(lives(&[2], 16).into_iter().map(|(name, bytes)| (name.replace("life", "text"), bytes)));
    all
}

/// Bytes that choose: longer and longer ones.
fn lives(first: &[u8], count: u64) -> Vec<Seed> {
    let life = |n: u64| {
        let mut random = Random::new(n);
        let mut bytes = first.to_vec();
        bytes.extend((0..32 + 24 * n).map(|_| random.word().to_be_bytes()[0]));
        named(&format!("life-{n:02}"), bytes)
    };
    (0..count).map(life).collect()
}
