//! Finds the end of a JSON object or array by its structure alone.
//!
//! The payload of an envelope is skipped in this way, and parsed only when the application reads it: checking its grammar
//! would cost more than everything else that is done with an envelope.

use memchr::memchr2;

/// The index after the object or array that begins at `start`; `None` if it does not end.
///
/// Strings are respected, brackets are counted and not matched by kind, and nothing else is checked.
pub(crate) fn container_end(bytes: &[u8], start: usize) -> Option<usize> {
    let (mut depth, mut at) = (0_usize, start);
    loop {
        match *bytes.get(at)? {
            b'"' => at = string_end(bytes, at)?,
            b'{' | b'[' => {
                depth += 1;
                at += 1;
            }
            b'}' | b']' => {
                depth = depth.checked_sub(1)?;
                at += 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => at += 1,
        }
    }
}

/// The index after the string that begins at `start`.
fn string_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start + 1;
    loop {
        at += memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes.get(at) == Some(&b'"') {
            return Some(at + 1);
        }
        // A backslash, and what it escapes.
        at += 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;
    use alloc::string::String;
    use alloc::vec::Vec;
    use core::time::Duration;

    /// The same, a byte at a time.
    fn slowly(bytes: &[u8], start: usize) -> Option<usize> {
        let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
        for (at, byte) in bytes.iter().enumerate().skip(start) {
            match (in_string, byte) {
                (true, _) if escaped => escaped = false,
                (true, b'\\') => escaped = true,
                (_, b'"') => in_string = !in_string,
                (false, b'{' | b'[') => depth += 1,
                (false, b'}' | b']') => {
                    depth -= 1;
                    if depth == 0 {
                        return Some(at + 1);
                    }
                }
                _ => {}
            }
        }
        None
    }

    #[test]
    fn it_finds_the_same_end_as_a_byte_at_a_time() {
        let mut random = Random::new(3);
        let mut pick =
            |n: u64| random.between(Duration::ZERO, Duration::from_millis(n - 1)).as_millis() as usize;
        for _ in 0..20_000 {
            let mut text: Vec<u8> = Vec::from(*b"{");
            let mut in_string = false;
            for _ in 0..pick(300) {
                let choice = pick(12);
                match (in_string, choice) {
                    (true, 0..3) => text.extend([b'\\', *b"\"\\nu".get(pick(4)).unwrap()]),
                    (_, 3) => {
                        text.push(b'"');
                        in_string = !in_string;
                    }
                    (_, 4) => text.push(b'{'),
                    (_, 5) => text.push(b'['),
                    (_, 6) if pick(3) == 0 => text.push(b'}'),
                    (_, 7) if pick(3) == 0 => text.push(b']'),
                    _ => text.extend("xé".bytes()),
                }
            }
            if in_string {
                text.push(b'"');
            }
            text.extend(core::iter::repeat_n(b'}', pick(30)));
            text.extend(*b", \"more\": [1]}");
            assert_eq!(container_end(&text, 0), slowly(&text, 0), "{}", String::from_utf8_lossy(&text));
        }
    }

    #[test]
    fn escapes_are_seen_wherever_they_stand() {
        for padding in 50..80 {
            let text = alloc::format!("[\"{}\\\\\\\"]\"]x", "a".repeat(padding));
            assert_eq!(container_end(text.as_bytes(), 0), Some(text.len() - 1), "{text}");
        }
    }

    #[test]
    fn what_does_not_end_has_no_end() {
        for text in ["{", "[[]", "{\"}", "[\"\\\"]", "{\"a\":[1,2,3]"] {
            assert_eq!(container_end(text.as_bytes(), 0), None, "{text}");
        }
    }
}
