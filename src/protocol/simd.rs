//! The loops over payloads: compiled once for every CPU of the target, and where wider registers pay once more for those
//! that have them, chosen at run time. The only unsafe code of this room.
#![allow(unsafe_code)]

use super::mask::{is_ascii, word, word_behind};

/// A call would cost more than so many bytes.
const SHORT: usize = 64;
/// So few need no loop: both ends, which meet or overlap, are read before any is written. And so many are what one turn of a
/// loop takes: eight of the widest registers.
const FEW: usize = 256;
/// Stores that begin at a multiple of this never cross a cache line, which would halve their speed.
const ALIGNED: usize = 32;

/// XORs a payload in place; true if anybody shall `look`, and the bytes are all ASCII then.
#[inline]
pub fn xor(bytes: &mut [u8], key: [u8; 4], look: bool) -> bool {
    let at = bytes.as_mut_ptr();
    // SAFETY: it is the same place.
    unsafe { xor_to(at, at, bytes.len(), key, look) }
}

/// Unmasks the `len` bytes at `from`, before which their key lies, on their way to behind a header that is put to `at`, before
/// them. Gives it, the key, and what [`xor`] does. None: there is no room for that, and nothing has been done.
#[inline(always)]
pub fn lay<const N: usize>(
    bytes: &mut [u8],
    (at, header): (usize, [u8; N]),
    (from, len): (usize, usize),
    look: bool,
) -> Option<(&[u8], [u8; 4], bool)> {
    let rest = bytes.len().checked_sub(from)?;
    if len > rest || from < 4 || from < N || at > from - N {
        return None;
    }
    let start = bytes.as_mut_ptr();
    // SAFETY: all of that is in `bytes`, and the payload's new place begins at its old one, or before that.
    unsafe {
        let to = start.add(at + N);
        let key = start.add(from - 4).cast::<[u8; 4]>().read();
        let is_ascii = xor_to(to, start.add(from), len, key, look);
        start.add(at).cast::<[u8; N]>().write(header);
        Some((std::slice::from_raw_parts(to, len), key, is_ascii))
    }
}

/// Puts a payload as it is behind what there is. A call would cost more than a few bytes.
#[inline(always)]
pub fn push_plain(out: &mut Vec<u8>, bytes: &[u8]) {
    match bytes.len() {
        0..=32 => push_xored(out, bytes, [0; 4]),
        _ => out.extend_from_slice(bytes),
    }
}

/// Puts a payload XORed behind what there is, in one pass.
#[inline(always)]
pub fn push_xored(out: &mut Vec<u8>, bytes: &[u8], key: [u8; 4]) {
    out.reserve(bytes.len());
    // SAFETY: there is room for so many bytes, which are apart from those, and each of them is written.
    unsafe {
        xor_to(out.as_mut_ptr().add(out.len()), bytes.as_ptr(), bytes.len(), key, false);
        out.set_len(out.len() + bytes.len());
    }
}

/// Writes as much of `from` as there is room for in `to`, XORed.
pub fn copy_xored(to: &mut [u8], from: &[u8], key: [u8; 4]) {
    let len = to.len().min(from.len());
    // SAFETY: both are at least so long, and they are apart.
    unsafe { xor_to(to.as_mut_ptr(), from.as_ptr(), len, key, false) };
}

/// XORs the `len` bytes at `from` on their way to `to`; true if anybody shall `look`, and they are all ASCII then.
///
/// # Safety
/// As for all that follow: so many bytes may be read at `from`, and written at `to`. The two are apart, or they are the same,
/// or `to` is the lower one: each step reads before it writes, and then goes up.
#[inline(always)]
unsafe fn xor_to(to: *mut u8, from: *const u8, len: usize, key: [u8; 4], look: bool) -> bool {
    // SAFETY: the same.
    let seen = unsafe {
        match len {
            0..=SHORT => few(to, from, len, word(key)),
            _ if look => many::<true>(to, from, len, key),
            _ => many::<false>(to, from, len, key),
        }
    };
    look && is_ascii(seen)
}

/// Apart, so that a short payload has the shorter code.
#[inline(never)]
unsafe fn many<const LOOK: bool>(to: *mut u8, from: *const u8, len: usize, key: [u8; 4]) -> u64 {
    // SAFETY: the same, and where it says so the CPU has AVX2.
    unsafe {
        if len <= FEW {
            return few(to, from, len, word(key));
        }
        #[cfg(target_arch = "x86_64")]
        if std::is_x86_feature_detected!("avx2") {
            return with_avx2::<LOOK>(to, from, len, key);
        }
        blocks::<LOOK>(to, from, len, key)
    }
}

/// The loop for AVX2, which most x86-64 CPUs have and none must have.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
unsafe fn with_avx2<const LOOK: bool>(to: *mut u8, from: *const u8, len: usize, key: [u8; 4]) -> u64 {
    // SAFETY: the same.
    unsafe { blocks::<LOOK>(to, from, len, key) }
}

