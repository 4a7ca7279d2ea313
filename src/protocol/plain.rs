//! Plain messages, as most are: whole, in one frame, not compressed, and not large. Those that have come as a whole are taken
//! one after the other with nothing remembered in between, and sending one changes nothing but the queue. Whatever is not
//! like that goes the long way, also to be judged.

use super::Role;
use super::connection::{Connection, MaskSource};
use super::frame::Opcode;
use super::mask::{apply_mask, unmask_short, unmask_text};
use super::outbox::Outbox;
use super::receiver::Limits;
use super::utf8::Utf8;

const FIN: u8 = 0x80;
const FINAL_TEXT: u8 = FIN | Opcode::Text as u8;
const FINAL_BINARY: u8 = FIN | Opcode::Binary as u8;
const MASKED: u8 = 0x80;

/// The longest payload of a plain message.
pub const PLAIN_MAX: usize = 0xffff;

/// A longer payload gains nothing from doing two things at once.
const SHORT: usize = 64;

/// A way to read plain messages; it holds as long as nothing else is read.
#[derive(Debug, Clone, Copy)]
pub struct Plain {
    from: Role,
    /// Bytes that a message may have.
    max: usize,
}

impl Connection {
    /// How the next messages may be taken if they are plain, unless something else comes first or all go another way.
    #[inline(always)]
    pub fn plain(&self, limits: &Limits) -> Option<Plain> {
        let free = !limits.deliver_fragments && self.hears_from_the_start();
        let max = limits.message_max.min(limits.frame_max).min(PLAIN_MAX as u64) as usize;
        free.then_some(Plain { from: self.peer(), max })
    }

    /// A plain message may be sent: it is open, no message is being sent in fragments, and none of this kind is compressed.
    #[inline(always)]
    pub fn sends_plain(&self) -> bool {
        self.is_usual() && !self.has_coding()
    }

    /// Queues a plain message; there is room for it, and for a header.
    #[inline(always)]
    pub fn send_plain(&self, opcode: Opcode, data: &[u8], out: &mut Outbox, masks: &mut dyn MaskSource) {
        let first = FIN | opcode as u8;
        let key = (self.peer() == Role::Server).then(|| masks.key());
        let mask = if key.is_some() { MASKED } else { 0 };
        match data.len() {
            len @ 0..=125 => out.push_frame([first, mask | len as u8], key, data),
            len => {
                let [first, length, high, low] = long_header(opcode, len);
                out.push_frame([first, mask | length, high, low], key, data);
            }
        }
    }
}

/// The header of a plain message of more than 125 bytes, without a mask.
#[inline(always)]
pub fn long_header(opcode: Opcode, len: usize) -> [u8; 4] {
    let [high, low] = (len as u16).to_be_bytes();
    [FIN | opcode as u8, 126, high, low]
}

impl Plain {
    /// The next message, unmasked, if it is a plain one; else nothing is taken.
    #[inline(always)]
    pub fn next<'a>(self, input: &'a mut [u8], at: &mut usize) -> Option<(Opcode, &'a [u8])> {
        let rest = input.get_mut(*at..)?;
        let (opcode, header, len) = self.header(rest)?;
        let (head, behind) = rest.split_at_mut_checked(header)?;
        let payload = behind.get_mut(..len).filter(|_| len <= self.max)?;
        let key = match self.from {
            Role::Client => *head.last_chunk::<4>()?,
            Role::Server => [0; 4],
        };
        let is_ascii = self.unmask(opcode, payload, key);
        if opcode == Opcode::Text && !is_ascii && Utf8::check(payload).is_err() {
            self.unmask(opcode, payload, key); // as it was, for the receiver to say what is wrong with it
            return None;
        }
        *at += header + len;
        Some((opcode, payload))
    }

    /// What the first bytes say of a plain message: its opcode, the length of the header and that of the payload.
    #[inline(always)]
    fn header(self, bytes: &[u8]) -> Option<(Opcode, usize, usize)> {
        let &[first, second, ref more @ ..] = bytes else { return None };
        let opcode = match first {
            FINAL_TEXT => Opcode::Text,
            FINAL_BINARY => Opcode::Binary,
            _ => return None,
        };
        let (mask, key) = match self.from {
            Role::Client => (MASKED, 4),
            Role::Server => (0, 0),
        };
        match second ^ mask {
            len @ 0..=125 => Some((opcode, 2 + key, usize::from(len))),
            126 => {
                let len = usize::from(u16::from_be_bytes(*more.first_chunk()?));
                (len > 125).then_some((opcode, 4 + key, len))
            }
            _ => None,
        }
    }

    /// Unmasks a payload; true if all of it is ASCII, as far as that is known for nothing.
    #[inline(always)]
    fn unmask(self, opcode: Opcode, payload: &mut [u8], key: [u8; 4]) -> bool {
        match self.from {
            Role::Client if payload.len() <= SHORT => unmask_short(payload, key),
            Role::Client => unmask_long(opcode, payload, key),
            Role::Server => false,
        }
    }
}

/// Apart, so that short payloads have the shorter code.
#[inline(never)]
fn unmask_long(opcode: Opcode, payload: &mut [u8], key: [u8; 4]) -> bool {
    if opcode == Opcode::Text {
        return unmask_text(payload, key, 0);
    }
    apply_mask(payload, key, 0);
    false
}
