//! The order of a poll: forget the last batch, write, wait, fire timers, serve, write.

use std::collections::VecDeque;
use std::io;
use std::sync::{MutexGuard, TryLockError};
use std::time::Duration;

use mio::{Events, Poll};

use super::conn::{Conn, Link, planned};
use super::core::{Conclusion, Core, WAKER};
use super::engine::Engine;
use super::event::Sink;
use super::flags::{Flags, Reprieve};
use super::home::Held;
use super::timers::Owner;
use crate::error::{Error, Operation, Result, Status};
use crate::session::{Kit, NEVER, Time};

/// What the kernel may say at once.
const EVENTS: usize = 1024;

/// What only the thread that polls may touch.
pub struct Poller {
    pub poll: Poll,
    pub events: Events,
}

impl Poller {
    /// A poller on a new selector.
    pub fn new() -> io::Result<Self> {
        Ok(Self { poll: Poll::new()?, events: Events::with_capacity(EVENTS) })
    }
}

impl Engine {
    /// Does all work that is due, waiting up to `timeout` (`None`: for ever) for some, and fills the sink. The
    /// previous batch is forgotten.
    pub fn poll<S: Sink>(&self, sink: &mut S, timeout: Option<Duration>) -> Result<()> {
        if self.apart {
            return self.drain(sink, timeout);
        }
        self.poll_with(&mut *self.poller()?, sink, timeout)
    }

    /// The right to poll, which one thread at a time has.
    pub(super) fn poller(&self) -> Result<MutexGuard<'_, Poller>> {
        match self.poller.try_lock() {
            Ok(poller) => Ok(poller),
            Err(TryLockError::WouldBlock) => Err(concurrent()),
            Err(TryLockError::Poisoned(_)) => Err(self.core().err().unwrap_or_else(concurrent)),
        }
    }

    /// A poll by the one who has the right to.
    fn poll_with<S: Sink>(&self, poller: &mut Poller, sink: &mut S, timeout: Option<Duration>) -> Result<()> {
        let mut core = self.core()?;
        let until = core.begin_poll(timeout);
        core.empty_mailbox(sink);
        loop {
            let deadline = core.next_deadline();
            core = self.wait(poller, core, if sink.is_empty() { deadline.min(until) } else { 0 })?;
            core.work(sink);
            if sink.is_empty() {
                core.conclude_all(); // the host has nothing to answer first
            }
            core.flush_all();
            if !sink.is_empty() || sink.is_full() || self.take_woken() || core.now >= until {
                core.hand_out();
                return Ok(());
            }
            core.begin_turn(); // nothing of this one was delivered
            core.forget_batch();
        }
    }

    /// Asks the kernel what can be done, waiting until something can or the deadline; the lock is free meanwhile.
    pub(super) fn wait<'a>(&'a self, poller: &mut Poller, mut core: Held<'a>, deadline: Time) -> Result<Held<'a>> {
        let wait = deadline.saturating_sub(core.now);
        core.waits_until = deadline;
        core.blocked = wait > 0;
        drop(core);
        // The kernel counts in milliseconds: rounded up, so that a deadline has passed when we are back.
        let timeout = (deadline != NEVER).then(|| Duration::from_millis(wait.div_ceil(1000)));
        let waited = poller.poll.poll(&mut poller.events, timeout);
        let mut core = self.core()?;
        core.blocked = false;
        core.look_at_clock();
        match waited {
            Err(e) if e.kind() != io::ErrorKind::Interrupted => return Err(Error::io(&e, Operation::Poll)),
            Err(_) => {}
            Ok(()) => {
                let core = &mut *core;
                for event in poller.events.iter().filter(|e| e.token() != WAKER) {
                    let failed = event.is_error();
                    let read_closed = event.is_read_closed() || failed;
                    core.note(event.token(), event.is_readable() || failed, event.is_writable(), read_closed);
                }
            }
        }
        Ok(core)
    }
}

#[cold]
pub fn concurrent() -> Error {
    Error::new(Status::CONCURRENCY, "another thread is polling this engine")
}

