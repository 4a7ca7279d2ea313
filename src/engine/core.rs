//! The state of an engine, all of it behind one lock.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use mio::{Interest, Registry, Token};

use super::admission::{Refusals, has_opened};
use super::approach::Approach;
use super::arena::{Arena, LENT_MAX, READ_MAX, Stretch};
use super::bell::Bell;
use super::conn::{Conn, Link, Traffic};
use super::engine::this_thread;
use super::event::{Event, EventKind, FLAG_CLEAN};
use super::flags::{Flags, Reprieve};
use super::handle::{Handle, Kind};
use super::keys::Keys;
use super::letter::Letter;
use super::listener::Listener;
use super::log::Log;
use super::mailbox::Mailbox;
use super::pooling::Lender;
use super::sending::Last;
use super::serve::READ_TO_COPY;
use super::slab::Slab;
use super::timers::{Owner, Timers};
use super::topics::Topics;
use crate::error::{Error, Operation, Result, Status};
use crate::extension::Codecs;
use crate::net::Resolver;
use crate::protocol::{Buffer, Buffers};
use crate::session::{Kit, NEVER, State, Time};

/// The token of the waker.
pub const WAKER: Token = Token(usize::MAX);
/// Set in the tokens of listeners; the rest is the slot.
const LISTENER_BIT: usize = 1 << 30;

/// An engine at which nothing arrives and nothing leaves for so long gives its memory back.
const REST_AFTER: Time = 1_000_000;

/// What an engine may use.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Connections at a time.
    pub max_connections: u32,
    /// Received bytes that one batch may lend to the host.
    pub event_memory_max: u64,
    /// Bytes of compressors that connections may keep between messages; `None`: the default.
    pub compression_memory_max: Option<usize>,
    /// What is published here is an event, too.
    pub publish_events: bool,
    /// A thread of the engine's own does all work; polls only take events from the mailbox.
    pub io_thread: bool,
}

/// A connection whose peer is to be answered.
#[derive(Debug, Clone, Copy)]
pub struct Conclusion {
    pub slot: u32,
    pub conn: u64,
    /// When at the latest, whatever waits for the host.
    pub due: Time,
}

/// Everything an engine has.
pub struct Core {
    pub registry: Registry,
    pub bell: Arc<Bell>,
    /// Every generation up to this one is an earlier engine's: no two in one place have the same.
    pub life: u32,
    pub options: Options,
    pub conns: Slab<Conn>,
    pub listeners: Slab<Listener>,
    pub pools: Slab<Lender>,
    pub arena: Arena,
    pub buffers: Buffers,
    pub keys: Keys,
    pub timers: Timers,
    pub resolver: Resolver,
    pub log: Log,
    pub topics: Topics,
    /// Memory for the connections that something goes to.
    pub audience: Vec<u32>,
    /// Connections to be served: something to read, to report, or to end. Pools, too, by numbers that no slot has.
    pub ready: VecDeque<u32>,
    /// Connections whose events this batch has no room for.
    pub deferred: Vec<u32>,
    /// Listeners with connections to accept.
    pub accepting: VecDeque<u32>,
    /// Connections whose peers have closed or broken the rules: answered with the next batch, after what the host
    /// still says to them.
    pub concluding: VecDeque<Conclusion>,
    /// Turns that connections on their way have had since the kernel was asked.
    pub approached: usize,
    /// Connections with something to write.
    pub dirty: Vec<u32>,
    /// Where the host's next message most likely goes.
    pub last: Option<Last>,
    /// Connections and listeners whose last event was delivered.
    pub done: Vec<Owner>,
    /// Connections that have ended and that no host knows.
    pub gone: Vec<u32>,
    /// Connections that opened in this batch.
    pub opened: Vec<u32>,
    /// Bytes that were read and not taken, because the batch was full.
    pub leftover: Option<(u32, Stretch)>,
    /// Buffers whose payload the present batch lends to the host.
    pub lent: Vec<Buffer>,
    /// Bytes in them.
    pub lent_bytes: u64,
    /// Events that wait for another batch.
    pub mailbox: Mailbox,
    /// The letters whose payload the present batch lends to the host.
    pub lent_letters: Vec<Letter>,
    /// The most that is read at once.
    pub read_max: usize,
    /// There may be connections that are read on when a batch is full.
    pub reads_on: bool,
    /// The host has heard of what waits in the mailbox.
    pub told: bool,
    /// The host waits for something in the mailbox, or has polled and found nothing: it has had its say about everything
    /// before.
    pub host_waits: bool,
    started: Instant,
    pub now: Time,
    /// Somebody has looked at the clock since the last batch was handed out.
    looked: bool,
    /// When the memory of busier times goes back, unless something arrives or leaves before.
    pub rest: Time,
    /// Traffic of the connections that are gone.
    pub past: Traffic,
    /// Connections that are told why they are not let in.
    pub refusing: usize,
    pub handshake_failures: u64,
    /// Requests that got the response of their route.
    pub responses: u64,
    pub refusals: Refusals,
    /// A poller is waiting in the kernel.
    pub blocked: bool,
    /// When the next poll comes back, or is expected to come: what is to be done before that must be made known.
    pub waits_until: Time,
    /// The thread that polled last.
    pub poller: usize,
}

