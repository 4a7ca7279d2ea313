//! What must happen by when, and what happens if it does not.

use super::notice::Kit;
use super::session::{Phase, Session};
use super::state::State;
use super::{NEVER, Time};
use crate::error::{Error, Operation, Status};
use crate::handshake;
use crate::protocol::Opcode;

/// When what must happen must have happened.
#[derive(Debug)]
pub(super) struct Deadlines {
    /// The next keepalive ping.
    pub ping: Time,
    /// The others, while any of them runs: in an idle connection none does.
    others: Option<Box<Others>>,
}

/// The deadlines that run now and then only.
#[derive(Debug, Clone, Copy)]
pub(super) struct Others {
    /// The end of the phase: opening, or closing once that has begun.
    pub phase: Time,
    pub pong: Time,
    pub send: Time,
    /// The next heartbeat, or the end of the wait for an answer to the last. While it is not [`NEVER`], messages may
    /// be answers.
    pub beat: Time,
}

impl Others {
    /// None of them.
    pub const NONE: Self = Self { phase: NEVER, pong: NEVER, send: NEVER, beat: NEVER };

    /// The first of them.
    fn first(&self) -> Time {
        self.phase.min(self.pong).min(self.send).min(self.beat)
    }
}

impl Deadlines {
    /// Only the opening handshake has a deadline at first.
    pub fn new(open_by: Time) -> Self {
        Self { ping: NEVER, others: Some(Box::new(Others { phase: open_by, ..Others::NONE })) }
    }

    /// All but the next ping.
    pub fn others(&self) -> Others {
        self.others.as_deref().copied().unwrap_or(Others::NONE)
    }

    /// [`Others::beat`].
    #[inline(always)]
    pub fn beat(&self) -> Time {
        self.others.as_ref().map_or(NEVER, |others| others.beat)
    }

    /// Changes some of them.
    #[inline(never)]
    pub fn set(&mut self, set: impl FnOnce(&mut Others)) {
        let mut others = self.others();
        set(&mut others);
        match others.first() {
            NEVER => self.others = None,
            _ => **self.others.get_or_insert_with(|| Box::new(Others::NONE)) = others,
        }
    }

    /// Some of them run no more, if they did.
    #[inline(always)]
    pub fn stop(&mut self, stop: impl FnOnce(&mut Others)) {
        if self.others.is_some() {
            self.set(stop);
        }
    }
}

impl Session {
    /// When [`Session::tick`] wants to be called.
    pub fn next_deadline(&self) -> Time {
        if self.is_over() {
            return NEVER;
        }
        let ping = self.deadlines.ping;
        let Others { phase, pong, send, beat } = self.deadlines.others();
        let open = if self.state() == State::Open { self.idle_by().min(beat) } else { NEVER };
        phase.min(ping).min(pong).min(send).min(self.look_due()).min(open)
    }

    fn idle_by(&self) -> Time {
        self.active.saturating_add(self.settings.timers.idle)
    }

    /// Time has passed: ends what took too long, sends the keepalive.
    pub fn tick(&mut self, kit: &mut Kit) {
        let now = kit.now;
        let due = self.deadlines.others();
        if due.phase <= now {
            return self.phase_is_over(kit);
        }
        let timers = &self.settings.timers;
        if due.pong <= now {
            let error = timeout(Status::PING_TIMEOUT, "keepalive ping timeout", Operation::Ping, timers.ping_timeout);
            return self.give_up(error, kit);
        }
        if due.send <= now {
            let error = timeout(Status::SEND_TIMEOUT, "nothing left the send queue", Operation::Send, timers.send);
            return self.broken(error, kit);
        }
        if self.state() == State::Open && self.idle_by() <= now {
            let error = timeout(Status::IDLE_TIMEOUT, "no message in either direction", Operation::Idle, timers.idle);
            return self.fail(error, kit);
        }
        if self.look_due() <= now {
            if let Some(error) = self.crawls(now) {
                return self.fail(error, kit);
            }
        }
        if self.state() == State::Open && due.beat <= now {
            self.beat(kit);
        }
        if self.deadlines.ping <= now {
            self.keepalive(kit);
        }
    }

    /// The peer is dead, as far as can be told: it hears why if it is not, but nobody waits for its answer any more.
    pub(super) fn give_up(&mut self, error: Error, kit: &mut Kit) {
        self.fail(error, kit);
        let end = kit.now.saturating_add(1);
        self.deadlines.set(|others| others.phase = end); // after what is written in between
    }

