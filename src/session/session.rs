//! The session itself: its phases, and what comes in.

use std::sync::Arc;

use super::deadlines::Deadlines;
use super::notice::{Counters, Heard, Kit, Notice};
use super::opening::{Answering, Deciding};
use super::ping::Pings;
use super::state::State;
use super::terms::Terms;
use super::{NEVER, Queue, Settings, Time};
use crate::error::{Error, Result};
use crate::extension::Tally;
use crate::handshake::{ClientHandshake, ClientRequest, ServerHandshake};
use crate::protocol::{Buffers, Connection, Incoming, MAX_HEADER, Opcode, Outbox, Payload, Plain, Role, Tools};

/// What the session is doing.
#[derive(Debug)]
pub(super) enum Phase {
    /// A client waits for the answer to its request.
    Asking(Box<ClientHandshake>),
    /// A server waits for the request.
    Answering(Box<Answering>),
    /// A server waits for its host's word about the request.
    Deciding(Box<Deciding>),
    /// RFC 6455 from here on.
    Talking(Connection),
    /// The opening handshake failed, for this reason; what we answered may still be on its way.
    Refused(Error),
}

/// One WebSocket, from first byte to last.
#[derive(Debug)]
pub struct Session {
    pub(super) phase: Phase,
    pub(super) role: Role,
    /// The peer has ended its direction, or the transport is gone.
    pub(super) ended: bool,
    /// The peer has ended its direction, and our answer is still on its way.
    pub(super) heard_all: bool,
    /// Pings that came. Of pongs [`Pings`] knows.
    pinged: u32,
    pub(super) settings: Arc<Settings>,
    pub(super) out: Outbox,
    pub(super) deadlines: Deadlines,
    /// Last message in either direction.
    pub(super) active: Time,
    pub(super) pings: Option<Box<Pings>>,
    pub(super) counters: Counters,
}

impl Session {
    /// A client that has a transport and asks for a WebSocket.
    pub fn client(
        settings: Arc<Settings>,
        request: &ClientRequest,
        nonce: [u8; 16],
        open_by: Time,
        kit: &mut Kit,
    ) -> Result<Self> {
        let (handshake, bytes) = ClientHandshake::new(request, nonce);
        let mut session = Self::new(Phase::Asking(Box::new(handshake)), Role::Client, settings, open_by, kit.now);
        session.out.reserve(bytes.len(), kit.buffers)?;
        session.out.push(&bytes);
        Ok(session)
    }

    /// A server that has accepted a transport, and admits its peer before `open_by` or not at all.
    pub fn server(terms: Arc<Terms>, open_by: Time, now: Time) -> Self {
        let settings = Arc::clone(&terms.settings);
        let phase = Phase::Answering(Box::new(Answering { handshake: ServerHandshake::new(), terms }));
        Self::new(phase, Role::Server, settings, open_by, now)
    }

    fn new(phase: Phase, role: Role, settings: Arc<Settings>, open_by: Time, now: Time) -> Self {
        Self {
            phase,
            role,
            ended: false,
            heard_all: false,
            pinged: 0,
            settings,
            out: Outbox::default(),
            deadlines: Deadlines::new(open_by),
            active: now,
            pings: None,
            counters: Counters::default(),
        }
    }

    /// Where it stands.
    pub fn state(&self) -> State {
        match &self.phase {
            _ if self.is_over() => State::Closed,
            Phase::Asking(_) | Phase::Answering(_) | Phase::Deciding(_) => State::Connecting,
            Phase::Talking(connection) if connection.is_open() => State::Open,
            Phase::Talking(_) | Phase::Refused(_) => State::Closing,
        }
    }

    /// The opening handshake was done.
    pub fn was_open(&self) -> bool {
        matches!(self.phase, Phase::Talking(_))
    }

    /// What went through.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// What came beside messages.
    pub fn heard(&self) -> Heard {
        Heard { pings: self.pinged, pongs: self.pings.as_ref().map_or(0, |pings| pings.pongs) }
    }

    /// Last round trip in microseconds; 0 before the first.
    pub fn rtt(&self) -> Time {
        self.pings.as_ref().map_or(0, |pings| pings.rtt)
    }

    /// What went through compressed.
    pub fn tally(&self) -> Tally {
        match &self.phase {
            Phase::Talking(connection) => connection.tally(),
            _ => Tally::default(),
        }
    }

    /// The send queue, to be looked at.
    pub fn out(&self) -> &Outbox {
        &self.out
    }

