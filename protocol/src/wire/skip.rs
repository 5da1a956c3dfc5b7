//! Finding the end of a JSON object or array by its structure alone, 64 bytes at a time.
//!
//! The payload of an envelope is skipped like this, and read by whoever asks for it: checking its grammar as well would
//! be the largest cost on the way of an envelope. Quotes and brackets are counted as in "Parsing gigabytes of JSON per
//! second" (Langdale, Lemire 2019); the instructions come from `wide`, which has them in safe functions.

use wide::{CmpEq, i8x16};

/// The index after the object or array that begins at `start`; `None` if it does not end.
///
/// Strings are respected, brackets are counted and not matched by kind, and nothing else is checked.
pub(crate) fn container_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut depth = 0_usize;
    // All ones while the byte before the block is inside a string.
    let mut in_string = 0_u64;
    // The first byte of the block is escaped.
    let mut escaped = false;
    let mut at = start;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        let block = Block::of(rest);
        let quotes = block.quotes & !escaped_bytes(block.backslashes, &mut escaped);
        // The bytes from each opening quote up to its closing one.
        let strings = prefix_xor(quotes) ^ in_string;
        in_string = if strings >> 63 == 1 { u64::MAX } else { 0 };
        let (opens, mut closes) = (block.opens & !strings, block.closes & !strings);
        if closes.count_ones() as usize >= depth {
            // The end may be in here: one closing bracket after the other.
            let before = depth;
            while closes != 0 {
                let bit = closes.trailing_zeros();
                let below = (1_u64 << bit) - 1;
                let closed = (block.closes & !strings & below).count_ones() as usize + 1;
                if before + (opens & below).count_ones() as usize == closed {
                    return Some(at + bit as usize + 1);
                }
                closes &= closes - 1;
            }
            closes = block.closes & !strings;
        }
        depth = (depth + opens.count_ones() as usize).checked_sub(closes.count_ones() as usize)?;
        at += 64;
    }
    None
}

/// Where the bytes that matter are in 64 bytes, a bit for each.
struct Block {
    quotes: u64,
    backslashes: u64,
    opens: u64,
    closes: u64,
}

impl Block {
    fn of(rest: &[u8]) -> Self {
        let mut padded = [0; 64];
        let bytes = match rest.first_chunk::<64>() {
            Some(block) => block,
            None => {
                padded.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
                &padded
            }
        };
        let mut block = Self { quotes: 0, backslashes: 0, opens: 0, closes: 0 };
        for (lane, chunk) in bytes.chunks_exact(16).enumerate() {
            let Some(chunk) = chunk.first_chunk::<16>() else { continue };
            let lanes = i8x16::from(chunk.map(signed));
            // `[` and `{` differ by this bit alone, and so do `]` and `}`.
            let folded = lanes | i8x16::splat(0x20);
            let bits = |lanes: i8x16, byte: u8| {
                (lanes.cmp_eq(i8x16::splat(signed(byte))).move_mask() as u64 & 0xffff) << (16 * lane)
            };
            block.quotes |= bits(lanes, b'"');
            block.backslashes |= bits(lanes, b'\\');
            block.opens |= bits(folded, b'{');
            block.closes |= bits(folded, b'}');
        }
        block
    }
}

fn signed(byte: u8) -> i8 {
    i8::from_ne_bytes([byte])
}

/// The bytes that a backslash before them escapes.
fn escaped_bytes(mut backslashes: u64, escaped: &mut bool) -> u64 {
    let mut bytes = u64::from(core::mem::take(escaped));
    backslashes &= !bytes;
    while backslashes != 0 {
        let bit = backslashes.trailing_zeros();
        if bit == 63 {
            *escaped = true;
            break;
        }
        bytes |= 2 << bit;
        backslashes &= !(3 << bit);
    }
    bytes
}

/// Each bit is the parity of the bits up to and including it.
fn prefix_xor(mut bits: u64) -> u64 {
    for shift in [1, 2, 4, 8, 16, 32] {
        bits ^= bits << shift;
    }
    bits
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
    fn escapes_across_blocks_are_seen() {
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