/// As many blocks as there are, and what lies before them and behind. A block is read before any of it is written also because
/// of places that are alike in their last twelve bits, where a load would wait for the store before it. Gives all bits that are
/// set in any byte then; of the blocks only if anybody will `LOOK`.
#[inline(always)]
unsafe fn blocks<const LOOK: bool>(to: *mut u8, from: *const u8, len: usize, key: [u8; 4]) -> u64 {
    let ahead = to.align_offset(ALIGNED).min(len);
    // SAFETY: the same, for each of the parts into which it is cut.
    unsafe {
        let key = word(key);
        let mut seen = few(to, from, ahead, key);
        let (mut lanes, word) = ([0; FEW / 8], word_behind(key, ahead));
        let (mut at, end) = (ahead, len - (len - ahead) % FEW);
        while at < end {
            let plain = from.add(at).cast::<[u64; FEW / 8]>().read_unaligned().map(|eight| eight ^ word);
            to.add(at).cast::<[u64; FEW / 8]>().write_unaligned(plain);
            if LOOK {
                lanes.iter_mut().zip(plain).for_each(|(lane, plain)| *lane |= plain);
            }
            at += FEW;
        }
        seen |= few(to.add(at), from.add(at), len - at, word_behind(key, at));
        if LOOK { lanes.iter().fold(seen, |seen, lane| seen | lane) } else { 0 }
    }
}

/// At most [`FEW`] bytes.
#[inline(always)]
unsafe fn few(to: *mut u8, from: *const u8, len: usize, key: u64) -> u64 {
    // SAFETY: the same, and there are as many bytes as each of them wants.
    unsafe {
        match len {
            8..=16 => ends::<1>(to, from, len, key),
            17..=32 => ends::<2>(to, from, len, key),
            33..=64 => ends::<4>(to, from, len, key),
            4..=7 => halves(to, from, len, key),
            0..=3 => fewest(to, from, len, key),
            65..=128 => ends::<8>(to, from, len, key),
            _ => ends::<16>(to, from, len, key),
        }
    }
}

/// Both ends, of so many eights of bytes each.
#[inline(always)]
unsafe fn ends<const EIGHTS: usize>(to: *mut u8, from: *const u8, len: usize, key: u64) -> u64 {
    let behind = len - 8 * EIGHTS;
    // SAFETY: the same; there are so many eights, at least.
    unsafe {
        let first = from.cast::<[u64; EIGHTS]>().read_unaligned().map(|eight| eight ^ key);
        let last =
            from.add(behind).cast::<[u64; EIGHTS]>().read_unaligned().map(|eight| eight ^ word_behind(key, behind));
        to.cast::<[u64; EIGHTS]>().write_unaligned(first);
        to.add(behind).cast::<[u64; EIGHTS]>().write_unaligned(last);
        let mut seen = 0;
        for eight in 0..EIGHTS {
            seen |= first[eight] | last[eight];
        }
        seen
    }
}

/// Both ends, of four bytes each.
#[inline(always)]
unsafe fn halves(to: *mut u8, from: *const u8, len: usize, key: u64) -> u64 {
    let behind = len - 4;
    // SAFETY: the same; there are four.
    unsafe {
        let first = from.cast::<u32>().read_unaligned() ^ key as u32;
        let last = from.add(behind).cast::<u32>().read_unaligned() ^ word_behind(key, behind) as u32;
        to.cast::<u32>().write_unaligned(first);
        to.add(behind).cast::<u32>().write_unaligned(last);
        u64::from(first | last)
    }
}