impl Core {
    /// What the thread that polls does first: the last batch is over, and what the host has said since leaves. Gives the
    /// time at which it has waited for so long.
    pub fn begin_poll(&mut self, timeout: Option<Duration>) -> Time {
        self.poller = super::engine::this_thread();
        let now = self.look_at_clock();
        self.begin_turn();
        self.forget_batch();
        self.recall();
        self.mailbox.take_eased(); // who waits for room is among those that were recalled
        self.conclude_all();
        self.flush_all();
        timeout.map_or(NEVER, |t| now.saturating_add(t.as_micros() as Time))
    }

    /// Everything that can be done without waiting, as far as the sink has room. Each connection gets one turn.
    pub fn work<S: Sink>(&mut self, sink: &mut S) {
        self.take_answers();
        self.fire();
        for _ in 0..self.accepting.len() {
            if let Some(slot) = self.accepting.pop_front() {
                self.accept(slot);
            }
        }
        self.empty_mailbox(sink);
        self.approached = 0;
        for left in (1..=self.ready.len()).rev() {
            // Without room for a single event what makes none goes on.
            if sink.is_full() && !sink.is_empty() {
                return self.read_on(left, sink);
            }
            if self.has_lent_enough() {
                return;
            }
            if let Some(slot) = self.ready.pop_front() {
                self.serve(slot, sink);
            }
        }
    }

    /// The batch is full. Of those whose turn it was, some go on all the same.
    #[cold]
    #[inline(never)]
    fn read_on<S: Sink>(&mut self, left: usize, sink: &mut S) {
        if !self.reads_on {
            return;
        }
        let mut waiting = VecDeque::new();
        for _ in 0..left {
            match self.ready.pop_front() {
                Some(slot) if self.conns.at(slot).is_some_and(|conn| conn.reads_on()) => self.serve(slot, sink),
                Some(slot) => waiting.push_back(slot),
                None => break,
            }
        }
        waiting.append(&mut self.ready);
        self.ready = waiting;
    }

    /// Addresses that the resolver found.
    fn take_answers(&mut self) {
        for answer in self.resolver.answers() {
            if let Some((slot, _)) = self.conns.get(answer.id) {
                self.answered(slot, answer.addresses);
            }
        }
    }

    /// Deadlines that have passed.
    fn fire(&mut self) {
        let now = self.now;
        if self.timers.is_crowded(self.conns.len() + self.listeners.len() + self.pools.len()) {
            self.sweep_timers();
        }
        if self.rest <= now {
            self.trim();
        }
        while let Some((due, owner)) = self.timers.fired(now) {
            match owner {
                Owner::Conn(slot) => self.tick(slot, due),
                Owner::Client(slot) => self.tick_client(slot, due),
                Owner::Listener(slot) => {
                    if self.listeners.at(slot).is_some_and(|l| std::mem::replace(&mut l.armed, NEVER) == due) {
                        self.tick_listener(slot);
                    }
                }
                Owner::Pool(slot) => self.tick_pool(slot, due),
            }
        }
    }

    /// Forgets the timers that nobody waits for any more.
    pub fn sweep_timers(&mut self) {
        let Core { timers, conns, listeners, pools, .. } = self;
        timers.sweep(|due, owner| match owner {
            Owner::Conn(slot) => conns.at(slot).is_some_and(|conn| conn.awaits(due)),
            Owner::Client(slot) => {
                conns.at(slot).and_then(Conn::reconnect).is_some_and(|reconnect| reconnect.awaits(due))
            }
            Owner::Listener(slot) => listeners.at(slot).is_some_and(|listener| listener.armed == due),
            Owner::Pool(slot) => pools.at(slot).is_some_and(|lender| lender.awaits(due)),
        });
    }

    /// The timer of a connection, which may have moved on since it was armed.
    fn tick(&mut self, slot: u32, due: Time) {
        let now = self.now;
        match self.conns.at(slot) {
            Some(conn) if conn.armed == due => {
                conn.armed = NEVER;
                let clogged = conn.flags.contains(Flags::CLOGGED);
                if let Some(session) = conn.session().filter(|_| clogged) {
                    session.hold_idleness(true, now); // what we say does not make it the peer's turn
                }
            }
            _ => return,
        }
        let hear_first = self.must_hear_first(slot);
        let Some(conn) = self.conns.at(slot) else { return };
        if hear_first {
            self.timers.arm(Owner::Conn(slot), now + 1000, &mut conn.armed);
            return self.queue(slot);
        }
        match &mut conn.link {
            Link::Dialing(dial) => match planned(&conn.details) {
                Some(plan) if plan.open_by <= now => {
                    let error = dial.timed_out(plan.settings.timers.open);
                    self.end(slot, error);
                }
                _ => self.race(slot),
            },
            Link::Approaching(approach) if approach.open_by <= now => {
                let error = approach.timed_out();
                self.end(slot, error);
            }
            Link::Up(_, session) if session.next_deadline() <= now => {
                session.tick(&mut Kit { buffers: &mut self.buffers, masks: &mut self.keys, now });
                self.settle(slot);
            }
            _ => {}
        }
        self.rearm(slot);
    }

