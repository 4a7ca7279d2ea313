//! UTF-8 as it streams, RFC 6455 §8.1: a message may be cut anywhere, also inside a character, and is refused
//! at the first byte that no continuation could repair.

use super::frame::Opcode;
use super::mask::{is_ascii, unmask_text};
use crate::error::{Error, Result, Status};

/// So much is unmasked before it is checked: both times it is in the nearest cache.
const PART: usize = 16 << 10;

/// To see that so few bytes are ASCII takes a third of what it takes to see that they are UTF-8.
const SHORT: usize = 512;

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
        if bytes.len() <= SHORT && all_ascii(bytes) {
            return Ok(());
        }
        match simdutf8::basic::from_utf8(bytes) {
            Ok(_) => Ok(()),
            Err(_) => Utf8::default().feed(bytes).and_then(|utf8| utf8.finish()),
        }
    }

    /// The next piece of the message, masked as it stands at `offset` in its frame's payload: unmasked and checked part by
    /// part, until one is wrong. Where all is ASCII, which unmasking sees, that was the check.
    pub fn feed_masked(&mut self, bytes: &mut [u8], key: [u8; 4], mut offset: u64) -> Result<&mut Self> {
        for part in bytes.chunks_mut(PART) {
            let is_ascii = unmask_text(part, key, offset);
            offset += part.len() as u64;
            if is_ascii && self.open_len == 0 {
                self.checked += part.len() as u64;
            } else {
                self.feed(part)?;
            }
        }
        Ok(self)
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

/// Looks at eight bytes at a time, which for so few is faster than anything wider.
#[inline(never)]
fn all_ascii(bytes: &[u8]) -> bool {
    let mut words = bytes.chunks_exact(8);
    let mut seen =
        words.by_ref().filter_map(<[u8]>::first_chunk).fold(0, |seen, eight| seen | u64::from_ne_bytes(*eight));
    seen |= words.remainder().iter().fold(0, |seen, byte| seen | u64::from(*byte));
    is_ascii(seen)
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

    /// Masked, in pieces that are cut anywhere, also around the parts.
    #[test]
    fn same_verdict_and_position_when_it_comes_masked() {
        let key = [0x12, 0x34, 0x56, 0x78];
        let mut texts: Vec<(Vec<u8>, Option<u64>)> = Vec::new();
        for before in [0, 1, PART - 3, PART - 2, PART - 1, PART, 2 * PART - 1] {
            let behind = vec![b'z'; 70];
            let text = |middle: &[u8]| [&vec![b'a'; before], middle, &behind].concat();
            texts.extend(GOOD.iter().map(|good| (text(good.as_bytes()), None)));
            // Without what is cut off in the end, which here goes on.
            texts.extend(BAD.iter().map(|(bad, at)| (text(bad), Some(before as u64 + at))));
        }
        for (text, wrong_at) in texts {
            for size in
                [1, 7, PART - 1, PART, PART + 1, usize::MAX].into_iter().filter(|size| *size > 9 || text.len() < 99)
            {
                let mut masked: Vec<u8> = text.iter().enumerate().map(|(i, byte)| byte ^ key[i % 4]).collect();
                let (mut utf8, mut at, mut verdict) = (Utf8::default(), 0, Ok(()));
                for piece in masked.chunks_mut(size) {
                    verdict = verdict.and_then(|()| utf8.feed_masked(piece, key, at).map(|_| ()));
                    at += piece.len() as u64;
                }
                let verdict = verdict.and_then(|()| utf8.finish());
                assert_eq!(verdict.map_err(|e| e.position).err().flatten(), wrong_at, "{} by {size}", text.len());
                assert!(wrong_at.is_some() || masked == text);
            }
        }
    }

    #[test]
    fn ascii_is_seen_whatever_the_length() {
        for len in 0..70 {
            assert!(all_ascii(&vec![0x7f; len]));
            for at in 0..len {
                let mut bytes = vec![b'a'; len];
                bytes[at] = 0x80;
                assert!(!all_ascii(&bytes), "byte {at} of {len}");
                assert_eq!(Utf8::check(&bytes).unwrap_err().position, Some(at as u64));
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
