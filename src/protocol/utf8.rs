//! UTF-8 as it streams, RFC 6455 §8.1: a message may be cut anywhere, also inside a character, and is refused
//! at the first byte that no continuation could repair.

use super::frame::Opcode;
use crate::error::{Error, Result, Status};

/// The check of one text message.
#[derive(Debug, Default, Clone)]
pub struct Utf8 {
    /// Bytes of the message that are known to be good.
    checked: u64,
    /// The beginning of a character whose end has not come yet.
    open: [u8; 4],
    open_len: u8,
}

impl Utf8 {
    /// The whole of a message at once: the fast path, which needs no state.
    #[inline]
    pub fn check(bytes: &[u8]) -> Result<()> {
        match simdutf8::basic::from_utf8(bytes) {
            Ok(_) => Ok(()),
            Err(_) => Utf8::default().feed(bytes).and_then(|utf8| utf8.finish()),
        }
    }

    /// The next piece of the message.
    pub fn feed(&mut self, mut bytes: &[u8]) -> Result<&mut Self> {
        while self.open_len > 0 {
            let Some((&byte, rest)) = bytes.split_first() else { return Ok(self) };
            self.open[usize::from(self.open_len)] = byte;
            self.open_len += 1;
            bytes = rest;
            let open = &self.open[..usize::from(self.open_len)];
            match std::str::from_utf8(open) {
                Ok(_) => {
                    self.checked += u64::from(self.open_len);
                    self.open_len = 0;
                }
                Err(e) if e.error_len().is_some() => return Err(self.refuse(0)),
                Err(_) => {}
            }
        }
        match simdutf8::compat::from_utf8(bytes) {
            Ok(_) => self.checked += bytes.len() as u64,
            Err(e) if e.error_len().is_some() => return Err(self.refuse(e.valid_up_to())),
            Err(e) => {
                let tail = &bytes[e.valid_up_to()..];
                self.checked += e.valid_up_to() as u64;
                self.open[..tail.len()].copy_from_slice(tail);
                self.open_len = tail.len() as u8;
            }
        }
        Ok(self)
    }

    /// The end of the message: no character may be open.
    pub fn finish(&self) -> Result<()> {
        if self.open_len > 0 { Err(self.refuse(0)) } else { Ok(()) }
    }

    #[cold]
    fn refuse(&self, further: usize) -> Error {
        Error::new(Status::INVALID_PAYLOAD, "a text message is not UTF-8").with(|e| {
            e.position = Some(self.checked + further as u64);
            e.opcode = Opcode::Text as u8;
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &[&str] = &["", "a", "héllo wörld", "κόσμε", "\u{10ffff}", "\u{fffd}a\u{800}"];
    /// Bytes, and where they stop being UTF-8.
    const BAD: &[(&[u8], u64)] = &[
        (b"\x80", 0),
        (b"ab\xc0\x80", 2),
        (b"\xed\xa0\x80", 0),
        (b"\xf4\x90\x80\x80", 0),
        (b"xyz\xe2\x82", 3),
        (b"\xe2\x82A", 0),
    ];

    fn in_pieces(bytes: &[u8], size: usize) -> Result<()> {
        let mut utf8 = Utf8::default();
        for piece in bytes.chunks(size) {
            utf8.feed(piece)?;
        }
        utf8.finish()
    }

    #[test]
    fn same_verdict_and_position_in_every_chunking() {
        for size in 1..8 {
            for text in GOOD {
                in_pieces(text.as_bytes(), size).unwrap();
            }
            for (bytes, position) in BAD {
                assert_eq!(in_pieces(bytes, size).unwrap_err().position, Some(*position), "{bytes:x?} by {size}");
                assert_eq!(Utf8::check(bytes).unwrap_err().position, Some(*position));
            }
        }
    }

    #[test]
    fn fails_fast_inside_a_character() {
        let mut utf8 = Utf8::default();
        utf8.feed(b"\xed").unwrap();
        assert!(utf8.feed(b"\xa0").is_err(), "a surrogate is known by its second byte");
    }
}
