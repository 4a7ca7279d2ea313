//! Who holds which connection of a pool, who waits for one, and what is to be done next. Bookkeeping only: connections are
//! the numbers of their slots here, and `pooling` does to them what this decides.
//!
//! Whoever waits is served in the order of coming, whatever it waits for: the first gets the first connection that fits, or
//! the next socket that may be opened.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use crate::error::{Error, Operation, Result, Status};
use crate::session::{NEVER, Time};
use turn::Turn;

/// What a pool may do.
#[derive(Debug, Clone, Copy)]
pub struct PoolLimits {
    /// Sockets at a time: also those that are being opened, checked or closed.
    pub max_connections: u32,
    /// One that nobody has held for so long is closed.
    pub idle: Time,
    /// One that was opened so long ago is lent no more.
    pub age: Time,
    /// One that has rested for longer is checked before it is lent.
    pub check_after: Time,
    /// For the answer to a check.
    pub check: Time,
    /// Calls that may wait at a time.
    pub waiters_max: u32,
}

/// What there is and what has been.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PoolCounts {
    pub idle: u32,
    pub leased: u32,
    pub opening: u32,
    pub checking: u32,
    pub closing: u32,
    /// Calls that wait.
    pub waiting: u32,
    /// Connections that opened.
    pub opened: u64,
    /// Leases of connections that somebody had held before.
    pub reused: u64,
    /// Connections that failed to open.
    pub open_failed: u64,
    /// Checks that were not answered.
    pub checks_failed: u64,
    /// Calls that waited in vain.
    pub timeouts: u64,
    /// Connections given up because of what they were found in.
    pub discarded: u64,
    /// Those closed because of their rest or their age.
    pub expired: u64,
    /// Those closed to make room for another target.
    pub displaced: u64,
}

impl PoolCounts {
    /// Sockets there are.
    pub fn sockets(&self) -> u32 {
        self.idle + self.leased + self.opening + self.checking + self.closing
    }
}

/// What a connection is found in that is about to be lent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// It may be lent.
    Ready,
    /// It has something to say that was not heard yet.
    Busy,
    /// Nobody can go on with it.
    Broken,
}

/// What is to be done to connections and for those who wait.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// The connection is lent: this is the caller's word for it.
    Lend { slot: u32, token: u64 },
    /// Its peer is to be asked for a sign of life.
    Check { slot: u32 },
    /// One is to be opened, for this waiter: [`Pool::opening`] or [`Pool::not_opened`] follows.
    Open { waiter: u64, target: Arc<str> },
    /// It is to be closed in order.
    Close { slot: u32 },
    /// It is to be dropped: its peer does not answer.
    Drop { slot: u32 },
    /// The time of a waiter is over. `on_its_way`: what was being opened or checked for it, and since when.
    Expire { token: u64, target: Arc<str>, timeout: Time, on_its_way: Option<(u32, Time)> },
}

/// A connection of the pool.
#[derive(Debug)]
struct Member {
    target: Arc<str>,
    state: State,
    /// When it was opened; while it is opening, when that began.
    born: Time,
    /// When it was last known to be alive: held, or answering.
    proven: Time,
    /// When its peer answered a check, unless somebody has held it since.
    vouched: Option<Time>,
    /// Somebody has held it before.
    used: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// For this waiter, if that still waits then.
    Opening {
        waiter: u64,
    },
    Idle {
        since: Time,
        until: Time,
    },
    /// A ping waits for its pong, for this waiter.
    Checking {
        since: Time,
        by: Time,
        waiter: u64,
    },
    Leased,
    /// It will be gone: by then, if nobody's words wait to be sent.
    Closing {
        by: Time,
    },
}

/// A call that waits for a connection.
#[derive(Debug)]
struct Waiter {
    target: Arc<str>,
    token: u64,
    timeout: Time,
    by: Time,
    /// One that was checked for it was dead: others that have rested as long may well be, too.
    distrusts: bool,
    /// What is being opened or checked for it.
    on_its_way: Option<u32>,
}

/// Everything about one target.
#[derive(Debug, Default)]
struct Line {
    idle: BTreeSet<(Time, u32)>,
    waiters: BTreeSet<u64>,
    /// Connections that are being opened or checked.
    coming: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    Waiter(u64),
    Member(u32),
}

