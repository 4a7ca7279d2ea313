//! What a client that comes back has yet to say, or may have to say again: messages sent while it was down, messages of
//! which nobody knows whether they were read, and those that are said first whenever it is open.

use std::collections::VecDeque;

use crate::error::{Error, Operation, Result, Status};
use crate::protocol::Opcode;

/// What becomes of a message for which there is no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum Overflow {
    /// The oldest go.
    DropOldest = 2,
    /// It goes.
    DropNewest = 3,
    /// Its sender is told.
    Error = 4,
}

/// When messages are said again that may not have been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replay {
    /// Never: none are kept.
    Off,
    /// When the host says which.
    OnRequest,
    /// Whenever it is open again.
    Always,
}

/// What a host may set. Bytes count payloads, and [`Message::OVERHEAD`] for each.
#[derive(Debug, Clone)]
pub struct Stock {
    /// Bytes that may wait while it is down; 0: nothing waits.
    pub waiting_max: u64,
    pub overflow: Overflow,
    pub replay: Replay,
    /// Bytes that may be kept to be said again.
    pub replay_max: u64,
    /// Bytes of what is said first.
    pub first_max: u64,
}

impl Default for Stock {
    fn default() -> Self {
        Self { waiting_max: 0, overflow: Overflow::Error, replay: Replay::Off, replay_max: 1 << 20, first_max: 1 << 20 }
    }
}

/// A whole message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub opcode: Opcode,
    pub raw: bool,
    /// The host's word for it.
    pub token: u64,
    pub data: Box<[u8]>,
    /// The host is to hear when it has left.
    pub report: bool,
    /// Its place among all that were ever taken.
    number: u64,
    /// What the session had sent, this included.
    sent: u64,
}

impl Message {
    /// What a message counts for beside its payload, so that empty ones count.
    pub const OVERHEAD: u64 = 64;

    /// A message to be kept.
    pub fn new(opcode: Opcode, data: &[u8], raw: bool, token: u64) -> Self {
        Self { opcode, raw, token, data: data.into(), report: token != 0, number: 0, sent: 0 }
    }

    fn weight(&self) -> u64 {
        self.data.len() as u64 + Self::OVERHEAD
    }
}

/// Messages in order, and what they weigh.
#[derive(Debug, Default)]
struct Queue {
    messages: VecDeque<Message>,
    bytes: u64,
}

impl Queue {
    fn push(&mut self, message: Message) {
        self.bytes += message.weight();
        self.messages.push_back(message);
    }

    fn pop(&mut self) -> Option<Message> {
        let message = self.messages.pop_front()?;
        self.bytes -= message.weight();
        Some(message)
    }

    fn take(&mut self) -> VecDeque<Message> {
        self.bytes = 0;
        std::mem::take(&mut self.messages)
    }
}

/// Everything that a client has yet to say, or may have to say again.
#[derive(Debug)]
pub struct Backlog {
    pub stock: Stock,
    /// Said first, whenever it is open; by their tokens.
    first: Vec<Message>,
    first_bytes: u64,
    /// How many of them have been said in this session.
    greeted: usize,
    /// Said in this session, and not known to have been read.
    kept: Queue,
    /// Said in earlier sessions, and not known to have been read.
    unsure: Queue,
    /// Not said yet.
    waiting: Queue,
    /// The host is to say what is said again.
    held: bool,
    was_open: bool,
    number: u64,
    /// Messages that went because there was no room.
    dropped: u64,
    /// Messages that were said, and cannot be said again because there was no room.
    unprotected: u64,
}

/// Messages that may be said first.
const FIRST_COUNT: usize = 1024;

impl Backlog {
    /// Nothing is to be said yet.
    pub fn new(stock: Stock) -> Self {
        Self {
            stock,
            first: Vec::new(),
            first_bytes: 0,
            greeted: 0,
            kept: Queue::default(),
            unsure: Queue::default(),
            waiting: Queue::default(),
            held: false,
            was_open: false,
            number: 0,
            dropped: 0,
            unprotected: 0,
        }
    }

    /// Messages may wait while it is down.
    pub fn takes_messages(&self) -> bool {
        self.stock.waiting_max > 0
    }