impl Core {
    /// An engine with nothing in it; its handles have generations above `after`.
    pub fn new(
        registry: Registry,
        engine: u16,
        after: u32,
        options: Options,
        resolver: Resolver,
        bell: Arc<Bell>,
    ) -> Self {
        let mut buffers = Buffers::default();
        buffers.codecs.set_kept_max(options.compression_memory_max.unwrap_or(Codecs::KEPT_MAX));
        Self {
            registry,
            bell,
            life: after,
            options,
            conns: Slab::new(Kind::Conn, engine, after),
            listeners: Slab::new(Kind::Listener, engine, after),
            pools: Slab::new(Kind::Pool, engine, after),
            arena: Arena::default(),
            buffers,
            keys: Keys::default(),
            timers: Timers::default(),
            resolver,
            log: Log::default(),
            topics: Topics::default(),
            audience: Vec::new(),
            ready: VecDeque::new(),
            deferred: Vec::new(),
            accepting: VecDeque::new(),
            concluding: VecDeque::new(),
            approached: 0,
            dirty: Vec::new(),
            last: None,
            done: Vec::new(),
            gone: Vec::new(),
            opened: Vec::new(),
            leftover: None,
            lent: Vec::new(),
            lent_bytes: 0,
            mailbox: Mailbox::default(),
            lent_letters: Vec::new(),
            read_max: if options.io_thread { READ_TO_COPY } else { READ_MAX },
            reads_on: false,
            told: false,
            host_waits: false,
            started: Instant::now(),
            now: 0,
            looked: false,
            rest: NEVER,
            past: Traffic::default(),
            refusing: 0,
            handshake_failures: 0,
            responses: 0,
            refusals: Refusals::default(),
            blocked: false,
            waits_until: 0,
            poller: 0,
        }
    }

    /// Looks at the clock.
    pub fn look_at_clock(&mut self) -> Time {
        self.now = self.started.elapsed().as_micros() as Time;
        self.now
    }

    /// Looks at the clock for a call that nobody knows how long after the last poll comes. The thread that polls says
    /// what it has to say in one go, so that its first call will do for the others.
    #[inline(always)]
    pub fn catch_up(&mut self, polls_here: bool) {
        if !std::mem::replace(&mut self.looked, true) || !polls_here {
            self.look_at_clock();
        }
    }

    /// This is the thread that polls, between two of its polls.
    #[inline(always)]
    pub fn polls_here(&self) -> bool {
        !self.blocked && self.poller == this_thread()
    }

    /// A batch is handed out: from here on whoever leaves something to be done earlier than this says so.
    pub fn hand_out(&mut self) {
        self.looked = false;
        self.waits_until = self.next_deadline();
    }

    /// The connection that a host's handle means.
    #[inline]
    pub fn conn(&mut self, id: u64) -> Result<(u32, &mut Conn)> {
        let known = self.conns.get(id).filter(|(_, conn)| conn.flags.contains(Flags::KNOWN));
        known.ok_or_else(invalid_handle)
    }

    /// The listener that a host's handle means.
    pub fn listener(&mut self, id: u64) -> Result<(u32, &mut Listener)> {
        self.listeners.get(id).ok_or_else(invalid_handle)
    }

