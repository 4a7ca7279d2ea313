//! What waits of one connection, or of none.

use std::collections::VecDeque;

use super::event::EventKind;
use super::letter::{Lane, Letter};
use crate::protocol::Kept;
use crate::session::{Overflow, Queue};

/// Pings, pongs and other small events of a connection that may wait beside its messages.
pub const SMALL_MAX: usize = 1024;

/// What waits of one connection.
#[derive(Default)]
pub struct Inbox {
    /// Letters with their numbers, by lane.
    pub lanes: [VecDeque<(u64, Letter)>; 3],
    /// Payload of the messages, or for nobody's letters the weight of what was published.
    pub bytes: u64,
    /// Turns in the order for which there is no letter any more: the next letters take them.
    pub idle_turns: usize,
    /// Turns that came while it was held.
    pub missed: usize,
    /// The host has paused the connection.
    pub held: bool,
    /// Somebody waits for room, by these limits.
    pub waits: Option<Queue>,
}

impl Inbox {
    /// What waits in a lane.
    pub fn lane(&mut self, lane: Lane) -> &mut VecDeque<(u64, Letter)> {
        &mut self.lanes[lane as usize]
    }

    /// Messages and fragments that wait.
    pub fn messages(&self) -> usize {
        self.lanes[Lane::Message as usize].len()
    }

    /// What else waits.
    pub fn small(&self) -> usize {
        self.lanes[Lane::Peer as usize].len() + self.lanes[Lane::Own as usize].len()
    }

    /// Nothing waits.
    pub fn is_empty(&self) -> bool {
        self.lanes.iter().all(VecDeque::is_empty)
    }

    /// Letters that wait until the connection is no longer paused.
    pub fn holdable(&self) -> usize {
        self.messages() + self.lanes[Lane::Peer as usize].len()
    }

    /// The lane with the oldest letter that may be delivered.
    pub fn next(&self) -> Option<Lane> {
        let lanes = [Lane::Message, Lane::Peer, Lane::Own];
        let open = lanes.into_iter().filter(|lane| !self.held || *lane == Lane::Own);
        let first = |lane: &Lane| self.lanes[*lane as usize].front().map(|(number, _)| *number);
        open.filter(|lane| first(lane).is_some()).min_by_key(first)
    }

    /// More may come.
    pub fn has_room(&self, queue: &Queue) -> bool {
        let slows_down = queue.overflow == Overflow::Backpressure;
        self.small() < SMALL_MAX && (!slows_down || queue.is_open(self.messages(), self.bytes))
    }

    /// So little waits that more may come again.
    pub fn has_eased(&self, queue: &Queue) -> bool {
        let slows_down = queue.overflow == Overflow::Backpressure;
        self.small() <= SMALL_MAX / 2 && (!slows_down || queue.has_eased(self.messages(), self.bytes))
    }

    /// The letter that tells of messages lost at `number`, if it waits already: with no message between it and those, and
    /// in the same session.
    pub fn gap(&mut self, number: u64) -> Option<&mut Letter> {
        let messages = &self.lanes[Lane::Message as usize];
        let before = messages.partition_point(|(n, _)| *n < number);
        let after = before.checked_sub(1).map_or(0, |at| messages[at].0);
        let mut own = self.lanes[Lane::Own as usize].iter().rev();
        let back = own.find(|(n, l)| *n < number && l.event.kind == EventKind::Open).map_or(0, |(n, _)| *n);
        let after = after.max(back);
        let peer = self.lane(Lane::Peer);
        let (_, gap) = peer.iter_mut().rev().find(|(n, l)| *n > after && l.event.kind == EventKind::Queue)?;
        Some(gap)
    }
}

impl Kept for Box<Inbox> {
    fn size(&self) -> usize {
        let places: usize = self.lanes.iter().map(VecDeque::capacity).sum();
        size_of::<Inbox>() + places * size_of::<(u64, Letter)>()
    }

    fn clear(&mut self) {
        self.held = false; // and it is empty
    }
}
