//! The opening handshake as a phase of the session.

use std::sync::Arc;

use super::notice::{Kit, Notice};
use super::session::{Phase, Session};
use super::terms::Terms;
use super::{NEVER, Time};
use crate::error::{Error, Operation, Result, Status};
use crate::extension::Coding;
use crate::handshake::{self, Asked, ClientProgress, Grant, Handshake, Response, ServerHandshake, ServerProgress};
use crate::protocol::{Connection, Role};

/// A server that waits for its request.
#[derive(Debug)]
pub(super) struct Answering {
    pub handshake: ServerHandshake,
    pub terms: Arc<Terms>,
}

/// A server that has a request, and waits for its host.
#[derive(Debug)]
pub(super) struct Deciding {
    pub asked: Asked,
    terms: Arc<Terms>,
}

impl Session {
    /// The opening handshake's next bytes.
    pub(super) fn open(&mut self, input: &[u8], at: &mut usize, kit: &mut Kit) -> Option<Notice<'static>> {
        match &mut self.phase {
            Phase::Asking(asking) => match asking.receive(input) {
                Ok(ClientProgress::Open { consumed, handshake }) => {
                    *at += consumed;
                    return Some(self.begin_talking(handshake.into(), kit.now));
                }
                Ok(ClientProgress::NeedMore) => {}
                Err(error) => self.refuse(error, kit.now),
            },
            Phase::Answering(answering) => match answering.handshake.receive(&answering.terms.site, input) {
                ServerProgress::Open { consumed, reply, handshake } => {
                    self.settings = Arc::clone(answering.terms.settings_for(&handshake));
                    if self.say(&reply, kit) {
                        *at += consumed;
                        return Some(self.begin_talking(handshake.into(), kit.now));
                    }
                }
                ServerProgress::Asked { consumed, asked } => {
                    *at += consumed;
                    let handshake = Box::new(asked.handshake().clone());
                    let websocket = asked.is_websocket();
                    let terms = Arc::clone(&answering.terms);
                    self.phase = Phase::Deciding(Box::new(Deciding { asked, terms }));
                    return Some(Notice::Asked(handshake, websocket));
                }
                ServerProgress::Answered { reply, error } => {
                    self.say(&reply, kit);
                    self.refuse(error, kit.now);
                    *at += input.len();
                    return Some(Notice::Answered);
                }
                ServerProgress::Refused { reply, error } => {
                    self.say(&reply, kit);
                    self.refuse(error, kit.now);
                }
                ServerProgress::NeedMore => {}
            },
            Phase::Deciding(_) | Phase::Talking(_) | Phase::Refused(_) => {}
        }
        *at += input.len();
        None
    }

    fn begin_talking(&mut self, handshake: Box<Handshake>, now: Time) -> Notice<'static> {
        self.phase = Phase::Talking(Connection::new(self.role, handshake.agreed.map(Coding::new)));
        self.deadlines.stop(|others| others.phase = NEVER);
        self.deadlines.ping = now.saturating_add(self.settings.timers.ping_interval);
        self.begin_heartbeat(now);
        self.active = now;
        Notice::Open(handshake)
    }

    /// The host is to decide on the request. Until it has, what its peer sends is to wait.
    pub fn is_asked(&self) -> bool {
        matches!(self.phase, Phase::Deciding(_))
    }

    /// The host grants the request, and the connection is open; or an error, and nothing has changed.
    pub fn grant(&mut self, grant: &Grant, kit: &mut Kit) -> Result<Box<Handshake>> {
        let Phase::Deciding(deciding) = &self.phase else { return Err(not_asked()) };
        let (reply, handshake) = deciding.asked.grant(grant)?;
        let settings = Arc::clone(deciding.terms.settings_for(&handshake));
        self.out.reserve(reply.len(), kit.buffers)?;
        self.out.push(&reply);
        self.settings = settings;
        self.begin_talking(handshake.clone(), kit.now);
        Ok(handshake)
    }

    /// The host answers the request with a response, and the connection is over when that has left.
    pub fn answer(&mut self, response: &Response, kit: &mut Kit) -> Result<()> {
        let Phase::Deciding(deciding) = &self.phase else { return Err(not_asked()) };
        let (reply, error) = deciding.asked.answer(response);
        self.out.reserve(reply.len(), kit.buffers)?;
        self.out.push(&reply);
        self.refuse(error.during(Operation::Handshake), kit.now);
        Ok(())
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
        if !matches!(self.phase, Phase::Refused(_)) {
            self.phase = Phase::Refused(error);
        }
        self.ended |= self.role == Role::Client;
        let end = now.saturating_add(self.settings.timers.close);
        self.deadlines.set(|others| others.phase = end);
    }

    /// A server that has no room, or is going away: says so, whether or not it has read the request.
    pub fn turn_away(&mut self, error: Error, kit: &mut Kit) {
        let reply = match &self.phase {
            Phase::Answering(answering) => handshake::turned_away(&answering.terms.site.policy, &error),
            Phase::Deciding(deciding) => handshake::turned_away(deciding.asked.policy(), &error),
            _ => Vec::new(),
        };
        self.say(&reply, kit);
        self.refuse(error, kit.now);
    }
}

#[cold]
fn not_asked() -> Error {
    Error::new(Status::INVALID_HANDLE, "this request is decided, or its peer has left")
}
