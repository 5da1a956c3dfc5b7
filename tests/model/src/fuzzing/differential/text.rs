//! Messages and payloads that are nearly right.

use crate::choice::Choice;

/// How deep values may be in each other.
const DEEPEST: u32 = 4;

/// Keys that are read somewhere.
const KEYS: &[&str] = &[
    "type",
    "envelope_id",
    "payload",
    "accepts_response_payload",
    "retry_attempt",
    "retry_reason",
    "reason",
    "num_connections",
    "debug_info",
    "connection_info",
    "host",
    "build_number",
    "approximate_connection_time",
    "app_id",
    "command",
    "text",
    "response_url",
    "trigger_id",
    "event",
    "event_id",
    "event_time",
    "is_ext_shared_channel",
    "user",
    "id",
    "view",
    "state",
    "values",
    "value",
    "selected_options",
    "files",
    "a",
    "",
    r"typ\u0065",
    r"pay\u006coad",
    r"\ud800",
];

/// Values that are taken for something, or not quite.
const VALUES: &[&str] = &[
    r#""hello""#,
    r#""disconnect""#,
    r#""events_api""#,
    r#""slash_commands""#,
    r#""interactive""#,
    r#""block_actions""#,
    r#""view_submission""#,
    r#""message""#,
    r#""warning""#,
    r#""link_disabled""#,
    r#""e1""#,
    r#""""#,
    r#""\ud800""#,
    r#""\u0031\n\"\\""#,
    r#""2""#,
    r#""+2""#,
    r#""true""#,
    "true",
    "false",
    "null",
    "0",
    "-0",
    "2.0",
    "1e400",
    "18446744073709551616",
    "4294967296",
    "01",
    "tru",
    "\"\u{1}\"",
    "{]",
    "[}",
    r#"{"a":{]}"#,
];

/// A message: three fields that make one, or whatever comes.
pub(super) fn any(choice: &mut impl Choice) -> String {
    let mut text = String::new();
    if choice.chance(1, 2) {
        let kinds = ["hello", "disconnect", "events_api", "slash_commands", "interactive", "new"];
        text += &format!(r#"{{"type":"{}","envelope_id":"e1""#, choice.pick(&kinds));
        fields(&mut text, choice, DEEPEST, true);
        text.push('}');
    } else {
        value(&mut text, choice, DEEPEST);
    }
    // Now and then something is missing, or too much.
    match choice.below(16) {
        1 => {
            text.pop();
        }
        2 => text.push('x'),
        3 => text.insert(0, ' '),
        _ => {}
    }
    text
}

fn value(text: &mut String, choice: &mut impl Choice, depth: u32) {
    match choice.below(64) {
        _ if depth == 0 || choice.is_over() => text.push_str(choice.pick::<&str>(VALUES)),
        0..=23 => {
            text.push('{');
            fields(text, choice, depth - 1, false);
            text.push('}');
        }
        24..=31 => {
            text.push('[');
            for n in 0..choice.below(4) {
                separate(text, choice, n > 0);
                value(text, choice, depth - 1);
            }
            text.push(']');
        }
        32 => {
            let deep = usize::try_from(choice.below(300)).unwrap();
            *text += &"[".repeat(deep);
            *text += &"]".repeat(deep);
        }
        33 => {
            let long = usize::try_from(choice.below(700)).unwrap();
            *text += &format!("\"{}é\"", "x".repeat(long));
        }
        _ => text.push_str(choice.pick::<&str>(VALUES)),
    }
}

fn fields(text: &mut String, choice: &mut impl Choice, depth: u32, more: bool) {
    for n in 0..choice.below(8) {
        separate(text, choice, more || n > 0);
        *text += &format!("\"{}\"", choice.pick(KEYS));
        text.push(':');
        value(text, choice, depth);
    }
}

/// A comma, and white space of one kind or another.
fn separate(text: &mut String, choice: &mut impl Choice, comma: bool) {
    match choice.below(32) {
        0 if comma => text.push_str(" ,\n"),
        1 => text.push_str(",,"),
        2 => text.push('\u{a0}'),
        _ if comma => text.push(','),
        _ => {}
    }
}
