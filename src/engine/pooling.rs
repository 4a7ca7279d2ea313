//! What pools do to connections: open them, lend them, take them back, check and close them; and what they hear while
//! nobody holds one.

use std::sync::Arc;

use super::conn::{Conn, Link};
use super::core::{Core, invalid_handle};
use super::engine::{Connect, Engine};
use super::event::{Event, EventKind, Opened, Sink};
use super::flags::Flags;
use super::log::Level;
use super::plan::Plan;
use super::pool::{Fit, Pool, PoolCounts, PoolLimits, Step};
use super::slab::Tenant;
use super::timers::Owner;
use crate::error::{Error, Operation, Result, Side, Status};
use crate::handshake::Handshake;
use crate::session::{Kit, NEVER, State, Time};

/// Bytes in a target: what a server reads as one line, and not more.
const TARGET_MAX: usize = 8 << 10;

/// A connection with more bytes than this still to be sent is not lent on: the next holder would wait for them.
const UNSENT_MAX: usize = 64 << 10;

/// Set in the numbers of pools among the slots of connections; the rest is the pool's slot.
const POOL_BIT: u32 = 1 << 30;

/// A pool, with what it needs to make connections.
pub struct Lender {
    pool: Pool,
    /// Never begun itself: each connection has its own, made after this one.
    plan: Plan,
    user: u64,
    id: u64,
    /// When its earliest timer fires.
    armed: Time,
    /// In the list of those in which something has changed.
    queued: bool,
    /// A deadline has passed, and what had arrived by then is being heard.
    reprieved: bool,
    /// Counts checks, so that each ping has a payload of its own.
    checks: u64,
}

impl Tenant for Lender {
    fn id(&mut self) -> &mut u64 {
        &mut self.id
    }
}

/// What a call wants of a pool.
#[derive(Debug, Clone, Copy)]
pub struct Acquire<'a> {
    /// Path and query; `None`: those of the pool's URI.
    pub target: Option<&'a str>,
    /// How long it may take; `None`: as long as opening a connection.
    pub timeout: Option<Time>,
    /// The host's word for it.
    pub token: u64,
}

/// Hears what a connection says that nobody holds.
#[derive(Default)]
struct Ear {
    opened: Option<Arc<Opened>>,
    ended: Option<Arc<Error>>,
    /// Messages are for somebody, and nobody is there.
    spoke: bool,
    /// The token of the latest ping that was answered.
    pong: u64,
}

impl Sink for Ear {
    /// What comes behind the opening handshake is for the first who holds it.
    fn has_room(&self, _conn: u64) -> bool {
        self.opened.is_none()
    }

    fn is_full(&self) -> bool {
        self.opened.is_some()
    }

    fn is_empty(&self) -> bool {
        false
    }

    fn put(&mut self, event: &Event) {
        match event.kind {
            EventKind::Open => self.opened.clone_from(&event.opened),
            EventKind::Message | EventKind::Fragment => self.spoke = true,
            EventKind::Pong => self.pong = event.token,
            EventKind::Close | EventKind::ConnectFailed => self.ended.clone_from(&event.error),
            _ => {}
        }
    }
}

impl Engine {
    /// Makes a pool of connections like this one.
    pub fn pool_new(&self, what: Connect, limits: PoolLimits) -> Result<u64> {
        let (plan, user) = self.plan(what, false)?;
        let mut core = self.core()?;
        let pool = Pool::new(limits);
        let lender = Lender { pool, plan, user, id: 0, armed: NEVER, queued: false, reprieved: false, checks: 0 };
        let too_many = || Error::new(Status::TOO_MANY_CONNECTIONS, "pools");
        core.pools.insert(lender).map(|(_, id)| id).ok_or_else(too_many)
    }

    /// Asks for a connection: POOL_READY or POOL_FAILED follows.
    pub fn pool_acquire(&self, id: u64, what: Acquire) -> Result<()> {
        let mut core = self.core()?;
        let now = core.look_at_clock();
        let (slot, lender) = core.lender(id).map_err(|e| e.during(Operation::Acquire))?;
        lender.acquire(what, now)?;
        core.queue_pool(slot);
        core.rearm_pool(slot);
        core.leave(None);
        Ok(())
    }

