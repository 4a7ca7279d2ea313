//! The loops over long payloads: compiled once for every CPU of the target, and where wider registers pay once more for
//! those that have them, chosen at run time. The only unsafe code of this room.
#![allow(unsafe_code)]

use std::mem::MaybeUninit;

use super::mask::{is_ascii, word, xor_word, xor_words};

/// Stores that begin at a multiple of this never cross a cache line, which would halve their speed.
const ALIGNED: usize = 32;
/// What two of the registers hold that every target has.
const FEW: usize = 32;
/// What one turn of a loop takes: four of the widest registers.
const BLOCK: usize = 128;

/// XORs a long payload in place.
#[inline(never)]
pub fn xor(bytes: &mut [u8], key: [u8; 4]) {
    #[cfg(target_arch = "x86_64")]
    if std::is_x86_feature_detected!("avx2") {
        // SAFETY: the CPU has AVX2.
        unsafe { avx2::xor(bytes, key) };
        return;
    }
    xor_blocks::<false>(bytes, key);
}

/// The same; true if the bytes are all ASCII then.
#[inline(never)]
pub fn xor_text(bytes: &mut [u8], key: [u8; 4]) -> bool {
    #[cfg(target_arch = "x86_64")]
    if std::is_x86_feature_detected!("avx2") {
        // SAFETY: the CPU has AVX2.
        return unsafe { avx2::xor_text(bytes, key) };
    }
    xor_blocks::<true>(bytes, key)
}

/// Puts a payload as it is behind what there is. A call would cost more than so few bytes.
#[inline(always)]
pub fn push_plain(out: &mut Vec<u8>, bytes: &[u8]) {
    match bytes.len() {
        0..=FEW => push_by(|to, from, _| copy_few(to, from), out, bytes, [0; 4]),
        _ => out.extend_from_slice(bytes),
    }
}

/// Puts a long payload XORed behind what there is, in one pass.
#[inline(never)]
pub fn push_xored(out: &mut Vec<u8>, bytes: &[u8], key: [u8; 4]) {
    push_by(copy, out, bytes, key);
}

/// The same for a short one.
#[inline(never)]
pub fn push_short(out: &mut Vec<u8>, bytes: &[u8], key: [u8; 4]) {
    push_by(|to, from, key| copy_words(to, from, word(key, 0)), out, bytes, key);
}

/// Writes all of `from`, XORed, to `to`, which is as long.
#[inline(never)]
pub fn copy_xored(to: &mut [u8], from: &[u8], key: [u8; 4]) {
    // SAFETY: nothing but initialised bytes is written there.
    let to = unsafe { &mut *(std::ptr::from_mut(to) as *mut [MaybeUninit<u8>]) };
    copy(to, from, key);
}

fn copy(to: &mut [MaybeUninit<u8>], from: &[u8], key: [u8; 4]) {
    #[cfg(target_arch = "x86_64")]
    if std::is_x86_feature_detected!("avx2") {
        // SAFETY: the CPU has AVX2.
        unsafe { avx2::copy(to, from, key) };
        return;
    }
    copy_blocks(to, from, key);
}

#[inline(always)]
fn push_by(copy: impl Fn(&mut [MaybeUninit<u8>], &[u8], [u8; 4]), out: &mut Vec<u8>, bytes: &[u8], key: [u8; 4]) {
    out.reserve(bytes.len());
    let Some(room) = out.spare_capacity_mut().get_mut(..bytes.len()) else { return };
    copy(room, bytes, key);
    // SAFETY: there is room for so many bytes, and `copy` has written each of them: the tests hold that of all its forms.
    unsafe { out.set_len(out.len() + bytes.len()) };
}

/// The same loops for AVX2, which most x86-64 CPUs have and none must have.
#[cfg(target_arch = "x86_64")]
mod avx2 {
    use super::{MaybeUninit, copy_blocks, xor_blocks};

    /// # Safety
    /// The CPU has AVX2; so for all here.
    #[target_feature(enable = "avx2")]
    pub unsafe fn xor(bytes: &mut [u8], key: [u8; 4]) {
        xor_blocks::<false>(bytes, key);
    }

    #[target_feature(enable = "avx2")]
    pub unsafe fn xor_text(bytes: &mut [u8], key: [u8; 4]) -> bool {
        xor_blocks::<true>(bytes, key)
    }

    #[target_feature(enable = "avx2")]
    pub unsafe fn copy(to: &mut [MaybeUninit<u8>], from: &[u8], key: [u8; 4]) {
        copy_blocks(to, from, key);
    }
}

