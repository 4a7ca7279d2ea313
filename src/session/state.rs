//! The session itself: which phase it is in, what comes in, and how it ends.

use std::sync::Arc;

use super::ping::Pings;
use super::{NEVER, Settings, Time};
use crate::error::{Error, Operation, Result, Status};
use crate::handshake::{self, ClientHandshake, ClientProgress, ClientRequest, Handshake};
use crate::handshake::{ServerHandshake, ServerPolicy, ServerProgress};
use crate::protocol::{Buffers, Connection, Incoming, MAX_HEADER, MaskSource, Opcode, Outbox, Payload, Role, Tools};

/// Where a session stands, as hosts see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum State {
    /// The opening handshake is not done.
    Connecting = 0,
    /// Messages may be sent.
    Open = 1,
    /// The closing handshake has begun, or the connection broke.
    Closing = 2,
    /// It is over.
    Closed = 3,
}

impl State {
    /// As a bit of the masks in errors.
    pub fn bit(self) -> u32 {
        1 << self as u32
    }
}

/// What is to be done with the transport.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Read and write as usual.
    Keep,
    /// All has been said: end the writing direction and read on until the peer ends too, so that what was
    /// said last is not lost to a reset.
    HalfClose,
    /// It is over: close the transport.
    Drop,
}

