//! Pings that wait for their pong: the host's, with a token each, and the keepalive's.

use super::Time;
use super::deadlines::Rest;
use super::heartbeat::Beats;
use crate::error::{Error, Operation, Result, Status};

/// A ping on its way.
#[derive(Debug)]
struct Ping {
    payload: Box<[u8]>,
    /// The host's word for it; `None` for the keepalive.
    token: Option<u64>,
    sent: Time,
    /// Messages that were sent before it.
    behind: u64,
}

/// What a pong answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// The host's word for the ping; `None` for the keepalive.
    pub token: Option<u64>,
    /// Round trip in microseconds.
    pub rtt: Time,
}

/// The pings of one connection. With a keepalive every idle connection has this: what few have is in boxes.
#[derive(Debug, Default)]
pub struct Pings {
    /// The oldest first.
    waiting: Vec<Ping>,
    /// The keepalive's next payload.
    next: u64,
    /// The heartbeat has nothing to do with pings, but most connections need room for neither.
    pub(super) beats: Option<Box<Beats>>,
    /// Nothing is read for now.
    pub(super) rest: Option<Box<Rest>>,
    /// Last round trip in microseconds.
    pub(super) rtt: Time,
    /// Pongs that came, whatever they answer.
    pub(super) pongs: u32,
    /// Messages that the peer has read: those before the last ping that it answered.
    read: u64,
}

impl Pings {
    /// Pings of the host that may wait at a time: a peer that never answers must not fill our memory.
    const MAX: usize = 64;

    /// May the host send a ping with this payload?
    pub fn check(&self, payload: &[u8]) -> Result<()> {
        if self.waiting.iter().any(|p| &*p.payload == payload) {
            return Err(Error::new(Status::CONCURRENCY, "a ping with this payload is waiting for its pong")
                .with(|e| e.operation = Operation::Ping));
        }
        if self.waiting.len() >= Self::MAX {
            return Err(Error::new(Status::SEND_QUEUE_FULL, "too many pings wait for their pong").with(|e| {
                e.operation = Operation::Ping;
                e.capacity = Self::MAX as u64;
            }));
        }
        Ok(())
    }

    /// A ping has been queued, behind so many messages.
    pub fn sent(&mut self, payload: &[u8], token: Option<u64>, behind: u64, now: Time) {
        self.waiting.push(Ping { payload: payload.into(), token, sent: now, behind });
    }

    /// A payload for the keepalive that differs from all before it.
    pub fn keepalive_payload(&mut self) -> [u8; 8] {
        self.next += 1;
        self.next.to_be_bytes()
    }

    /// A keepalive ping waits.
    pub fn keepalive_waits(&self) -> bool {
        self.waiting.iter().any(|p| p.token.is_none())
    }

    /// The keepalive no longer waits: its answer, if it comes, answers nothing.
    pub fn forget_keepalive(&mut self) {
        self.waiting.retain(|p| p.token.is_some());
    }

    /// The host's pings: their answers, if they come, answer nothing.
    pub fn forget_host(&mut self) {
        self.waiting.retain(|p| p.token.is_none());
    }

    /// A pong came. It answers the ping with its payload and, as RFC 6455 §5.5.3 lets a peer answer only the
    /// latest, all before it. A pong that answers nothing proves nothing.
    pub fn answered(&mut self, payload: &[u8], now: Time) -> Option<Answer> {
        self.pongs = self.pongs.saturating_add(1);
        let at = self.waiting.iter().position(|p| &*p.payload == payload)?;
        let ping = self.waiting.drain(..=at).next_back()?;
        if self.waiting.is_empty() {
            self.waiting = Vec::new(); // the next one may be long in coming
        }
        self.read = ping.behind;
        self.rtt = now.saturating_sub(ping.sent);
        Some(Answer { token: ping.token, rtt: self.rtt })
    }
}

impl Pings {
    /// Messages that the peer has read for sure: it answers pings in their order among messages (RFC 6455 §5.5.2).
    pub fn read(&self) -> u64 {
        self.read
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pong_answers_its_ping_and_those_before() {
        let mut pings = Pings::default();
        let keepalive = pings.keepalive_payload();
        pings.sent(&keepalive, None, 3, 10);
        pings.sent(b"a", Some(7), 5, 20);
        assert_eq!(pings.check(b"a").unwrap_err().status, Status::CONCURRENCY);
        assert_eq!(pings.answered(b"unasked", 25), None);
        assert_eq!(pings.answered(b"a", 50), Some(Answer { token: Some(7), rtt: 30 }));
        assert!(!pings.keepalive_waits());
        assert_eq!(pings.read(), 5);
        assert_eq!(pings.answered(&keepalive, 60), None);
    }

    #[test]
    fn whoever_has_answered_costs_little() {
        let mut pings = Pings::default();
        pings.sent(b"a", Some(7), 5, 20);
        assert!(pings.answered(b"a", 50).is_some());
        assert_eq!((pings.waiting.capacity(), size_of::<Pings>()), (0, 72));
    }
}
