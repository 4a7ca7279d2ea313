//! How a session ends: by a closing handshake, a broken rule, a broken transport, or before it was open.

use super::deadlines::Others;
use super::notice::Kit;
use super::session::{Phase, Session};
use super::state::Fate;
use super::{NEVER, Time};
use crate::error::{Error, Operation, Status};
use crate::protocol::{Buffers, Role};

impl Session {
    /// From here on the closing deadline runs, whoever is or is not reading.
    pub(super) fn begin_closing(&mut self, now: Time) {
        if self.deadlines.others().phase == NEVER {
            let (phase, beat) = (now.saturating_add(self.settings.timers.close), self.last_beat());
            self.watch_no_frame();
            self.deadlines.ping = NEVER;
            self.deadlines.set(|others| *others = Others { phase, beat, send: others.send, ..Others::NONE });
        }
    }

    /// The peer has closed, or broken the rules, and [`Session::conclude`] is to be called: once the host has had
    /// the chance to answer what came before.
    pub fn must_conclude(&self) -> bool {
        matches!(&self.phase, Phase::Talking(connection) if connection.must_conclude())
    }

    /// Answers the peer's Close, or tells it why it is cut off.
    pub fn conclude(&mut self, kit: &mut Kit) {
        if self.must_conclude() {
            self.talk(kit, |connection, tools| connection.conclude(tools));
            self.begin_closing(kit.now);
        }
    }

    /// The peer has ended its direction.
    pub fn eof(&mut self, kit: &mut Kit) {
        self.conclude(kit);
        match &mut self.phase {
            Phase::Asking(asking) => {
                let error = asking.eof();
                self.refuse(error, kit.now);
            }
            Phase::Answering(answering) => {
                let error = answering.handshake.eof();
                self.refuse(error, kit.now);
            }
            Phase::Deciding(_) => {
                let error = Error::new(Status::UNEXPECTED_EOF, "the client left before its request was decided");
                self.refuse(error.during(Operation::Handshake), kit.now);
            }
            Phase::Talking(connection) if connection.close_is_complete() => {}
            Phase::Talking(connection) => {
                let error = Error::new(Status::UNEXPECTED_EOF, "").during(Operation::Receive);
                connection.fail_silently(error, kit.buffers);
            }
            // Who has nothing more to say may still listen.
            Phase::Refused(_) if !self.out.is_empty() => return self.heard_all = true,
            Phase::Refused(_) => {}
        }
        self.gone(kit.buffers);
    }

    /// The transport broke, or the host wants no more of it.
    pub fn broken(&mut self, error: Error, kit: &mut Kit) {
        self.conclude(kit);
        match &mut self.phase {
            Phase::Talking(connection) if connection.close_is_complete() => {}
            Phase::Talking(connection) => connection.fail_silently(error, kit.buffers),
            _ => self.refuse(error, kit.now),
        }
        self.gone(kit.buffers);
    }

    /// Breaks the conversation off with a Close frame.
    pub fn fail(&mut self, error: Error, kit: &mut Kit) {
        self.conclude(kit);
        self.talk(kit, |connection, tools| connection.fail(error, tools));
        self.begin_closing(kit.now);
    }

    /// Nobody will take what waits to be sent.
    pub fn discard_queue(&mut self, buffers: &mut Buffers) {
        self.out.discard(buffers);
        self.deadlines.stop(|others| others.send = NEVER);
    }

    pub(super) fn gone(&mut self, buffers: &mut Buffers) {
        self.ended = true;
        self.out.discard(buffers);
    }

    /// Nothing more will happen.
    pub fn is_over(&self) -> bool {
        let Phase::Talking(connection) = &self.phase else {
            return self.ended || (self.heard_all && self.out.is_empty());
        };
        // RFC 6455 §7.1.1: the server closes TCP first, as soon as both Close frames have passed.
        let server_is_done = self.role == Role::Server && connection.close_is_complete() && self.out.is_empty();
        self.ended || server_is_done
    }

    /// What is to be done with the transport.
    pub fn fate(&self) -> Fate {
        if self.is_over() {
            return Fate::Drop;
        }
        let said_all = match &self.phase {
            Phase::Talking(connection) => self.role == Role::Server && connection.has_failed(),
            Phase::Refused(_) => true,
            _ => false,
        };
        if said_all && self.out.is_empty() { Fate::HalfClose } else { Fate::Keep }
    }

    /// How it ended: CLOSED_OK or CLOSED_ERROR if it was open, else why it did not open.
    pub fn outcome(&self) -> Error {
        let error = match &self.phase {
            Phase::Talking(connection) => connection.verdict(),
            Phase::Refused(error) => error.clone(),
            _ => Error::new(Status::CONNECTION_CLOSED, ""),
        };
        error.with(|e| e.state = self.state().bit())
    }
}