/// XORs in place; with `LOOK`, true if the bytes are all ASCII then.
#[inline(always)]
fn xor_blocks<const LOOK: bool>(bytes: &mut [u8], key: [u8; 4]) -> bool {
    let ahead = bytes.as_ptr().align_offset(ALIGNED).min(bytes.len());
    let (head, bytes) = bytes.split_at_mut(ahead);
    let mut seen = xor_words(head, word(key, 0));
    let word = word(key, ahead);
    let mut lanes = [0; BLOCK / 8];
    let mut blocks = bytes.chunks_exact_mut(BLOCK);
    for block in &mut blocks {
        for (eight, lane) in block.chunks_exact_mut(8).filter_map(<[u8]>::first_chunk_mut).zip(&mut lanes) {
            let plain = xor_word(eight, word);
            if LOOK {
                *lane |= plain;
            }
        }
    }
    seen |= xor_words(blocks.into_remainder(), word);
    LOOK && is_ascii(lanes.iter().fold(seen, |seen, lane| seen | lane))
}

#[inline(always)]
fn copy_blocks(to: &mut [MaybeUninit<u8>], from: &[u8], key: [u8; 4]) {
    let ahead = to.as_ptr().align_offset(ALIGNED).min(to.len());
    let ((to_head, to), (from_head, from)) = (to.split_at_mut(ahead), from.split_at(ahead));
    copy_words(to_head, from_head, word(key, 0));
    let word = word(key, ahead);
    let (mut to, mut from) = (to.chunks_exact_mut(BLOCK), from.chunks_exact(BLOCK));
    for (to, from) in to.by_ref().zip(from.by_ref()) {
        copy_block(to, from, word);
    }
    copy_words(to.into_remainder(), from.remainder(), word);
}

/// Loads all before it stores any: where the two addresses are alike in their last twelve bits, as those of large pieces of
/// memory often are, a load would wait for the store before it.
#[inline(always)]
fn copy_block(to: &mut [MaybeUninit<u8>], from: &[u8], word: u64) {
    let mut plain = [0; BLOCK / 8];
    for (plain, from) in plain.iter_mut().zip(from.chunks_exact(8).filter_map(<[u8]>::first_chunk)) {
        *plain = u64::from_ne_bytes(*from) ^ word;
    }
    for (to, plain) in to.chunks_exact_mut(8).filter_map(<[MaybeUninit<u8>]>::first_chunk_mut).zip(plain) {
        *to = plain.to_ne_bytes().map(MaybeUninit::new);
    }
}

#[inline(always)]
fn copy_words(to: &mut [MaybeUninit<u8>], from: &[u8], word: u64) {
    let (mut to, mut from) = (to.chunks_exact_mut(8), from.chunks_exact(8));
    let to_words = to.by_ref().filter_map(<[MaybeUninit<u8>]>::first_chunk_mut::<8>);
    for (to, from) in to_words.zip(from.by_ref().filter_map(<[u8]>::first_chunk::<8>)) {
        *to = (u64::from_ne_bytes(*from) ^ word).to_ne_bytes().map(MaybeUninit::new);
    }
    for ((to, from), key) in to.into_remainder().iter_mut().zip(from.remainder()).zip(word.to_ne_bytes()) {
        to.write(from ^ key);
    }
}

/// Up to [`FEW`]: both ends, which meet or overlap.
#[inline(always)]
fn copy_few(to: &mut [MaybeUninit<u8>], from: &[u8]) {
    if !copy_ends::<16>(to, from) && !copy_ends::<8>(to, from) && !copy_ends::<4>(to, from) {
        for (to, from) in to.iter_mut().zip(from) {
            to.write(*from);
        }
    }
}