/// Something for the host.
#[derive(Debug)]
pub enum Notice<'a> {
    /// The opening handshake is done.
    Open(Box<Handshake>),
    /// A whole message.
    Message(Opcode, Payload<'a>),
    /// One frame of a message; true on its last.
    Fragment(Opcode, bool, Payload<'a>),
    /// A ping, if such are to be delivered.
    Ping(Payload<'a>),
    /// A pong; with the token and round trip if it answers a ping of the host's.
    Pong(Payload<'a>, u64, Time),
}

/// What every session of an engine shares.
pub struct Kit<'a> {
    /// Memory.
    pub buffers: &'a mut Buffers,
    /// Masking keys.
    pub masks: &'a mut dyn MaskSource,
    /// The time.
    pub now: Time,
}

/// What went through a session.
#[derive(Debug, Default, Clone, Copy)]
pub struct Counters {
    /// Payload of messages received.
    pub bytes_in: u64,
    /// Payload of messages sent.
    pub bytes_out: u64,
    /// Everything received.
    pub wire_in: u64,
    /// Messages (or delivered fragments) received.
    pub messages_in: u64,
    /// Messages (or fragments) sent.
    pub messages_out: u64,
    /// Pings received.
    pub pings: u32,
    /// Pongs received.
    pub pongs: u32,
    /// Last round trip in microseconds.
    pub rtt: u64,
}

#[derive(Debug)]
enum Phase {
    /// A client waits for the answer to its request.
    Asking(Box<ClientHandshake>),
    /// A server waits for the request.
    Answering(Box<(ServerHandshake, Arc<ServerPolicy>)>),
    /// RFC 6455 from here on.
    Talking(Connection),
    /// The opening handshake failed; what we answered may still be on its way.
    Refused,
}

/// The deadlines that are running.
#[derive(Debug)]
struct Deadlines {
    /// The end of the phase: opening, or closing once that has begun.
    phase: Time,
    ping: Time,
    pong: Time,
    send: Time,
}

/// One WebSocket, from first byte to last.
#[derive(Debug)]
pub struct Session {
    phase: Phase,
    pub(super) role: Role,
    /// The peer has ended its direction, or the transport is gone.
    ended: bool,
    /// A send was refused: say so when there is room again.
    pub(super) refused: bool,
    pub(super) settings: Arc<Settings>,
    pub(super) out: Outbox,
    deadlines: Deadlines,
    /// Last message in either direction.
    pub(super) active: Time,
    pub(super) pings: Option<Box<Pings>>,
    pub(super) counters: Counters,
    /// Why the opening handshake failed.
    refusal: Option<Error>,
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

    /// A server that has accepted a transport.
    pub fn server(settings: Arc<Settings>, policy: Arc<ServerPolicy>, now: Time) -> Self {
        let open_by = now.saturating_add(settings.timers.open);
        let phase = Phase::Answering(Box::new((ServerHandshake::new(), policy)));
        Self::new(phase, Role::Server, settings, open_by, now)
    }

    fn new(phase: Phase, role: Role, settings: Arc<Settings>, open_by: Time, now: Time) -> Self {
        Self {
            phase,
            role,
            ended: false,
            refused: false,
            settings,
            out: Outbox::default(),
            deadlines: Deadlines { phase: open_by, ping: NEVER, pong: NEVER, send: NEVER },
            active: now,
            pings: None,
            counters: Counters::default(),
            refusal: None,
        }
    }

    /// Where it stands.
    pub fn state(&self) -> State {
        match &self.phase {
            _ if self.is_over() => State::Closed,
            Phase::Asking(_) | Phase::Answering(_) => State::Connecting,
            Phase::Talking(connection) if connection.is_open() => State::Open,
            Phase::Talking(_) | Phase::Refused => State::Closing,
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

    /// The send queue, to be looked at.
    pub fn out(&self) -> &Outbox {
        &self.out
    }

    /// The settings it was made with.
    pub fn settings(&self) -> &Arc<Settings> {
        &self.settings
    }

    /// Runs `act` on the open connection with its tools; `None` in every other phase.
    pub(super) fn talk<T>(&mut self, kit: &mut Kit, act: impl FnOnce(&mut Connection, &mut Tools) -> T) -> Option<T> {
        let Phase::Talking(connection) = &mut self.phase else { return None };
        let mut tools = Tools {
            limits: &self.settings.limits,
            auto_pong: self.settings.auto_pong,
            out: &mut self.out,
            buffers: kit.buffers,
            masks: kit.masks,
        };
        Some(act(connection, &mut tools))
    }

    /// `len` bytes have come from the peer; said once a read, before [`Session::receive`].
    pub fn arrived(&mut self, len: usize) {
        self.counters.wire_in += len as u64;
    }

    /// Takes one step through `input`, whose first `at` bytes have been taken before; to be called until all
    /// of it has been taken. `None`: this step holds nothing for the host.
    #[inline]
    pub fn receive<'a>(&mut self, input: &'a mut [u8], at: &mut usize, kit: &mut Kit) -> Option<Notice<'a>> {
        let Phase::Talking(connection) = &mut self.phase else {
            return self.open(&input[*at..], at, kit).map(Notice::Open);
        };
        let mut tools = Tools {
            limits: &self.settings.limits,
            auto_pong: self.settings.auto_pong,
            out: &mut self.out,
            buffers: kit.buffers,
            masks: kit.masks,
        };
        let incoming = connection.receive(input, at, &mut tools)?;
        self.notice(incoming, kit)
    }

    /// Where the rest of a large message can be read to directly, `most` bytes at the most.
    pub fn direct(&mut self, most: usize, kit: &mut Kit) -> Option<&mut [u8]> {
        let Phase::Talking(connection) = &mut self.phase else { return None };
        let mut tools = Tools {
            limits: &self.settings.limits,
            auto_pong: self.settings.auto_pong,
            out: &mut self.out,
            buffers: kit.buffers,
            masks: kit.masks,
        };
        connection.direct(most, &mut tools)
    }

    /// `len` bytes were read to where [`Session::direct`] said.
    pub fn advance(&mut self, len: usize, kit: &mut Kit) -> Option<Notice<'static>> {
        let incoming = self.talk(kit, |connection, tools| connection.advance(len, tools))??;
        self.notice(incoming, kit)
    }

    /// Counts what came in and keeps what is not for the host.
    #[inline]
    fn notice<'a>(&mut self, incoming: Incoming<'a>, kit: &mut Kit) -> Option<Notice<'a>> {
        match incoming {
            Incoming::Message(opcode, payload) => {
                self.count_message(&payload, kit.now);
                Some(Notice::Message(opcode, payload))
            }
            Incoming::Fragment(opcode, fin, payload) => {
                self.count_message(&payload, kit.now);
                Some(Notice::Fragment(opcode, fin, payload))
            }
            Incoming::Ping(payload) => {
                self.counters.pings += 1;
                self.settings.deliver_pings.then_some(Notice::Ping(payload))
            }
            Incoming::Pong(payload) => self.pong(payload, kit.now),
        }
    }

    #[inline]
    fn count_message(&mut self, payload: &Payload, now: Time) {
        self.counters.bytes_in += payload.bytes().len() as u64;
        self.counters.messages_in += 1;
        self.active = now;
    }

    /// A pong: ends the keepalive's wait, and is for the host if it answers the host's ping or all are wanted.
    fn pong<'a>(&mut self, payload: Payload<'a>, now: Time) -> Option<Notice<'a>> {
        self.counters.pongs += 1;
        let mut pings = self.pings.take();
        let answer = pings.as_mut().and_then(|pings| pings.answered(payload.bytes(), now));
        if !pings.as_ref().is_some_and(|pings| pings.keepalive_waits()) {
            self.deadlines.pong = NEVER;
        }
        self.pings = pings;
        if let Some(answer) = answer {
            self.counters.rtt = answer.rtt;
            if let Some(token) = answer.token {
                return Some(Notice::Pong(payload, token, answer.rtt));
            }
        }
        self.settings.deliver_pings.then_some(Notice::Pong(payload, 0, 0))
    }

    /// The opening handshake's next bytes.
    fn open(&mut self, input: &[u8], at: &mut usize, kit: &mut Kit) -> Option<Box<Handshake>> {
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
                ServerProgress::Open { consumed, reply, handshake } => {
                    self.say(&reply, kit);
                    (consumed, handshake)
                }
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
        self.phase = Phase::Talking(Connection::new(self.role));
        self.deadlines.phase = NEVER;
        self.deadlines.ping = kit.now.saturating_add(self.settings.timers.ping_interval);
        self.active = kit.now;
        Some(Box::new(handshake))
    }

    fn take_all<T>(&self, input: &[u8], at: &mut usize) -> Option<T> {
        *at += input.len();
        None
    }

    /// Queues bytes of the opening handshake; without memory for them the peer hears nothing, but we end.
    fn say(&mut self, bytes: &[u8], kit: &mut Kit) {
        match self.out.reserve(bytes.len(), kit.buffers) {
            Ok(()) => self.out.push(bytes),
            Err(error) => self.refuse(error, kit.now),
        }
    }

    /// The opening handshake has failed. A client has nothing left to say; a server's answer must arrive.
    fn refuse(&mut self, error: Error, now: Time) {
        self.refusal.get_or_insert(error);
        self.phase = Phase::Refused;
        self.ended |= self.role == Role::Client;
        self.deadlines.phase = now.saturating_add(self.settings.timers.close);
    }

    /// A server that has no room: answers 503 without having read the request.
    pub fn turn_away(&mut self, error: Error, kit: &mut Kit) {
        if let Phase::Answering(answering) = &self.phase {
            let reply = handshake::busy(&answering.1);
            self.say(&reply, kit);
        }
        self.refuse(error, kit.now);
    }

    /// From here on the closing deadline runs, whoever is or is not reading.
    pub(super) fn begin_closing(&mut self, now: Time) {
        if self.deadlines.phase == NEVER {
            self.deadlines = Deadlines {
                phase: now.saturating_add(self.settings.timers.close),
                ping: NEVER,
                pong: NEVER,
                ..self.deadlines
            };
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
                let error = answering.0.eof();
                self.refuse(error, kit.now);
            }
            Phase::Talking(connection) if connection.close_is_complete() => {}
            Phase::Talking(connection) => {
                let error = Error::new(Status::UNEXPECTED_EOF, "").during(Operation::Receive);
                connection.fail_silently(error, kit.buffers);
            }
            Phase::Refused => {}
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

    fn gone(&mut self, buffers: &mut Buffers) {
        self.ended = true;
        self.out.discard(buffers);
    }

    /// Nothing more will happen.
    pub fn is_over(&self) -> bool {
        let Phase::Talking(connection) = &self.phase else { return self.ended };
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
            Phase::Refused => true,
            _ => false,
        };
        if said_all && self.out.is_empty() { Fate::HalfClose } else { Fate::Keep }
    }

    /// How it ended: CLOSED_OK or CLOSED_ERROR if it was open, else why it did not open.
    pub fn outcome(&self) -> Error {
        let error = match (&self.phase, &self.refusal) {
            (Phase::Talking(connection), _) => connection.verdict(),
            (_, Some(error)) => error.clone(),
            (_, None) => Error::new(Status::CONNECTION_CLOSED, ""),
        };
        error.with(|e| e.state = self.state().bit())
    }

    /// The peer may be read from: what it makes us send has room to wait in.
    pub fn wants_read(&self) -> bool {
        (self.out.len() as u64) < self.settings.send_queue_max
    }

    /// The kernel took `len` bytes of the queue and, if `blocked`, wants no more for now.
    pub fn wrote(&mut self, len: usize, blocked: bool, kit: &mut Kit) {
        let began = self.deadlines.send == NEVER;
        self.out.wrote(len, blocked);
        if self.out.is_empty() {
            self.deadlines.send = NEVER;
            self.out.shelve(kit.buffers);
        } else if began || len > 0 {
            self.deadlines.send = kit.now.saturating_add(self.settings.timers.send);
        }
    }

    /// The kernel has room again.
    pub fn unblock(&mut self, kit: &mut Kit) {
        self.out.unblock();
        self.talk(kit, |connection, tools| connection.send_waiting_pong(tools));
    }

    /// When [`Session::tick`] wants to be called.
    pub fn next_deadline(&self) -> Time {
        let Deadlines { phase, ping, pong, send } = self.deadlines;
        let idle = if self.state() == State::Open { self.idle_by() } else { NEVER };
        phase.min(ping).min(pong).min(send).min(idle)
    }

    fn idle_by(&self) -> Time {
        self.active.saturating_add(self.settings.timers.idle)
    }

    /// Time has passed: ends what took too long, sends the keepalive.
    pub fn tick(&mut self, kit: &mut Kit) {
        let now = kit.now;
        if self.deadlines.phase <= now {
            return self.phase_is_over(kit);
        }
        let timers = &self.settings.timers;
        if self.deadlines.pong <= now {
            let error = timeout(Status::PING_TIMEOUT, "keepalive ping timeout", Operation::Ping, timers.ping_timeout);
            return self.fail(error, kit);
        }
        if self.deadlines.send <= now {
            let error = timeout(Status::SEND_TIMEOUT, "nothing left the send queue", Operation::Send, timers.send);
            return self.broken(error, kit);
        }
        if self.state() == State::Open && self.idle_by() <= now {
            let error = timeout(Status::IDLE_TIMEOUT, "no message in either direction", Operation::Idle, timers.idle);
            return self.fail(error, kit);
        }
        if self.deadlines.ping <= now {
            self.keepalive(kit);
        }
    }

    /// The opening or closing handshake took too long.
    fn phase_is_over(&mut self, kit: &mut Kit) {
        let timers = &self.settings.timers;
        let open = timeout(Status::HANDSHAKE_TIMEOUT, "", Operation::Handshake, timers.open);
        let close = timeout(Status::CLOSE_TIMEOUT, "", Operation::Close, timers.close);
        self.deadlines.phase = NEVER;
        match &self.phase {
            Phase::Asking(asking) => {
                let error = asking.timed_out().unwrap_or(open);
                self.refuse(error, kit.now);
            }
            Phase::Answering(answering) => {
                let reply = handshake::timed_out_reply(&answering.1);
                self.say(&reply, kit);
                self.refuse(open.with(|e| e.http_status = 408), kit.now);
            }
            Phase::Talking(_) => {
                self.talk(kit, |connection, tools| connection.fail_silently(close, tools.buffers));
                self.gone(kit.buffers);
            }
            Phase::Refused => self.gone(kit.buffers),
        }
    }

    /// Breaks the conversation off with a Close frame.
    pub fn fail(&mut self, error: Error, kit: &mut Kit) {
        self.conclude(kit);
        self.talk(kit, |connection, tools| connection.fail(error, tools));
        self.begin_closing(kit.now);
    }

    /// While the host takes nothing, no pong can be seen: the keepalive rests, and begins anew afterwards.
    pub fn hold_keepalive(&mut self, hold: bool, now: Time) {
        if self.state() == State::Open {
            self.deadlines.pong = NEVER;
            self.deadlines.ping = if hold { NEVER } else { now.saturating_add(self.settings.timers.ping_interval) };
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
        pings.sent(&payload, None, kit.now);
        self.deadlines.pong = kit.now.saturating_add(timers.ping_timeout);
        if let Err(error) = self.queue(Opcode::Ping, false, &payload, kit) {
            self.broken(error, kit);
        }
    }

    /// Puts a frame into the queue.
    pub(super) fn queue(&mut self, opcode: Opcode, more: bool, data: &[u8], kit: &mut Kit) -> Result<()> {
        self.talk(kit, |connection, tools| {
            let header = connection.prepare(opcode, more, data, tools.masks)?;
            tools.out.reserve(data.len() + MAX_HEADER, tools.buffers)?;
            connection.commit(&header, data, tools.out);
            Ok(())
        })
        .unwrap_or(Ok(()))
    }
}

fn timeout(status: Status, detail: &'static str, operation: Operation, limit: Time) -> Error {
    Error::new(status, detail).with(|e| {
        e.operation = operation;
        e.timeout_ms = Some(limit / 1000);
    })
}