    /// Gives a connection back. Its handle is stale from here on.
    pub fn pool_release(&self, pool: u64, id: u64, reusable: bool) -> Result<()> {
        let mut core = self.core()?;
        core.look_at_clock();
        let lender = match core.lender(pool) {
            Ok((slot, _)) => Ok(slot),
            Err(error) if error.status == Status::INVALID_HANDLE => return Err(error),
            Err(closed) => Err(closed),
        };
        let (slot, conn) = core.conn(id)?;
        match (conn.pool() == pool, lender) {
            (false, Err(closed)) => return Err(closed),
            (false, Ok(_)) => {
                return Err(Error::new(Status::INVALID_ARGUMENT, "conn is not of this pool").with(|e| e.conn = id));
            }
            (true, lender) => core.take_back(slot, lender.ok(), reusable),
        }
        self.relight(&core);
        core.leave(Some(slot));
        Ok(())
    }

    /// Closes a pool: those who wait are told, and connections that nobody holds are closed.
    pub fn pool_free(&self, id: u64) -> Result<()> {
        let mut core = self.core()?;
        core.look_at_clock();
        let (slot, _) = core.lender(id)?;
        core.close_pool(slot);
        core.leave(None);
        Ok(())
    }

    /// What there is in a pool, and what has been.
    pub fn pool_counts(&self, id: u64) -> Result<PoolCounts> {
        Ok(self.core()?.lender(id)?.1.pool.counts())
    }
}

impl Lender {
    /// Its earliest timer fires then.
    pub fn awaits(&self, due: Time) -> bool {
        self.armed == due
    }

    fn acquire(&mut self, what: Acquire, now: Time) -> Result<()> {
        let uri = &self.plan.request.uri;
        let target = match what.target {
            None => uri.target.as_str().into(),
            Some(target) if target.len() > TARGET_MAX => return Err(too_long(target.len())),
            Some(target) => uri.with_target(target)?.target.into(),
        };
        let timeout = what.timeout.unwrap_or(self.plan.settings.timers.open);
        self.pool.wait(target, what.token, timeout, now)
    }

    /// The URI of a target, for errors.
    fn uri(&self, target: &str) -> String {
        self.plan.request.uri.with_target(target).map(|uri| uri.to_string()).unwrap_or_default()
    }
}

/// Pools and the calls that wait.
impl Core {
    /// The pool that a host's handle means.
    fn lender(&mut self, id: u64) -> Result<(u32, &mut Lender)> {
        if self.pools.has_lived(id) {
            return Err(closed());
        }
        self.pools.get(id).ok_or_else(invalid_handle)
    }

    /// Something has changed in a pool: it gets a turn among the connections.
    fn queue_pool(&mut self, pool: u32) {
        if let Some(lender) = self.pools.at(pool) {
            if !std::mem::replace(&mut lender.queued, true) {
                self.ready.push_back(pool | POOL_BIT);
            }
        }
    }

    fn rearm_pool(&mut self, pool: u32) {
        if let Some(lender) = self.pools.at(pool) {
            self.timers.arm(Owner::Pool(pool), lender.pool.due(), &mut lender.armed);
        }
    }

    /// One turn of a pool. Leases are told before anything that their connections say, which is later.
    #[cold]
    #[inline(never)]
    pub fn serve_pool<S: Sink>(&mut self, number: u32, sink: &mut S) {
        let (pool, now) = (number & !POOL_BIT, self.now);
        let Core { pools, conns, .. } = self;
        let Some(lender) = pools.at(pool).filter(|_| number & POOL_BIT != 0) else { return };
        lender.queued = false;
        for step in lender.pool.turn(now, |slot| conns.at(slot).map_or(Fit::Broken, |conn| fitness(conn))) {
            self.carry_out(pool, step);
        }
        self.rearm_pool(pool);
        self.empty_mailbox(sink);
    }

    /// The timer of a pool. What had arrived by now counts, so that is heard first.
    #[cold]
    #[inline(never)]
    pub fn tick_pool(&mut self, pool: u32, armed: Time) {
        let now = self.now;
        let Some(lender) = self.pools.at(pool).filter(|lender| lender.armed == armed) else { return };
        lender.armed = NEVER;
        let is_due = lender.pool.due() <= now;
        if is_due && !std::mem::replace(&mut lender.reprieved, true) {
            self.timers.arm(Owner::Pool(pool), now + 1000, &mut lender.armed);
            return self.queue_pool(pool);
        }
        lender.reprieved = false;
        for step in lender.pool.expire(now) {
            self.carry_out(pool, step);
        }
        self.queue_pool(pool);
        self.rearm_pool(pool);
    }

