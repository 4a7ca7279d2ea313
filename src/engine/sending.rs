//! What the host says on a connection, and how any call ends.

use std::io::IoSlice;
use std::iter::empty;
use std::sync::Arc;

use super::conn::{Conn, Link, planned};
use super::core::{Core, invalid_handle};
use super::engine::not_up;
use super::flags::Flags;
use super::home::{Held, Home};
use super::wire::Wire;
use crate::error::{Error, Operation, Result};
use crate::net::Stream;
use crate::protocol::{Opcode, Whole, lies_at, lies_behind};
use crate::session::{Kit, Many, One, Outgoing, Run, Session, Transport};

/// From so many waiting bytes a send writes at once rather than with the next poll.
pub const FLUSH_AT: usize = Run::SIZE_MAX;

/// A message with nothing else to it: for which connection, of which kind, and what it says.
pub type PlainMessage<'a> = (u64, Opcode, &'a [u8]);

impl Home {
    /// Sends plain messages, one behind the other, up to the first for which there is more to do than that: [`Home::send`]
    /// it. How many; on another thread than the one that polls, of one connection at a time.
    #[inline(always)]
    pub fn send_plain<'a>(
        &self,
        first: PlainMessage<'a>,
        mut following: impl Iterator<Item = PlainMessage<'a>> + Clone,
    ) -> Result<u32> {
        let mut core = self.as_it_was_left()?;
        let polls_here = core.polls_here();
        if !polls_here {
            core.last = None;
        }
        let (mut count, mut next) = (0, Some(first));
        while let Some(message) = next.and_then(|next| core.send_behind_last(next, &mut following, &mut count)) {
            let may_change = polls_here || count == 0;
            let sent = if may_change { core.send_next(message, &mut following, polls_here) } else { 0 };
            if sent == 0 {
                break;
            }
            count += sent;
            next = following.next();
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
                self.put_off_rest();
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
    /// What it has behind that, once that was asked.
    behind: Option<Behind>,
}

/// What a connection has behind the message before.
#[derive(Debug)]
struct Behind {
    /// For so many bytes of frames there is room.
    room: usize,
    /// It sends runs.
    runs: bool,
}

impl Behind {
    fn of(wire: &Wire, session: &Session) -> Self {
        let room = session.room_behind().min(room_to_wait(session));
        Self { room, runs: wire.is_plain() && session.sends_runs() }
    }
}

impl Core {
    /// Queues plain messages behind the last one, as long as that is where they go and nothing has happened since, and
    /// counts them. The first for which that is not so.
    #[inline(always)]
    fn send_behind_last<'a>(
        &mut self,
        mut message: PlainMessage<'a>,
        following: &mut (impl Iterator<Item = PlainMessage<'a>> + Clone),
        count: &mut u32,
    ) -> Option<PlainMessage<'a>> {
        loop {
            let Core { conns, keys, last, arena, .. } = self;
            let Some(last) = last.as_mut().filter(|last| last.id == message.0) else { return Some(message) };
            let Some(Link::Up(wire, session)) = conns.at(last.slot).map(|conn| &mut conn.link) else {
                return Some(message);
            };
            loop {
                let (id, opcode, data) = message;
                if id != last.id {
                    return Some(message);
                }
                let behind = last.behind.get_or_insert_with(|| Behind::of(wire, session));
                if behind.runs && is_row(arena.around(data), message, following) {
                    break;
                }
                if !session.send_behind(opcode, data, &mut behind.room, keys) {
                    return Some(message);
                }
                *count += 1;
                message = following.next()?;
            }
            match self.send_run(message, following) {
                0 => return Some(message),
                sent => *count += sent,
            }
            message = following.next()?;
        }
    }

    /// Queues a plain message, or sends it with those that follow it, if that is all there is to do, and keeps in mind that it
    /// was. How many.
    #[inline(always)]
    fn send_next<'a>(
        &mut self,
        message: PlainMessage<'a>,
        following: &mut (impl Iterator<Item = PlainMessage<'a>> + Clone),
        polls_here: bool,
    ) -> u32 {
        self.catch_up(polls_here);
        if Run::takes(message.2) {
            let sent = self.send_run(message, following);
            if sent > 0 {
                return sent;
            }
        }
        u32::from(self.send_plain(message))
    }

    /// Sends a message with those that follow it and make a run with it. How many; 0 if it is better off in the queue, or if
    /// there is more to do.
    #[inline(never)]
    fn send_run<'a>(
        &mut self,
        (id, opcode, data): PlainMessage<'a>,
        following: &mut (impl Iterator<Item = PlainMessage<'a>> + Clone),
    ) -> u32 {
        let Core { conns, arena, buffers, keys, last, now, .. } = self;
        let Some((slot, conn)) = conns.get(id) else { return 0 };
        let mut others = SameConn { id, following: following.clone() };
        let is_last = others.clone().next().is_none();
        // The answer to a message that came alone most likely leaves alone, too.
        let leaves_alone = conn.flags.contains(Flags::ALONE) && data.len() >= Run::SIZE_MIN;
        let usual = (leaves_alone || !is_last) && sends_plain(conn);
        let Link::Up(wire, session) = &mut conn.link else { return 0 };
        if !usual || !wire.is_plain() || !session.sends_runs() {
            return 0;
        }
        let (mut one, mut many);
        let (memory, room, first) = (arena.around(data), session.room(), (opcode, data));
        let run = if is_last {
            one = One::default();
            Run::of(&mut one, memory, room, first, &mut empty())
        } else {
            many = Many::default();
            Run::of(&mut many, memory, room, first, &mut others)
        };
        let is_one = run.messages() > usize::from(!leaves_alone);
        let mut socket = Socket { stream: &wire.stream, error: None };
        let mut kit = Kit { buffers, masks: keys, now: *now };
        if !is_one || !session.send_run(&run, &mut socket, &mut kit) {
            return 0;
        }
        *following = others.following;
        let (sent, error) = (run.messages() as u32, socket.error);
        *last = error.is_none().then_some(Last { id, slot, behind: None });
        self.has_sent(slot, error);
        sent
    }

    /// Queues a plain message if that is all there is to do, and keeps in mind that it was.
    #[inline(never)]
    fn send_plain(&mut self, (id, opcode, data): PlainMessage) -> bool {
        let Core { conns, buffers, keys, dirty, last, now, .. } = self;
        let Some((slot, conn)) = conns.get(id) else { return false };
        let usual = sends_plain(conn);
        let Link::Up(_, session) = &mut conn.link else { return false };
        let may_wait = session.out().len() + data.len() < FLUSH_AT;
        if !usual || !may_wait || !session.send_plain(opcode, data, *now, buffers, keys) {
            return false;
        }
        if conn.flags.raise(Flags::DIRTY) {
            dirty.push(slot);
        }
        *last = Some(Last { id, slot, behind: None });
        true
    }

    /// Queues a message; the connection's slot.
    fn send(&mut self, id: u64, message: Outgoing) -> Result<u32> {
        let (slot, _) = self.conn(id)?;
        let Core { conns, buffers, keys, now, .. } = self;
        let Some(conn) = conns.at(slot) else { return Err(invalid_handle()) };
        if planned(&conn.details).is_some() {
            self.send_by_plan(slot, message)?;
            return Ok(slot);
        }
        let Link::Up(wire, session) = &mut conn.link else { return Err(not_up(conn)) };
        let mut kit = Kit { buffers, masks: keys, now: *now };
        let is_plain = wire.is_plain();
        let mut socket = Socket { stream: &wire.stream, error: None };
        let transport = is_plain.then_some(&mut socket as &mut dyn Transport);
        session.send(message, transport, &mut kit).map_err(|error| refused(error, id, session))?;
        let error = socket.error;
        self.has_sent(slot, error);
        Ok(slot)
    }

    /// A message has been sent, maybe past the queue, where writing failed if there is an error.
    fn has_sent(&mut self, slot: u32, error: Option<Error>) {
        let Core { conns, dirty, .. } = self;
        let Some(conn) = conns.at(slot) else { return };
        conn.flags.remove(Flags::ALONE);
        if conn.flags.raise(Flags::DIRTY) {
            dirty.push(slot);
        }
        if let Some(error) = error {
            conn.for_a_while().write_error.get_or_insert(error);
            self.hear_out(slot);
        }
    }

    /// Bytes that wait to be sent on a connection.
    fn queued(&mut self, slot: u32) -> usize {
        match self.conns.at(slot).map(|conn| &conn.link) {
            Some(Link::Up(_, session)) => session.out().len(),
            _ => 0,
        }
    }
}

