//! Reading plain messages, one after the other. Those that came masked lie as a server sends them then: each frame right behind
//! the one before, with a header that has no key. Who sends messages on, or back, can send them from there.

use super::frame::Opcode;
use super::mask::apply_mask;
use super::plain::{FIN, MASKED, Plain, SHORT_MAX};
use super::simd::lay;
use super::utf8::Utf8;

const FINAL_TEXT: u8 = FIN | Opcode::Text as u8;
const FINAL_BINARY: u8 = FIN | Opcode::Binary as u8;

/// Plain messages in what was read; with `MASK`, a client's.
pub struct Messages<'a, const MASK: bool> {
    input: &'a mut [u8],
    /// Bytes that a message may have.
    max: usize,
    /// Where the next one begins.
    at: usize,
    /// Where its frame is laid, which is before its payload.
    lay: usize,
}

impl<'a, const MASK: bool> Messages<'a, MASK> {
    const KEY: usize = if MASK { 4 } else { 0 };

    #[inline(always)]
    pub fn new(plain: Plain, input: &'a mut [u8], at: usize) -> Self {
        Self { input, max: plain.max, at, lay: at + Self::KEY } // then the first payload stays where it is
    }

    /// Hands each to `take`, as long as they are plain and it wants more. Where that begins which is left as it is.
    #[inline(always)]
    pub fn take_all(mut self, mut take: impl FnMut(Opcode, &[u8]) -> bool) -> usize {
        while self.next(&mut take) == Some(true) {}
        self.at
    }

    /// Takes the next one, if it is a plain one; whether more are wanted.
    #[inline(always)]
    fn next(&mut self, take: &mut impl FnMut(Opcode, &[u8]) -> bool) -> Option<bool> {
        let &[first, second, ref more @ ..] = self.input.get(self.at..)? else { return None };
        let opcode = match first {
            FINAL_TEXT => Opcode::Text,
            FINAL_BINARY => Opcode::Binary,
            _ => return None,
        };
        match second ^ if MASK { MASKED } else { 0 } {
            len @ 0..=125 => self.take_one(opcode, [first, len], usize::from(len), take),
            126 => {
                let &[high, low] = more.first_chunk()?;
                let len = usize::from(u16::from_be_bytes([high, low]));
                if len > SHORT_MAX && len <= self.max {
                    self.take_one(opcode, [first, 126, high, low], len, take)
                } else {
                    None
                }
            }
            _ => None,
        }
    }

    /// The same for a message with this header, which is without the key.
    #[inline(always)]
    fn take_one<const N: usize>(
        &mut self,
        opcode: Opcode,
        header: [u8; N],
        len: usize,
        take: &mut impl FnMut(Opcode, &[u8]) -> bool,
    ) -> Option<bool> {
        let (is_text, from) = (opcode == Opcode::Text, self.at + N + Self::KEY);
        let payload = if MASK {
            let (payload, key, is_ascii) = lay(self.input, (self.lay, header), (from, len), is_text)?;
            if is_text && !is_ascii && Utf8::check(payload).is_err() {
                put_back(self.input, (self.lay, &header), (self.at, from), len, key);
                return None;
            }
            self.lay += N + len;
            payload
        } else {
            let payload = self.input.get(from..)?.get(..len)?;
            if is_text {
                Utf8::check(payload).ok()?;
            }
            payload
        };
        self.at = from + len;
        Some(take(opcode, payload))
    }
}

