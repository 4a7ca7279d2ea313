//! From a host's wish to a session: look up, connect, pass proxies and TLS, and begin anew where a redirect leads.

use std::net::SocketAddr;

use super::approach::{Advance, Approach, Side};
use super::conn::{Conn, Link, planned, planned_mut};
use super::core::Core;
use super::dial::{Dial, Question};
use super::event::Sink;
use super::flags::Flags;
use super::log::Level;
use crate::error::{Error, Result, Status};
use crate::net::{Address, Progress, Stream};
use crate::session::{Kit, NEVER, Session};

impl Core {
    /// Begins what a client is to do, for the first time or after a redirect.
    pub fn set_out(&mut self, slot: u32) {
        let Some(conn) = self.conns.at(slot) else { return };
        let Some(plan) = planned(&conn.details) else { return };
        let id = conn.id;
        match Dial::new(plan) {
            Ok((dial, question)) => {
                self.log.write(Level::Debug, id, "engine", || {
                    let by = dial.proxy.as_ref().map(|proxy| format!(" by {proxy}")).unwrap_or_default();
                    format!("connecting to {}{by}", plan.request.uri)
                });
                conn.link = Link::Dialing(Box::new(dial));
                self.inquire(slot, question);
            }
            Err(error) => self.end(slot, error),
        }
    }

    /// Looks up what must be, or goes on to connect.
    fn inquire(&mut self, slot: u32, question: Option<Question>) {
        let Some((host, port)) = question else { return self.race(slot) };
        let Some(Conn { link: Link::Dialing(dial), id, .. }) = self.conns.at(slot) else { return };
        if let Err(error) = self.resolver.ask(*id, &host, port) {
            let error = dial.blame(error);
            return self.end(slot, error);
        }
        self.rearm(slot);
    }

    /// The answer to an inquiry.
    pub fn answered(&mut self, slot: u32, answer: Result<Vec<SocketAddr>>) {
        let Some(Conn { link: Link::Dialing(dial), details, .. }) = self.conns.at(slot) else { return };
        let Some(plan) = planned(details) else { return };
        let next = answer.map_err(|error| dial.blame(error)).and_then(|addresses| dial.found(plan, addresses));
        match next {
            Ok(question) => self.inquire(slot, question),
            Err(error) => self.end(slot, error),
        }
    }

    /// The attempts to connect go on.
    pub fn race(&mut self, slot: u32) {
        let Core { conns, registry, now, .. } = self;
        let Some(Conn { link: Link::Dialing(dial), .. }) = conns.at(slot) else { return };
        let Some(race) = &mut dial.race else { return };
        let mut register = |stream: &mut Stream| registry.register(stream, Core::token(slot), Core::BOTH);
        match race.advance(*now, &mut register) {
            Progress::Waiting { until } => {
                // A race that could go on at once lets others have their turn first.
                let at_once = until <= *now;
                dial.race_at = if at_once { NEVER } else { until };
                if at_once {
                    self.queue(slot);
                }
                self.rearm(slot);
            }
            Progress::Won(stream, address) => self.connected(slot, stream, address),
            Progress::Lost(error) => {
                let error = dial.blame(error);
                self.end(slot, error);
            }
        }
    }

    /// There is a socket.
    fn connected(&mut self, slot: u32, stream: Stream, address: Address) {
        let Some(conn) = self.conns.at(slot) else { return };
        let Link::Dialing(dial) = std::mem::replace(&mut conn.link, Link::Down) else { return };
        conn.set_peer(address);
        let Some(plan) = planned(&conn.details) else { return };
        let Dial { proxy, tunnel, .. } = *dial;
        match Approach::of_client(stream, plan, proxy.as_ref().zip(tunnel)) {
            Ok(approach) => self.begin(slot, approach),
            Err(error) => self.end(slot, error),
        }
    }

    /// A socket that is registered: its way to a WebSocket begins with the connection's next turn.
    pub fn begin(&mut self, slot: u32, approach: Approach) {
        let Some(conn) = self.conns.at(slot) else { return };
        if approach.has_arrived() {
            self.begin_session(slot, approach);
        } else {
            conn.link = Link::Approaching(Box::new(approach));
            self.queue(slot);
            self.rearm(slot);
        }
    }

    /// One turn of a connection on its way.
    pub fn approach<S: Sink>(&mut self, slot: u32, sink: &mut S) {
        let Core { conns, arena, approached, .. } = self;
        let Some(conn) = conns.at(slot) else { return };
        let Link::Approaching(approach) = &mut conn.link else { return };
        *approached += 1;
        match approach.advance(arena.room(Approach::SLACK), conn.flags.contains(Flags::READABLE)) {
            Ok(Advance::Waiting(_)) if !conn.flags.contains(Flags::READABLE) => {}
            Ok(Advance::Waiting(after)) => {
                conn.flags.have_read(&after);
                if conn.flags.contains(Flags::READABLE) {
                    self.queue(slot);
                }
            }
            Ok(Advance::Arrived(len)) => {
                let first = (len > 0).then(|| arena.fill(len));
                let paused = conn.flags.contains(Flags::PAUSED);
                let Link::Approaching(approach) = std::mem::replace(&mut conn.link, Link::Down) else { return };
                self.begin_session(slot, *approach);
                match first {
                    Some(stretch) if paused => self.stash(slot, stretch),
                    Some(stretch) => _ = self.take(slot, stretch, sink),
                    None => {}
                }
                self.settle(slot);
                self.queue(slot);
            }
            Err(error) => self.end(slot, error),
        }
    }

    /// Nothing stands before the opening handshake any more.
    fn begin_session(&mut self, slot: u32, approach: Approach) {
        let nonce = self.keys.take();
        let Core { conns, buffers, keys, now, .. } = self;
        let Some(conn) = conns.at(slot) else { return };
        let mut kit = Kit { buffers, masks: keys, now: *now };
        let Approach { wire, settings, open_by, side, received, sent, .. } = approach;
        let session = match (side, planned(&conn.details)) {
            (Side::Server(terms, turned_away), _) => {
                let mut session = Session::server(terms, open_by, kit.now);
                if let Some(error) = turned_away {
                    session.turn_away(error, &mut kit);
                }
                Ok(session)
            }
            (Side::Client, Some(plan)) => Session::client(settings, &plan.request, nonce, open_by, &mut kit),
            (Side::Client, None) => return,
        };
        match session {
            Ok(mut session) => {
                session.came_by(received, sent);
                conn.link = Link::Up(wire, session);
            }
            Err(error) => return self.end(slot, error),
        }
        self.flush(slot);
        self.settle(slot);
    }

    /// A client's transport has ended: `None` if the server has sent us elsewhere and we are to go there, else the error
    /// with all that led to it.
    pub fn redirected(&mut self, slot: u32, error: Error) -> Option<Error> {
        let Some(conn) = self.conns.at(slot) else { return Some(error) };
        let Some(plan) = planned_mut(&mut conn.details) else { return Some(error) };
        if error.status != Status::REDIRECT {
            return Some(plan.redirects.explain(error));
        }
        match plan.redirects.follow(&plan.request, error) {
            Err(error) => return Some(error),
            Ok(request) => plan.request = request,
        }
        let uri = plan.request.uri.to_string();
        self.log.write(Level::Info, conn.id, "engine", || format!("redirected to {uri}"));
        conn.ask_for_what_is_planned();
        self.detach(slot);
        None
    }
}
