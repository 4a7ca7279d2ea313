//! Events that wait for the host, in the order in which they came: what was put by while another connection was received
//! from, what found no room in a batch, and, with a thread of the engine's own, everything.
//!
//! Each connection has an inbox while something of it waits; those of no connection share one. The order of all of them
//! is a queue of names: whose turn it is to deliver its next letter.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use super::event::{Event, EventKind};
use super::inbox::{Inbox, SMALL_MAX};
use super::letter::{Lane, Letter};
use crate::error::{Error, Operation, Status};
use crate::protocol::Shelf;
use crate::session::{Overflow, Queue, Time};

/// The owner of events that belong to no connection.
pub const NOBODY: u64 = 0;

/// Events of no connection that may wait, beside what is published and what somebody counts on: as many as a default
/// listener lets open at a time, for those may all fail at once.
pub const NOBODYS_MAX: usize = 16_384;
/// So many turns without a letter are no reason to look through all of them.
const IDLE_TURNS_MAX: usize = 64;

/// Events that wait for the host.
#[derive(Default)]
pub struct Mailbox {
    inboxes: HashMap<u64, Box<Inbox>>,
    /// Whose turn it is.
    order: VecDeque<u64>,
    /// Turns in it for which there is no letter any more.
    idle_turns: usize,
    /// For the next connection.
    spare: Shelf<Box<Inbox>>,
    /// The number of the next letter.
    next: u64,
    letters: usize,
    /// Letters of paused connections.
    held: usize,
    messages: usize,
    bytes: u64,
    /// Owners that have waited for room and have it.
    eased: Vec<u64>,
}

/// A message has no room: how full the queue is, and how large the message.
struct Full<'a> {
    queue: &'a Queue,
    messages: usize,
    bytes: u64,
    size: u64,
    now: Time,
}

impl Full<'_> {
    /// What to say of the first message that is lost.
    #[cold]
    fn error(&self, owner: u64) -> Error {
        let (detail, capacity, waiting) = match self.messages < self.queue.messages as usize {
            true => ("too many bytes wait to be taken (recv_queue_max)", self.queue.bytes, self.bytes),
            false => (
                "too many messages wait to be taken (recv_queue_messages)",
                self.queue.messages.into(),
                self.messages as u64,
            ),
        };
        Error::new(Status::QUEUE_FULL, detail).with(|e| {
            e.operation = Operation::Receive;
            e.capacity = capacity;
            e.current_size = Some(waiting);
            e.size = Some(self.size);
            e.policy = self.queue.overflow as u32;
            e.dropped = 1;
            e.conn = owner;
            e.time_ms = self.now / 1000;
        })
    }
}

/// What became of a message.
#[derive(Debug, PartialEq)]
pub enum Kept {
    /// So many were lost, it or older ones.
    Lost(u64),
    /// There was no room, and the connection is to end for it.
    Overflown(Error),
}

impl Mailbox {
    /// Nothing waits that the host could have now.
    pub fn is_empty(&self) -> bool {
        self.letters == self.held
    }

    /// Something of this owner waits.
    pub fn has(&self, owner: u64) -> bool {
        self.inboxes.get(&owner).is_some_and(|inbox| !inbox.is_empty())
    }

    /// Messages that wait, and bytes in them.
    pub fn waiting(&self) -> (usize, u64) {
        (self.messages, self.bytes)
    }

    /// The same of one connection.
    pub fn waiting_of(&self, owner: u64) -> (usize, u64) {
        self.inboxes.get(&owner).map_or((0, 0), |inbox| (inbox.messages(), inbox.bytes))
    }

    /// A connection may go on: what comes of it has room, or is dropped.
    pub fn has_room(&self, owner: u64, queue: &Queue) -> bool {
        self.inboxes.get(&owner).is_none_or(|inbox| inbox.has_room(queue))
    }

    /// There is room for an event of a connection that is no message.
    pub fn has_room_for_small(&self, owner: u64) -> bool {
        self.inboxes.get(&owner).is_none_or(|inbox| inbox.small() < SMALL_MAX)
    }

    /// There is room for events of no connection.
    pub fn has_room_for_nobody(&self) -> bool {
        self.inboxes.get(&NOBODY).is_none_or(|inbox| inbox.small() < NOBODYS_MAX)
    }