/// The bookkeeping of one pool.
#[derive(Debug)]
pub struct Pool {
    limits: PoolLimits,
    members: HashMap<u32, Member>,
    waiters: BTreeMap<u64, Waiter>,
    lines: HashMap<Arc<str>, Line>,
    /// Idle ones, those first that have rested longest.
    rested: BTreeSet<(Time, u32)>,
    agenda: BTreeSet<(Time, Due)>,
    /// The next waiter's number.
    next: u64,
    /// Answers that the host has not had yet.
    unread: u32,
    counts: PoolCounts,
}

impl Pool {
    /// A pool without connections.
    pub fn new(limits: PoolLimits) -> Self {
        Self {
            limits,
            members: HashMap::new(),
            waiters: BTreeMap::new(),
            lines: HashMap::new(),
            rested: BTreeSet::new(),
            agenda: BTreeSet::new(),
            next: 0,
            unread: 0,
            counts: PoolCounts::default(),
        }
    }

    /// What there is and what has been.
    pub fn counts(&self) -> PoolCounts {
        PoolCounts { waiting: self.waiters.len() as u32, ..self.counts }
    }

    /// When [`Pool::expire`] wants to be called.
    pub fn due(&self) -> Time {
        self.agenda.first().map_or(NEVER, |(due, _)| *due)
    }

    /// A call wants a connection for this target; an error if too many do.
    pub fn wait(&mut self, target: Arc<str>, token: u64, timeout: Time, now: Time) -> Result<()> {
        let waiting = self.waiters.len() as u64 + u64::from(self.unread);
        if waiting >= u64::from(self.limits.waiters_max) {
            return Err(self.exhausted("waiters_max").with(|e| {
                e.capacity = self.limits.waiters_max.into();
                e.current_size = Some(waiting);
            }));
        }
        let (waiter, by) = (self.next, now.saturating_add(timeout));
        self.next += 1;
        self.line(&target).waiters.insert(waiter);
        self.note(by, Due::Waiter(waiter));
        self.waiters.insert(waiter, Waiter { target, token, timeout, by, distrusts: false, on_its_way: None });
        Ok(())
    }

    /// The error for a call that gets no connection.
    pub fn exhausted(&self, detail: &'static str) -> Error {
        Error::new(Status::POOL_EXHAUSTED, detail).with(|e| {
            e.operation = Operation::Acquire;
            e.max_connections = self.limits.max_connections.into();
            e.in_use = self.counts.leased.into();
        })
    }

    /// A waiter has been answered, and the host is yet to see that.
    pub fn answered(&mut self) {
        self.unread += 1;
    }

    /// The host has seen an answer.
    pub fn answer_was_read(&mut self) {
        self.unread = self.unread.saturating_sub(1);
    }

    /// What can be done for those who wait, in their order; `fit` looks at a connection that is about to be lent.
    pub fn turn(&mut self, now: Time, fit: impl FnMut(u32) -> Fit) -> Vec<Step> {
        Turn::new(self, now, fit).run(self)
    }

    /// The connection that a waiter was promised is on its way.
    pub fn opening(&mut self, slot: u32, waiter: u64, now: Time) {
        let Some(waits) = self.waiters.get_mut(&waiter) else { return };
        waits.on_its_way = Some(slot);
        let target = Arc::clone(&waits.target);
        let state = State::Opening { waiter };
        self.members.insert(slot, Member { target, state, born: now, proven: now, vouched: None, used: false });
        self.entered(slot);
    }

    /// The connection that a waiter was promised cannot be: the waiter goes. Gives its token.
    pub fn not_opened(&mut self, waiter: u64) -> Option<u64> {
        self.counts.open_failed += 1;
        self.dismiss(waiter).map(|waiter| waiter.token)
    }

    /// It is open. Whoever is first of those who wait for its target holds it now, and this is the token; else it rests.
    pub fn opened(&mut self, slot: u32, now: Time) -> Option<u64> {
        let member = self.members.get_mut(&slot)?;
        (member.born, member.proven) = (now, now);
        self.counts.opened += 1;
        let target = Arc::clone(&self.members.get(&slot)?.target);
        match self.line(&target).waiters.first().copied() {
            Some(waiter) => self.lend(slot, waiter),
            None => {
                self.rest(slot, now, now);
                None
            }
        }
    }

    /// Its peer has answered the check.
    pub fn passed(&mut self, slot: u32, now: Time) {
        let Some(member) = self.members.get_mut(&slot) else { return };
        let State::Checking { since, .. } = member.state else { return };
        (member.proven, member.vouched) = (now, Some(now));
        self.rest(slot, since, now);
    }

