//! From bytes to messages: frames are parsed and unmasked where they arrived, and only what is cut by the end
//! of the input, or spread over fragments, moves to a buffer of its own.

use super::buffer::{Buffer, Buffers};
use super::frame::{Header, MAX_HEADER, Opcode, invalid};
use super::mask::apply_mask;
use super::shelf::Kept;
use super::utf8::Utf8;
use super::{Role, close};
use crate::error::{CloseFrame, Error, Result, Status};
use crate::extension::Coding;

/// A shorter rest of a frame is read together with whatever follows it.
const DIRECT_MIN: u64 = 64 << 10;

/// What a peer may send.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Bytes in one message.
    pub message_max: u64,
    /// Bytes in one frame.
    pub frame_max: u64,
    /// Frames in one message, the empty ones too.
    pub fragments_max: u32,
    /// Hand out the frames of a message one by one, each up to `frame_max`, instead of whole messages.
    pub deliver_fragments: bool,
}

/// Where a payload lies.
#[derive(Debug)]
pub enum Payload<'a> {
    /// In the input.
    InPlace(&'a [u8]),
    /// In a buffer, which goes back to the shelf when the payload has been used.
    Buffered(Buffer),
    /// The same, of a message that came compressed.
    Inflated(Buffer),
}

impl Payload<'_> {
    /// The bytes, wherever they lie.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Payload::InPlace(bytes) => bytes,
            Payload::Buffered(buffer) | Payload::Inflated(buffer) => buffer.filled(),
        }
    }
}