    fn carry_out(&mut self, pool: u32, step: Step) {
        match step {
            Step::Lend { slot, token } => {
                let agreed = self.conns.at(slot).map(|conn| Arc::new(remembered(conn)));
                self.lend(pool, slot, token, agreed);
            }
            Step::Check { slot } => self.check(pool, slot),
            Step::Open { waiter, target } => self.open_for(pool, waiter, &target),
            Step::Close { slot } => self.close_member(slot),
            Step::Drop { slot } => self.drop_member(slot),
            Step::Expire { token, target, timeout, on_its_way } => {
                let cause = on_its_way.and_then(|(slot, since)| self.why_not_yet(slot, since));
                let Some(lender) = self.pools.at(pool) else { return };
                let time_ms = self.now / 1000;
                let error = lender.pool.exhausted("").with(|e| {
                    e.time_ms = time_ms;
                    e.timeout_ms = Some(timeout / 1000);
                    e.uri = lender.uri(&target);
                    e.cause = cause;
                });
                self.turn_away(pool, token, &Arc::new(error));
            }
        }
    }

    /// The host has a connection from here on.
    fn lend(&mut self, pool: u32, slot: u32, token: u64, agreed: Option<Arc<Opened>>) {
        let Core { conns, pools, .. } = self;
        let (Some(lender), Some(conn)) = (pools.at(pool), conns.at(slot)) else { return };
        conn.flags.insert(Flags::KNOWN);
        conn.flags.remove(Flags::POOLED | Flags::APART);
        conn.user = lender.user;
        let mut event = Event::new(EventKind::PoolReady, conn.id, 0, lender.user);
        (event.token, event.value, event.opened) = (token, lender.id, agreed);
        lender.pool.answered();
        let id = conn.id;
        self.log.write(Level::Debug, id, "pool", || "lent".to_owned());
        self.post(event);
        self.queue(slot);
    }

    /// A call gets no connection.
    fn turn_away(&mut self, pool: u32, token: u64, error: &Arc<Error>) {
        let Some(lender) = self.pools.at(pool) else { return };
        lender.pool.answered();
        let event = failure(lender, token, error);
        self.post(event);
    }

    /// The host has seen that a call was answered.
    pub fn answer_was_read(&mut self, pool: u64) {
        if let Ok((_, lender)) = self.lender(pool) {
            lender.pool.answer_was_read();
        }
    }

    fn close_pool(&mut self, pool: u32) {
        let Some(lender) = self.pools.remove(pool) else { return };
        let time_ms = self.now / 1000;
        let error = Arc::new(closed().with(|e| (e.operation, e.time_ms) = (Operation::Acquire, time_ms)));
        let template = failure(&lender, 0, &error);
        let (waiters, free) = lender.pool.close();
        for token in waiters {
            self.post(Event { token, ..template.clone() });
        }
        for slot in free {
            self.close_member(slot);
        }
    }
}

/// The connections of pools.
impl Core {
    /// Opens a connection for somebody who waits.
    fn open_for(&mut self, pool: u32, waiter: u64, target: &str) {
        let now = self.now;
        let Some(lender) = self.pools.at(pool) else { return };
        let mut plan = lender.plan.toward(target);
        plan.open_by = now.saturating_add(plan.settings.timers.open);
        let (id, user) = (lender.id, lender.user);
        let admitted = self.admit(Conn::of_client(plan, user));
        let Core { conns, pools, .. } = self;
        let Some(lender) = pools.at(pool) else { return };
        match admitted {
            Ok((slot, _)) => {
                if let Some(conn) = conns.at(slot) {
                    conn.flags.insert(Flags::POOLED | Flags::APART);
                    conn.flags.remove(Flags::KNOWN);
                    conn.details.get_or_insert_default().pool = id;
                }
                lender.pool.opening(slot, waiter, now);
                self.set_out(slot);
            }
            Err(error) => {
                let error = error.with(|e| (e.uri, e.time_ms) = (lender.uri(target), now / 1000));
                if let Some(token) = lender.pool.not_opened(waiter) {
                    self.turn_away(pool, token, &Arc::new(error));
                }
            }
        }
    }