    /// Bytes that are kept: to be said, or to be said again.
    pub fn bytes(&self) -> u64 {
        self.kept.bytes + self.unsure.bytes + self.waiting.bytes
    }

    /// Messages that would be lost if it never came back; `clean`: the peer has read all of this session.
    pub fn count(&self, clean: bool) -> u64 {
        let kept = if clean { 0 } else { self.kept.messages.len() };
        (kept + self.unsure.messages.len() + self.waiting.messages.len()) as u64
    }

    /// Messages that went because there was no room, and those that cannot be said again for that reason.
    pub fn losses(&self) -> (u64, u64) {
        (self.dropped, self.unprotected)
    }

    /// Takes a message to be said later. With no room for it, this is as the host has set.
    pub fn wait(&mut self, message: Message) -> Result<()> {
        let (weight, max) = (message.weight(), self.stock.waiting_max);
        if weight > max {
            return Err(self.overflow(&message, "the message is larger than the whole buffer"));
        }
        if weight > max - self.waiting.bytes {
            match self.stock.overflow {
                Overflow::Error => return Err(self.overflow(&message, "")),
                Overflow::DropNewest => {
                    self.dropped += 1;
                    return Ok(());
                }
                Overflow::DropOldest => {
                    while weight > max - self.waiting.bytes && self.waiting.pop().is_some() {
                        self.dropped += 1;
                    }
                }
            }
        }
        self.number += 1;
        self.waiting.push(Message { number: self.number, ..message });
        Ok(())
    }

    /// There is room for a message of so many bytes.
    pub fn has_room(&self, len: usize) -> bool {
        len as u64 + Message::OVERHEAD <= self.stock.waiting_max.saturating_sub(self.waiting.bytes)
    }

    #[cold]
    fn overflow(&self, message: &Message, detail: &'static str) -> Error {
        Error::new(Status::BUFFER_OVERFLOW, detail).with(|e| {
            e.operation = Operation::Send;
            e.capacity = self.stock.waiting_max;
            e.current_size = Some(self.waiting.bytes);
            e.size = Some(message.data.len() as u64);
            e.dropped = self.dropped;
            e.policy = self.stock.overflow as u32;
        })
    }

    /// There is room for this among what is said first. True if all of that has been said in this session, so that it is
    /// to be said by itself.
    pub fn check_first(&self, message: &Message) -> Result<bool> {
        let at = self.place_of(message.token);
        let without = self.first_bytes - at.map_or(0, |at| self.first[at].weight());
        if message.weight() > self.stock.first_max.saturating_sub(without)
            || at.unwrap_or(self.first.len()) >= FIRST_COUNT
        {
            return Err(Error::new(Status::BUFFER_OVERFLOW, "messages that are sent again after each OPEN").with(
                |e| {
                    e.operation = Operation::Send;
                    e.capacity = self.stock.first_max;
                    e.current_size = Some(self.first_bytes);
                    e.size = Some(message.data.len() as u64);
                    e.policy = Overflow::Error as u32;
                },
            ));
        }
        Ok(at.map_or(self.greeted == self.first.len(), |at| at < self.greeted))
    }

    /// From now on this is said first whenever the connection is open; it takes the place of one with the same token.
    pub fn say_first(&mut self, message: Message) {
        let all_said = self.greeted == self.first.len();
        match self.place_of(message.token) {
            Some(at) => self.first[at] = message,
            None => {
                self.first.push(message);
                self.greeted += usize::from(all_said);
            }
        }
        self.first_bytes = self.first.iter().map(Message::weight).sum();
    }

    fn place_of(&self, token: u64) -> Option<usize> {
        self.first.iter().position(|first| first.token == token)
    }

    /// This is not said first any more; 0: nothing is.
    pub fn forget_first(&mut self, token: u64) {
        let mut at = 0;
        let (greeted, mut left) = (self.greeted, self.greeted);
        self.first.retain(|message| {
            let goes = token == 0 || message.token == token;
            left -= usize::from(goes && at < greeted);
            at += 1;
            !goes
        });
        self.greeted = left;
        self.first_bytes = self.first.iter().map(Message::weight).sum();
    }

    /// The connection is open: everything that waits is to be said, what is said first before the rest.
    pub fn opened(&mut self) {
        self.greeted = 0;
        // Before the first session there is nothing that the host could decide on.
        self.held = self.stock.replay == Replay::OnRequest && self.was_open && self.count(false) > 0;
        self.was_open = true;
    }

