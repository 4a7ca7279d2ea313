//! Deadlines of many connections: a heap with at most one live entry for each. A deadline that moves away
//! leaves its entry where it is; only one that moves closer costs a push. So nothing is touched per message.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::session::{NEVER, Time};

/// What a timer belongs to: the slot of a connection, a listener or a pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Owner {
    /// A connection.
    Conn(u32),
    /// A listener.
    Listener(u32),
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

    /// When the next entry fires.
    pub fn next(&self) -> Time {
        self.heap.peek().map_or(NEVER, |Reverse((due, _))| *due)
    }
}
