//! Taking connections from listeners, within the limits.

use std::io;
use std::sync::Arc;

use super::approach::Approach;
use super::conn::{Conn, Link};
use super::core::Core;
use super::event::{Event, EventKind};
use super::log::Level;
use super::timers::Owner;
use crate::error::{Error, Operation, Status};
use crate::net::{self, Address, Stream};
use crate::session::Time;

/// Connections accepted before others get their turn.
const TURN: usize = 64;
/// Without file descriptors accepting rests this long, unless one of the listener's connections ends earlier.
const FD_PAUSE: Time = 200_000;

impl Core {
    /// Accepts what waits at a listener, up to a turn.
    pub fn accept(&mut self, slot: u32) {
        for _ in 0..TURN {
            let Some(listener) = self.listeners.at(slot) else { return };
            let Some(socket) = listener.socket.as_ref().filter(|_| listener.paused_until <= self.now) else { return };
            match socket.accept() {
                Ok((stream, peer)) => {
                    let waiting = listener.drain.as_mut().map(|drain| {
                        drain.waiting -= 1;
                        drain.waiting
                    });
                    self.accepted(slot, stream, peer);
                    if waiting == Some(0) {
                        return self.stop_listening(slot);
                    }
                }
                Err(e) if e.kind() == io::ErrorKind::WouldBlock => {
                    listener.readable = false;
                    if listener.drain.is_some() {
                        self.stop_listening(slot);
                    }
                    return;
                }
                Err(e) if net::is_retryable_accept(&e) => {}
                Err(e) => return self.cannot_accept(slot, &e),
            }
        }
        self.accepting.push_back(slot);
    }

    /// A transport has come in: it goes on its way, or is told that there are too many.
    fn accepted(&mut self, slot: u32, mut stream: Stream, peer: Address) {
        let turned_away = self.refusal(slot, &peer);
        if let Some(error) = turned_away.as_ref().filter(|_| self.is_tired_of_refusing(slot)) {
            return self.drop_silently(error);
        }
        let Some(listener) = self.listeners.at(slot) else { return };
        let (id, user, reception) = (listener.id, listener.user, listener.reception.clone());
        self.log.write(Level::Debug, id, "engine", || format!("accepted {peer}"));
        let Some((conn, _)) = self.conns.insert(Conn::new(Link::Down, id, user).of_peer(peer)) else {
            return self.refusals.count(Status::TOO_MANY_CONNECTIONS); // nobody has more slots than that
        };
        if let (Some(listener), Some(conn)) = (self.listeners.at(slot), self.conns.at(conn)) {
            listener.arrived(conn, turned_away.is_none());
        }
        self.refusing += usize::from(turned_away.is_some());
        let registered = self.registry.register(&mut stream, Core::token(conn), Core::BOTH);
        let registered = registered.map_err(|e| Error::io(&e, Operation::Accept));
        match registered.and_then(|()| Approach::of_server(stream, reception, self.now, turned_away)) {
            Ok(approach) => self.begin(conn, approach),
            Err(error) => self.end(conn, error),
        }
    }

    /// Nothing can be accepted, most likely for want of file descriptors: rest, and say so once.
    fn cannot_accept(&mut self, slot: u32, error: &io::Error) {
        let Some(listener) = self.listeners.at(slot) else { return };
        listener.paused_until = self.now + FD_PAUSE;
        let due = listener.paused_until;
        self.timers.arm(Owner::Listener(slot), due, &mut listener.armed);
        let error = net::accept_error(error).with(|e| e.time_ms = due / 1000);
        self.log.write(Level::Warn, listener.id, "engine", || format!("accepting rests: {error}"));
        let mut event = Event::new(EventKind::AcceptFailed, 0, listener.id, listener.user);
        event.status = error.status;
        event.error = Some(Arc::new(error));
        self.put_end_by(event); // of many that nobody takes a few will do
    }

    /// The rest is over.
    pub fn resume_accepting(&mut self, slot: u32) {
        if let Some(listener) = self.listeners.at(slot) {
            listener.paused_until = 0;
            self.accepting.push_back(slot);
        }
    }
}
