//! What the host wants to say: messages, pings, the Close frame.

use super::Time;
use super::notice::Kit;
use super::past::Transport;
use super::run::{Run, is_right};
use super::session::{Phase, Session};
use super::settings::Settings;
use super::state::State;
use crate::error::{Error, Operation, Result, Status};
use crate::protocol::{Buffers, Header, MAX_HEADER, MaskSource, Opcode};

impl Session {
    /// Queues a plain message, if it can be queued now; if not, [`Session::send`] knows what is in its way.
    #[inline(always)]
    pub fn send_plain(
        &mut self,
        opcode: Opcode,
        data: &[u8],
        now: Time,
        buffers: &mut Buffers,
        masks: &mut dyn MaskSource,
    ) -> bool {
        let Phase::Talking(connection) = &self.phase else { return false };
        if !connection.sends_plain(data.len()) || !self.has_room(data.len()) || !is_right((opcode, data)) {
            return false;
        }
        let len = data.len() + MAX_HEADER;
        if !self.out.has_room(len) && !self.out.make_room(len, buffers) {
            return false;
        }
        connection.send_plain(opcode, data, &mut self.out, masks);
        self.counters.messages_out += 1;
        self.counters.bytes_out += data.len() as u64;
        self.active = now;
        true
    }

    /// Queues a plain message behind another, since which nothing has happened: all that is asked is whether there is `room`,
    /// which [`Session::room_behind`] said and this takes from. Not for long messages, which may be a [`Run`], or compressed.
    #[inline(always)]
    pub fn send_behind(&mut self, opcode: Opcode, data: &[u8], room: &mut usize, masks: &mut dyn MaskSource) -> bool {
        let Phase::Talking(connection) = &self.phase else { return false };
        let len = data.len() + MAX_HEADER;
        let is_short = data.len() < Run::MESSAGE_MIN && connection.keeps_plain(data.len());
        if len > *room || !is_short || !is_right((opcode, data)) {
            return false;
        }
        *room -= len;
        connection.send_plain(opcode, data, &mut self.out, masks);
        self.counters.messages_out += 1;
        self.counters.bytes_out += data.len() as u64;
        true
    }

    /// Bytes of frames that the queue takes without being full.
    pub fn room(&self) -> usize {
        let most = usize::try_from(self.settings.send_queue_max).unwrap_or(usize::MAX);
        most.saturating_sub(self.out.len())
    }

    /// The same without growing.
    pub fn room_behind(&self) -> usize {
        self.room().min(self.out.spare())
    }

    /// Queues a message, a fragment of one, a ping or a pong: as a whole, or not at all. A large payload is
    /// offered to `transport` first, if there is such a thing, and only what the transport refuses is copied.
    pub fn send(&mut self, message: Outgoing, transport: Option<&mut dyn Transport>, kit: &mut Kit) -> Result<()> {
        if self.state() == State::Connecting {
            return Err(not_open(self.state()));
        }
        let Outgoing { opcode, data, more, token, raw } = message;
        let prepared = self.talk(kit, |connection, tools| {
            let header = connection.prepare(opcode, more, data, tools.masks)?;
            Ok((header, connection.codes(opcode, raw)))
        });
        let (header, codes) = prepared.unwrap_or_else(|| Err(self.outcome()))?;
        if opcode == Opcode::Ping {
            self.pings.get_or_insert_default().check(data)?;
        }
        self.check_room(data.len())?;
        if codes {
            self.send_coded(header, data, transport, kit)?;
        } else {
            self.out.reserve(data.len() + MAX_HEADER, kit.buffers)?;
            match transport.filter(|_| self.goes_past(data.len())) {
                Some(transport) => self.send_past(&header, data, data, transport, kit),
                None => self.queue_frame(&header, data, data),
            }
        }
        if token != 0 && opcode != Opcode::Ping {
            self.out.mark(token);
        }
        if opcode == Opcode::Ping {
            let behind = self.counters.messages_out;
            self.pings.get_or_insert_default().sent(data, Some(token), behind, kit.now);
        } else if !opcode.is_control() {
            self.counters.messages_out += 1;
            self.counters.bytes_out += data.len() as u64;
            self.active = kit.now;
        }
        Ok(())
    }

    /// Queues what was prepared: `data` as the host gave it, `payload` as it goes.
    #[inline(always)]
    fn queue_frame(&mut self, header: &Header, data: &[u8], payload: &[u8]) {
        if let Phase::Talking(connection) = &mut self.phase {
            connection.commit(header, data, payload, &mut self.out);
        }
    }

