//! One WebSocket connection after its opening handshake: what may be sent and when, answers to pings, the
//! closing handshake (RFC 6455 §7), and how it ended.

use super::Role;
use super::broadcast::Broadcast;
use super::buffer::Buffers;
use super::close::{self, check_close, close_code_for};
use super::frame::{Header, MAX_CONTROL_PAYLOAD, MAX_HEADER, Opcode};
use super::outbox::Outbox;
use super::receiver::{Cut, Limits, Payload, Received, Receiver, Watch};
use super::utf8::Utf8;
use crate::error::{CloseFrame, Error, Operation, Result, Side, Status};
use crate::extension::{Coded, Coding, Tally};

/// Where masking keys come from: fresh and unpredictable for every frame (RFC 6455 §5.3).
pub trait MaskSource {
    /// The next key.
    fn key(&mut self) -> [u8; 4];
}

/// What a connection works with but does not own.
pub struct Tools<'a> {
    /// What the peer may send.
    pub limits: &'a Limits,
    /// Answer pings.
    pub auto_pong: bool,
    /// Where frames go.
    pub out: &'a mut Outbox,
    /// Where memory comes from.
    pub buffers: &'a mut Buffers,
    /// Where masking keys come from.
    pub masks: &'a mut dyn MaskSource,
}

