//! The recent output of a run, by byte number.

use std::collections::VecDeque;

use bytes::Bytes;

/// How far into the buffer a replay looks for a line to begin with.
const LINE_SEARCH: usize = 4096;

/// The smallest allocation: a prompt fits.
const FIRST_ALLOCATION: usize = 1024;

/// The last bytes of a run's output. Memory grows with what was put in, to `max` bytes and no further.
#[derive(Debug)]
pub struct Ring {
    start: u64,
    bytes: VecDeque<u8>,
    max: usize,
}

impl Ring {
    pub fn new(max: usize) -> Self {
        Self { start: 0, bytes: VecDeque::new(), max }
    }

    /// The number of the oldest byte that is still here.
    pub fn start(&self) -> u64 {
        self.start
    }

    /// The number of the next byte that comes.
    pub fn end(&self) -> u64 {
        self.start + self.bytes.len() as u64
    }

    /// Appends, and forgets what no longer fits.
    pub fn push(&mut self, new: &[u8]) {
        let kept = &new[new.len().saturating_sub(self.max)..];
        let evicted = (self.bytes.len() + kept.len()).saturating_sub(self.max);
        self.bytes.drain(..evicted);
        self.start += (evicted + new.len() - kept.len()) as u64;
        self.grow(self.bytes.len() + kept.len());
        self.bytes.extend(kept);
    }

    /// A copy of at most `max` bytes from number `from` on, which must still be here.
    pub fn copy(&self, from: u64, max: usize) -> Bytes {
        let skip = usize::try_from(from.saturating_sub(self.start)).unwrap_or(usize::MAX);
        let skip = skip.min(self.bytes.len());
        let count = max.min(self.bytes.len() - skip);
        let (front, back) = self.bytes.as_slices();
        let of_front = &front[skip.min(front.len())..(skip + count).min(front.len())];
        let back_skip = skip.saturating_sub(front.len());
        let of_back = &back[back_skip..back_skip + count - of_front.len()];
        Bytes::from([of_front, of_back].concat())
    }

    /// Where a replay for a browser that has nothing begins: at 0 if nothing was forgotten; else after the first
    /// newline near the start, else at the first byte that does not continue a UTF-8 character.
    pub fn replay_start(&self) -> u64 {
        if self.start == 0 {
            return 0;
        }
        let newline = self.bytes.iter().take(LINE_SEARCH).position(|byte| *byte == b'\n');
        let skip = match newline {
            Some(at) => at + 1,
            None => {
                let whole = self.bytes.iter().position(|byte| byte & 0xc0 != 0x80);
                whole.unwrap_or(self.bytes.len())
            }
        };
        self.start + skip as u64
    }

    /// Doubles, but never past `max`, which `VecDeque` would by itself.
    fn grow(&mut self, needed: usize) {
        let capacity = self.bytes.capacity();
        if needed > capacity {
            let wanted = needed.max(2 * capacity).max(FIRST_ALLOCATION).min(self.max);
            self.bytes.reserve_exact(wanted - self.bytes.len());
        }
    }

    #[cfg(test)]
    pub fn allocated(&self) -> usize {
        self.bytes.capacity()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// However output is cut, the ring holds its last bytes under their numbers, in bounded memory.
        #[test]
        fn holds_the_last_bytes(
            max in 1..300_usize,
            pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..400), 0..30),
            (skip, count) in (0..400_usize, 0..400_usize),
        ) {
            let mut ring = Ring::new(max);
            let mut all = Vec::new();
            for piece in &pieces {
                ring.push(piece);
                all.extend_from_slice(piece);
                prop_assert_eq!(ring.end(), all.len() as u64);
                prop_assert_eq!(ring.start(), all.len().saturating_sub(max) as u64);
                prop_assert!(ring.allocated() <= max);
            }
            let held = &all[all.len().saturating_sub(max)..];
            let skip = skip.min(held.len());
            let expected = &held[skip..(skip + count).min(held.len())];
            prop_assert_eq!(ring.copy(ring.start() + skip as u64, count), expected);
        }
    }

    fn truncated(text: &[u8]) -> Ring {
        let mut ring = Ring::new(text.len());
        ring.push(b"forgotten");
        ring.push(text);
        assert_eq!(ring.start(), 9);
        ring
    }

    #[test]
    fn nothing_forgotten_is_replayed_whole() {
        let mut ring = Ring::new(64);
        ring.push("é first\nsecond".as_bytes());
        assert_eq!(ring.replay_start(), 0);
    }

    #[test]
    fn a_replay_begins_after_a_line() {
        let ring = truncated(b"rest of a line\nwhole\nwhole");
        assert_eq!(ring.copy(ring.replay_start(), 100), "whole\nwhole");
        let ring = truncated(b"only its end is here\n");
        assert_eq!(ring.replay_start(), ring.end());
    }

    #[test]
    fn a_newline_after_the_first_4_kib_is_too_far() {
        let far = [vec![b'x'; LINE_SEARCH], b"\nwhole".to_vec()].concat();
        assert_eq!(truncated(&far).replay_start(), 9);
        let near = [vec![b'x'; LINE_SEARCH - 1], b"\nwhole".to_vec()].concat();
        assert_eq!(truncated(&near).replay_start(), 9 + LINE_SEARCH as u64);
    }

    #[test]
    fn a_replay_without_lines_begins_at_a_character() {
        let ring = truncated(&"🦦 otter".as_bytes()[1..]);
        assert_eq!(ring.copy(ring.replay_start(), 100), " otter");
        let ring = truncated(&[0x80; 7]);
        assert_eq!(ring.replay_start(), ring.end());
    }
}
