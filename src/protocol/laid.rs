//! Messages that lie in memory just as a server sends them, with their headers before them, as what was received does. Nothing
//! is remembered of them: the bytes tell.

use std::ops::Range;

use super::frame::Opcode;
use super::plain::{FIN, PLAIN_MAX, SHORT_MAX, long_header};

/// A whole message: its kind, and what it says.
pub type Whole<'a> = (Opcode, &'a [u8]);

/// Where the frame of a plain message lies in `memory`, if it does.
#[inline(always)]
pub fn lies_at(memory: &[u8], message: Whole) -> Option<Range<usize>> {
    let header = if message.1.len() > SHORT_MAX { 4 } else { 2 };
    let at = message.1.as_ptr().addr().wrapping_sub(memory.as_ptr().addr()).wrapping_sub(header);
    lies_behind(memory, at, message).map(|end| at..end)
}

/// Where that ends, if it begins at `at`.
#[inline(always)]
pub fn lies_behind(memory: &[u8], at: usize, (opcode, data): Whole) -> Option<usize> {
    let rest = memory.get(at..)?;
    let (header, is_it) = match data.len() {
        len @ 0..=SHORT_MAX => (2, rest.first_chunk() == Some(&[FIN | opcode as u8, len as u8])),
        len @ 126..=PLAIN_MAX => (4, rest.first_chunk() == Some(&long_header(opcode, len))),
        _ => return None,
    };
    let is_there = is_it && rest.as_ptr().addr() + header == data.as_ptr().addr() && header + data.len() <= rest.len();
    is_there.then(|| at + header + data.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_lies_where_its_header_is_before_it() {
        for len in [0, 1, 125, 126, 5000, PLAIN_MAX] {
            let payload = vec![b'x'; len];
            let header = if len > 125 { long_header(Opcode::Text, len).to_vec() } else { vec![0x81, len as u8] };
            let memory = [b"...", &header[..], &payload, b"..."].concat();
            let data = &memory[3 + header.len()..][..len];
            assert_eq!(lies_at(&memory, (Opcode::Text, data)), Some(3..3 + header.len() + len));
            assert_eq!(lies_at(&memory, (Opcode::Binary, data)), None, "another header");
            assert_eq!(lies_at(&memory, (Opcode::Text, &payload)), None, "elsewhere");
            assert_eq!(lies_at(&memory[4..], (Opcode::Text, data)), None, "the header is elsewhere");
            assert_eq!(lies_at(&memory[..memory.len() - 4], (Opcode::Text, data)), None, "its end is elsewhere");
            assert_eq!(lies_at(&[], (Opcode::Text, data)), None);
            if len > 1 {
                assert_eq!(lies_at(&memory, (Opcode::Text, &data[1..])), None, "a part of it");
            }
        }
    }
}
