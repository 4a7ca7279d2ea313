//! What of a connection may wait for a host that does not take it, and what becomes of more.

/// What becomes of a message for which the queue has no room. Numbers are part of the ABI.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum Overflow {
    /// It stays where it is: nothing is read until there is room again, so that the peer is slowed down.
    Backpressure = 1,
    /// The oldest ones make room.
    DropOldest = 2,
    /// It is dropped.
    DropNewest = 3,
    /// It ends the connection.
    Error = 4,
}

impl Overflow {
    /// The policy with this number.
    pub fn from_number(number: u32) -> Option<Self> {
        [Self::Backpressure, Self::DropOldest, Self::DropNewest, Self::Error].into_iter().find(|o| *o as u32 == number)
    }

    /// Messages that nobody takes are lost.
    pub fn drops(self) -> bool {
        matches!(self, Self::DropOldest | Self::DropNewest)
    }
}

/// How much may wait. One message always may, however large it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Queue {
    /// Messages, or fragments where those are delivered.
    pub messages: u32,
    pub overflow: Overflow,
    /// Bytes in them.
    pub bytes: u64,
}

impl Queue {
    /// Bookkeeping must not outgrow payload.
    pub const MESSAGES: u32 = 1024;
    /// As much as a batch lends.
    pub const BYTES: u64 = 4 << 20;

    /// With so much in it, there is room for more, whatever its size.
    pub fn is_open(&self, messages: usize, bytes: u64) -> bool {
        messages < self.messages as usize && bytes < self.bytes
    }

    /// With so much in it, there is room for a message of this size.
    pub fn fits(&self, messages: usize, bytes: u64, size: u64) -> bool {
        messages == 0 || (messages < self.messages as usize && size <= self.bytes.saturating_sub(bytes))
    }

    /// So little is in it that a peer that was slowed down may go on.
    pub fn has_eased(&self, messages: usize, bytes: u64) -> bool {
        messages <= self.messages as usize / 2 && bytes <= self.bytes / 2
    }
}

impl Default for Queue {
    fn default() -> Self {
        Self { messages: Self::MESSAGES, overflow: Overflow::Backpressure, bytes: Self::BYTES }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_message_always_fits() {
        let queue = Queue { messages: 2, bytes: 10, ..Queue::default() };
        assert!(queue.fits(0, 0, 1000) && queue.fits(1, 4, 6));
        assert!(!queue.fits(1, 4, 7) && !queue.fits(2, 0, 0) && !queue.fits(1, 1000, 1));
    }

    #[test]
    fn numbers_are_the_policies() {
        for number in 1..=4 {
            assert_eq!(Overflow::from_number(number).map(|overflow| overflow as u32), Some(number));
        }
        assert!(Overflow::from_number(0).is_none() && Overflow::from_number(5).is_none());
    }
}
