//! What the host says on a connection, and how any call ends.

use std::sync::Arc;

use super::conn::{Link, planned};
use super::core::{Core, invalid_handle};
use super::engine::not_up;
use super::flags::Flags;
use super::home::{Held, Home};
use crate::error::{Error, Operation, Result};
use crate::protocol::Opcode;
use crate::session::{Direct, Kit, Outgoing, Session};

/// From so many waiting bytes a send writes at once rather than with the next poll.
pub const FLUSH_AT: usize = 256 << 10;

/// From this size a payload is worth a system call of its own rather than a copy into the queue.
const DIRECT_MIN: usize = 64 << 10;

/// The same for the answer to a message that came alone, which most likely is to leave alone.
const ANSWER_MIN: usize = 8 << 10;

/// A message with nothing else to it: for which connection, of which kind, and what it says.
pub type PlainMessage<'a> = (u64, Opcode, &'a [u8]);

impl Home {
    /// Queues plain messages, one behind the other, up to the first for which there is more to do than that: [`Home::send`]
    /// it. How many; on another thread than the one that polls, of one connection at a time.
    #[inline(always)]
    pub fn send_plain<'a>(&self, mut messages: impl Iterator<Item = PlainMessage<'a>>) -> Result<u32> {
        let mut core = self.as_it_was_left()?;
        let polls_here = core.polls_here();
        if !polls_here {
            core.last = None;
        }
        let mut count = 0;
        while let Some((id, opcode, data)) = core.send_behind_last(&mut messages, &mut count) {
            let may_change = polls_here || count == 0;
            if !may_change || !core.send_plain(id, opcode, data, polls_here) {
                break;
            }
            count += 1;
        }
        if !polls_here && count > 0 {
            let slot = core.last.take().map(|last| last.slot);
            core.leave(slot);
        }
        Ok(count)
    }

    /// Queues a message, as a whole or not at all.
    pub fn send(&self, id: u64, message: Outgoing) -> Result<()> {
        let mut core = self.core()?;
        let polls_here = core.polls_here();
        match message.opcode {
            Opcode::Ping => _ = core.look_at_clock(),
            _ => core.catch_up(polls_here),
        }
        let slot = core.send(id, message)?;
        core.leave(Some(slot));
        Ok(())
    }
}

impl Held<'_> {
    /// The last thing a call does: what cannot wait for the next poll is done now, and a poll that should know is woken.
    pub fn leave(mut self, changed: Option<u32>) {
        let polls_here = self.polls_here();
        if let Some(slot) = changed {
            let queued = self.queued(slot);
            // Nobody but the thread that polls can know when the next poll will be.
            if queued > 0 && (!polls_here || queued >= FLUSH_AT) {
                self.flush(slot);
                self.settle(slot);
                self.forget_flushed();
            }
        }
        if polls_here {
            return;
        }
        let due = self.next_deadline();
        let wake = due < self.waits_until;
        self.waits_until = due.min(self.waits_until); // to be told once is enough
        let news = self.has_news();
        if wake || news {
            let bell = Arc::clone(&self.bell);
            drop(self);
            if wake {
                bell.ring_for_work();
            }
            if news {
                bell.ring_for_host();
            }
        }
    }
}

/// The connection on which the host sent a plain message last. As long as nobody has touched the engine since, the next one
/// for it need only find room.
#[derive(Debug)]
pub struct Last {
    id: u64,
    slot: u32,
    /// Bytes of frames for which there is room, once that was asked.
    room: Option<usize>,
}

impl Core {
    /// Queues plain messages behind the last one, as long as that is where they go and nothing has happened since, and
    /// counts them. The first for which that is not so.
    #[inline(always)]
    fn send_behind_last<'a>(
        &mut self,
        messages: &mut impl Iterator<Item = PlainMessage<'a>>,
        count: &mut u32,
    ) -> Option<PlainMessage<'a>> {
        let Core { conns, keys, last, .. } = self;
        let Some(last) = last else { return messages.next() };
        let Some(Link::Up(_, session)) = conns.at(last.slot).map(|conn| &mut conn.link) else { return messages.next() };
        for (id, opcode, data) in messages {
            if id != last.id {
                return Some((id, opcode, data));
            }
            let room = last.room.get_or_insert_with(|| session.room_behind().min(room_to_wait(session)));
            if !session.send_behind(opcode, data, room, keys) {
                return Some((id, opcode, data));
            }
            *count += 1;
        }
        None
    }

    /// Queues a plain message if that is all there is to do, and keeps in mind that it was.
    #[inline(never)]
    fn send_plain(&mut self, id: u64, opcode: Opcode, data: &[u8], polls_here: bool) -> bool {
        self.catch_up(polls_here);
        let Core { conns, buffers, keys, dirty, last, now, .. } = self;
        let Some((slot, conn)) = conns.get(id) else { return false };
        let Link::Up(_, session) = &mut conn.link else { return false };
        let may_wait = data.len() < room_to_wait(session).min(worth_writing(conn.flags));
        let usual = conn.flags.contains(Flags::KNOWN) && planned(&conn.details).is_none() && may_wait;
        if !usual || !session.send_plain(opcode, data, *now, buffers, keys) {
            return false;
        }
        if conn.flags.raise(Flags::DIRTY) {
            dirty.push(slot);
        }
        *last = Some(Last { id, slot, room: None });
        true
    }

    /// Queues a message; the connection's slot.
    fn send(&mut self, id: u64, message: Outgoing) -> Result<u32> {
        let (slot, _) = self.conn(id)?;
        let Core { conns, buffers, keys, dirty, now, .. } = self;
        let Some(conn) = conns.at(slot) else { return Err(invalid_handle()) };
        if planned(&conn.details).is_some() {
            self.send_by_plan(slot, message)?;
            return Ok(slot);
        }
        let Link::Up(wire, session) = &mut conn.link else { return Err(not_up(conn)) };
        let mut kit = Kit { buffers, masks: keys, now: *now };
        let mut write_error = None;
        let is_plain = wire.is_plain();
        let mut write = |slices: [&[u8]; 3]| match wire.stream.write_slices(slices) {
            Ok(taken) => taken,
            Err(e) => {
                write_error.get_or_insert_with(|| Error::io(&e, Operation::Send));
                0
            }
        };
        let direct = is_plain.then_some(Direct { write: &mut write, min: worth_writing(conn.flags) });
        conn.flags.remove(Flags::ALONE);
        session.send(message, direct, &mut kit).map_err(|error| refused(error, id, session))?;
        if conn.flags.raise(Flags::DIRTY) {
            dirty.push(slot);
        }
        if let Some(error) = write_error {
            conn.for_a_while().write_error.get_or_insert(error);
            self.hear_out(slot);
        }
        Ok(slot)
    }

    /// Bytes that wait to be sent on a connection.
    fn queued(&mut self, slot: u32) -> usize {
        match self.conns.at(slot).map(|conn| &conn.link) {
            Some(Link::Up(_, session)) => session.out().len(),
            _ => 0,
        }
    }
}

/// Which of the two sizes it is for the next payload of a connection.
#[inline(always)]
fn worth_writing(flags: Flags) -> usize {
    if flags.contains(Flags::ALONE) { ANSWER_MIN } else { DIRECT_MIN }
}

/// So many bytes more may wait for the next poll.
#[inline(always)]
fn room_to_wait(session: &Session) -> usize {
    FLUSH_AT.saturating_sub(session.out().len())
}

#[cold]
fn refused(error: Error, id: u64, session: &Session) -> Error {
    error.with(|e| (e.conn, e.state) = (id, session.state().bit()))
}
