//! Deadlines of many connections: a heap with at most one live entry for each. A deadline that moves away
//! leaves its entry where it is; only one that moves closer costs a push. So nothing is touched per message. Entries
//! that nobody waits for any more are swept out when there are too many of them.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::session::{NEVER, Time};

/// So many entries are never too many.
const CROWD: usize = 256;

/// What a timer belongs to, by the slot of a connection, a listener or a pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owner {
    /// A connection.
    Conn(u32),
    /// A listener.
    Listener(u32),
    /// What a client that comes back is to do next.
    Client(u32),
    /// A pool.
    Pool(u32),
}

/// The timers of an engine.
#[derive(Debug, Default)]
pub struct Timers {
    heap: BinaryHeap<Reverse<(Time, Owner)>>,
}

impl Timers {
    /// `owner` has a deadline at `due`; `armed` is when its earliest entry fires, kept by the owner.
    #[inline]
    pub fn arm(&mut self, owner: Owner, due: Time, armed: &mut Time) {
        if due < *armed {
            *armed = due;
            self.heap.push(Reverse((due, owner)));
        }
    }

    /// The next entry that has fired, with the time it was armed for. The owner may have moved on: it compares
    /// with its own `armed`.
    pub fn fired(&mut self, now: Time) -> Option<(Time, Owner)> {
        let Reverse((due, _)) = self.heap.peek()?;
        if *due > now {
            return None;
        }
        self.heap.pop().map(|Reverse(entry)| entry)
    }

    /// So few owners cannot wait for all of these entries.
    pub fn is_crowded(&self, owners: usize) -> bool {
        self.heap.len() > CROWD + 4 * owners
    }

    /// Sweeps out all entries but those that somebody waits for, each of which stays once.
    pub fn sweep(&mut self, mut is_awaited: impl FnMut(Time, Owner) -> bool) {
        let mut entries = std::mem::take(&mut self.heap).into_vec();
        entries.retain(|Reverse((due, owner))| is_awaited(*due, *owner));
        entries.sort_unstable();
        entries.dedup();
        entries.shrink_to(2 * entries.len());
        self.heap = entries.into();
    }

    /// When the next entry fires.
    pub fn next(&self) -> Time {
        self.heap.peek().map_or(NEVER, |Reverse((due, _))| *due)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_waits_for_is_swept_out() {
        let (mut timers, mut armed) = (Timers::default(), [NEVER; 2]);
        for round in 0..1000 {
            // Each deadline comes closer, and one is told twice.
            for (slot, armed) in armed.iter_mut().enumerate() {
                timers.arm(Owner::Conn(slot as u32), 5000 - round, armed);
            }
            timers.arm(Owner::Conn(1), 5000 - round, &mut NEVER.clone());
            if timers.is_crowded(armed.len()) {
                timers.sweep(|due, owner| armed[usize::from(owner == Owner::Conn(1))] == due);
                assert_eq!(timers.heap.len(), 2);
            }
            assert!(timers.heap.len() <= CROWD + 4 * armed.len() + 3);
        }
        timers.sweep(|due, owner| armed[usize::from(owner == Owner::Conn(1))] == due);
        assert_eq!(timers.fired(NEVER), Some((4001, Owner::Conn(0))));
        assert_eq!(timers.fired(NEVER), Some((4001, Owner::Conn(1))));
        assert_eq!((timers.fired(NEVER), timers.next()), (None, NEVER));
    }
}