    /// Runs `act` on the open connection with its tools; `None` in every other phase.
    #[inline(always)]
    pub(super) fn talk<T>(&mut self, kit: &mut Kit, act: impl FnOnce(&mut Connection, &mut Tools) -> T) -> Option<T> {
        let Phase::Talking(connection) = &mut self.phase else { return None };
        let mut tools = tools(&self.settings, &mut self.out, kit);
        Some(act(connection, &mut tools))
    }

    /// `len` bytes have come from the peer; said once a read, before [`Session::receive`].
    pub fn arrived(&mut self, len: usize) {
        self.counters.wire_in += len as u64;
    }

    /// So much has come and left on the way here, before there was a session.
    pub fn came_by(&mut self, came: usize, left: u64) {
        self.arrived(came);
        self.out.passed_by(left as usize);
    }

    /// Takes one step through `input`, whose first `at` bytes have been taken before; to be called until all
    /// of it has been taken. `None`: this step holds nothing for the host.
    #[inline(always)]
    pub fn receive<'a>(&mut self, input: &'a mut [u8], at: &mut usize, kit: &mut Kit) -> Option<Notice<'a>> {
        let Phase::Talking(connection) = &mut self.phase else {
            return self.open(&input[*at..], at, kit);
        };
        let mut tools = tools(&self.settings, &mut self.out, kit);
        match connection.receive(input, at, &mut tools) {
            Some(incoming) => self.notice(incoming, kit),
            None => {
                self.watch_frame(kit.now);
                None
            }
        }
    }

    /// Plain messages may be taken with [`Session::receive_plain`] as long as nothing else is.
    #[inline(always)]
    pub fn takes_plain(&self) -> Option<Plain> {
        let Phase::Talking(connection) = &self.phase else { return None };
        let beats = self.deadlines.beat() != NEVER; // then any message may be an answer
        if beats { None } else { connection.plain(&self.settings.limits) }
    }

    /// The same if there is nothing else to do: nothing waits to be sent or told, and neither side has begun to close.
    #[inline(always)]
    pub fn usual(&self) -> Option<Plain> {
        if self.out.is_idle() && self.is_usual() { self.takes_plain() } else { None }
    }

    /// What waits to be sent lies in one piece, and nobody wants to be told when it has left; neither side has begun to
    /// close.
    #[inline(always)]
    pub fn has_usual_queue(&self) -> bool {
        self.out.is_simple() && self.is_usual()
    }

    #[inline(always)]
    fn is_usual(&self) -> bool {
        match &self.phase {
            Phase::Talking(connection) => connection.is_usual() && !self.ended,
            _ => false,
        }
    }

    /// Takes plain messages from `input`, one after the other, and hands each to `take`, until that wants no more. What
    /// comes behind them, plain or not, is for [`Session::receive`]. How many there were.
    #[inline(never)]
    pub fn receive_plain(
        &mut self,
        plain: Plain,
        input: &mut [u8],
        at: &mut usize,
        now: Time,
        mut take: impl FnMut(Opcode, &[u8]) -> bool,
    ) -> u64 {
        let (mut messages, mut bytes) = (0, 0);
        plain.receive(input, at, |opcode, payload| {
            messages += 1;
            bytes += payload.len() as u64;
            take(opcode, payload)
        });
        if messages > 0 {
            self.counters.messages_in += messages;
            self.counters.bytes_in += bytes;
            self.active = now;
        }
        messages
    }

    /// Where the rest of a large message can be read to directly, `most` bytes at the most.
    pub fn direct(&mut self, most: usize, kit: &mut Kit) -> Option<&mut [u8]> {
        let Phase::Talking(connection) = &mut self.phase else { return None };
        let mut tools = tools(&self.settings, &mut self.out, kit);
        connection.direct(most, &mut tools)
    }

    /// `len` bytes were read to where [`Session::direct`] said.
    pub fn advance(&mut self, len: usize, kit: &mut Kit) -> Option<Notice<'static>> {
        match self.talk(kit, |connection, tools| connection.advance(len, tools))? {
            Some(incoming) => self.notice(incoming, kit),
            None => {
                self.watch_frame(kit.now);
                None
            }
        }
    }

    /// Counts what came in and keeps what is not for the host.
    #[inline(always)]
    fn notice<'a>(&mut self, incoming: Incoming<'a>, kit: &mut Kit) -> Option<Notice<'a>> {
        self.watch_no_frame(); // a frame is complete, and of the next not a byte was looked at
        match incoming {
            Incoming::Message(opcode, payload) => {
                if self.is_for_nobody(&payload, None, kit.now) {
                    return give_back(payload, kit);
                }
                Some(Notice::Message(opcode, payload))
            }
            Incoming::Fragment(opcode, fin, payload) => {
                if self.is_for_nobody(&payload, Some(fin), kit.now) {
                    return give_back(payload, kit);
                }
                Some(Notice::Fragment(opcode, fin, payload))
            }
            Incoming::Ping(payload) => {
                self.pinged = self.pinged.saturating_add(1);
                self.settings.deliver_pings.then_some(Notice::Ping(payload))
            }
            Incoming::Pong(payload) => self.pong(payload, kit.now),
        }
    }

    /// Counts a message, or a fragment, of which `fin` says whether it is the last. True if it only answers a heartbeat.
    #[inline(always)]
    fn is_for_nobody(&mut self, payload: &Payload, fin: Option<bool>, now: Time) -> bool {
        self.counters.bytes_in += payload.bytes().len() as u64;
        self.counters.messages_in += 1;
        if self.deadlines.beat() != NEVER && self.is_answer(payload.bytes(), fin, now) {
            return true;
        }
        self.active = now;
        false
    }

    /// A pong: ends the keepalive's wait, and is for the host if it answers the host's ping or all are wanted.
    fn pong<'a>(&mut self, payload: Payload<'a>, now: Time) -> Option<Notice<'a>> {
        let pings = self.pings.get_or_insert_default();
        let answer = pings.answered(payload.bytes(), now);
        if !pings.keepalive_waits() {
            self.deadlines.stop(|others| others.pong = NEVER);
        }
        if let Some(answer) = answer {
            if let Some(token) = answer.token {
                return Some(Notice::Pong(payload, token, answer.rtt));
            }
        }
        self.settings.deliver_pings.then_some(Notice::Pong(payload, 0, 0))
    }

    /// What of it may wait for the host.
    pub fn queue_limits(&self) -> &Queue {
        &self.settings.queue
    }

    /// The peer may be read from: what it makes us send has room to wait in, and nobody has to decide on it first.
    pub fn wants_read(&self) -> bool {
        (self.out.len() as u64) < self.settings.send_queue_max && !self.is_asked()
    }

    /// The kernel took `len` bytes of the queue and, if `blocked`, wants no more for now.
    pub fn wrote(&mut self, len: usize, blocked: bool, kit: &mut Kit) {
        self.out.wrote(len, blocked);
        self.watch_queue(len > 0, kit);
    }

    /// The kernel took all of a usual queue.
    #[inline(always)]
    pub fn wrote_all(&mut self, buffers: &mut Buffers) {
        self.out.left_whole(buffers);
        self.deadlines.stop(|others| others.send = NEVER);
    }

    /// Nothing of the queue has left, but if `some`, bytes of what it became have: the peer is not dead, only slow.
    pub fn goes_on_sending(&mut self, some: bool, kit: &mut Kit) {
        self.watch_queue(some, kit);
    }

    /// The send deadline runs while something waits, and anew whenever something has left.
    pub(super) fn watch_queue(&mut self, has_left: bool, kit: &mut Kit) {
        if self.out.is_empty() {
            self.deadlines.stop(|others| others.send = NEVER);
            self.out.shelve(kit.buffers);
        } else if has_left || self.deadlines.others().send == NEVER {
            let leave_by = kit.now.saturating_add(self.settings.timers.send);
            self.deadlines.set(|others| others.send = leave_by);
        }
    }

    /// The kernel has room again.
    pub fn unblock(&mut self, kit: &mut Kit) {
        self.out.unblock();
        if !self.wants_read() {
            self.watch_frame_anew(false, kit.now); // until now it was us who did not read
        }
        self.talk(kit, |connection, tools| connection.send_waiting_pong(tools));
    }

    /// Puts a frame into the queue.
    pub(super) fn queue(&mut self, opcode: Opcode, more: bool, data: &[u8], kit: &mut Kit) -> Result<()> {
        self.talk(kit, |connection, tools| {
            let header = connection.prepare(opcode, more, data, tools.masks)?;
            tools.out.reserve(data.len() + MAX_HEADER, tools.buffers)?;
            connection.commit(&header, data, data, tools.out);
            Ok(())
        })
        .unwrap_or(Ok(()))
    }
}

/// Nothing for the host: the memory goes back.
#[cold]
#[inline(never)]
fn give_back<'a>(payload: Payload, kit: &mut Kit) -> Option<Notice<'a>> {
    if let Payload::Buffered(buffer) | Payload::Inflated(buffer) = payload {
        kit.buffers.put_message(buffer);
    }
    None
}

/// What the connection works with: all of it borrowed, here and from the engine.
#[inline(always)]
fn tools<'a>(settings: &'a Settings, out: &'a mut Outbox, kit: &'a mut Kit) -> Tools<'a> {
    let Settings { limits, auto_pong, .. } = settings;
    Tools { limits, auto_pong: *auto_pong, out, buffers: kit.buffers, masks: kit.masks }
}
