//! When a client tries again, and when it gives up: what the host has set, and what has been tried so far.

use crate::error::{Error, Operation, Retry, Status};
use crate::session::{NEVER, Time};

/// What a host may set about reconnecting. Times in microseconds; [`NEVER`] is no limit.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Attempts after the first; 0: no limit.
    pub max_attempts: u32,
    /// The ceiling of the first delay,
    pub delay_min: Time,
    /// and that of all.
    pub delay_max: Time,
    /// By how much the ceiling grows with every attempt: 200 doubles it.
    pub percent: u32,
    /// How much of the ceiling chance decides: 100 is all of it.
    pub jitter: u32,
    /// Down for so long, it gives up.
    pub downtime_max: Time,
    /// Open for so long, what was tried before counts no more.
    pub stable: Time,
    /// How long the host has to overrule a permanent cause; 0: it is not asked.
    pub ask: Time,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            max_attempts: 0,
            delay_min: 1_000_000,
            delay_max: 60_000_000,
            percent: 200,
            jitter: 100,
            downtime_max: NEVER,
            stable: 60_000_000,
            ask: 0,
        }
    }
}

/// What is to be done about a loss or a failed attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Try again after so long.
    Retry(Time),
    /// The cause is permanent, but the host may know better, and has so long to say so.
    Ask(Time),
    /// The cause is permanent.
    Refused,
    /// There have been attempts enough, or it has been down too long.
    Exhausted,
}

/// What has been tried so far.
#[derive(Debug, Clone)]
pub struct Backoff {
    pub policy: Policy,
    /// Attempts after the first, since it was last open for long.
    attempts: u32,
    /// Since when it is down; [`NEVER`] while it is open.
    down_since: Time,
    /// How long it was down before, since it was last open for long.
    down_before: Time,
    /// Since when it is open.
    open_since: Time,
}

/// Two attempts are never closer than this: chance may say "at once", and where everything fails at once that would
/// be a busy loop.
const DELAY_LEAST: Time = 1000;

impl Backoff {
    /// Nothing has been tried, and the first attempt begins now.
    pub fn new(policy: Policy, now: Time) -> Self {
        Self { policy, attempts: 0, down_since: now, down_before: 0, open_since: NEVER }
    }

    /// An attempt begins that is not the first.
    pub fn count_attempt(&mut self) {
        self.attempts = self.attempts.saturating_add(1);
    }

    /// It is open; how long it was down.
    pub fn opened(&mut self, now: Time) -> Time {
        let down = now.saturating_sub(self.down_since);
        self.down_before = self.down_before.saturating_add(down);
        (self.down_since, self.open_since) = (NEVER, now);
        down
    }

    /// It was open, and is not because somebody wanted to: what was tried before has nothing to do with it.
    pub fn parted(&mut self, now: Time) {
        (self.attempts, self.down_before, self.down_since) = (0, 0, now);
    }

    /// It was open, and is not any more. One that has not lasted changes nothing: a server that accepts and closes at
    /// once must not be asked a thousand times a second.
    pub fn lost(&mut self, now: Time) {
        match now.saturating_sub(self.open_since) >= self.policy.stable {
            true => self.parted(now),
            false => self.down_since = now,
        }
    }

    /// How long it was down since it was last open for long.
    pub fn downtime(&self, now: Time) -> Time {
        self.down_before.saturating_add(now.saturating_sub(self.down_since))
    }

    /// When it has been down too long.
    pub fn give_up_at(&self) -> Time {
        if self.down_since == NEVER || self.policy.downtime_max == NEVER {
            return NEVER;
        }
        self.down_since.saturating_add(self.policy.downtime_max.saturating_sub(self.down_before))
    }

