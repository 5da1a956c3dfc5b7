//! Reads the fields behind the payload from the end of the message, without a look at the payload.
//!
//! Outside of strings, JSON can be read in both directions. A string without escapes begins at the last quote before its end.
//! Messages with escapes behind the payload are read forwards instead.

/// More fields than Slack puts behind a payload.
const MOST: usize = 8;

/// A field: its key without quotes, its value as it stands.
pub(crate) type Field<'a> = (&'a str, &'a str);

/// The fields between the last object or array in `text` and its end, which is the end of the message, in their order. `None`
/// if there is anything else than fields with strings, numbers, booleans and nulls.
pub(crate) fn fields(text: &str) -> Option<impl Iterator<Item = Field<'_>>> {
    let mut found = [("", ""); MOST];
    let mut at = MOST;
    let mut rest = before(text, '}')?;
    while !rest.ends_with(['}', ']']) {
        let (value, before_value) = split_value(rest)?;
        let (key, before_key) = split_string(before(before_value, ':')?)?;
        at = at.checked_sub(1)?;
        *found.get_mut(at)? = (key.get(1..key.len() - 1)?, value);
        rest = before(before_key, ',')?;
    }
    Some(found.into_iter().skip(at))
}

/// What stands before this character, which ends `text` but for white space; without the white space before it.
fn before(text: &str, end: char) -> Option<&str> {
    text.trim_end_matches(super::WHITE_SPACE)
        .strip_suffix(end)
        .map(|rest| rest.trim_end_matches(super::WHITE_SPACE))
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
    let start = inner.bytes().rposition(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f))?;
    let (rest, string) = text.split_at_checked(start)?;
    let is_start = string.starts_with('"') && !rest.ends_with('\\');
    is_start.then_some((string, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    fn read(text: &str) -> Option<Vec<Field<'_>>> {
        fields(text).map(Iterator::collect)
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
        assert_eq!(read(slack).unwrap(), expected);
        assert_eq!(read("[1] , \"a\"\t:\n\"é\" \r}  ").unwrap(), [("a", "\"é\"")]);
        assert_eq!(read(r#"{"a":1}}"#).unwrap(), []);
        assert_eq!(read(r#"{},"":0}"#).unwrap(), [("", "0")]);
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_not_read() {
        for text in [
            r#"{"a":"b"}"#,
            r#"{},"a":"\"}"#,
            r#"{},"a":"b\"c"}"#,
            r#"{},"a\\":"c"}"#,
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
            assert_eq!(read(text), None, "{text}");
        }
        let nine = r#","a":1"#.repeat(MOST + 1);
        assert_eq!(read(&alloc::format!("{{}}{nine}}}")), None);
    }
}
