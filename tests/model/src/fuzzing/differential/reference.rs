//! A slow reader of messages, with `serde_json` for every value: what the machine's own is compared with.
//!
//! It differs from reading the whole text as a `Value` in what the machine's reader does on purpose:
//!
//! * the grammar inside a `payload` that is an object or array is not checked. Its end is where its brackets are
//!   balanced, whichever they are, outside of strings, and a string there is whatever stands between two quotes that
//!   no backslash in the string escapes;
//! * no other value is too deep, or a number too large, for the message: they cost their field. So does half a
//!   surrogate pair; in a key it makes a key that nobody asks for;
//! * of a text that begins with `[` nothing more is looked at: it is no object.
//!
//! Of duplicate keys the last counts in both.

use std::collections::BTreeMap;

use serde_json::Value;
use serde_json::value::RawValue;

/// The fields of an object, as they stand.
pub(super) type Fields<'a> = BTreeMap<String, &'a str>;

/// The fields, if it is an object; with `lax`, a payload that is only balanced will do.
pub(super) fn fields(text: &str, lax: bool) -> Option<Fields<'_>> {
    members(text, lax).map(|members| members.into_iter().collect())
}

/// Whether it is a message as Slack sends them: JSON, with one payload, and no other object or array behind it. Of others
/// the machine, which reads the fields behind a payload from the end of the message, may deliver what this reader refuses,
/// and miss fields between the payload and another object.
pub(super) fn is_plain(text: &str) -> bool {
    let Some(members) = members(text, false) else { return false };
    let mut behind = members.iter().skip_while(|(key, _)| key != "payload").skip(1);
    behind.all(|(key, value)| key != "payload" && !value.starts_with(['{', '[']))
}

fn members(text: &str, lax: bool) -> Option<Vec<(String, &str)>> {
    let mut members = Vec::new();
    let mut rest = white(text).strip_prefix('{')?;
    if let Some(end) = white(rest).strip_prefix('}') {
        return white(end).is_empty().then_some(members);
    }
    loop {
        let (key, after) = value(white(rest)).filter(|(key, _)| key.starts_with('"'))?;
        let key = serde_json::from_str(key).unwrap_or_default();
        let after = white(white(after).strip_prefix(':')?);
        let balanced = lax && key == "payload" && after.starts_with(['{', '[']);
        let (value, after) = if balanced { container(after) } else { value(after) }?;
        members.push((key, value));
        match white(after).strip_prefix(',') {
            Some(next) => rest = next,
            None => return white(white(after).strip_prefix('}')?).is_empty().then_some(members),
        }
    }
}

/// A field's value, if `Value` can hold it.
pub(super) fn get(fields: &Fields<'_>, name: &str) -> Option<Value> {
    serde_json::from_str(fields.get(name)?).ok()
}

fn white(text: &str) -> &str {
    text.trim_start_matches([' ', '\t', '\n', '\r'])
}

/// The value that a text begins with, and what follows.
fn value(text: &str) -> Option<(&str, &str)> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
    let value = values.next()?.ok()?;
    Some((value.get(), text.get(values.byte_offset()..)?))
}

/// The same of an object or array that is balanced.
fn container(text: &str) -> Option<(&str, &str)> {
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for (at, byte) in text.bytes().enumerate() {
        let was_escaped = std::mem::take(&mut escaped);
        match byte {
            b'\\' => escaped = quoted && !was_escaped,
            b'"' => quoted ^= !was_escaped,
            b'{' | b'[' if !quoted => depth += 1,
            b'}' | b']' if !quoted => {
                depth -= 1;
                if depth == 0 {
                    return text.split_at_checked(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}