    /// There is no room; [`Mailbox::take_eased`] says when there is.
    pub fn await_room(&mut self, owner: u64, queue: &Queue) {
        if let Some(inbox) = self.inboxes.get_mut(&owner) {
            inbox.waits = Some(*queue);
        }
    }

    /// Owners that have waited for room and have it now.
    pub fn take_eased(&mut self) -> Vec<u64> {
        std::mem::take(&mut self.eased)
    }

    /// Puts in what is never dropped.
    pub fn push(&mut self, letter: Letter) {
        let owner = letter.event.conn;
        if letter.is_last() {
            self.hold(owner, false);
        }
        let number = self.number();
        self.insert(owner, number, letter);
    }

    /// Puts a message in, or does what is to be done if there is no room for it. `lost`: what the connection has lost
    /// before.
    pub fn push_message(&mut self, event: Event<'static>, data: &[u8], queue: &Queue, lost: u64, now: Time) -> Kept {
        let owner = event.conn;
        let (messages, bytes) = self.waiting_of(owner);
        let size = data.len() as u64;
        let mut dropped = 0;
        if queue.overflow != Overflow::Backpressure && !queue.fits(messages, bytes, size) {
            let full = Full { queue, messages, bytes, size, now };
            match queue.overflow {
                Overflow::DropOldest => dropped = self.make_room(owner, &full, lost),
                Overflow::DropNewest => {
                    let number = self.number();
                    self.tell_of_gap(number, &event, &full, lost + 1);
                    return Kept::Lost(1);
                }
                _ => return Kept::Overflown(full.error(owner)),
            }
        }
        self.push(Letter { event, data: data.into(), topic: None });
        Kept::Lost(dropped)
    }

    /// The oldest messages give way to one that takes their turn.
    fn make_room(&mut self, owner: u64, full: &Full, lost: u64) -> u64 {
        let mut dropped = 0;
        loop {
            let (messages, bytes) = self.waiting_of(owner);
            if full.queue.fits(messages, bytes, full.size) {
                return dropped;
            }
            let Some((number, oldest)) = self.remove(owner, Lane::Message) else { return dropped };
            self.turn_is_idle(owner);
            dropped += 1;
            self.tell_of_gap(number, &oldest.event, full, lost + dropped);
        }
    }

    /// One more message was lost where it stood; so far they are `lost`.
    fn tell_of_gap(&mut self, number: u64, event: &Event, full: &Full, lost: u64) {
        let owner = event.conn;
        if let Some(gap) = self.inboxes.get_mut(&owner).and_then(|inbox| inbox.gap(number)) {
            gap.event.value = lost;
            // It is nobody else's as long as it waits.
            if let Some(error) = gap.event.error.as_mut().and_then(Arc::get_mut) {
                error.amend(|e| e.dropped += 1);
            }
            return;
        }
        let error = full.error(owner);
        let mut gap = Event::new(EventKind::Queue, owner, event.listener, event.user);
        gap.value = lost;
        gap.status = error.status;
        gap.error = Some(Arc::new(error));
        self.insert(owner, number, Letter::new(gap));
    }

    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    fn insert(&mut self, owner: u64, number: u64, letter: Letter) {
        let Self { inboxes, spare, .. } = self;
        let inbox = inboxes.entry(owner).or_insert_with(|| spare.take());
        let lane = letter.lane();
        self.letters += 1;
        if lane == Lane::Message || owner == NOBODY {
            inbox.bytes += letter.weight();
        }
        if lane == Lane::Message {
            self.messages += 1;
            self.bytes += letter.weight();
        }
        self.held += usize::from(inbox.held && lane != Lane::Own);
        let letters = inbox.lane(lane);
        let at = letters.iter().rposition(|(n, _)| *n < number).map_or(0, |at| at + 1);
        letters.insert(at, (number, letter));
        // Those of one that is held may have been missed already.
        if inbox.idle_turns > 0 && !inbox.held {
            inbox.idle_turns -= 1;
            self.idle_turns -= 1;
        } else {
            self.order.push_back(owner);
        }
    }

    /// Takes the oldest letter of a lane out; its turn is still there.
    fn remove(&mut self, owner: u64, lane: Lane) -> Option<(u64, Letter)> {
        let inbox = self.inboxes.get_mut(&owner)?;
        let (number, letter) = inbox.lane(lane).pop_front()?;
        self.letters -= 1;
        self.held -= usize::from(inbox.held && lane != Lane::Own);
        if lane == Lane::Message || owner == NOBODY {
            inbox.bytes -= letter.weight();
        }
        if lane == Lane::Message {
            self.messages -= 1;
            self.bytes -= letter.weight();
        }
        Some((number, letter))
    }

