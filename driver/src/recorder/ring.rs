//! The last records, in pieces of one size: the oldest piece makes room for the newest.

use std::collections::VecDeque;

use socketmode_protocol::Instant;

/// The size of a piece. No record is longer than this less [`BATCH_BYTES`].
pub(super) const PIECE_BYTES: usize = 16 * 1024;
/// The loop hands over what it has when it is as much as this, or when its poll ends.
pub(super) const BATCH_BYTES: usize = 4 * 1024;

/// Records in their order.
#[derive(Clone, Debug, Default)]
pub(super) struct Piece {
    /// The time before the first record: records hold the distance from the one before.
    pub(super) base: Instant,
    pub(super) bytes: Vec<u8>,
    pub(super) records: u64,
}

impl Piece {
    /// It grows with what is in it, and not beyond the size of a piece: a quiet client records some hundred bytes a day.
    fn append(&mut self, bytes: &[u8]) {
        let size = self.bytes.len() + bytes.len();
        if size > self.bytes.capacity() {
            self.bytes.reserve_exact(size.max((size * 2).min(PIECE_BYTES)) - self.bytes.len());
        }
        self.bytes.extend_from_slice(bytes);
    }
}

#[derive(Debug)]
pub(super) struct Ring {
    pieces: VecDeque<Piece>,
    most: usize,
    /// The records that had to make room.
    dropped: u64,
    /// The records that [`Builder::recording_to`](crate::Builder::recording_to) could not write.
    pub(super) unwritten: u64,
}

impl Ring {
    /// With 0 bytes it keeps nothing.
    pub(super) fn new(bytes: usize) -> Self {
        let most = if bytes == 0 { 0 } else { bytes.div_ceil(PIECE_BYTES).max(2) };
        Self { pieces: VecDeque::new(), most, dropped: 0, unwritten: 0 }
    }

    pub(super) fn push(&mut self, batch: &Piece) {
        if self.most == 0 {
            self.dropped += batch.records;
            return;
        }
        let fits = |last: &&mut Piece| last.bytes.len() + batch.bytes.len() <= PIECE_BYTES;
        if let Some(last) = self.pieces.back_mut().filter(fits) {
            // The batch begins at the time at which the one before it ended.
            last.append(&batch.bytes);
            last.records += batch.records;
            return;
        }
        let oldest = if self.pieces.len() == self.most { self.pieces.pop_front() } else { None };
        self.dropped += oldest.as_ref().map_or(0, |oldest| oldest.records);
        // The memory is used again.
        let mut bytes = oldest.map_or_else(Vec::new, |oldest| oldest.bytes);
        bytes.clear();
        let mut piece = Piece { base: batch.base, bytes, records: batch.records };
        piece.append(&batch.bytes);
        self.pieces.push_back(piece);
    }

    pub(super) fn pieces(&self) -> Vec<Piece> {
        self.pieces.iter().cloned().collect()
    }

    pub(super) fn dropped(&self) -> u64 {
        self.dropped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(n: u8) -> Piece {
        Piece { base: Instant::from_millis(n.into()), bytes: vec![n; BATCH_BYTES], records: 1 }
    }

    #[test]
    fn the_oldest_piece_makes_room_and_is_counted() {
        let mut ring = Ring::new(1);
        for n in 0..9 {
            ring.push(&batch(n));
        }
        // Two pieces of four batches are the least.
        let kept = ring.pieces();
        assert_eq!((kept.len(), ring.dropped()), (2, 4));
        assert_eq!((kept[0].base, kept[0].records, kept[0].bytes[0]), (Instant::from_millis(4), 4, 4));
        assert_eq!((kept[1].records, kept[1].bytes.len()), (1, BATCH_BYTES));
        assert!(kept.iter().all(|piece| piece.bytes.len() <= PIECE_BYTES));
    }

    #[test]
    fn a_ring_of_no_bytes_keeps_nothing() {
        let mut ring = Ring::new(0);
        ring.push(&batch(0));
        assert_eq!((ring.pieces().len(), ring.dropped()), (0, 1));
    }
}
