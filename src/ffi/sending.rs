//! Messages on their way out, one at a time or many with one call.

use std::ffi::c_void;
use std::iter::empty;

use super::convert::{ArrayNames, Versioned, bytes, check_array, invalid, out, versioned_or_default};
use super::guard::guard;
use super::registry;
use super::types::{hws_bytes, hws_conn, hws_opcode, hws_status};
use crate::engine::{Home, Kind, PlainMessage};
use crate::error::{Error, Operation, Result, Status};
use crate::protocol::Opcode;
use crate::session::Outgoing;

/// How one message is sent. Zero is the default.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct hws_send_options {
    pub struct_size: u32,
    /// hws_send_flags
    pub flags: u32,
    /// not 0: a SENT event with it follows when the message has left for the kernel; of a ping, it comes back
    /// with the PONG
    pub token: u64,
}

// SAFETY: repr(C), struct_size first, integers only.
unsafe impl Versioned for hws_send_options {}

/// One message of many, for hws_send_batch. Zero in flags and token is the default.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct hws_outgoing {
    pub conn: hws_conn,
    /// one of hws_opcodes
    pub opcode: hws_opcode,
    /// hws_send_flags
    pub flags: u32,
    pub data: hws_bytes,
    /// as in hws_send_options
    pub token: u64,
}

/// Sends a message: HWS_TEXT, HWS_BINARY, a HWS_PING or HWS_PONG of up to 125 bytes, or with HWS_SEND_MORE a
/// fragment, whose followers are HWS_CONT. It is queued whole or not at all, and leaves with the next hws_poll at
/// the latest. options may be NULL.
///
/// With hws_reconnect.buffer_max whole text and binary messages are taken while the connection is not open, too, and leave
/// when it is.
///
/// Owns: data is copied, or written, before the call returns.
/// Errors: INVALID_HANDLE, INVALID_ARGUMENT, STRUCT_SIZE, NO_MEMORY, FORKED, PANIC; INVALID_STATE before OPEN, and while the
/// connection reconnects; BUFFER_OVERFLOW where what is to wait has no room; RECONNECT_DISABLED for what is to be sent
/// again, on a connection that does not come back;
/// CONNECTION_CLOSED once it closes; INVALID_SEND for what no frame may hold, such as text that is not UTF-8;
/// SEND_QUEUE_FULL over limits.send_queue_max (WRITABLE follows, unless the message alone is larger);
/// CONCURRENCY for a message inside a fragmented one, or a ping whose payload is on its way already.
/// Threads: any.
/// Since: 0.1.0.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn hws_send(
    conn: hws_conn,
    opcode: hws_opcode,
    data: *const c_void,
    len: usize,
    options: *const hws_send_options,
) -> hws_status {
    guard(Operation::Send, || {
        let home = registry::home_of(conn.id)?;
        // SAFETY: C's promise about the data.
        let data = unsafe { bytes(data.cast(), len, "data") }?;
        // SAFETY: C's promise about the struct.
        let options = unsafe { versioned_or_default(options, "options") }?;
        let how = options.map_or((0, 0), |options| (options.flags, options.token));
        if let Some(opcode) = plain(opcode, how) {
            if home.send_plain((conn.id, opcode, data), empty())? > 0 {
                registry::hand_out_log_of(conn.id);
                return Ok(());
            }
        }
        send(home, conn.id, opcode, data, how)
    })
}

/// Sends many messages, one after the other, each as hws_send does and to whichever connection it is for, up to the first
/// that is refused: *sent is how many went before that. Only if the very first is refused does the call fail, with the
/// error of that one: so to hear why, call again from there. What a server or a game has to say after a batch of events
/// takes a third less work with one call than with many, and most where each call costs something, as it does from other
/// languages.
///
/// Messages of 4 to 64 KiB that follow each other on one connection of a server's leave at once, with one write, and nothing
/// of them is copied but what the kernel has no room for. So do shorter ones, from 8 KiB together on, if they are sent from
/// where hws_poll has lent them, whole and in the order in which they came: an echo or a relay costs no copy. What is
/// compressed or encrypted is copied, of course.
///
/// message_size is sizeof *messages.
///
/// Owns: the array and all data are copied, or written, before the call returns; *sent is the caller's.
/// Errors: those of hws_send, for the first message; INVALID_ARGUMENT; STRUCT_SIZE.
/// Threads: any.
/// Since: 0.1.0.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn hws_send_batch(
    messages: *const hws_outgoing,
    message_size: usize,
    count: u32,
    sent: *mut u32,
) -> hws_status {
    guard(Operation::Send, || {
        // SAFETY: C's promise that the pointer may be written.
        let out = unsafe { out(sent, "sent") }?;
        // SAFETY: C's promise about the array.
        let row = unsafe { Row::new(messages, message_size, count) }?;
        out.set(row.send()?);
        Ok(())
    })
}

const MESSAGES: ArrayNames = ArrayNames { array: "messages", stride: "message_size", count: "count" };

