//! Reads the fields behind the payload from the end of the message, without a look at the payload.
//!
//! Outside of strings, JSON can be read in both directions. A string without escapes begins at the last quote before its end.
//! Messages with escapes behind the payload are read forwards instead.

use memchr::memrchr2;

use super::fields::has;
use super::trim_end;

/// More fields than Slack puts behind a payload.
const MOST: usize = 8;

/// A field: its key without quotes, its value as it stands.
pub(crate) type Field<'a> = (&'a str, &'a str);

/// Calls `each` with `None`, and then with the fields between the last object or array in `text` and its end, which is the end
/// of the message, in their order. Returns `None`, without a call, if there is anything else than fields with strings,
/// numbers, booleans and nulls.
pub(crate) fn for_each_field<'a>(text: &'a str, mut each: impl FnMut(Option<Field<'a>>)) -> Option<()> {
    read(before(text, '}')?, MOST, &mut each)
}

/// The last field is read first. It is told last, once the others have been read.
fn read<'a>(text: &'a str, most: usize, each: &mut impl FnMut(Option<Field<'a>>)) -> Option<()> {
    if text.ends_with(['}', ']']) {
        each(None);
        return Some(());
    }
    let most = most.checked_sub(1)?;
    let (value, before_value) = split_value(text)?;
    let (key, before_key) = split_string(before(before_value, ':')?)?;
    let key = key.get(1..key.len() - 1)?;
    read(before(before_key, ',')?, most, each)?;
    each(Some((key, value)));
    Some(())
}

/// What stands before this character, which ends `text` but for white space; without the white space before it.
fn before(text: &str, end: char) -> Option<&str> {
    trim_end(text).strip_suffix(end).map(trim_end)
}

/// The string, number, boolean or null that ends `text`, and what stands before it.
fn split_value(text: &str) -> Option<Field<'_>> {
    if text.ends_with('"') {
        return split_string(text);
    }
    let start = text.bytes().rposition(|byte| !matches!(byte, b'a'..=b'z' | b'0'..=b'9'))? + 1;
    let (rest, value) = text.split_at_checked(start)?;
    let is_number =
        || value.bytes().all(|byte| byte.is_ascii_digit()) && (value == "0" || !value.starts_with('0'));
    let is_plain = matches!(value, "true" | "false" | "null") || !value.is_empty() && is_number();
    is_plain.then_some((value, rest))
}

/// The string that ends `text`, with its quotes, and what stands before it.
fn split_string(text: &str) -> Option<Field<'_>> {
    let inner = text.strip_suffix('"')?;
    let start = memrchr2(b'"', b'\\', inner.as_bytes())?;
    let (rest, string) = text.split_at_checked(start)?;
    let is_start = string.starts_with('"') && !rest.ends_with('\\');
    (is_start && !has(string.as_bytes(), |byte| byte < 0x20)).then_some((string, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    fn fields(text: &str) -> Option<Vec<Field<'_>>> {
        let mut fields = Vec::new();
        let read = for_each_field(text, |field| fields.extend(field));
        assert!(read.is_some() || fields.is_empty(), "{text}");
        read.map(|()| fields)
    }

    #[test]
    fn the_fields_behind_the_payload_are_read() {
        let slack =
            r#"{"a":"}"},"type":"events_api","accepts_response_payload":false,"retry_attempt":10,"x":null}"#;
        let expected = [
            ("type", r#""events_api""#),
            ("accepts_response_payload", "false"),
            ("retry_attempt", "10"),
            ("x", "null"),
        ];
        assert_eq!(fields(slack).unwrap(), expected);
        assert_eq!(fields("[1] , \"a\"\t:\n\"é\" \r}  ").unwrap(), [("a", "\"é\"")]);
        assert_eq!(fields(r#"{"a":1}}"#).unwrap(), []);
        assert_eq!(fields(r#"{},"":0}"#).unwrap(), [("", "0")]);
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_not_read() {
        for text in [
            r#"{"a":"b"}"#,
            r#"{},"a":"\"}"#,
            r#"{},"a":"b\"c"}"#,
            r#"{},"a\\":"c"}"#,
            r#"{},"a":\n"}"#,
            r#"{},"a":-1}"#,
            r#"{},"a":1.5}"#,
            r#"{},"a":01}"#,
            r#"{},"a":}"#,
            r#"{},"a":nul}"#,
            r#"{},"a" "b"}"#,
            r#"{},a:"b"}"#,
            r#"{}"a":"b"}"#,
            r#"{},"a":"b""#,
            "{},\"a\":\"\u{1}\"}",
            "",
        ] {
            assert_eq!(fields(text), None, "{text}");
        }
        let nine = r#","a":1"#.repeat(MOST + 1);
        assert_eq!(fields(&alloc::format!("{{}}{nine}}}")), None);
    }
}
