//! A connection of an engine: its transport, its session, and what the engine must remember about it.

use std::sync::Arc;

use super::approach::Approach;
use super::dial::Dial;
use super::event::Opened;
use super::plan::Plan;
use super::topics::Subscriber;
use super::wire::{After, Wire};
use crate::error::Error;
use crate::extension::Tally;
use crate::handshake::Place;
use crate::net::Address;
use crate::session::{Counters, NEVER, Session, State, Time};

/// How far a connection has come. The large one is what nearly all of them are, so it is not boxed.
#[allow(clippy::large_enum_variant)]
pub enum Link {
    /// A client on its way: resolving, connecting.
    Dialing(Box<Dial>),
    /// There is a socket, and proxies or TLS stand before the WebSocket.
    Approaching(Box<Approach>),
    /// There is a transport.
    Up(Wire, Session),
    /// It never came up, or the host wants no more of it.
    Down,
}

impl Link {
    /// The transport, if there is one.
    pub fn wire(&mut self) -> Option<&mut Wire> {
        match self {
            Link::Approaching(approach) => Some(&mut approach.wire),
            Link::Up(wire, _) => Some(wire),
            Link::Dialing(_) | Link::Down => None,
        }
    }
}

/// What went through a connection.
#[derive(Debug, Default, Clone, Copy)]
pub struct Traffic {
    pub counters: Counters,
    /// What of it was compressed.
    pub tally: Tally,
    /// Bytes that left.
    pub wire_out: u64,
    /// Bytes that wait.
    pub queued: u64,
}

/// One connection.
pub struct Conn {
    pub link: Link,
    /// The handle that hosts know it by.
    pub id: u64,
    /// The listener it came from, 0 for clients.
    pub listener: u64,
    /// What the host attached.
    pub user: u64,
    /// When the earliest timer of it fires.
    pub armed: Time,
    /// How it ended; set before the terminal event is due.
    pub outcome: Option<Arc<Error>>,
    /// What not every connection has.
    pub details: Option<Box<Details>>,
    /// What a client is to do, until it is open.
    pub plan: Option<Box<Plan>>,
    /// Address of the peer, once there is one.
    pub peer: Option<Address>,
    /// The write that failed; told once everything that had arrived was read.
    pub write_error: Option<Error>,
    /// What went through, once the session is gone.
    pub last: Option<Box<Traffic>>,
    /// What was agreed, until the batch with the OPEN event ends.
    pub opened: Option<Arc<Opened>>,
    /// Bytes that were received and not taken before the host paused the connection.
    pub stash: Option<Box<[u8]>>,
    /// Who it is among those that have subscribed to topics.
    pub subscriber: Option<Subscriber>,
    pub flags: Flags,
}

/// What not every connection has; apart, for most of them are idle.
#[derive(Debug, Default)]
pub struct Details {
    /// What a client asked for; after a redirect, what it asks for now.
    pub uri: Box<str>,
    /// The subprotocol, for as long as the connection lives.
    pub subprotocol: Box<str>,
    /// Its place at a route that has so many and no more.
    pub place: Option<Place>,
    /// The pool that it is of; 0 for none.
    pub pool: u64,
}

/// What is on about a connection.
#[derive(Debug, Default, Clone, Copy)]
pub struct Flags {
    /// The kernel has, or may have, something to read.
    pub readable: bool,
    /// The peer has ended its direction: read until the end shows.
    pub read_closed: bool,
    /// In the queue of connections to be served.
    pub queued: bool,
    /// In the list of connections to be flushed.
    pub dirty: bool,
    /// The host wants nothing from it for now.
    pub paused: bool,
    /// The host knows it by its handle: a client's always, a server's once it is open.
    pub known: bool,
    /// Its OPEN event was delivered: CLOSE will be its last.
    pub opened: bool,
    /// The host has granted its request, and has not had the OPEN event yet.
    pub granted: bool,
    /// The host was asked about its request.
    pub asked: bool,
    /// It is of a pool, and nobody has leased it: the pool hears what it says.
    pub pooled: bool,
    /// Its turn begins with something that the others' do not: it is `granted` or `pooled`.
    pub apart: bool,
    /// Nobody need hear of its end.
    pub silent: bool,
    /// A deadline has passed and waits until what had arrived was read.
    pub reprieved: bool,
    /// The writing direction is closed.
    pub half_closed: bool,
    /// The host brought its socket, and may hold it under another number still: closing ours does not end its events.
    pub adopted: bool,
    /// Its listener has let it in, rather than telling it why not.
    pub admitted: bool,
    /// Its listener waits for it to open.
    pub opening: bool,
    /// Its host wants no event if it fails to open.
    pub muted: bool,
    /// The terminal event was delivered; freed when the batch ends.
    pub done: bool,
}

impl Flags {
    /// What a read says about the next one.
    #[inline]
    pub fn have_read(&mut self, after: &After) {
        self.readable = match after {
            After::More => true,
            After::Enough => self.read_closed,
            After::Nothing | After::End | After::Broken(_) => false,
        };
        // One that has ended says so. What was said to have ended was another socket: one that has lost the race.
        self.read_closed &= !matches!(after, After::Nothing);
    }
}

impl Conn {
    /// A connection with nothing on.
    pub fn new(link: Link, listener: u64, user: u64) -> Self {
        Self {
            link,
            id: 0,
            listener,
            user,
            armed: NEVER,
            outcome: None,
            details: None,
            plan: None,
            peer: None,
            write_error: None,
            last: None,
            opened: None,
            stash: None,
            subscriber: None,
            flags: Flags::default(),
        }
    }

    /// A client that has not set out yet.
    pub fn of_client(plan: Plan, user: u64) -> Self {
        let uri = plan.request.uri.to_string().into();
        let details = Details { uri, ..Details::default() };
        Self { plan: Some(Box::new(plan)), details: Some(Box::new(details)), ..Self::new(Link::Down, 0, user) }
    }

    /// What a client asks for; empty in a server.
    pub fn uri(&self) -> &str {
        self.details.as_deref().map_or("", |details| &details.uri)
    }

    /// The subprotocol that was agreed, or nothing.
    pub fn subprotocol(&self) -> &str {
        self.details.as_deref().map_or("", |details| &details.subprotocol)
    }

    /// The pool that it is of; 0 for none.
    pub fn pool(&self) -> u64 {
        self.details.as_deref().map_or(0, |details| details.pool)
    }

    /// Where it stands.
    pub fn state(&self) -> State {
        match &self.link {
            _ if self.outcome.is_some() => State::Closed,
            Link::Dialing(_) | Link::Approaching(_) => State::Connecting,
            Link::Up(_, session) => session.state(),
            Link::Down => State::Closed,
        }
    }

    /// What went through so far.
    pub fn traffic(&self) -> Traffic {
        match (&self.link, &self.last) {
            (Link::Up(wire, session), _) => Traffic {
                counters: *session.counters(),
                tally: session.tally(),
                wire_out: wire.left().unwrap_or(session.out().left()),
                queued: session.out().len() as u64,
            },
            (_, Some(last)) => **last,
            _ => Traffic::default(),
        }
    }

    /// The session, if there is a transport.
    pub fn session(&mut self) -> Option<&mut Session> {
        match &mut self.link {
            Link::Up(_, session) => Some(session),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_idle_connection_is_small() {
        assert!(size_of::<Conn>() <= 528, "{}", size_of::<Conn>());
    }
}