    /// Nobody held it, and it has shown that nobody can: true if it is to be closed.
    pub fn broke(&mut self, slot: u32, now: Time) -> bool {
        match self.members.get(&slot).map(|member| member.state) {
            Some(State::Idle { .. }) => self.counts.discarded += 1,
            Some(State::Checking { waiter, .. }) => self.check_failed(waiter),
            _ => return false,
        }
        self.shut(slot, now);
        true
    }

    /// It has ended. The token of the waiter that hears why, because it was being opened for that.
    pub fn gone(&mut self, slot: u32) -> Option<u64> {
        self.left(slot);
        let member = self.members.remove(&slot)?;
        self.prune(&member.target);
        match member.state {
            State::Opening { waiter } => return self.not_opened(waiter),
            State::Checking { waiter, .. } => self.check_failed(waiter),
            State::Idle { .. } => self.counts.discarded += 1,
            State::Leased | State::Closing { .. } => {}
        }
        None
    }

    /// Its holder gives it back, and it may be lent again if that is `fit`. False if it is to be closed.
    pub fn release(&mut self, slot: u32, fit: bool, now: Time) -> bool {
        let Some(member) = self.members.get_mut(&slot).filter(|member| member.state == State::Leased) else {
            return false;
        };
        let aged = now >= member.born.saturating_add(self.limits.age);
        member.proven = now;
        match fit && !aged {
            true => self.rest(slot, now, now),
            false => {
                *if aged && fit { &mut self.counts.expired } else { &mut self.counts.discarded } += 1;
                self.enter(slot, State::Closing { by: NEVER });
            }
        }
        fit && !aged
    }

    /// What is over by now: rests, ages, checks, patience.
    pub fn expire(&mut self, now: Time) -> Vec<Step> {
        let mut steps = Vec::new();
        while self.due() <= now {
            let Some((_, due)) = self.agenda.pop_first() else { break };
            match due {
                Due::Waiter(waiter) => steps.extend(self.give_up(waiter)),
                Due::Member(slot) => match self.members.get(&slot).map(|member| member.state) {
                    Some(State::Checking { waiter, .. }) => {
                        self.check_failed(waiter);
                        self.enter(slot, State::Closing { by: NEVER });
                        steps.push(Step::Drop { slot });
                    }
                    Some(State::Closing { .. }) => {
                        self.enter(slot, State::Closing { by: NEVER });
                        steps.push(Step::Drop { slot });
                    }
                    _ => {
                        self.counts.expired += 1;
                        self.shut(slot, now);
                        steps.push(Step::Close { slot });
                    }
                },
            }
        }
        steps
    }

    /// The pool is closed: the tokens of those who wait, in order, and the connections that nobody holds.
    pub fn close(self) -> (Vec<u64>, Vec<u32>) {
        let waiters = self.waiters.values().map(|waiter| waiter.token).collect();
        let free =
            self.members.iter().filter(|(_, member)| !matches!(member.state, State::Leased | State::Closing { .. }));
        (waiters, free.map(|(slot, _)| *slot).collect())
    }

    fn give_up(&mut self, waiter: u64) -> Option<Step> {
        let Waiter { token, target, timeout, on_its_way, .. } = self.dismiss(waiter)?;
        self.counts.timeouts += 1;
        let since = |slot: u32| {
            let member = self.members.get(&slot)?;
            match member.state {
                State::Opening { .. } => Some((slot, member.born)),
                State::Checking { by, .. } => Some((slot, by.saturating_sub(self.limits.check))),
                _ => None,
            }
        };
        Some(Step::Expire { token, target, timeout, on_its_way: on_its_way.and_then(since) })
    }

    fn check_failed(&mut self, waiter: u64) {
        self.counts.checks_failed += 1;
        if let Some(waiter) = self.waiters.get_mut(&waiter) {
            waiter.distrusts = true;
        }
    }

    /// Nobody holds it, and nobody is to: its peer has as long to part as it has for a check.
    fn shut(&mut self, slot: u32, now: Time) {
        let by = now.saturating_add(self.limits.check);
        self.enter(slot, State::Closing { by });
    }

    /// A waiter holds it from here on.
    fn lend(&mut self, slot: u32, waiter: u64) -> Option<u64> {
        let waiter = self.dismiss(waiter)?;
        self.enter(slot, State::Leased);
        let member = self.members.get_mut(&slot)?;
        member.vouched = None;
        self.counts.reused += u64::from(std::mem::replace(&mut member.used, true));
        Some(waiter.token)
    }