/// Something the host may want to know.
#[derive(Debug)]
pub enum Incoming<'a> {
    /// A whole message: text or binary.
    Message(Opcode, Payload<'a>),
    /// One frame of a message, with the message's opcode; true on the last.
    Fragment(Opcode, bool, Payload<'a>),
    /// A ping; it has been answered if that is on.
    Ping(Payload<'a>),
    /// A pong.
    Pong(Payload<'a>),
}

/// A message whose first fragments have been sent.
#[derive(Debug, Clone)]
struct Sending {
    opcode: Opcode,
    utf8: Utf8,
    /// It goes compressed.
    coded: bool,
}

/// How the peer's last frame ends the conversation.
#[derive(Debug)]
enum Due {
    /// It was a Close.
    Answer(CloseFrame),
    /// It broke the rules, or a limit.
    Fail(Error),
}

/// One connection, RFC 6455 §5 to §7.
#[derive(Debug)]
pub struct Connection {
    receiver: Receiver,
    /// What extensions do to messages; nothing where none was negotiated. Boxed for those.
    coding: Option<Box<Coding>>,
    /// What else is on; nothing, as a rule.
    unusual: Option<Box<Unusual>>,
}

/// What is on in a connection where more happens than that whole messages come and go.
#[derive(Debug, Default)]
struct Unusual {
    sending: Option<Sending>,
    close_sent: Option<CloseFrame>,
    close_rcvd: Option<CloseFrame>,
    /// The peer's Close came before ours went.
    rcvd_first: bool,
    /// What must be said to the peer: an answer to its Close, or why it is cut off. It waits for
    /// [`Connection::conclude`], so that the host can still answer the messages that came before.
    due: Option<Due>,
    /// What broke the connection, if anything did.
    failure: Option<Error>,
    /// The answer to the latest ping, waiting until the kernel takes data again. There is never more than
    /// one: RFC 6455 §5.5.3 lets the latest stand for all, and a peer that floods and does not read must
    /// not fill our memory.
    pong: Option<Vec<u8>>,
}

impl Unusual {
    fn is_open(&self) -> bool {
        self.close_sent.is_none() && self.close_rcvd.is_none() && self.failure.is_none()
    }

    fn is_deaf(&self) -> bool {
        self.close_rcvd.is_some() || self.failure.is_some() || self.due.is_some()
    }

    /// Nothing is on any more.
    fn is_over(&self) -> bool {
        self.is_open() && !self.is_deaf() && self.sending.is_none() && self.pong.is_none()
    }
}

impl Connection {
    /// A connection whose opening handshake is done.
    pub fn new(role: Role, coding: Option<Coding>) -> Self {
        let peer = match role {
            Role::Client => Role::Server,
            Role::Server => Role::Client,
        };
        Self { receiver: Receiver::new(peer), coding: coding.map(Box::new), unusual: None }
    }

    /// What else is on, to add to it.
    fn unusual(&mut self) -> &mut Unusual {
        self.unusual.get_or_insert_default()
    }

    /// Something of what else was on is over.
    fn end<T>(&mut self, take: impl FnOnce(&mut Unusual) -> Option<T>) -> Option<T> {
        let taken = take(self.unusual.as_mut()?);
        self.unusual.take_if(|unusual| unusual.is_over());
        taken
    }

    fn sending(&self) -> Option<&Sending> {
        self.unusual.as_ref()?.sending.as_ref()
    }

    fn close_sent(&self) -> Option<&CloseFrame> {
        self.unusual.as_ref()?.close_sent.as_ref()
    }

    fn close_rcvd(&self) -> Option<&CloseFrame> {
        self.unusual.as_ref()?.close_rcvd.as_ref()
    }

    fn failure(&self) -> Option<&Error> {
        self.unusual.as_ref()?.failure.as_ref()
    }

    /// Neither side has begun to close, and no message is on its way in fragments.
    #[inline(always)]
    pub fn is_usual(&self) -> bool {
        self.unusual.is_none()
    }

    /// Neither side has begun to close.
    #[inline(always)]
    pub fn is_open(&self) -> bool {
        self.unusual.as_ref().is_none_or(|unusual| unusual.is_open())
    }

    /// An error that says why, if one has.
    #[inline(always)]
    pub fn check_open(&self) -> Result<()> {
        if self.is_open() { Ok(()) } else { Err(self.verdict_so_far()) }
    }

    /// Both Close frames have passed.
    pub fn close_is_complete(&self) -> bool {
        self.close_sent().is_some() && self.close_rcvd().is_some()
    }

    /// The connection broke; what the peer still sends is dropped.
    pub fn has_failed(&self) -> bool {
        self.failure().is_some()
    }

    /// Takes the next thing from `input`, whose first `at` bytes have been taken before; `None` when all of
    /// it has been taken.
    #[inline(always)]
    pub fn receive<'a>(&mut self, input: &'a mut [u8], at: &mut usize, tools: &mut Tools) -> Option<Incoming<'a>> {
        if self.is_deaf() {
            *at = input.len();
            return None;
        }
        let received = self.receiver.next(input, at, tools.limits, tools.buffers, &mut self.coding);
        self.judge(received, tools)
    }

    /// The frame of which only a part has come, if more of it is waited for.
    pub fn cut(&self) -> Option<Cut> {
        if self.is_deaf() { None } else { self.receiver.cut() }
    }

    /// The watch over that frame.
    pub fn watch(&self) -> Option<Watch> {
        self.receiver.watch()
    }

    /// That frame is watched, or no more.
    #[inline(always)]
    pub fn set_watch(&mut self, watch: Option<Watch>) {
        self.receiver.set_watch(watch);
    }

    /// Where the rest of a large message can be read to directly; see [`Connection::advance`].
    pub fn direct(&mut self, most: usize, tools: &mut Tools) -> Option<&mut [u8]> {
        if self.is_deaf() {
            return None;
        }
        if let Some(Err(error)) = self.receiver.direct(most) {
            self.expect_end(Due::Fail(error.during(Operation::Receive)), tools.buffers);
            return None;
        }
        self.receiver.direct(most)?.ok()
    }

    /// `len` bytes were read to where [`Connection::direct`] said.
    pub fn advance(&mut self, len: usize, tools: &mut Tools) -> Option<Incoming<'static>> {
        let received = self.receiver.advance(len, tools.limits, tools.buffers);
        self.judge(received, tools)
    }

    #[inline(always)]
    fn judge<'a>(&mut self, received: Result<Option<Received<'a>>>, tools: &mut Tools) -> Option<Incoming<'a>> {
        match received {
            Ok(None) => None,
            Ok(Some(Received::Message(opcode, payload))) => Some(Incoming::Message(opcode, payload)),
            Ok(Some(Received::Fragment(opcode, fin, payload))) => Some(Incoming::Fragment(opcode, fin, payload)),
            Ok(Some(Received::Ping(payload))) => {
                self.answer(payload.bytes(), tools);
                Some(Incoming::Ping(payload))
            }
            Ok(Some(Received::Pong(payload))) => Some(Incoming::Pong(payload)),
            Ok(Some(Received::Close(frame))) => {
                self.expect_end(Due::Answer(frame), tools.buffers);
                None
            }
            Err(error) => {
                self.expect_end(Due::Fail(error.during(Operation::Receive)), tools.buffers);
                None
            }
        }
    }

    /// What comes next counts, and is the first of a message.
    #[inline(always)]
    pub(super) fn hears_from_the_start(&self) -> bool {
        !self.is_deaf() && self.receiver.is_between_messages()
    }

    /// A message of so many bytes may be compressed.
    #[inline(always)]
    pub(super) fn may_code(&self, len: usize) -> bool {
        self.coding.as_ref().is_some_and(|coding| len > coding.untouched())
    }

    /// Who sends what is received.
    #[inline(always)]
    pub(super) fn peer(&self) -> Role {
        self.receiver.from
    }

    /// Nothing that the peer sends from here on counts.
    #[inline(always)]
    fn is_deaf(&self) -> bool {
        self.unusual.as_ref().is_some_and(|unusual| unusual.is_deaf())
    }

    fn expect_end(&mut self, due: Due, buffers: &mut Buffers) {
        self.unusual().due = Some(due);
        self.discard(buffers);
    }

    /// Gives back what reading takes; the connection reads no more.
    fn discard(&mut self, buffers: &mut Buffers) {
        self.receiver.discard(buffers);
        if let Some(coding) = &mut self.coding {
            coding.release(&mut buffers.codecs);
        }
    }

    /// The peer has ended the conversation and [`Connection::conclude`] has not been called yet.
    #[inline(always)]
    pub fn must_conclude(&self) -> bool {
        self.unusual.as_ref().is_some_and(|unusual| unusual.due.is_some())
    }

    /// Says what is due. Called when the host has had its say about everything that came before.
    pub fn conclude(&mut self, tools: &mut Tools) {
        match self.end(|unusual| unusual.due.take()) {
            Some(Due::Answer(frame)) => self.close_received(frame, tools),
            Some(Due::Fail(error)) => self.fail(error, tools),
            None => {}
        }
    }

    /// A ping wants its payload back.
    fn answer(&mut self, payload: &[u8], tools: &mut Tools) {
        if !tools.auto_pong || self.close_sent().is_some() {
            return;
        }
        if tools.out.is_blocked() || self.place(Opcode::Pong, payload, tools).is_err() {
            self.unusual().pong = Some(payload.into());
        }
    }

    /// The kernel takes data again: the answer that waited may go.
    pub fn send_waiting_pong(&mut self, tools: &mut Tools) {
        if let Some(payload) = self.end(|unusual| unusual.pong.take()).filter(|_| self.close_sent().is_none()) {
            self.answer(&payload, tools);
        }
    }

    /// RFC 6455 §5.5.1: answer with the code that was received.
    fn close_received(&mut self, frame: CloseFrame, tools: &mut Tools) {
        self.unusual().rcvd_first = self.close_sent().is_none();
        if self.close_sent().is_none() {
            let answer = CloseFrame { code: frame.code, reason: String::new() };
            self.send_close(answer, tools);
        }
        self.unusual().close_rcvd = Some(frame);
    }

    /// Checks that this may be sent now and changes nothing; gives the header for [`Connection::commit`].
    #[inline(always)]
    pub fn prepare(&mut self, opcode: Opcode, more: bool, data: &[u8], masks: &mut dyn MaskSource) -> Result<Header> {
        self.check_open()?;
        if opcode == Opcode::Close {
            return Err(unsendable("a Close frame is sent with hws_close"));
        }
        if opcode.is_control() {
            check_control(data, more)?;
        } else {
            self.check_data(opcode, more, data)?;
        }
        Ok(self.header(opcode, !more, data.len(), masks))
    }

    /// A message may go compressed, unless it is to go `raw`; of one in fragments the first has decided.
    #[inline(always)]
    pub fn codes(&self, opcode: Opcode, raw: bool) -> bool {
        self.coding.is_some() && !opcode.is_control() && (!raw || opcode == Opcode::Continuation)
    }

    /// Compresses what [`Connection::prepare`] allowed, if it is to go compressed, and makes `header` say so. Either it
    /// is sent then, or [`Connection::forget`] is told.
    pub fn encode(&mut self, header: &mut Header, data: &[u8], buffers: &mut Buffers) -> Option<Coded> {
        let coding = self.coding.as_mut()?;
        let coded = match (header.opcode, self.unusual.as_ref().and_then(|unusual| unusual.sending.as_ref())) {
            (Opcode::Text | Opcode::Binary, _) => coding.encode_first(data, !header.fin, &mut buffers.codecs)?,
            (Opcode::Continuation, Some(sending)) if sending.coded => {
                coding.encode_next(data, !header.fin, &mut buffers.codecs)?
            }
            _ => return None,
        };
        header.rsv = if header.opcode == Opcode::Continuation { 0 } else { Coding::BIT };
        header.len = coded.payload().len() as u64;
        Some(coded)
    }

    /// A message may begin: the connection is open, and no other message is being sent in fragments.
    #[inline(always)]
    pub fn may_begin(&self) -> bool {
        self.is_open() && self.sending().is_none()
    }

    /// Neither side is in the middle of a message, and neither has begun to close.
    pub fn is_at_rest(&self) -> bool {
        self.may_begin() && !self.must_conclude() && self.receiver.is_between_messages()
    }

    /// Sends what many get, if [`Connection::may_begin`], in the form that goes here. A server's queue shares it with
    /// others; a client's frame has a mask of its own.
    pub fn send_shared(&mut self, message: &mut Broadcast, tools: &mut Tools) -> Result<()> {
        let len = message.data().len();
        let how = self.coding.as_ref().and_then(|coding| coding.alone(len));
        let (frame, coded) = message.form(how, tools.buffers)?;
        let coded_len = frame.payload().len();
        match self.peer() {
            Role::Client => tools.out.share(frame, tools.buffers)?,
            Role::Server => {
                let payload = frame.payload();
                tools.out.reserve(payload.len() + MAX_HEADER, tools.buffers)?;
                let rsv = if coded { Coding::BIT } else { 0 };
                let header = Header { rsv, ..self.header(message.opcode(), true, payload.len(), tools.masks) };
                write_frame(&header, payload, tools.out);
            }
        }
        if let Some(coding) = self.coding.as_mut().filter(|_| coded) {
            coding.sent_alone(len, coded_len);
        }
        Ok(())
    }

    /// What was compressed last is not sent after all.
    pub fn forget(&mut self) {
        if let Some(coding) = &mut self.coding {
            coding.forget();
        }
    }

    /// What was compressed so far, if anything may be.
    pub fn tally(&self) -> Tally {
        self.coding.as_ref().map(|coding| coding.tally()).unwrap_or_default()
    }

    /// Sends what [`Connection::prepare`] allowed: `data` as the host gave it, `payload` as it goes. There is room for
    /// it: [`Outbox::reserve`] was called with the length of the payload and [`MAX_HEADER`].
    #[inline(always)]
    pub fn commit(&mut self, header: &Header, data: &[u8], payload: &[u8], out: &mut Outbox) {
        self.committed(header, data);
        write_frame(header, payload, out);
    }

    /// The frame has been sent, whichever way. A whole message leaves nothing to remember.
    #[inline(always)]
    pub fn committed(&mut self, header: &Header, data: &[u8]) {
        if !header.fin || header.opcode == Opcode::Continuation {
            self.remember(header, data);
        }
    }

    /// What the next fragment needs.
    #[inline(never)]
    fn remember(&mut self, header: &Header, data: &[u8]) {
        match header.opcode {
            Opcode::Continuation if header.fin => drop(self.end(|unusual| unusual.sending.take())),
            Opcode::Text | Opcode::Binary => {
                let (opcode, coded) = (header.opcode, header.rsv != 0);
                self.unusual().sending = Some(Sending { opcode, utf8: Utf8::default(), coded });
            }
            _ => {}
        }
        let sending = self.unusual.as_mut().and_then(|unusual| unusual.sending.as_mut());
        if let Some(sending) = sending.filter(|s| s.opcode == Opcode::Text) {
            // Checked before: this only moves the state on.
            let _ = sending.utf8.feed(data);
        }
    }

    /// A data frame: its place among the fragments, and the UTF-8 of text, whole or so far.
    #[inline(always)]
    fn check_data(&self, opcode: Opcode, more: bool, data: &[u8]) -> Result<()> {
        let text = match (self.sending(), opcode) {
            (None, Opcode::Continuation) => return Err(unsendable("a continuation continues nothing")),
            (Some(_), Opcode::Text | Opcode::Binary) => {
                return Err(Error::new(Status::CONCURRENCY, "a fragmented message is being sent")
                    .with(|e| e.operation = Operation::Send));
            }
            (Some(sending), _) if sending.opcode == Opcode::Text => Some(sending.utf8.clone()),
            (None, Opcode::Text) if !more => return check_text(data),
            (None, Opcode::Text) => Some(Utf8::default()),
            _ => None,
        };
        let Some(mut utf8) = text else { return Ok(()) };
        let checked = utf8.feed(data).and_then(|utf8| if more { Ok(()) } else { utf8.finish() });
        checked.map_err(not_text)
    }

    /// Begins the closing handshake, if nobody has.
    pub fn close(&mut self, code: u16, reason: &str, tools: &mut Tools) -> Result<()> {
        check_close(code, reason)?;
        if self.is_open() {
            self.send_close(CloseFrame { code, reason: reason.to_owned() }, tools);
        }
        Ok(())
    }

    /// Breaks the connection off: says why with a Close frame if none was sent, and reads no more. One that has
    /// failed or was closed in order stays as it is.
    pub fn fail(&mut self, error: Error, tools: &mut Tools) {
        if self.has_failed() || self.close_is_complete() {
            return;
        }
        if self.close_sent().is_none() {
            let code = close_code_for(error.status);
            self.send_close(CloseFrame { code, reason: reason_for(&error) }, tools);
        }
        self.fail_silently(error, tools.buffers);
    }

    /// The connection is gone: there is nobody to tell.
    pub fn fail_silently(&mut self, error: Error, buffers: &mut Buffers) {
        self.unusual().failure.get_or_insert(error);
        self.discard(buffers);
    }

    fn send_close(&mut self, frame: CloseFrame, tools: &mut Tools) {
        let unusual = self.unusual();
        (unusual.pong, unusual.sending) = (None, None);
        let payload = close::write(&frame);
        match self.place(Opcode::Close, &payload, tools) {
            Ok(()) => self.unusual().close_sent = Some(frame),
            Err(error) => self.fail_silently(error, tools.buffers),
        }
    }

    /// Puts a control frame of ours into the queue.
    fn place(&mut self, opcode: Opcode, payload: &[u8], tools: &mut Tools) -> Result<()> {
        tools.out.reserve(payload.len() + MAX_HEADER, tools.buffers)?;
        let header = self.header(opcode, true, payload.len(), tools.masks);
        write_frame(&header, payload, tools.out);
        Ok(())
    }

    #[inline]
    fn header(&self, opcode: Opcode, fin: bool, len: usize, masks: &mut dyn MaskSource) -> Header {
        let mask = (self.peer() == Role::Server).then(|| masks.key());
        Header { fin, opcode, rsv: 0, mask, len: len as u64 }
    }

    /// How the connection ended, or would if it ended now.
    pub fn verdict(&self) -> Error {
        let clean = |frame: &CloseFrame| matches!(frame.code, 1000 | 1001 | 1005);
        let ok = match (self.close_rcvd(), self.close_sent()) {
            (Some(rcvd), Some(sent)) => clean(rcvd) && clean(sent),
            _ => false,
        };
        let status = if ok { Status::CLOSED_OK } else { Status::CLOSED_ERROR };
        self.describe(status).with(|e| e.cause = self.failure().cloned())
    }

    /// The error for using a connection that is closing.
    fn verdict_so_far(&self) -> Error {
        self.describe(Status::CONNECTION_CLOSED).with(|e| e.cause = self.failure().cloned())
    }

    /// Who ended a connection without any Close frame: the peer or what lies between, unless we gave it up.
    fn broken_by(&self) -> Side {
        match self.failure() {
            Some(failure) if !failure.status.is_a(Status::NETWORK) => Side::Local,
            _ => Side::Remote,
        }
    }

    fn describe(&self, status: Status) -> Error {
        let detail = match (self.close_rcvd(), self.close_sent()) {
            (Some(rcvd), Some(sent)) => format!("received {}, sent {}", named(rcvd), named(sent)),
            (Some(rcvd), None) => format!("received {}, sent no Close frame", named(rcvd)),
            (None, Some(sent)) => format!("sent {}, received no Close frame", named(sent)),
            (None, None) => "no Close frame received or sent".to_owned(),
        };
        let rcvd_first = self.unusual.as_ref().is_some_and(|unusual| unusual.rcvd_first);
        Error::new(status, detail).with(|e| {
            e.close_rcvd = self.close_rcvd().cloned();
            e.close_sent = self.close_sent().cloned();
            e.rcvd_then_sent = self.close_is_complete().then_some(rcvd_first);
            e.initiated_by = match (rcvd_first, self.close_sent()) {
                (true, _) => Side::Remote,
                (false, Some(_)) => Side::Local,
                (false, None) => self.broken_by(),
            };
        })
    }
}

