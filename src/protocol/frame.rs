//! The frame header, RFC 6455 §5.2: reading it from any number of bytes, writing it.

use super::Role;
use crate::error::{Error, Result, Status};

/// The longest header: two bytes, a 64-bit length, a masking key.
pub const MAX_HEADER: usize = 14;
/// The longest payload of a control frame, RFC 6455 §5.5.
pub const MAX_CONTROL_PAYLOAD: usize = 125;

const FIN: u8 = 0x80;
const RSV: u8 = 0x70;
const MASKED: u8 = 0x80;
const LENGTH_16: u8 = 126;
const LENGTH_64: u8 = 127;

/// What a frame is for, RFC 6455 §11.8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Opcode {
    /// More of the message begun before.
    Continuation = 0,
    /// UTF-8.
    Text = 1,
    /// Bytes.
    Binary = 2,
    /// The closing handshake.
    Close = 8,
    /// "Are you there?"
    Ping = 9,
    /// "I am."
    Pong = 10,
}

impl Opcode {
    /// The opcode with this number; the others are reserved.
    pub fn from_number(number: u32) -> Option<Opcode> {
        Some(match number {
            0 => Opcode::Continuation,
            1 => Opcode::Text,
            2 => Opcode::Binary,
            8 => Opcode::Close,
            9 => Opcode::Ping,
            10 => Opcode::Pong,
            _ => return None,
        })
    }

    /// Close, ping and pong may stand between the fragments of a message.
    pub fn is_control(self) -> bool {
        self as u8 >= 8
    }
}

/// A frame's header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Last frame of its message.
    pub fin: bool,
    /// What the frame is for.
    pub opcode: Opcode,
    /// The reserved bits that are set: those of an extension, on the first frame of a message.
    pub rsv: u8,
    /// The masking key, on frames of a client.
    pub mask: Option<[u8; 4]>,
    /// Bytes of payload.
    pub len: u64,
}

impl Header {
    /// Reads a header that `from` sent, from its first `bytes`: the header and its own length, or `None` when
    /// more bytes are needed. `rsv` are the reserved bits that extensions use. What two bytes can tell is judged from two bytes, whatever length they announce.
    #[inline(always)]
    pub fn read(bytes: &[u8], from: Role, rsv: u8) -> Result<Option<(Header, usize)>> {
        let &[first, second, ref rest @ ..] = bytes else { return Ok(None) };
        let opcode = judge(first, second, from, rsv)?;
        let (extended, minimum) = match second & !MASKED {
            LENGTH_16 => (2, 126),
            LENGTH_64 => (8, 0x1_0000),
            _ => (0, 0),
        };
        let masked = second & MASKED != 0;
        let size = extended + if masked { 4 } else { 0 };
        let Some(rest) = rest.get(..size) else { return Ok(None) };
        let (length, key) = rest.split_at(extended);
        let len = match extended {
            0 => u64::from(second & !MASKED),
            _ => length.iter().fold(0, |len, byte| (len << 8) | u64::from(*byte)),
        };
        if len >> 63 != 0 {
            return Err(invalid(opcode as u8, "the most significant bit of a 64-bit length is set"));
        }
        if len < minimum {
            return Err(invalid(opcode as u8, "the length is not encoded in the fewest bytes"));
        }
        let mask = key.first_chunk::<4>().copied();
        Ok(Some((Header { fin: first & FIN != 0, opcode, rsv: first & RSV, mask, len }, 2 + size)))
    }

    /// The bytes of the header itself.
    pub fn size(&self) -> usize {
        let mask = if self.mask.is_some() { 4 } else { 0 };
        let length = match self.len {
            0..=125 => 0,
            126..=0xffff => 2,
            _ => 8,
        };
        2 + length + mask
    }

    /// Writes the header into the end of `out`'s fourteen bytes and returns where it starts.
    #[inline(always)]
    pub fn write(&self, out: &mut [u8; MAX_HEADER]) -> usize {
        let mut at = MAX_HEADER;
        if let Some(key) = self.mask {
            at -= 4;
            out[at..].copy_from_slice(&key);
        }
        let short = match self.len {
            0..=125 => self.len as u8,
            126..=0xffff => {
                at -= 2;
                out[at..at + 2].copy_from_slice(&(self.len as u16).to_be_bytes());
                LENGTH_16
            }
            _ => {
                at -= 8;
                out[at..at + 8].copy_from_slice(&self.len.to_be_bytes());
                LENGTH_64
            }
        };
        at -= 2;
        out[at] = self.opcode as u8 | self.rsv | if self.fin { FIN } else { 0 };
        out[at + 1] = short | if self.mask.is_some() { MASKED } else { 0 };
        at
    }
}