    /// What to do about this error; `random` decides about the delay.
    pub fn decide(&self, error: &Error, now: Time, random: u64) -> Decision {
        let least = match error.retry() {
            Retry::No if self.policy.ask > 0 && !self.is_exhausted(now) => {
                return Decision::Ask(self.policy.ask.min(self.give_up_at().saturating_sub(now)));
            }
            Retry::No => return Decision::Refused,
            Retry::Yes => 0,
            // On top of what we would have waited: all whom it has told the same must not come back at the same time.
            Retry::After(ms) => ms.saturating_mul(1000),
        };
        let delay = least.saturating_add(self.delay(random)).max(DELAY_LEAST);
        let too_late = self.give_up_at() != NEVER && now.saturating_add(delay) >= self.give_up_at();
        if too_late || self.is_exhausted(now) { Decision::Exhausted } else { Decision::Retry(delay) }
    }

    fn is_exhausted(&self, now: Time) -> bool {
        let Policy { max_attempts, .. } = self.policy;
        (max_attempts != 0 && self.attempts >= max_attempts) || self.give_up_at() <= now
    }

    /// A delay below the ceiling of the next attempt, as far as chance decides.
    fn delay(&self, random: u64) -> Time {
        let ceiling = self.ceiling();
        let open = u128::from(ceiling) * u128::from(self.policy.jitter.min(100)) / 100;
        ceiling - (((open + 1) * u128::from(random)) >> 64) as Time
    }

    fn ceiling(&self) -> Time {
        let Policy { delay_min, delay_max, percent, .. } = self.policy;
        let (mut ceiling, max) = (u128::from(delay_min), u128::from(delay_max));
        for _ in 0..self.attempts {
            if ceiling >= max || percent <= 100 {
                break;
            }
            ceiling = (ceiling * u128::from(percent) / 100).max(ceiling + 1);
        }
        ceiling.min(max) as Time
    }

    /// An error with how much was tried.
    pub fn tell(&self, error: Error, now: Time) -> Error {
        error.with(|e| {
            e.attempts = self.attempts;
            e.max_attempts = self.policy.max_attempts;
            e.downtime_ms = self.downtime(now) / 1000;
        })
    }