    /// Asks for a sign of life.
    fn check(&mut self, pool: u32, slot: u32) {
        let Core { conns, pools, buffers, keys, now, .. } = self;
        let Some(lender) = pools.at(pool) else { return };
        lender.checks += 1;
        let payload = [b"pool".as_slice(), &lender.checks.to_be_bytes()].concat();
        let (token, mut kit) = (lender.checks, Kit { buffers, masks: keys, now: *now });
        let session = conns.at(slot).and_then(Conn::session);
        match session.map(|session| session.probe(&payload, token, &mut kit)) {
            Some(Ok(())) => self.mark_dirty(slot),
            _ => self.broke(pool, slot),
        }
    }

    /// One turn of a connection that nobody holds.
    pub fn serve_pooled(&mut self, slot: u32) {
        let mut ear = Ear::default();
        self.turn(slot, &mut ear);
        let Some(conn) = self.conns.at(slot) else { return };
        // Opening made it known, as it does others.
        conn.flags.insert(Flags::APART);
        conn.flags.remove(Flags::KNOWN);
        let id = conn.pool();
        let Ok((pool, _)) = self.lender(id) else { return };
        self.heard(pool, slot, ear);
        self.queue_pool(pool);
        self.rearm_pool(pool);
    }

    fn heard(&mut self, pool: u32, slot: u32, ear: Ear) {
        let now = self.now;
        let Some(lender) = self.pools.at(pool) else { return };
        if let Some(opened) = ear.opened {
            if let Some(token) = lender.pool.opened(slot, now) {
                self.lend(pool, slot, token, Some(opened));
            }
        } else if let Some(error) = ear.ended {
            if let Some(token) = lender.pool.gone(slot) {
                self.turn_away(pool, token, &error);
            }
        } else if ear.spoke {
            self.broke(pool, slot);
        } else if ear.pong != 0 {
            lender.pool.passed(slot, now);
        }
    }

    /// Nobody can go on with a connection that nobody holds.
    fn broke(&mut self, pool: u32, slot: u32) {
        let now = self.now;
        if self.pools.at(pool).is_some_and(|lender| lender.pool.broke(slot, now)) {
            self.close_member(slot);
        }
    }

    /// A connection is no more: its pool may open another.
    pub fn left_pool(&mut self, pool: u64, slot: u32) {
        if let Ok((pool, lender)) = self.lender(pool) {
            lender.pool.gone(slot);
            self.queue_pool(pool);
        }
    }

    /// Takes a connection back from its holder, who has no handle of it any more.
    fn take_back(&mut self, slot: u32, pool: Option<u32>, reusable: bool) {
        let now = self.now;
        let held = self.conns.at(slot).is_some_and(|conn| conn.flags.intersects(Flags::PAUSED | Flags::CLOGGED));
        self.end_pause(slot);
        let undelivered = self.forget_mail(slot);
        if held {
            self.unclog(slot);
        }
        let renewed = self.conns.renew(slot);
        let Core { conns, pools, topics, .. } = self;
        let Some(conn) = conns.at(slot) else { return };
        let fit = reusable && renewed.is_some() && !undelivered && can_go_on(conn);
        conn.flags.insert(Flags::POOLED | Flags::APART);
        conn.flags.remove(Flags::KNOWN);
        topics.leave(&mut conn.subscriber);
        if let Some(session) = conn.session() {
            session.forget_host();
        }
        let stays = pool.and_then(|pool| pools.at(pool)).is_some_and(|lender| lender.pool.release(slot, fit, now));
        self.after_release(slot, pool, stays);
    }

    fn after_release(&mut self, slot: u32, pool: Option<u32>, stays: bool) {
        let Some(conn) = self.conns.at(slot) else { return };
        if conn.flags.contains(Flags::DONE) {
            // Its last event was delivered, or put by for a holder who is none any more.
            if !self.done.contains(&Owner::Conn(slot)) {
                self.done.push(Owner::Conn(slot));
            }
        } else if stays || conn.outcome().is_some() {
            // What was read and not delivered shows in its next turn; until then nobody gets it.
            self.queue(slot);
        } else {
            self.close_member(slot);
        }
        if let Some(pool) = pool {
            self.queue_pool(pool);
            self.rearm_pool(pool);
        }
    }