    /// The next letter for the host.
    pub fn pop(&mut self) -> Option<Letter> {
        while let Some(owner) = self.order.pop_front() {
            let inbox = self.inboxes.get_mut(&owner)?;
            if let Some(lane) = inbox.next() {
                let (_, letter) = self.remove(owner, lane)?;
                self.ease(owner);
                return Some(letter);
            }
            if inbox.is_empty() {
                inbox.idle_turns -= 1;
                self.idle_turns -= 1;
                self.ease(owner);
            } else {
                inbox.missed += 1;
            }
        }
        None
    }

    /// The next message of a connection, or its end if there is none; everything else stays.
    pub fn take(&mut self, owner: u64) -> Option<Letter> {
        let inbox = self.inboxes.get_mut(&owner)?;
        if inbox.held {
            return None;
        }
        let letter = match inbox.messages() {
            0 => {
                let own = inbox.lane(Lane::Own);
                own.back().filter(|(_, letter)| letter.is_last())?;
                let (_, letter) = own.pop_back()?;
                self.letters -= 1;
                letter
            }
            _ => self.remove(owner, Lane::Message)?.1,
        };
        self.turn_is_idle(owner);
        self.ease(owner);
        Some(letter)
    }

    /// Drops all that waits of an owner; true if messages were among it.
    pub fn forget(&mut self, owner: u64) -> bool {
        self.hold(owner, false);
        let messages = self.waiting_of(owner).0 > 0;
        for lane in [Lane::Message, Lane::Peer, Lane::Own] {
            while self.remove(owner, lane).is_some() {
                self.turn_is_idle(owner);
            }
        }
        if let Some(inbox) = self.inboxes.get_mut(&owner) {
            inbox.waits = None;
        }
        self.ease(owner);
        messages
    }

    /// A letter has gone out of turn.
    fn turn_is_idle(&mut self, owner: u64) {
        if let Some(inbox) = self.inboxes.get_mut(&owner) {
            inbox.idle_turns += 1;
            self.idle_turns += 1;
        }
        if self.idle_turns > IDLE_TURNS_MAX && self.idle_turns > self.order.len() / 2 {
            self.sweep();
        }
    }

    /// Takes the turns out for which there is no letter.
    fn sweep(&mut self) {
        let Self { order, inboxes, idle_turns, .. } = self;
        order.retain(|owner| match inboxes.get_mut(owner) {
            Some(inbox) if inbox.idle_turns > 0 => {
                inbox.idle_turns -= 1;
                *idle_turns -= 1;
                false
            }
            there => there.is_some(),
        });
        inboxes.retain(|_, inbox| !inbox.is_empty() || inbox.idle_turns > 0 || inbox.waits.is_some());
    }

    /// After a letter has gone: whoever waits for room may have it, and an inbox with nothing in it goes.
    fn ease(&mut self, owner: u64) {
        let Some(inbox) = self.inboxes.get_mut(&owner) else { return };
        if inbox.waits.is_some_and(|queue| inbox.has_eased(&queue)) {
            inbox.waits = None;
            self.eased.push(owner);
        }
        if inbox.is_empty() && inbox.idle_turns == 0 {
            if let Some(inbox) = self.inboxes.remove(&owner) {
                self.spare.put(inbox);
            }
        }
    }

    /// The end of a session waits, or the return behind it: what is paused now is over.
    pub fn ends_pause(&self, owner: u64) -> bool {
        let own = self.inboxes.get(&owner).map(|inbox| &inbox.lanes[Lane::Own as usize]);
        own.is_some_and(|letters| letters.iter().any(|(_, letter)| letter.ends_pause()))
    }

    /// The host has paused a connection, or wants to have what waits again. Not to be called to hold what
    /// [`Mailbox::ends_pause`] is true of.
    pub fn hold(&mut self, owner: u64, hold: bool) {
        let Some(inbox) = self.inboxes.get_mut(&owner).filter(|inbox| inbox.held != hold) else { return };
        inbox.held = hold;
        if hold {
            self.held += inbox.holdable();
            return;
        }
        self.held -= inbox.holdable();
        for _ in 0..std::mem::take(&mut inbox.missed) {
            self.order.push_front(owner); // it was their turn before
        }
    }

