//! Plain messages, as most are: whole, in one frame, not compressed, and not large. Those that have come as a whole are taken
//! one after the other with nothing remembered in between, and sending one changes nothing but the queue. Whatever is not
//! like that goes the long way, also to be judged.

use super::Role;
use super::connection::{Connection, MaskSource};
use super::frame::Opcode;
use super::messages::Messages;
use super::outbox::Outbox;
use super::receiver::Limits;

pub(super) const FIN: u8 = 0x80;
pub(super) const MASKED: u8 = 0x80;

/// The longest payload of a plain message.
pub const PLAIN_MAX: usize = 0xffff;
/// The longest whose length is in the second byte.
pub(super) const SHORT_MAX: usize = 125;

/// A way to read plain messages; it holds as long as nothing else is read.
#[derive(Debug, Clone, Copy)]
pub struct Plain {
    pub(super) from: Role,
    /// Bytes that a message may have, [`SHORT_MAX`] at least.
    pub(super) max: usize,
}

impl Connection {
    /// How the next messages may be taken if they are plain, unless something else comes first or all go another way.
    #[inline(always)]
    pub fn plain(&self, limits: &Limits) -> Option<Plain> {
        let free = !limits.deliver_fragments && self.hears_from_the_start();
        let max = limits.message_max.min(limits.frame_max).min(PLAIN_MAX as u64) as usize;
        (free && max >= SHORT_MAX).then_some(Plain { from: self.peer(), max })
    }

    /// Plain messages of up to so many bytes may be sent: it is open, no message is being sent in fragments, and none so long is
    /// compressed.
    #[inline(always)]
    pub fn sends_plain(&self, len: usize) -> bool {
        self.is_usual() && self.keeps_plain(len)
    }

    /// A message of so many bytes is always a plain one.
    #[inline(always)]
    pub fn keeps_plain(&self, len: usize) -> bool {
        len <= PLAIN_MAX && !self.may_code(len)
    }

    /// Queues a plain message; there is room for it, and for a header.
    #[inline(always)]
    pub fn send_plain(&self, opcode: Opcode, data: &[u8], out: &mut Outbox, masks: &mut dyn MaskSource) {
        let first = FIN | opcode as u8;
        let key = (self.peer() == Role::Server).then(|| masks.key());
        let mask = if key.is_some() { MASKED } else { 0 };
        match data.len() {
            len @ 0..=SHORT_MAX => out.push_frame([first, mask | len as u8], key, data),
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
    /// Hands each message in `input` to `take`, unmasked, as long as they are plain ones and it wants more. What comes behind
    /// them is left as it is.
    #[inline(always)]
    pub fn receive(self, input: &mut [u8], at: &mut usize, take: impl FnMut(Opcode, &[u8]) -> bool) {
        match self.from {
            Role::Client => *at = Messages::<true>::new(self, input, *at).take_all(take),
            Role::Server => *at = Messages::<false>::new(self, input, *at).take_all(take),
        }
    }
}
