//! Who is let in: the limits of an engine and of its listeners, who counts towards them, and who was refused.

use super::conn::Conn;
use super::core::Core;
use super::flags::Flags;
use super::guests::Household;
use super::listener::Listener;
use super::slab::Slab;
use crate::error::{Error, Operation, Status};
use crate::net::Address;

/// Connections over the engine's limit that may be told so at a time; further ones are dropped without a word.
const REFUSALS_MAX: usize = 64;
/// Connections of a listener that may be told at a time why they are not let in; further ones are dropped.
const REFUSING_MAX: u32 = 1024;

/// How many connections of listeners did not open, by the reason.
#[derive(Debug, Default)]
pub struct Refusals(Vec<(Status, u64)>);

impl Refusals {
    /// One more, for this reason.
    pub fn count(&mut self, status: Status) {
        match self.0.iter_mut().find(|(reason, _)| *reason == status) {
            Some((_, count)) => *count += 1,
            None => self.0.push((status, 1)),
        }
    }

    /// How many there were for this reason, or one that is one of its kind.
    pub fn of(&self, status: Status) -> u64 {
        self.0.iter().filter(|(reason, _)| reason.is_a(status)).map(|(_, count)| count).sum()
    }
}

impl Core {
    /// How many connections count towards the engine's limit: those that are told that they are not let in take no
    /// place of anybody's.
    pub fn let_in(&self) -> usize {
        self.conns.len() - self.refusing
    }

    /// Why one more connection of a listener is not let in.
    pub fn refusal(&mut self, slot: u32, peer: &Address) -> Option<Error> {
        let (engine_max, engine_used) = (self.options.max_connections, self.let_in());
        let listener = self.listeners.at(slot)?;
        if listener.drain.is_some() {
            return Some(going_away());
        }
        let caps = &listener.caps;
        let home = Household::of(peer).map_or(0, |home| listener.guests.of(home));
        let limits = [
            (engine_used as u64, engine_max, 503, "the engine's max_connections"),
            (u64::from(listener.connections - listener.refusing), caps.connections, 503, "max_connections"),
            (u64::from(home), caps.per_address, 429, "max_per_address"),
            (u64::from(listener.handshakes), caps.handshakes, 503, "max_handshakes"),
        ];
        let (used, max, http_status, name) = limits.into_iter().find(|(used, max, ..)| *used >= u64::from(*max))?;
        Some(Error::new(Status::TOO_MANY_CONNECTIONS, name).with(|e| {
            e.operation = Operation::Accept;
            e.max_connections = max.into();
            e.in_use = used;
            e.http_status = http_status;
        }))
    }

    /// So many are being told already why they are not let in that this one is not. Who waited when a listener began to
    /// close always is: nobody comes after them.
    pub fn is_tired_of_refusing(&mut self, slot: u32) -> bool {
        let full = self.conns.len() >= self.options.max_connections as usize + REFUSALS_MAX;
        self.listeners.at(slot).is_some_and(|l| l.drain.is_none() && (full || l.refusing >= REFUSING_MAX))
    }

    /// A connection that was dropped without a word.
    pub fn drop_silently(&mut self, error: &Error) {
        self.handshake_failures += 1;
        self.refusals.count(error.status);
    }

    /// A connection has gone: others may come in its place.
    pub fn departed(&mut self, mut conn: Conn) {
        has_opened(&mut self.listeners, conn.listener, &mut conn.flags);
        self.refusing -= usize::from(conn.listener != 0 && !conn.flags.contains(Flags::ADMITTED));
        let Ok((slot, listener)) = self.listener(conn.listener) else { return };
        listener.connections -= 1;
        if !conn.flags.contains(Flags::ADMITTED) {
            listener.refusing -= 1;
        } else if let Some(home) = listener.home(&conn) {
            listener.guests.went(home);
        }
        if listener.paused_until > 0 {
            // A file descriptor is free again: no need to wait for the timer.
            listener.paused_until = 0;
            listener.readable = false;
            self.note_listener(slot);
        }
        self.announce_end(slot);
    }
}

/// A connection is open, or has gone: its listener has one handshake fewer to wait for.
pub fn has_opened(listeners: &mut Slab<Listener>, listener: u64, flags: &mut Flags) {
    if !flags.lower(Flags::OPENING) {
        return;
    }
    if let Some((_, listener)) = listeners.get(listener) {
        listener.handshakes -= 1;
    }
}

/// What those are told who come while a listener closes.
pub fn going_away() -> Error {
    Error::new(Status::HANDSHAKE_ABORTED, "the listener is closing").with(|e| {
        e.operation = Operation::Accept;
        e.http_status = 503;
    })
}

impl Listener {
    /// One more connection is here; with `admitted` it may open.
    pub fn arrived(&mut self, conn: &mut Conn, admitted: bool) {
        self.connections += 1;
        conn.flags.set(Flags::ADMITTED, admitted);
        conn.flags.set(Flags::OPENING, admitted);
        conn.flags.set(Flags::MUTED, !self.tells_failures);
        if !admitted {
            self.refusing += 1;
            return;
        }
        self.handshakes += 1;
        if let Some(home) = self.home(conn) {
            self.guests.came(home);
        }
    }

    /// Where a connection is at home, if that matters here.
    fn home(&self, conn: &Conn) -> Option<Household> {
        if self.caps.per_address == u32::MAX {
            return None;
        }
        Household::of(&conn.peer()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_add_up_by_their_kind() {
        let mut refusals = Refusals::default();
        refusals.count(Status::HANDSHAKE_TIMEOUT);
        refusals.count(Status::HANDSHAKE_TIMEOUT);
        refusals.count(Status::INVALID_ORIGIN);
        assert_eq!(refusals.of(Status::HANDSHAKE_TIMEOUT), 2);
        assert_eq!((refusals.of(Status::TIMEOUT), refusals.of(Status::HANDSHAKE)), (2, 3));
        assert_eq!((refusals.of(Status::INVALID_HEADER), refusals.of(Status::TLS)), (1, 0));
        assert_eq!(refusals.of(Status::ERROR), 3);
    }
}