    /// The error that ends it for this reason, because of the last one. How the connection was closed is told again, for
    /// those who look at one error only.
    pub fn verdict(&self, status: Status, last: Error, now: Time) -> Error {
        let (rcvd, sent) = (last.close_rcvd.clone(), last.close_sent.clone());
        let (order, side) = (last.rcvd_then_sent, last.initiated_by);
        let error = Error::new(status, "").during(Operation::Reconnect).because(last);
        self.tell(error, now).with(|e| {
            (e.close_rcvd, e.close_sent) = (rcvd, sent);
            (e.rcvd_then_sent, e.initiated_by) = (order, side);
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::CloseFrame;

    const MS: Time = 1000;

    fn backoff(set: impl FnOnce(&mut Policy)) -> Backoff {
        let mut policy = Policy { delay_min: 100 * MS, delay_max: 1000 * MS, ..Policy::default() };
        set(&mut policy);
        Backoff::new(policy, 0)
    }

    fn after(attempts: u32, set: impl FnOnce(&mut Policy)) -> Backoff {
        Backoff { attempts, ..backoff(set) }
    }

    fn refused() -> Error {
        Error::new(Status::CONNECTION_REFUSED, "")
    }

    fn closed(code: u16) -> Error {
        let frame = CloseFrame { code, reason: String::new() };
        Error::new(Status::CLOSED_ERROR, "").with(|e| e.close_rcvd = Some(frame))
    }

    #[test]
    fn the_ceiling_grows_up_to_its_cap() {
        // percent, the ceilings of the first attempts in ms
        for (percent, ceilings) in [
            (200, [100, 200, 400, 800, 1000, 1000]),
            (150, [100, 150, 225, 337, 506, 759]),
            (100, [100; 6]),
            (1000, [100, 1000, 1000, 1000, 1000, 1000]),
        ] {
            for (attempts, ceiling) in (0..).zip(ceilings) {
                let delay = after(attempts, |p| (p.percent, p.jitter) = (percent, 0)).decide(&refused(), 0, u64::MAX);
                let Decision::Retry(delay) = delay else { panic!("{delay:?}") };
                assert_eq!(delay / MS, ceiling, "{percent} % at {attempts}");
            }
        }
        assert_eq!(after(u32::MAX, |p| p.jitter = 0).decide(&refused(), 0, 7), Decision::Retry(1000 * MS));
    }

    #[test]
    fn chance_decides_as_far_as_it_may() {
        for (jitter, random, delay) in [
            (100, 0, 400 * MS),
            (100, u64::MAX / 2, 200 * MS),
            (100, u64::MAX, DELAY_LEAST), // never at once
            (25, 0, 400 * MS),
            (25, u64::MAX, 300 * MS),
            (0, u64::MAX, 400 * MS),
        ] {
            let decided = after(2, |p| p.jitter = jitter).decide(&refused(), 0, random);
            assert_eq!(decided, Decision::Retry(delay), "{jitter} % with {random}");
        }
    }

    #[test]
    fn the_cause_decides_whether_and_when() {
        let ask = |p: &mut Policy| (p.jitter, p.ask) = (0, 5000 * MS);
        let busy = |ms| Error::new(Status::INVALID_STATUS, "").with(|e| (e.http_status, e.retry_after_ms) = (503, ms));
        for (error, asking, decision) in [
            (closed(1012), false, Decision::Retry(100 * MS)),
            (closed(1013), false, Decision::Retry(30_100 * MS)),
            (closed(4401), false, Decision::Refused),
            (closed(4401), true, Decision::Ask(5000 * MS)),
            (busy(None), false, Decision::Retry(100 * MS)),
            (busy(Some(7000)), false, Decision::Retry(7100 * MS)),
            (busy(Some(u64::MAX)), false, Decision::Retry(NEVER)),
            (Error::new(Status::TLS_CERTIFICATE, ""), false, Decision::Refused),
            (Error::new(Status::CLOSED_OK, ""), false, Decision::Refused),
        ] {
            let backoff = if asking { backoff(ask) } else { backoff(|p| p.jitter = 0) };
            assert_eq!(backoff.decide(&error, 0, 0), decision, "{error}");
        }
    }

    #[test]
    fn it_gives_up() {
        let three = |p: &mut Policy| p.max_attempts = 3;
        assert!(matches!(after(2, three).decide(&refused(), 0, 0), Decision::Retry(_)));
        assert_eq!(after(3, three).decide(&refused(), 0, 0), Decision::Exhausted);
        // What would begin too late does not begin, and nobody waits for nothing.
        let brief = |p: &mut Policy| (p.downtime_max, p.jitter) = (1000 * MS, 0);
        assert_eq!(backoff(brief).decide(&refused(), 899 * MS, 0), Decision::Retry(100 * MS));
        assert_eq!(backoff(brief).decide(&refused(), 900 * MS, 0), Decision::Exhausted);
        assert_eq!(backoff(brief).decide(&closed(1013), 0, 0), Decision::Exhausted);
        // Whom nobody can help is not asked.
        let ask = |p: &mut Policy| (p.max_attempts, p.ask) = (3, MS);
        assert_eq!(after(3, ask).decide(&closed(4401), 0, 0), Decision::Refused);
    }

    #[test]
    fn only_what_lasts_starts_anew() {
        let mut it = backoff(|p| p.stable = 1000 * MS);
        assert_eq!(it.opened(10 * MS), 10 * MS);
        it.lost(20 * MS); // it accepts and closes
        it.count_attempt();
        assert_eq!((it.attempts, it.downtime(25 * MS)), (1, 15 * MS));
        assert_eq!(it.opened(30 * MS), 10 * MS);
        it.lost(1029 * MS); // lasts nearly long enough
        it.count_attempt();
        assert_eq!((it.attempts, it.downtime(1030 * MS)), (2, 21 * MS));
        assert_eq!(it.opened(1039 * MS), 10 * MS);
        it.lost(2039 * MS); // lasts
        assert_eq!((it.attempts, it.downtime(2040 * MS)), (0, MS));
    }

    #[test]
    fn without_a_limit_it_never_gives_up() {
        let mut it = backoff(|_| {});
        it.opened(70 * MS);
        it.lost(80 * MS);
        assert_eq!(it.give_up_at(), NEVER);
        it.policy.downtime_max = 100 * MS;
        assert_eq!(it.give_up_at(), 110 * MS);
    }
}