    /// Compresses the message and sends that, if it is shorter. Apart, so that those who do not compress do not pay.
    #[inline(never)]
    fn send_coded(
        &mut self,
        mut header: Header,
        data: &[u8],
        transport: Option<&mut dyn Transport>,
        kit: &mut Kit,
    ) -> Result<()> {
        let coded = self.talk(kit, |connection, tools| connection.encode(&mut header, data, tools.buffers)).flatten();
        let payload = coded.as_ref().map_or(data, |coded| coded.payload());
        if let Err(error) = self.out.reserve(payload.len() + MAX_HEADER, kit.buffers) {
            self.talk(kit, |connection, _| connection.forget());
            return Err(error);
        }
        match transport.filter(|_| self.goes_past(payload.len())) {
            Some(transport) => self.send_past(&header, data, payload, transport, kit),
            None => self.queue_frame(&header, data, payload),
        }
        if let Some(coded) = coded {
            kit.buffers.codecs.put_scratch(coded.scratch);
        }
        Ok(())
    }

    /// The high watermark, for everything the host sends.
    fn check_room(&mut self, len: usize) -> Result<()> {
        if self.has_room(len) {
            return Ok(());
        }
        let detail = if self.can_have_room(len) {
            self.out.refuse(wanted(len));
            ""
        } else {
            "the message is larger than the whole queue" // and waits in vain for room
        };
        Err(self.queue_full(len, detail))
    }

    /// So long a message is below the high watermark.
    #[inline(always)]
    pub(super) fn has_room(&self, len: usize) -> bool {
        wanted(len) + self.out.len() as u64 <= self.settings.send_queue_max
    }

    /// So long a message would be, if nothing else waited.
    pub(super) fn can_have_room(&self, len: usize) -> bool {
        wanted(len) <= self.settings.send_queue_max
    }

    /// The error for a message that has none.
    #[cold]
    pub(super) fn queue_full(&self, len: usize, detail: &'static str) -> Error {
        Error::new(Status::SEND_QUEUE_FULL, detail).with(|e| {
            e.operation = Operation::Send;
            e.capacity = self.settings.send_queue_max;
            e.current_size = Some(self.out.len() as u64);
            e.size = Some(len as u64);
        })
    }

    /// Begins the closing handshake, RFC 6455 §7.1.2.
    pub fn close(&mut self, code: u16, reason: &str, kit: &mut Kit) -> Result<()> {
        if self.state() == State::Connecting {
            return Err(not_open(self.state()).during(Operation::Close));
        }
        if let Some(closed) = self.talk(kit, |connection, tools| connection.close(code, reason, tools)) {
            closed.map_err(|e| e.during(Operation::Close))?;
            self.begin_closing(kit.now);
        }
        Ok(())
    }

    /// [`Session::take_sent`] or [`Session::take_writable`] has something.
    pub fn has_news(&self) -> bool {
        self.out.has_token() || self.has_room_again()
    }

    /// A send was refused, and now the queue is short and would take it.
    fn has_room_again(&self) -> bool {
        let Settings { send_queue_low: low, send_queue_max: max, .. } = *self.settings;
        let queued = self.out.len() as u64;
        self.out.refused() > 0 && queued <= low.min(max - self.out.refused()) && self.state() == State::Open
    }

    /// There is room again after a send was refused; true once.
    pub fn take_writable(&mut self, buffers: &mut Buffers) -> bool {
        let news = self.has_room_again();
        if news {
            self.out.refuse(0);
            self.out.shelve(buffers); // it may have been empty but for that
        }
        news
    }

    /// The token of the next message that has left.
    pub fn take_sent(&mut self, buffers: &mut Buffers) -> Option<u64> {
        let token = self.out.next_token()?;
        self.out.shelve(buffers);
        Some(token)
    }
}

/// What a host sends.
#[derive(Debug, Clone, Copy)]
pub struct Outgoing<'a> {
    /// Text, binary, continuation, ping or pong.
    pub opcode: Opcode,
    /// The payload.
    pub data: &'a [u8],
    /// More fragments follow.
    pub more: bool,
    /// To be reported when the last byte has left; 0 for no report. A ping's token comes with its pong.
    pub token: u64,
    /// Not to be compressed; of a fragmented message its first fragment decides.
    pub raw: bool,
}

/// What a payload takes in the queue. Without bytes it has a header all the same.
#[inline(always)]
fn wanted(len: usize) -> u64 {
    (len as u64).max(1)
}

pub(super) fn not_open(state: State) -> Error {
    Error::new(Status::INVALID_STATE, "the connection is not open yet").with(|e| {
        e.operation = Operation::Send;
        e.state = state.bit();
        e.required_states = State::Open.bit();
    })
}
