//! A heartbeat of the application's own: a message that the peer must answer, for peers and proxies that let pings
//! through and are dead behind them, or that know no pings.

use super::deadlines::timeout;
use super::notice::Kit;
use super::session::{Phase, Session};
use super::{NEVER, Time};
use crate::error::{Operation, Status};
use crate::protocol::Opcode;

/// Which of the peer's messages answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// This one.
    Exact(Box<[u8]>),
    /// One that begins so.
    Prefix(Box<[u8]>),
    /// One that has this in it.
    Contains(Box<[u8]>),
    /// Whatever comes: what is meant for the host shows that the peer lives.
    Any,
    /// None is waited for.
    None,
}

impl Answer {
    fn is(&self, message: &[u8]) -> bool {
        match self {
            Answer::Exact(answer) => message == &**answer,
            Answer::Prefix(answer) => message.starts_with(answer),
            Answer::Contains(answer) => memchr::memmem::find(message, answer).is_some(),
            Answer::Any => true,
            Answer::None => false,
        }
    }
}

/// What is said, how often, and what is to come back.
#[derive(Debug, Clone)]
pub struct Heartbeat {
    /// Text or binary.
    pub opcode: Opcode,
    /// Text is UTF-8.
    pub message: Box<[u8]>,
    /// What answers it.
    pub answer: Answer,
    /// The host gets answers, too, like any message.
    pub deliver: bool,
    /// From one to the next.
    pub interval: Time,
    /// For the answer to one; [`NEVER`]: the next is sent whether or not this one was answered.
    pub timeout: Time,
}

impl Heartbeat {
    /// Between two, unless the host says otherwise.
    pub const INTERVAL: Time = 20_000_000;
    /// For the answer to one, unless the host says otherwise.
    pub const TIMEOUT: Time = 20_000_000;
    /// Bytes of the message and of the answer: what is copied for every listener and said every few seconds.
    pub const SIZE_MAX: usize = 64 << 10;
}

/// No heartbeat will be sent any more, but answers may come: a deadline that counts only while a session is open.
const LAST: Time = NEVER - 1;

/// How the heartbeat of one session goes.
#[derive(Debug, Default)]
pub(super) struct Beats {
    /// When the one that waits was sent.
    waiting: Option<Time>,
    /// Those that were sent and not answered. A pause ends the wait, and the answer comes all the same.
    owed: u32,
    /// When the last was sent.
    last: Time,
    /// The peer is in the middle of a message that the host gets in fragments.
    inside: bool,
}

impl Session {
    /// The first one is an interval away, and so is the next after a pause.
    pub(super) fn begin_heartbeat(&mut self, now: Time) {
        if let Some(heartbeat) = &self.settings.heartbeat {
            let next = now.saturating_add(heartbeat.interval);
            self.deadlines.set(|others| others.beat = next);
        }
    }

    /// No answer will be seen for a while, so none is waited for.
    pub(super) fn hold_heartbeat(&mut self) {
        if let Some(beats) = self.pings.as_mut().and_then(|pings| pings.beats.as_mut()) {
            beats.waiting = None;
        }
        self.deadlines.stop(|others| others.beat = NEVER);
    }

    /// When the next is due in a session that closes, from here on: never, though an answer to the last may still come.
    pub(super) fn last_beat(&self) -> Time {
        if self.settings.heartbeat.is_some() { LAST } else { NEVER }
    }

    /// It is time for the next one, or too late for an answer.
    pub(super) fn beat(&mut self, kit: &mut Kit) {
        let Some(heartbeat) = self.settings.heartbeat.clone() else { return };
        let too_late = heartbeat.timeout != NEVER && self.waits_for_answer();
        if too_late {
            let detail = "heartbeat timeout";
            let error = timeout(Status::PING_TIMEOUT, detail, Operation::Ping, heartbeat.timeout);
            return self.give_up(error, kit);
        }
        if !matches!(&self.phase, Phase::Talking(connection) if connection.may_begin()) {
            // It must not stand inside a message of the host's, who may take its time over that.
            let next = kit.now.saturating_add(heartbeat.interval.div_ceil(10));
            self.deadlines.set(|others| others.beat = next);
            return;
        }
        match self.queue(heartbeat.opcode, false, &heartbeat.message, kit) {
            Ok(()) => self.has_beaten(&heartbeat, kit.now),
            Err(error) => self.broken(error, kit),
        }
    }

    fn waits_for_answer(&self) -> bool {
        let beats = self.pings.as_ref().and_then(|pings| pings.beats.as_ref());
        beats.is_some_and(|beats| beats.waiting.is_some())
    }

    fn has_beaten(&mut self, heartbeat: &Heartbeat, now: Time) {
        let beats = self.pings.get_or_insert_default().beats.get_or_insert_default();
        beats.last = now;
        beats.waiting = Some(now);
        beats.owed = beats.owed.saturating_add(1);
        self.counters.messages_out += 1;
        self.counters.bytes_out += heartbeat.message.len() as u64;
        let next = if heartbeat.timeout == NEVER { heartbeat.interval } else { heartbeat.timeout };
        self.deadlines.set(|others| others.beat = now.saturating_add(next));
    }

    /// Looks at a message, or a fragment with its FIN, before the host does: true if it is nothing but an answer. Apart,
    /// so that those without a heartbeat do not pay.
    #[cold]
    #[inline(never)]
    pub(super) fn is_answer(&mut self, message: &[u8], fin: Option<bool>, now: Time) -> bool {
        let (Some(pings), Some(heartbeat)) = (&mut self.pings, self.settings.heartbeat.clone()) else { return false };
        let whole = match fin {
            None => true,
            Some(fin) => !std::mem::replace(&mut pings.beats.get_or_insert_default().inside, !fin) && fin,
        };
        let any = heartbeat.answer == Answer::Any;
        let answers = any || whole && heartbeat.answer.is(message);
        answers && self.is_answered(&heartbeat, any, now) && !any && !heartbeat.deliver
    }

    /// An answer came; false if none was due.
    fn is_answered(&mut self, heartbeat: &Heartbeat, any: bool, now: Time) -> bool {
        let Some(pings) = &mut self.pings else { return false };
        let Some(beats) = pings.beats.as_mut().filter(|beats| beats.owed > 0) else { return false };
        let on_time = beats.owed == 1;
        beats.owed = if any { 0 } else { beats.owed - 1 };
        let Some(sent) = beats.waiting.take() else { return true };
        if heartbeat.timeout != NEVER {
            let next = beats.last.saturating_add(heartbeat.interval).max(now);
            self.deadlines.set(|others| others.beat = next);
        }
        // What comes by itself, or answers an earlier one, says nothing about the way there and back.
        if on_time && !any {
            pings.rtt = now.saturating_sub(sent);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_answers() {
        let text = || b"pong"[..].into();
        for (answer, message, is) in [
            (Answer::Exact(text()), "pong", true),
            (Answer::Exact(text()), "pong!", false),
            (Answer::Prefix(text()), "pong 7", true),
            (Answer::Prefix(text()), "a pong", false),
            (Answer::Contains(text()), "{\"op\":\"pong\"}", true),
            (Answer::Contains(text()), "{\"op\":\"ping\"}", false),
            (Answer::Any, "", true),
            (Answer::None, "pong", false),
        ] {
            assert_eq!(answer.is(message.as_bytes()), is, "{answer:?} {message}");
        }
    }
}