/// One thing that a peer has said.
#[derive(Debug)]
pub enum Received<'a> {
    /// A whole message: text or binary.
    Message(Opcode, Payload<'a>),
    /// One frame of a message, with the message's opcode; true on the last.
    Fragment(Opcode, bool, Payload<'a>),
    /// A ping.
    Ping(Payload<'a>),
    /// A pong.
    Pong(Payload<'a>),
    /// A Close frame.
    Close(CloseFrame),
}

/// A data message of which a part has arrived.
#[derive(Debug)]
pub(super) struct Message {
    pub opcode: Opcode,
    /// What has arrived and was not delivered: nothing of earlier frames if those are delivered one by one.
    pub buffer: Buffer,
    pub fragments: u32,
    pub utf8: Utf8,
    /// It comes compressed; `buffer` has it inflated.
    pub coded: bool,
    /// Bytes of a compressed message in the frames so far.
    pub wire: u64,
}

/// A frame of which a part has arrived.
#[derive(Debug, Clone, Copy)]
pub(super) struct Partial {
    pub header: Header,
    pub received: u64,
}

/// How far a frame has come that is still to be completed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut {
    /// Which one of its message it is. Between two with the same number something was delivered.
    pub frame: u32,
    /// Bytes of its payload.
    pub received: u64,
    /// What its header announces, once that is there.
    pub len: Option<u64>,
}

/// What has begun to come and is not complete.
#[derive(Debug, Default)]
pub(super) struct Begun {
    /// The beginning of a header whose end has not come yet.
    head: [u8; MAX_HEADER],
    head_len: u8,
    pub(super) partial: Option<Partial>,
    pub(super) message: Option<Message>,
    /// The watch over the frame that is cut.
    watch: Option<Watch>,
    /// Payload of a control frame that is cut; control frames never touch `message`.
    control: Option<Buffer>,
}

impl Begun {
    /// All of it is complete.
    fn is_over(&self) -> bool {
        self.head_len == 0 && self.partial.is_none() && self.message.is_none()
    }
}

impl Kept for Box<Begun> {
    fn size(&self) -> usize {
        size_of::<Begun>()
    }

    fn clear(&mut self) {
        **self = Begun::default();
    }
}

/// Who watches the pace of a frame that is cut keeps this with it.
#[derive(Debug, Clone, Copy)]
pub struct Watch {
    /// When to look again.
    pub due: u64,
    /// [`Cut::frame`], when the watch began.
    pub frame: u32,
    /// Bytes of its payload that had come.
    pub from: u64,
}

/// The reading half of a connection.
#[derive(Debug)]
pub struct Receiver {
    pub(super) from: Role,
    /// Nothing between messages.
    pub(super) begun: Option<Box<Begun>>,
}

impl Receiver {
    /// Reads what `from` sends.
    pub fn new(from: Role) -> Self {
        Self { from, begun: None }
    }

    /// Nothing has begun to come that is not complete.
    #[inline(always)]
    pub fn is_between_messages(&self) -> bool {
        self.begun.is_none()
    }

    /// What has begun, for something that begins.
    pub(super) fn begin(&mut self, buffers: &mut Buffers) -> &mut Begun {
        self.begun.get_or_insert_with(|| buffers.begun())
    }

    /// What is complete is not kept.
    #[inline(always)]
    fn shelve(&mut self, buffers: &mut Buffers) {
        if let Some(begun) = self.begun.take_if(|begun| begun.is_over()) {
            buffers.put_begun(begun);
        }
    }

    #[inline(always)]
    fn partial(&self) -> Option<Partial> {
        self.begun.as_ref()?.partial
    }

    pub(super) fn message(&self) -> Option<&Message> {
        self.begun.as_ref()?.message.as_ref()
    }

    /// Takes the next thing from `input`, whose first `at` bytes have been taken before. `None` when all of it
    /// has been taken and more is needed.
    #[inline(always)]
    pub fn next<'a>(
        &mut self,
        input: &'a mut [u8],
        at: &mut usize,
        limits: &Limits,
        buffers: &mut Buffers,
        coding: &mut Option<Box<Coding>>,
    ) -> Result<Option<Received<'a>>> {
        loop {
            if let Some(partial) = self.partial() {
                let begun = self.begin(buffers);
                let received = begun.resume(partial, &mut input[*at..], at, limits, buffers, coding)?;
                self.shelve(buffers);
                match received {
                    Some(received) => return Ok(Some(received)),
                    None if self.partial().is_some() => return Ok(None),
                    None => continue,
                }
            }
            let rsv = if coding.is_some() { Coding::BIT } else { 0 };
            let Some(header) = self.read_header(&input[*at..], at, rsv, buffers)? else { return Ok(None) };
            self.admit(&header, limits)?;
            let whole = usize::try_from(header.len).is_ok_and(|len| len <= input.len() - *at);
            if !whole || !self.stands_alone(&header, limits) {
                self.begin(buffers).partial = Some(Partial { header, received: 0 });
                continue;
            }
            self.shelve(buffers);
            let payload = &mut input[*at..][..header.len as usize];
            *at += payload.len();
            return receive_whole(header, payload).map(Some);
        }
    }

    /// Where the rest of a large, cut frame can be read to directly, `most` bytes at the most. The caller says
    /// with [`Receiver::advance`] how many bytes came.
    pub fn direct(&mut self, most: usize) -> Option<Result<&mut [u8]>> {
        let begun = self.begun.as_mut()?;
        let Partial { header, received } = begun.partial?;
        let message = begun.message.as_mut().filter(|message| !header.opcode.is_control() && !message.coded)?;
        let missing = header.len - received;
        if missing < DIRECT_MIN {
            return None;
        }
        let want = missing.min(most as u64) as usize;
        // Memory grows with what has arrived, never with what the header claims.
        let arrived = message.buffer.len().max(most / 4);
        Some(message.buffer.room(want.min(arrived)))
    }

    /// The frame of which only a part has come.
    pub fn cut(&self) -> Option<Cut> {
        let begun = self.begun.as_ref()?;
        let frame = begun.message.as_ref().map_or(0, |message| message.fragments);
        match begun.partial {
            Some(Partial { header, received }) => Some(Cut { frame, received, len: Some(header.len) }),
            None => (begun.head_len > 0).then_some(Cut { frame, received: 0, len: None }),
        }
    }

    /// What [`Receiver::set_watch`] has said.
    pub fn watch(&self) -> Option<Watch> {
        self.begun.as_ref()?.watch
    }

    /// A frame that is cut is watched, or no more.
    #[inline(always)]
    pub fn set_watch(&mut self, watch: Option<Watch>) {
        if let Some(begun) = &mut self.begun {
            begun.watch = watch;
        }
    }

    /// `len` bytes were read to where [`Receiver::direct`] said; gives the message if that completes it.
    pub fn advance(&mut self, len: usize, limits: &Limits, buffers: &mut Buffers) -> Result<Option<Received<'static>>> {
        let Some(begun) = &mut self.begun else { return Ok(None) };
        let (Some(partial), Some(message)) = (begun.partial, begun.message.as_mut()) else { return Ok(None) };
        message.buffer.advance(len);
        let received = begun.arrived(partial, len, limits, buffers)?;
        self.shelve(buffers);
        Ok(received)
    }

    /// Gives every buffer back; the connection reads no more.
    pub fn discard(&mut self, buffers: &mut Buffers) {
        let Some(mut begun) = self.begun.take() else { return };
        if let Some(message) = begun.message.take() {
            buffers.put_message(message.buffer);
        }
        if let Some(control) = begun.control.take() {
            buffers.put_message(control);
        }
        buffers.put_begun(begun);
    }

    /// The next header, from what was kept of it and `input`.
    #[inline(always)]
    fn read_header(&mut self, input: &[u8], at: &mut usize, rsv: u8, buffers: &mut Buffers) -> Result<Option<Header>> {
        if self.begun.as_ref().is_none_or(|begun| begun.head_len == 0) {
            if let Some((header, len)) = Header::read(input, self.from, rsv)? {
                *at += len;
                return Ok(Some(header));
            }
        }
        if input.is_empty() {
            return Ok(None);
        }
        let from = self.from;
        let begun = self.begin(buffers);
        let kept = usize::from(begun.head_len);
        let more = input.len().min(MAX_HEADER - kept);
        begun.head[kept..kept + more].copy_from_slice(&input[..more]);
        match Header::read(&begun.head[..kept + more], from, rsv)? {
            Some((header, len)) => {
                *at += len - kept;
                begun.head_len = 0;
                Ok(Some(header))
            }
            None => {
                *at += more;
                begun.head_len = (kept + more) as u8;
                Ok(None)
            }
        }
    }

    /// Judges a data frame by its header: its place in the message and the limits, before any payload.
    #[inline(always)]
    fn admit(&mut self, header: &Header, limits: &Limits) -> Result<()> {
        if header.opcode.is_control() {
            return Ok(());
        }
        let (so_far, fragments) = match (self.message(), header.opcode) {
            (None, Opcode::Continuation) => {
                return Err(invalid(0, "a continuation frame continues nothing"));
            }
            (Some(_), Opcode::Text | Opcode::Binary) => {
                return Err(invalid(header.opcode as u8, "a new message begins inside a fragmented one"));
            }
            (Some(message), _) => (message.buffer.len() as u64, message.fragments),
            (None, _) => (0, 0),
        };
        if header.len > limits.frame_max || header.len > limits.message_max - so_far {
            self.admit_coded(header, limits).ok_or_else(|| too_big(header, so_far, limits))?;
        }
        if fragments >= limits.fragments_max {
            return Err(Error::new(Status::TOO_MANY_FRAGMENTS, "a message has more frames than our fragments_max")
                .with(|e| {
                    e.fragments = u64::from(fragments) + 1;
                    e.max_fragments = u64::from(limits.fragments_max);
                }));
        }
        Ok(())
    }

    /// The frame needs nothing from before and leaves nothing for after: it can be delivered from the input.
    #[inline(always)]
    fn stands_alone(&self, header: &Header, limits: &Limits) -> bool {
        header.opcode.is_control()
            || (header.fin && header.rsv == 0 && header.opcode != Opcode::Continuation && !limits.deliver_fragments)
    }
}