/// Up to three bytes.
#[inline(always)]
unsafe fn fewest(to: *mut u8, from: *const u8, len: usize, key: u64) -> u64 {
    let mut seen = 0;
    for (at, key) in key.to_ne_bytes().into_iter().enumerate().take(len.min(3)) {
        // SAFETY: the same.
        unsafe {
            let plain = from.add(at).read() ^ key;
            to.add(at).write(plain);
            seen |= u64::from(plain);
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 4] = [0x12, 0x34, 0x56, 0x78];

    /// A way to XOR the payload at the second place on its way to the first, of so many bytes; true if it is all ASCII then,
    /// where that is looked for.
    type Way = fn(&mut [u8], usize, usize, usize) -> bool;

    /// Whatever is called below goes over bytes that are there.
    fn over(bytes: &mut [u8], to: usize, from: usize, len: usize) -> (*mut u8, *const u8) {
        assert!(to <= from && from + len <= bytes.len());
        let start = bytes.as_mut_ptr();
        (start.wrapping_add(to), start.wrapping_add(from))
    }

    /// Every form that this CPU can run, and what chooses between them. Those that look for ASCII are told by `true`.
    #[cfg_attr(not(target_arch = "x86_64"), allow(unused_mut))]
    fn ways() -> Vec<(&'static str, bool, Way)> {
        let mut all: Vec<(&'static str, bool, Way)> = vec![
            ("blocks", false, |bytes, to, from, len| {
                let (to, from) = over(bytes, to, from, len);
                // SAFETY: by `over`; so for all here.
                unsafe { blocks::<false>(to, from, len, KEY) };
                false
            }),
            ("blocks of text", true, |bytes, to, from, len| {
                let (to, from) = over(bytes, to, from, len);
                // SAFETY: the same.
                is_ascii(unsafe { blocks::<true>(to, from, len, KEY) })
            }),
            ("chosen", false, |bytes, to, from, len| {
                let (to, from) = over(bytes, to, from, len);
                // SAFETY: the same.
                unsafe { xor_to(to, from, len, KEY, false) }
            }),
            ("chosen for text", true, |bytes, to, from, len| {
                let (to, from) = over(bytes, to, from, len);
                // SAFETY: the same.
                unsafe { xor_to(to, from, len, KEY, true) }
            }),
        ];
        #[cfg(target_arch = "x86_64")]
        if std::is_x86_feature_detected!("avx2") {
            all.push(("AVX2", false, |bytes, to, from, len| {
                let (to, from) = over(bytes, to, from, len);
                // SAFETY: the same, and the CPU has AVX2.
                unsafe { with_avx2::<false>(to, from, len, KEY) };
                false
            }));
            all.push(("AVX2 for text", true, |bytes, to, from, len| {
                let (to, from) = over(bytes, to, from, len);
                // SAFETY: the same.
                is_ascii(unsafe { with_avx2::<true>(to, from, len, KEY) })
            }));
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
        (0..2 * FEW + ALIGNED + 9).step_by(if cfg!(miri) { 41 } else { 1 }).chain([600, 1000, 1024, 4099])
    }

    fn starts() -> impl Iterator<Item = usize> {
        (0..=ALIGNED).step_by(if cfg!(miri) { 11 } else { 1 })
    }

    #[test]
    fn every_form_equals_the_definition_wherever_the_bytes_lie_and_touches_no_others() {
        for (name, _, xor) in ways() {
            for (len, to) in lengths().flat_map(|len| starts().map(move |to| (len, to))) {
                for further in [0, 1, 4, 31, 200] {
                    let from = to + further;
                    let mut room = some_bytes(from + len + 40);
                    let mut wanted = room.clone();
                    wanted[to..to + len].copy_from_slice(&defined(&room[from..from + len]));
                    xor(&mut room, to, from, len);
                    assert!(room == wanted, "{name}: {len} from {from} to {to}");
                }
            }
        }
    }

    #[test]
    fn every_form_for_text_sees_every_byte() {
        for (name, _, xor) in ways().into_iter().filter(|(_, looks, _)| *looks) {
            for len in lengths().filter(|len| *len < 300 || len % 13 < 2 || *len >= 600) {
                let masked = defined(&vec![b'a'; len]);
                assert!(xor(&mut masked.clone(), 0, 0, len), "{name}: {len} bytes of ASCII");
                for at in (0..len).step_by(if len >= 600 || cfg!(miri) { 97 } else { 1 }) {
                    let mut masked = masked.clone();
                    masked[at] ^= 0x80;
                    assert!(!xor(&mut masked, 0, 0, len), "{name}: byte {at} of {len}");
                }
            }
        }
    }

    #[test]
    fn a_payload_is_put_behind_what_there_is() {
        for len in lengths() {
            let bytes = some_bytes(len);
            for (key, wanted) in [(KEY, defined(&bytes)), ([0; 4], bytes.clone())] {
                let (mut plain, mut xored, mut place) = (vec![9; 3], vec![9; 3], vec![9; len]);
                push_xored(&mut xored, &bytes, key);
                copy_xored(&mut place, &bytes, key);
                assert_eq!((&xored[..3], &xored[3..], &place), (&[9; 3][..], &wanted[..], &wanted), "length {len}");
                push_plain(&mut plain, &bytes);
                assert_eq!((&plain[..3], &plain[3..]), (&[9; 3][..], &bytes[..]), "length {len}");
            }
        }
    }

    #[test]
    fn a_frame_is_laid_before_its_payload_or_not_at_all() {
        for (len, from, at) in lengths().flat_map(|len| [(len, 6, 4), (len, 6, 0), (len, 70, 4)]) {
            let mut room = some_bytes(from + len + 5);
            room[from - 4..from].copy_from_slice(&KEY);
            let plain = defined(&room[from..from + len]);
            let wanted = [&room[..at], b"He", &plain, &room[at + 2 + len..]].concat();
            let laid = lay(&mut room, (at, *b"He"), (from, len), true);
            assert_eq!(laid, Some((&plain[..], KEY, plain.is_ascii())), "{len} from {from} to {at}");
            assert!(room == wanted, "{len} from {from} to {at}");
        }
        for (at, from, len) in [(5, 6, 1), (0, 3, 1), (0, 8, 3), (0, 11, 0), (usize::MAX, 6, 1), (0, 6, usize::MAX)] {
            let mut room = some_bytes(10);
            assert!(lay(&mut room, (at, *b"He"), (from, len), false).is_none(), "{len} from {from} to {at}");
            assert_eq!(room, some_bytes(10), "{len} from {from} to {at}");
        }
    }
}