    /// Gives memory of busier times back.
    pub fn trim(&mut self) {
        if self.letters == 0 {
            *self = Self { next: self.next, eased: std::mem::take(&mut self.eased), ..Self::default() };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: u64 = 1;
    const B: u64 = 2;

    fn queue(overflow: Overflow) -> Queue {
        Queue { messages: 3, bytes: 10, overflow }
    }

    fn event(conn: u64, kind: EventKind) -> Event<'static> {
        Event::new(kind, conn, 0, 0)
    }

    fn message(mailbox: &mut Mailbox, conn: u64, text: &str, overflow: Overflow) -> Kept {
        mailbox.push_message(event(conn, EventKind::Message), text.as_bytes(), &queue(overflow), 0, 0)
    }

    fn small(mailbox: &mut Mailbox, conn: u64, kind: EventKind) {
        mailbox.push(Letter::new(event(conn, kind)));
    }

    /// Owner and text of a letter, or its kind, and how many were lost there.
    fn told(letter: &Letter) -> String {
        let (event, text) = (&letter.event, String::from_utf8_lossy(&letter.data));
        match event.kind {
            EventKind::Message => format!("{}{text}", event.conn),
            EventKind::Queue => format!("{}-{}", event.conn, event.error.as_ref().unwrap().dropped),
            kind => format!("{}{kind:?}", event.conn),
        }
    }

    /// All that waits, in its order.
    fn all(mailbox: &mut Mailbox) -> Vec<String> {
        let told: Vec<_> = std::iter::from_fn(|| mailbox.pop()).map(|letter| told(&letter)).collect();
        mailbox.check();
        told
    }

    impl Mailbox {
        /// There is a turn for each letter, and everything is counted.
        fn check(&self) {
            let inboxes = self.inboxes.iter();
            for (owner, inbox) in inboxes.clone() {
                let turns = self.order.iter().filter(|turn| *turn == owner).count() + inbox.missed;
                assert_eq!(turns, inbox.messages() + inbox.small() + inbox.idle_turns, "{owner}");
            }
            assert!(self.order.iter().all(|owner| self.inboxes.contains_key(owner)));
            let sum = |count: fn(&Inbox) -> usize| inboxes.clone().map(|(_, inbox)| count(inbox)).sum::<usize>();
            assert_eq!(self.letters, sum(|inbox| inbox.messages() + inbox.small()));
            assert_eq!(self.held, sum(|inbox| if inbox.held { inbox.holdable() } else { 0 }));
            assert_eq!(self.messages, sum(Inbox::messages));
            assert_eq!(self.idle_turns, sum(|inbox| inbox.idle_turns));
            assert_eq!(self.bytes, inboxes.filter(|(owner, _)| **owner != NOBODY).map(|(_, inbox)| inbox.bytes).sum());
        }
    }

    #[test]
    fn comes_in_the_order_of_arrival() {
        let mut mailbox = Mailbox::default();
        small(&mut mailbox, A, EventKind::Open);
        message(&mut mailbox, A, "1", Overflow::Backpressure);
        small(&mut mailbox, NOBODY, EventKind::ListenerClosed);
        message(&mut mailbox, B, "1", Overflow::Backpressure);
        small(&mut mailbox, A, EventKind::Pong);
        message(&mut mailbox, A, "2", Overflow::Backpressure);
        assert_eq!(all(&mut mailbox), ["1Open", "11", "0ListenerClosed", "21", "1Pong", "12"]);
        assert!(mailbox.is_empty() && mailbox.inboxes.is_empty() && mailbox.order.is_empty());
    }

    #[test]
    fn the_oldest_give_way_and_the_gap_stands_before_the_rest() {
        let mut mailbox = Mailbox::default();
        small(&mut mailbox, A, EventKind::Open);
        for text in ["1", "2", "3", "4", "5"] {
            message(&mut mailbox, A, text, Overflow::DropOldest);
            mailbox.check();
        }
        small(&mut mailbox, A, EventKind::Close);
        assert_eq!(all(&mut mailbox), ["1Open", "1-2", "13", "14", "15", "1Close"]);
    }

    #[test]
    fn several_give_way_to_a_large_one() {
        let mut mailbox = Mailbox::default();
        for text in ["123", "456", "789"] {
            message(&mut mailbox, A, text, Overflow::DropOldest);
        }
        assert_eq!(message(&mut mailbox, A, "large", Overflow::DropOldest), Kept::Lost(2));
        assert_eq!(message(&mut mailbox, A, "larger than all", Overflow::DropOldest), Kept::Lost(2));
        assert_eq!(mailbox.waiting_of(A), (1, 15));
        assert_eq!(all(&mut mailbox), ["1-4", "1larger than all"]);
    }

    #[test]
    fn each_gap_is_told_where_it_is() {
        let mut mailbox = Mailbox::default();
        for text in ["1", "2", "3", "4", "5"] {
            message(&mut mailbox, A, text, Overflow::DropNewest);
        }
        assert_eq!(mailbox.pop().map(|l| told(&l)).as_deref(), Some("11"));
        for text in ["6", "7"] {
            message(&mut mailbox, A, text, Overflow::DropNewest);
            mailbox.check();
        }
        assert_eq!(all(&mut mailbox), ["12", "13", "1-2", "16", "1-1"]);
    }

    #[test]
    fn a_gap_that_was_told_is_told_no_more() {
        let mut mailbox = Mailbox::default();
        for text in ["1", "2", "3", "4"] {
            message(&mut mailbox, A, text, Overflow::DropOldest);
        }
        assert_eq!(mailbox.pop().map(|l| told(&l)).as_deref(), Some("1-1"));
        message(&mut mailbox, A, "5", Overflow::DropOldest);
        assert_eq!(all(&mut mailbox), ["1-1", "13", "14", "15"]);
    }

    #[test]
    fn an_overflow_may_be_the_end() {
        let mut mailbox = Mailbox::default();
        for text in ["1", "2", "3"] {
            assert_eq!(message(&mut mailbox, A, text, Overflow::Error), Kept::Lost(0));
        }
        let Kept::Overflown(error) = message(&mut mailbox, A, "4", Overflow::Error) else { panic!("there is room") };
        assert_eq!((error.status, error.capacity, error.current_size), (Status::QUEUE_FULL, 3, Some(3)));
        assert_eq!((error.conn, error.dropped, error.policy), (A, 1, 4));
        assert_eq!(all(&mut mailbox).len(), 3);
    }

    #[test]
    fn one_message_is_taken_and_the_rest_stays() {
        let mut mailbox = Mailbox::default();
        small(&mut mailbox, A, EventKind::Open);
        message(&mut mailbox, A, "1", Overflow::Backpressure);
        message(&mut mailbox, B, "1", Overflow::Backpressure);
        small(&mut mailbox, A, EventKind::Close);
        assert_eq!(mailbox.take(A).map(|l| told(&l)).as_deref(), Some("11"));
        assert_eq!(mailbox.take(A).map(|l| told(&l)).as_deref(), Some("1Close"));
        assert!(mailbox.take(A).is_none());
        mailbox.check();
        assert_eq!(all(&mut mailbox), ["1Open", "21"]);
    }

    #[test]
    fn nothing_grows_if_only_one_way_is_used() {
        let mut mailbox = Mailbox::default();
        for conn in 1..10_000 {
            message(&mut mailbox, conn, "x", Overflow::Backpressure);
            message(&mut mailbox, conn, "y", Overflow::Backpressure);
            assert!(mailbox.take(conn).is_some() && mailbox.take(conn).is_some());
            message(&mut mailbox, 20_000, "z", Overflow::DropOldest);
        }
        mailbox.check();
        assert!(mailbox.order.len() < 1000 && mailbox.inboxes.len() < 1000, "{}", mailbox.order.len());
        assert_eq!(all(&mut mailbox).len(), 4);
    }

    #[test]
    fn a_pause_holds_what_the_peer_has_caused_until_the_end() {
        let mut mailbox = Mailbox::default();
        small(&mut mailbox, A, EventKind::Open);
        message(&mut mailbox, A, "1", Overflow::Backpressure);
        small(&mut mailbox, A, EventKind::Pong);
        message(&mut mailbox, B, "1", Overflow::Backpressure);
        mailbox.hold(A, true);
        small(&mut mailbox, A, EventKind::Sent);
        assert_eq!(all(&mut mailbox), ["1Open", "1Sent", "21"]);
        assert!(mailbox.is_empty() && mailbox.has(A) && mailbox.take(A).is_none());
        small(&mut mailbox, A, EventKind::Writable);
        message(&mut mailbox, B, "2", Overflow::Backpressure);
        assert_eq!(all(&mut mailbox), ["1Writable", "22"]);
        assert!(!mailbox.ends_pause(A));
        small(&mut mailbox, A, EventKind::Close);
        assert!(mailbox.ends_pause(A));
        assert_eq!(all(&mut mailbox), ["11", "1Pong", "1Close"]);
        assert!(mailbox.inboxes.is_empty());
    }

    /// Chance does what a host and its peers may do: nothing is lost, doubled or overtaken by what came after it.
    #[test]
    fn whatever_is_done_each_letter_has_its_turn() {
        let policies = [Overflow::Backpressure, Overflow::DropOldest, Overflow::DropNewest];
        let mut state = 1_u64;
        let mut roll = |sides: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % sides
        };
        for round in 0..300 {
            let (mut mailbox, mut held) = (Mailbox::default(), [false; 4]);
            let (mut newest, mut oldest, mut lost, mut told) = ([0_u64; 4], [0_u64; 4], [0_u64; 4], [0_u64; 4]);
            let mut hear = |letter: Letter| {
                let conn = letter.event.conn as usize;
                match letter.event.kind {
                    EventKind::Message => {
                        let number = String::from_utf8_lossy(&letter.data).parse().unwrap();
                        assert!(number > oldest[conn], "{number} after {} in {round}", oldest[conn]);
                        oldest[conn] = number;
                    }
                    EventKind::Queue => told[conn] += letter.event.error.as_ref().unwrap().dropped,
                    _ => {}
                }
            };
            for _ in 0..200 {
                let conn = 1 + roll(3);
                let at = conn as usize;
                match roll(10) {
                    0..=3 => {
                        newest[at] += 1;
                        let (event, policy) = (event(conn, EventKind::Message), policies[at - 1]);
                        let text = newest[at].to_string();
                        let kept = mailbox.push_message(event, text.as_bytes(), &queue(policy), lost[at], 0);
                        let Kept::Lost(more) = kept else { panic!("{kept:?}") };
                        lost[at] += more;
                    }
                    4 => small(&mut mailbox, conn, [EventKind::Pong, EventKind::Sent][roll(2) as usize]),
                    5 => small(&mut mailbox, NOBODY, EventKind::ListenerClosed),
                    6 => {
                        held[at] = !held[at];
                        mailbox.hold(conn, held[at]);
                        held[at] &= mailbox.has(conn); // with nothing in it nobody remembers
                    }
                    7 => mailbox.take(conn).into_iter().for_each(&mut hear),
                    8 => mailbox.pop().into_iter().for_each(&mut hear),
                    _ => mailbox.trim(),
                }
                mailbox.check();
            }
            (1..4).for_each(|conn| mailbox.hold(conn, false));
            std::iter::from_fn(|| mailbox.pop()).for_each(&mut hear);
            mailbox.check();
            assert!(mailbox.inboxes.is_empty() && mailbox.order.is_empty());
            assert_eq!(told, lost, "{round}");
        }
    }