/// A frame as it was before it was laid, for the receiver to say what is wrong with it.
#[cold]
fn put_back(input: &mut [u8], (lay, header): (usize, &[u8]), (at, from): (usize, usize), len: usize, key: [u8; 4]) {
    let to = lay + header.len();
    input.copy_within(to..to + len, from);
    apply_mask(&mut input[from..from + len], key, 0);
    input[at..from].copy_from_slice(&[header, &key].concat());
    input[at + 1] |= MASKED;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Role;
    use crate::protocol::plain::long_header;

    const KEY: [u8; 4] = [0x12, 0x34, 0x56, 0x78];

    /// A frame as a server sends it, and as a client does.
    fn frames(opcode: Opcode, payload: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let mut header = match payload.len() {
            len @ 0..=SHORT_MAX => vec![FIN | opcode as u8, len as u8],
            len => long_header(opcode, len).to_vec(),
        };
        let plain = [&header, payload].concat();
        let mut masked = payload.to_vec();
        apply_mask(&mut masked, KEY, 0);
        header[1] |= MASKED;
        (plain, [&header[..], &KEY, &masked].concat())
    }

    fn some(len: usize) -> Vec<u8> {
        (0..len).map(|i| b'a' + (i % 26) as u8).collect()
    }

    const LENGTHS: [usize; 9] = [0, 1, 16, 125, 126, 300, 64, 5000, 7];

    /// What is taken of these bytes, and where the rest begins.
    fn received(from: Role, input: &mut [u8], wanted: usize) -> (Vec<(Opcode, Vec<u8>)>, usize) {
        let (mut messages, mut at) = (Vec::new(), 3);
        Plain { from, max: 5000 }.receive(input, &mut at, |opcode, data| {
            messages.push((opcode, data.to_vec()));
            messages.len() < wanted
        });
        (messages, at)
    }

    #[test]
    fn what_came_masked_lies_as_a_server_sends_it() {
        let (mut input, mut wanted) = (vec![9; 3], Vec::new());
        for len in LENGTHS {
            let (plain, masked) = frames(Opcode::Binary, &some(len));
            input.extend(masked);
            wanted.extend(plain);
        }
        input.extend(b"rest");
        let (messages, at) = received(Role::Client, &mut input, usize::MAX);
        assert!(messages.iter().map(|(_, data)| data.len()).eq(LENGTHS));
        assert_eq!(&input[3 + 4..][..wanted.len()], wanted, "and the first payload stays where it is");
        assert_eq!(&input[at..], b"rest");
    }

    #[test]
    fn whoever_wants_no_more_gets_the_others_later() {
        for from in [Role::Client, Role::Server] {
            let all = LENGTHS.map(|len| frames(Opcode::Text, &some(len)));
            let mut input = vec![9; 3];
            all.iter().for_each(|(plain, masked)| input.extend(if from == Role::Client { masked } else { plain }));
            for wanted in 1..LENGTHS.len() {
                let mut input = input.clone();
                let (mut messages, at) = received(from, &mut input, wanted);
                let (others, end) = received(from, &mut input[at - 3..], usize::MAX);
                messages.extend(others);
                assert!(messages == LENGTHS.map(|len| (Opcode::Text, some(len))), "{from:?}, {wanted} at first");
                assert_eq!(at - 3 + end, input.len());
            }
        }
    }

    /// The receiver, which has to say what is wrong with it, sees what came.
    #[test]
    fn what_is_no_plain_message_is_left_as_it_was() {
        let wrong = |len: usize, at: usize| {
            let mut text = some(len);
            text[at] = 0xff;
            frames(Opcode::Text, &text)
        };
        let others = [wrong(1, 0), wrong(16, 3), wrong(125, 124), wrong(126, 0), wrong(5000, 4999)];
        let others = others.into_iter().chain([frames(Opcode::Binary, &some(5001)), frames(Opcode::Ping, b"ping")]);
        for (plain, masked) in others {
            for (from, other) in [(Role::Client, masked), (Role::Server, plain)] {
                for before in 0..LENGTHS.len() {
                    let mut input = vec![9; 3];
                    for len in &LENGTHS[..before] {
                        let (plain, masked) = frames(Opcode::Text, &some(*len));
                        input.extend(if from == Role::Client { masked } else { plain });
                    }
                    let end = input.len();
                    input.extend(other.iter().chain(b"behind it"));
                    let (messages, at) = received(from, &mut input, usize::MAX);
                    assert_eq!((messages.len(), at), (before, end), "{from:?}");
                    assert!(input[at..].iter().eq(other.iter().chain(b"behind it")), "{from:?}, {before} before it");
                }
            }
        }
    }
}
