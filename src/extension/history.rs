//! What a connection keeps of what has come: the bytes that its peer may refer to.

/// The last bytes of a stream: at most a window of them, in no more memory than that.
#[derive(Default)]
pub(super) struct History {
    bytes: Vec<u8>,
    /// Where the oldest byte lies, and the next one goes, once there is a window of them; 0 until then.
    next: usize,
}

impl History {
    /// What is kept, the older part first.
    pub fn parts(&self) -> [&[u8]; 2] {
        let (newer, older) = self.bytes.split_at(self.next);
        [older, newer]
    }

    /// Keeps the last `window` bytes of what was kept and `more`; of one history the window is always the same.
    pub fn push(&mut self, more: &[u8], window: usize) {
        let more = &more[more.len().saturating_sub(window)..];
        let (first, rest) = more.split_at(more.len().min(window - self.bytes.len()));
        self.grow(first, window);
        // What does not fit lies over the oldest.
        let (end, start) = rest.split_at(rest.len().min(window - self.next));
        self.bytes[self.next..][..end.len()].copy_from_slice(end);
        self.bytes[..start.len()].copy_from_slice(start);
        self.next = (self.next + rest.len()) % window;
    }

    /// Forgets everything, for another connection.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.next = 0;
    }

    fn grow(&mut self, more: &[u8], window: usize) {
        let needed = self.bytes.len() + more.len();
        if needed > self.bytes.capacity() {
            self.bytes.reserve_exact(needed.next_power_of_two().min(window) - self.bytes.len());
        }
        self.bytes.extend_from_slice(more);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_window_of_bytes_in_order_whatever_they_came_in() {
        for window in [256, 512] {
            for piece in [1, 7, 100, 255, 256, 257, 511, 512, 1000] {
                let (mut history, mut all) = (History::default(), Vec::new());
                for round in 0..600_usize {
                    let more: Vec<u8> = (0..piece + round % 3).map(|i| (i * 31 + round * 7) as u8).collect();
                    history.push(&more, window);
                    all.extend_from_slice(&more);
                    let kept = history.parts().concat();
                    assert_eq!(kept, all[all.len().saturating_sub(window)..], "{window} {piece} {round}");
                    assert!(history.bytes.capacity() <= window);
                }
                history.clear();
                assert_eq!(history.parts().concat(), []);
            }
        }
    }
}