    /// The opening or closing handshake took too long.
    fn phase_is_over(&mut self, kit: &mut Kit) {
        let timers = &self.settings.timers;
        let open = timeout(Status::HANDSHAKE_TIMEOUT, "", Operation::Handshake, timers.open);
        let close = timeout(Status::CLOSE_TIMEOUT, "", Operation::Close, timers.close);
        self.conclude(kit); // what has arrived in time counts
        self.deadlines.stop(|others| others.phase = NEVER);
        match &self.phase {
            Phase::Asking(asking) => {
                let error = asking.timed_out().unwrap_or(open);
                self.refuse(error, kit.now);
            }
            Phase::Answering(answering) => {
                let reply = handshake::timed_out_reply(&answering.terms.site.policy);
                self.say(&reply, kit);
                self.refuse(open.with(|e| e.http_status = 408), kit.now);
            }
            Phase::Deciding(deciding) => {
                let reply = handshake::undecided(deciding.asked.policy());
                self.say(&reply, kit);
                let open = open.with(|e| e.detail = "the host has not decided in time".into());
                self.refuse(open.with(|e| e.http_status = 503), kit.now);
            }
            Phase::Talking(_) => {
                self.talk(kit, |connection, tools| connection.fail_silently(close, tools.buffers));
                self.gone(kit.buffers);
            }
            Phase::Refused(_) => self.gone(kit.buffers),
        }
    }

    fn keepalive(&mut self, kit: &mut Kit) {
        let timers = &self.settings.timers;
        self.deadlines.ping = kit.now.saturating_add(timers.ping_interval);
        let pings = self.pings.get_or_insert_default();
        if pings.keepalive_waits() {
            return;
        }
        let payload = pings.keepalive_payload();
        pings.sent(&payload, None, self.counters.messages_out, kit.now);
        let answer_by = kit.now.saturating_add(timers.ping_timeout);
        self.deadlines.set(|others| others.pong = answer_by);
        if let Err(error) = self.queue(Opcode::Ping, false, &payload, kit) {
            self.broken(error, kit);
        }
    }

    /// Asks now what the peer has read, unless that has been asked already.
    pub fn ask_what_was_read(&mut self, kit: &mut Kit) {
        if self.state() != State::Open || self.pings.as_ref().is_some_and(|pings| pings.keepalive_waits()) {
            return;
        }
        self.keepalive(kit);
        if self.settings.timers.ping_interval == NEVER {
            self.deadlines.stop(|others| others.pong = NEVER); // without a keepalive nobody minds how long the answer takes
        }
    }

    /// Messages that the peer has read for sure.
    pub fn read_by_peer(&self) -> u64 {
        self.pings.as_ref().map_or(0, |pings| pings.read())
    }

    /// While the host takes nothing and so nothing is read, the connection is not idle: that begins anew afterwards.
    pub fn hold_idleness(&mut self, hold: bool, now: Time) {
        self.active = if hold { NEVER } else { now };
    }

    /// While the host takes nothing, no answer can be seen: keepalive and heartbeat rest, and begin anew afterwards.
    pub fn hold_keepalive(&mut self, hold: bool, now: Time) {
        if self.state() == State::Open {
            // A pong that comes after the rest says nothing about the time after it: ask again.
            if let Some(pings) = &mut self.pings {
                pings.forget_keepalive();
                pings.rest = None;
            }
            self.deadlines.stop(|others| others.pong = NEVER);
            self.watch_frame_anew(hold, now);
            self.deadlines.ping = if hold { NEVER } else { now.saturating_add(self.settings.timers.ping_interval) };
            self.hold_heartbeat();
            if !hold {
                self.begin_heartbeat(now);
            }
        }
    }
}

/// The deadlines of a peer from which nothing is read, because the host has not taken what came before.
#[derive(Debug)]
pub(super) struct Rest {
    since: Time,
    ping: Time,
    pong: Time,
    beat: Time,
}

impl Session {
    /// Nothing is read until the host has taken some of what waits: the peer's answers may lie behind that.
    pub fn rest(&mut self, now: Time) {
        if self.state() == State::Open {
            let ping = std::mem::replace(&mut self.deadlines.ping, NEVER);
            let Others { pong, beat, .. } = self.deadlines.others();
            self.pings.get_or_insert_default().rest = Some(Box::new(Rest { since: now, ping, pong, beat }));
            self.deadlines.stop(|others| (others.pong, others.beat) = (NEVER, NEVER));
            self.watch_frame_anew(true, now);
        }
    }

    /// It is read again. A long rest is not the peer's time; short ones are, or one that floods us would rest for ever and
    /// never be found to answer nothing.
    pub fn go_on(&mut self, paused: bool, now: Time) {
        let Some(rest) = self.pings.as_mut().and_then(|pings| pings.rest.take()) else {
            return self.hold_keepalive(paused, now); // the host has paused it meanwhile
        };
        if self.state() == State::Open {
            let lasted = now.saturating_sub(rest.since);
            let late = if lasted < self.settings.timers.ping_timeout / 4 { 0 } else { lasted };
            let later = |before: Time| before.saturating_add(late);
            self.deadlines.ping = later(rest.ping);
            self.deadlines.set(|others| (others.pong, others.beat) = (later(rest.pong), later(rest.beat)));
            self.watch_frame_anew(false, now);
        }
    }
}

pub(super) fn timeout(status: Status, detail: &'static str, operation: Operation, limit: Time) -> Error {
    Error::new(status, detail).with(|e| {
        e.operation = operation;
        e.timeout_ms = Some(limit / 1000);
    })
}
