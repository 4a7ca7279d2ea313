//! What goes in and out of a session beside bytes.

use super::Time;
use crate::handshake::Handshake;
use crate::protocol::{Buffers, MaskSource, Opcode, Payload};

/// Something for the host.
#[derive(Debug)]
pub enum Notice<'a> {
    /// The opening handshake is done.
    Open(Box<Handshake>),
    /// A request, and whether it asks for a WebSocket: [`super::Session::grant`] or [`super::Session::answer`] it.
    Asked(Box<Handshake>, bool),
    /// A request has got the response that its path has for everybody: nobody need be told.
    Answered,
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
}

/// What came beside messages.
#[derive(Debug, Default, Clone, Copy)]
pub struct Heard {
    /// Pings.
    pub pings: u32,
    /// Pongs.
    pub pongs: u32,
}