/// Everything that the first two bytes of a frame can have wrong.
#[inline(always)]
fn judge(first: u8, second: u8, from: Role, rsv: u8) -> Result<Opcode> {
    let number = first & 0x0f;
    if first & RSV != 0 {
        judge_reserved(first & RSV, number, rsv)?;
    }
    let Some(opcode) = Opcode::from_number(u32::from(number)) else {
        return Err(invalid(number, "the opcode is reserved"));
    };
    match (from, second & MASKED != 0) {
        (Role::Client, false) => return Err(invalid(number, "a client's frame is not masked")),
        (Role::Server, true) => return Err(invalid(number, "a server's frame is masked")),
        _ => {}
    }
    if opcode.is_control() {
        if first & FIN == 0 {
            return Err(invalid(number, "a control frame is fragmented"));
        }
        if usize::from(second & !MASKED) > MAX_CONTROL_PAYLOAD {
            return Err(invalid(number, "a control frame is longer than 125 bytes"));
        }
    }
    Ok(opcode)
}

/// A reserved bit is set: an extension must have been negotiated that uses it, and it marks whole messages, so it stands
/// on their first frames only (RFC 7692 §6.1).
#[cold]
fn judge_reserved(bits: u8, number: u8, rsv: u8) -> Result<()> {
    if bits & !rsv != 0 {
        return Err(invalid(number, "a reserved bit is set and no extension was negotiated that uses it"));
    }
    match number == Opcode::Text as u8 || number == Opcode::Binary as u8 {
        true => Ok(()),
        false => Err(invalid(number, "the bit of a compressed message is set on a frame that begins none")),
    }
}

#[cold]
pub(super) fn invalid(opcode: u8, detail: &'static str) -> Error {
    Error::new(Status::INVALID_FRAME, detail).with(|e| e.opcode = opcode)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(len: u64, mask: Option<[u8; 4]>) -> Vec<u8> {
        let mut out = [0; MAX_HEADER];
        let at = Header { fin: true, opcode: Opcode::Binary, rsv: 0, mask, len }.write(&mut out);
        out[at..].to_vec()
    }

    #[test]
    fn every_length_form_there_and_back() {
        let key = Some([1, 2, 3, 4]);
        for len in [0, 1, 125, 126, 127, 0xffff, 0x1_0000, (1 << 32) + 7, (1 << 63) - 1] {
            for (mask, from) in [(None, Role::Server), (key, Role::Client)] {
                let bytes = written(len, mask);
                let want = Header { fin: true, opcode: Opcode::Binary, rsv: 0, mask, len };
                assert_eq!(Header::read(&bytes, from, 0).unwrap(), Some((want, bytes.len())));
                for short in 0..bytes.len() {
                    assert_eq!(Header::read(&bytes[..short], from, 0).unwrap(), None, "{len} cut to {short}");
                }
            }
        }
    }

    #[test]
    fn the_bit_of_an_extension_stands_on_first_frames_only() {
        let read = |first| Header::read(&[first, 0x00], Role::Server, 0x40);
        for first in [0xc1, 0x41, 0xc2] {
            let (header, _) = read(first).unwrap().unwrap();
            assert_eq!((header.rsv, header.opcode as u8), (0x40, first & 0x0f));
            let mut out = [0; MAX_HEADER];
            let at = header.write(&mut out);
            assert_eq!(out[at..], [first, 0x00]);
        }
        for first in [0xc0, 0x40, 0xc8, 0xc9, 0xca, 0xc3, 0xa1, 0x91, 0xe1] {
            assert_eq!(read(first).unwrap_err().status, Status::INVALID_FRAME, "{first:x}");
        }
    }

    #[test]
    fn what_is_wrong_is_refused_from_its_first_two_bytes() {
        let server = |bytes: &[u8]| Header::read(bytes, Role::Server, 0).unwrap_err().status;
        for bytes in [
            [0xc2, 0x01], // RSV1
            [0xa2, 0x01], // RSV2
            [0x92, 0x01], // RSV3
            [0x83, 0x7f], // opcode 3, whatever the length
            [0x8f, 0x00], // opcode 15
            [0x82, 0x81], // masked by a server
            [0x09, 0x00], // fragmented ping
            [0x89, 0x7e], // long ping
        ] {
            assert_eq!(server(&bytes), Status::INVALID_FRAME, "{bytes:x?}");
        }
        let unmasked = Header::read(&[0x82, 0x01], Role::Client, 0).unwrap_err();
        assert_eq!(unmasked.detail, "a client's frame is not masked");
        assert_eq!(server(&[0x82, 126, 0, 125]), Status::INVALID_FRAME);
        assert_eq!(server(&[0x82, 127, 0, 0, 0, 0, 0, 0, 0xff, 0xff]), Status::INVALID_FRAME);
        assert_eq!(server(&[0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0]), Status::INVALID_FRAME);
    }
}
