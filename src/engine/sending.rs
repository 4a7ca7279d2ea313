//! What the host says on a connection, and how any call ends.

use std::sync::Arc;

use super::conn::{Link, planned};
use super::core::{Core, invalid_handle};
use super::engine::not_up;
use super::flags::Flags;
use super::handle::{Handle, Kind};
use super::home::{Held, Home};
use crate::error::{Error, Operation, Result};
use crate::protocol::Opcode;
use crate::session::{DirectWrite, Kit, Outgoing, Session};

/// From so many waiting bytes a send writes at once rather than with the next poll.
pub const FLUSH_AT: usize = 256 << 10;

impl Home {
    /// Queues a plain message if nothing else is to be done for it now: this is the thread that polls, and the connection
    /// is open and has room. False: [`Home::send`] it.
    #[inline(always)]
    pub fn send_plain(&self, id: u64, opcode: Opcode, data: &[u8]) -> Result<bool> {
        let mut core = self.as_it_was_left()?;
        if !core.polls_here() {
            return Ok(false);
        }
        Ok(core.send_behind_last(id, opcode, data) || core.send_plain(id, opcode, data))
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
#[derive(Debug, Default)]
pub struct Last {
    /// 0: there is none.
    id: u64,
    slot: u32,
    /// Bytes of frames for which there is room.
    room: usize,
}

impl Core {
    /// Queues a plain message behind the last one, if that is where it goes and nothing has happened since.
    #[inline(always)]
    fn send_behind_last(&mut self, id: u64, opcode: Opcode, data: &[u8]) -> bool {
        let Core { conns, keys, last, .. } = self;
        if last.id != id {
            return false;
        }
        let Some(Link::Up(_, session)) = conns.at(last.slot).map(|conn| &mut conn.link) else { return false };
        session.send_behind(opcode, data, &mut last.room, keys)
    }

    /// Queues a plain message if that is all there is to do, and keeps in mind that it was.
    #[inline(never)]
    fn send_plain(&mut self, id: u64, opcode: Opcode, data: &[u8]) -> bool {
        self.catch_up(true);
        let Core { conns, buffers, keys, dirty, last, now, .. } = self;
        let Some(Handle { slot, generation, .. }) = Handle::of(id, Kind::Conn) else { return false };
        let Some(conn) = conns.get(slot, generation) else { return false };
        let Link::Up(_, session) = &mut conn.link else { return false };
        let room = FLUSH_AT.saturating_sub(session.out().len());
        let usual = conn.flags.contains(Flags::KNOWN) && planned(&conn.details).is_none() && data.len() < room;
        if !usual || !session.send_plain(opcode, data, *now, buffers, keys) {
            return false;
        }
        if conn.flags.raise(Flags::DIRTY) {
            dirty.push(slot);
        }
        *last = Last { id, slot, room: session.room_behind().min(FLUSH_AT.saturating_sub(session.out().len())) };
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
        let write: Option<DirectWrite> = if is_plain { Some(&mut write) } else { None };
        session.send(message, write, &mut kit).map_err(|error| refused(error, id, session))?;
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

#[cold]
fn refused(error: Error, id: u64, session: &Session) -> Error {
    error.with(|e| (e.conn, e.state) = (id, session.state().bit()))
}
