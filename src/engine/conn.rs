//! A connection of an engine: its transport, its session, and what the engine must remember about it.

use std::net::{SocketAddr, SocketAddrV4};
use std::sync::Arc;

use super::approach::Approach;
use super::dial::Dial;
use super::event::Opened;
use super::flags::Flags;
use super::plan::Plan;
use super::slab::Tenant;
use super::topics::Subscriber;
use super::wire::Wire;
use crate::error::Error;
use crate::extension::Tally;
use crate::handshake::Place;
use crate::net::Address;
use crate::session::{Counters, Heard, NEVER, Session, State, Time};

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
    /// It was lost, and waits for the next attempt to open it again.
    Waiting,
}

impl Link {
    /// The transport, if there is one.
    pub fn wire(&mut self) -> Option<&mut Wire> {
        match self {
            Link::Approaching(approach) => Some(&mut approach.wire),
            Link::Up(wire, _) => Some(wire),
            Link::Dialing(_) | Link::Down | Link::Waiting => None,
        }
    }
}

/// What went through a connection.
#[derive(Debug, Default, Clone, Copy)]
pub struct Traffic {
    pub counters: Counters,
    pub heard: Heard,
    /// Last round trip in microseconds.
    pub rtt: u64,
    /// What of it was compressed.
    pub tally: Tally,
    /// Bytes that left.
    pub wire_out: u64,
    /// Bytes that wait.
    pub queued: u64,
    /// How often it was opened again.
    pub reconnects: u64,
    /// Bytes that wait to be sent once it is open, or are kept to be sent again.
    pub kept: u64,
    /// Messages that were dropped because nothing more could wait.
    pub dropped: u64,
    /// Messages that could not be sent again, for want of room, if they were lost.
    pub unprotected: u64,
    /// Messages that nobody took and that are lost.
    pub lost: u64,
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
    /// What it has for a while.
    pub passing: Option<Box<Passing>>,
    /// What not every connection has.
    pub details: Option<Box<Details>>,
    /// Address of the peer, once there is one; any other than this kind is among the details.
    peer: Option<SocketAddrV4>,
    /// Who it is among those that have subscribed to topics.
    pub subscriber: Option<Subscriber>,
    pub flags: Flags,
}

/// What a connection has for a while, if at all. As long as it has any of this, something unusual is on.
#[derive(Debug, Default)]
pub struct Passing {
    /// How it ended; set before the terminal event is due.
    pub outcome: Option<Arc<Error>>,
    /// The write that failed; told once everything that had arrived was read.
    pub write_error: Option<Error>,
    /// What was agreed, until the batch with the OPEN event ends.
    pub opened: Option<Arc<Opened>>,
    /// Bytes that were received and not taken before the host paused the connection.
    pub stash: Option<Box<[u8]>>,
}

impl Passing {
    fn is_over(&self) -> bool {
        let Self { outcome, write_error, opened, stash } = self;
        outcome.is_none() && write_error.is_none() && opened.is_none() && stash.is_none()
    }
}

/// What not every connection has; apart, for most of them are idle.
#[derive(Default)]
pub struct Details {
    /// What a client is to do, until it is open; for ever, if it comes back.
    pub plan: Option<Box<Plan>>,
    /// What went through the sessions that are gone.
    pub last: Option<Box<Traffic>>,
    /// Address of the peer, if it is not of the kind that most are.
    peer: Option<Address>,
    /// What a client asked for; after a redirect, what it asks for now.
    pub uri: Box<str>,
    /// The subprotocol, for as long as the connection lives.
    pub subprotocol: Box<str>,
    /// Its place at a route that has so many and no more.
    pub place: Option<Place>,
    /// Messages that nobody took and that are lost.
    pub lost: u64,
    /// The pool that it is of; 0 for none.
    pub pool: u64,
}

/// What a client is to do.
#[inline(always)]
pub fn planned(details: &Option<Box<Details>>) -> Option<&Plan> {
    details.as_ref()?.plan.as_deref()
}

/// The same, to be changed.
pub fn planned_mut(details: &mut Option<Box<Details>>) -> Option<&mut Plan> {
    details.as_mut()?.plan.as_deref_mut()
}