    /// What had arrived when a deadline passed is delivered before the deadline ends anything: what was read already,
    /// also past a pause; and once, because what the deadline waits for may be in it, what is still to be read, however
    /// long there is no room for events.
    fn must_hear_first(&mut self, slot: u32) -> bool {
        let now = self.now;
        let left_over = self.leftover.is_some_and(|(owner, _)| owner == slot);
        let Some(conn) = self.conns.at(slot) else { return false };
        if conn.session().is_none_or(|session| session.next_deadline() > now || session.is_asked()) {
            return false;
        }
        if self.options.io_thread && conn.has_stash() {
            self.swallow(slot);
        }
        let Some(conn) = self.conns.at(slot) else { return false };
        let read = left_over || conn.has_stash();
        let held = conn.flags.intersects(Flags::PAUSED | Flags::CLOGGED);
        let before = conn.flags.reprieve();
        let unread = conn.flags.contains(Flags::READABLE) && !held && before != Reprieve::Heard;
        conn.flags.set_reprieve(match (unread, read) {
            (true, _) => Reprieve::Waits,
            (false, true) => before,
            (false, false) => Reprieve::Over,
        });
        if read {
            self.end_pause(slot);
        }
        let passed_over = unread && before == Reprieve::Waits;
        let Some(conn) = self.conns.at(slot) else { return false };
        match conn.session().filter(|_| passed_over) {
            // Its turn has not come, unless it is us who do not want to hear more.
            Some(session) if session.wants_read() => session.watch_frame_anew(false, now),
            Some(_) => {
                conn.flags.set_reprieve(Reprieve::Over);
                return read;
            }
            None => {}
        }
        read || unread
    }

    /// The host polls, and has had its batch: ends the conversations that their peers have ended, unless something of
    /// theirs still waits that it may want to answer.
    pub fn conclude_all(&mut self) {
        self.conclude_some(true);
    }

    /// The same for those only whose time is over, unless the host polls.
    pub fn conclude_some(&mut self, host_polls: bool) {
        for conclusion in std::mem::take(&mut self.concluding) {
            let has_had_its_say = host_polls && !self.mailbox.has(conclusion.conn);
            match has_had_its_say || conclusion.due <= self.now {
                true => self.conclude(conclusion.slot),
                false => self.concluding.push_back(conclusion),
            }
        }
    }

    /// When the next of them is due.
    pub fn conclusion_due(&self) -> Time {
        let waits = |conclusion: &Conclusion| self.options.io_thread || self.mailbox.has(conclusion.conn);
        let due = |conclusion: &Conclusion| if waits(conclusion) { conclusion.due } else { self.now };
        self.concluding.iter().map(due).min().unwrap_or(NEVER)
    }

    fn conclude(&mut self, slot: u32) {
        let Core { conns, buffers, keys, now, .. } = self;
        if let Some(session) = conns.at(slot).and_then(Conn::session) {
            session.conclude(&mut Kit { buffers, masks: keys, now: *now });
        }
        self.settle(slot);
    }

    /// What was to be written last has been written out of turn: nobody need be woken for it.
    pub fn forget_flushed(&mut self) {
        while self
            .dirty
            .last()
            .is_some_and(|slot| self.conns.at(*slot).is_none_or(|conn| !conn.flags.contains(Flags::DIRTY)))
        {
            self.dirty.pop();
        }
    }

    /// Writes everything that waits to be written.
    pub fn flush_all(&mut self) {
        if !self.dirty.is_empty() {
            self.put_off_rest();
        }
        while let Some(slot) = self.dirty.pop() {
            if !self.usual_flush(slot) {
                self.flush(slot);
                self.settle(slot);
            }
        }
    }
}
