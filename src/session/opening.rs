//! The opening handshake as a phase of the session.

use super::notice::Kit;
use super::session::{Phase, Session};
use super::{NEVER, Time};
use crate::error::Error;
use crate::extension::Coding;
use crate::handshake::{self, ClientProgress, Handshake, ServerProgress};
use crate::protocol::{Connection, Role};

impl Session {
    /// The opening handshake's next bytes.
    pub(super) fn open(&mut self, input: &[u8], at: &mut usize, kit: &mut Kit) -> Option<Box<Handshake>> {
        let (consumed, handshake) = match &mut self.phase {
            Phase::Asking(asking) => match asking.receive(input) {
                Ok(ClientProgress::Open { consumed, handshake }) => (consumed, handshake),
                Ok(ClientProgress::NeedMore) => return self.take_all(input, at),
                Err(error) => {
                    self.refuse(error, kit.now);
                    return self.take_all(input, at);
                }
            },
            Phase::Answering(answering) => match answering.0.receive(&answering.1, input) {
                ServerProgress::Open { consumed, reply, handshake } => match self.say(&reply, kit) {
                    true => (consumed, handshake),
                    false => return self.take_all(input, at),
                },
                ServerProgress::NeedMore => return self.take_all(input, at),
                ServerProgress::Refused { reply, error } => {
                    self.say(&reply, kit);
                    self.refuse(error, kit.now);
                    return self.take_all(input, at);
                }
            },
            Phase::Talking(_) | Phase::Refused => return self.take_all(input, at),
        };
        *at += consumed;
        self.phase = Phase::Talking(Connection::new(self.role, handshake.agreed.map(Coding::new)));
        self.deadlines.phase = NEVER;
        self.deadlines.ping = kit.now.saturating_add(self.settings.timers.ping_interval);
        self.active = kit.now;
        Some(Box::new(handshake))
    }

    fn take_all<T>(&self, input: &[u8], at: &mut usize) -> Option<T> {
        *at += input.len();
        None
    }

    /// Queues bytes of the opening handshake; without memory for them (false) the peer hears nothing, but
    /// we end.
    pub(super) fn say(&mut self, bytes: &[u8], kit: &mut Kit) -> bool {
        match self.out.reserve(bytes.len(), kit.buffers) {
            Ok(()) => {
                self.out.push(bytes);
                true
            }
            Err(error) => {
                self.refuse(error, kit.now);
                false
            }
        }
    }

    /// The opening handshake has failed. A client has nothing left to say; a server's answer must arrive.
    pub(super) fn refuse(&mut self, error: Error, now: Time) {
        self.refusal.get_or_insert(error);
        self.phase = Phase::Refused;
        self.ended |= self.role == Role::Client;
        self.deadlines.phase = now.saturating_add(self.settings.timers.close);
    }

    /// A server that has no room, or is going away: says so without having read the request.
    pub fn turn_away(&mut self, error: Error, kit: &mut Kit) {
        if let Phase::Answering(answering) = &self.phase {
            let reply = handshake::turned_away(&answering.1, &error);
            self.say(&reply, kit);
        }
        self.refuse(error, kit.now);
    }
}
