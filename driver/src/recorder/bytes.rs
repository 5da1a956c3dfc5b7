//! Numbers and texts as bytes: small numbers, which nearly all are, take one.

/// The mark of a number or a text that is there.
const SOME: u8 = 1;

/// Writes to the end of a list.
pub(super) trait Put {
    fn byte(&mut self, byte: u8);
    fn number(&mut self, number: u64);
    fn text(&mut self, text: &str);

    fn size(&mut self, size: usize) {
        self.number(size as u64);
    }

    fn maybe_number(&mut self, number: Option<u64>) {
        self.byte(u8::from(number.is_some()));
        if let Some(number) = number {
            self.number(number);
        }
    }

    fn maybe_text(&mut self, text: Option<&str>) {
        self.byte(u8::from(text.is_some()));
        if let Some(text) = text {
            self.text(text);
        }
    }
}

impl Put for Vec<u8> {
    #[inline]
    fn byte(&mut self, byte: u8) {
        self.push(byte);
    }

    /// Seven bits in a byte, the lowest first; the eighth bit says that there are more.
    #[inline]
    fn number(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.push(number as u8);
    }

    #[inline]
    fn text(&mut self, text: &str) {
        self.size(text.len());
        self.extend_from_slice(text.as_bytes());
    }
}

/// Reads what [`Put`] has written. `None` at the end.
#[derive(Clone, Copy)]
pub(super) struct Take<'a>(pub(super) &'a [u8]);

impl<'a> Take<'a> {
    pub(super) fn byte(&mut self) -> Option<u8> {
        let (&byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(byte)
    }

    pub(super) fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    pub(super) fn text(&mut self) -> Option<&'a str> {
        let size = usize::try_from(self.number()?).ok()?;
        let (text, rest) = self.0.split_at_checked(size)?;
        self.0 = rest;
        std::str::from_utf8(text).ok()
    }

    pub(super) fn maybe_number(&mut self) -> Option<Option<u64>> {
        if self.byte()? == SOME { self.number().map(Some) } else { Some(None) }
    }

    pub(super) fn maybe_text(&mut self) -> Option<Option<&'a str>> {
        if self.byte()? == SOME { self.text().map(Some) } else { Some(None) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let numbers = [0, 1, 127, 128, 300, u64::from(u32::MAX), u64::MAX - 1, u64::MAX];
        let mut bytes = Vec::new();
        for number in numbers {
            bytes.number(number);
            bytes.maybe_number(Some(number));
        }
        bytes.text("é");
        bytes.maybe_text(None);
        bytes.maybe_text(Some(""));
        let mut take = Take(&bytes);
        for number in numbers {
            assert_eq!((take.number(), take.maybe_number()), (Some(number), Some(Some(number))));
        }
        assert_eq!(
            (take.text(), take.maybe_text(), take.maybe_text()),
            (Some("é"), Some(None), Some(Some("")))
        );
        assert_eq!(take.byte(), None);
    }
}