/// A code with its reason, as people write them.
fn named(frame: &CloseFrame) -> String {
    match frame.reason.as_str() {
        "" => frame.code.to_string(),
        reason => format!("{} ({reason})", frame.code),
    }
}

/// What we tell a peer about our error: the rule it broke, cut to what fits into a Close frame. The rules are
/// ASCII, so no cut falls inside a character.
fn reason_for(error: &Error) -> String {
    let rule = if error.detail.is_empty() { error.status.text() } else { error.detail.as_ref() };
    rule.chars().filter(char::is_ascii).take(MAX_CONTROL_PAYLOAD - 2).collect()
}

/// Header and payload, masked on the way: into the queue's reserved room.
fn write_frame(header: &Header, payload: &[u8], out: &mut Outbox) {
    let mut bytes = [0; MAX_HEADER];
    let start = header.write(&mut bytes);
    out.push(&bytes[start..]);
    match header.mask {
        Some(key) => out.push_masked(payload, key),
        None => out.push(payload),
    }
}

fn check_control(payload: &[u8], more: bool) -> Result<()> {
    if more {
        return Err(unsendable("a control frame cannot be fragmented"));
    }
    if payload.len() > MAX_CONTROL_PAYLOAD {
        return Err(unsendable("the payload of a control frame is longer than 125 bytes").with(|e| {
            e.size = Some(payload.len() as u64);
            e.max_size = Some(MAX_CONTROL_PAYLOAD as u64);
        }));
    }
    Ok(())
}

/// A text that is to be sent must be UTF-8.
#[inline(always)]
pub fn check_text(data: &[u8]) -> Result<()> {
    Utf8::check(data).map_err(not_text)
}

#[cold]
pub(super) fn not_text(error: Error) -> Error {
    unsendable("text to be sent is not UTF-8").with(|e| e.position = error.position)
}

#[cold]
fn unsendable(detail: &'static str) -> Error {
    Error::new(Status::INVALID_SEND, detail).with(|e| e.operation = Operation::Send)
}
