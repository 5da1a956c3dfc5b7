//! Reads the fields of a JSON object, without parsing their values.

use alloc::borrow::Cow;
use alloc::string::String;

use serde::de::{Deserialize, IgnoredAny};
use serde_json::value::RawValue;

use super::{behind, trim_start};
use crate::errors::BadMessageError;
use crate::skip;

/// Calls `each` with every key (unescaped) and value (unparsed) of the object in `text`. The grammar of every value is checked.
pub(crate) fn for_each_field<'a>(
    text: &'a str,
    mut each: impl FnMut(&[u8], &'a str),
) -> Result<(), BadMessageError> {
    walk(text, None, |key, value, _| each(key, value))
}

/// The same for a message. Its `payload` is skipped without a check if it is an object or an array: parsing it later checks it.
///
/// With `backwards`, the fields behind the payload are read from the end of the message, up to the first object or array.
/// Then the value of the payload contains everything after it, and the last argument is false: the value is not exact.
pub(crate) fn for_each_field_of_message<'a>(
    text: &'a str,
    backwards: bool,
    each: impl FnMut(&[u8], &'a str, bool),
) -> Result<(), BadMessageError> {
    walk(text, Some(backwards), each)
}

/// The text from the value of the first field of this name on. What follows the value is not looked at, and of the fields before
/// it the grammar of objects and arrays is not checked.
pub(crate) fn first_value<'a>(object: &'a str, name: &[u8]) -> Option<&'a str> {
    let mut rest = trim_start(object).strip_prefix('{')?;
    loop {
        let (key, value) = take_key(trim_start(rest))?;
        if *key == *name {
            return Some(value);
        }
        let (_, after) = take_value(value, true)?;
        rest = trim_start(after).strip_prefix(',')?;
    }
}

/// The string that `text` begins with.
pub(crate) fn leading_string(text: &str) -> Option<Cow<'_, str>> {
    string(take_string(text)?.0)
}

fn walk<'a>(
    text: &'a str,
    message: Option<bool>,
    mut each: impl FnMut(&[u8], &'a str, bool),
) -> Result<(), BadMessageError> {
    let mut rest = trim_start(text);
    let Some(fields) = rest.strip_prefix('{') else {
        let is_json = serde_json::from_str::<IgnoredAny>(rest).is_ok() || rest.starts_with('[');
        return Err(if is_json { BadMessageError::NotAnObject } else { BadMessageError::NotJson });
    };
    rest = trim_start(fields);
    if let Some(end) = rest.strip_prefix('}') {
        return end_of_text(end);
    }
    loop {
        let (key, value) = take_key(rest).ok_or(BadMessageError::NotJson)?;
        let is_payload = message.is_some() && &*key == b"payload" && value.starts_with(['{', '[']);
        if is_payload && message == Some(true) {
            // Behind its first bracket: the last one of the message is not the payload's own.
            let behind = value.get(1..).unwrap_or_default();
            let each = |field: Option<behind::Field<'a>>| match field {
                None => each(&key, value, false),
                Some((key, value)) => each(key.as_bytes(), value, true),
            };
            if behind::for_each_field(behind, each).is_some() {
                return Ok(());
            }
        }
        let (value, after) = take_value(value, is_payload).ok_or(BadMessageError::NotJson)?;
        each(&key, value, true);
        rest = trim_start(after);
        match rest.strip_prefix(',') {
            Some(next) => rest = trim_start(next),
            None => return end_of_text(rest.strip_prefix('}').ok_or(BadMessageError::NotJson)?),
        }
    }
}

fn end_of_text(rest: &str) -> Result<(), BadMessageError> {
    if trim_start(rest).is_empty() { Ok(()) } else { Err(BadMessageError::NotJson) }
}

/// The key that `text` begins with, unescaped, and the text from its value on. A key is bytes: half a surrogate pair in a
/// foreign one must not cost the message.
fn take_key(text: &str) -> Option<(Cow<'_, [u8]>, &str)> {
    let inner = text.strip_prefix('"')?;
    let (key, after) = match plain_end(inner.as_bytes()) {
        Some(end) => (Cow::Borrowed(inner.as_bytes().get(..end)?), inner.get(end + 1..)?),
        None => {
            let (key, after) = take_unusual_string(text)?;
            // A key with an invalid escape is not one of ours.
            (Cow::Owned(serde_json::from_str::<String>(key).unwrap_or_default().into_bytes()), after)
        }
    };
    let value = trim_start(after).strip_prefix(':')?;
    Some((key, trim_start(value)))
}

