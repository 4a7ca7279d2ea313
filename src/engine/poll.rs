//! The order of a poll: forget the last batch, write, wait, fire timers, serve, write.

use std::io;
use std::sync::{MutexGuard, TryLockError};
use std::time::Duration;

use mio::{Events, Poll};

use super::conn::{Conn, Link};
use super::core::{Core, Letter, WAKER};
use super::engine::Engine;
use super::event::{Event, EventKind, Sink};
use super::handle::{Handle, Kind};
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
    pub(super) fn poll_with<S: Sink>(
        &self,
        poller: &mut Poller,
        sink: &mut S,
        timeout: Option<Duration>,
    ) -> Result<()> {
        let mut core = self.core()?;
        core.poller = super::engine::this_thread();
        let now = core.look_at_clock();
        let until = timeout.map_or(NEVER, |t| now.saturating_add(t.as_micros() as Time));
        core.begin_batch();
        core.recall();
        core.conclude_all();
        core.flush_all();
        core.empty_mailbox(sink);
        loop {
            let deadline = core.work_due().min(if sink.takes_mail() { core.mail_due() } else { NEVER });
            core = self.wait(poller, core, if sink.is_empty() { deadline.min(until) } else { 0 })?;
            core.work(sink);
            if sink.is_empty() {
                core.conclude_all(); // the host has nothing to answer first
            }
            core.flush_all();
            if !sink.is_empty() || sink.is_full() || self.take_woken() || core.now >= until {
                return Ok(());
            }
            core.begin_batch(); // nothing of this one was delivered
        }
    }

    /// Asks the kernel what can be done, waiting until something can or the deadline; the lock is free meanwhile.
    fn wait<'a>(
        &'a self,
        poller: &mut Poller,
        mut core: MutexGuard<'a, Core>,
        deadline: Time,
    ) -> Result<MutexGuard<'a, Core>> {
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
            Err(e) if e.kind() != io::ErrorKind::Interrupted => Err(Error::io(&e, Operation::Poll)),
            Err(_) => Ok(core),
            Ok(()) => {
                for event in poller.events.iter().filter(|e| e.token() != WAKER) {
                    let failed = event.is_error();
                    let read_closed = event.is_read_closed() || failed;
                    core.note(event.token(), event.is_readable() || failed, event.is_writable(), read_closed);
                }
                Ok(core)
            }
        }
    }
}

#[cold]
fn concurrent() -> Error {
    Error::new(Status::CONCURRENCY, "another thread is polling this engine").during(Operation::Poll)
}

impl Core {
    /// Everything that can be done without waiting, as far as the sink has room. Each connection gets one turn.
    fn work<S: Sink>(&mut self, sink: &mut S) {
        self.take_answers();
        self.fire();
        for _ in 0..self.accepting.len() {
            if let Some(slot) = self.accepting.pop_front() {
                self.accept(slot);
            }
        }
        self.empty_mailbox(sink);
        self.approached = 0;
        for _ in 0..self.ready.len() {
            // Without room for a single event what makes none goes on.
            if sink.is_full() && !sink.is_empty() {
                return;
            }
            if let Some(slot) = self.ready.pop_front() {
                self.serve(slot, sink);
            }
        }
    }

    /// Addresses that the resolver found.
    fn take_answers(&mut self) {
        for answer in self.resolver.answers() {
            let asked = Handle::of(answer.id, Kind::Conn);
            if let Some(asked) = asked.filter(|asked| self.conns.get(asked.slot, asked.generation).is_some()) {
                self.answered(asked.slot, answer.addresses);
            }
        }
    }

    /// Deadlines that have passed.
    fn fire(&mut self) {
        let now = self.now;
        if self.rest <= now {
            self.trim();
        }
        while let Some((due, owner)) = self.timers.fired(now) {
            match owner {
                Owner::Conn(slot) => self.tick(slot, due),
                Owner::Listener(slot) => {
                    if self.listeners.at(slot).is_some_and(|l| std::mem::replace(&mut l.armed, NEVER) == due) {
                        self.tick_listener(slot);
                    }
                }
                Owner::Pool(slot) => self.tick_pool(slot, due),
            }
        }
    }

    /// The timer of a connection, which may have moved on since it was armed.
    fn tick(&mut self, slot: u32, due: Time) {
        let now = self.now;
        match self.conns.at(slot) {
            Some(conn) if conn.armed == due => conn.armed = NEVER,
            _ => return,
        }
        let hear_first = self.must_hear_first(slot);
        let Some(conn) = self.conns.at(slot) else { return };
        if hear_first {
            self.timers.arm(Owner::Conn(slot), now + 1000, &mut conn.armed);
            return self.queue(slot);
        }
        match &mut conn.link {
            Link::Dialing(dial) => match &conn.plan {
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
    /// also past a pause; and once, because what the deadline waits for may be in it, what is still to be read.
    fn must_hear_first(&mut self, slot: u32) -> bool {
        let now = self.now;
        let left_over = self.leftover.is_some_and(|(owner, _)| owner == slot);
        let Some(conn) = self.conns.at(slot) else { return false };
        if conn.session().is_none_or(|session| session.next_deadline() > now || session.is_asked()) {
            return false;
        }
        let read = left_over || conn.stash.is_some();
        let unread = conn.flags.readable && !conn.flags.paused && !conn.flags.reprieved;
        conn.flags.reprieved = unread;
        conn.flags.paused &= !read;
        read || unread
    }

    /// Ends the conversations that their peers have ended.
    fn conclude_all(&mut self) {
        for slot in std::mem::take(&mut self.concluding) {
            let Core { conns, buffers, keys, now, .. } = self;
            if let Some(session) = conns.at(slot).and_then(Conn::session) {
                session.conclude(&mut Kit { buffers, masks: keys, now: *now });
            }
            self.settle(slot);
        }
    }

    /// Writes everything that waits to be written.
    fn flush_all(&mut self) {
        while let Some(slot) = self.dirty.pop() {
            self.flush(slot);
            self.settle(slot);
        }
    }

    /// Delivers what waited for this batch.
    pub(super) fn empty_mailbox<S: Sink>(&mut self, sink: &mut S) {
        while let Some(letter) = self.mailbox.front().filter(|_| sink.takes_mail()) {
            if !sink.has_room(letter.event.conn) {
                return;
            }
            let Some(letter) = self.mailbox.pop_front() else { return };
            self.mailbox_bytes -= letter.weight();
            sink.put(&Event { data: &letter.data, topic: letter.topic.as_deref(), ..letter.event.clone() });
            self.letter_is_delivered(letter);
        }
    }

    /// An event that was put by is in this batch, and so may be the last of its connection or listener.
    pub(super) fn letter_is_delivered(&mut self, letter: Letter) {
        match letter.event.kind {
            EventKind::ListenerClosed => {
                if let Ok((slot, _)) = self.listener(letter.event.listener) {
                    self.done.push(Owner::Listener(slot));
                }
            }
            EventKind::Close | EventKind::ConnectFailed => {
                if let Ok((slot, _)) = self.conn(letter.event.conn) {
                    self.done.push(Owner::Conn(slot));
                }
            }
            EventKind::PoolReady | EventKind::PoolFailed => self.answer_was_read(letter.event.value),
            _ => {}
        }
        self.lent_letters.push(letter);
    }
}