    /// Puts a connection of the host's own in, unless there are too many.
    pub fn admit(&mut self, mut conn: Conn) -> Result<(u32, u64)> {
        let (max, used) = (self.options.max_connections, self.let_in());
        conn.flags.insert(Flags::KNOWN);
        let admitted = if used < max as usize { self.conns.insert(conn) } else { None };
        admitted.ok_or_else(|| {
            Error::new(Status::TOO_MANY_CONNECTIONS, "").with(|e| {
                e.operation = Operation::Connect;
                e.max_connections = max.into();
                e.in_use = used as u64;
            })
        })
    }

    /// Puts a connection in whose socket the host has brought.
    pub fn adopt(&mut self, mut conn: Conn, mut approach: Approach) -> Result<u64> {
        conn.flags.insert(Flags::ADOPTED);
        conn.set_peer(approach.wire.stream.peer());
        let (slot, id) = self.admit(conn)?;
        match self.registry.register(&mut approach.wire.stream, Core::token(slot), Core::BOTH) {
            Ok(()) => {
                self.begin(slot, approach);
                Ok(id)
            }
            Err(e) => {
                self.conns.remove(slot);
                Err(Error::io(&e, Operation::Connect))
            }
        }
    }

    /// The token under which a connection's transport is registered.
    pub fn token(slot: u32) -> Token {
        Token(slot as usize)
    }

    /// The token under which a listener is registered.
    pub fn listener_token(slot: u32) -> Token {
        Token(slot as usize | LISTENER_BIT)
    }

    /// Both directions at once and for good: edges come by themselves, and no call is made in between.
    pub const BOTH: Interest = Interest::READABLE.add(Interest::WRITABLE);

    /// The kernel says that something can be done.
    #[inline]
    pub fn note(&mut self, token: Token, readable: bool, writable: bool, read_closed: bool) {
        let slot = (token.0 & !LISTENER_BIT) as u32;
        if token.0 & LISTENER_BIT != 0 {
            return self.note_listener(slot);
        }
        let Core { conns, ready, .. } = self;
        let Some(conn) = conns.at(slot) else { return };
        conn.flags.insert(if readable { Flags::READABLE } else { Flags::empty() });
        conn.flags.insert(if read_closed { Flags::READ_CLOSED } else { Flags::empty() });
        let opening = matches!(conn.link, Link::Dialing(_) | Link::Approaching(_));
        if (readable || read_closed || opening) && conn.flags.raise(Flags::QUEUED) {
            ready.push_back(slot);
        }
        if writable && conn.waits_to_write() {
            self.room_to_write(slot);
        }
    }

    pub fn note_listener(&mut self, slot: u32) {
        if let Some(listener) = self.listeners.at(slot) {
            if !std::mem::replace(&mut listener.readable, true) {
                self.accepting.push_back(slot);
            }
        }
    }

    /// A blocked queue may go on.
    fn room_to_write(&mut self, slot: u32) {
        let Core { conns, buffers, keys, now, .. } = self;
        let Some(Conn { link: Link::Up(wire, session), .. }) = conns.at(slot) else { return };
        let tls_waits = wire.unblock();
        if session.out().is_blocked() {
            session.unblock(&mut Kit { buffers, masks: keys, now: *now });
            self.mark_dirty(slot);
        } else if tls_waits {
            self.mark_dirty(slot);
        }
    }

    /// The connection wants to be served.
    pub fn queue(&mut self, slot: u32) {
        if let Some(conn) = self.conns.at(slot) {
            if conn.flags.raise(Flags::QUEUED) {
                self.ready.push_back(slot);
            }
        }
    }

    /// The connection wants to be served, by the next batch.
    pub fn defer(&mut self, slot: u32) {
        if let Some(conn) = self.conns.at(slot) {
            if conn.flags.raise(Flags::QUEUED) {
                self.deferred.push(slot);
            }
        }
    }

    /// The connection has something to write.
    pub fn mark_dirty(&mut self, slot: u32) {
        if let Some(conn) = self.conns.at(slot) {
            if conn.flags.raise(Flags::DIRTY) {
                self.dirty.push(slot);
            }
        }
    }

    /// An event for the next batch that has nothing to do with a connection's order.
    pub fn post(&mut self, event: Event<'static>) {
        self.mailbox.push(Letter::new(event));
    }