/// The value that `text` begins with, and what follows it.
fn take_value(text: &str, skip_container: bool) -> Option<(&str, &str)> {
    match text.as_bytes().first()? {
        b'"' => take_string(text),
        b'{' | b'[' if skip_container => text.split_at_checked(skip::container_end(text.as_bytes(), 0)?),
        b't' if text.starts_with("true") => text.split_at_checked("true".len()),
        b'f' if text.starts_with("false") => text.split_at_checked("false".len()),
        _ => {
            let mut reader = serde_json::Deserializer::from_str(text);
            let value = <&RawValue>::deserialize(&mut reader).ok()?;
            text.split_at_checked(value.get().len())
        }
    }
}

/// The string that `text` begins with, quotes included, and what follows it.
fn take_string(text: &str) -> Option<(&str, &str)> {
    match plain_end(text.strip_prefix('"')?.as_bytes()) {
        Some(end) => text.split_at_checked(end + 2),
        None => take_unusual_string(text),
    }
}

/// The same for one that has escapes, or what no string may have.
fn take_unusual_string(text: &str) -> Option<(&str, &str)> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = <&RawValue>::deserialize(&mut reader).ok()?;
    text.split_at_checked(value.get().len())
}

/// Where the quote is that ends a string, unless a backslash or a control character stands before it.
fn plain_end(inner: &[u8]) -> Option<usize> {
    // Keys and ids are short: eight bytes at a time are over before a search with vectors has begun.
    const EACH: u64 = u64::from_ne_bytes([1; 8]);
    const TOP: u64 = EACH << 7;
    let below = |word: u64, limit: u64| word.wrapping_sub(EACH * limit) & !word & TOP;
    let mut rest = inner;
    let at = loop {
        let Some((word, behind)) = rest.split_first_chunk() else {
            break rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | ..=0x1f))?;
        };
        let word = u64::from_le_bytes(*word);
        let [quotes, backslashes] = [b'"', b'\\'].map(|byte| below(word ^ (EACH * u64::from(byte)), 1));
        // The lowest one is right. A carry can make others above it.
        let found = quotes | backslashes | below(word, 0x20);
        if found != 0 {
            break found.trailing_zeros() as usize / 8;
        }
        rest = behind;
    };
    (rest.get(at) == Some(&b'"')).then_some(inner.len() - rest.len() + at)
}

/// A string, with or without escapes.
pub(crate) fn string(value: &str) -> Option<Cow<'_, str>> {
    let inner = value.strip_prefix('"')?.strip_suffix('"')?;
    if has(inner.as_bytes(), |byte| byte == b'\\') {
        return serde_json::from_str::<String>(value).ok().map(Cow::Owned);
    }
    Some(Cow::Borrowed(inner))
}

/// Whether there is such a byte. It looks at each, without a branch: the compiler makes it look at many at a time.
pub(crate) fn has(bytes: &[u8], such: impl Fn(u8) -> bool) -> bool {
    bytes.iter().fold(false, |found, &byte| found | such(byte))
}

/// The text of a number as it stands there.
pub(crate) fn number_text(value: &str) -> Option<Cow<'_, str>> {
    value.starts_with(|first: char| first == '-' || first.is_ascii_digit()).then_some(Cow::Borrowed(value))
}

/// True or false, also where it came as a string.
pub(crate) fn boolean(value: &str) -> Option<bool> {
    value.trim_matches('"').parse().ok()
}

/// A number, also where it came as a string.
pub(crate) fn number<N: core::str::FromStr>(value: &str) -> Option<N> {
    value.trim_matches('"').parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    /// One byte after the other.
    fn slow_plain_end(inner: &[u8]) -> Option<usize> {
        let end = inner.iter().position(|&byte| matches!(byte, b'"' | b'\\' | ..=0x1f))?;
        (inner[end] == b'"').then_some(end)
    }

    #[test]
    fn the_end_of_a_string_is_found_at_each_place() {
        // What ends a string, what must not be in one, and what differs from them by a bit or by one.
        let bytes =
            [0x22, 0x5c, 0x00, 0x1f, 0x20, 0x21, 0x23, 0x5b, 0x5d, 0x7f, 0x80, 0x9f, 0xa2, 0xdc, 0xff];
        for length in 0..40 {
            for fill in [b'a', b'#', 0xa2] {
                for at in 0..length {
                    for byte in bytes {
                        let mut inner = vec![fill; length];
                        inner[at] = byte;
                        assert_eq!(
                            plain_end(&inner),
                            slow_plain_end(&inner),
                            "{byte:#x} at {at} of {length}"
                        );
                        inner.extend(*b"\"\\\x01\"");
                        assert_eq!(
                            plain_end(&inner),
                            slow_plain_end(&inner),
                            "{byte:#x} at {at} of {length}"
                        );
                    }
                }
            }
        }
    }
}
