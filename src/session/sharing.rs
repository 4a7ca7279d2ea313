//! A session as one of many: it takes what all of them get, or does without.

use super::notice::Kit;
use super::sending::not_open;
use super::session::{Phase, Session};
use super::state::State;
use crate::error::Result;
use crate::protocol::Broadcast;

/// What has become of a message for many, here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shared {
    /// It is queued.
    Queued,
    /// It cannot be sent now: the session is not open, or in the middle of a fragmented message.
    Impossible,
    /// The queue has no room for it.
    TooSlow,
}

impl Session {
    /// Queues a message that many get, if that is possible.
    pub fn send_shared(&mut self, message: &mut Broadcast, kit: &mut Kit) -> Shared {
        let len = message.data().len();
        if !matches!(&self.phase, Phase::Talking(connection) if connection.may_begin()) {
            return Shared::Impossible;
        }
        if !self.has_room(len) {
            return Shared::TooSlow;
        }
        if !matches!(self.talk(kit, |connection, tools| connection.send_shared(message, tools)), Some(Ok(()))) {
            return Shared::Impossible; // there is no memory for it
        }
        self.counters.messages_out += 1;
        self.counters.bytes_out += len as u64;
        self.active = kit.now;
        Shared::Queued
    }

    /// The queue had no room for a message of `len` bytes that many get: if the settings are so, the session is over.
    /// True if it is. One that no queue would take says nothing about this one.
    pub fn was_too_slow(&mut self, len: usize, kit: &mut Kit) -> bool {
        let slow = self.settings.close_slow && self.can_have_room(len);
        if slow {
            let error = self.queue_full(len, "too slow for what is published");
            self.fail(error, kit);
        }
        slow
    }

    /// Topics that it may subscribe to; an error if it may not subscribe at all now.
    pub fn subscriptions_max(&self) -> Result<u32> {
        match &self.phase {
            _ if self.state() == State::Connecting => Err(not_open(self.state())),
            Phase::Talking(connection) => connection.check_open().map(|()| self.settings.subscriptions_max),
            _ => Err(self.outcome()),
        }
    }
}