    /// Keeps the timers true to the connection's deadlines.
    #[inline(always)]
    pub fn rearm(&mut self, slot: u32) {
        let Some(conn) = self.conns.at(slot) else { return };
        let Some(due) = conn.next_deadline() else { return };
        if conn.flags.reprieve() == Reprieve::Heard && due > self.now {
            conn.flags.set_reprieve(Reprieve::Over); // what was heard has moved the deadline
        }
        self.timers.arm(Owner::Conn(slot), due, &mut conn.armed);
    }

    /// The transport is over, and so is the connection, unless the server has sent us elsewhere or it comes back.
    pub fn end(&mut self, slot: u32, error: Error) {
        let Some(error) = self.redirected(slot, error) else { return self.set_out(slot) };
        if let Some(error) = self.lost(slot, error) {
            self.end_for_good(slot, error);
        }
    }

    /// The connection is over: closes its transport and remembers how it ended. Its terminal event follows
    /// when it is served.
    pub fn end_for_good(&mut self, slot: u32, error: Error) {
        let (now, past) = (self.now, &mut self.past);
        let Some(conn) = self.conns.at(slot) else { return };
        if matches!(conn.link, Link::Dialing(_)) {
            self.resolver.forget(conn.id);
        }
        let traffic = conn.traffic();
        let was_open =
            conn.flags.contains(Flags::OPENED) || matches!(&conn.link, Link::Up(_, session) if session.was_open());
        let unsaid = conn.unsaid(&error);
        let error = conn.describe(error, now).with(|e| {
            e.state = State::Closed.bit();
            e.dropped += unsaid;
        });
        let (listener, status) = (conn.listener, error.status);
        let outcome = Arc::clone(conn.for_a_while().outcome.get_or_insert_with(|| Arc::new(error)));
        if let (true, Some(wire)) = (conn.flags.contains(Flags::ADOPTED), conn.link.wire()) {
            let _ = self.registry.deregister(&mut wire.stream); // it fails only if there is nothing to undo
        }
        past.add(&traffic);
        *conn.last() = Traffic { queued: 0, kept: 0, ..traffic };
        conn.link = Link::Down;
        conn.take(|passing| passing.stash.take());
        conn.details.iter_mut().for_each(|details| (details.place, details.plan) = (None, None));
        self.topics.leave(&mut conn.subscriber);
        let silent = conn.flags.contains(Flags::SILENT);
        match (was_open, listener) {
            (true, 0) => {}
            (true, listener) => self.count_farewell(listener, &outcome),
            (false, _) if silent => {}
            (false, listener) => {
                self.handshake_failures += 1;
                if listener != 0 {
                    self.refusals.count(status);
                }
            }
        }
        self.drop_leftover(slot);
        self.queue(slot);
    }

    /// What was read and not taken of a connection is of no use any more.
    pub fn drop_leftover(&mut self, slot: u32) {
        self.leftover.take_if(|(owner, _)| *owner == slot);
    }