    /// Nobody holds it. Its rest began at `since`.
    fn rest(&mut self, slot: u32, since: Time, now: Time) {
        let Some(member) = self.members.get(&slot) else { return };
        let aged = member.born.saturating_add(self.limits.age);
        let until = since.saturating_add(self.limits.idle).min(aged).max(now);
        self.enter(slot, State::Idle { since, until });
    }

    /// A waiter waits no more.
    fn dismiss(&mut self, waiter: u64) -> Option<Waiter> {
        let waits = self.waiters.remove(&waiter)?;
        self.agenda.remove(&(waits.by, Due::Waiter(waiter)));
        self.line(&waits.target).waiters.remove(&waiter);
        self.prune(&waits.target);
        Some(waits)
    }

    fn line(&mut self, target: &Arc<str>) -> &mut Line {
        self.lines.entry(Arc::clone(target)).or_default()
    }

    /// Forgets a target that nothing is about.
    fn prune(&mut self, target: &Arc<str>) {
        if self.lines.get(target).is_some_and(|l| l.idle.is_empty() && l.waiters.is_empty() && l.coming == 0) {
            self.lines.remove(target);
        }
    }

    fn note(&mut self, by: Time, due: Due) {
        if by != NEVER {
            self.agenda.insert((by, due));
        }
    }

    /// From one state into another, with all that hangs on either.
    fn enter(&mut self, slot: u32, state: State) {
        self.left(slot);
        if let Some(member) = self.members.get_mut(&slot) {
            member.state = state;
            self.entered(slot);
        }
    }

    fn entered(&mut self, slot: u32) {
        let Some(member) = self.members.get(&slot) else { return };
        let (state, target) = (member.state, Arc::clone(&member.target));
        *self.counts.of(state) += 1;
        match state {
            State::Opening { .. } => self.line(&target).coming += 1,
            State::Checking { by, .. } => {
                self.line(&target).coming += 1;
                self.note(by, Due::Member(slot));
            }
            State::Idle { since, until } => {
                self.line(&target).idle.insert((since, slot));
                self.rested.insert((since, slot));
                self.note(until, Due::Member(slot));
            }
            State::Closing { by } => {
                self.note(by, Due::Member(slot));
                self.prune(&target);
            }
            State::Leased => self.prune(&target),
        }
    }

    fn left(&mut self, slot: u32) {
        let Some(member) = self.members.get(&slot) else { return };
        let (state, target) = (member.state, Arc::clone(&member.target));
        *self.counts.of(state) -= 1;
        match state {
            State::Opening { .. } => self.line(&target).coming -= 1,
            State::Checking { by, .. } => {
                self.line(&target).coming -= 1;
                self.agenda.remove(&(by, Due::Member(slot)));
            }
            State::Idle { since, until } => {
                self.line(&target).idle.remove(&(since, slot));
                self.rested.remove(&(since, slot));
                self.agenda.remove(&(until, Due::Member(slot)));
            }
            State::Closing { by } => _ = self.agenda.remove(&(by, Due::Member(slot))),
            State::Leased => {}
        }
    }
}

impl PoolCounts {
    fn of(&mut self, state: State) -> &mut u32 {
        match state {
            State::Opening { .. } => &mut self.opening,
            State::Idle { .. } => &mut self.idle,
            State::Checking { .. } => &mut self.checking,
            State::Leased => &mut self.leased,
            State::Closing { .. } => &mut self.closing,
        }
    }
}

impl Pool {
    /// It has rested for long, and its peer has not just said that it is there.
    fn needs_check(&self, slot: u32, now: Time) -> bool {
        let Some(member) = self.members.get(&slot) else { return false };
        let rested = now.saturating_sub(member.proven);
        let vouched = member.vouched.is_some_and(|at| now.saturating_sub(at) <= self.limits.check);
        rested > self.limits.check_after && !vouched
    }

    /// It is idle for too long, or too old.
    fn is_worn_out(&self, slot: u32, now: Time) -> bool {
        matches!(self.members.get(&slot), Some(Member { state: State::Idle { until, .. }, .. }) if *until <= now)
    }
}

#[path = "pool_turn.rs"]
mod turn;

#[cfg(test)]
#[path = "pool_tests.rs"]
mod tests;