/// Messages, as long as they are for one connection.
#[derive(Clone)]
struct SameConn<I> {
    id: u64,
    following: I,
}

impl<'a, I: Iterator<Item = PlainMessage<'a>> + Clone> Iterator for SameConn<I> {
    type Item = Whole<'a>;

    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        let mut ahead = self.following.clone();
        let (id, opcode, data) = ahead.next()?;
        if id != self.id {
            return None;
        }
        self.following = ahead;
        Some((opcode, data))
    }
}

/// A message and the one that follows it are for the same connection, and in `memory` they lie as they are to be sent.
#[inline(always)]
fn is_row<'a>(
    memory: &[u8],
    (id, opcode, data): PlainMessage<'a>,
    following: &(impl Iterator<Item = PlainMessage<'a>> + Clone),
) -> bool {
    let Some(frame) = lies_at(memory, (opcode, data)) else { return false };
    let Some((next, opcode, data)) = following.clone().next() else { return false };
    next == id && lies_behind(memory, frame.end, (opcode, data)).is_some()
}

/// The host knows the connection, and what it says there goes nowhere else.
#[inline(always)]
fn sends_plain(conn: &Conn) -> bool {
    conn.flags.contains(Flags::KNOWN) && planned(&conn.details).is_none()
}

/// A socket, and why it takes nothing any more.
struct Socket<'a> {
    stream: &'a Stream,
    error: Option<Error>,
}

impl Transport for Socket<'_> {
    fn write(&mut self, parts: &[IoSlice]) -> usize {
        let taken = match parts {
            [part] => self.stream.write(part),
            parts => self.stream.write_parts(parts),
        };
        taken.unwrap_or_else(|e| {
            self.error.get_or_insert_with(|| Error::io(&e, Operation::Send));
            0
        })
    }
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