    /// What is to be said next.
    pub fn next(&self) -> Option<&Message> {
        if self.greeted < self.first.len() {
            return self.first.get(self.greeted);
        }
        let unsure = self.unsure.messages.front().filter(|_| !self.held);
        unsure.or(self.waiting.messages.front().filter(|_| !self.held))
    }

    /// That has been said; `sent` is what the session has sent by now.
    pub fn has_said(&mut self, sent: u64) {
        if self.greeted < self.first.len() {
            self.greeted += 1;
        } else if let Some(message) = self.unsure.pop().or_else(|| self.waiting.pop()) {
            self.keep(Message { sent, ..message });
        }
    }

    /// A message was said at once.
    pub fn said(&mut self, message: Message, sent: u64) {
        self.number += 1;
        self.keep(Message { number: self.number, sent, ..message });
    }

    /// Keeps a message that may have to be said again. The oldest go where there is no room.
    fn keep(&mut self, message: Message) {
        if self.stock.replay == Replay::Off {
            return;
        }
        let (weight, max) = (message.weight(), self.stock.replay_max);
        if weight > max {
            self.unprotected += 1;
            return;
        }
        while weight > max - (self.unsure.bytes + self.kept.bytes) {
            self.unsure.pop().or_else(|| self.kept.pop());
            self.unprotected += 1;
        }
        self.kept.push(message);
    }

    /// The peer has read so much of what the session has sent.
    pub fn was_read(&mut self, sent: u64) {
        while self.kept.messages.front().is_some_and(|message| message.sent <= sent) {
            self.kept.pop();
        }
    }

    /// More is kept than half of what may be: it is time to ask what was read.
    pub fn is_half_full(&self) -> bool {
        self.kept.bytes > self.stock.replay_max / 2
    }

    /// The session is over; the host has not heard that messages with these tokens have left, and is to hear it still.
    pub fn lost(&mut self, unreported: &[u64]) {
        let mut unsure = self.unsure.take();
        unsure.extend(self.kept.take().into_iter().map(|message| {
            let report = message.report && unreported.contains(&message.token);
            Message { report, ..message }
        }));
        unsure.make_contiguous().sort_by_key(|message| message.number);
        unsure.into_iter().for_each(|message| self.unsure.push(message));
        self.greeted = 0;
    }

