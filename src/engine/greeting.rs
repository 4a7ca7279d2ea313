//! Who has come: OPEN for those whose opening handshake is done, REQUEST for those on whom the host decides.

use std::sync::Arc;

use super::arena::Stretch;
use super::conn::{Conn, Link};
use super::core::{Core, invalid_handle};
use super::engine::Engine;
use super::event::{Event, EventKind, FLAG_PLAIN, Opened, Sink};
use super::flags::Flags;
use super::handle::{Handle, Kind};
use super::log::Level;
use crate::error::Result;
use crate::handshake::{Grant, Handshake, Response};
use crate::session::{Kit, Session};

impl Core {
    /// The opening handshake is done, and there is room to say so.
    pub fn greet<S: Sink>(&mut self, slot: u32, handshake: Handshake, sink: &mut S) {
        self.admitted(slot, handshake);
        self.announce(slot, sink);
    }

    /// The opening handshake is done: the host is to know the connection.
    fn admitted(&mut self, slot: u32, mut handshake: Handshake) {
        let Core { conns, log, reads_on, .. } = self;
        let Some(conn) = conns.at(slot) else { return };
        let peer = conn.peer_text();
        log.write(Level::Info, conn.id, "engine", || format!("open: {} {peer}", handshake.target));
        for error in &handshake.declined {
            let offer = error.header_value.as_deref().unwrap_or_default();
            log.write(Level::Debug, conn.id, "engine", || format!("declined {offer:?}: {error}"));
        }
        conn.flags.insert(Flags::KNOWN);
        if let Some(details) = &mut conn.details {
            details.plan.take_if(|plan| plan.reconnect.is_none());
        }
        if let Some(routed) = &mut handshake.route {
            conn.user = routed.route.user;
            if let Some(place) = routed.place.take() {
                conn.details.get_or_insert_default().place = Some(place);
            }
        }
        if !handshake.subprotocol.is_empty() {
            conn.details.get_or_insert_default().subprotocol = handshake.subprotocol.as_str().into();
        }
        let opened = opened(conn, handshake);
        conn.for_a_while().opened = Some(Arc::new(opened));
        *reads_on |= conn.reads_on();
    }

    /// Delivers REQUEST, in the batch if there is room. What the peer has sent behind its request waits until that is
    /// decided.
    pub fn ask<S: Sink>(
        &mut self,
        slot: u32,
        (mut handshake, websocket): (Handshake, bool),
        behind: Stretch,
        sink: &mut S,
    ) {
        let Some(conn) = self.conns.at(slot) else { return };
        conn.flags.insert(Flags::ASKED);
        let user = handshake.route.as_mut().map_or(conn.user, |routed| {
            routed.place = None; // the session has it
            routed.route.user
        });
        let mut event = Event::new(EventKind::Request, 0, conn.listener, user);
        event.request = Handle::renamed(conn.id, Kind::Request);
        event.flags = if websocket { 0 } else { FLAG_PLAIN };
        event.opened = Some(Arc::new(opened(conn, handshake)));
        let has_left = conn.flags.contains(Flags::READ_CLOSED);
        match sink.has_room(conn.id) {
            true => sink.put(&event),
            false => self.post(event),
        }
        if behind.at < self.arena.bytes(&behind).len() {
            self.stash(slot, behind);
        }
        if has_left {
            self.queue(slot);
        }
    }

    /// A request that waits for its host: if its peer has left, there is nothing to decide any more.
    pub fn await_decision(&mut self, slot: u32) {
        let Core { conns, buffers, keys, now, .. } = self;
        let Some(conn) = conns.at(slot).filter(|conn| conn.flags.contains(Flags::READ_CLOSED)) else { return };
        if let Some(session) = conn.session() {
            session.eof(&mut Kit { buffers, masks: keys, now: *now });
        }
        self.settle(slot);
    }

    /// The connection whose request a host's handle means.
    fn request(&mut self, id: u64) -> Result<(u32, &mut Conn)> {
        Handle::of(id, Kind::Request).ok_or_else(invalid_handle)?;
        let asked = self.conns.get(Handle::renamed(id, Kind::Conn));
        let asked = asked.filter(|(_, conn)| matches!(&conn.link, Link::Up(_, session) if session.is_asked()));
        asked.ok_or_else(invalid_handle)
    }

    /// Does something to the session of a request that waits for it.
    fn decide<T>(&mut self, id: u64, act: impl FnOnce(&mut Session, &mut Kit) -> Result<T>) -> Result<(u32, T)> {
        self.look_at_clock();
        let (slot, _) = self.request(id)?;
        let Core { conns, buffers, keys, now, .. } = self;
        let session = conns.at(slot).and_then(Conn::session).ok_or_else(invalid_handle)?;
        let done = act(session, &mut Kit { buffers, masks: keys, now: *now })?;
        Ok((slot, done))
    }
}

impl Engine {
    /// Grants a request: OPEN follows. `user` 0 leaves the route's.
    pub fn grant(&self, id: u64, grant: &Grant, user: u64) -> Result<u64> {
        let mut core = self.core()?;
        let (slot, handshake) = core.decide(id, |session, kit| session.grant(grant, kit))?;
        core.admitted(slot, *handshake);
        let Some(conn) = core.conns.at(slot) else { return Err(invalid_handle()) };
        conn.flags.insert(Flags::GRANTED | Flags::APART);
        conn.user = if user == 0 { conn.user } else { user };
        let id = conn.id;
        core.settle(slot);
        core.queue(slot);
        core.leave(Some(slot));
        Ok(id)
    }

    /// Answers a request with a response: ACCEPT_FAILED follows when the peer has it.
    pub fn answer(&self, id: u64, response: &Response) -> Result<()> {
        let mut core = self.core()?;
        let (slot, ()) = core.decide(id, |session, kit| session.answer(response, kit))?;
        core.settle(slot);
        core.queue(slot);
        core.leave(Some(slot));
        Ok(())
    }
}

/// What the host may know about a connection.
fn opened(conn: &Conn, handshake: Handshake) -> Opened {
    Opened {
        handshake,
        peer: conn.peer_text(),
        uri: conn.uri().to_owned(),
        tls: match &conn.link {
            Link::Up(wire, _) => wire.info().map(Box::new),
            _ => None,
        },
    }
}
