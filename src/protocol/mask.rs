//! Masking, RFC 6455 §5.3: XOR with a four-byte key, wherever in the frame the bytes stand.

use super::simd;

/// From so many bytes on, choosing the widest registers that there are costs less than it gains: in place, and copying.
const LONG: usize = 256;
const LONG_COPY: usize = 512;

/// XORs `bytes`, which stand at `offset` in their frame's payload, with the key. Masks and unmasks alike.
///
/// The bulk goes through eight-byte words in blocks that the compiler turns into the widest XOR the target
/// has; short payloads never enter that loop, and long ones have one of their own.
#[inline]
pub fn apply_mask(bytes: &mut [u8], key: [u8; 4], offset: u64) {
    let key = turned(key, offset);
    if bytes.len() >= LONG {
        return simd::xor(bytes, key);
    }
    let word = word(key, 0);
    let mut blocks = bytes.chunks_exact_mut(64);
    for block in &mut blocks {
        xor_words(block, word);
    }
    xor_words(blocks.into_remainder(), word);
}

/// The same for a part of a text; true if it is all ASCII then. Seeing that takes less than looking again.
#[inline]
pub fn unmask_text(bytes: &mut [u8], key: [u8; 4], offset: u64) -> bool {
    simd::xor_text(bytes, turned(key, offset))
}

/// XORs the few bytes of a payload with its key; true if they are all ASCII then.
#[inline(always)]
pub fn unmask_short(bytes: &mut [u8], key: [u8; 4]) -> bool {
    is_ascii(xor_words(bytes, word(key, 0)))
}

/// Puts `bytes`, which stand at `offset` in their frame's payload, behind what there is, masked or unmasked.
#[inline(always)]
pub fn push_masked(out: &mut Vec<u8>, bytes: &[u8], key: [u8; 4], offset: u64) {
    let key = turned(key, offset);
    if bytes.len() < LONG_COPY { simd::push_short(out, bytes, key) } else { simd::push_xored(out, bytes, key) }
}

/// Puts them into a place of the same length.
pub fn copy_masked(to: &mut [u8], bytes: &[u8], key: [u8; 4], offset: u64) {
    simd::copy_xored(to, bytes, turned(key, offset));
}

/// The key as it lies over bytes that stand at `offset`. Turning it as an array would be three calls of memmove.
#[inline(always)]
fn turned(key: [u8; 4], offset: u64) -> [u8; 4] {
    u32::from_le_bytes(key).rotate_right((offset % 4) as u32 * 8).to_le_bytes()
}

/// The same as eight bytes.
#[inline(always)]
pub(super) fn word(key: [u8; 4], offset: usize) -> u64 {
    let half = u64::from(u32::from_ne_bytes(turned(key, offset as u64)));
    (half << 32) | half
}

/// No byte had its highest bit set, of all those whose bits were put together.
#[inline(always)]
pub(super) fn is_ascii(seen: u64) -> bool {
    seen & 0x8080_8080_8080_8080 == 0
}

/// XORs eight bytes; what they are then.
#[inline(always)]
pub(super) fn xor_word(bytes: &mut [u8; 8], word: u64) -> u64 {
    let plain = u64::from_ne_bytes(*bytes) ^ word;
    *bytes = plain.to_ne_bytes();
    plain
}

/// XORs as many eights of bytes as there are; all bits that are set in any of them then.
#[inline(always)]
fn xor_eights(bytes: &mut [u8], word: u64) -> u64 {
    let eights = bytes.chunks_exact_mut(8).filter_map(<[u8]>::first_chunk_mut);
    eights.fold(0, |seen, eight| seen | xor_word(eight, word))
}

