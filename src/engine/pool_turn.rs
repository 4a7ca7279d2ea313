//! What can be done for those who wait at a pool, in the order of their coming.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::{Fit, Pool, State, Step};
use crate::session::Time;

/// One walk along those who wait, and what there is for them.
pub struct Turn<F> {
    now: Time,
    fit: F,
    /// Idle ones that somebody will get once they have been heard.
    reserved: HashSet<u32>,
    /// Of those that are being opened or checked, how many are spoken for.
    claimed: HashMap<Arc<str>, u32>,
    /// Sockets that may be opened.
    room: u32,
    /// Sockets that will be gone, and nobody waits for yet.
    soon: u32,
    steps: Vec<Step>,
}

impl<F: FnMut(u32) -> Fit> Turn<F> {
    /// A walk that begins now.
    pub fn new(pool: &Pool, now: Time, fit: F) -> Self {
        Self {
            now,
            fit,
            reserved: HashSet::new(),
            claimed: HashMap::new(),
            room: pool.limits.max_connections.saturating_sub(pool.counts.sockets()),
            soon: pool.counts.closing,
            steps: Vec::new(),
        }
    }

    /// Gives what is to be done.
    pub fn run(mut self, pool: &mut Pool) -> Vec<Step> {
        let mut at = 0;
        while let Some((waiter, waits)) = pool.waiters.range(at..).next() {
            at = waiter + 1;
            let (waiter, target, distrusts) = (*waiter, Arc::clone(&waits.target), waits.distrusts);
            let served = self.lend(pool, waiter, &target, distrusts)
                || self.claim(pool, &target)
                || self.open(waiter, &target)
                || self.take_what_closes()
                || self.displace(pool);
            if !served {
                break; // nor is there anything for those behind
            }
        }
        self.steps
    }

    /// An idle connection with this target, the one that has rested least: the others may then rest for good. One that can
    /// be had at once is better than one that is to be heard or checked first, or those behind would overtake.
    fn lend(&mut self, pool: &mut Pool, waiter: u64, target: &Arc<str>, distrusts: bool) -> bool {
        let (mut below, mut busy, mut unproven) = (None, None, None);
        while let Some((since, slot)) = next_idle(pool, target, below) {
            below = Some((since, slot));
            if self.reserved.contains(&slot) {
                continue;
            }
            match (self.fit)(slot) {
                Fit::Busy => busy = busy.or(Some(slot)),
                Fit::Broken => {
                    pool.broke(slot, self.now);
                    self.close(slot);
                }
                Fit::Ready if pool.is_worn_out(slot, self.now) => {
                    pool.counts.expired += 1;
                    pool.shut(slot, self.now);
                    self.close(slot);
                }
                Fit::Ready if pool.needs_check(slot, self.now) => unproven = unproven.or(Some((since, slot))),
                Fit::Ready => {
                    let lent = pool.lend(slot, waiter).map(|token| Step::Lend { slot, token });
                    self.steps.extend(lent);
                    return true;
                }
            }
        }
        match (busy, unproven) {
            (Some(slot), _) => self.reserved.insert(slot),
            (None, Some((since, slot))) if !distrusts => {
                self.check(pool, waiter, since, slot);
                self.claim(pool, target)
            }
            _ => false,
        }
    }

    fn check(&mut self, pool: &mut Pool, waiter: u64, since: Time, slot: u32) {
        let by = self.now.saturating_add(pool.limits.check);
        pool.enter(slot, State::Checking { since, by, waiter });
        if let Some(waits) = pool.waiters.get_mut(&waiter) {
            waits.on_its_way = Some(slot);
        }
        self.steps.push(Step::Check { slot });
    }

    /// One that is being opened or checked, and that nobody before us gets.
    fn claim(&mut self, pool: &Pool, target: &Arc<str>) -> bool {
        let coming = pool.lines.get(target).map_or(0, |line| line.coming);
        if coming == 0 {
            return false;
        }
        let claimed = self.claimed.entry(Arc::clone(target)).or_default();
        let is_free = *claimed < coming;
        *claimed += u32::from(is_free);
        is_free
    }

    fn open(&mut self, waiter: u64, target: &Arc<str>) -> bool {
        if self.room == 0 {
            return false;
        }
        self.room -= 1;
        self.steps.push(Step::Open { waiter, target: Arc::clone(target) });
        true
    }

    fn take_what_closes(&mut self) -> bool {
        let is_there = self.soon > 0;
        self.soon = self.soon.saturating_sub(1);
        is_there
    }

    /// The one that has rested longest, whatever its target, makes room.
    fn displace(&mut self, pool: &mut Pool) -> bool {
        let longest = pool.rested.iter().find(|(_, slot)| !self.reserved.contains(slot)).map(|(_, slot)| *slot);
        let Some(slot) = longest else { return false };
        pool.counts.displaced += 1;
        pool.shut(slot, self.now);
        self.close(slot);
        self.take_what_closes()
    }

    fn close(&mut self, slot: u32) {
        self.soon += 1;
        self.steps.push(Step::Close { slot });
    }
}

/// The idle connection of this target that has rested least, or the one below.
fn next_idle(pool: &Pool, target: &Arc<str>, below: Option<(Time, u32)>) -> Option<(Time, u32)> {
    let idle = &pool.lines.get(target)?.idle;
    match below {
        None => idle.last().copied(),
        Some(below) => idle.range(..below).next_back().copied(),
    }
}
