//! The usual: a connection from which plain messages come and to which such go, with nothing else going on. What it would
//! be asked otherwise at every step is asked once. As soon as anything is different, the other rooms' ways take over.

use super::conn::Link;
use super::core::Core;
use super::event::Sink;
use super::flags::Flags;
use super::wire::{After, Read, read_once};
use crate::error::{Error, Operation};
use crate::session::Kit;

impl Core {
    /// A turn, if it is a usual one: a read, and messages. False: nothing has been done.
    #[inline(always)]
    pub fn usual_turn<S: Sink>(&mut self, slot: u32, sink: &mut S) -> bool {
        let Core { conns, arena, leftover, read_max, now, .. } = self;
        let Some(conn) = conns.at(slot).filter(|conn| conn.flags.only_readable() && conn.passing.is_none()) else {
            return false;
        };
        let Link::Up(wire, session) = &mut conn.link else { return false };
        let Some(plain) = session.usual().filter(|_| wire.is_plain()) else {
            return false;
        };
        if leftover.is_some() || !sink.has_room(conn.id) {
            return false;
        }
        let room = arena.room(0);
        let most = room.len().min(*read_max);
        let Read { len, after, .. } = read_once(&mut wire.stream, &mut room[..most]);
        let mut stretch = arena.fill(len);
        session.arrived(len);
        let (id, from) = (conn.id, (conn.id, conn.listener, conn.user));
        let messages = session.receive_plain(plain, arena.bytes(&stretch), &mut stretch.at, *now, |opcode, data| {
            sink.put_message(from, opcode, data);
            sink.has_room(id)
        });
        conn.flags.set(Flags::ALONE, messages == 1);
        if matches!(after, After::Enough) && stretch.at == stretch.end {
            conn.flags.remove(Flags::READABLE);
        } else {
            self.have_read(slot, after, Some(stretch), sink);
            self.settle(slot);
            self.report(slot, sink);
        }
        true
    }

    /// Writes what waits, if that is the usual: a queue in one piece, of which nobody wants to know what has left. False:
    /// nothing has been done.
    #[inline(always)]
    pub fn usual_flush(&mut self, slot: u32) -> bool {
        let Core { conns, buffers, keys, now, .. } = self;
        let Some(conn) = conns.at(slot) else { return false };
        let Link::Up(wire, session) = &mut conn.link else { return false };
        let usual = wire.is_plain() && conn.passing.is_none() && session.has_usual_queue();
        if !usual || conn.flags.wants_read() {
            return false;
        }
        conn.flags.remove(Flags::DIRTY);
        let waiting = session.out().simple();
        if waiting.is_empty() {
            return true; // a large message has left past the queue
        }
        match wire.stream.write(waiting) {
            Ok(taken) if taken == waiting.len() => {
                session.wrote_all(buffers);
                return true;
            }
            Ok(taken) => session.wrote(taken, true, &mut Kit { buffers, masks: keys, now: *now }),
            Err(e) => {
                conn.for_a_while().write_error = Some(Error::io(&e, Operation::Send));
                self.hear_out(slot);
            }
        }
        self.after_writing(slot);
        self.settle(slot);
        true
    }
}
