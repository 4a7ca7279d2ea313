//! Masking, RFC 6455 §5.3: XOR with a four-byte key, wherever in the frame the bytes stand.

use super::simd;

/// XORs `bytes`, which stand at `offset` in their frame's payload, with the key. Masks and unmasks alike.
#[inline]
pub fn apply_mask(bytes: &mut [u8], key: [u8; 4], offset: u64) {
    simd::xor(bytes, turned(key, offset), false);
}

/// The same for a part of a text; true if it is all ASCII then. Seeing that takes less than looking again.
#[inline]
pub fn unmask_text(bytes: &mut [u8], key: [u8; 4], offset: u64) -> bool {
    simd::xor(bytes, turned(key, offset), true)
}

/// Puts `bytes`, which stand at `offset` in their frame's payload, behind what there is, masked or unmasked.
#[inline(always)]
pub fn push_masked(out: &mut Vec<u8>, bytes: &[u8], key: [u8; 4], offset: u64) {
    simd::push_xored(out, bytes, turned(key, offset));
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

/// The key as it lies over eight bytes.
#[inline(always)]
pub(super) fn word(key: [u8; 4]) -> u64 {
    let half = u64::from(u32::from_ne_bytes(key));
    (half << 32) | half
}

/// The same over eight bytes that stand so many further on.
#[inline(always)]
pub(super) fn word_behind(word: u64, bytes: usize) -> u64 {
    u64::from_le(word.to_le().rotate_right((bytes % 8) as u32 * 8))
}

/// No byte had its highest bit set, of all those whose bits were put together.
#[inline(always)]
pub(super) fn is_ascii(seen: u64) -> bool {
    seen & 0x8080_8080_8080_8080 == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 4] = [0x12, 0x34, 0x56, 0x78];

    fn defined(plain: &[u8], offset: u64) -> Vec<u8> {
        plain.iter().enumerate().map(|(i, byte)| byte ^ KEY[(i + offset as usize) % 4]).collect()
    }

    fn lengths() -> impl Iterator<Item = usize> {
        (0..532).step_by(if cfg!(miri) { 37 } else { 1 }).chain([1000, 4096, 4099])
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
