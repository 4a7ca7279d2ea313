//! What the host says on a connection.

use super::conn::Link;
use super::core::{Core, invalid_handle};
use super::engine::not_up;
use super::handle::{Handle, Kind};
use crate::error::{Error, Operation, Result};
use crate::session::{DirectWrite, Kit, Outgoing, Session};

impl Core {
    /// Queues a message; the connection's slot, and how many bytes wait there now.
    #[inline(always)]
    pub fn send(&mut self, id: u64, message: Outgoing) -> Result<(u32, usize)> {
        let Core { conns, buffers, keys, dirty, now, .. } = self;
        let Some(Handle { slot, generation, .. }) = Handle::of(id, Kind::Conn) else { return Err(invalid_handle()) };
        let conn = conns.get(slot, generation).filter(|conn| conn.flags.known).ok_or_else(invalid_handle)?;
        if conn.plan.is_some() {
            self.send_by_plan(slot, message)?;
            return Ok((slot, self.queued(slot)));
        }
        let Link::Up(wire, session) = &mut conn.link else { return Err(not_up(conn)) };
        let mut kit = Kit { buffers, masks: keys, now: *now };
        let write_error = &mut conn.write_error;
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
        let queued = session.out().len();
        if !std::mem::replace(&mut conn.flags.dirty, true) {
            dirty.push(slot);
        }
        if conn.write_error.is_some() {
            self.hear_out(slot);
        }
        Ok((slot, queued))
    }

    /// Bytes that wait to be sent on a connection.
    pub fn queued(&mut self, slot: u32) -> usize {
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