impl Tenant for Conn {
    fn id(&mut self) -> &mut u64 {
        &mut self.id
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
            passing: None,
            details: None,
            peer: None,
            subscriber: None,
            flags: Flags::default(),
        }
    }

    /// A client that has not set out yet.
    pub fn of_client(plan: Plan, user: u64) -> Self {
        let uri = plan.request.uri.to_string().into();
        let details = Details { plan: Some(Box::new(plan)), uri, ..Details::default() };
        Self { details: Some(Box::new(details)), ..Self::new(Link::Down, 0, user) }
    }

    /// The same, of a peer at this address.
    pub fn of_peer(mut self, peer: Address) -> Self {
        self.set_peer(peer);
        self
    }

    /// Its peer is at this address.
    pub fn set_peer(&mut self, peer: Address) {
        self.forget_peer();
        match peer {
            Address::Ip(SocketAddr::V4(peer)) => self.peer = Some(peer),
            peer => self.details.get_or_insert_default().peer = Some(peer),
        }
    }

    fn forget_peer(&mut self) {
        self.peer = None;
        self.details.iter_mut().for_each(|details| details.peer = None);
    }

    /// Address of the peer, once there is one.
    pub fn peer(&self) -> Option<Address> {
        let usual = self.peer.map(|peer| Address::from(SocketAddr::V4(peer)));
        usual.or_else(|| self.details.as_ref()?.peer.clone())
    }

    /// The same as text; empty if there is none yet.
    pub fn peer_text(&self) -> String {
        self.peer().as_ref().map(ToString::to_string).unwrap_or_default()
    }

    /// How it ended, once it has.
    pub fn outcome(&self) -> Option<&Arc<Error>> {
        self.passing.as_ref()?.outcome.as_ref()
    }

    /// A write has failed, and that is not told yet.
    pub fn has_failed_to_write(&self) -> bool {
        self.passing.as_ref().is_some_and(|passing| passing.write_error.is_some())
    }

    /// What was agreed, until the batch with the OPEN event ends.
    pub fn opened(&self) -> Option<&Arc<Opened>> {
        self.passing.as_ref()?.opened.as_ref()
    }

    /// Bytes wait that were received and not taken.
    pub fn has_stash(&self) -> bool {
        self.passing.as_ref().is_some_and(|passing| passing.stash.is_some())
    }

    /// What it has for a while, to put something there.
    pub fn for_a_while(&mut self) -> &mut Passing {
        self.passing.get_or_insert_default()
    }

    /// Takes something of what it has for a while.
    pub fn take<T>(&mut self, take: impl FnOnce(&mut Passing) -> Option<T>) -> Option<T> {
        let taken = take(self.passing.as_mut()?);
        self.passing.take_if(|passing| passing.is_over());
        taken
    }

    /// What went through the sessions that are gone.
    pub fn last(&mut self) -> &mut Traffic {
        self.details.get_or_insert_default().last.get_or_insert_default()
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
        let state = match &self.link {
            _ if self.outcome().is_some() => State::Closed,
            Link::Dialing(_) | Link::Approaching(_) => State::Connecting,
            Link::Up(_, session) => session.state(),
            Link::Down => State::Closed,
            Link::Waiting => State::Connecting,
        };
        if state == State::Connecting && self.is_down() { State::Reconnecting } else { state }
    }

    /// What went through so far.
    pub fn traffic(&self) -> Traffic {
        let mut sum = self.details.as_ref().and_then(|details| details.last.as_deref()).copied().unwrap_or_default();
        if let Link::Up(wire, session) = &self.link {
            sum.add(&Traffic {
                counters: *session.counters(),
                heard: session.heard(),
                tally: session.tally(),
                wire_out: wire.left().unwrap_or(session.out().left()),
                ..Traffic::default()
            });
            sum.queued += session.out().len() as u64;
            sum.rtt = session.rtt();
        }
        sum.lost = self.details.as_ref().map_or(0, |details| details.lost);
        if let Some(reconnect) = planned(&self.details).and_then(|plan| plan.reconnect.as_ref()) {
            sum.kept = reconnect.backlog.bytes();
        }
        sum
    }

    /// Lets the transport go, and what belongs to it; the connection goes on without.
    pub fn detach(&mut self) {
        *self.last() = Traffic { queued: 0, kept: 0, ..self.traffic() };
        self.link = Link::Waiting;
        self.forget_peer();
        self.take(|passing| passing.stash.take());
        self.take(|passing| passing.write_error.take());
        self.flags = self.flags.without_transport();
        if let Some(details) = &mut self.details {
            details.subprotocol = Box::default();
        }
    }

    /// The URI is the one of the request to be made now.
    pub fn ask_for_what_is_planned(&mut self) {
        if let Some(Details { plan: Some(plan), uri, .. }) = self.details.as_deref_mut() {
            *uri = plan.request.uri.to_string().into();
        }
    }

    /// An error with whose it is, when, and with whom.
    pub fn describe(&self, error: Error, now: Time) -> Error {
        error.with(|e| {
            e.conn = if self.flags.contains(Flags::KNOWN) { self.id } else { 0 };
            e.time_ms = now / 1000;
            if let Some(peer) = self.peer() {
                e.peer = peer.to_string();
            }
            if !self.uri().is_empty() {
                e.uri = self.uri().to_owned();
            }
        })
    }

    /// There may be something that the kernel has refused.
    #[inline(always)]
    pub fn waits_to_write(&self) -> bool {
        matches!(&self.link, Link::Up(wire, session) if !wire.is_plain() || session.out().is_blocked())
    }

    /// The next time at which there is something to do for it, as long as it has, or is on its way to, a transport.
    #[inline(always)]
    pub fn next_deadline(&self) -> Option<Time> {
        match &self.link {
            Link::Dialing(dial) => Some(planned(&self.details).map_or(NEVER, |plan| plan.open_by).min(dial.race_at)),
            Link::Approaching(approach) => Some(approach.open_by),
            Link::Up(_, session) => Some(session.next_deadline()),
            Link::Down | Link::Waiting => None,
        }
    }

    /// The timer that fires at `due` is the one it waits for. Without a deadline it waits for none any more.
    pub fn awaits(&mut self, due: Time) -> bool {
        if self.next_deadline() == Some(NEVER) {
            self.armed = NEVER;
        }
        self.armed == due
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
    use super::super::slab::Slot;
    use super::*;

    #[test]
    fn an_idle_connection_is_small() {
        assert!(size_of::<Conn>() <= 240, "{}", size_of::<Conn>());
        assert_eq!(size_of::<Slot<Conn>>(), size_of::<Conn>());
    }
}