impl Begun {
    /// Takes what there is of a cut frame.
    #[inline(never)]
    fn resume(
        &mut self,
        partial: Partial,
        input: &mut [u8],
        at: &mut usize,
        limits: &Limits,
        buffers: &mut Buffers,
        coding: &mut Option<Box<Coding>>,
    ) -> Result<Option<Received<'static>>> {
        let header = partial.header;
        let missing = header.len - partial.received;
        let len = missing.min(input.len() as u64) as usize;
        let piece = &mut input[..len];
        *at += piece.len();
        if header.opcode.is_control() {
            self.control.get_or_insert_with(|| buffers.message()).append(piece)?;
            return self.arrived(partial, len, limits, buffers);
        }
        let message = self.message.get_or_insert_with(|| {
            let (opcode, buffer) = (header.opcode, buffers.message());
            let coded = header.rsv != 0;
            Message { opcode, buffer, fragments: 0, utf8: Utf8::default(), coded, wire: 0 }
        });
        if message.coded {
            return self.resume_coded(partial, piece, limits, buffers, coding);
        }
        if partial.received == 0 && message.buffer.is_empty() {
            message.buffer.leave_out(header.size())?;
        }
        if let (Opcode::Binary, Some(key)) = (message.opcode, header.mask) {
            message.buffer.append_masked(piece, key, partial.received)?;
            return self.took(partial, len, limits, buffers);
        }
        message.buffer.append(piece)?;
        self.arrived(partial, len, limits, buffers)
    }

    /// `len` more bytes of the frame lie at the end of its buffer, as they came.
    #[inline(never)]
    fn arrived(
        &mut self,
        partial: Partial,
        len: usize,
        limits: &Limits,
        buffers: &mut Buffers,
    ) -> Result<Option<Received<'static>>> {
        self.uncover(partial, len)?;
        self.took(partial, len, limits, buffers)
    }

    /// Unmasks the last `len` bytes in the frame's buffer, and checks them if they are text, which fails at the first byte
    /// that is wrong.
    fn uncover(&mut self, Partial { header, received }: Partial, len: usize) -> Result<()> {
        let (buffer, utf8) = match (&mut self.control, self.message.as_mut()) {
            (Some(control), _) if header.opcode.is_control() => (control, None),
            (_, Some(Message { opcode: Opcode::Text, buffer, utf8, .. })) => (buffer, Some(utf8)),
            (_, Some(message)) => (&mut message.buffer, None),
            _ => return Ok(()),
        };
        let piece = buffer.filled_from(buffer.len() - len);
        match (utf8, header.mask) {
            (Some(utf8), Some(key)) => utf8.feed_masked(piece, key, received).map(|_| ()),
            (Some(utf8), None) => utf8.feed(piece).map(|_| ()),
            (None, Some(key)) => {
                apply_mask(piece, key, received);
                Ok(())
            }
            (None, None) => Ok(()),
        }
    }

    /// `len` more bytes of the frame have been taken; so is the frame, if they were its last.
    fn took(
        &mut self,
        Partial { header, received }: Partial,
        len: usize,
        limits: &Limits,
        buffers: &mut Buffers,
    ) -> Result<Option<Received<'static>>> {
        let received = received + len as u64;
        if received < header.len {
            self.partial = Some(Partial { header, received });
            return Ok(None);
        }
        self.partial = None;
        if header.opcode.is_control() {
            return self.finish_control(header, buffers).map(Some);
        }
        self.finish_frame(header, limits, buffers)
    }

    fn finish_control(&mut self, header: Header, buffers: &mut Buffers) -> Result<Received<'static>> {
        let payload = self.control.take().unwrap_or_default();
        if header.opcode == Opcode::Close {
            let frame = close::read(payload.filled());
            buffers.put_message(payload);
            return frame.map(Received::Close);
        }
        let payload = Payload::Buffered(payload);
        Ok(if header.opcode == Opcode::Ping { Received::Ping(payload) } else { Received::Pong(payload) })
    }

    /// A data frame is complete; so is the message if this was its last.
    pub(super) fn finish_frame(
        &mut self,
        header: Header,
        limits: &Limits,
        buffers: &mut Buffers,
    ) -> Result<Option<Received<'static>>> {
        let Some(mut message) = self.message.take() else { return Ok(None) };
        message.fragments += 1;
        if header.fin {
            message.utf8.finish()?;
        }
        let opcode = message.opcode;
        let whole = if message.coded { Payload::Inflated } else { Payload::Buffered };
        if limits.deliver_fragments {
            let buffer = std::mem::replace(&mut message.buffer, buffers.message());
            if header.fin {
                buffers.put_message(message.buffer);
            } else {
                self.message = Some(message);
            }
            return Ok(Some(Received::Fragment(opcode, header.fin, whole(buffer))));
        }
        if header.fin {
            return Ok(Some(Received::Message(opcode, whole(message.buffer))));
        }
        self.message = Some(message);
        Ok(None)
    }
}