    /// The host has decided: what has a token up to this one has arrived, all else is to be said again.
    pub fn release(&mut self, after: u64) {
        for message in self.unsure.take() {
            if message.token == 0 || message.token > after {
                self.unsure.push(message);
            }
        }
        self.held = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEN: usize = 36;
    const WEIGHT: u64 = LEN as u64 + Message::OVERHEAD;

    fn message(token: u64) -> Message {
        Message::new(Opcode::Binary, &[b'.'; LEN], false, token)
    }

    fn backlog(set: impl FnOnce(&mut Stock)) -> Backlog {
        let mut stock = Stock { waiting_max: 3 * WEIGHT, ..Stock::default() };
        set(&mut stock);
        Backlog::new(stock)
    }

    /// Says everything that may be said now; the tokens, those with a minus that nobody is to hear of.
    fn say(it: &mut Backlog, sent: &mut u64) -> Vec<i64> {
        let mut said = Vec::new();
        while let Some(message) = it.next() {
            said.push(if message.report { message.token as i64 } else { -(message.token as i64) });
            *sent += 1;
            it.has_said(*sent);
        }
        said
    }

    #[test]
    fn what_has_no_room_goes_as_it_was_set() {
        for (overflow, tokens, dropped) in [
            (Overflow::Error, vec![1, 2, 3], 0),
            (Overflow::DropNewest, vec![1, 2, 3], 2),
            (Overflow::DropOldest, vec![3, 4, 5], 2),
        ] {
            let mut it = backlog(|stock| stock.overflow = overflow);
            for token in 1..=5 {
                let taken = it.wait(message(token));
                if let Err(error) = &taken {
                    assert_eq!((error.status, error.capacity), (Status::BUFFER_OVERFLOW, 3 * WEIGHT));
                    assert_eq!((error.current_size, error.size), (Some(3 * WEIGHT), Some(LEN as u64)));
                }
                assert_eq!(taken.is_err(), overflow == Overflow::Error && token > 3);
            }
            assert_eq!(it.losses().0, dropped);
            it.opened();
            assert_eq!(say(&mut it, &mut 0), tokens);
            assert_eq!(it.bytes(), 0);
            let large = Message::new(Opcode::Binary, &[0; 1000], false, 6);
            assert_eq!(it.wait(large).unwrap_err().status, Status::BUFFER_OVERFLOW, "{overflow:?}");
        }
    }

    #[test]
    fn what_was_not_read_is_said_again() {
        let mut it = backlog(|stock| stock.replay = Replay::Always);
        for sent in 1..=4 {
            it.said(message(10 + sent), sent);
        }
        it.was_read(2);
        it.lost(&[14]);
        it.wait(message(15)).unwrap();
        it.opened();
        let mut sent = 0;
        assert_eq!(say(&mut it, &mut sent), [-13, 14, 15]);
        it.said(message(16), 4);
        it.was_read(1);
        it.lost(&[15, 16]); // 14 has been reported meanwhile
        it.opened();
        assert_eq!(say(&mut it, &mut sent), [-14, 15, 16]);
        it.was_read(sent);
        it.lost(&[]);
        assert_eq!((it.count(false), it.bytes()), (0, 0));
    }

    #[test]
    fn the_host_may_say_what_is_said_again() {
        let mut it = backlog(|stock| stock.replay = Replay::OnRequest);
        it.opened();
        assert!(it.next().is_none());
        (1..=3).for_each(|sent| it.said(message(sent), sent));
        it.said(message(0), 4);
        it.lost(&[]);
        it.wait(message(5)).unwrap();
        it.say_first(message(77));
        it.opened();
        let mut sent = 0;
        assert_eq!(say(&mut it, &mut sent), [77], "the rest waits for the host");
        it.said(message(6), 2); // which may ask its peer
        it.release(2);
        assert_eq!(say(&mut it, &mut sent), [-3, 0, 5]);
        it.lost(&[6]); // lost again, and nothing was read
        it.opened();
        it.release(0);
        assert_eq!(say(&mut it, &mut sent), [77, -3, 0, -5, 6], "in the order in which the host has sent");
    }

    #[test]
    fn the_oldest_are_unprotected_where_there_is_no_room() {
        let mut it = backlog(|stock| (stock.replay, stock.replay_max) = (Replay::Always, 3 * WEIGHT));
        for sent in 1..=5 {
            assert_eq!(it.is_half_full(), sent > 2, "{sent}");
            it.said(message(sent), sent);
        }
        it.said(Message::new(Opcode::Text, &[0; 1000], false, 6), 6); // no room even without the others
        assert_eq!(it.losses(), (0, 3));
        it.said(message(7), 7);
        it.lost(&[]);
        (8..=10).for_each(|token| it.said(message(token), token)); // before anything was said again
        it.lost(&[]);
        it.opened();
        assert_eq!(say(&mut it, &mut 0), [-8, -9, -10]);
        assert_eq!(it.losses(), (0, 7));
    }

    #[test]
    fn what_is_said_first_is_said_in_every_session() {
        let mut it = backlog(|stock| stock.first_max = 3 * WEIGHT);
        it.say_first(message(1));
        it.say_first(message(2));
        it.opened();
        assert!(!it.check_first(&message(3)).unwrap(), "those before it have not been said");
        let mut sent = 0;
        assert_eq!(say(&mut it, &mut sent), [1, 2]);
        assert!(it.check_first(&message(3)).unwrap() && it.check_first(&message(1)).unwrap());
        it.say_first(message(3));
        it.say_first(message(1)); // in the place of the one before
        assert_eq!(it.check_first(&message(4)).unwrap_err().status, Status::BUFFER_OVERFLOW);
        assert!(it.next().is_none());
        it.forget_first(2);
        assert!(it.next().is_none());
        it.lost(&[]);
        it.opened();
        assert_eq!(say(&mut it, &mut sent), [1, 3]);
        it.forget_first(0);
        it.opened();
        assert!(it.next().is_none());
        assert_eq!(it.first_bytes, 0);
    }
}