    #[test]
    fn who_waits_for_room_is_told_at_half() {
        let (mut mailbox, queue) = (Mailbox::default(), queue(Overflow::Backpressure));
        for text in ["1", "2", "3"] {
            assert!(mailbox.has_room(A, &queue));
            message(&mut mailbox, A, text, Overflow::Backpressure);
        }
        assert!(!mailbox.has_room(A, &queue) && mailbox.has_room(B, &queue));
        mailbox.await_room(A, &queue);
        mailbox.pop();
        assert!(mailbox.has_room(A, &queue) && mailbox.take_eased().is_empty());
        mailbox.pop();
        assert_eq!(mailbox.take_eased(), [A]);
        mailbox.pop();
        assert!(mailbox.take_eased().is_empty());
    }

    #[test]
    fn small_events_are_bounded_and_never_dropped() {
        let (mut mailbox, queue) = (Mailbox::default(), queue(Overflow::DropOldest));
        while mailbox.has_room(A, &queue) {
            small(&mut mailbox, A, EventKind::Ping);
            message(&mut mailbox, A, "x", Overflow::DropOldest);
            assert!(mailbox.letters < 2000);
        }
        let all = all(&mut mailbox);
        assert_eq!(all.iter().filter(|told| *told == "1Ping").count(), SMALL_MAX - 1);
        assert_eq!(all.iter().filter(|told| *told == "1x").count(), 3);
    }
}