/// The same for a few bytes, or a block.
#[inline(always)]
pub(super) fn xor_words(bytes: &mut [u8], word: u64) -> u64 {
    let mut seen = 0;
    let mut blocks = bytes.chunks_exact_mut(32);
    for block in blocks.by_ref().filter_map(<[u8]>::first_chunk_mut::<32>) {
        seen |= xor_eights(block, word);
    }
    let rest = blocks.into_remainder();
    let (sixteen, rest) = rest.split_at_mut(rest.len() & 16);
    if let Some(sixteen) = sixteen.first_chunk_mut::<16>() {
        seen |= xor_eights(sixteen, word);
    }
    match rest {
        [] => seen,
        rest => seen | xor_rest(rest, word),
    }
}

/// The same for less than sixteen, in steps of half the size each.
#[inline(always)]
fn xor_rest(bytes: &mut [u8], word: u64) -> u64 {
    let (eight, rest) = bytes.split_at_mut(bytes.len() & 8);
    let (four, rest) = rest.split_at_mut(rest.len() & 4);
    let (two, one) = rest.split_at_mut(rest.len() & 2);
    let half = word as u32; // which stands there twice
    let [a, b, c, _] = half.to_ne_bytes();
    let (mut seen, mut next) = (0, a);
    if let Some(eight) = eight.first_chunk_mut() {
        seen = xor_word(eight, word);
    }
    if let Some(four) = four.first_chunk_mut() {
        let plain = u32::from_ne_bytes(*four) ^ half;
        *four = plain.to_ne_bytes();
        seen |= u64::from(plain);
    }
    if let Some(two) = two.first_chunk_mut() {
        let plain = u16::from_ne_bytes(*two) ^ u16::from_ne_bytes([a, b]);
        *two = plain.to_ne_bytes();
        seen |= u64::from(plain);
        next = c;
    }
    if let Some(one) = one.first_mut() {
        *one ^= next;
        seen |= u64::from(*one);
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 4] = [0x12, 0x34, 0x56, 0x78];

    fn defined(plain: &[u8], offset: u64) -> Vec<u8> {
        plain.iter().enumerate().map(|(i, byte)| byte ^ KEY[(i + offset as usize) % 4]).collect()
    }

    fn lengths() -> impl Iterator<Item = usize> {
        (0..LONG_COPY + 20).step_by(if cfg!(miri) { 37 } else { 1 }).chain([1000, 4096, 4099])
    }

    #[test]
    fn equals_the_definition_at_every_length_and_offset() {
        for len in lengths() {
            let plain: Vec<u8> = (0..len).map(|i| (i * 7) as u8).collect();
            for offset in 0..9u64 {
                let mut fast = plain.clone();
                apply_mask(&mut fast, KEY, offset);
                assert_eq!(fast, defined(&plain, offset), "length {len}, offset {offset}");
                let is_ascii = unmask_text(&mut fast, KEY, offset);
                assert_eq!((&fast, is_ascii), (&plain, plain.is_ascii()), "length {len}, offset {offset}");
            }
            let mut short = defined(&plain, 0);
            assert_eq!((unmask_short(&mut short, KEY), short), (plain.is_ascii(), plain.clone()), "length {len}");
            for offset in [0, 7] {
                let (mut out, mut place) = (vec![1, 2, 3], vec![0; len]);
                push_masked(&mut out, &plain, KEY, offset);
                assert_eq!((&out[..3], &out[3..]), (&[1, 2, 3][..], &defined(&plain, offset)[..]), "length {len}");
                copy_masked(&mut place, &plain, KEY, offset);
                assert_eq!(place, defined(&plain, offset), "length {len}");
            }
        }
    }

    #[test]
    fn text_is_ascii_only_if_every_byte_is() {
        for len in lengths().filter(|len| len % 7 == 0 || *len < 80) {
            for at in (0..len).step_by(1 + len / 100) {
                let mut plain = vec![b'x'; len];
                plain[at] = 0xc3;
                assert!(!unmask_text(&mut defined(&plain, 3), KEY, 3), "byte {at} of {len}");
                assert!(unmask_text(&mut defined(&vec![b'x'; len], 3), KEY, 3), "length {len}");
            }
        }
    }
}