    /// Drops what was put by for the holder of a connection; true if messages were among it.
    fn forget_mail(&mut self, slot: u32) -> bool {
        match self.conns.at(slot).map(|conn| conn.id) {
            Some(id) => self.mailbox.forget(id),
            None => false,
        }
    }

    /// Ends a connection that nobody holds, in order if it is open.
    fn close_member(&mut self, slot: u32) {
        let Core { conns, buffers, keys, now, .. } = self;
        let Some(conn) = conns.at(slot) else { return };
        match &mut conn.link {
            Link::Up(_, session) if session.state() != State::Connecting => {
                let mut kit = Kit { buffers, masks: keys, now: *now };
                session.conclude(&mut kit); // the peer may have closed already
                // 1000 may be sent; and one that is closing goes on with that.
                drop(session.close(1000, "", &mut kit));
                self.settle(slot);
                self.queue(slot);
            }
            Link::Down => self.queue(slot),
            _ => self.end(slot, dropped("its pool was closed")),
        }
    }

    /// Ends a connection that nobody holds at once.
    fn drop_member(&mut self, slot: u32) {
        let Core { conns, buffers, keys, now, .. } = self;
        if let Some(session) = conns.at(slot).and_then(Conn::session) {
            let silent = Error::new(Status::PING_TIMEOUT, "the peer does not answer, and nobody holds the connection");
            session.broken(silent.during(Operation::Ping), &mut Kit { buffers, masks: keys, now: *now });
            self.settle(slot);
        }
    }

    /// What would be said if a connection that is on its way had to be there by now.
    fn why_not_yet(&mut self, slot: u32, since: Time) -> Option<Error> {
        let had = self.now.saturating_sub(since);
        let conn = self.conns.at(slot)?;
        let (status, operation) = match &conn.link {
            Link::Dialing(dial) => return Some(dial.timed_out(had)),
            Link::Approaching(approach) => return Some(approach.timed_out().with(|e| e.timeout_ms = Some(had / 1000))),
            Link::Up(..) if conn.flags.contains(Flags::OPENED) => (Status::PING_TIMEOUT, Operation::Ping),
            Link::Up(..) => (Status::HANDSHAKE_TIMEOUT, Operation::Handshake),
            Link::Down | Link::Waiting => return None,
        };
        let peer = conn.peer_text();
        Some(Error::new(status, "").with(|e| {
            e.operation = operation;
            e.timeout_ms = Some(had / 1000);
            e.peer = peer;
        }))
    }
}

/// What a connection is found in that nobody holds.
fn fitness(conn: &Conn) -> Fit {
    match &conn.link {
        _ if conn.flags.contains(Flags::QUEUED) => Fit::Busy,
        Link::Up(_, session) if !conn.has_failed_to_write() && session.is_at_rest() => Fit::Ready,
        _ => Fit::Broken,
    }
}

/// The next holder may go on where this one has stopped.
fn can_go_on(conn: &Conn) -> bool {
    let Link::Up(_, session) = &conn.link else { return false };
    let unsent = session.out();
    !conn.flags.contains(Flags::DONE)
        && !conn.has_failed_to_write()
        && session.is_at_rest()
        && !unsent.is_blocked()
        && unsent.len() <= UNSENT_MAX
}

/// What is still known of the opening handshake of a connection that has been held before.
fn remembered(conn: &Conn) -> Opened {
    let subprotocol = conn.subprotocol().to_owned();
    Opened {
        handshake: Handshake { http_status: 101, subprotocol, ..Handshake::default() },
        peer: conn.peer_text(),
        uri: conn.uri().to_owned(),
        tls: None,
    }
}

fn failure(lender: &Lender, token: u64, error: &Arc<Error>) -> Event<'static> {
    let mut event = Event::new(EventKind::PoolFailed, 0, 0, lender.user);
    (event.token, event.value, event.status) = (token, lender.id, error.status);
    event.error = Some(Arc::clone(error));
    event
}

fn closed() -> Error {
    Error::new(Status::POOL_CLOSED, "")
}

fn dropped(detail: &'static str) -> Error {
    Error::new(Status::CONNECTION_CLOSED, detail).with(|e| e.initiated_by = Side::Local)
}

fn too_long(len: usize) -> Error {
    Error::new(Status::INVALID_URI, "the target is too long").with(|e| {
        e.size = Some(len as u64);
        e.max_size = Some(TARGET_MAX as u64);
    })
}