/// The first `N` bytes and the last, if there are so many.
#[inline(always)]
fn copy_ends<const N: usize>(to: &mut [MaybeUninit<u8>], from: &[u8]) -> bool {
    let (Some(first), Some(last)) = (from.first_chunk::<N>(), from.last_chunk::<N>()) else { return false };
    if let Some(to) = to.first_chunk_mut() {
        *to = first.map(MaybeUninit::new);
    }
    if let Some(to) = to.last_chunk_mut() {
        *to = last.map(MaybeUninit::new);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    type Xor = fn(&mut [u8], [u8; 4]) -> bool;
    type Copy = fn(&mut [MaybeUninit<u8>], &[u8], [u8; 4]);

    const KEY: [u8; 4] = [0x12, 0x34, 0x56, 0x78];

    /// Every form that this CPU can run, and what chooses between them. Those that look for ASCII are told by `true`.
    #[cfg_attr(not(target_arch = "x86_64"), allow(unused_mut))]
    fn xors() -> Vec<(&'static str, bool, Xor)> {
        let mut all: Vec<(&'static str, bool, Xor)> = vec![
            ("plain", false, |bytes, key| xor_blocks::<false>(bytes, key)),
            ("plain, text", true, |bytes, key| xor_blocks::<true>(bytes, key)),
            ("chosen", false, |bytes, key| {
                xor(bytes, key);
                false
            }),
            ("chosen, text", true, xor_text),
        ];
        #[cfg(target_arch = "x86_64")]
        if std::is_x86_feature_detected!("avx2") {
            // SAFETY: the CPU has AVX2.
            all.push(("AVX2", false, |bytes, key| unsafe {
                avx2::xor(bytes, key);
                false
            }));
            // SAFETY: the same.
            all.push(("AVX2, text", true, |bytes, key| unsafe { avx2::xor_text(bytes, key) }));
        }
        all
    }

    #[cfg_attr(not(target_arch = "x86_64"), allow(unused_mut))]
    fn copies() -> Vec<(&'static str, Copy)> {
        let mut all: Vec<(&'static str, Copy)> = vec![
            ("words", |to, from, key| copy_words(to, from, word(key, 0))),
            ("plain", copy_blocks),
            ("chosen", copy),
        ];
        #[cfg(target_arch = "x86_64")]
        if std::is_x86_feature_detected!("avx2") {
            // SAFETY: the CPU has AVX2.
            all.push(("AVX2", |to, from, key| unsafe { avx2::copy(to, from, key) }));
        }
        all
    }

    fn defined(bytes: &[u8]) -> Vec<u8> {
        bytes.iter().enumerate().map(|(i, byte)| byte ^ KEY[i % 4]).collect()
    }

    fn some_bytes(len: usize) -> Vec<u8> {
        (0..len).map(|i| (i * 7 + i / 256) as u8).collect()
    }

    /// Miri is slow, and sees as much in fewer.
    fn lengths() -> impl Iterator<Item = usize> {
        (0..2 * BLOCK + ALIGNED + 9).step_by(if cfg!(miri) { 41 } else { 1 }).chain([600, 1000, 1024, 4099])
    }

    fn starts() -> impl Iterator<Item = usize> {
        (0..=ALIGNED).step_by(if cfg!(miri) { 11 } else { 1 })
    }

    #[test]
    fn every_form_equals_the_definition_wherever_the_bytes_lie_and_touches_no_others() {
        for (name, _, xor) in xors() {
            for len in lengths() {
                for start in starts() {
                    let mut room = some_bytes(start + len + 40);
                    let before = room.clone();
                    xor(&mut room[start..start + len], KEY);
                    assert_eq!(
                        room[start..start + len],
                        defined(&before[start..start + len]),
                        "{name}, {len} at {start}"
                    );
                    assert_eq!(room[..start], before[..start], "{name}, {len} at {start}");
                    assert_eq!(room[start + len..], before[start + len..], "{name}, {len} at {start}");
                }
            }
        }
    }

    #[test]
    fn every_form_for_text_sees_every_byte() {
        for (name, _, xor) in xors().into_iter().filter(|(_, looks, _)| *looks) {
            for len in lengths().filter(|len| len % 13 < 2 || *len >= 600) {
                let masked = defined(&vec![b'a'; len]);
                assert!(xor(&mut masked.clone(), KEY), "{name}: {len} bytes of ASCII");
                for at in (0..len).step_by(if len >= 600 || cfg!(miri) { 97 } else { 1 }) {
                    let mut masked = masked.clone();
                    masked[at] ^= 0x80;
                    assert!(!xor(&mut masked, KEY), "{name}: byte {at} of {len}");
                }
            }
        }
    }

    #[test]
    fn few_bytes_are_copied_as_they_are() {
        for len in 0..=FEW + 2 {
            let mut out = vec![9; 3];
            push_plain(&mut out, &some_bytes(len));
            assert_eq!((&out[..3], &out[3..]), (&[9; 3][..], &some_bytes(len)[..]), "length {len}");
        }
    }

    #[test]
    fn every_form_copies_as_defined_behind_what_there_is() {
        for (name, copy) in copies() {
            for len in lengths() {
                for start in starts() {
                    let from = &some_bytes(len + 3)[start % 4..][..len];
                    let mut out = vec![9; start];
                    push_by(copy, &mut out, from, KEY);
                    assert_eq!(
                        (&out[..start], &out[start..]),
                        (&vec![9; start][..], &defined(from)[..]),
                        "{name}, {len} at {start}"
                    );
                }
            }
        }
        let mut out = vec![9];
        push_xored(&mut out, &some_bytes(1000), KEY);
        assert_eq!((out[0], &out[1..]), (9, &defined(&some_bytes(1000))[..]));
    }
}