/// An array of `hws_outgoing`, which may be larger than ours in the caller's header.
struct Row {
    messages: *const u8,
    stride: usize,
    count: u32,
}

impl Row {
    /// Checks the array.
    ///
    /// # Safety
    /// `messages` is NULL or points to `count` times `stride` bytes, and the data in them to as many as they say.
    unsafe fn new(messages: *const hws_outgoing, stride: usize, count: u32) -> Result<Self> {
        check_array(messages, stride, count, MESSAGES)?;
        let row = Self { messages: messages.cast(), stride, count };
        if stride > size_of::<hws_outgoing>() && (0..count).any(|at| row.tail(at).iter().any(|byte| *byte != 0)) {
            return Err(Error::new(Status::STRUCT_SIZE, "messages: a field is set that this version does not know"));
        }
        Ok(row)
    }

    /// What a newer header has behind the fields of one of them, which is there.
    fn tail(&self, at: u32) -> &[u8] {
        let start = at as usize * self.stride + size_of::<hws_outgoing>();
        // SAFETY: by `new`.
        unsafe { std::slice::from_raw_parts(self.messages.add(start), self.stride - size_of::<hws_outgoing>()) }
    }

    /// One of them.
    #[inline(always)]
    fn get(&self, at: u32) -> Option<&hws_outgoing> {
        // SAFETY: by `new`, and it is one of them.
        (at < self.count).then(|| unsafe { &*self.messages.add(at as usize * self.stride).cast() })
    }

    /// Sends them up to the first that is refused; how many. If that is the first of all, why.
    fn send(&self) -> Result<u32> {
        let mut sent = 0;
        while let Some(message) = self.get(sent) {
            match self.send_some(message, sent) {
                Ok(some) => sent += some,
                Err(error) if sent == 0 => return Err(error),
                Err(_) => break,
            }
        }
        Ok(sent)
    }

    /// As many as go the short way with the first of them, or that one.
    fn send_some(&self, first: &hws_outgoing, at: u32) -> Result<u32> {
        let home = registry::home_of(first.conn.id)?;
        let sent = match first.plain() {
            Some(plain) => home.send_plain(plain, Plain { row: self, at: at + 1 })?,
            None => 0,
        };
        if sent == 0 {
            return first.send(home).map(|()| 1);
        }
        registry::hand_out_log_of(first.conn.id);
        Ok(sent)
    }
}

/// What the messages of a row say, from one of them on, as far as they may be plain ones.
#[derive(Clone)]
struct Plain<'a> {
    row: &'a Row,
    at: u32,
}

impl<'a> Iterator for Plain<'a> {
    type Item = PlainMessage<'a>;

    #[inline(always)]
    fn next(&mut self) -> Option<Self::Item> {
        let message = self.row.get(self.at)?;
        self.at += 1;
        message.plain()
    }
}

impl hws_outgoing {
    #[inline(always)]
    fn data(&self) -> Result<&[u8]> {
        // SAFETY: C's promise about the data.
        unsafe { bytes(self.data.ptr, self.data.len, "data") }
    }

    /// What it says, if that may be a plain message.
    #[inline(always)]
    fn plain(&self) -> Option<PlainMessage<'_>> {
        Some((self.conn.id, plain(self.opcode, (self.flags, self.token))?, self.data().ok()?))
    }

    fn send(&self, home: &Home) -> Result<()> {
        send(home, self.conn.id, self.opcode, self.data()?, (self.flags, self.token))
    }
}

/// The opcode of a message, if it is one, and flags and token say nothing special.
#[inline(always)]
fn plain(opcode: hws_opcode, (flags, token): (u32, u64)) -> Option<Opcode> {
    if flags != 0 || token != 0 {
        return None;
    }
    match opcode {
        1 => Some(Opcode::Text),
        2 => Some(Opcode::Binary),
        _ => None,
    }
}

/// The long way, which everything may go.
#[inline(never)]
fn send(home: &Home, conn: u64, opcode: hws_opcode, data: &[u8], (flags, token): (u32, u64)) -> Result<()> {
    let opcode = Opcode::from_number(opcode).ok_or_else(|| invalid("opcode", "is not one of hws_opcodes"))?;
    let message = Outgoing { opcode, data, more: flags & 1 != 0, token, raw: flags & 2 != 0 };
    let sent = match flags {
        0..=3 => home.send(conn, message),
        8..=11 => registry::engine_of(conn, Kind::Conn)?.engine.send_again(conn, again(message)?),
        _ => Err(invalid("flags", "has a bit that is none of hws_send_flags")),
    };
    registry::hand_out_log_of(conn);
    sent
}

/// A message that may be sent again: a whole one, with a name.
#[cold]
fn again(message: Outgoing) -> Result<Outgoing> {
    match message {
        Outgoing { token: 0, .. } => Err(invalid("token", "is 0, and HWS_SEND_AGAIN needs one")),
        Outgoing { opcode: Opcode::Text | Opcode::Binary, more: false, .. } => Ok(message),
        _ => Err(invalid("flags", "HWS_SEND_AGAIN is for whole messages")),
    }
}