    /// The one terminal event of a connection, if it has ended.
    pub fn terminal_event(conn: &Conn) -> Option<Event<'static>> {
        let error = conn.outcome()?;
        let kind = if conn.flags.contains(Flags::OPENED) {
            EventKind::Close
        } else if conn.flags.contains(Flags::KNOWN) || conn.listener == 0 {
            EventKind::ConnectFailed
        } else {
            EventKind::AcceptFailed
        };
        let id = if conn.flags.contains(Flags::KNOWN) { conn.id } else { 0 };
        let mut event = Event::new(kind, id, conn.listener, conn.user);
        if conn.flags.contains(Flags::ASKED) && !conn.flags.contains(Flags::OPENED) {
            event.request = Handle::renamed(conn.id, Kind::Request);
        }
        event.status = error.status;
        event.flags = if error.status == Status::CLOSED_OK { FLAG_CLEAN } else { 0 };
        event.error = Some(Arc::clone(error));
        Some(event)
    }

    /// Before anything else is read: the memory of what was read before is free.
    pub fn begin_turn(&mut self) {
        // A read that brings nothing takes memory, too.
        if self.arena.arrived() > 0 || (self.rest == NEVER && !self.arena.is_empty()) {
            self.put_off_rest();
        }
        self.arena.recycle(self.leftover.map(|(_, stretch)| stretch));
        for buffer in self.lent.drain(..) {
            self.buffers.put_message(buffer);
        }
        self.lent_bytes = 0;
        for slot in std::mem::take(&mut self.gone) {
            self.free(slot);
        }
    }

    /// The host has had its batch: what was delivered is forgotten, what has ended is freed.
    pub fn forget_batch(&mut self) {
        self.lent_letters.clear();
        for slot in std::mem::take(&mut self.opened) {
            if let Some(conn) = self.conns.at(slot) {
                conn.take(|passing| passing.opened.take());
                has_opened(&mut self.listeners, conn.listener, &mut conn.flags);
            }
        }
        for owner in std::mem::take(&mut self.done) {
            match owner {
                Owner::Conn(slot) => self.free(slot),
                Owner::Listener(slot) => drop(self.listeners.remove(slot)),
                Owner::Client(_) | Owner::Pool(_) => {} // not freed here
            }
        }
    }

    fn free(&mut self, slot: u32) {
        if let Some(conn) = self.conns.remove(slot) {
            if conn.pool() != 0 {
                self.left_pool(conn.pool(), slot);
            }
            self.departed(conn);
        }
    }

    /// Something has arrived, or left: memory that it took may be needed again soon.
    pub fn put_off_rest(&mut self) {
        self.rest = self.now + REST_AFTER;
    }

    /// Nothing has arrived or left for a while: the engine holds no more memory than its connections need.
    pub fn trim(&mut self) {
        self.rest = NEVER;
        if self.leftover.is_none() {
            self.arena.trim();
        }
        self.buffers.trim();
        self.mailbox.trim();
        self.sweep_timers();
        self.audience = Vec::new();
        self.ready.shrink_to_fit();
        self.deferred.shrink_to_fit();
        self.dirty.shrink_to_fit();
        self.lent.shrink_to_fit();
        self.lent_letters.shrink_to_fit();
    }

    /// The batch lends enough: what more there is waits for the next.
    #[inline]
    pub fn has_lent_enough(&self) -> bool {
        self.arena.arrived() + self.lent_bytes >= self.options.event_memory_max.min(LENT_MAX as u64)
    }

    /// When there is something to do at the latest, or to deliver.
    pub fn next_deadline(&self) -> Time {
        self.work_due().min(self.mail_due())
    }

    /// When there is something to do at the latest.
    pub fn work_due(&self) -> Time {
        let work = !self.ready.is_empty()
            || !self.accepting.is_empty()
            || !self.dirty.is_empty()
            || !self.gone.is_empty()
            || !(self.done.is_empty() || self.options.io_thread);
        if work { self.now } else { self.timers.next().min(self.rest).min(self.conclusion_due()) }
    }

    /// When there is something to deliver that was put by.
    pub fn mail_due(&self) -> Time {
        if self.mailbox.is_empty() || self.options.io_thread { NEVER } else { self.now }
    }

    /// Gives those that had no room in the last batch another turn.
    pub fn recall(&mut self) {
        self.ready.extend(self.deferred.drain(..));
    }

    /// The highest generation in any handle given out.
    pub fn highest_generation(&self) -> u32 {
        self.conns.highest().max(self.listeners.highest()).max(self.pools.highest())
    }
}

impl Traffic {
    /// Adds another connection's.
    pub fn add(&mut self, other: &Traffic) {
        let (sum, more) = (&mut self.counters, &other.counters);
        sum.bytes_in += more.bytes_in;
        sum.bytes_out += more.bytes_out;
        sum.wire_in += more.wire_in;
        sum.messages_in += more.messages_in;
        sum.messages_out += more.messages_out;
        self.heard.pings = self.heard.pings.saturating_add(other.heard.pings);
        self.heard.pongs = self.heard.pongs.saturating_add(other.heard.pongs);
        self.wire_out += other.wire_out;
        self.lost += other.lost;
        self.tally.add(&other.tally);
        self.reconnects += other.reconnects;
        self.dropped += other.dropped;
        self.unprotected += other.unprotected;
    }
}

/// The error for a handle that means nothing.
#[cold]
pub fn invalid_handle() -> Error {
    Error::new(Status::INVALID_HANDLE, "")
}