/// A frame that lies in the input as a whole and stands alone.
#[inline(always)]
fn receive_whole(header: Header, payload: &mut [u8]) -> Result<Received<'_>> {
    match header.mask {
        Some(key) if header.opcode == Opcode::Text => {
            Utf8::default().feed_masked(payload, key, 0)?.finish()?;
            return Ok(Received::Message(Opcode::Text, Payload::InPlace(payload)));
        }
        Some(key) => apply_mask(payload, key, 0),
        None => {}
    }
    let payload = &*payload;
    Ok(match header.opcode {
        Opcode::Text => {
            Utf8::check(payload)?;
            Received::Message(Opcode::Text, Payload::InPlace(payload))
        }
        Opcode::Ping => Received::Ping(Payload::InPlace(payload)),
        Opcode::Pong => Received::Pong(Payload::InPlace(payload)),
        Opcode::Close => Received::Close(close::read(payload)?),
        Opcode::Binary | Opcode::Continuation => Received::Message(Opcode::Binary, Payload::InPlace(payload)),
    })
}

#[cold]
fn too_big(header: &Header, so_far: u64, limits: &Limits) -> Error {
    let (detail, max) = match header.len > limits.frame_max {
        true => ("a frame is over our frame_max", limits.frame_max),
        false => ("a message is over our message_max", limits.message_max),
    };
    Error::new(Status::PAYLOAD_TOO_BIG, detail).with(|e| {
        e.size = Some(so_far.saturating_add(header.len));
        e.max_size = Some(max);
        e.current_size = Some(so_far);
        e.opcode = header.opcode as u8;
    })
}
